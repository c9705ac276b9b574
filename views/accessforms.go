package views

import (
	"regexp"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/internal/secret"
	"github.com/strongroom/strongroom/roles"
)

const chooseHint = "← and → choose, or type how it begins"

// NewGrantForm makes the form that gives a role. Nothing is chosen in it that
// the person did not choose: a role is power.
func NewGrantForm(o OpenGrant, refused Refusals) Screen {
	s := &formScreen{base: base{refused: refused}, title: "Give a role", submit: "Give it"}
	s.intro = []string{"A role gives a person everything in its table, on one vault or on the whole installation. Rules that forbid a combination are named when they refuse."}
	var people, everywhere []Option
	for _, p := range o.People {
		people = append(people, Option{Value: p.Name, Label: p.Name + " (" + p.State + ")"})
	}
	for _, v := range o.Vaults {
		everywhere = append(everywhere, Option{Value: v, Label: "vault " + v})
	}
	everywhere = append(everywhere, Option{Value: "", Label: "the whole installation"})
	var held []Option
	for _, r := range roles.All() {
		held = append(held, Option{Value: string(r), Label: r.Title()})
	}
	s.form = NewForm(
		Field{ID: "person", Label: "Person", Kind: ChoiceField, Options: people, Value: o.Person, Undecided: true, Required: true, Hint: chooseHint},
		Field{ID: "role", Label: "Role", Kind: ChoiceField, Options: held, Undecided: true, Required: true, Hint: chooseHint},
		Field{ID: "vault", Label: "Where", Kind: ChoiceField, Options: everywhere, Undecided: true, Required: true, Hint: chooseHint},
		Field{
			ID: "prefix", Label: "Names beginning", Hint: "optional: only objects whose names begin with this", Check: roles.CheckObjectName,
			Shown: func(f *Form) bool { return f.Text("vault") != "" },
		},
		endField(func() time.Time { return s.now }),
	)
	s.do = func() []Intent {
		end, _ := parseEnd(s.form.Text("expires"), s.now) // checked by the field
		scope := roles.Scope{Vault: s.form.Text("vault")}
		if scope.Vault != "" {
			scope.Prefix = s.form.Text("prefix")
		}
		return []Intent{Grant{Person: s.form.Text("person"), Role: roles.Role(s.form.Text("role")), Scope: scope, Expires: end}}
	}
	s.answer = func(msg tea.Msg) ([]Intent, bool) {
		done, ok := msg.(Granted)
		if !ok {
			return nil, false
		}
		return []Intent{Notify{Good, done.Person + " is now " + done.Role.Title() + " on " + scopeText(done.Scope)}, Back{}}, true
	}
	return s
}

var personName = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,62}$`)

var errPerson = fault.New(fault.Invalid, "that name is not allowed", "up to 63 small letters, digits, dots, hyphens and underscores")

func checkPerson(s string) error {
	if !personName.MatchString(s) {
		return errPerson
	}
	return nil
}

// PersonForm makes a person, and shows the enrolment code once.
type PersonForm struct {
	formScreen
	made string
	code *secret.Bytes
	ends time.Time
}

// NewPersonForm makes the form for a person.
func NewPersonForm(refused Refusals) *PersonForm {
	s := &PersonForm{}
	s.base, s.title, s.submit = base{refused: refused}, "New person", "Make it"
	s.intro = []string{"A person can do nothing until somebody gives them a role. They sign in the first time with an enrolment code that is shown to you once."}
	s.form = NewForm(
		Field{ID: "name", Label: "Name", Required: true, Check: checkPerson, Hint: "what they type to sign in, such as alice"},
		Field{ID: "display", Label: "Full name", Hint: "optional, for reports"},
	)
	s.do = func() []Intent {
		return []Intent{CreatePerson{Name: s.form.Text("name"), Display: s.form.Text("display")}}
	}
	s.answer = func(msg tea.Msg) ([]Intent, bool) {
		done, ok := msg.(PersonCreated)
		if ok {
			s.made, s.code, s.ends = done.Name, done.Code, done.Expires
		}
		return nil, ok
	}
	return s
}

// InputMode is on until the person was made.
func (s *PersonForm) InputMode() bool { return s.made == "" }

// Leave wipes the enrolment code.
func (s *PersonForm) Leave() {
	s.formScreen.Leave()
	s.code.Wipe()
	s.code = nil
}

// Actions are the form's, then only back.
func (s *PersonForm) Actions() []Action {
	if s.made == "" {
		return s.formScreen.Actions()
	}
	return globals(s.refused)
}

// Update routes to the form, or to the actions once the code is shown.
func (s *PersonForm) Update(msg tea.Msg) []Intent {
	if k, ok := msg.(tea.KeyPressMsg); ok && s.made != "" {
		return press(s.Actions(), k)
	}
	return s.formScreen.Update(msg)
}

// View draws the form, or the code.
func (s *PersonForm) View(p Paint) string {
	if s.made == "" {
		return s.formScreen.View(p)
	}
	lines := []string{"", "  " + p.Bold(Good, "✓ "+clean(s.made)+" was made"), ""}
	if s.code == nil {
		return block(append(lines, "  The enrolment code was shown and is gone."), s.w, s.h)
	}
	lines = append(lines, "  "+heading(p, "Enrolment code: shown only now"), "")
	s.code.Reveal(func(b []byte) { lines = append(lines, "    "+p.Bold(Plain, string(b))) })
	lines = append(lines, "")
	lines = append(lines, indent(wrapAll([]string{
		"It works once, until " + moment(s.ends) + " UTC. Hand it over in person or by telephone, not beside the name.",
		"", "Next: give " + s.made + " a role, with a on the access screen.",
	}, s.w-4), 2)...)
	return block(lines, s.w, s.h)
}

// Cursor is the form's while there is one.
func (s *PersonForm) Cursor() (x, y int, shown bool) {
	if s.made != "" {
		return 0, 0, false
	}
	return s.formScreen.Cursor()
}
