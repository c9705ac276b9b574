package tui

import (
	tea "charm.land/bubbletea/v2"

	"github.com/strongroom/strongroom/views"
)

// origin says where intents come from.
type origin struct {
	screen int
	// unasked is set when no key led here: a dialog that opens then ignores
	// keys for a moment.
	unasked bool
}

// handle carries intents out, in their order.
func (m *Model) handle(from origin, intents []views.Intent) tea.Cmd {
	cmds := make([]tea.Cmd, 0, len(intents))
	for _, in := range intents {
		cmds = append(cmds, m.intent(from, in))
	}
	return tea.Batch(cmds...)
}

// intent leads to a screen, changes the shell, or asks the gate.
func (m *Model) intent(from origin, in views.Intent) tea.Cmd {
	if s := m.screenOf(in); s != nil {
		return m.push(s)
	}
	if cmd, ok := m.sessionIntent(from, in); ok {
		return cmd
	}
	switch in := in.(type) {
	case views.Back:
		return m.back(from)
	case views.OpenHelp:
		m.list(func(a []views.Action) views.Dialog { return views.NewHelp(a) })
	case views.OpenPalette:
		m.list(func(a []views.Action) views.Dialog { return views.NewPalette(a) })
	case views.RunAction:
		return m.run(from, in.ID)
	case views.OpenDialog:
		m.open(from, in.Dialog)
	case views.Notify:
		m.notice(in.Tone, in.Text)
	case views.Delay:
		return m.after(in.For, delayed{m.screens, from.screen, in.Then})
	case views.CancelTask:
		return m.stopWork()
	case views.CopyText:
		return m.copyText(from, in)
	default:
		return m.ask(from, in)
	}
	return nil
}

// sessionIntent takes what is about who sits here.
func (m *Model) sessionIntent(from origin, in views.Intent) (tea.Cmd, bool) {
	switch in := in.(type) {
	case views.OpenSignIn:
		m.showSignIn("")
		return nil, true
	case views.FinishEnrolment:
		return m.enrolled(), true
	case views.StepUp:
		return m.freshCode(from, in), true
	case views.Lock:
		return m.lock("it was asked for"), true
	case views.SignOut:
		return m.signOut(), true
	case views.Quit:
		return m.quit(), true
	default:
		return nil, false
	}
}

// screenOf is the router: the screen that an intent leads to, or nil. Screens
// start with what the person may do there as far as it is known; it is read
// again when they are shown.
func (m *Model) screenOf(in views.Intent) views.Screen {
	switch in := in.(type) {
	case views.OpenEnrolment:
		return m.enrolScreen(in.Name)
	case views.OpenNewVault:
		return views.NewVaultForm(m.rights.at(""))
	case views.OpenPolicy:
		return views.NewPolicyForm(in.Vault, m.rights.at(in.Vault.Name))
	case views.OpenVault:
		return views.NewVault(in.Vault, m.rights.at(in.Vault.Name))
	case views.OpenAccess:
		return views.NewAccess(m.rights.at(""))
	case views.OpenNewPerson:
		return views.NewPersonForm(m.rights.at(""))
	case views.OpenGrant:
		return views.NewGrantForm(in, m.rights.at(""))
	case views.OpenHSM:
		return views.NewHSM(m.rights.at(""))
	case views.OpenLog:
		return views.NewLog(m.rights.at(""))
	case views.OpenEntry:
		return views.NewEntry(in.Seq, m.rights.at(""))
	case views.OpenVerifyLog:
		return views.NewVerifyLog(m.rights.at(""))
	case views.OpenReports:
		return views.NewReports(m.rights.at(""))
	case views.OpenRunReport:
		return views.NewReportForm(in.Report, m.rights.at(""))
	default:
		return m.objectScreen(in)
	}
}

// objectScreen is the part of the router inside a vault.
func (m *Model) objectScreen(in views.Intent) views.Screen {
	switch in := in.(type) {
	case views.OpenObject:
		refused := m.rights.at(in.Vault.Name)
		switch in.Kind {
		case views.Keys:
			return views.NewKey(in.Vault, in.Name, refused)
		case views.Certificates:
			return views.NewCertificate(in.Vault, in.Name, refused)
		default:
			return views.NewSecret(in.Vault, in.Name, refused)
		}
	case views.OpenNewSecret:
		return views.NewSecretForm(in.Vault, in.Name, strength, m.rights.at(in.Vault.Name))
	case views.OpenBin:
		return views.NewBin(in.Vault, m.rights.at(in.Vault.Name))
	case views.OpenAttributes:
		return views.NewAttributesForm(in, m.rights.at(in.Vault.Name))
	case views.OpenNewKey:
		return views.NewKeyForm(in.Vault, views.KeyChoices{}, m.rights.at(in.Vault.Name))
	case views.OpenNewCertificate:
		return views.NewCertificateForm(in.Vault, views.KeyChoices{}, m.rights.at(in.Vault.Name))
	case views.OpenSign:
		return views.NewSign(in.Vault, in.Key, m.rights.at(in.Vault.Name))
	case views.OpenVerify:
		return views.NewVerify(in.Vault, in.Key, m.rights.at(in.Vault.Name))
	default:
		return nil
	}
}

// push shows a screen on top of the one before.
func (m *Model) push(s views.Screen) tea.Cmd {
	m.screens.Push(s)
	return m.show()
}

// back leaves the screen that wants to be left, and reads the one below again.
func (m *Model) back(from origin) tea.Cmd {
	if from.screen != m.screens.TopID() || !m.screens.Pop() {
		return nil
	}
	m.dropEnrolment()
	return m.show()
}

// show gives the top screen its size and starts it.
func (m *Model) show() tea.Cmd {
	top, ok := m.screens.Top()
	if !ok {
		return nil
	}
	if w, h := m.looks.width, m.looks.height; !views.TooSmall(w, h) {
		top.SetSize(views.BodySize(w, h))
	}
	top.Update(views.Tick{Now: m.now})
	from := origin{screen: m.screens.TopID()}
	return tea.Batch(m.handle(from, top.Start()), m.readRights(top))
}

// list opens help or palette over the top screen's actions.
func (m *Model) list(make func([]views.Action) views.Dialog) {
	if top, ok := m.screens.Top(); ok {
		m.dialogs.Push(make(top.Actions()))
	}
}

func (m *Model) run(from origin, id views.ActionID) tea.Cmd {
	top, ok := m.screens.Top()
	if !ok {
		return nil
	}
	return m.handle(from, views.Run(top, id))
}

func (m *Model) open(from origin, d views.Dialog) {
	if from.unasked {
		m.dialogs.PushUnasked(d, m.now)
		return
	}
	m.dialogs.Push(d)
}
