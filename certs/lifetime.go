package certs

import (
	"fmt"
	"time"

	"github.com/strongroom/strongroom/internal/fault"
)

// ActionType is what happens before a certificate ends.
type ActionType string

// The action types.
const (
	EmailContacts ActionType = "EmailContacts"
	AutoRenew     ActionType = "AutoRenew"
)

// LifetimeAction is an action and when it is due: either at a percentage of
// the certificate's life or some days before its end. Exactly one of the two
// is not zero.
type LifetimeAction struct {
	Action ActionType
	// LifetimePercentage is 1 to 99.
	LifetimePercentage int
	// DaysBeforeExpiry is 1 to 27 times the validity in months, which Azure
	// chose so that it lies within the shortest such life.
	DaysBeforeExpiry int
}

func (p Policy) checkLifetimeActions() error {
	if len(p.LifetimeActions) > maxLifetimeActions {
		return fault.New(fault.Invalid, fmt.Sprintf("%d lifetime actions are too many", len(p.LifetimeActions)), "give one of each kind")
	}
	seen := map[ActionType]bool{}
	for _, a := range p.LifetimeActions {
		if seen[a.Action] {
			return fault.New(fault.Invalid, "the lifetime action "+quote(string(a.Action))+" is given twice", "give it once")
		}
		seen[a.Action] = true
		if err := a.check(p.ValidityMonths); err != nil {
			return err
		}
	}
	if seen[AutoRenew] && p.Issuer.Unknown() {
		return fault.New(fault.Invalid, "a certificate of an unknown issuer cannot renew itself", "name an issuer, or use EmailContacts")
	}
	return nil
}

func (a LifetimeAction) check(months int) error {
	const daysPerMonth = 27
	percent, days, most := a.LifetimePercentage, a.DaysBeforeExpiry, daysPerMonth*months
	switch {
	case a.Action != EmailContacts && a.Action != AutoRenew:
		return fault.New(fault.Invalid, "there is no lifetime action "+quote(string(a.Action)), "use EmailContacts or AutoRenew")
	case (percent == 0) == (days == 0):
		return fault.New(fault.Invalid, "the lifetime action "+string(a.Action)+" needs one trigger", "give either a percentage of the life or the days before the end")
	case days == 0 && (percent < 1 || percent > 99):
		return fault.New(fault.Invalid, fmt.Sprintf("%d percent of the life is not allowed", percent), "use 1 to 99")
	case percent == 0 && (days < 1 || days > most):
		return fault.New(fault.Invalid, fmt.Sprintf("%d days before the end are not allowed", days), fmt.Sprintf("use 1 to %d", most))
	}
	return nil
}

// At gives the moment from which the action is due for a certificate.
func (a LifetimeAction) At(f Facts) time.Time {
	if a.DaysBeforeExpiry > 0 {
		return f.NotAfter.Add(-time.Duration(a.DaysBeforeExpiry) * 24 * time.Hour)
	}
	// Divided first: 120 months in nanoseconds times 99 would not fit.
	return f.NotBefore.Add(f.NotAfter.Sub(f.NotBefore) / 100 * time.Duration(a.LifetimePercentage))
}

// Due is a lifetime action whose time has come, and since when.
type Due struct {
	Action ActionType
	Since  time.Time
}

// DueForRenewal gives the policy's actions that are due for the certificate at
// the given time, in the policy's order. They stay due after the certificate
// has ended, and until there is a new one: whether an action was already
// carried out is the caller's to know.
func DueForRenewal(p Policy, f Facts, now time.Time) []Due {
	var due []Due
	for _, a := range p.LifetimeActions {
		if at := a.At(f); !now.Before(at) {
			due = append(due, Due{a.Action, at})
		}
	}
	return due
}
