package views

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/strongroom/strongroom/internal/fault"
)

// Confirm asks before something is done. The answer that does nothing is the
// default; the key that does it is written in the box.
type Confirm struct {
	Title string
	// Lines say what will happen, to what, and how to undo it.
	Lines []string
	// Do is the verb on the button: "Take the role".
	Do string
	// Dangerous colours the box and is for what cannot be undone at once.
	Dangerous bool
	// Then is carried out after yes.
	Then []Intent
}

// Update takes y for yes; n, esc and enter for no; anything else is ignored.
func (c *Confirm) Update(msg tea.Msg) ([]Intent, bool) {
	k, ok := msg.(tea.KeyPressMsg)
	if !ok {
		return nil, false
	}
	switch k.String() {
	case "y":
		return c.Then, true
	case "n", "esc", "enter":
		return nil, true
	default:
		return nil, false
	}
}

// View draws the box.
func (c *Confirm) View(p Paint, w, _ int) string {
	inner := min(w-4, 60)
	tone := Accent
	if c.Dangerous {
		tone = Danger
	}
	lines := wrapAll(c.Lines, inner)
	lines = append(lines, "", "  "+p.Text(tone, "[y]")+" "+clean(c.Do)+"     "+p.Reverse(Plain, " [n] No, go back "))
	return frameBox(p, tone, clean(c.Title), lines, inner)
}

// Leave has nothing to forget.
func (c *Confirm) Leave() {}

// TypeName asks for an object's name before something irreversible.
type TypeName struct {
	Title string
	Lines []string
	// Name has to be typed exactly.
	Name string
	Do   string
	Then []Intent

	typed editor
}

// Update takes the name; enter does it only when the name is right.
func (d *TypeName) Update(msg tea.Msg) ([]Intent, bool) {
	if k, ok := msg.(tea.KeyPressMsg); ok {
		switch k.String() {
		case "esc":
			return nil, true
		case "enter":
			if d.typed.String() == d.Name {
				return d.Then, true
			}
			return nil, false
		}
	}
	d.typed.Update(msg)
	return nil, false
}

// View draws the box.
func (d *TypeName) View(p Paint, w, _ int) string {
	inner := min(w-4, 60)
	lines := wrapAll(d.Lines, inner)
	lines = append(lines, "", "Type "+p.Bold(Plain, clean(d.Name))+" to go on:", "› "+d.typed.line(inner-4)+p.Reverse(Plain, " "), "")
	if d.typed.String() == d.Name {
		lines = append(lines, p.Text(Danger, "[enter]")+" "+clean(d.Do)+"     [esc] No, go back")
	} else {
		lines = append(lines, p.Text(Muted, "[enter] "+clean(d.Do))+"     "+p.Reverse(Plain, " [esc] No, go back "))
	}
	return frameBox(p, Danger, clean(d.Title), lines, inner)
}

// Leave forgets what was typed.
func (d *TypeName) Leave() { d.typed.wipe() }

// Message tells something; any of enter, esc and space closes it.
type Message struct {
	Title string
	Tone  Tone
	Lines []string
	Then  []Intent
}

// NewError makes a message of an error: what is wrong, and what to do.
func NewError(title string, err error) *Message {
	m := &Message{Title: title, Tone: Danger, Lines: []string{fault.Problem(err)}}
	if h := fault.Hint(err); h != "" {
		m.Lines = append(m.Lines, "", "What to do: "+h)
	}
	return m
}

// Update closes the box.
func (m *Message) Update(msg tea.Msg) ([]Intent, bool) {
	if k, ok := msg.(tea.KeyPressMsg); ok {
		switch k.String() {
		case "enter", "esc", "space":
			return m.Then, true
		}
	}
	return nil, false
}

// View draws the box.
func (m *Message) View(p Paint, w, _ int) string {
	inner := min(w-4, 64)
	lines := append(wrapAll(m.Lines, inner), "", p.Reverse(Plain, " [enter] Close "))
	return frameBox(p, m.Tone, clean(m.Title), lines, inner)
}

// Leave has nothing to forget.
func (m *Message) Leave() {}

// StepUpPrompt asks for a fresh code for one act, which it names.
type StepUpPrompt struct {
	// Act is verb, object and environment: "reveal db-password in payments-prod (prod)".
	Act string
	// Problem is why the code typed before was not taken.
	Problem string
	// Then is done after the code was accepted.
	Then Intent

	code editor
}

// Update takes the code.
func (d *StepUpPrompt) Update(msg tea.Msg) ([]Intent, bool) {
	if k, ok := msg.(tea.KeyPressMsg); ok {
		switch k.String() {
		case "esc":
			return nil, true
		case "enter":
			if d.code.empty() {
				return nil, false
			}
			return []Intent{StepUp{Code: d.code.secret(), Then: d.Then}}, true
		}
	}
	d.code.Update(msg)
	return nil, false
}

// View draws the box.
func (d *StepUpPrompt) View(p Paint, w, _ int) string {
	inner := min(w-4, 60)
	lines := wrapAll([]string{"This needs a fresh code from your authenticator:", ""}, inner)
	for _, l := range wrap(clean(d.Act), inner) {
		lines = append(lines, p.Bold(Plain, l))
	}
	lines = append(lines, "", "Code › "+d.code.line(inner-10)+p.Reverse(Plain, " "))
	if d.Problem != "" {
		lines = append(lines, p.Text(Danger, "✗ "+clean(d.Problem)))
	}
	lines = append(lines, "", "[enter] Go on     "+p.Reverse(Plain, " [esc] No, go back "))
	return frameBox(p, Accent, "One-time code", lines, inner)
}

// Leave forgets the code.
func (d *StepUpPrompt) Leave() { d.code.wipe() }

func wrapAll(in []string, w int) []string {
	var out []string
	for _, l := range in {
		if strings.TrimSpace(l) == "" {
			out = append(out, "")
			continue
		}
		out = append(out, wrap(clean(l), w)...)
	}
	return out
}
