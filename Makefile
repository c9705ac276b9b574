# Everything a newcomer needs: `make demo` and `make test`.

GO        ?= go
BIN       := bin/strongroom
GOFUMPT   := mvdan.cc/gofumpt@v0.12.0
STATIC    := honnef.co/go/tools/cmd/staticcheck@v0.8.2
FUZZTIME  ?= 20s
export CGO_ENABLED = 1

.PHONY: build demo test race lint bench fuzz deps deps-test pictures clean

build: deps ## bin/strongroom
	$(GO) build -trimpath -o $(BIN) .

demo: build ## an installation to play with; without a terminal it walks the main job
	$(BIN) demo

test: deps-test ## all tests, on a real token, a real database and a real terminal
	$(GO) test -timeout 8m ./...

race: deps-test ## the same under the race detector
	$(GO) test -race -timeout 20m ./...

lint: deps ## gofumpt, vet, staticcheck
	@unformatted=$$($(GO) run $(GOFUMPT) -l .); if [ -n "$$unformatted" ]; then \
		echo "not gofumpt-formatted:"; echo "$$unformatted"; exit 1; fi
	$(GO) vet ./...
	$(GO) run $(STATIC) ./...

bench: deps-test ## speed, as ratios where there is something to compare with
	$(GO) test -run '^$$' -bench . -benchmem ./...

fuzz: deps ## every fuzz target for FUZZTIME each
	scripts/fuzz $(FUZZTIME)

pictures: deps ## golden screens, and the README's pictures made from them
	$(GO) test ./views/... -update

deps:
	@scripts/deps

deps-test:
	@scripts/deps --test

clean:
	rm -rf bin
