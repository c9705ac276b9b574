package views

import (
	tea "charm.land/bubbletea/v2"

	"github.com/strongroom/strongroom/internal/fault"
)

// Prompt asks for one line of text.
type Prompt struct {
	Title string
	Lines []string
	Label string
	Do    string
	Check func(string) error
	Then  func(string) []Intent

	typed editor
	tried bool
}

// NewPrompt makes a prompt that starts with a text.
func NewPrompt(p Prompt, value string) *Prompt {
	p.typed.set(value)
	return &p
}

// Update takes the text.
func (d *Prompt) Update(msg tea.Msg) ([]Intent, bool) {
	if k, ok := msg.(tea.KeyPressMsg); ok {
		switch k.String() {
		case "esc":
			return nil, true
		case "enter", "ctrl+s":
			d.tried = true
			if d.problem() != nil {
				return nil, false
			}
			return d.Then(d.typed.String()), true
		}
	}
	d.typed.Update(msg)
	return nil, false
}

func (d *Prompt) problem() error {
	switch {
	case d.typed.empty():
		return errRequired
	case d.Check != nil:
		return d.Check(d.typed.String())
	default:
		return nil
	}
}

// View draws the box.
func (d *Prompt) View(p Paint, w, _ int) string {
	inner := min(w-4, 70)
	lines := append(wrapAll(d.Lines, inner), "", d.Label+" › "+d.typed.line(inner-width(d.Label)-6)+p.Reverse(Plain, " "))
	if err := d.problem(); err != nil && (d.tried || !d.typed.empty()) {
		lines = append(lines, p.Text(Danger, "✗ "+clean(fault.Problem(err))))
	}
	lines = append(lines, "", "[enter] "+clean(d.Do)+"     [esc] Go back")
	return frameBox(p, Accent, clean(d.Title), lines, inner)
}

// Leave forgets what was typed.
func (d *Prompt) Leave() { d.typed.wipe() }

// saveAs asks where to write something that is no secret.
func saveAs(what, name, text string) []Intent {
	return []Intent{OpenDialog{Dialog: NewPrompt(Prompt{
		Title: "Save " + what,
		Lines: []string{"The file must not exist yet."},
		Label: "Path", Do: "Write the file",
		Then: func(path string) []Intent { return []Intent{SaveText{Path: path, Text: text}} },
	}, name)}}
}
