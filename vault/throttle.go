package vault

import (
	"context"
	"time"
)

// Everybody is the throttle's subject for all sign-ins together.
const Everybody = "*"

// Throttle counts failed sign-ins. Its fields are those of mfa's throttle, so
// that one converts to the other.
type Throttle struct {
	Failures    int
	LastFailure time.Time
	LockedUntil time.Time
}

// Throttle gives the count for a subject: a person's id, or [Everybody]. A
// subject without failures has the zero Throttle.
func (r Reader) Throttle(ctx context.Context, subject string) (Throttle, error) {
	all, err := many(ctx, r, scanThrottle,
		`SELECT failures, last_failure, locked_until FROM throttles WHERE subject = ?`, subject)
	if err != nil || len(all) == 0 {
		return Throttle{}, err
	}
	return all[0], nil
}

// PutThrottle stores the count for a subject; the zero Throttle removes it.
func (tx *Tx) PutThrottle(subject string, t Throttle) error {
	if t == (Throttle{}) {
		return tx.exec(`DELETE FROM throttles WHERE subject = ?`, subject)
	}
	return tx.exec(`INSERT INTO throttles (subject, failures, last_failure, locked_until) VALUES (?, ?, ?, ?)
		ON CONFLICT (subject) DO UPDATE SET failures = excluded.failures,
		last_failure = excluded.last_failure, locked_until = excluded.locked_until`,
		subject, t.Failures, stamp(t.LastFailure), stamp(t.LockedUntil))
}

func scanThrottle(s scanner) (Throttle, error) {
	var t Throttle
	err := s.Scan(&t.Failures, when(&t.LastFailure), when(&t.LockedUntil))
	return t, err
}
