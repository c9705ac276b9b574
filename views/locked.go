package views

import (
	"time"

	tea "charm.land/bubbletea/v2"
)

// LockedScreen covers everything until the person proves to be back. Nothing
// of what was on the screen shows through.
type LockedScreen struct {
	formScreen
	person string
	demo   demoPanel
}

// NewLocked makes the lock screen; why says how it came to be, such as
// "idle for 5 minutes". In a demo it shows everybody's factors, as the sign-in
// screen does.
func NewLocked(person, why string, since time.Time, demo ...DemoPerson) *LockedScreen {
	s := &LockedScreen{person: person, demo: demoPanel{people: demo}}
	s.title, s.submit = "Locked", "Unlock"
	s.intro = []string{
		"Locked at " + moment(since) + " UTC: " + why + ".",
		"Secrets were wiped from the screen and from memory. " + person + " goes on where they were, with password and code; anybody else signs in afresh.",
	}
	s.form = NewForm(
		Field{ID: "password", Label: "Password", Kind: PasswordField, Required: true},
		Field{ID: "code", Label: "One-time code", Kind: PasswordField, Required: true, Hint: "six digits from your authenticator"},
	)
	s.do = func() []Intent {
		return []Intent{Unlock{Password: s.form.Secret("password"), Code: s.form.Secret("code")}}
	}
	return s
}

// Actions unlock, or sign out for somebody else to sign in.
func (s *LockedScreen) Actions() []Action {
	out := []Action{s.formScreen.Actions()[0], bind(ActSignOut, nil, emit(SignOut{}))}
	if len(s.demo.people) > 0 {
		out = append(out, bind(ActDemoFill, nil, s.fill))
	}
	return append(out, bind(ActExit, nil, emit(Quit{})))
}

// fill takes the factors of the person who is away.
func (s *LockedScreen) fill() []Intent {
	s.demo.fill(s.form, s.person)
	return nil
}

// SetSize keeps rows for the demo's panel.
func (s *LockedScreen) SetSize(w, h int) {
	s.formScreen.SetSize(w, h)
	s.form.SetSize(w-2, max(4, h-len(s.head())-s.demo.rows()))
}

// View draws the form and, in a demo, the people below it.
func (s *LockedScreen) View(p Paint) string {
	s.now = p.Now
	lines := append(indent(s.head(), 2), s.form.View(p)...)
	if s.busy {
		lines = append(lines, "", "  "+p.Text(Muted, "Checking…"))
	}
	return block(append(lines, s.demo.lines(p, "fills in "+clean(s.person))...), s.w, s.h)
}

// Update takes the form's keys; a lock cannot be left by esc.
func (s *LockedScreen) Update(msg tea.Msg) []Intent {
	switch msg := msg.(type) {
	case DemoPeople:
		s.demo.people = msg.People
		return nil
	case tea.KeyPressMsg:
		switch msg.String() {
		case "esc":
			return nil
		case "ctrl+o", "ctrl+d":
			return press(s.Actions(), msg)
		}
	case Failed:
		s.form.Leave()
		s.form.Focus("password")
	}
	return s.formScreen.Update(msg)
}
