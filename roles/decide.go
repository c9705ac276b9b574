package roles

import "time"

// Resource is what an action is aimed at. An empty Vault is the installation
// itself; an empty Name is the vault itself.
type Resource struct {
	Vault       string
	Environment Environment
	Name        string
}

// Assignment gives a role to a person, somewhere, from and until a time.
type Assignment struct {
	ID        string
	Person    string // the person's id
	Role      Role
	Scope     Scope
	NotBefore time.Time // zero: at once
	Expires   time.Time // zero: until taken away
	GrantedBy string
	GrantedAt time.Time
}

// Active reports whether the assignment holds at now. It holds from NotBefore
// up to, but not including, Expires.
func (a *Assignment) Active(now time.Time) bool {
	return (a.NotBefore.IsZero() || !now.Before(a.NotBefore)) && !a.Ended(now)
}

// Ended reports whether the assignment's time is over.
func (a *Assignment) Ended(now time.Time) bool {
	return !a.Expires.IsZero() && !now.Before(a.Expires)
}

// Actor is who wants to act, with the assignments that reach them.
type Actor struct {
	ID          string
	Name        string
	Disabled    bool
	Assignments []Assignment
}

// Rules that a decision names.
const (
	RuleGranted      = "role-grants"
	RuleDisabled     = "person-disabled"
	RuleNoAssignment = "no-assignment"
	RuleRole         = "role-refuses"
	RuleUnknown      = "unknown-action"
)

// Decision is the answer to "may they?".
type Decision struct {
	Allowed bool
	// Rule is the rule that decided, for the log.
	Rule string
	// Why is one line for a person.
	Why string
	// Role and Assignment say what allowed it; empty on a refusal.
	Role       Role
	Assignment string
}

// Decide answers whether the actor may do the action on the resource at now.
// The default is no. An assignment grants what its role's table grants, where
// its scope reaches and while it is active.
//
// An action on the installation itself (an empty r.Vault) needs an assignment
// at installation scope, but for VaultsRead, PeopleList and AssignmentsList,
// which any scope opens for what lies inside it.
func Decide(actor *Actor, action Action, r Resource, now time.Time) Decision {
	if actor.Disabled {
		return Decision{Rule: RuleDisabled, Why: "this person is disabled"}
	}
	if !action.Known() {
		return Decision{Rule: RuleUnknown, Why: "there is no such action"}
	}
	refusal := Decision{Rule: RuleNoAssignment, Why: noAssignment(r)}
	var weighed Role // the role whose refusal was looked at last
	for i := range actor.Assignments {
		as := &actor.Assignments[i]
		inReach := reaches(as.Scope, action, r)
		if !as.Active(now) || !inReach && as.Role == weighed {
			continue
		}
		weighed = as.Role
		cell := At(as.Role, action)
		switch {
		case !cell.Allowed:
			// The better reason: no wider scope would help.
			refusal = Decision{Rule: RuleRole, Why: cell.Why}
		case inReach:
			return Decision{Allowed: true, Rule: RuleGranted, Why: cell.Why, Role: as.Role, Assignment: as.ID}
		}
	}
	return refusal
}

func reaches(s Scope, action Action, r Resource) bool {
	if r.Vault != "" {
		return s.Covers(r) || (action == VaultsRead && s.Overlaps(Scope{Vault: r.Vault}))
	}
	switch action {
	case VaultsRead, PeopleList, AssignmentsList:
		return true
	default:
		return s.Vault == ""
	}
}

func noAssignment(r Resource) string {
	if r.Vault == "" {
		return "no role here reaches the whole installation"
	}
	return "no role here reaches this vault"
}
