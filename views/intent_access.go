package views

import (
	"time"

	"github.com/strongroom/strongroom/internal/secret"
	"github.com/strongroom/strongroom/roles"
)

// OpenAccess shows people and assignments.
type OpenAccess struct{}

// OpenNewPerson shows the form for a person.
type OpenNewPerson struct{}

// OpenGrant shows the form that gives a role; Person may be empty.
type OpenGrant struct {
	Person string
	People []PersonRow
	Vaults []string
}

// OpenHSM shows the token.
type OpenHSM struct{}

// LoadAccess asks for people and assignments; the answer is [AccessLoaded].
type LoadAccess struct{}

// AccessLoaded answers [LoadAccess].
type AccessLoaded struct {
	People      []PersonRow
	Assignments []AssignmentRow
	// Vaults are the names a role can be given for.
	Vaults []string
}

// CreatePerson makes a person; the answer is [PersonCreated].
type CreatePerson struct{ Name, Display string }

// PersonCreated carries the enrolment code, which is shown once.
type PersonCreated struct {
	Name    string
	Code    *secret.Bytes
	Expires time.Time
}

// Grant gives a role; the answer is [Granted].
type Grant struct {
	Person  string
	Role    roles.Role
	Scope   roles.Scope
	Expires time.Time
}

// Granted answers [Grant].
type Granted struct {
	Person string
	Role   roles.Role
	Scope  roles.Scope
}

// Revoke takes an assignment away; the answer is [Revoked].
type Revoke struct{ Assignment AssignmentRow }

// Revoked answers [Revoke].
type Revoked struct{ Assignment AssignmentRow }

// LoadHSM asks for the token's facts; the answer is [HSMLoaded].
type LoadHSM struct{}

// HSMLoaded answers [LoadHSM].
type HSMLoaded struct{ HSM HSMFacts }

func (OpenAccess) intent()    {}
func (OpenNewPerson) intent() {}
func (OpenGrant) intent()     {}
func (OpenHSM) intent()       {}
func (LoadAccess) intent()    {}
func (CreatePerson) intent()  {}
func (Grant) intent()         {}
func (Revoke) intent()        {}
func (LoadHSM) intent()       {}
