package views

import (
	"testing"

	"pgregory.net/rapid"
)

// Whatever is pressed, in lists of any length and windows of any height, the
// cursor is on the row that the same keys reach in a plain slice, and the
// position that the table tells is that row's.
func TestTableMovesLikeASlice(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		n := rapid.SampledFrom([]int{1, 2, 49, 50, 51, 400, 3000}).Draw(rt, "rows")
		h := rapid.IntRange(3, 40).Draw(rt, "height")
		l := newList(n)
		tb := pagedTable()
		tb.SetSize(60, h)
		serve(tb, l, tb.Load())
		at := 0
		for _, k := range rapid.SliceOfN(rapid.SampledFrom([]string{"j", "k", "g", "G", "pgup", "pgdown", "ctrl+r"}), 1, 60).Draw(rt, "keys") {
			if k == "ctrl+r" {
				serve(tb, l, tb.Load())
			} else {
				pressTable(tb, l, k)
			}
			at = walk(at, n, tb.rowsInView(), k)
			got, ok := tb.Current()
			if !ok || got != l.names[at] || tb.cursor != at || tb.Total() != n {
				rt.Fatalf("after %s on %q (%d of %d), want %d of %d", k, got, tb.cursor, tb.Total(), at, n)
			}
			if tb.cursor < tb.top || tb.cursor >= tb.top+tb.rowsInView() {
				rt.Fatalf("the cursor %d is out of view: %d and %d rows", tb.cursor, tb.top, tb.rowsInView())
			}
		}
	})
}

// walk is what a key does to an index.
func walk(at, n, view int, k string) int {
	step := map[string]int{"j": 1, "k": -1, "pgup": -view, "pgdown": view, "g": -n, "G": n}[k]
	return min(max(0, at+step), n-1)
}

// Rows that vanish while the table is open leave it on rows that are there.
func TestTableSurvivesAShrinkingList(t *testing.T) {
	l := newList(500)
	tb := pagedTable()
	tb.SetSize(60, 12)
	serve(tb, l, tb.Load())
	pressTable(tb, l, "G")
	l.names = l.names[:3]
	serve(tb, l, tb.Load())
	if _, ok := tb.Current(); !ok || tb.Total() != 3 {
		t.Errorf("on no row of %d", tb.Total())
	}
	l.names = nil
	serve(tb, l, tb.Load())
	serve(tb, l, tb.Load())
	if _, ok := tb.Current(); ok {
		t.Error("on a row of an empty list")
	}
}
