package tui

import (
	"context"
	"sync/atomic"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/strongroom/strongroom/certs"
	"github.com/strongroom/strongroom/gate"
	"github.com/strongroom/strongroom/reports"
	"github.com/strongroom/strongroom/views"
)

// door is what a call may use: the gate and the login session of the moment
// when it was asked for. It is a value, so that a call in its own goroutine
// shares nothing with the model.
type door struct {
	gate      *gate.Gate
	session   *gate.Session
	person    string
	enrolment *enrolment
	clock     func() time.Time
	folder    string
	report    func(done, total int64) // work in the background tells how far it is
	verified  verified
	newest    *atomic.Int64 // the newest entry of the log that was seen
	seen      *seen
}

// call is an intent on its way. It runs outside Update.
type call func(ctx context.Context) (tea.Msg, error)

func (m *Model) door() door {
	return door{
		gate: m.config.Gate, session: m.session, person: m.person, enrolment: m.enrolment,
		clock: m.config.Clock, folder: m.config.Folder, report: func(int64, int64) {},
		verified: m.verified, newest: m.newest, seen: m.seen,
	}
}

// call is the table of calls: what each intent asks of the gate. Nil means
// that an intent asks nothing.
func (d door) call(in views.Intent) call {
	if c := d.sessionCall(in); c != nil {
		return c
	}
	if c := d.objectCall(in); c != nil {
		return c
	}
	if c := d.lifeCall(in); c != nil {
		return c
	}
	return d.governanceCall(in)
}

// with binds a call's method to its intent.
func with[T any](in T, do func(context.Context, T) (tea.Msg, error)) call {
	return func(ctx context.Context) (tea.Msg, error) { return do(ctx, in) }
}

func (d door) sessionCall(in views.Intent) call {
	switch in := in.(type) {
	case views.SignIn:
		return with(gate.SignInRequest{Name: in.Name, Password: in.Password, Code: in.Code}, d.signIn)
	case views.Unlock:
		return with(gate.SignInRequest{Name: d.person, Password: in.Password, Code: in.Code}, d.signIn)
	case views.StepUp:
		return with(in, d.freshen)
	case views.BeginEnrolment:
		return with(in, d.beginEnrolment)
	case views.ConfirmEnrolment:
		return with(in, d.confirmEnrolment)
	case views.SuggestPaths:
		return with(in, d.suggestPaths)
	case views.SaveText:
		return with(in, d.saveText)
	default:
		return nil
	}
}

func (d door) objectCall(in views.Intent) call {
	switch in := in.(type) {
	case views.LoadObjects:
		return with(in, d.loadObjects)
	case views.LoadObject:
		return with(in, d.loadObject)
	case views.SetSecret:
		return with(in, d.setSecret)
	case views.Reveal:
		return with(in, d.reveal)
	case views.CopyValue:
		return with(in, d.copyValue)
	case views.CreateKey:
		return with(in, d.createKey)
	case views.Sign:
		return with(in, d.sign)
	case views.Verify:
		return with(in, d.verify)
	case views.CreateCertificate:
		return with(in, d.createCertificate)
	default:
		return nil
	}
}

func (d door) governanceCall(in views.Intent) call {
	switch in := in.(type) {
	case views.LoadVaults:
		return with(in, d.loadVaults)
	case views.CreateVault:
		return with(in, d.createVault)
	case views.UpdateVault:
		return with(in, d.updateVault)
	case views.LoadAccess:
		return with(in, d.loadAccess)
	case views.CreatePerson:
		return with(in, d.createPerson)
	case views.Grant:
		return with(in, d.grant)
	case views.Revoke:
		return with(in, d.revoke)
	case views.LoadHSM:
		return with(in, d.loadHSM)
	case views.LoadLogSummary:
		return with(in, d.loadLogSummary)
	case views.LoadEntries:
		return with(in, d.loadEntries)
	case views.LoadEntry:
		return with(in, d.loadEntry)
	case views.VerifyLog:
		return with(in, d.verifyLog)
	case views.LoadReports:
		return with(in, d.loadReports)
	case views.RunReport:
		return with(in, d.runReport)
	default:
		return nil
	}
}

func (d door) freshen(ctx context.Context, in views.StepUp) (tea.Msg, error) {
	return steppedUp{in.Then}, d.gate.StepUp(ctx, d.session, in.Code)
}

// vaultsRead is the list of vaults with what the person may do in each.
type vaultsRead struct {
	views.VaultsLoaded
	standing standing
}

