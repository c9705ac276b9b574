package views

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/strongroom/strongroom/internal/fault"
)

// gutter is the room for the marks of cursor and selection; gap stands
// between columns.
const (
	gutter = 2
	gap    = 2
)

// placed is a column that is shown, with its width.
type placed struct {
	column int
	width  int
}

// place chooses the columns that fit, by priority, and shares out the rest.
func (t *Table[T]) place(w int) []placed {
	order := make([]int, len(t.spec.Columns))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		return cmp.Compare(t.spec.Columns[a].Priority, t.spec.Columns[b].Priority)
	})
	left := w - gutter
	var out []placed
	for _, i := range order {
		c := &t.spec.Columns[i]
		if c.Priority > 0 && left < c.Min+gap {
			break
		}
		out = append(out, placed{i, c.Min})
		left -= c.Min + gap
	}
	slices.SortFunc(out, func(a, b placed) int { return cmp.Compare(a.column, b.column) })
	t.stretch(out, left+gap)
	return out
}

// stretch shares spare cells among the flexible columns.
func (t *Table[T]) stretch(out []placed, spare int) {
	var flexible []int
	for i := range out {
		if t.spec.Columns[out[i].column].Flex {
			flexible = append(flexible, i)
		}
	}
	for n, i := range flexible {
		share := spare / (len(flexible) - n)
		out[i].width = max(1, out[i].width+share)
		spare -= share
	}
}

// View draws the table as lines.
func (t *Table[T]) View(p Paint) []string {
	t.now = p.Now
	lines := make([]string, 0, t.h)
	lines = append(lines, t.titles(p))
	n := t.rowsInView()
	switch {
	case t.window.total == 0:
		lines = append(lines, t.instead(p)...)
	default:
		for i := t.top; i < t.top+n; i++ {
			r := t.window.at(i)
			if r == nil {
				break
			}
			lines = append(lines, t.row(p, r, i == t.cursor))
		}
	}
	for len(lines) < n+1 {
		lines = append(lines, "")
	}
	return append(lines[:n+1], t.status(p))
}

func (t *Table[T]) titles(p Paint) string {
	var b strings.Builder
	b.WriteString(blank(gutter))
	for i, pl := range t.layout {
		c := &t.spec.Columns[pl.column]
		title := c.Title
		if c.Sort != "" && c.Sort == t.sort {
			title = fit(title, min(width(title), pl.width-2)) + map[bool]string{false: " ↑", true: " ↓"}[t.desc]
		}
		if c.Right {
			title = fitRight(title, pl.width)
		} else {
			title = fit(title, pl.width)
		}
		b.WriteString(p.Bold(Muted, title))
		if i < len(t.layout)-1 {
			b.WriteString(blank(gap))
		}
	}
	return b.String()
}

// row draws one row: a mark for the cursor and for the selection, and the
// cells in their tones.
func (t *Table[T]) row(p Paint, r *T, current bool) string {
	var b strings.Builder
	b.Grow(2 * t.w)
	on := ""
	if current {
		on = reverseSGR
	}
	mark := "  "
	marked := len(t.marked) > 0 && t.marked[t.spec.Key(r)]
	switch {
	case current && marked:
		mark = "›+"
	case current:
		mark = "› "
	case marked:
		mark = " +"
	}
	b.WriteString(on + mark)
	for i, pl := range t.layout {
		c := &t.spec.Columns[pl.column]
		t.cell(&b, p, c, c.Cell(r, p.Now), pl.width, on)
		if i < len(t.layout)-1 {
			b.WriteString("  ")
		}
	}
	if current {
		b.WriteString(resetSGR)
	}
	return b.String()
}

func (t *Table[T]) cell(b *strings.Builder, p Paint, c *Column[T], cell Cell, w int, on string) {
	text := clean(cell.Text)
	if c.Right {
		text = fitRight(text, w)
	} else {
		text = fit(text, w)
	}
	tone := p.tones[cell.Tone]
	if tone == "" || (on != "" && cell.Tone == Muted) {
		b.WriteString(text)
		return
	}
	b.WriteString(tone)
	b.WriteString(text)
	b.WriteString(resetSGR)
	b.WriteString(on)
}

// instead is what stands where there are no rows: why, and what to do.
func (t *Table[T]) instead(p Paint) []string {
	out := []string{""}
	switch {
	case t.err != nil:
		out = append(out, problemLines(p, t.err, t.w-4)...)
		return append(out, "", "  "+p.Text(Muted, "^R tries again"))
	case !t.ready:
		return append(out, "  "+p.Text(Muted, "Reading…"))
	case t.asked != "":
		return append(out, "  Nothing matches “"+clean(t.asked)+"”. Esc clears the filter.")
	case t.spec.Empty == nil:
		return out
	default:
		return append(out, indent(wrapAll(t.spec.Empty(), t.w-4), 2)...)
	}
}

// problemLines writes an error for a person: what is wrong, what to do.
func problemLines(p Paint, err error, w int) []string {
	var out []string
	for i, l := range wrap(clean(fault.Problem(err)), w-2) {
		mark := "  "
		if i == 0 {
			mark = "✗ "
		}
		out = append(out, "  "+p.Text(Danger, mark+l))
	}
	for _, l := range wrap(clean(fault.Hint(err)), w-2) {
		out = append(out, "    "+l)
	}
	return out
}

// status is the table's last line: position, count, and whatever narrows or
// orders the list, so that a filter is never forgotten.
func (t *Table[T]) status(p Paint) string {
	if t.typing {
		return p.Bold(Accent, "/") + t.filter.line(max(8, t.w-40)) + p.Reverse(Plain, " ") +
			p.Text(Muted, "  "+t.count()+"  enter keeps, esc clears")
	}
	s := p.Text(Muted, blank(gutter)+t.count())
	if t.asked != "" {
		s += p.Text(Warning, "  filter: "+clean(t.asked)) + p.Text(Muted, " (esc clears)")
	}
	if len(t.marked) > 0 {
		s += p.Text(Accent, fmt.Sprintf("  %d selected", len(t.marked)))
	}
	if t.err != nil && t.window.total > 0 {
		s += "  " + p.Text(Danger, "✗ "+clean(fault.Problem(t.err)))
	}
	if t.pending != nil && t.ready {
		s += p.Text(Muted, "  reading…")
	}
	return s
}

func (t *Table[T]) count() string {
	switch t.window.total {
	case 0:
		return "0 rows"
	default:
		return fmt.Sprintf("%d of %d", t.cursor+1, t.window.total)
	}
}
