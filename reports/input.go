package reports

import (
	"time"

	"github.com/strongroom/strongroom/keys"
	"github.com/strongroom/strongroom/roles"
)

// Input is what the report "inventory and access" is made of. Nothing in it is
// secret.
type Input struct {
	Installation string
	// Demo marks an installation that was made to try things out.
	Demo   bool
	AsOf   time.Time
	RunBy  Person
	Source Generator
	Log    Log
	Vaults []Vault
	People []Member
	Access []Access
}

// Vault is a vault and what lies in it.
type Vault struct {
	Name        string
	Environment roles.Environment
	Objects     []Object
}

// ObjectKind is key, secret or certificate.
type ObjectKind string

// The kinds of object.
const (
	KindKey         ObjectKind = "key"
	KindSecret      ObjectKind = "secret"
	KindCertificate ObjectKind = "certificate"
)

// Object is an object by its newest version. A zero time is none.
type Object struct {
	Kind    ObjectKind
	Name    string
	Version string
	// Versions is how many versions there are.
	Versions int
	// Enabled, NotBefore and Expires decide the state; see [Object.State].
	Enabled            bool
	NotBefore, Expires time.Time
	Created, Updated   time.Time
	// Protection says where the key is used, or for a secret the word for
	// how it is sealed; it may be empty.
	Protection keys.Protection
	// Type is a key's spec in words, or a secret's content type.
	Type string
}

// State is what an object is at a moment.
type State string

// The states.
const (
	StateEnabled  State = "enabled"
	StateNotYet   State = "not yet valid"
	StateExpired  State = "expired"
	StateDisabled State = "disabled"
)

var states = []State{StateEnabled, StateNotYet, StateExpired, StateDisabled}

// State gives the object's state at a moment: disabled before all, then
// expired from the very moment of expiry, then not yet valid.
func (o Object) State(at time.Time) State {
	switch {
	case !o.Enabled:
		return StateDisabled
	case !o.Expires.IsZero() && !at.Before(o.Expires):
		return StateExpired
	case !o.NotBefore.IsZero() && at.Before(o.NotBefore):
		return StateNotYet
	default:
		return StateEnabled
	}
}

// Member is a person of the installation.
type Member struct {
	Name    string
	Enabled bool
	// SecondFactor says that a one-time code is enrolled.
	SecondFactor bool
	Created      time.Time
}

// Access is one assignment of a role.
type Access struct {
	Person string
	Role   roles.Role
	Scope  roles.Scope
	// Since and Until bound it; a zero Until has no end.
	Since, Until time.Time
	GrantedBy    string
}

// AccessStatus is what an assignment is at a moment.
type AccessStatus string

// The statuses.
const (
	AccessActive AccessStatus = "active"
	AccessNotYet AccessStatus = "not yet"
	AccessEnded  AccessStatus = "ended"
)

// Status gives the assignment's status at a moment.
func (a Access) Status(at time.Time) AccessStatus {
	switch {
	case !a.Until.IsZero() && !at.Before(a.Until):
		return AccessEnded
	case at.Before(a.Since):
		return AccessNotYet
	default:
		return AccessActive
	}
}
