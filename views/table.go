package views

import (
	"maps"
	"slices"
	"time"

	tea "charm.land/bubbletea/v2"
)

// Cell is what a column shows of a row.
type Cell struct {
	Text string
	Tone Tone
}

// Column is one column of a table.
type Column[T any] struct {
	Title string
	// Min is the width in cells; Flex columns share what is left over.
	Min  int
	Flex bool
	// Priority 0 is always shown; higher ones appear on wider screens, the
	// lowest first.
	Priority int
	Right    bool
	// Sort is the key that a [Query] carries; "" cannot be sorted by.
	Sort string
	Cell func(row *T, now time.Time) Cell
	// Less orders rows of a table that holds all its rows.
	Less func(a, b *T) bool
}

// TableSpec says what a table is about.
type TableSpec[T any] struct {
	// Name tells the tables of one screen apart.
	Name    string
	Columns []Column[T]
	// Key identifies a row across reloads.
	Key func(*T) string
	// Ask makes the intent that loads a page. Without it the table holds all
	// its rows (see [Table.SetRows]) and filters and sorts them itself.
	Ask func(Query) Intent
	// Empty says how to fill the list; it is asked when the list is drawn.
	Empty func() []string
}

// Debounce is how long a table waits for the next letter of a filter before
// it asks for the rows.
const Debounce = 120 * time.Millisecond

// FilterDue comes back after [Debounce]; an old one is ignored.
type FilterDue struct {
	Table string
	Seq   uint64
}

// Table is the one list of the console. It draws only the rows in view and
// holds only a few pages around them, so that its cost does not grow with the
// list.
type Table[T any] struct {
	spec   TableSpec[T]
	w, h   int
	now    time.Time // of the last frame
	layout []placed

	window window[T]
	cursor int // index in the whole list
	top    int // index of the first row drawn

	filter editor
	typing bool
	seq    uint64 // counts changes of the filter
	asked  string // the filter of the last query
	sort   string
	desc   bool
	marked map[string]bool

	request uint64
	pending *Query // the query that is under way
	ready   bool   // something was loaded once
	err     error
	all     []T // the rows of a table without Ask
}

// NewTable makes a table.
func NewTable[T any](spec TableSpec[T]) *Table[T] {
	return &Table[T]{spec: spec, marked: map[string]bool{}}
}

// SetSize says how many cells the table has, titles and count included.
func (t *Table[T]) SetSize(w, h int) {
	t.w, t.h = w, h
	t.layout = t.place(w)
	t.reveal()
}

// rowsInView is how many rows fit between the titles and the count.
func (t *Table[T]) rowsInView() int { return max(1, t.h-2) }

// Current gives the row under the cursor.
func (t *Table[T]) Current() (T, bool) {
	if r := t.window.at(t.cursor); r != nil {
		return *r, true
	}
	var none T
	return none, false
}

// Marked gives the keys of the selected rows; none means the current row.
func (t *Table[T]) Marked() map[string]bool { return t.marked }

// Chosen gives the keys that an act on rows is meant for, in their order: of
// the selected rows, else of the current one.
func (t *Table[T]) Chosen() []string {
	if len(t.marked) > 0 {
		return slices.Sorted(maps.Keys(t.marked))
	}
	if r := t.window.at(t.cursor); r != nil {
		return []string{t.spec.Key(r)}
	}
	return nil
}

// Unmark takes rows out of the selection, once they were dealt with.
func (t *Table[T]) Unmark(keys []string) {
	for _, k := range keys {
		delete(t.marked, k)
	}
}

// Typing reports whether the filter takes the keys.
func (t *Table[T]) Typing() bool { return t.typing }

// Total is how many rows pass the filter.
func (t *Table[T]) Total() int { return t.window.total }

// Update takes a key, a paste or a [FilterDue], and reports whether the table
// had a use for it.
func (t *Table[T]) Update(msg tea.Msg) (out []Intent, handled bool) {
	switch msg := msg.(type) {
	case FilterDue:
		if msg.Table != t.spec.Name {
			return nil, false
		}
		if msg.Seq != t.seq {
			return nil, true
		}
		return t.applyFilter(), true
	case tea.PasteMsg:
		if !t.typing {
			return nil, false
		}
		return t.filterKey(msg), true
	case tea.KeyPressMsg:
		if t.typing {
			return t.typingKey(msg), true
		}
		return t.key(msg.String())
	}
	return nil, false
}

