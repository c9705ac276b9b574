package views

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/internal/secret"
)

// The steps of the first sign-in.
const (
	stepWho = iota
	stepPassword
	stepScan
	stepCodes
)

var enrolSteps = []string{"Who", "Password", "Authenticator", "Recovery codes"}

// EnrolScreen walks through the first sign-in: enrolment code, password, TOTP
// with its QR code, recovery codes shown once.
type EnrolScreen struct {
	base
	step  int
	forms [4]*Form
	busy  bool

	offer    EnrolmentBegun
	recovery []*secret.Bytes
	data     EnrolData
	scanRow  int // the row of the code field in the third step
}

// EnrolData is what the wizard starts with.
type EnrolData struct {
	Name string
	// Rules says in lines what a password has to be.
	Rules []string
	// Check applies the rules; it must not keep the password.
	Check func(name string, password []byte) error
	// DarkTerminal is how the terminal answered about its background; it
	// decides the QR code's polarity where there are no colours.
	DarkTerminal bool
}

// NewEnrol makes the wizard.
func NewEnrol(d EnrolData) *EnrolScreen {
	s := &EnrolScreen{data: d}
	s.forms[stepWho] = NewForm(
		Field{ID: "name", Label: "Name", Required: true, Value: d.Name, Hint: "your name here, as the owner wrote it"},
		Field{ID: "code", Label: "Enrolment code", Kind: PasswordField, Required: true, Hint: "the code that an owner gave you; it works once"},
	)
	s.forms[stepPassword] = NewForm(
		Field{ID: "password", Label: "New password", Kind: PasswordField, Required: true, CheckSecret: s.checkPassword, Hint: "^T shows what you type"},
		Field{ID: "again", Label: "Once more", Kind: PasswordField, Required: true, CheckSecret: s.checkAgain},
	)
	s.forms[stepScan] = NewForm(Field{ID: "code", Label: "Code", Required: true, Check: checkCode})
	s.forms[stepCodes] = NewForm(Field{ID: "kept", Label: "I have kept them", Kind: CheckField, Hint: "space says yes; then press ^S"})
	return s
}

func (s *EnrolScreen) checkPassword(b []byte) error {
	if s.data.Check == nil {
		return nil
	}
	return s.data.Check(s.forms[stepWho].Text("name"), b)
}

var (
	errAgain = fault.New(fault.Invalid, "this is not the same password", "type it again")
	errCode  = fault.New(fault.Invalid, "a code has six digits", "")
	errKept  = fault.New(fault.Invalid, "the recovery codes are shown only now", "write them down or print them, then say so with space")
)

func (s *EnrolScreen) checkAgain([]byte) error {
	a, b := s.forms[stepPassword].Secret("password"), s.forms[stepPassword].Secret("again")
	defer a.Wipe()
	defer b.Wipe()
	if !a.Equal(b) {
		return errAgain
	}
	return nil
}

// checkCode wants six digits; spaces between them are all right.
func checkCode(code string) error {
	digits := strings.ReplaceAll(code, " ", "")
	if len(digits) != 6 || strings.Trim(digits, "0123456789") != "" {
		return errCode
	}
	return nil
}

// Title names the wizard.
func (s *EnrolScreen) Title() string { return "First sign-in" }

// Start loads nothing.
func (s *EnrolScreen) Start() []Intent { return nil }

// InputMode is always on.
func (s *EnrolScreen) InputMode() bool { return true }

// Leave wipes what was typed and shown.
func (s *EnrolScreen) Leave() {
	for _, f := range s.forms {
		f.Leave()
	}
	s.offer.Groups.Wipe()
	s.offer.URL.Wipe()
	s.offer = EnrolmentBegun{}
	for _, c := range s.recovery {
		c.Wipe()
	}
	s.recovery = nil
}

// Actions go on and back.
func (s *EnrolScreen) Actions() []Action {
	next := bind(ActSubmit, nil, nil).unless(s.busy, "it is being carried out")
	next.Label = "Continue"
	out := []Action{next}
	if s.step <= stepPassword {
		out = append(out, bind(ActCancel, nil, emit(Back{})), bind(ActShowTyped, nil, nil))
	}
	return append(out, bind(ActExit, nil, emit(Quit{})))
}

// SetSize sizes the forms.
func (s *EnrolScreen) SetSize(w, h int) {
	s.w, s.h = w, h
	for _, f := range s.forms {
		f.SetSize(w-2, h-4)
	}
}

// Update routes to the step's form and takes the answers.
func (s *EnrolScreen) Update(msg tea.Msg) []Intent {
	s.common(msg)
	switch msg := msg.(type) {
	case Failed:
		s.failed(msg.Err)
		return nil
	case EnrolmentBegun:
		s.busy, s.offer, s.step = false, msg, stepScan
		s.SetSize(s.w, s.h)
		return nil
	case Enrolled:
		s.busy, s.recovery, s.step = false, msg.RecoveryCodes, stepCodes
		return nil
	}
	if s.busy {
		return nil
	}
	event, out := s.forms[s.step].Update(msg)
	switch event {
	case FormDone:
		return append(out, s.next()...)
	case FormLeft:
		return append(out, s.back()...)
	default:
		return out
	}
}

