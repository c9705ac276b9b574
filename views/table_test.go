package views

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/strongroom/strongroom/internal/fault"
)

// list is a list as a store keeps it: sorted by name, read by keyset.
type list struct {
	names []string
	asked []Query
}

func newList(n int) *list {
	l := &list{}
	for i := range n {
		l.names = append(l.names, fmt.Sprintf("secret-%06d", i))
	}
	return l
}

// answer reads a page as SQL would: the rows after or before a key.
func (l *list) answer(q Query) Page[string] {
	l.asked = append(l.asked, q)
	var rows []string
	for _, n := range l.names {
		if strings.Contains(n, q.Filter) {
			rows = append(rows, n)
		}
	}
	from, to := 0, 0
	switch q.Seek {
	case First:
		to = min(len(rows), q.Limit)
	case Last:
		from, to = max(0, len(rows)-q.Limit), len(rows)
	case Next:
		for from < len(rows) && rows[from] <= q.Cursor {
			from++
		}
		to = min(len(rows), from+q.Limit)
	case Previous:
		for to < len(rows) && rows[to] < q.Cursor {
			to++
		}
		from = max(0, to-q.Limit)
	}
	p := Page[string]{Rows: rows[from:to], Total: len(rows)}
	if from > 0 && to > from {
		p.Prev = rows[from]
	}
	if to < len(rows) && to > from {
		p.Next = rows[to-1]
	}
	return p
}

type ask struct{ q Query }

func (ask) intent() {}

func pagedTable() *Table[string] {
	return NewTable(TableSpec[string]{
		Name: "names", Key: func(s *string) string { return *s }, Ask: func(q Query) Intent { return ask{q} },
		Columns: []Column[string]{{Title: "name", Min: 20, Flex: true, Sort: "name", Cell: func(s *string, _ time.Time) Cell { return Cell{Text: *s} }}},
		Empty:   says("Nothing here."),
	})
}

// serve answers a table's questions until it has no more.
func serve(t *Table[string], l *list, in []Intent) {
	for len(in) > 0 {
		q, ok := in[0].(ask)
		in = in[1:]
		if ok {
			in = append(in, t.Loaded(q.q.Request, l.answer(q.q))...)
		}
	}
}

func pressTable(t *Table[string], l *list, keys ...string) {
	for _, k := range keys {
		in, _ := t.Update(keyPress(k))
		serve(t, l, in)
	}
}

func current(t *testing.T, tb *Table[string]) string {
	t.Helper()
	r, ok := tb.Current()
	if !ok {
		t.Fatal("the cursor is on no row")
	}
	return r
}

func TestTableWalksAHundredThousandRowsByPages(t *testing.T) {
	l := newList(100_000)
	tb := pagedTable()
	tb.SetSize(80, 20)
	serve(tb, l, tb.Load())

	for i := range 500 {
		if got := current(t, tb); got != l.names[i] {
			t.Fatalf("after %d times down the cursor is on %s", i, got)
		}
		pressTable(tb, l, "j")
	}
	if n := tb.window.count(); n > maxPages*60 {
		t.Errorf("%d rows are held", n)
	}
	pressTable(tb, l, "G")
	if got := current(t, tb); got != "secret-099999" {
		t.Errorf("G went to %s", got)
	}
	for i := range 300 {
		if got, want := current(t, tb), l.names[99_999-i]; got != want {
			t.Fatalf("after %d times up the cursor is on %s, want %s", i, got, want)
		}
		pressTable(tb, l, "k")
	}
	pressTable(tb, l, "g")
	if got := current(t, tb); got != "secret-000000" {
		t.Errorf("g went to %s", got)
	}
	if n := len(l.asked); n > 40 {
		t.Errorf("%d pages were read for that walk", n)
	}
}

func TestTableSaysWhereItIs(t *testing.T) {
	l := newList(1000)
	tb := pagedTable()
	tb.SetSize(60, 10)
	serve(tb, l, tb.Load())
	pressTable(tb, l, "pgdown", "down")
	lines := tb.View(Paint{NewTheme(Mono), noon})
	if got := lines[len(lines)-1]; !strings.Contains(got, "10 of 1000") {
		t.Errorf("the last line is %q", got)
	}
}