func (d door) loadVaults(ctx context.Context, _ views.LoadVaults) (tea.Msg, error) {
	vaults, err := d.gate.ListVaults(ctx, d.session)
	if err != nil {
		return nil, err
	}
	names := []string{""}
	for _, v := range vaults[:min(len(vaults), maxGreyed)] {
		names = append(names, v.Name)
	}
	st := d.standing(ctx, names...)
	if st.err != nil {
		return nil, st.err
	}
	read := vaultsRead{standing: st}
	for _, v := range vaults {
		read.Vaults = append(read.Vaults, vaultRow(v, st.held))
	}
	return read, nil
}

func (d door) createVault(ctx context.Context, in views.CreateVault) (tea.Msg, error) {
	v, err := d.gate.CreateVault(ctx, d.session, gate.CreateVaultRequest{
		Name: in.Name, Environment: in.Environment, HardwareOnly: in.HardwareOnly,
		RetentionDays: in.RetentionDays, PurgeProtection: in.PurgeProtection, StrictExpiry: in.StrictExpiry,
	})
	return views.VaultCreated{Name: v.Name}, err
}

func (d door) updateVault(ctx context.Context, in views.UpdateVault) (tea.Msg, error) {
	v, err := d.gate.UpdateVault(ctx, d.session, in.Name, gate.VaultPolicyRequest{
		HardwareOnly: in.HardwareOnly, PurgeProtection: in.PurgeProtection, StrictExpiry: in.StrictExpiry,
	})
	return views.VaultUpdated{Name: v.Name}, err
}

func (d door) loadAccess(ctx context.Context, _ views.LoadAccess) (tea.Msg, error) {
	people, err := d.gate.ListPeople(ctx, d.session)
	if err != nil {
		return nil, err
	}
	held, err := d.gate.ListAssignments(ctx, d.session, "")
	if err != nil {
		return nil, err
	}
	vaults, err := d.gate.ListVaults(ctx, d.session)
	if err != nil {
		return nil, err
	}
	return accessRows(people, held, vaults, d.session.PersonID()), nil
}

func (d door) createPerson(ctx context.Context, in views.CreatePerson) (tea.Msg, error) {
	invited, err := d.gate.CreatePerson(ctx, d.session, gate.CreatePersonRequest{Name: in.Name, Display: in.Display})
	if err != nil {
		return nil, err
	}
	return views.PersonCreated{Name: invited.Person.Name, Code: invited.Code, Expires: invited.Expires}, nil
}

func (d door) grant(ctx context.Context, in views.Grant) (tea.Msg, error) {
	a, err := d.gate.CreateAssignment(ctx, d.session, gate.GrantRequest{Person: in.Person, Role: in.Role, Scope: in.Scope, Expires: in.Expires})
	return views.Granted{Person: a.PersonName, Role: a.Role, Scope: a.Scope}, err
}

func (d door) revoke(ctx context.Context, in views.Revoke) (tea.Msg, error) {
	return views.Revoked(in), d.gate.DeleteAssignment(ctx, d.session, in.Assignment.ID)
}

func (d door) loadHSM(ctx context.Context, _ views.LoadHSM) (tea.Msg, error) {
	h, err := d.gate.ShowHSM(ctx, d.session)
	return views.HSMLoaded{HSM: hsmFacts(h)}, err
}

func (d door) loadReports(ctx context.Context, _ views.LoadReports) (tea.Msg, error) {
	all, err := d.gate.Reports(ctx, d.session)
	return views.ReportsLoaded{Reports: reportRows(all)}, err
}

// runReport writes the report and its signature, or neither.
func (d door) runReport(ctx context.Context, in views.RunReport) (tea.Msg, error) {
	path := d.path(in.Path)
	if err := checkNew(path, path+signatureEnding); err != nil {
		return nil, err // before the act, not after
	}
	f, err := d.gate.RunReport(ctx, d.session, gate.ReportRequest{ID: in.ID, Format: reports.Format(in.Format)})
	if err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := writePair(path, f.Content, f.Signature); err != nil {
		return nil, err
	}
	return views.ReportDone{Report: reportSaved(in.Title, path, f)}, nil
}

// policy is a certificate's policy as the form asks for it.
func policy(in views.CreateCertificate) certs.Policy {
	return certs.Policy{Subject: in.Subject, DNSNames: in.DNSNames, Key: in.Spec, ValidityMonths: in.Months}
}
