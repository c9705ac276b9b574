package vault

import (
	"context"
	"time"

	"github.com/strongroom/strongroom/internal/fault"
)

// Intent is a change to the HSM that was announced in the log. It stays open
// until its outcome is logged, so that a start after a crash finds it.
type Intent struct {
	ID       string // the act's id
	KeyID    string // the HSM's id of the key that is made or destroyed
	Label    string
	What     string
	Created  time.Time
	PID      int   // the process that announced it
	PIDStart int64 // that process's start time, so that a reused PID is not it
}

// ErrNoIntent says that there is no such open intent.
var ErrNoIntent = fault.New(fault.NotFound, "there is no such open intent", "")

// OpenIntents gives the intents without an outcome, oldest first.
func (r Reader) OpenIntents(ctx context.Context) ([]Intent, error) {
	return many(ctx, r, scanIntent, `SELECT id, key_id, label, what, created, pid, pid_start
		FROM hsm_intents WHERE closed IS NULL ORDER BY created, id`)
}

// OpenIntent stores an intent; a zero Created gets the current time.
func (tx *Tx) OpenIntent(i Intent) error {
	if i.Created.IsZero() {
		i.Created = tx.Now()
	}
	err := tx.exec(`INSERT INTO hsm_intents (id, key_id, label, what, created, pid, pid_start)
		VALUES (?, ?, ?, ?, ?, ?, ?)`, i.ID, i.KeyID, i.Label, i.What, stamp(i.Created), i.PID, i.PIDStart)
	return taken(err, "this intent is already there", "")
}

// CloseIntent marks an open intent as answered.
func (tx *Tx) CloseIntent(id string) error {
	return tx.changeOne(ErrNoIntent, `UPDATE hsm_intents SET closed = ? WHERE id = ? AND closed IS NULL`,
		stamp(tx.Now()), id)
}

func scanIntent(s scanner) (Intent, error) {
	var i Intent
	err := s.Scan(&i.ID, &i.KeyID, &i.Label, &i.What, when(&i.Created), &i.PID, &i.PIDStart)
	return i, err
}