func TestFilterWaitsForTheTypistAndDropsLateAnswers(t *testing.T) {
	l := newList(5000)
	tb := pagedTable()
	tb.SetSize(60, 10)
	serve(tb, l, tb.Load())
	l.asked = nil

	pressTable(tb, l, "/")
	var due []FilterDue
	for _, k := range []string{"4", "2", "4"} {
		in, handled := tb.Update(keyPress(k))
		if !handled || len(in) != 1 {
			t.Fatalf("typing gave %v", in)
		}
		d := in[0].(Delay)
		if d.For != Debounce {
			t.Errorf("it waits %v", d.For)
		}
		due = append(due, d.Then.(FilterDue))
	}
	for _, early := range due[:2] {
		if in, _ := tb.Update(early); in != nil {
			t.Error("a letter in the middle of typing asked for rows")
		}
	}
	first, _ := tb.Update(due[2])
	pressTable(tb, l, "2") // goes on typing: 4242
	second, _ := tb.Update(keyPress("enter"))
	if len(first) != 1 || len(second) != 1 {
		t.Fatalf("asked %v and %v", first, second)
	}
	late, fresh := first[0].(ask).q, second[0].(ask).q
	tb.Loaded(fresh.Request, l.answer(fresh))
	tb.Loaded(late.Request, l.answer(late))
	if tb.Total() != 1 || current(t, tb) != "secret-004242" {
		t.Errorf("%d rows, on %s: the late answer won", tb.Total(), current(t, tb))
	}
	if last := tb.View(Paint{NewTheme(Mono), noon}); !strings.Contains(last[len(last)-1], "filter: 4242") {
		t.Error("the filter is not in view")
	}
	in, handled := tb.Update(keyPress("esc"))
	serve(tb, l, in)
	if !handled || tb.Total() != 5000 {
		t.Errorf("esc left %d rows", tb.Total())
	}
	if _, handled := tb.Update(keyPress("esc")); handled {
		t.Error("esc with nothing to clear must be left to the screen")
	}
}

func TestTypingAFilterSwallowsEveryKey(t *testing.T) {
	tb := pagedTable()
	tb.SetSize(60, 10)
	serve(tb, newList(10), tb.Load())
	pressTable(tb, newList(10), "/")
	for _, k := range []string{"q", "?", ":", "g", "space", "X"} {
		if _, handled := tb.Update(keyPress(k)); !handled {
			t.Errorf("%q escaped from the filter", k)
		}
	}
}

func TestReloadKeepsThePosition(t *testing.T) {
	l := newList(3000)
	tb := pagedTable()
	tb.SetSize(60, 12)
	serve(tb, l, tb.Load())
	for range 40 {
		pressTable(tb, l, "pgdown")
	}
	was := current(t, tb)
	serve(tb, l, tb.Load())
	if got := current(t, tb); got != was {
		t.Errorf("after reading again the cursor is on %s, was on %s", got, was)
	}
}

func TestSortAsksTheStoreAndSaysSo(t *testing.T) {
	l := newList(100)
	tb := pagedTable()
	tb.SetSize(60, 12)
	serve(tb, l, tb.Load())
	pressTable(tb, l, "s", "S")
	q := l.asked[len(l.asked)-1]
	if q.Sort != "name" || !q.Desc || q.Seek != First {
		t.Errorf("asked %+v", q)
	}
	if titles := tb.View(Paint{NewTheme(Mono), noon})[0]; !strings.Contains(titles, "name ↓") {
		t.Errorf("titles %q", titles)
	}
}

func TestSelectionIsMarkedAndCounted(t *testing.T) {
	l := newList(10)
	tb := pagedTable()
	tb.SetSize(60, 12)
	serve(tb, l, tb.Load())
	pressTable(tb, l, "space", "down", "space")
	if m := tb.Marked(); len(m) != 2 || !m["secret-000000"] || !m["secret-000002"] {
		t.Errorf("marked %v", m)
	}
	if v := strings.Join(tb.View(Paint{NewTheme(Mono), noon}), "\n"); !strings.Contains(v, "2 selected") {
		t.Error("the selection is not counted")
	}
	pressTable(tb, l, "esc")
	if len(tb.Marked()) != 0 {
		t.Error("esc keeps the selection")
	}
}

