package views

import (
	tea "charm.land/bubbletea/v2"
)

// formScreen is a screen that is one form: what stands above it, what
// carrying it out means, and what its answer leads to.
type formScreen struct {
	base
	place
	title  string
	submit string // the label of ctrl+s
	intro  []string
	form   *Form
	busy   bool

	// do gives the intents of a form that is valid.
	do func() []Intent
	// ask gives the dialog that a valid form leads to where it would do what
	// cannot be undone; nil asks nothing. The dialog then leads on.
	ask func() Dialog
	// answer takes the answer, and reports whether it was one.
	answer func(tea.Msg) ([]Intent, bool)
}

// Title names the form.
func (s *formScreen) Title() string { return s.title }

// Start loads nothing.
func (s *formScreen) Start() []Intent { return nil }

// InputMode is always on: every key is typed.
func (s *formScreen) InputMode() bool { return true }

// Leave wipes what was typed.
func (s *formScreen) Leave() { s.form.Leave() }

// Actions are those of every form.
func (s *formScreen) Actions() []Action {
	save := bind(ActSubmit, s.refused, nil).unless(s.busy, "it is being carried out")
	save.Label = s.submit
	out := []Action{save, bind(ActCancel, nil, emit(Back{}))}
	if s.form.secretive() {
		out = append(out, bind(ActShowTyped, nil, nil))
	}
	return out
}

// SetSize leaves room for the introduction.
func (s *formScreen) SetSize(w, h int) {
	s.w, s.h = w, h
	s.form.SetSize(w-2, max(4, h-len(s.head())))
}

// Update routes to the form and takes the answer.
func (s *formScreen) Update(msg tea.Msg) []Intent {
	s.common(msg)
	if f, ok := msg.(Failed); ok {
		if _, mine := f.Intent.(SuggestPaths); mine {
			return nil
		}
		s.busy = false
		s.form.Fail(f.Err)
		return nil
	}
	if s.answer != nil {
		if out, ok := s.answer(msg); ok {
			s.busy = false
			return out
		}
	}
	if s.busy {
		return s.patience(msg)
	}
	event, out := s.form.Update(msg)
	switch event {
	case FormDone:
		if s.ask != nil {
			if d := s.ask(); d != nil {
				return append(out, OpenDialog{d})
			}
		}
		s.busy = true
		return append(out, s.do()...)
	case FormLeft:
		return append(out, Back{})
	default:
		return out
	}
}

// patience answers esc while an act is under way: it can no longer be taken
// back here, and leaving would hide how it ends.
func (s *formScreen) patience(msg tea.Msg) []Intent {
	if k, ok := msg.(tea.KeyPressMsg); ok && k.String() == "esc" {
		return []Intent{Notify{Muted, "It is being carried out; a moment"}}
	}
	return nil
}

func (s *formScreen) head() []string {
	if len(s.intro) == 0 {
		return []string{""}
	}
	return append(wrapAll(s.intro, s.w-4), "")
}

// View draws introduction and form.
func (s *formScreen) View(p Paint) string {
	s.now = p.Now
	lines := indent(s.head(), 2)
	lines = append(lines, s.form.View(p)...)
	if s.busy {
		lines = append(lines, "", "  "+p.Text(Muted, "Working…"))
	}
	return block(lines, s.w, s.h)
}

// Cursor is the form's, below the introduction.
func (s *formScreen) Cursor() (x, y int, shown bool) {
	x, y, shown = s.form.Cursor()
	return x, y + len(s.head()), shown && !s.busy
}
