package audit

import "time"

// EntryVersion is the layout that this program writes, in an entry's V.
const EntryVersion = 1

// timeLayout has a fixed width, so that the order of two encoded times is
// the order of their bytes. It is RFC 3339 (section 5.6) in UTC.
const timeLayout = "2006-01-02T15:04:05.000000000Z"

// Outcome says how an act ended.
type Outcome string

// The outcomes. An Intent is written before an act that a database
// transaction cannot undo, and a later entry's Ref closes it.
const (
	Done    Outcome = "done"
	Refused Outcome = "refused"
	Failed  Outcome = "failed"
	Intent  Outcome = "intent"
)

// Valid reports whether o is one of the outcomes.
func (o Outcome) Valid() bool {
	return o == Done || o == Refused || o == Failed || o == Intent
}

// Where an act came from: the values of Draft.Source.
const (
	SourceConsole = "console"
	SourceCLI     = "cli"
	SourceDemo    = "demo"
	SourceSystem  = "system"
)

func validSource(s string) bool {
	return s == SourceConsole || s == SourceCLI || s == SourceDemo || s == SourceSystem
}

// Party is who acted. The ID is empty where nobody by that name is known,
// as in a sign-in that failed.
type Party struct {
	ID   string `json:"id,omitempty"`
	Name string `json:"name,omitempty"`
}

// Target is what was acted on; unused fields are empty. An act on the
// installation itself has an empty target.
type Target struct {
	Vault   string `json:"vault,omitempty"`
	Kind    string `json:"kind,omitempty"`
	Name    string `json:"name,omitempty"`
	Version string `json:"version,omitempty"`
}

// Draft is an act as the gate reports it, before the log gives it a place and
// a time. No field ever holds a secret: what is written here is read by
// auditors, exported, and cannot be deleted.
type Draft struct {
	// ID names the act (a UUID); retries of the same act carry the same one.
	ID string `json:"id"`
	// Installation is the UUID of the installation.
	Installation string `json:"installation"`
	Actor        Party  `json:"actor"`
	// Session is the login session, empty before sign-in.
	Session string `json:"session,omitempty"`
	// Source is one of the Source constants.
	Source   string  `json:"source"`
	Action   string  `json:"action"`
	Resource Target  `json:"resource"`
	Outcome  Outcome `json:"outcome"`
	// Rule is the rule that refused, empty otherwise.
	Rule string `json:"rule,omitempty"`
	// Reason is one line for a person.
	Reason string `json:"reason,omitempty"`
	// Params are the act's parameters that matter to a reader.
	Params map[string]string `json:"params,omitempty"`
	// Ref is the ID of the intent that this entry closes.
	Ref string `json:"ref,omitempty"`
}

// Entry is one entry of the log. Its JSON form has this field order.
type Entry struct {
	// V is the layout version, [EntryVersion].
	V int `json:"v"`
	// Seq is the leaf index, from 0.
	Seq int64 `json:"seq"`
	// Time is RFC 3339 in UTC with nine decimals; it never goes back from
	// one entry to the next.
	Time string `json:"time"`
	Draft
}

// At gives the entry's time. It is the zero time for an entry that did not
// come from [Encode] or [Decode].
func (e Entry) At() time.Time {
	t, err := time.Parse(timeLayout, e.Time)
	if err != nil {
		return time.Time{}
	}
	return t
}
