package mfa_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/strongroom/strongroom/mfa"
)

var noon = time.Date(2026, 3, 3, 12, 0, 0, 0, time.UTC)

func TestThrottleDoublesAndThenLocks(t *testing.T) {
	rules, now := mfa.PersonThrottle(), noon
	var state mfa.Throttle
	for i, want := range []time.Duration{1, 2, 4, 8, 1800} {
		state = state.Fail(rules, now)
		if got := state.Wait(rules, now); got != want*time.Second {
			t.Errorf("wait after failure %d = %s, want %s", i+1, got, want*time.Second)
		}
		if locked := state.Locked(rules, now); locked != (i == 4) {
			t.Errorf("locked after failure %d = %t", i+1, locked)
		}
		now = now.Add(state.Wait(rules, now))
		if got := state.Wait(rules, now); got != 0 {
			t.Errorf("wait after failure %d and its wait = %s", i+1, got)
		}
	}
	// The lock is over: it was not for good, and the count begins anew.
	if state = state.Fail(rules, now); state.Failures != 1 || state.Wait(rules, now) != time.Second {
		t.Errorf("after the lock: %+v", state)
	}
	if got := state.Succeed(); got != (mfa.Throttle{}) {
		t.Errorf("after a success: %+v", got)
	}
}

// A stranger fails on every name there is: everybody waits a little, nobody is
// locked out, and a quarter of an hour later it is forgotten.
func TestOverallThrottleSlowsButNeverLocks(t *testing.T) {
	rules := mfa.OverallThrottle()
	var state mfa.Throttle
	for i := range 10_000 {
		state = state.Fail(rules, noon)
		wait := state.Wait(rules, noon)
		if i < 20 && wait != 0 || i >= 23 && wait != 4*time.Second || state.Locked(rules, noon) {
			t.Fatalf("after %d failures: wait %s", i+1, wait)
		}
	}
	later := noon.Add(15 * time.Minute)
	if state = state.Fail(rules, later); state.Failures != 1 {
		t.Errorf("after 15 quiet minutes: %+v", state)
	}
}

// The clock is set back a year to get past a lock: the lock runs its whole
// length again from there, and not for a year.
func TestClockSetBackNeitherOpensNorPerpetuatesALock(t *testing.T) {
	rules := mfa.PersonThrottle()
	var state mfa.Throttle
	for range 5 {
		state = state.Fail(rules, noon)
	}
	lastYear := noon.AddDate(-1, 0, 0)
	if got := state.Wait(rules, lastYear); got != rules.LockFor {
		t.Errorf("wait = %s, want the whole lock", got)
	}
	state = state.Settle(rules, lastYear)
	if got := state.Wait(rules, lastYear.Add(29*time.Minute)); got != time.Minute {
		t.Errorf("wait 29 minutes later = %s, want 1m", got)
	}
	if got := state.Wait(rules, lastYear.Add(30*time.Minute)); got != 0 {
		t.Errorf("wait 30 minutes later = %s, want none", got)
	}
}

// A doctored or damaged record can free somebody, which the log shows, but can
// lock nobody out for longer than the rules say.
func TestThrottleRecordCannotLockForGood(t *testing.T) {
	rules := mfa.PersonThrottle()
	for _, state := range []mfa.Throttle{
		{Failures: 5, LastFailure: noon, LockedUntil: noon.AddDate(100, 0, 0)},
		{Failures: 1 << 62, LastFailure: noon},
		{Failures: -3, LastFailure: noon},
		{Failures: 5, LockedUntil: noon.AddDate(100, 0, 0)},
		{Failures: 5, LastFailure: noon.AddDate(100, 0, 0), LockedUntil: noon.AddDate(200, 0, 0)},
	} {
		if got := state.Wait(rules, noon); got > rules.LockFor {
			t.Errorf("%+v waits %s", state, got)
		}
		if got := state.Fail(rules, noon); got.Failures <= 0 || got.Wait(rules, noon) > rules.LockFor {
			t.Errorf("%+v fails to %+v", state, got)
		}
	}
}

// What a database gives back, without monotonic clock and zone, is what was
// written.
func TestThrottleSurvivesStorage(t *testing.T) {
	rules, now := mfa.PersonThrottle(), time.Now().In(time.FixedZone("there", 3600))
	var state mfa.Throttle
	for range 5 {
		state = state.Fail(rules, now)
	}
	back := mfa.Throttle{
		Failures:    state.Failures,
		LastFailure: time.Unix(0, state.LastFailure.UnixNano()).UTC(),
		LockedUntil: time.Unix(0, state.LockedUntil.UnixNano()).UTC(),
	}
	if back != state {
		t.Errorf("%+v came back as %+v", state, back)
	}
}

// Over random failures, successes and clock changes, for a caller who keeps
// the contract (settle, refuse while there is a wait): no wait exceeds the
// lock, a person who waits gets in, and no more than five tries fit into any
// stretch of 30 minutes of true time.
func TestThrottleBoundsGuessing(t *testing.T) {
	rules := mfa.PersonThrottle()
	rapid.Check(t, func(rt *rapid.T) {
		var state mfa.Throttle
		var tries []time.Duration // in true time
		truth, skew := time.Duration(0), time.Duration(0)
		for range rapid.IntRange(1, 80).Draw(rt, "steps") {
			truth += time.Duration(rapid.Int64Range(0, int64(3*time.Minute)).Draw(rt, "passed"))
			skew -= time.Duration(rapid.SampledFrom([]int64{0, 0, 0, 1, 60, 86_400, 31_536_000}).Draw(rt, "set back")) * time.Second
			now := noon.Add(truth + skew)
			state = state.Settle(rules, now)
			wait := state.Wait(rules, now)
			if wait > rules.LockFor || wait < 0 {
				rt.Fatalf("wait %s", wait)
			}
			if state.Wait(rules, now.Add(wait)) != 0 {
				rt.Fatalf("still waiting after the wait of %s: %+v", wait, state)
			}
			if wait > 0 {
				continue
			}
			state = state.Fail(rules, now)
			tries = append(tries, truth)
			if n := len(tries); n > 5 && tries[n-1]-tries[n-6] < rules.LockFor {
				rt.Fatalf("six tries within %s: %v", tries[n-1]-tries[n-6], tries[n-6:])
			}
		}
	})
}
