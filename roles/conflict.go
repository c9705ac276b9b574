package roles

import (
	"time"

	"github.com/strongroom/strongroom/internal/fault"
)

// Names of the rules that forbid two assignments beside each other.
const (
	RuleAuditorAlone = "auditor-alone"
	RuleOwnerApart   = "owner-apart-from-secrets"
	RuleSelfGrant    = "no-self-grant"
)

// CheckGrant answers whether grant may be added by granter to a person who
// already holds existing. Assignments that have ended do not count; those that
// begin later do. A refusal is a Forbidden fault that names the rule.
func CheckGrant(granter string, existing []Assignment, grant Assignment, now time.Time) error {
	if !grant.Role.Known() {
		return fault.New(fault.Invalid, "there is no role "+quote(string(grant.Role)), "use vault-owner, secret-owner or auditor")
	}
	if granter == grant.Person {
		return fault.New(fault.Forbidden, "nobody gives a role to themselves (rule "+RuleSelfGrant+")", "ask another owner")
	}
	for i := range existing {
		if existing[i].Ended(now) {
			continue
		}
		if err := conflict(&existing[i], &grant); err != nil {
			return err
		}
	}
	return nil
}

// conflict gives the rule that forbids a and b in one hand, or nil.
func conflict(a, b *Assignment) error {
	if (a.Role == Auditor) != (b.Role == Auditor) {
		return fault.New(fault.Forbidden, "an auditor holds no other role (rule "+RuleAuditorAlone+")",
			"the person already has "+a.Role.Title()+" on "+a.Scope.String()+"; give the role to somebody else")
	}
	if pair(a.Role, b.Role, VaultOwner, SecretOwner) && a.Scope.Overlaps(b.Scope) {
		return fault.New(fault.Forbidden, "a vault's owner is never its secret owner (rule "+RuleOwnerApart+")",
			"the person already has "+a.Role.Title()+" on "+a.Scope.String()+"; give the role to somebody else")
	}
	return nil
}

func pair(a, b, x, y Role) bool { return a == x && b == y || a == y && b == x }
