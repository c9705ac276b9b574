package views

import (
	"time"

	tea "charm.land/bubbletea/v2"
)

// LockedScreen covers everything until the person proves to be back. Nothing
// of what was on the screen shows through.
type LockedScreen struct{ formScreen }

// NewLocked makes the lock screen; why says how it came to be, such as
// "idle for 5 minutes".
func NewLocked(person, why string, since time.Time) *LockedScreen {
	s := &LockedScreen{}
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
	return []Action{
		s.formScreen.Actions()[0],
		bind(ActSignOut, nil, emit(SignOut{})),
		bind(ActExit, nil, emit(Quit{})),
	}
}

// Update takes the form's keys; a lock cannot be left by esc.
func (s *LockedScreen) Update(msg tea.Msg) []Intent {
	switch msg := msg.(type) {
	case tea.KeyPressMsg:
		switch msg.String() {
		case "esc":
			return nil
		case "ctrl+o":
			return press(s.Actions(), msg)
		}
	case Failed:
		s.form.Leave()
		s.form.Focus("password")
	}
	return s.formScreen.Update(msg)
}
