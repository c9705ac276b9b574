package tui

import (
	"sync/atomic"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/views"
)

var (
	errBusy    = fault.New(fault.Conflict, "other work is still running", "wait for it, or stop it with ctrl+x")
	errStopped = fault.New(fault.Canceled, "the work was stopped", "nothing half done stays; begin again when you like")
	errGone    = fault.New(fault.Conflict, "the first sign-in was given up meanwhile", "begin again")
)

// work is what runs in the background while the person works elsewhere. There
// is one at a time.
type work struct {
	request uint64
	name    string
	started time.Time
	// done and total are written by the work and read by the model.
	done, total atomic.Int64
}

func (w *work) progress(now time.Time) views.Progress {
	return views.Progress{Name: w.name, Done: w.done.Load(), Total: w.total.Load(), Started: w.started, Now: now}
}

// longWork says which intents run in the background, and what to call them.
func longWork(in views.Intent) (name string, long bool) {
	switch in := in.(type) {
	case views.VerifyLog:
		return "Verifying the log", true
	case views.RunReport:
		return "Running the report " + in.Title, true
	case views.Sign:
		return "Signing " + in.File, in.File != ""
	case views.Verify:
		return "Checking " + in.File, in.File != ""
	default:
		return "", false
	}
}

// begin notes that work has begun, and gives what it reports to.
func (m *Model) begin(request uint64, name string) (report func(done, total int64), more tea.Cmd) {
	w := &work{request: request, name: name, started: m.now}
	m.work = w
	report = func(done, total int64) {
		w.total.Store(total)
		w.done.Store(done)
	}
	return report, m.after(progressEvery, progressDue{request})
}

// alreadyBusy lets a verification that runs be watched again, and refuses any
// other second work.
func (m *Model) alreadyBusy(from origin, in views.Intent) tea.Cmd {
	running := m.asked[m.work.request]
	_, verify := in.(views.VerifyLog)
	if _, verifying := running.intent.(views.VerifyLog); verify && verifying {
		running.screen = from.screen
		m.asked[m.work.request] = running
		return nil
	}
	return m.failed(pending{screen: from.screen, intent: in}, errBusy)
}

// progressDue asks to tell the screen how far the work is.
type progressDue struct{ request uint64 }

func (m *Model) progress(p progressDue) tea.Cmd {
	if m.work == nil || m.work.request != p.request {
		return nil
	}
	next := m.after(progressEvery, p)
	owner := m.asked[p.request].screen
	s, ok := m.screens.Find(owner)
	if !ok {
		return next
	}
	return tea.Batch(next, m.handle(origin{screen: owner, unasked: true}, s.Update(m.work.progress(m.now))))
}

// stopWork cancels it; an answer that still comes is late.
func (m *Model) stopWork() tea.Cmd {
	if m.work == nil {
		return nil
	}
	p := m.asked[m.work.request]
	delete(m.asked, m.work.request)
	m.work = nil
	p.cancel()
	m.notice(views.Warning, "Stopped")
	return m.failed(p, errStopped)
}
