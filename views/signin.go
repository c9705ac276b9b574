package views

import (
	tea "charm.land/bubbletea/v2"
)

// SignInScreen asks who somebody is: name, password, one-time code. In a demo
// it also shows everybody's, which is the point of a demo.
type SignInScreen struct {
	formScreen
	demo demoPanel
}

// SignInData is what the sign-in screen starts with.
type SignInData struct {
	Installation string
	// Name is filled in when it is known from last time.
	Name string
	// Demo is empty unless this is a demo.
	Demo []DemoPerson
}

// NewSignIn makes the sign-in screen.
func NewSignIn(d SignInData) *SignInScreen {
	s := &SignInScreen{demo: demoPanel{people: d.Demo}}
	s.title, s.submit = "Sign in", "Sign in"
	s.intro = []string{"Installation " + d.Installation + ".", "Every act is logged under your name; the log can be proved complete."}
	s.form = NewForm(
		Field{ID: "name", Label: "Name", Required: true, Value: d.Name, Hint: "your name here, such as alice"},
		Field{ID: "password", Label: "Password", Kind: PasswordField, Required: true},
		Field{ID: "code", Label: "One-time code", Kind: PasswordField, Required: true, Hint: "six digits from your authenticator, or a recovery code"},
	)
	if d.Name != "" {
		s.form.Focus("password")
	}
	s.do = func() []Intent {
		return []Intent{SignIn{Name: s.form.Text("name"), Password: s.form.Secret("password"), Code: s.form.Secret("code")}}
	}
	return s
}

// Actions are the form's, and the ways to begin.
func (s *SignInScreen) Actions() []Action {
	out := s.formScreen.Actions()[:1]
	out = append(out, bind(ActFirstTime, nil, s.firstTime))
	if len(s.demo.people) > 0 {
		out = append(out, bind(ActDemoFill, nil, s.fill))
	}
	return append(out, bind(ActShowTyped, nil, nil), bind(ActExit, nil, emit(Quit{})))
}

func (s *SignInScreen) firstTime() []Intent {
	return []Intent{OpenEnrolment{Name: s.form.Text("name")}}
}

// fill takes the next demo person.
func (s *SignInScreen) fill() []Intent {
	s.demo.fill(s.form, "")
	return nil
}

// Update takes fresh demo codes, and clears password and code after a refusal.
func (s *SignInScreen) Update(msg tea.Msg) []Intent {
	switch msg := msg.(type) {
	case DemoPeople:
		s.demo.people = msg.People
		return nil
	case tea.KeyPressMsg:
		switch msg.String() {
		case "ctrl+n", "ctrl+d":
			return press(s.Actions(), msg)
		case "esc":
			return nil // there is nowhere to go back to
		}
	case Failed:
		s.form.find("password").edit.wipe()
		s.form.find("code").edit.wipe()
		s.form.Focus("password")
	}
	return s.formScreen.Update(msg)
}

// SetSize keeps rows for the demo's panel.
func (s *SignInScreen) SetSize(w, h int) {
	s.formScreen.SetSize(w, h)
	s.form.SetSize(w-2, max(4, h-len(s.head())-s.demo.rows()))
}

// View draws the form and, in a demo, the people below it.
func (s *SignInScreen) View(p Paint) string {
	s.now = p.Now
	lines := indent(s.head(), 2)
	lines = append(lines, s.form.View(p)...)
	if s.busy {
		lines = append(lines, "", "  "+p.Text(Muted, "Checking…"))
	}
	return block(append(lines, s.demo.lines(p, "fills in the next person")...), s.w, s.h)
}
