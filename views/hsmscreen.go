package views

import (
	"fmt"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"
)

// HSMScreen shows the token: what it says about itself, its health, and the
// objects inside it.
type HSMScreen struct {
	base
	hsm   HSMFacts
	ready bool
	table *Table[HSMKeyRow]
}

// NewHSM makes the token's screen.
func NewHSM(refused Refusals) *HSMScreen {
	return &HSMScreen{
		base: base{refused: refused},
		table: NewTable(TableSpec[HSMKeyRow]{
			Name: "hsm", Columns: hsmColumns(), Key: func(k *HSMKeyRow) string { return k.Class + "/" + k.ID },
			Empty: says("The token holds no object.", "", "Making a vault makes its master key here."),
		}),
	}
}

func hsmColumns() []Column[HSMKeyRow] {
	return []Column[HSMKeyRow]{
		{Title: "label", Min: 22, Flex: true, Sort: "label", Cell: func(k *HSMKeyRow, _ time.Time) Cell { return Cell{k.Label, Strong} }},
		{Title: "class", Min: 11, Sort: "class", Cell: func(k *HSMKeyRow, _ time.Time) Cell { return Cell{k.Class, Plain} }},
		{Title: "type", Min: 11, Sort: "type", Cell: func(k *HSMKeyRow, _ time.Time) Cell { return Cell{k.Type, Plain} }},
		{Title: "leaves?", Min: 18, Cell: extractableCell},
		{Title: "purpose", Min: 24, Priority: 1, Cell: func(k *HSMKeyRow, _ time.Time) Cell { return Cell{orDash(k.Purpose), Plain} }},
		{Title: "made there", Min: 10, Priority: 2, Cell: func(k *HSMKeyRow, _ time.Time) Cell {
			return Cell{map[bool]string{true: "yes", false: "no"}[k.Local], Plain}
		}},
		{Title: "id", Min: 18, Priority: 3, Cell: func(k *HSMKeyRow, _ time.Time) Cell { return Cell{k.ID, Muted} }},
	}
}

// extractableCell says what the token says about a key leaving it.
func extractableCell(k *HSMKeyRow, _ time.Time) Cell {
	switch {
	case !strings.Contains(k.Class, "secret") && !strings.Contains(k.Class, "private"):
		return Cell{"public", Muted}
	case k.Extractable:
		return Cell{"can leave", Danger}
	case k.NeverExtractable:
		return Cell{"never could", Good}
	default:
		return Cell{"no longer", Warning}
	}
}

// Title is the breadcrumb.
func (s *HSMScreen) Title() string { return "HSM" }

// Start reads the token.
func (s *HSMScreen) Start() []Intent { return []Intent{LoadHSM{}} }

// InputMode is on while the filter is typed.
func (s *HSMScreen) InputMode() bool { return s.table.Typing() }

// Actions only read.
func (s *HSMScreen) Actions() []Action {
	return globals(s.refused, bind(ActRefresh, nil, s.Start))
}

// SetSize sizes the table when it is drawn.
func (s *HSMScreen) SetSize(w, h int) { s.w, s.h = w, h }

// Update takes what was read.
func (s *HSMScreen) Update(msg tea.Msg) []Intent {
	s.common(msg)
	switch msg := msg.(type) {
	case HSMLoaded:
		s.hsm, s.ready, s.err = msg.HSM, true, nil
		s.table.SetRows(msg.HSM.Keys)
		return nil
	case Failed:
		s.table.Failed(msg.Err)
		return nil
	}
	return tableOr(s.table, s.Actions(), msg)
}

// View draws the facts over the table of objects.
func (s *HSMScreen) View(p Paint) string {
	var lines []string
	if s.ready {
		lines = s.facts(p)
	}
	s.table.SetSize(s.w, max(4, s.h-len(lines)))
	return block(append(lines, s.table.View(p)...), s.w, s.h)
}

func (s *HSMScreen) facts(p Paint) []string {
	h := s.hsm
	tone, mark := Good, "● "
	if !h.OK {
		tone, mark = Danger, "!! "
	}
	left := []Fact{
		{"state", mark + h.State, tone},
		{"token", h.Label, Plain},
		{"serial", h.Serial, Plain},
		{"maker", strings.TrimSpace(h.Manufacturer + " " + h.Model), Plain},
	}
	right := []Fact{
		{"firmware", h.Firmware + ", hardware " + h.Hardware, Plain},
		{"library", h.Library, Plain},
		{"sessions", sessionsText(h.Sessions, h.SessionsMax), Plain},
		{"objects", numeral(h.Objects), Plain},
	}
	half := (s.w - 4) / 2
	lines := beside(factLines(p, left, half), factLines(p, right, half), half, 2)
	lines = append(lines, factLines(p, append([]Fact{{"module", h.Module, Muted}}, h.Facts...), s.w-4)...)
	return append(indent(lines, 1), "")
}

// sessionsText says how many sessions are open; a token may not tell (-1), and
// may have no limit (0).
func sessionsText(open, most int) string {
	switch {
	case open < 0:
		return "the token does not tell"
	case most <= 0:
		return fmt.Sprintf("%d, no limit", open)
	default:
		return fmt.Sprintf("%d of %d", open, most)
	}
}
