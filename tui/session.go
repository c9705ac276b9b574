package tui

import (
	"context"

	tea "charm.land/bubbletea/v2"

	"github.com/strongroom/strongroom/gate"
	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/views"
)

// errLocked is what a screen is told whose answer came too late.
var errLocked = fault.New(fault.Canceled, "the console was locked before the answer came", "look whether it was done, and do it again if not")

// signedIn is the answer to a sign-in.
type signedIn struct {
	session  *gate.Session
	standing standing
	// trouble is what went wrong after the session was open.
	trouble error
}

// left is the answer to the end of a login session.
type left struct{ err error }

// showSignIn begins again with nobody signed in.
func (m *Model) showSignIn(name string) {
	if name == "" {
		name = m.config.Name
	}
	m.newStack(views.NewSignIn(views.SignInData{Installation: m.about.id, Name: name, Demo: m.demoPeople()}))
}

// demoPeople is what the screens at the door show in a demo, and nowhere else.
func (m *Model) demoPeople() []views.DemoPerson {
	if !m.about.demo {
		return nil
	}
	return demoPeople(m.config.Demo, m.now)
}

// newStack leaves everything and begins with one screen.
func (m *Model) newStack(s views.Screen) {
	m.screens.LeaveAll()
	m.screens = &views.Stack{}
	m.screens.Push(s)
	if w, h := m.looks.width, m.looks.height; !views.TooSmall(w, h) {
		s.SetSize(views.BodySize(w, h))
	}
	s.Update(views.Tick{Now: m.now})
}

// entered opens the console for whoever signed in: where they were, if it was
// locked, else at the list of vaults.
func (m *Model) entered(p pending, in signedIn) tea.Cmd {
	if _, here := m.screens.Find(p.screen); !here {
		return m.discard(in)
	}
	_, again := p.intent.(views.Unlock)
	m.session, m.touched = in.session, m.now
	m.learn(in.standing)
	if again && m.parked != nil && m.person == in.session.Person() {
		m.screens.LeaveAll()
		m.screens, m.parked = m.parked, nil
		m.resize(m.looks.width, m.looks.height)
	} else {
		m.person = in.session.Person()
		m.newStack(views.NewVaults(m.rights.at("")))
	}
	if in.trouble != nil {
		m.dialogs.PushUnasked(views.NewError("Signed in, but something needs attention", in.trouble), m.now)
	}
	return tea.Batch(m.show(), m.poll())
}

// lock ends the login session and takes everything off the screen. The stack
// stays where it is for the same person; secrets do not.
func (m *Model) lock(why string) tea.Cmd {
	if m.session == nil {
		return nil
	}
	ended := m.session
	m.forget()
	m.parked, m.screens = m.screens, &views.Stack{}
	m.session = nil
	m.toast = nil // it may name what was worked on
	m.newStack(views.NewLocked(m.person, why, m.now, m.demoPeople()...))
	return tea.Batch(m.end(ended, true), m.clearClipboard())
}

// signOut ends the login session; whoever comes next begins afresh.
func (m *Model) signOut() tea.Cmd {
	ended := m.session
	m.forget()
	if m.parked != nil {
		m.parked.LeaveAll()
	}
	m.session, m.parked, m.person, m.rights, m.toast = nil, nil, "", rights{}, nil
	clear(m.untrue)
	m.showSignIn("")
	return tea.Batch(m.end(ended, false), m.clearClipboard())
}

// forget wipes what is typed, shown or on its way.
func (m *Model) forget() {
	m.abandon(errLocked)
	if m.stepUp != nil {
		wipeIntent(m.stepUp.intent)
		m.fail(*m.stepUp, errNoCode)
		m.stepUp = nil
	}
	m.screens.LeaveAll()
	m.dialogs.CloseAll()
	m.dropEnrolment()
}

// end closes a login session at the gate.
func (m *Model) end(s *gate.Session, locked bool) tea.Cmd {
	if s == nil {
		return nil
	}
	g, parent := m.config.Gate, m.ctx
	return func() tea.Msg {
		// The session ends even while the program does.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(parent), farewell)
		defer cancel()
		if locked {
			return left{g.Lock(ctx, s)}
		}
		return left{g.SignOut(ctx, s)}
	}
}

// quit asks first when work is running; asked twice it goes.
func (m *Model) quit() tea.Cmd {
	if m.work == nil || m.dialogs.Open() {
		return m.leave()
	}
	m.dialogs.Push(&views.Confirm{
		Title: "Leave while work is running?",
		Lines: []string{m.work.name + " is not done. It is stopped, and nothing half done stays."},
		Do:    "Stop it and leave",
		Then:  []views.Intent{views.CancelTask{}, views.Quit{}},
	})
	return nil
}

// leave wipes everything, ends the session, then the program.
func (m *Model) leave() tea.Cmd {
	ended := m.session
	m.forget()
	if m.parked != nil {
		m.parked.LeaveAll()
	}
	m.session, m.parked, m.hidden = nil, nil, true
	return tea.Sequence(m.clearClipboard(), m.end(ended, false), tea.Quit)
}

// suspend takes secrets off the screen before the shell gets it back. A first
// sign-in shows what is shown only once, and is finished first.
func (m *Model) suspend() tea.Cmd {
	if top, ok := m.screens.Top(); ok {
		if _, enrolling := top.(*views.EnrolScreen); enrolling {
			m.notice(views.Warning, "Finish the first sign-in before suspending: it shows secrets only once")
			return nil
		}
	}
	m.abandonSecrets()
	m.screens.LeaveAll()
	m.dialogs.CloseAll()
	m.hidden = true
	return tea.Batch(m.noCode(), tea.Sequence(m.clearClipboard(), tea.Suspend))
}

// farewellNotice says what went wrong while a session ended.
func (m *Model) farewellNotice(l left) {
	if l.err != nil {
		m.notice(views.Danger, fault.Problem(l.err))
	}
}

// signIn checks both factors and reads what the person may do.
func (d door) signIn(ctx context.Context, r gate.SignInRequest) (tea.Msg, error) {
	r.Source = gate.FromConsole
	s, err := d.gate.SignIn(ctx, r)
	if s == nil {
		return nil, err
	}
	d.session = s
	return signedIn{s, d.standing(ctx, ""), err}, nil
}

// close ends what the console left open: after a signal, a lost terminal or a
// panic, when Update had no say. It is safe after a proper end.
func (m *Model) close(ctx context.Context) error {
	ended := m.session
	m.forget()
	if m.parked != nil {
		m.parked.LeaveAll()
	}
	m.session = nil
	if ended == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), farewell)
	defer cancel()
	return m.config.Gate.SignOut(ctx, ended)
}
