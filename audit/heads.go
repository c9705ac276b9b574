package audit

import (
	"cmp"
	"context"
	"fmt"
	"runtime"
	"slices"
	"sync"

	"github.com/strongroom/strongroom/internal/fault"
)

// head is a size and root that the log must have had, and who says so.
type head struct {
	size int64
	root Hash
	// by is the subject of a sentence: "the HSM's anchor".
	by         string
	checkpoint bool
}

const byCheckpoint = "a signed checkpoint"

// readHeads opens every checkpoint and gives all heads ordered by size, with
// a finding for each checkpoint that does not hold.
func readHeads(ctx context.Context, want Expect) ([]head, []Finding, error) {
	opened, err := openAll(ctx, want)
	if err != nil {
		return nil, nil, err
	}
	var heads []head
	var findings []Finding
	for i, c := range opened {
		if c == nil {
			findings = append(findings, Finding{Seq: -1, Problem: fmt.Sprintf(
				"checkpoint %d of %d is not signed by this log's key", i+1, len(opened))})
			continue
		}
		heads = append(heads, head{c.Size, c.Root, byCheckpoint, true})
	}
	for _, a := range want.Anchors {
		if a.Size < 0 {
			return nil, nil, fault.New(fault.Invalid, a.Where+" has a negative size", "")
		}
		heads = append(heads, head{size: a.Size, root: a.Root, by: a.Where})
	}
	slices.SortStableFunc(heads, func(a, b head) int { return cmp.Compare(a.size, b.size) })
	heads, split := splitViews(heads)
	return heads, append(split, findings...), nil
}

// openAll checks the checkpoints' signatures on all processors; one that does
// not hold is nil in the result.
func openAll(ctx context.Context, want Expect) ([]*Checkpoint, error) {
	if len(want.Checkpoints) == 0 {
		return nil, nil
	}
	if _, err := spki(want.Key); err != nil {
		return nil, err
	}
	if err := checkOrigin(want.Origin); err != nil {
		return nil, err
	}
	opened := make([]*Checkpoint, len(want.Checkpoints))
	workers := min(runtime.GOMAXPROCS(0), len(opened))
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			for i := w; i < len(opened) && ctx.Err() == nil; i += workers {
				if c, err := OpenCheckpoint(want.Checkpoints[i], want.Origin, want.Key); err == nil {
					opened[i] = &c
				}
			}
		})
	}
	wg.Wait()
	return opened, canceled(ctx)
}

// splitViews finds sizes for which the log's key signed more than one root:
// somebody was shown another log. Those checkpoints prove nothing else, and
// the remaining heads are returned.
func splitViews(heads []head) ([]head, []Finding) {
	roots := make(map[int64]Hash)
	split := make(map[int64]bool)
	var findings []Finding
	for _, h := range heads {
		if !h.checkpoint {
			continue
		}
		if root, seen := roots[h.size]; !seen {
			roots[h.size] = h.root
		} else if root != h.root && !split[h.size] {
			split[h.size] = true
			findings = append(findings, Finding{Seq: -1, Problem: fmt.Sprintf(
				"the log's key signed two different logs of %s", entries(h.size))})
		}
	}
	rest := slices.DeleteFunc(heads, func(h head) bool { return h.checkpoint && split[h.size] })
	return rest, findings
}

// cutTail finds the heads that say the log was longer: one finding for all
// checkpoints together, one for each anchor.
func cutTail(heads []head, size int64) []Finding {
	longest := make(map[string]int64)
	var order []string
	for _, h := range heads {
		if h.size <= size {
			continue
		}
		if longest[h.by] == 0 {
			order = append(order, h.by)
		}
		longest[h.by] = max(longest[h.by], h.size)
	}
	var findings []Finding
	for _, by := range order {
		findings = append(findings, Finding{Seq: size, Problem: fmt.Sprintf(
			"the log has %s, but %s says %d", entries(size), by, longest[by])})
	}
	return findings
}

func entries(n int64) string {
	if n == 1 {
		return "1 entry"
	}
	return fmt.Sprintf("%d entries", n)
}

func canceled(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return fault.Wrap(err, fault.Canceled, "the verification was stopped", "")
	}
	return nil
}
