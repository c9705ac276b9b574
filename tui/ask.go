package tui

import (
	"context"

	tea "charm.land/bubbletea/v2"

	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/views"
)

// pending is an intent that was handed to the gate and is not answered yet.
type pending struct {
	screen int
	intent views.Intent
	cancel context.CancelFunc
}

// answer is what a call brings back. Its number finds what was asked; a number
// that is no longer known is late, and its answer is dropped.
type answer struct {
	request uint64
	msg     tea.Msg
	err     error
}

// ask turns an intent into a command and remembers who wants the answer.
func (m *Model) ask(from origin, in views.Intent) tea.Cmd {
	name, long := longWork(in)
	if long && m.work != nil {
		return m.alreadyBusy(from, in)
	}
	m.requests++
	id := m.requests
	d := m.door()
	ctx, cancel := context.WithCancel(m.ctx)
	var more tea.Cmd
	if long {
		d.report, more = m.begin(id, name)
	}
	c := d.call(in)
	if c == nil {
		cancel()
		return nil
	}
	m.asked[id] = pending{from.screen, in, cancel}
	return tea.Batch(more, func() tea.Msg {
		msg, err := c(ctx)
		return answer{id, msg, err}
	})
}

// answered takes an answer: it changes the shell, or goes to its screen.
func (m *Model) answered(a answer) tea.Cmd {
	p, ok := m.asked[a.request]
	if !ok {
		return m.discard(a.msg)
	}
	delete(m.asked, a.request)
	p.cancel()
	if m.work != nil && m.work.request == a.request {
		m.work = nil
	}
	if a.err != nil {
		return tea.Batch(m.discard(a.msg), m.refused(p, a.err))
	}
	wipeIntent(p.intent)
	switch msg := a.msg.(type) {
	case signedIn:
		return m.entered(p, msg)
	case steppedUp:
		return m.ask(origin{screen: p.screen}, msg.then)
	case copyReady:
		return m.copySecret(p, msg)
	case enrolmentBegun:
		m.dropEnrolment()
		m.enrolment = msg.enrolment
		return m.deliver(p, msg.EnrolmentBegun)
	case views.LogVerified:
		m.remember(msg.Verdict)
		return m.deliver(p, msg)
	case views.KeyTruthLoaded:
		m.noteTruth(msg)
		return m.deliver(p, msg)
	case vaultsRead:
		m.learn(msg.standing)
		m.rights.know(msg.Vaults)
		return m.deliver(p, msg.VaultsLoaded)
	default:
		return m.deliver(p, msg)
	}
}

// deliver gives an answer to the screen that asked. A secret goes only to the
// screen that is looked at; one that was covered or left gets none.
func (m *Model) deliver(p pending, msg tea.Msg) tea.Cmd {
	s, ok := m.screens.Find(p.screen)
	if !ok {
		m.tell(msg)
		return m.discard(msg)
	}
	if secretive(msg) && (m.hidden || p.screen != m.screens.TopID()) {
		return m.discard(msg)
	}
	return m.handle(origin{screen: p.screen, unasked: true}, s.Update(msg))
}

// remember keeps what a good verification covered.
func (m *Model) remember(v views.LogVerdict) {
	m.verified = verified{}
	if v.Good {
		m.verified = verified{v.Size, v.Root, m.now}
	}
}

// tell says what came of work whose screen was left.
func (m *Model) tell(msg tea.Msg) {
	done, ok := msg.(views.LogVerified)
	switch {
	case !ok:
	case done.Verdict.Good:
		m.notice(views.Good, "The log is complete and unchanged: "+itoa(done.Verdict.Size)+" entries")
	default:
		m.notice(views.Danger, "The log was changed: "+done.Verdict.Problem)
	}
}

// refused takes an error: it asks for a fresh code, locks when the login
// session is over, or tells the screen.
func (m *Model) refused(p pending, err error) tea.Cmd {
	if in, ok := p.intent.(views.StepUp); ok {
		return m.wrongCode(p, in, err)
	}
	switch kind := fault.KindOf(err); {
	case kind == fault.StepUp:
		return m.wantCode(p, "")
	case kind == fault.Unauthenticated && !opensSession(p.intent):
		m.fail(p, err)
		return m.lock(fault.Problem(err))
	case kind == fault.Forbidden: // what is greyed may be out of date
		top, _ := m.screens.Top()
		return tea.Batch(m.failed(p, err), m.readRights(top))
	case kind == fault.Tampered:
		return tea.Batch(m.poll(), m.failed(p, err))
	default:
		return m.failed(p, err)
	}
}

// failed tells the screen that asked, and carries out what it makes of it.
func (m *Model) failed(p pending, err error) tea.Cmd {
	wipeIntent(p.intent)
	s, ok := m.screens.Find(p.screen)
	if !ok {
		return nil
	}
	return m.handle(origin{screen: p.screen, unasked: true}, s.Update(views.Failed{Intent: p.intent, Err: err}))
}

// fail tells the screen that asked, which then no longer waits; what it would
// do about it is not done.
func (m *Model) fail(p pending, err error) {
	wipeIntent(p.intent)
	if s, ok := m.screens.Find(p.screen); ok {
		s.Update(views.Failed{Intent: p.intent, Err: err})
	}
}

// abandon stops waiting for every answer; the screens are told why.
func (m *Model) abandon(why error) {
	for id, p := range m.asked {
		delete(m.asked, id)
		p.cancel()
		m.fail(p, why)
	}
	m.work = nil
}

// abandonSecrets stops waiting for values, before they could be shown.
func (m *Model) abandonSecrets() {
	for id, p := range m.asked {
		switch p.intent.(type) {
		case views.Reveal, views.CopyValue:
			delete(m.asked, id)
			p.cancel()
		}
	}
}

// opensSession reports whether an intent is a try to prove who sits here: its
// refusal is shown beside the form and ends nothing.
func opensSession(in views.Intent) bool {
	switch in.(type) {
	case views.SignIn, views.Unlock, views.BeginEnrolment, views.ConfirmEnrolment:
		return true
	default:
		return false
	}
}

// discard wipes an answer that nobody gets.
func (m *Model) discard(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case signedIn:
		return m.end(msg.session, false)
	case enrolmentBegun:
		msg.Groups.Wipe()
		msg.URL.Wipe()
		msg.enrolment.wipe()
	case views.Revealed:
		msg.Value.Wipe()
	case views.PersonCreated:
		msg.Code.Wipe()
	case views.Enrolled:
		for _, c := range msg.RecoveryCodes {
			c.Wipe()
		}
	case copyReady:
		msg.value.Wipe()
	}
	return nil
}

func secretive(msg tea.Msg) bool {
	switch msg.(type) {
	case views.Revealed, views.PersonCreated, views.Enrolled, views.EnrolmentBegun:
		return true
	default:
		return false
	}
}

// wipeIntent wipes the secrets that an intent carried.
func wipeIntent(in views.Intent) {
	switch in := in.(type) {
	case views.SignIn:
		in.Password.Wipe()
		in.Code.Wipe()
	case views.Unlock:
		in.Password.Wipe()
		in.Code.Wipe()
	case views.StepUp:
		in.Code.Wipe()
	case views.BeginEnrolment:
		in.Code.Wipe()
		in.Password.Wipe()
	case views.ConfirmEnrolment:
		in.Code.Wipe()
	case views.SetSecret:
		in.Value.Wipe()
	case views.Sign:
		in.Text.Wipe()
	case views.Verify:
		in.Text.Wipe()
	}
}
