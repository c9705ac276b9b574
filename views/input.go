package views

import (
	"strings"
	"time"

	"charm.land/bubbles/v2/key"
	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"

	"github.com/strongroom/strongroom/internal/fault"
)

const yes = "yes"

// maxText bounds a field of one line, in runes.
const maxText = 4096

// input is a field with what was typed into it. Plain lines are bubbles'
// text input; what may be secret, or has several lines, is an editor.
type input struct {
	Field
	text    textinput.Model
	edit    editor
	choice  int // index of the chosen option, or undecided
	checked bool
	// word is what chooses an option while it is typed, its last letter at
	// typedAt; now is the moment of the last frame.
	word         string
	typedAt, now time.Time
	focused      bool
	// visited is set once the field was left: an empty field is wrong only then.
	visited bool
	paths   []string
}

func newInput(f Field) *input {
	in := &input{Field: f, text: newTextInput()}
	in.edit.masked = f.Kind == PasswordField || f.Kind == ValueField
	in.edit.lines = f.Kind == ValueField || f.Kind == AreaField
	if f.Undecided {
		in.choice = undecided
	}
	if f.Value != "" {
		in.set(f.Value)
	}
	if f.Kind == ChoiceField {
		in.skipRefused(1)
	}
	return in
}

// newTextInput makes a bubbles input without colours, without a cursor of its
// own (the terminal's is used) and without reading the system's clipboard.
func newTextInput() textinput.Model {
	m := textinput.New()
	m.Prompt = ""
	m.CharLimit = maxText
	m.SetStyles(textinput.Styles{})
	m.SetVirtualCursor(false)
	m.KeyMap.Paste = key.NewBinding(key.WithDisabled())
	m.KeyMap.AcceptSuggestion = key.NewBinding(key.WithDisabled())
	m.KeyMap.NextSuggestion = key.NewBinding(key.WithDisabled())
	m.KeyMap.PrevSuggestion = key.NewBinding(key.WithDisabled())
	return m
}

func (in *input) multiline() bool { return in.Kind == ValueField || in.Kind == AreaField }
func (in *input) edited() bool    { return in.multiline() || in.Kind == PasswordField }

// cursorCell is the cell of the text cursor in a field of w cells. The input's
// own answer counts letters, not cells.
func (in *input) cursorCell(w int) int {
	value := []rune(in.text.Value())
	if whole := width(string(value)); whole < w {
		return width(string(value[:in.text.Position()]))
	}
	return min(in.text.Cursor().X, w-1)
}

func (in *input) setWidth(w int) { in.text.SetWidth(w) }

func (in *input) setFocus(on bool) {
	in.focused, in.word = on, ""
	if !on {
		in.text.Blur()
		return
	}
	in.text.Focus()
}

func (in *input) set(v string) {
	switch {
	case in.Kind == CheckField:
		in.checked = v == yes
	case in.Kind == ChoiceField:
		for i, o := range in.Options {
			if o.Value == v {
				in.choice = i
			}
		}
	case in.edited():
		in.edit.set(v)
	default:
		in.text.SetValue(v)
		in.text.CursorEnd()
	}
}

func (in *input) setOptions(o []Option) {
	was, none := in.value(), in.choice == undecided
	in.Options, in.choice = o, 0
	if none {
		in.choice = undecided
		return
	}
	in.set(was)
	in.skipRefused(1)
}

// value gives the text; for a secret field only whether there is one.
func (in *input) value() string {
	switch in.Kind {
	case CheckField:
		if in.checked {
			return yes
		}
		return ""
	case ChoiceField:
		o, _ := in.chosen()
		return o.Value
	case AreaField:
		return in.edit.String()
	case PasswordField, ValueField:
		return ""
	default:
		return strings.TrimSpace(in.text.Value())
	}
}

func (in *input) empty() bool {
	switch {
	case in.edited():
		return in.edit.empty()
	case in.Kind == ChoiceField:
		_, some := in.chosen()
		return !some
	default:
		return in.value() == ""
	}
}

// update takes a key or a paste, and reports whether the value changed.
func (in *input) update(msg tea.Msg) bool {
	switch {
	case in.Kind == CheckField:
		return in.updateCheck(msg)
	case in.Kind == ChoiceField:
		return in.updateChoice(msg)
	case in.edited():
		return in.edit.Update(msg)
	default:
		return in.updateText(msg)
	}
}

func (in *input) updateText(msg tea.Msg) bool {
	if k, ok := msg.(tea.KeyPressMsg); ok && k.String() == "right" && in.acceptPath() {
		return true
	}
	was := in.text.Value()
	in.text, _ = in.text.Update(msg)
	return in.text.Value() != was
}

func (in *input) updateCheck(msg tea.Msg) bool {
	k, ok := msg.(tea.KeyPressMsg)
	if !ok || (k.String() != "space" && k.String() != "left" && k.String() != "right") {
		return false
	}
	in.checked = !in.checked
	return true
}

func (in *input) toggleMask() {
	if in.Kind == PasswordField || in.Kind == ValueField {
		in.edit.masked = !in.edit.masked
	}
}

// suggest keeps suggestions that answer what is typed now.
func (in *input) suggest(msg PathsSuggested) {
	if in.text.Value() == msg.Prefix {
		in.paths = msg.Paths
	}
}

// suggestion is the first suggested path that goes on from what is typed.
func (in *input) suggestion() string {
	v := in.text.Value()
	for _, p := range in.paths {
		if len(p) > len(v) && strings.HasPrefix(p, v) {
			return p
		}
	}
	return ""
}

func (in *input) acceptPath() bool {
	s := in.suggestion()
	if in.Kind != PathField || s == "" || in.text.Position() < len([]rune(in.text.Value())) {
		return false
	}
	in.text.SetValue(s)
	in.text.CursorEnd()
	return true
}

// problem checks the field.
func (in *input) problem() error {
	o, _ := in.chosen()
	switch {
	case in.empty():
		if in.Required {
			return errRequired
		}
		return nil
	case in.Kind == ChoiceField && o.Refused != "":
		return fault.New(fault.Invalid, o.Refused, "")
	case in.CheckSecret != nil:
		s := in.edit.secret()
		defer s.Wipe()
		return s.RevealErr(in.CheckSecret)
	case in.Check != nil:
		return in.Check(in.value())
	default:
		return nil
	}
}

// shownProblem is the problem, once it is fair to show it: an empty field is
// not wrong before it was left.
func (in *input) shownProblem() error {
	if in.empty() && !in.visited {
		return nil
	}
	return in.problem()
}
