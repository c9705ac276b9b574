package tui

import (
	"encoding/hex"
	"slices"
	"strings"
	"time"

	"github.com/strongroom/strongroom/audit"
	"github.com/strongroom/strongroom/gate"
	"github.com/strongroom/strongroom/roles"
	"github.com/strongroom/strongroom/views"
)

// applyFilter turns what is typed into the timeline's filter into conditions:
// who:NAME, act:PREFIX, vault:NAME, on:PART. A bare word is a person's name
// where there is somebody of that name, the beginning of an action where there
// is such an action, else a part of an object's name.
func applyFilter(r *gate.LogRequest, typed string, somebody func(name string) bool) {
	for word := range strings.FieldsSeq(typed) {
		key, value, tagged := strings.Cut(word, ":")
		switch {
		case tagged && value == "":
			// still being typed
		case tagged && key == "who":
			r.Actor = value
		case tagged && key == "act":
			r.Action = value
		case tagged && key == "vault":
			r.Vault = value
		case tagged && key == "on":
			r.Object = value
		case somebody(word):
			r.Actor = word
		case beginsAction(word):
			r.Action = word
		default:
			r.Object = word
		}
	}
}

func beginsAction(word string) bool {
	return strings.HasPrefix("sessions/", word) || slices.ContainsFunc(roles.Actions(), func(a roles.Action) bool {
		return strings.HasPrefix(string(a), word)
	})
}

func filtered(r gate.LogRequest) bool {
	return r.Actor+r.Action+r.Vault+r.Object+string(r.Outcome) != ""
}

// entryPage makes a page of lines that stand newest first. A page that was
// read towards newer entries says with More that still newer ones follow.
func entryPage(p gate.LogPage, seek views.Seek) views.Page[views.EntryRow] {
	var page views.Page[views.EntryRow]
	for i := range p.Lines {
		page.Rows = append(page.Rows, entryRow(&p.Lines[i]))
	}
	if len(page.Rows) == 0 {
		return page
	}
	newest, oldest := itoa(p.Lines[0].Seq), itoa(p.Lines[len(p.Lines)-1].Seq)
	switch seek {
	case views.First:
		page.Next = when(p.More, oldest)
	case views.Next:
		page.Prev, page.Next = newest, when(p.More, oldest)
	case views.Previous:
		page.Prev, page.Next = when(p.More, newest), oldest
	case views.Last:
		page.Prev = when(p.More, newest)
	}
	return page
}

func when(is bool, cursor string) string {
	if is {
		return cursor
	}
	return ""
}

func entryRow(l *gate.LogLine) views.EntryRow {
	if l.Damaged {
		return views.EntryRow{Seq: l.Seq, Action: "cannot be read", Outcome: string(audit.Failed), Reason: "the stored entry was changed"}
	}
	actor := l.Actor.Name
	if actor == "" {
		actor = l.Actor.ID
	}
	return views.EntryRow{
		Seq: l.Seq, Time: l.At(), Actor: actor, Action: l.Action, Object: target(l.Resource), Outcome: string(l.Outcome),
		Rule: l.Rule, Reason: l.Reason, Source: l.Source,
	}
}

// target writes vault/kind/name, as much as there is.
func target(t audit.Target) string {
	var parts []string
	for _, p := range []string{t.Vault, t.Kind, t.Name} {
		if p != "" {
			parts = append(parts, p)
		}
	}
	return strings.Join(parts, "/")
}

// entryDetail is an entry with its bytes. Its place in the log is what the
// verification of the whole log proves.
func entryDetail(l *gate.LogLine, verified verified) views.EntryDetail {
	hash := audit.LeafHash(l.Line)
	d := views.EntryDetail{EntryRow: entryRow(l), JSON: string(l.Line), LeafHash: hex.EncodeToString(hash[:])}
	d.Proof, d.ProofGood = verified.proof(l)
	d.ProofOpen = !d.ProofGood && !l.Damaged
	if l.Damaged {
		return d
	}
	d.ID, d.Session = l.ID, l.Session
	for name, value := range l.Params {
		d.Params = append(d.Params, views.Fact{Label: name, Value: value})
	}
	slices.SortFunc(d.Params, func(a, b views.Fact) int { return strings.Compare(a.Label, b.Label) })
	if l.Ref != "" {
		d.Params = append(d.Params, views.Fact{Label: "closes act", Value: l.Ref})
	}
	return d
}

// verified is what the last good verification in this console covered.
type verified struct {
	size int64
	root string
	at   time.Time
}

func (v verified) proof(l *gate.LogLine) (words string, good bool) {
	switch {
	case l.Damaged:
		return "these bytes are no entry: verify the log to see what was changed", false
	case l.Seq < v.size:
		return "inside the log of " + itoa(v.size) + " entries that was verified here at " + v.at.UTC().Format("15:04:05") +
			" UTC, root " + v.root[:min(16, len(v.root))], true
	default:
		return "not proved yet: v on the timeline verifies the whole log", false
	}
}

// logSummary counts lines, newest first, by the hour of the last day.
func logSummary(lines []gate.LogLine, now time.Time) views.LogSummary {
	var s views.LogSummary
	if len(lines) > 0 {
		s.Size = lines[0].Seq + 1
	}
	for i := range lines {
		age := now.Sub(lines[i].At())
		if hour := int(age / time.Hour); age >= 0 && hour < len(s.Hours) {
			s.Hours[len(s.Hours)-1-hour]++
		}
	}
	return s
}
