package views

import (
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/internal/secret"
	"github.com/strongroom/strongroom/roles"
)

// world answers intents from plain values, as the gate would.
type world struct {
	refused Refusals
	values  map[string]string // secrets by name
	given   []AssignmentRow
	asked   []Intent
}

func newWorld(r roles.Role) *world {
	return &world{refused: refusalsOf(r), values: map[string]string{"db-password": canary}, given: access().Assignments}
}

func (w *world) answer(i Intent, now time.Time) tea.Msg {
	w.asked = append(w.asked, i)
	switch i := i.(type) {
	case LoadVaults:
		return VaultsLoaded{[]VaultRow{prod, staging, dev}}
	case LoadObjects:
		return ObjectsLoaded{i.Kind, i.Query.Request, page(w.objects(i))}
	case LoadObject:
		return ObjectLoaded{w.object(i.Ref)}
	case SetSecret:
		return w.set(i)
	case Reveal:
		return Revealed{Ref: i.Ref, Value: secret.FromString(w.values[i.Ref.Name]), Now: now}
	case CopyValue:
		return Copied{What: i.Ref.Name, Clears: 30 * time.Second}
	case CreateKey:
		return ObjectSaved{Ref: i.Ref, New: true}
	case Sign:
		return Signed{i.Ref, i.Algorithm, "c2lnbmF0dXJl"}
	case Verify:
		return Verified{i.Ref, i.Algorithm, i.Signature == "c2lnbmF0dXJl"}
	case SaveText:
		return FileSaved{i.Path}
	default:
		return w.answerAudit(i)
	}
}

func (w *world) answerAudit(i Intent) tea.Msg {
	switch i := i.(type) {
	case LoadAccess:
		a := access()
		a.Assignments = w.given
		return a
	case Revoke:
		w.given = slices.DeleteFunc(slices.Clone(w.given), func(a AssignmentRow) bool { return a.ID == i.Assignment.ID })
		return Revoked(i)
	case Grant:
		return w.grant(i)
	case LoadLogSummary:
		return LogSummarised{summary()}
	case LoadEntries:
		rows := slices.DeleteFunc(entryRows(), func(e EntryRow) bool { return i.Outcome != "" && e.Outcome != i.Outcome })
		return EntriesLoaded{i.Query.Request, page(rows)}
	case LoadEntry:
		return EntryLoaded{EntryDetail{EntryRow: entryRows()[1], JSON: `{"v":1}`, Proof: "in the log of 1042 entries", ProofGood: true}}
	case VerifyLog:
		return LogVerified{LogVerdict{Good: true, Size: 1042, Root: summary().Root, Checkpoints: 3, Anchors: []string{"HSM"}}}
	case LoadReports:
		return ReportsLoaded{reportRows()}
	case RunReport:
		return ReportDone{ReportSaved{Title: i.Title, Path: i.Path, Signature: i.Path + ".sig", Size: 10, LogSize: 1043, Root: "r"}}
	}
	return nil
}

func (w *world) objects(i LoadObjects) []ObjectRow {
	all := map[Kind][]ObjectRow{Secrets: secretRows(), Keys: keyRows(), Certificates: certificateRows()}[i.Kind]
	return slices.DeleteFunc(all, func(o ObjectRow) bool { return !strings.Contains(o.Name, i.Query.Filter) })
}

func (w *world) object(r Ref) ObjectDetail {
	d := map[Kind]ObjectDetail{Secrets: secretDetail(), Keys: keyDetail(), Certificates: certificateDetail()}[r.Kind]
	d.Name = r.Name
	return d
}

func (w *world) set(i SetSecret) tea.Msg {
	i.Value.Reveal(func(b []byte) { w.values[i.Ref.Name] = string(b) })
	_, was := w.values[i.Ref.Name]
	return ObjectSaved{Ref: i.Ref, New: !was}
}

func (w *world) grant(i Grant) tea.Msg {
	if i.Person == "carol" {
		return Failed{i, fault.New(fault.Forbidden, "an auditor holds no other role (rule "+roles.RuleAuditorAlone+")", "give the role to somebody else")}
	}
	w.given = append(w.given, AssignmentRow{ID: "9", Person: i.Person, Role: i.Role, Scope: i.Scope, GrantedBy: "alice", GrantedAt: noon})
	return Granted{i.Person, i.Role, i.Scope}
}
