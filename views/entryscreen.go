package views

import (
	tea "charm.land/bubbletea/v2"
)

// EntryScreen is one entry of the log: what happened, the exact bytes, the proof.
type EntryScreen struct {
	base
	seq   int64
	entry EntryDetail
	ready bool
	top   int
}

// NewEntry makes an entry's screen.
func NewEntry(seq int64, refused Refusals) *EntryScreen {
	return &EntryScreen{base: base{refused: refused}, seq: seq}
}

// Title is the entry's number.
func (s *EntryScreen) Title() string { return "Entry " + numeral(int(s.seq)) }

// Start reads the entry.
func (s *EntryScreen) Start() []Intent { return []Intent{LoadEntry{s.seq}} }

// Actions copy the entry's bytes.
func (s *EntryScreen) Actions() []Action {
	return append([]Action{
		bind(ActCopyPublic, nil, emit(CopyText{s.Title(), s.entry.JSON})).unless(!s.ready, "the entry is still being read"),
		bind(ActSaveFile, nil, func() []Intent { return saveAs("the entry", "entry-"+numeral(int(s.seq))+".json", s.entry.JSON) }).unless(!s.ready, "the entry is still being read"),
	}, globals(s.refused)...)
}

// SetSize sizes the body.
func (s *EntryScreen) SetSize(w, h int) { s.w, s.h = w, h }

// Update takes the entry and scrolls.
func (s *EntryScreen) Update(msg tea.Msg) []Intent {
	s.common(msg)
	switch msg := msg.(type) {
	case EntryLoaded:
		s.entry, s.ready = msg.Entry, true
	case Copied:
		return []Intent{copiedNotice(msg)}
	case FileSaved:
		return []Intent{Notify{Good, "Written to " + msg.Path}}
	case Failed:
		if _, load := msg.Intent.(LoadEntry); !load {
			return failedElsewhere(msg)
		}
	case tea.KeyPressMsg:
		switch msg.String() {
		case "down", "j":
			s.top++
		case "up", "k":
			s.top--
		default:
			return press(s.Actions(), msg)
		}
	}
	return nil
}

// View draws the facts, the proof, and the bytes.
func (s *EntryScreen) View(p Paint) string {
	if s.err != nil && !s.ready {
		return block(append([]string{""}, problemLines(p, s.err, s.w-4)...), s.w, s.h)
	}
	if !s.ready {
		return block([]string{"", "  " + p.Text(Muted, "Reading…")}, s.w, s.h)
	}
	lines := s.lines(p)
	s.top = max(0, min(s.top, len(lines)-s.h))
	return block(lines[s.top:], s.w, s.h)
}

// whoWords names who acted and from where; what nobody did, the system did.
func whoWords(e *EntryRow) string {
	switch {
	case e.Actor == "":
		return "the system"
	case e.Source == "":
		return e.Actor
	default:
		return e.Actor + ", from the " + e.Source
	}
}

func (s *EntryScreen) lines(p Paint) []string {
	e := s.entry
	facts := []Fact{
		{"time", e.Time.UTC().Format("2006-01-02 15:04:05.000000000") + " UTC", Plain},
		{"who", whoWords(&e.EntryRow), Plain},
		{"act", e.Action, Strong},
		{"on", orDash(e.Object), Plain},
		{"outcome", e.Outcome, outcomeCell(&e.EntryRow, p.Now).Tone},
		{"rule", orDash(e.Rule), Plain},
		{"reason", orDash(e.Reason), Plain},
		{"act id", e.ID, Muted},
		{"login session", orDash(e.Session), Muted},
	}
	facts = append(facts, e.Params...)
	tone, mark := Good, "✓ "
	switch {
	case e.ProofOpen:
		tone, mark = Muted, ""
	case !e.ProofGood:
		tone, mark = Danger, "✗ "
	}
	facts = append(facts, Fact{"proof", mark + e.Proof, tone}, Fact{"leaf hash", e.LeafHash, Muted})
	lines := append([]string{""}, indent(factLines(p, facts, s.w-4), 1)...)
	lines = append(lines, "", " "+heading(p, "The exact bytes")+p.Text(Muted, "  j and k scroll"))
	return append(lines, indent(hardWrap(clean(e.JSON), s.w-4), 2)...)
}
