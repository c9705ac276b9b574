package views

import (
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/strongroom/strongroom/roles"
)

// robot sits at the console: it presses, types and looks. What tui does with
// intents it does too, against a world of plain values.
type robot struct {
	t      *testing.T
	now    time.Time
	stack  Stack
	dialog Dialogs
	world  *world
	toast  *Toast
	gone   bool // the console was left
}

func newRobot(t *testing.T, r roles.Role) *robot {
	b := &robot{t: t, now: noon, world: newWorld(r)}
	b.home()
	return b
}

func (b *robot) home() { b.open(NewVaults(b.world.refused)) }

func (b *robot) open(s Screen) {
	b.stack.Push(s)
	s.SetSize(BodySize(80, 24))
	b.start()
}

func (b *robot) start() {
	top, _ := b.stack.Top()
	b.do(top.Start())
}

func (b *robot) do(in []Intent) {
	for _, i := range in {
		b.carryOut(i)
	}
}

// carryOut routes one intent: to the stack, to a dialog, or to the world.
func (b *robot) carryOut(i Intent) {
	switch i := i.(type) {
	case Back:
		if b.stack.Pop() {
			b.start()
		}
	case Quit:
		b.gone = true
	case OpenDialog:
		b.dialog.Push(i.Dialog)
	case OpenHelp:
		top, _ := b.stack.Top()
		b.dialog.Push(NewHelp(top.Actions()))
	case OpenPalette:
		top, _ := b.stack.Top()
		b.dialog.Push(NewPalette(top.Actions()))
	case RunAction:
		top, _ := b.stack.Top()
		b.do(Run(top, i.ID))
	case Notify:
		b.toast = &Toast{i.Tone, i.Text}
	case Delay:
		b.send(i.Then)
	default:
		if s := route(i, b.world.refused); s != nil {
			b.open(s)
			return
		}
		if answer := b.world.answer(i, b.now); answer != nil {
			b.send(answer)
		}
	}
}

// route is the router: one line for each screen.
func route(i Intent, refused Refusals) Screen {
	switch i := i.(type) {
	case OpenVault:
		return NewVault(i.Vault, refused)
	case OpenNewVault:
		return NewVaultForm(refused)
	case OpenPolicy:
		return NewPolicyForm(i.Vault, refused)
	case OpenBin:
		return NewBin(i.Vault, refused)
	case OpenAttributes:
		return NewAttributesForm(i, refused)
	case OpenObject:
		switch i.Kind {
		case Keys:
			return NewKey(i.Vault, i.Name, refused)
		case Certificates:
			return NewCertificate(i.Vault, i.Name, refused)
		default:
			return NewSecret(i.Vault, i.Name, refused)
		}
	case OpenNewSecret:
		return NewSecretForm(i.Vault, i.Name, strengthOf, refused)
	case OpenNewKey:
		return NewKeyForm(i.Vault, KeyChoices{}, refused)
	case OpenNewCertificate:
		return NewCertificateForm(i.Vault, KeyChoices{}, refused)
	case OpenSign:
		return NewSign(i.Vault, i.Key, refused)
	case OpenVerify:
		return NewVerify(i.Vault, i.Key, refused)
	case OpenAccess:
		return NewAccess(refused)
	case OpenNewPerson:
		return NewPersonForm(refused)
	case OpenGrant:
		return NewGrantForm(i, refused)
	case OpenHSM:
		return NewHSM(refused)
	case OpenLog:
		return NewLog(refused)
	case OpenEntry:
		return NewEntry(i.Seq, refused)
	case OpenVerifyLog:
		return NewVerifyLog(refused)
	case OpenReports:
		return NewReports(refused)
	case OpenRunReport:
		return NewReportForm(i.Report, refused)
	}
	return nil
}

func (b *robot) send(msg tea.Msg) {
	if b.dialog.Open() {
		b.do(b.dialog.Update(msg, b.now))
		return
	}
	top, _ := b.stack.Top()
	b.do(top.Update(msg))
}

// Press presses keys by their names.
func (b *robot) Press(keys ...string) *robot {
	for _, k := range keys {
		b.send(keyPress(k))
	}
	return b
}

// Type types a text, letter by letter.
func (b *robot) Type(text string) *robot {
	for _, r := range text {
		b.send(keyPress(strings.ReplaceAll(string(r), " ", "space")))
	}
	return b
}

// Wait lets time pass.
func (b *robot) Wait(d time.Duration) *robot {
	b.now = b.now.Add(d)
	top, _ := b.stack.Top()
	b.do(top.Update(Tick{b.now}))
	return b
}

func (b *robot) frame() string {
	top, _ := b.stack.Top()
	p := Paint{NewTheme(Mono), b.now}
	w, h := BodySize(80, 24)
	top.SetSize(w, h)
	c := Chrome{Session: Session{Person: "robot"}, Crumbs: b.stack.Crumbs(), Toast: b.toast, Actions: top.Actions()}
	return plain(b.dialog.View(c.View(top.View(p), p, 80, 24), p, 80, 24))
}

// Sees expects each text somewhere on the screen.
func (b *robot) Sees(texts ...string) *robot {
	b.t.Helper()
	f := b.frame()
	for _, want := range texts {
		if !strings.Contains(f, want) {
			b.t.Fatalf("no %q on the screen:\n%s", want, f)
		}
	}
	return b
}

// SeesNo expects that none of the texts is on the screen.
func (b *robot) SeesNo(texts ...string) *robot {
	b.t.Helper()
	f := b.frame()
	for _, bad := range texts {
		if strings.Contains(f, bad) {
			b.t.Fatalf("%q is on the screen:\n%s", bad, f)
		}
	}
	return b
}
