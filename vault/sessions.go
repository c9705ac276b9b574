package vault

import (
	"context"
	"time"

	"github.com/strongroom/strongroom/internal/fault"
)

// Session is one login session of a person.
type Session struct {
	ID       string
	PersonID string
	Created  time.Time
	LastSeen time.Time
	Expires  time.Time
	FactorAt time.Time // when the second factor was last shown
	EndedAt  time.Time // zero: still open
	Source   string    // console, cli or demo
}

// ErrNoSession says that there is no such session, or that it has ended.
var ErrNoSession = fault.New(fault.Unauthenticated, "there is no such login session", "sign in again")

const sessionColumns = `SELECT id, person_id, created, last_seen, expires, factor_at, ended_at, source FROM sessions `

// Session gives the session with this id, ended or not, or [ErrNoSession].
func (r Reader) Session(ctx context.Context, id string) (Session, error) {
	return one(ctx, r, scanSession, ErrNoSession, sessionColumns+`WHERE id = ?`, id)
}

// SessionPerson gives a session, ended or not, with its person, in one read:
// every act asks for both. It is [ErrNoSession] when there is none.
func (r Reader) SessionPerson(ctx context.Context, id string) (Session, Person, error) {
	type pair struct {
		s Session
		p Person
	}
	both, err := one(ctx, r, func(row scanner) (both pair, err error) {
		err = row.Scan(append(both.s.into(), both.p.into()...)...)
		return both, err
	}, ErrNoSession, `SELECT s.id, s.person_id, s.created, s.last_seen, s.expires, s.factor_at, s.ended_at, s.source,
		p.id, p.name, p.display, p.created, p.disabled, p.state
		FROM sessions s JOIN people p ON p.id = s.person_id WHERE s.id = ?`, id)
	return both.s, both.p, err
}

// OpenSessions gives a person's sessions that were not ended, oldest first.
// Some may be past their expiry.
func (r Reader) OpenSessions(ctx context.Context, personID string) ([]Session, error) {
	return many(ctx, r, scanSession, sessionColumns+`WHERE person_id = ? AND ended_at IS NULL ORDER BY created`, personID)
}

// CreateSession stores a new session; an empty ID gets a fresh UUID, and zero
// Created, LastSeen and FactorAt the current time.
func (tx *Tx) CreateSession(s Session) (Session, error) {
	if err := tx.identify(&s.ID, &s.Created); err != nil {
		return Session{}, err
	}
	if s.LastSeen.IsZero() {
		s.LastSeen = s.Created
	}
	if s.FactorAt.IsZero() {
		s.FactorAt = s.Created
	}
	err := tx.exec(`INSERT INTO sessions (id, person_id, created, last_seen, expires, factor_at, ended_at, source)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?)`, s.ID, s.PersonID, stamp(s.Created), stamp(s.LastSeen), stamp(s.Expires),
		stamp(s.FactorAt), stamp(s.EndedAt), s.Source)
	return s, err
}

// TouchSession records that an open session was used, and until when it now
// lasts.
func (tx *Tx) TouchSession(id string, seen, expires time.Time) error {
	return tx.changeOne(ErrNoSession, `UPDATE sessions SET last_seen = ?, expires = ? WHERE id = ? AND ended_at IS NULL`,
		stamp(seen), stamp(expires), id)
}

// FreshenFactor records that an open session showed its second factor again.
func (tx *Tx) FreshenFactor(id string, at time.Time) error {
	return tx.changeOne(ErrNoSession, `UPDATE sessions SET factor_at = ? WHERE id = ? AND ended_at IS NULL`, stamp(at), id)
}

// EndSession ends an open session.
func (tx *Tx) EndSession(id string, at time.Time) error {
	return tx.changeOne(ErrNoSession, `UPDATE sessions SET ended_at = ? WHERE id = ? AND ended_at IS NULL`, stamp(at), id)
}

func scanSession(s scanner) (Session, error) {
	var l Session
	err := s.Scan(l.into()...)
	return l, err
}

// into gives where the columns of a session go, in their order.
func (l *Session) into() []any {
	return []any{
		&l.ID, &l.PersonID, when(&l.Created), when(&l.LastSeen), when(&l.Expires), when(&l.FactorAt), when(&l.EndedAt), &l.Source,
	}
}
