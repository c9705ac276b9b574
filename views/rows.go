package views

import (
	"time"

	"github.com/strongroom/strongroom/keys"
	"github.com/strongroom/strongroom/roles"
)

// Kind is a kind of object.
type Kind string

// The kinds, in the order of the tabs.
const (
	Secrets      Kind = "secret"
	Keys         Kind = "key"
	Certificates Kind = "certificate"
)

// Kinds gives the kinds in the order of the tabs.
func Kinds() []Kind { return []Kind{Secrets, Keys, Certificates} }

// Ref names an object, or one version of it.
type Ref struct {
	Vault   string
	Kind    Kind
	Name    string
	Version string // "" is the current one
}

// Fact is a label and what it says, for details that are only read.
type Fact struct {
	Label, Value string
	Tone         Tone
}

// VaultRow is a vault in the list.
type VaultRow struct {
	Name                        string
	Environment                 roles.Environment
	Created                     time.Time
	Keys, Secrets, Certificates int
	// Expiring counts what expires within 30 days, Expired what has; -1 says
	// that nobody has counted.
	Expiring, Expired int
	// RetentionDays is how long deleted objects stay.
	RetentionDays int
	// PurgeProtection keeps deleted objects until their date, whoever asks.
	PurgeProtection bool
	// StrictExpiry refuses secrets outside their dates.
	StrictExpiry bool
	// MyRole is what the person is there, in words; "" is nothing.
	MyRole       string
	HardwareOnly bool
}

// Life is what the dates and the switch of a version say.
type Life struct {
	Enabled   bool
	NotBefore time.Time // zero: at once
	Expires   time.Time // zero: never
	Created   time.Time
	Updated   time.Time
}

// ObjectRow is an object in a vault's tables, described by its current version.
type ObjectRow struct {
	Kind    Kind
	Name    string
	Version string
	Life
	// Type is "RSA 2048", a content type, or a certificate's subject.
	Type string
	// Protection is empty for secrets.
	Protection keys.Protection
	Tags       map[string]string
	// Managed marks a key that lives and dies with a certificate.
	Managed bool
}

// VersionRow is a version of an object.
type VersionRow struct {
	Version string
	Life
	Type       string
	Protection keys.Protection
	Tags       map[string]string
}

// DeletedRow is an object in the bin.
type DeletedRow struct {
	ObjectRow
	Versions       int
	DeletedAt      time.Time
	ScheduledPurge time.Time // when it goes for good
}

// KeyTruth is what a token says of a key's version, beside what was recorded.
type KeyTruth struct {
	// Found is false when the token has no such key any more; the facts below
	// are empty then.
	Found                                               bool
	Serial, Firmware                                    string
	Local, Sensitive, AlwaysSensitive, NeverExtractable bool
	// Recorded says when the facts were kept that it is compared with; zero
	// is never.
	Recorded time.Time
	// Differences are what is not as it was recorded; each is an alarm.
	Differences []Difference
}

// Difference is one fact that is not what was recorded.
type Difference struct{ What, Recorded, Now string }

// ObjectDetail is an object with its versions, newest first. There is no value in it.
type ObjectDetail struct {
	ObjectRow
	Versions []VersionRow
	// Note says who owns it, for people.
	Note string
	// Spec, Operations and PublicPEM are a key's.
	Spec       keys.Spec
	Operations []keys.Operation
	PublicPEM  string
	// Certificate is a certificate's.
	Certificate CertificateFacts
	// Facts are further lines for the overview.
	Facts []Fact
}

// CertificateFacts is what a certificate says about itself.
type CertificateFacts struct {
	Subject, Issuer, Serial string
	NotBefore, NotAfter     time.Time
	Names                   []string
	KeyType, Signature      string
	ThumbprintSHA1, SHA256  string
	SelfSigned              bool
	PEM                     string
}

// PersonRow is a person in the access screen.
type PersonRow struct {
	Name, Display string
	// State is invited, active or disabled.
	State   string
	Created time.Time
	Roles   []string
}

// AssignmentRow is an assignment in the access screen.
type AssignmentRow struct {
	ID        string
	Person    string
	Role      roles.Role
	Scope     roles.Scope
	NotBefore time.Time
	Expires   time.Time
	GrantedBy string
	GrantedAt time.Time
	// Mine is set when it is the looker's own.
	Mine bool
}

// HSMFacts is what the token says about itself.
type HSMFacts struct {
	State                               string // one or two words: "ready", "absent"
	OK                                  bool
	Label, Serial, Manufacturer, Model  string
	Firmware, Hardware, Module, Library string
	Sessions, SessionsMax               int
	Objects                             int
	Keys                                []HSMKeyRow
	Facts                               []Fact
}

// HSMKeyRow is an object inside the token.
type HSMKeyRow struct {
	ID, Label, Class, Type, Purpose string
	Extractable, NeverExtractable   bool
	Local                           bool
}

// EntryRow is an entry of the log in the timeline.
type EntryRow struct {
	Seq     int64
	Time    time.Time
	Actor   string
	Action  string
	Object  string // "vault/kind/name", as much as there is
	Outcome string // done, refused, failed, intent
	Rule    string
	Reason  string
	Source  string
}

// EntryDetail is an entry with its bytes and its proof.
type EntryDetail struct {
	EntryRow
	ID, Session string
	Params      []Fact
	JSON        string
	LeafHash    string
	// Proof says in words how the entry is proved to be in the log, or why not.
	Proof     string
	ProofGood bool
	// ProofOpen says that nothing was proved or disproved yet.
	ProofOpen bool
}

// LogSummary is the head of the log, for the timeline.
type LogSummary struct {
	Size int64
	Root string
	// Hours counts entries of the last 24 hours, oldest first.
	Hours [24]int
	// Checkpoint is when the head was last signed; zero is never. It is shown
	// only with a Root.
	Checkpoint time.Time
}

// LogVerdict is the outcome of verifying the log.
type LogVerdict struct {
	Good        bool
	Size        int64
	Root        string
	Checkpoints int
	Anchors     []string
	// Problem and Hint say what is wrong and what to do when it is not good.
	Problem, Hint string
	Took          time.Duration
}

// ReportRow is a report that can be run.
type ReportRow struct {
	ID, Title string
	// Evidence says what it is evidence for.
	Evidence string
	Formats  []string
}

// ReportSaved is a report that was written.
type ReportSaved struct {
	Title           string
	Path, Signature string
	Size            int64
	LogSize         int64
	Root            string
	Counts          []Fact
}

// DemoPerson is what the sign-in screen of a demo shows.
type DemoPerson struct {
	Name, Role, Password, Code string
	// Until is when the code changes.
	Until time.Time
}

// Session is what the header never lets one forget.
type Session struct {
	Installation string
	Demo         bool
	Person       string
	Role         string
	Vault        string
	Environment  roles.Environment
	// FactorUntil is when the second factor's grace ends.
	FactorUntil time.Time
	Approvals   int
	Alarms      int
	// HSM is the token's state in a word or two.
	HSM   string
	HSMOK bool
}
