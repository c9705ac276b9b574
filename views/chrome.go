package views

import (
	"fmt"
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// MinWidth and MinHeight are the smallest terminal that every job works in.
const (
	MinWidth  = 80
	MinHeight = 24
)

// BodyTop is the row of the body's first line: header and breadcrumbs stand
// above it. A text cursor that a screen gives is counted from there.
const BodyTop = 2

// Below the body stand the status line and the keys; a terminal of ruledHeight
// rows has room for a rule above them.
const (
	chromeBottom = 2
	ruledHeight  = 28
)

// BodySize gives the body's size in a terminal of width x height cells.
func BodySize(width, height int) (w, h int) {
	rule := 0
	if height >= ruledHeight {
		rule = 1
	}
	return width, max(0, height-BodyTop-chromeBottom-rule)
}

// Toast is a line that goes away by itself.
type Toast struct {
	Tone Tone
	Text string
}

// Chrome is everything around a screen: who, where, what can be pressed.
type Chrome struct {
	Session Session
	Crumbs  []string
	Toast   *Toast
	Task    *Progress
	Actions []Action
}

// View draws a whole frame around a body. Below [MinWidth] x [MinHeight] it
// is a plain message instead; the screens keep their state.
func (c Chrome) View(body string, p Paint, width, height int) string {
	if TooSmall(width, height) {
		return tooSmall(width, height)
	}
	var b strings.Builder
	b.WriteString(c.header(p, width))
	b.WriteByte('\n')
	b.WriteString(c.crumbs(p, width))
	b.WriteByte('\n')
	b.WriteString(body)
	b.WriteByte('\n')
	if height >= ruledHeight {
		b.WriteString(p.Text(Muted, strings.Repeat("─", width)) + "\n")
	}
	b.WriteString(c.status(p, width))
	b.WriteByte('\n')
	b.WriteString(Footer(c.Actions, p, width))
	return b.String()
}

// TooSmall reports whether a terminal cannot show the console.
func TooSmall(width, height int) bool { return width < MinWidth || height < MinHeight }

func tooSmall(width, height int) string {
	return block([]string{
		"Strongroom needs a terminal of",
		fmt.Sprintf("%d x %d cells; this one has %d x %d.", MinWidth, MinHeight, width, height),
		"",
		"Make the window larger; nothing is lost.",
	}, max(1, width), max(1, height))
}

// header says who works where. It never leaves out the environment.
func (c Chrome) header(p Paint, w int) string {
	s := c.Session
	left := p.Bold(Accent, "Strongroom")
	if s.Demo {
		left += p.Bold(Warning, " [demo]")
	}
	if s.Vault != "" {
		left += "  " + p.Badge(s.Environment) + " " + p.Bold(Plain, clean(s.Vault))
	}
	right := ""
	if s.Person != "" {
		right = p.Bold(Plain, clean(s.Person)) + " · " + clean(s.Role)
	}
	return spread(left, right, w)
}

// crumbs is the way here, and at the right what runs out and what is wrong.
func (c Chrome) crumbs(p Paint, w int) string {
	parts := make([]string, len(c.Crumbs))
	for i, t := range c.Crumbs {
		parts[i] = clean(t)
		if i == len(c.Crumbs)-1 {
			parts[i] = p.Bold(Plain, parts[i])
		}
	}
	return spread(strings.Join(parts, p.Text(Muted, " › ")), strings.Join(c.signals(p), p.Text(Muted, " · ")), w)
}

// signals are the small facts at the right: second factor, approvals, alarms, HSM.
func (c Chrome) signals(p Paint) []string {
	s := c.Session
	var out []string
	if s.Person != "" {
		if left := s.FactorUntil.Sub(p.Now); left > 0 {
			out = append(out, "code fresh "+shortDuration(left))
		} else {
			out = append(out, p.Text(Muted, "code asked again"))
		}
	}
	if s.Approvals > 0 {
		out = append(out, p.Bold(Accent, fmt.Sprintf("%d to approve", s.Approvals)))
	}
	if s.Alarms > 0 {
		out = append(out, p.Bold(Danger, "!! "+alarms(s.Alarms)))
	}
	switch {
	case s.HSM == "":
	case s.HSMOK:
		out = append(out, p.Text(Good, "HSM "+clean(s.HSM)))
	default:
		out = append(out, p.Bold(Danger, "!! HSM "+clean(s.HSM)))
	}
	return out
}

func alarms(n int) string {
	if n == 1 {
		return "1 alarm"
	}
	return numeral(n) + " alarms"
}

// status shows work in the background, else the last notice.
func (c Chrome) status(p Paint, w int) string {
	switch {
	case c.Toast != nil:
		mark := map[Tone]string{Danger: "✗ ", Warning: "! ", Good: "✓ "}[c.Toast.Tone]
		return fit(" "+p.Text(c.Toast.Tone, mark+clean(c.Toast.Text)), w)
	case c.Task != nil:
		return fit(" "+c.Task.Line(p, w-1), w)
	default:
		return fit(" "+p.Text(Muted, refusedLine(c.Actions)), w)
	}
}

// refusedLine says why the role refuses what stands in brackets below.
func refusedLine(actions []Action) string {
	for i := range actions {
		if a := &actions[i]; a.Key != "" && a.Needs != "" && a.Disabled != "" {
			return "(…) " + clean(a.Disabled)
		}
	}
	return ""
}

// spread puts two texts at the ends of a line; when they do not both fit, the
// left one is cut.
func spread(left, right string, w int) string {
	room := w - width(right) - 2
	if right == "" {
		room = w - 1
	}
	if width(left) > room-1 {
		left = ansi.Truncate(left, max(1, room-1), "…")
	}
	gap := w - 2 - width(left) - width(right)
	return fit(" "+left+blank(gap)+right, w)
}

// Footer writes the actions' keys in one line, the most important first;
// what cannot be done now is greyed and in brackets. Help has the last word.
func Footer(actions []Action, p Paint, w int) string {
	const helpText = " ? Help "
	var b strings.Builder
	used := 1
	b.WriteByte(' ')
	for i := range actions {
		a := &actions[i]
		if a.ID == ActHelp || a.Key == "" {
			continue
		}
		text := keyName(a.Key) + " " + a.Label
		if a.Disabled != "" {
			text = "(" + text + ")"
		}
		if used+width(text)+2 > w-len(helpText) {
			break
		}
		if a.Disabled != "" {
			b.WriteString(p.Text(Muted, text))
		} else {
			b.WriteString(p.Bold(Accent, keyName(a.Key)) + " " + a.Label)
		}
		b.WriteString("  ")
		used += width(text) + 2
	}
	if !hasHelp(actions) {
		return fit(b.String(), w)
	}
	return fit(b.String(), w-len(helpText)) + " " + p.Bold(Accent, "?") + " Help "
}

func hasHelp(actions []Action) bool {
	for i := range actions {
		if actions[i].ID == ActHelp {
			return true
		}
	}
	return false
}
