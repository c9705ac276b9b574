package tui

import (
	"context"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/views"
)

// second says that about a second has passed.
type second struct{}

// everySecond is everything that happens by itself.
func (m *Model) everySecond() tea.Cmd {
	cmds := []tea.Cmd{m.after(tick, second{}), m.checkIdle(), m.clearClipboardInTime()}
	if m.toast != nil && !m.now.Before(m.toast.until) {
		m.toast = nil
	}
	if m.now.Sub(m.polled) >= pollEvery {
		m.polled = m.now
		cmds = append(cmds, m.poll())
	}
	if top, ok := m.screens.Top(); ok {
		from := origin{screen: m.screens.TopID(), unasked: true}
		switch top.(type) {
		case *views.SignInScreen, *views.LockedScreen:
			top.Update(views.DemoPeople{People: m.demoPeople()})
		}
		cmds = append(cmds, m.handle(from, top.Update(views.Tick{Now: m.now})))
	}
	return tea.Batch(cmds...)
}

// checkIdle locks a console that nobody touches, and one whose login session
// is over.
func (m *Model) checkIdle() tea.Cmd {
	switch {
	case m.session == nil:
		return m.idleAtTheDoor()
	case m.now.Sub(m.touched) >= m.config.Idle:
		return m.lock("idle for " + minutes(m.config.Idle))
	case !m.now.Before(m.session.Expires()):
		return m.lock("the login session is over")
	default:
		return nil
	}
}

func minutes(d time.Duration) string {
	if d == time.Minute {
		return "a minute"
	}
	if d%time.Minute == 0 {
		return itoa(int64(d/time.Minute)) + " minutes"
	}
	return itoa(int64(d/time.Second)) + " seconds"
}

// delayed brings a message back to the screen that wanted it later.
type delayed struct {
	screens *views.Stack // of that time: a lock or a sign-out made another
	screen  int
	msg     tea.Msg
}

func (m *Model) wake(d delayed) tea.Cmd {
	if d.screens != m.screens {
		return nil
	}
	s, ok := m.screens.Find(d.screen)
	if !ok {
		return nil
	}
	return m.handle(origin{screen: d.screen, unasked: true}, s.Update(d.msg))
}

// hsmPolled is the answer of a poll.
type hsmPolled struct {
	state hsmState
	alarm error
}

// poll asks the token, and the gate whether it still trusts its log. Neither
// is an act.
func (m *Model) poll() tea.Cmd {
	g, parent := m.config.Gate, m.ctx
	if g == nil {
		return nil
	}
	return func() tea.Msg {
		ctx, cancel := context.WithTimeout(parent, patience)
		defer cancel()
		err := g.HSMAnswers(ctx)
		return hsmPolled{state: stateOf(err), alarm: g.Alarm()}
	}
}

// watch takes a poll, and says what has become worse since the last one.
func (m *Model) watch(p hsmPolled) {
	if m.hsm.ok && !p.state.ok {
		m.notice(views.Danger, "The HSM does not answer; what needs it fails until it does")
	}
	if m.alarm == nil && p.alarm != nil {
		m.dialogs.PushUnasked(views.NewError("The log is not what it was", p.alarm), m.now)
	}
	m.hsm, m.alarm = p.state, p.alarm
}

func stateOf(err error) hsmState {
	switch fault.KindOf(err) {
	case "":
		return hsmState{"ready", true}
	case fault.NotFound:
		return hsmState{"absent", false}
	case fault.Canceled:
		return hsmState{"silent", false}
	default:
		return hsmState{"failing", false}
	}
}

// notice shows a line for a while.
func (m *Model) notice(tone views.Tone, text string) {
	m.toast = &toast{views.Toast{Tone: tone, Text: text}, m.now.Add(toastFor)}
}