func (t *Table[T]) key(k string) ([]Intent, bool) {
	switch k {
	case "up", "k":
		return t.moveTo(t.cursor - 1), true
	case "down", "j":
		return t.moveTo(t.cursor + 1), true
	case "pgup", "ctrl+b":
		return t.moveTo(t.cursor - t.rowsInView()), true
	case "pgdown", "ctrl+f":
		return t.moveTo(t.cursor + t.rowsInView()), true
	case "g", "home":
		return t.jump(First), true
	case "G", "end":
		return t.jump(Last), true
	case "/":
		t.typing = true
		return nil, true
	case "s":
		return t.sortNext(), true
	case "S":
		t.desc = !t.desc
		return t.restart(), true
	case "space":
		t.mark()
		return t.moveTo(t.cursor + 1), true
	case "esc":
		return t.clear()
	}
	return nil, false
}

// clear takes back, one after the other, the selection and the filter.
func (t *Table[T]) clear() ([]Intent, bool) {
	switch {
	case len(t.marked) > 0:
		clear(t.marked)
		return nil, true
	case !t.filter.empty():
		t.filter.wipe()
		return t.applyFilter(), true
	default:
		return nil, false
	}
}

func (t *Table[T]) mark() {
	r := t.window.at(t.cursor)
	if r == nil {
		return
	}
	if k := t.spec.Key(r); t.marked[k] {
		delete(t.marked, k)
	} else {
		t.marked[k] = true
	}
}

// typingKey takes a key while the filter is typed: no key does anything else.
func (t *Table[T]) typingKey(k tea.KeyPressMsg) []Intent {
	switch k.String() {
	case "enter":
		t.typing = false
		return t.applyFilter()
	case "esc":
		t.typing = false
		t.filter.wipe()
		return t.applyFilter()
	default:
		return t.filterKey(k)
	}
}

func (t *Table[T]) filterKey(msg tea.Msg) []Intent {
	if !t.filter.Update(msg) {
		return nil
	}
	t.seq++
	if t.spec.Ask == nil {
		return t.applyFilter()
	}
	return []Intent{Delay{For: Debounce, Then: FilterDue{Table: t.spec.Name, Seq: t.seq}}}
}

// applyFilter asks for the rows that pass the filter, unless they were asked for.
func (t *Table[T]) applyFilter() []Intent {
	t.seq++
	if t.filter.String() == t.asked {
		return nil
	}
	return t.restart()
}

func (t *Table[T]) sortNext() []Intent {
	var sortable []string
	for i := range t.spec.Columns {
		if s := t.spec.Columns[i].Sort; s != "" {
			sortable = append(sortable, s)
		}
	}
	if len(sortable) == 0 {
		return nil
	}
	next := 0
	for i, s := range sortable {
		if s == t.sort {
			next = (i + 1) % len(sortable)
		}
	}
	t.sort, t.desc = sortable[next], false
	return t.restart()
}

// restart reads the list again from its beginning.
func (t *Table[T]) restart() []Intent {
	t.asked = t.filter.String()
	t.cursor, t.top = 0, 0
	if t.spec.Ask == nil {
		t.recompute("")
		return nil
	}
	return t.ask(Query{Seek: First})
}

// moveTo puts the cursor on a row, as near as the loaded pages reach, and
// asks for the next page when the end of what is loaded comes near.
func (t *Table[T]) moveTo(i int) []Intent {
	t.cursor = t.window.clamp(i)
	t.reveal()
	return t.need()
}

// reveal scrolls so that the cursor is in view.
func (t *Table[T]) reveal() {
	n := t.rowsInView()
	if t.cursor < t.top {
		t.top = t.cursor
	}
	if t.cursor >= t.top+n {
		t.top = t.cursor - n + 1
	}
	t.top = max(0, min(t.top, t.window.total-n))
}

// jump goes to the first or the last row, by a query where they are not loaded.
func (t *Table[T]) jump(to Seek) []Intent {
	switch {
	case to == First && t.window.atStart():
		return t.moveTo(0)
	case to == Last && t.window.atEnd():
		return t.moveTo(t.window.total - 1)
	default:
		return t.ask(Query{Seek: to})
	}
}
