package views

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/strongroom/strongroom/internal/screenshot"
)

// docPictures are the scenes that the README shows.
var docPictures = map[string]string{
	"vault-secrets":   "console.svg",
	"secret-revealed": "secret.svg",
	"log":             "log.svg",
}

// The pictures in docs are made from the same scenes as the golden frames;
// -update writes them, otherwise they have to be what the scenes are.
func TestDocPictures(t *testing.T) {
	for _, sc := range scenes() {
		name, ok := docPictures[sc.name]
		if !ok {
			continue
		}
		svg, err := screenshot.SVG(stage(sc, Dark, 100, 28), 100, 28, screenshot.DarkPalette())
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join("..", "docs", name)
		if updating() {
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte(svg), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		was, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if string(was) != svg {
			t.Errorf("%s is not what the console shows; make it again with go test ./views -update", path)
		}
	}
}

// updating reports whether golden files are to be written.
func updating() bool { return flag.Lookup("update").Value.String() == "true" }
