package tui

import (
	tea "charm.land/bubbletea/v2"

	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/roles"
	"github.com/strongroom/strongroom/views"
)

// errNoCode is what a form is told whose act was given up for want of a code.
var errNoCode = fault.New(fault.Canceled, "no code was given, so nothing was done", "carry it out again and type the code")

// steppedUp says that a fresh code was taken; then is done now.
type steppedUp struct{ then views.Intent }

// wantCode asks for a fresh code, and names what it is for.
func (m *Model) wantCode(p pending, problem string) tea.Cmd {
	if _, here := m.screens.Find(p.screen); !here || m.stepUp != nil || m.hidden {
		m.fail(p, errNoCode)
		return nil
	}
	m.stepUp = &p
	m.dialogs.PushUnasked(&views.StepUpPrompt{Act: m.describe(p.intent), Problem: problem, Then: p.intent}, m.now)
	return nil
}

// freshCode hands a typed code to the gate for the screen that waits.
func (m *Model) freshCode(from origin, in views.StepUp) tea.Cmd {
	if m.stepUp != nil {
		from.screen = m.stepUp.screen
		m.stepUp = nil
	}
	return m.ask(from, in)
}

// wrongCode asks again.
func (m *Model) wrongCode(p pending, in views.StepUp, err error) tea.Cmd {
	wipeIntent(in)
	problem := fault.Problem(err)
	switch fault.KindOf(err) {
	case fault.Unauthenticated:
		problem = "that code was not taken; a code works once, for 30 seconds"
	case fault.Throttled:
		problem += "; " + fault.Hint(err)
	}
	return m.wantCode(pending{p.screen, in.Then, p.cancel}, problem)
}

// noCode gives up what waits for a code. A form is told, because it waits.
func (m *Model) noCode() tea.Cmd {
	if m.stepUp == nil {
		return nil
	}
	p := *m.stepUp
	m.stepUp = nil
	wipeIntent(p.intent)
	s, ok := m.screens.Find(p.screen)
	if !ok || !views.InputMode(s) {
		return nil
	}
	return m.failed(p, errNoCode)
}

// describe names an act for whoever gives a code for it: verb, object and
// environment.
func (m *Model) describe(in views.Intent) string {
	switch in := in.(type) {
	case views.Reveal:
		return "reveal " + in.Ref.Name + " in " + m.place(in.Ref.Vault)
	case views.CopyValue:
		return "copy " + in.Ref.Name + " in " + m.place(in.Ref.Vault)
	case views.Purge:
		return "purge " + in.Ref.Name + " in " + m.place(in.Ref.Vault) + " for good"
	case views.UpdateVault:
		return "change the policy of " + m.place(in.Name)
	case views.CreatePerson:
		return "make the person " + in.Name + ", with a code that opens the HSM for them"
	case views.Grant:
		return "give " + in.Person + " the role " + in.Role.Title() + " on " + m.scope(in.Scope)
	case views.Revoke:
		a := in.Assignment
		return "take the role " + a.Role.Title() + " on " + m.scope(a.Scope) + " from " + a.Person
	default:
		return "go on with what you asked for"
	}
}

func (m *Model) scope(s roles.Scope) string {
	switch {
	case s.Vault == "":
		return "the whole installation"
	case s.Prefix == "":
		return m.place(s.Vault)
	default:
		return m.place(s.Vault) + ", names beginning with " + s.Prefix
	}
}

// place names a vault with its environment.
func (m *Model) place(vault string) string {
	if e := m.rights.environment(vault); e != "" {
		return vault + " (" + string(e) + ")"
	}
	return vault
}
