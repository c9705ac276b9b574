package mfa

import "time"

// Throttle is what guessing has cost so far, for one person or for all sign-ins
// together. It is a value: store it in the transaction that logs the failure,
// so that a restart forgives nothing. The zero Throttle is no failure.
type Throttle struct {
	Failures    int       // since the last success, lock or long quiet
	LastFailure time.Time // zero when there is none
	LockedUntil time.Time // zero when there is no lock
}

// ThrottleRules say how a Throttle grows.
type ThrottleRules struct {
	Free      int           // failures that cost no wait
	First     time.Duration // wait after the first failure that costs one; doubles with each
	Longest   time.Duration // the doubling stops here
	LockAfter int           // failures that lock; 0 never locks
	LockFor   time.Duration // how long a lock lasts
	Forget    time.Duration // quiet after which failures are forgotten; 0 never
}

// PersonThrottle gives the rules for one person: 1, 2, 4, 8 s, and a lock of
// 30 minutes at the fifth failure (PCI DSS 8.3.4: at most 10 tries, at least 30
// minutes). No lock is for good, and after it the count begins anew.
func PersonThrottle() ThrottleRules {
	return ThrottleRules{First: time.Second, Longest: 8 * time.Second, LockAfter: 5, LockFor: 30 * time.Minute}
}

// OverallThrottle gives the rules for all sign-ins together: it slows a
// stranger who tries one password on many names, and never locks, because a
// stranger could then lock everybody out.
func OverallThrottle() ThrottleRules {
	return ThrottleRules{Free: 20, First: time.Second, Longest: 4 * time.Second, Forget: 15 * time.Minute}
}

// Fail counts a failure at now. A caller refuses a try while [Throttle.Wait]
// is above zero, without counting it.
func (t Throttle) Fail(rules ThrottleRules, now time.Time) Throttle {
	t = t.Settle(rules, now)
	if !t.LockedUntil.IsZero() && !now.Before(t.LockedUntil) || rules.forgets(t, now) {
		t = Throttle{}
	}
	t.Failures = min(max(0, t.Failures), maxFailures) + 1
	t.LastFailure = stored(now)
	if rules.LockAfter > 0 && t.Failures >= rules.LockAfter {
		t.LockedUntil = stored(now.Add(rules.LockFor))
	}
	return t
}

// Succeed forgets all failures. Call it for the person after both factors were
// right; never for all sign-ins together, where one's success would hide
// another's guessing.
func (t Throttle) Succeed() Throttle { return Throttle{} }

// Wait gives how long the next try must wait at now: zero when it may be made.
func (t Throttle) Wait(rules ThrottleRules, now time.Time) time.Duration {
	t = t.Settle(rules, now)
	if t.Failures <= 0 || rules.forgets(t, now) {
		return 0
	}
	until := t.LastFailure.Add(rules.delay(t.Failures))
	if t.LockedUntil.After(until) || !t.LockedUntil.IsZero() && !now.Before(t.LockedUntil) {
		until = t.LockedUntil
	}
	return max(0, until.Sub(now))
}

// Settle handles a clock set back to before the last failure: it moves the
// failure to now, and a lock so that its whole length runs again. So the change
// opens no lock early, and no lock lasts until the old time comes round. Store
// the result when it differs from t. A clock set forward cannot be told from
// time that passed.
func (t Throttle) Settle(rules ThrottleRules, now time.Time) Throttle {
	if latest := t.LastFailure.Add(rules.LockFor); t.LockedUntil.After(latest) {
		t.LockedUntil = latest // no record locks for longer than the rules
	}
	if t.LastFailure.IsZero() || !now.Before(t.LastFailure) {
		return t
	}
	t.LastFailure = stored(now)
	if !t.LockedUntil.IsZero() {
		t.LockedUntil = stored(now.Add(rules.LockFor))
	}
	return t
}

// Locked reports whether the wait at now is a lock.
func (t Throttle) Locked(rules ThrottleRules, now time.Time) bool {
	t = t.Settle(rules, now)
	return now.Before(t.LockedUntil)
}

func (r ThrottleRules) forgets(t Throttle, now time.Time) bool {
	return r.Forget > 0 && now.Sub(t.LastFailure) >= r.Forget
}

// delay gives the wait after n failures.
func (r ThrottleRules) delay(n int) time.Duration {
	doublings := n - r.Free - 1
	if doublings < 0 {
		return 0
	}
	d := r.First
	for range doublings {
		if d >= r.Longest {
			break
		}
		d *= 2
	}
	return min(d, r.Longest)
}

// stored drops the monotonic reading and the zone, which no database keeps, so
// that a Throttle read back equals the one written.
func stored(t time.Time) time.Time { return t.Round(0).UTC() }
