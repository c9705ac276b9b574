package views

import (
	"fmt"
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"
)

// LogScreen is the timeline: every act, newest first.
type LogScreen struct {
	base
	log     LogSummary
	ready   bool
	outcome int
	table   *Table[EntryRow]
}

// outcomes are the choices of the outcome filter; "" is all.
var outcomes = []string{"", "done", "refused", "failed", "intent"}

// NewLog makes the timeline.
func NewLog(refused Refusals) *LogScreen {
	s := &LogScreen{base: base{refused: refused}}
	s.table = NewTable(TableSpec[EntryRow]{
		Name: "log", Columns: entryColumns(),
		Key:   func(e *EntryRow) string { return numeral(int(e.Seq)) },
		Ask:   func(q Query) Intent { return LoadEntries{Query: q, Outcome: outcomes[s.outcome]} },
		Empty: says("No entry.", "", "Press o until it says all outcomes."),
	})
	return s
}

func entryColumns() []Column[EntryRow] {
	return []Column[EntryRow]{
		{Title: "time (UTC)", Min: 16, Cell: func(e *EntryRow, _ time.Time) Cell { return Cell{moment(e.Time), Muted} }},
		{Title: "who", Min: 8, Cell: func(e *EntryRow, _ time.Time) Cell { return Cell{orDash(e.Actor), Strong} }},
		{Title: "act", Min: 18, Cell: func(e *EntryRow, _ time.Time) Cell { return Cell{e.Action, Plain} }},
		{Title: "outcome", Min: 8, Cell: outcomeCell},
		{Title: "on", Min: 20, Flex: true, Cell: func(e *EntryRow, _ time.Time) Cell { return Cell{orDash(objectWords(e.Object)), Plain} }},
		{Title: "entry", Min: 7, Priority: 1, Right: true, Cell: func(e *EntryRow, _ time.Time) Cell { return Cell{fmt.Sprint(e.Seq), Muted} }},
		{Title: "rule", Min: 16, Priority: 2, Cell: func(e *EntryRow, _ time.Time) Cell { return Cell{orDash(e.Rule), Muted} }},
		{Title: "from", Min: 7, Priority: 3, Cell: func(e *EntryRow, _ time.Time) Cell { return Cell{e.Source, Muted} }},
	}
}

// objectWords puts the name first, which is what people look for when a
// column is narrow: "db-password in payments-prod".
func objectWords(object string) string {
	parts := strings.Split(object, "/")
	if len(parts) != 3 {
		return object
	}
	return parts[2] + " in " + parts[0]
}

func outcomeCell(e *EntryRow, _ time.Time) Cell {
	tone := Good
	switch e.Outcome {
	case "refused":
		tone = Warning
	case "failed":
		tone = Danger
	case "intent":
		tone = Muted
	}
	return Cell{e.Outcome, tone}
}

// Title is the breadcrumb.
func (s *LogScreen) Title() string { return "Log" }

// Start reads the head and the newest entries.
func (s *LogScreen) Start() []Intent { return append([]Intent{LoadLogSummary{}}, s.table.Load()...) }

// InputMode is on while the filter is typed.
func (s *LogScreen) InputMode() bool { return s.table.Typing() }

// Actions open an entry, narrow the list, verify.
func (s *LogScreen) Actions() []Action {
	row, some := s.table.Current()
	return append([]Action{
		bind(ActOpen, nil, emit(OpenEntry{row.Seq})).unless(!some, "there is no entry"),
		bind(ActVerifyLog, s.refused, emit(OpenVerifyLog{})),
		bind(ActOutcome, s.refused, s.nextOutcome),
	}, globals(s.refused, bind(ActRefresh, nil, s.Start))...)
}

func (s *LogScreen) nextOutcome() []Intent {
	s.outcome = (s.outcome + 1) % len(outcomes)
	return s.table.restart()
}

// logFilterHint names what a filter of the timeline may say.
const logFilterHint = "who:NAME act:secrets/ vault:NAME on:PART, or a name or an act alone"

// logHead is the number of lines above the table.
const logHead = 2

// SetSize sizes the table.
func (s *LogScreen) SetSize(w, h int) {
	s.w, s.h = w, h
	s.table.SetSize(w, h-logHead)
}

// Update takes what was read.
func (s *LogScreen) Update(msg tea.Msg) []Intent {
	s.common(msg)
	switch msg := msg.(type) {
	case LogSummarised:
		s.log, s.ready = msg.Log, true
		return nil
	case EntriesLoaded:
		return s.table.Loaded(msg.Request, msg.Page)
	case Failed:
		if load, ok := msg.Intent.(LoadEntries); ok {
			s.table.FailedRequest(load.Query.Request, msg.Err)
		}
		return nil
	}
	return tableOr(s.table, s.Actions(), msg)
}

// View draws the head, the strip of hours, and the timeline.
func (s *LogScreen) View(p Paint) string {
	head := p.Text(Muted, "Reading…")
	if s.ready {
		head = s.head(p)
	}
	strip := p.Text(Muted, "last 24 h ") + p.Text(Accent, spark(s.log.Hours[:])) + p.Text(Muted, " busiest hour "+numeral(slices.Max(s.log.Hours[:])))
	if o := outcomes[s.outcome]; o != "" {
		strip += p.Text(Warning, "   only "+o) + p.Text(Muted, " (o changes)")
	}
	if s.table.Typing() {
		strip = p.Text(Accent, logFilterHint)
	}
	lines := []string{" " + head, " " + strip}
	return block(append(lines, s.table.View(p)...), s.w, s.h)
}

// head names the log's head; what is not known of it is left out.
func (s *LogScreen) head(p Paint) string {
	words := fmt.Sprintf("%d entries", s.log.Size)
	if s.log.Root == "" {
		return words
	}
	return words + fmt.Sprintf(", head %s, signed %s", s.log.Root[:min(12, len(s.log.Root))], relative(s.log.Checkpoint, p.Now))
}

// spark draws numbers as a strip of bars; a number that is not zero is never
// drawn as nothing.
func spark(n []int) string {
	bars := []rune("▁▂▃▄▅▆▇█")
	most := slices.Max(n)
	var b strings.Builder
	for _, v := range n {
		if v == 0 {
			b.WriteRune('·')
			continue
		}
		b.WriteRune(bars[min(len(bars)-1, v*len(bars)/(most+1))])
	}
	return b.String()
}
