package views

import (
	"slices"
	"strings"
	"time"
)

// maxPages is how many pages a table holds; going on drops the farthest one.
const maxPages = 4

// minPage is the fewest rows asked for at once.
const minPage = 50

// window is the part of a list that is loaded: neighbouring pages, and where
// in the whole list they begin.
type window[T any] struct {
	pages []loaded[T]
	first int // index of the first loaded row
	total int
}

type loaded[T any] struct {
	Page[T]
	query Query
}

func (w *window[T]) count() int {
	n := 0
	for i := range w.pages {
		n += len(w.pages[i].Rows)
	}
	return n
}

// at gives the row with an index in the whole list, or nil.
func (w *window[T]) at(i int) *T {
	i -= w.first
	for p := range w.pages {
		rows := w.pages[p].Rows
		if i < 0 {
			return nil
		}
		if i < len(rows) {
			return &rows[i]
		}
		i -= len(rows)
	}
	return nil
}

func (w *window[T]) clamp(i int) int {
	return max(w.first, 0, min(i, w.first+w.count()-1))
}

func (w *window[T]) atStart() bool { return len(w.pages) == 0 || w.pages[0].Prev == "" }

func (w *window[T]) atEnd() bool {
	return len(w.pages) == 0 || w.pages[len(w.pages)-1].Next == ""
}

// replace forgets what was loaded and begins with one page at index first.
func (w *window[T]) replace(p loaded[T], first int) {
	clear(w.pages)
	w.pages = append(w.pages[:0], p)
	w.total = max(p.Total, len(p.Rows))
	w.first = max(0, first)
	if p.Prev == "" {
		w.first = 0
	}
}

// after adds the page behind the loaded ones.
func (w *window[T]) after(p loaded[T]) {
	w.pages = append(w.pages, p)
	if len(w.pages) > maxPages {
		w.first += len(w.pages[0].Rows)
		w.pages = slices.Delete(w.pages, 0, 1)
	}
	w.total = max(p.Total, w.first+w.count())
}

// before adds the page in front, and gives by how much the indexes of the
// rows that stay have moved, which is not 0 only when the list changed.
func (w *window[T]) before(p loaded[T]) (shift int) {
	w.pages = slices.Insert(w.pages, 0, p)
	want := w.first - len(p.Rows)
	w.first = max(0, want)
	if p.Prev == "" {
		w.first = 0
	}
	if len(w.pages) > maxPages {
		w.pages = slices.Delete(w.pages, maxPages, len(w.pages))
	}
	w.total = max(p.Total, w.first+w.count())
	return w.first - want
}

// Load asks for the list: from its beginning the first time, later for the
// page that is shown, so that the position is kept.
func (t *Table[T]) Load() []Intent {
	if t.spec.Ask == nil {
		return nil
	}
	first := t.window.first
	for i := range t.window.pages {
		p := &t.window.pages[i]
		if t.cursor < first+len(p.Rows) {
			q := p.query
			q.keep, q.at = true, first
			return t.ask(q)
		}
		first += len(p.Rows)
	}
	return t.ask(Query{Seek: First})
}

// ask makes the intent for a query; answers to earlier ones become late.
func (t *Table[T]) ask(q Query) []Intent {
	if t.spec.Ask == nil {
		return nil
	}
	t.request++
	q.Request, q.Filter, q.Sort, q.Desc = t.request, t.asked, t.sort, t.desc
	q.Limit = max(minPage, 3*t.rowsInView())
	t.pending = &q
	return []Intent{t.spec.Ask(q)}
}

// need asks for a neighbouring page when less than a screen of rows is left
// before the end of what is loaded.
func (t *Table[T]) need() []Intent {
	if t.pending != nil || len(t.window.pages) == 0 {
		return nil
	}
	n := t.rowsInView()
	end := t.window.first + t.window.count()
	switch {
	case t.cursor+n >= end && !t.window.atEnd():
		return t.ask(Query{Seek: Next, Cursor: t.window.pages[len(t.window.pages)-1].Next})
	case t.cursor-n < t.window.first && !t.window.atStart():
		return t.ask(Query{Seek: Previous, Cursor: t.window.pages[0].Prev})
	default:
		return nil
	}
}