// failed shows the problem where it can be put right: a refused enrolment is
// about the code typed in the first step.
func (s *EnrolScreen) failed(err error) {
	s.busy = false
	if s.step == stepPassword && fault.KindOf(err) != fault.Invalid {
		s.step = stepWho
	}
	s.forms[s.step].Fail(err)
}

func (s *EnrolScreen) back() []Intent {
	switch s.step {
	case stepWho:
		return []Intent{Back{}}
	case stepPassword:
		s.step = stepWho
	}
	return nil // what was begun in the vault is finished, not left
}

func (s *EnrolScreen) next() []Intent {
	f := s.forms[s.step]
	switch s.step {
	case stepWho:
		s.step = stepPassword
		return nil
	case stepPassword:
		s.busy = true
		return []Intent{BeginEnrolment{
			Name: s.forms[stepWho].Text("name"), Code: s.forms[stepWho].Secret("code"), Password: f.Secret("password"),
		}}
	case stepScan:
		s.busy = true
		return []Intent{ConfirmEnrolment{Code: secret.FromString(strings.ReplaceAll(f.Text("code"), " ", ""))}}
	default:
		if !f.Checked("kept") {
			f.Fail(errKept)
			return nil
		}
		s.busy = true
		return []Intent{FinishEnrolment{}}
	}
}

// View draws the step.
func (s *EnrolScreen) View(p Paint) string {
	s.now = p.Now
	switch s.step {
	case stepScan:
		return block(s.scan(p), s.w, s.h)
	case stepCodes:
		return block(s.codes(p), s.w, s.h)
	default:
		return block(s.ask(p), s.w, s.h)
	}
}

func (s *EnrolScreen) ask(p Paint) []string {
	lines := []string{" " + tabs(p, enrolSteps, s.step), ""}
	lines = append(lines, s.forms[s.step].View(p)...)
	if s.step == stepPassword {
		lines = append(lines, "", "  "+heading(p, "A password here"))
		for _, r := range s.data.Rules {
			lines = append(lines, "  · "+clean(r))
		}
	}
	if s.busy {
		lines = append(lines, "", "  "+p.Text(Muted, "Working…"))
	}
	return lines
}

// qrColumn is the width of the QR code and the gap beside it, or 0 when the
// body is too small for it.
func (s *EnrolScreen) qrColumn() int {
	if s.offer.QR.Black == nil {
		return 0
	}
	w, h := s.offer.QR.Size()
	if h > s.h || w+38 > s.w {
		return 0
	}
	return w + 2
}

func (s *EnrolScreen) scan(p Paint) []string {
	column := s.qrColumn()
	room := s.w - column - 1
	var right []string
	right = append(right, heading(p, "Step 3 of 4: authenticator"), "")
	if column > 0 {
		right = append(right, wrapAll([]string{"Scan this with your authenticator app, or type the secret into it:"}, room)...)
	} else {
		right = append(right, wrapAll([]string{"This window is too small for the QR code. Type the secret into your authenticator app, or make the window larger:"}, room)...)
	}
	right = append(right, "")
	s.offer.Groups.Reveal(func(b []byte) { right = append(right, wrap(string(b), min(room, 25))...) })
	right = append(right, "", p.Text(Muted, "time-based, SHA-1, 6 digits, 30 s"))
	right = append(right, "", "Then type the code it shows:")
	s.scanRow = len(right)
	s.forms[stepScan].SetSize(s.w-column-2, max(4, s.h-s.scanRow)) // what went wrong is shown whole
	right = append(right, s.forms[stepScan].View(p)...)
	if s.busy {
		right = append(right, p.Text(Muted, "Checking…"))
	}
	if column == 0 {
		return indent(right, 1)
	}
	return beside(s.offer.QR.Render(p, s.data.DarkTerminal), right, column-2, 2)
}

func (s *EnrolScreen) codes(p Paint) []string {
	lines := []string{" " + tabs(p, enrolSteps, s.step), ""}
	lines = append(lines, indent(wrapAll([]string{
		"Ten recovery codes, each works once in place of a one-time code. They are shown only now: print them or write them down, and keep them apart from your authenticator.",
	}, s.w-4), 2)...)
	lines = append(lines, "")
	half := (len(s.recovery) + 1) / 2
	for i := range half {
		row := "    "
		for _, n := range []int{i, i + half} {
			if n < len(s.recovery) {
				s.recovery[n].Reveal(func(b []byte) { row += fitRight(numeral(n+1), 2) + "  " + p.Bold(Plain, fit(string(b), 26)) })
			}
		}
		lines = append(lines, row)
	}
	lines = append(lines, "")
	return append(lines, s.forms[stepCodes].View(p)...)
}

// Cursor is the form's, where the step puts it.
func (s *EnrolScreen) Cursor() (x, y int, shown bool) {
	x, y, shown = s.forms[s.step].Cursor()
	switch s.step {
	case stepScan:
		return x + max(1, s.qrColumn()), y + s.scanRow, shown && !s.busy
	default:
		return x, y + 2, shown && s.step != stepCodes
	}
}
