package tui

import (
	"context"

	tea "charm.land/bubbletea/v2"

	"github.com/strongroom/strongroom/gate"
	"github.com/strongroom/strongroom/views"
)

// enrolment is a first sign-in under way.
type enrolment struct {
	begun *gate.Enrolment
	// code is the QR code, which shows the secret.
	code interface{ Wipe() }
}

func (e *enrolment) wipe() {
	if e == nil {
		return
	}
	e.begun.Wipe()
	e.code.Wipe()
}

// enrolmentBegun is the answer to the enrolment code and the new password.
type enrolmentBegun struct {
	views.EnrolmentBegun
	enrolment *enrolment
}

func (m *Model) enrolScreen(name string) views.Screen {
	return views.NewEnrol(views.EnrolData{
		Name: name, Rules: m.config.Passwords.lines(), Check: m.config.Passwords.check(), DarkTerminal: !m.looks.light,
	})
}

// beginEnrolment spends no code yet: the gate stores nothing before the second
// factor is confirmed.
func (d door) beginEnrolment(ctx context.Context, in views.BeginEnrolment) (tea.Msg, error) {
	e, err := d.gate.BeginEnrolment(ctx, gate.EnrolRequest{Name: in.Name, Code: in.Code, Password: in.Password, Source: gate.FromConsole})
	if err != nil {
		return nil, err
	}
	code, err := e.QR()
	if err != nil {
		e.Wipe()
		return nil, err
	}
	begun := enrolmentBegun{enrolment: &enrolment{e, code}}
	begun.QR = views.QR{Side: code.Size, Black: code.Black}
	begun.Groups = e.Seed()
	if begun.URL, err = e.URL(); err != nil {
		begun.Groups.Wipe()
		begun.enrolment.wipe()
		return nil, err
	}
	return begun, nil
}

func (d door) confirmEnrolment(ctx context.Context, in views.ConfirmEnrolment) (tea.Msg, error) {
	if d.enrolment == nil {
		return nil, errGone
	}
	codes, err := d.gate.ConfirmEnrolment(ctx, d.enrolment.begun, in.Code)
	if err != nil {
		return nil, err
	}
	return views.Enrolled{RecoveryCodes: codes}, nil
}

// enrolled goes back to the sign-in: the code that confirmed the authenticator
// is used up, and signing in takes the next one.
func (m *Model) enrolled() tea.Cmd {
	name := ""
	if m.enrolment != nil {
		name = m.enrolment.begun.Person()
	}
	m.dropEnrolment()
	m.showSignIn(name)
	m.notice(views.Good, "All set. Sign in with your new password and the next code of your authenticator")
	return nil
}

// dropEnrolment forgets a first sign-in; what was begun leaves no trace.
func (m *Model) dropEnrolment() {
	m.enrolment.wipe()
	m.enrolment = nil
}

// idleAtTheDoor wipes what somebody typed who then went away, and takes a
// first sign-in off a screen that nobody watches.
func (m *Model) idleAtTheDoor() tea.Cmd {
	top, ok := m.screens.Top()
	if !ok || m.now.Sub(m.touched) < m.config.Idle {
		return nil
	}
	if _, enrolling := top.(*views.EnrolScreen); !enrolling {
		views.Leave(top)
		return nil
	}
	m.forget()
	m.showSignIn("")
	m.notice(views.Warning, "The first sign-in was left alone for too long; begin again")
	return nil
}
