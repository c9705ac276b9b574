package gate

import (
	"time"

	"github.com/strongroom/strongroom/certs"
	"github.com/strongroom/strongroom/internal/secret"
	"github.com/strongroom/strongroom/keys"
	"github.com/strongroom/strongroom/roles"
)

// Source says which way an act came in.
type Source string

// The sources.
const (
	FromConsole Source = "console"
	FromCommand Source = "cli"
	FromDemo    Source = "demo"
	FromSystem  Source = "system"
)

// Kind is the kind of an object.
type Kind string

// The kinds of object.
const (
	KindSecret      Kind = "secret"
	KindKey         Kind = "key"
	KindCertificate Kind = "certificate"
)

// Vault is a vault's metadata.
type Vault struct {
	ID          string
	Name        string
	Environment roles.Environment
	// HardwareOnly says that keys must be HSM keys.
	HardwareOnly bool
	Created      time.Time
	// RetentionDays is how long deleted objects stay: 7 to 90.
	RetentionDays int
	// PurgeProtection says that deleted objects stay until their date,
	// whoever asks. It is never lifted.
	PurgeProtection bool
	// StrictExpiry says that secrets are refused outside their dates.
	StrictExpiry bool
	// Secrets, Keys and Certificates count objects, without deleted ones.
	Secrets, Keys, Certificates int
	// Deleted counts deleted objects of all kinds.
	Deleted int
	// Expired counts enabled objects whose time is over, and Expiring those
	// whose time ends within [ExpiringWithin].
	Expired, Expiring int
}

// ExpiringWithin is how near an end must be to be called near: 30 days.
const ExpiringWithin = 30 * 24 * time.Hour

// Attributes are what every version of every object has. Zero times mean "not
// set".
type Attributes struct {
	Enabled   bool
	NotBefore time.Time
	Expires   time.Time
	Created   time.Time
	Updated   time.Time
	Tags      map[string]string
}

// State is a version's state in one word.
type State string

// The states of a version. Disabled wins over the dates.
const (
	StateEnabled  State = "enabled"
	StateDisabled State = "disabled"
	StateExpired  State = "expired"
	StateNotYet   State = "not yet valid"
)

// StateAt gives the state at a moment.
func (a Attributes) StateAt(now time.Time) State {
	switch {
	case !a.Enabled:
		return StateDisabled
	case !a.Expires.IsZero() && !now.Before(a.Expires):
		return StateExpired
	case !a.NotBefore.IsZero() && now.Before(a.NotBefore):
		return StateNotYet
	default:
		return StateEnabled
	}
}

// Object is an object, or one version of it, without anything secret. In a
// list it describes the newest version.
type Object struct {
	Vault   string
	Kind    Kind
	Name    string
	Version string // 32 lower-case hex digits
	// Versions counts the object's versions.
	Versions int
	Attributes

	ContentType string // secrets
	// Managed marks a key that belongs to a certificate.
	Managed bool
	// Note says who owns the object, for people.
	Note string

	// Keys and certificates.
	Spec       keys.Spec
	Operations []keys.Operation
	Protection keys.Protection
	Public     keys.PublicKey

	// Certificates.
	Certificate *certs.Facts
	DER         []byte // the certificate itself
}

// SecretValue is a secret's version with its value. The receiver wipes it.
type SecretValue struct {
	Object
	Value *secret.Bytes
}

// Wipe wipes the value.
func (v *SecretValue) Wipe() {
	if v != nil {
		v.Value.Wipe()
	}
}

// Sort orders a list.
type Sort string

// The orders.
const (
	SortName    Sort = "name"
	SortUpdated Sort = "updated"
	SortExpires Sort = "expires"
	SortPurge   Sort = "purge" // deleted objects only
)

// ListRequest asks for a page of a vault's objects of one kind. After and
// Before are cursors out of an earlier [Page]; Last asks for the end.
type ListRequest struct {
	Vault      string
	Filter     string // substring of the name, without case
	Sort       Sort   // default SortName
	Descending bool
	After      string
	Before     string
	Last       bool
	Limit      int // 1 to 500, default 50
}

// Page is one page of objects.
type Page struct {
	Items []Object
	// Next and Previous are cursors; empty at the ends.
	Next, Previous string
	// Total counts what the filter lets through.
	Total int
}

// Ref names an object, or one version of it. An empty Version is the newest.
type Ref struct {
	Vault   string
	Name    string
	Version string
}

// SetSecretRequest writes a new version of a secret, making the secret if it
// is not there. Value is at most [MaxSecretSize] bytes; the caller wipes it.
type SetSecretRequest struct {
	Vault       string
	Name        string
	Value       *secret.Bytes
	ContentType string // at most 255 characters
	NotBefore   time.Time
	Expires     time.Time
	Disabled    bool
	Tags        map[string]string
}

// Purpose says why a value is read; it goes into the log.
type Purpose string

// The purposes.
const (
	PurposeShow   Purpose = "show"   // printed by the command line
	PurposeReveal Purpose = "reveal" // shown in the console for a time
	PurposeCopy   Purpose = "copy"   // sent to the terminal's clipboard
)

// CreateKeyRequest makes a key, or a new version of one.
type CreateKeyRequest struct {
	Vault      string
	Name       string
	Spec       keys.Spec
	Operations []keys.Operation // empty: the default for the type
	NotBefore  time.Time
	Expires    time.Time
	Disabled   bool
	Tags       map[string]string
}

// SignRequest signs a digest (for EdDSA: the message).
type SignRequest struct {
	Ref
	Algorithm keys.Algorithm
	Digest    []byte
}

// Signature is the answer to a SignRequest. Value is in JWS form: ECDSA is
// r||s (RFC 7518 section 3.4).
type Signature struct {
	Key       Object
	Algorithm keys.Algorithm
	Value     []byte
}

// VerifyRequest checks a signature over a digest (for EdDSA: the message).
type VerifyRequest struct {
	Ref
	Algorithm keys.Algorithm
	Digest    []byte
	Signature []byte
}

// CreateCertificateRequest makes a self-signed certificate with a new key of
// the same name, or a new version of both.
type CreateCertificateRequest struct {
	Vault  string
	Name   string
	Policy certs.Policy
	Tags   map[string]string
}

// Person is somebody who can sign in.
type Person struct {
	ID       string
	Name     string // what they sign in with
	Display  string
	State    PersonState
	Created  time.Time
	LastSeen time.Time
	Roles    []roles.Assignment
}

// PersonState is where a person stands.
type PersonState string

// The states of a person.
const (
	PersonInvited  PersonState = "invited"
	PersonActive   PersonState = "active"
	PersonDisabled PersonState = "disabled"
)

// Invitation is a new person with the code for their first sign-in. It is
// shown once.
type Invitation struct {
	Person  Person
	Code    *secret.Bytes
	Expires time.Time
}

// Assignment is who holds which role where, by name.
type Assignment struct {
	roles.Assignment
	PersonName    string
	GrantedByName string
}

// GrantRequest gives a role to a person.
type GrantRequest struct {
	Person    string // by name
	Role      roles.Role
	Scope     roles.Scope
	NotBefore time.Time
	Expires   time.Time
}