// Loaded takes the answer to a query. A late answer is dropped.
func (t *Table[T]) Loaded(request uint64, page Page[T]) []Intent {
	if t.pending == nil || t.pending.Request != request {
		return nil
	}
	q := *t.pending
	t.pending, t.err, t.ready = nil, nil, true
	p := loaded[T]{page, q}
	switch {
	case q.keep && len(page.Rows) == 0:
		// What was shown is gone; begin again with what is left.
		return t.ask(Query{Seek: First})
	case q.keep:
		t.window.replace(p, q.at)
	case q.Seek == First:
		t.window.replace(p, 0)
		t.cursor, t.top = 0, 0
	case q.Seek == Last:
		t.window.replace(p, page.Total-len(page.Rows))
		t.cursor = t.window.total - 1
	case q.Seek == Next:
		t.window.after(p)
	case q.Seek == Previous:
		shift := t.window.before(p)
		t.cursor += shift
		t.top += shift
	}
	return t.moveTo(t.cursor)
}

// FailedRequest says that a query could not be answered; a late failure is
// dropped like a late answer.
func (t *Table[T]) FailedRequest(request uint64, err error) {
	if t.pending != nil && t.pending.Request == request {
		t.Failed(err)
	}
}

// Failed says that the list could not be read. What is shown stays.
func (t *Table[T]) Failed(err error) { t.err, t.pending = err, nil }

// SetRows gives a table without [TableSpec.Ask] all its rows. The cursor
// stays on its row.
func (t *Table[T]) SetRows(rows []T) {
	keep := ""
	if r := t.window.at(t.cursor); r != nil {
		keep = t.spec.Key(r)
	}
	t.all, t.err, t.ready = rows, nil, true
	t.recompute(keep)
}

// recompute filters and sorts the rows of a table that holds them all.
func (t *Table[T]) recompute(keep string) {
	rows := make([]T, 0, len(t.all))
	needle := strings.ToLower(t.asked)
	for i := range t.all {
		if needle == "" || t.matches(&t.all[i], needle) {
			rows = append(rows, t.all[i])
		}
	}
	if less := t.less(); less != nil {
		slices.SortStableFunc(rows, less)
	}
	t.window.replace(loaded[T]{Page: Page[T]{Rows: rows, Total: len(rows)}}, 0)
	for i := range rows {
		if keep != "" && t.spec.Key(&rows[i]) == keep {
			t.cursor = i
		}
	}
	t.moveTo(t.cursor)
}

// matches looks for the filter in what the columns say at the moment of the
// last frame: what the person saw while typing.
func (t *Table[T]) matches(row *T, needle string) bool {
	for i := range t.spec.Columns {
		if strings.Contains(strings.ToLower(t.spec.Columns[i].Cell(row, t.now).Text), needle) {
			return true
		}
	}
	return false
}

func (t *Table[T]) less() func(a, b T) int {
	for i := range t.spec.Columns {
		c := &t.spec.Columns[i]
		if c.Sort == "" || c.Sort != t.sort {
			continue
		}
		return func(a, b T) int {
			before := c.before(&a, &b, t.now)
			if t.desc {
				before = -before
			}
			return before
		}
	}
	return nil
}

// before compares two rows by the column: by its Less, else by its words.
func (c *Column[T]) before(a, b *T, now time.Time) int {
	if c.Less == nil {
		return strings.Compare(c.Cell(a, now).Text, c.Cell(b, now).Text)
	}
	switch {
	case c.Less(a, b):
		return -1
	case c.Less(b, a):
		return 1
	default:
		return 0
	}
}
