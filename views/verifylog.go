package views

import (
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"
)

// VerifyLogScreen proves the log while the person watches, or works elsewhere.
type VerifyLogScreen struct {
	base
	running  bool
	progress Progress
	verdict  *LogVerdict
}

// NewVerifyLog makes the screen; it starts at once.
func NewVerifyLog(refused Refusals) *VerifyLogScreen {
	return &VerifyLogScreen{base: base{refused: refused}}
}

// Title is the breadcrumb.
func (s *VerifyLogScreen) Title() string { return "Verify log" }

// Start begins, unless it runs already or is done.
func (s *VerifyLogScreen) Start() []Intent {
	if s.running || s.verdict != nil {
		return nil
	}
	return s.again()
}

func (s *VerifyLogScreen) again() []Intent {
	s.running, s.verdict, s.err, s.progress = true, nil, nil, Progress{}
	return []Intent{VerifyLog{}}
}

// Actions stop it, or do it again.
func (s *VerifyLogScreen) Actions() []Action {
	return append([]Action{
		bind(ActStop, nil, emit(CancelTask{})).unless(!s.running, "nothing is running"),
		bind(ActVerifyLog, s.refused, s.again).unless(s.running, "it is running"),
	}, globals(s.refused)...)
}

// SetSize sizes the body.
func (s *VerifyLogScreen) SetSize(w, h int) { s.w, s.h = w, h }

// Update takes progress and verdict.
func (s *VerifyLogScreen) Update(msg tea.Msg) []Intent {
	s.common(msg)
	switch msg := msg.(type) {
	case Progress:
		s.progress = msg
	case LogVerified:
		s.running, s.verdict = false, &msg.Verdict
	case Failed:
		s.running = false
	case tea.KeyPressMsg:
		return press(s.Actions(), msg)
	}
	return nil
}

// View draws what is being proved, how far it is, and the verdict.
func (s *VerifyLogScreen) View(p Paint) string {
	lines := append([]string{""}, indent(wrapAll([]string{
		"Every entry is hashed again, every stored hash and every checkpoint's signature is checked, and the head is compared with the copies kept in the HSM and in the keyring.",
	}, s.w-6), 2)...)
	lines = append(lines, "")
	switch {
	case s.verdict != nil:
		lines = append(lines, s.outcome(p)...)
	case s.err != nil:
		lines = append(lines, problemLines(p, s.err, s.w-4)...)
	default:
		lines = append(lines, s.bar(p)...)
	}
	return block(lines, s.w, s.h)
}

func (s *VerifyLogScreen) bar(p Paint) []string {
	g := s.progress
	if g.Total == 0 {
		return []string{"  " + p.Text(Muted, "Starting…")}
	}
	text := fmt.Sprintf("%d of %d entries", g.Done, g.Total)
	if left, ok := g.Remaining(); ok {
		text += ", " + shortDuration(left) + " left"
	}
	return []string{"  " + barOf(p, Accent, g.Done, g.Total, min(60, s.w-6)), "  " + text, "", "  " + p.Text(Muted, "esc leaves it running; ^X stops it")}
}

func (s *VerifyLogScreen) outcome(p Paint) []string {
	v := s.verdict
	facts := []Fact{
		{"entries", fmt.Sprint(v.Size), Plain},
		{"root", v.Root, Muted},
		{"checkpoints", fmt.Sprintf("%d, every signature valid", v.Checkpoints), Plain},
		{"compared with", orDash(strings.Join(v.Anchors, ", ")), Plain},
		{"took", shortDuration(v.Took), Muted},
	}
	if v.Good {
		lines := []string{"  " + p.Bold(Good, "✓ THE LOG IS COMPLETE AND UNCHANGED"), ""}
		return append(lines, indent(factLines(p, facts, s.w-6), 2)...)
	}
	facts[2].Value = fmt.Sprint(v.Checkpoints)
	lines := []string{"  " + p.Bold(Danger, "✗ THE LOG WAS CHANGED"), ""}
	for _, l := range wrap(clean(v.Problem), s.w-6) {
		lines = append(lines, "  "+p.Bold(Plain, l))
	}
	for _, l := range wrap("What to do: "+clean(v.Hint), s.w-6) {
		lines = append(lines, "  "+l)
	}
	return append(append(lines, ""), indent(factLines(p, facts, s.w-6), 2)...)
}