func TestEmptyAndBrokenListsSayWhatToDo(t *testing.T) {
	p := Paint{NewTheme(Mono), noon}
	tb := pagedTable()
	tb.SetSize(60, 12)
	in := tb.Load()
	if v := strings.Join(tb.View(p), "\n"); !strings.Contains(v, "Reading") {
		t.Error("a list that is being read does not say so")
	}
	tb.Loaded(in[0].(ask).q.Request, Page[string]{})
	if v := strings.Join(tb.View(p), "\n"); !strings.Contains(v, "Nothing here.") {
		t.Error("an empty list does not say how to fill it")
	}
	tb.FailedRequest(0, fault.New(fault.Internal, "late", ""))
	if v := strings.Join(tb.View(p), "\n"); strings.Contains(v, "late") {
		t.Error("a late failure is shown")
	}
	tb.Failed(fault.New(fault.Unavailable, "the database is busy", "wait a moment"))
	v := strings.Join(tb.View(p), "\n")
	for _, want := range []string{"the database is busy", "wait a moment", "^R"} {
		if !strings.Contains(v, want) {
			t.Errorf("no %q in a list that failed", want)
		}
	}
}

func TestNamesFromOutsideCannotDriveTheTerminal(t *testing.T) {
	tb := NewTable(TableSpec[string]{
		Name: "x", Key: func(s *string) string { return *s },
		Columns: []Column[string]{{Title: "name", Min: 20, Flex: true, Cell: func(s *string, _ time.Time) Cell { return Cell{Text: *s} }}},
	})
	tb.SetSize(60, 8)
	tb.SetRows([]string{"a\x1b[2Jb", "c\x07d\re", "\u202eevil", "wide 漢字 name", "line\nbreak"})
	for _, l := range tb.View(Paint{NewTheme(Mono), noon}) {
		for _, bad := range []string{"\x1b[2J", "\x07", "\r", "\u202e", "\n"} {
			if strings.Contains(l, bad) {
				t.Errorf("%q came through in %q", bad, l)
			}
		}
		if n := width(l); n > 60 {
			t.Errorf("a row has %d cells", n)
		}
	}
}

func TestATableThatHoldsItsRowsFiltersAndSortsThem(t *testing.T) {
	tb := NewTable(TableSpec[VaultRow]{Name: "vaults", Columns: vaultColumns(), Key: func(v *VaultRow) string { return v.Name }})
	tb.SetSize(100, 10)
	tb.SetRows([]VaultRow{staging, dev, prod})
	names := func() string {
		var out []string
		for i := range tb.Total() {
			out = append(out, tb.window.at(i).Name)
		}
		return strings.Join(out, " ")
	}
	tb.Update(keyPress("s")) // by name
	tb.Update(keyPress("s")) // by environment, the most dangerous first
	if got := names(); got != "payments-prod payments-staging payments-dev" {
		t.Errorf("sorted by environment: %s", got)
	}
	tb.Update(keyPress("down"))
	tb.SetRows([]VaultRow{dev, staging, prod})
	if r, _ := tb.Current(); r.Name != staging.Name {
		t.Errorf("new rows moved the cursor to %s", r.Name)
	}
	for _, k := range []string{"/", "d", "e", "v", "enter"} {
		tb.Update(keyPress(k))
	}
	if got := names(); got != "payments-dev" {
		t.Errorf("filtered: %s", got)
	}
}

func BenchmarkTableKey(b *testing.B) {
	for _, n := range []int{100, 100_000} {
		b.Run(fmt.Sprint(n, "-rows"), func(b *testing.B) {
			l := newList(n)
			tb := pagedTable()
			tb.SetSize(80, 20)
			serve(tb, l, tb.Load())
			p := Paint{NewTheme(Dark), noon}
			keys := [2]string{"j", "k"}
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				tb.Update(keyPress(keys[i%2]))
				tb.View(p)
			}
		})
	}
}

// The arrow says how a list is ordered; a narrow column shortens its title for it.
func TestASortedColumnKeepsItsArrow(t *testing.T) {
	s := NewVaults(user)
	s.SetSize(80, 20)
	s.Update(VaultsLoaded{[]VaultRow{prod, staging, dev}})
	for _, want := range []string{"vault ↑", "environm… ↑", "secr… ↑", "keys ↑"} {
		s.Update(keyPress("s"))
		if v := plain(s.View(Paint{NewTheme(Mono), noon})); !strings.Contains(v, want) {
			t.Errorf("no %q:\n%s", want, v)
		}
	}
	s.Update(keyPress("S"))
	if v := plain(s.View(Paint{NewTheme(Mono), noon})); !strings.Contains(v, "keys ↓") {
		t.Errorf("no arrow down:\n%s", v)
	}
}
