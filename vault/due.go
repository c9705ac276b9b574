package vault

import (
	"context"
	"errors"
	"time"

	"github.com/strongroom/strongroom/internal/fault"
)

// Due is one object that something falls due for, with its vault.
type Due struct {
	Vault Vault
	Item
}

const dueColumns = `SELECT ` + vaultFields + `, ` + objectColumns + `, ` + versionColumns + `
	FROM objects o JOIN vaults w ON w.id = o.vault_id JOIN versions v ON v.id = o.current_version `

// DuePurges gives objects in the bin whose date has come, oldest first, at most
// limit. Managed ones go with their certificate and are left out.
func (r Reader) DuePurges(ctx context.Context, now time.Time, limit int) ([]Due, error) {
	return many(ctx, r, scanDue, dueColumns+`WHERE o.deleted_at IS NOT NULL AND o.purge_at <= ? AND o.managed = 0
		ORDER BY o.purge_at, o.id LIMIT ?`, stamp(now), pageSize(limit))
}

// Expiring gives living objects whose current, enabled version expires up to
// until, soonest first, at most limit, and of which no notice was given.
// Objects with a rotation policy are left out: that says when to give notice.
func (r Reader) Expiring(ctx context.Context, until time.Time, limit int) ([]Due, error) {
	return many(ctx, r, scanDue, dueColumns+`WHERE o.deleted_at IS NULL AND o.expires_key <= ? AND o.managed = 0 AND v.enabled = 1
		AND NOT EXISTS (SELECT 1 FROM due_acts d WHERE d.version_id = v.id AND d.what = 'notify')
		AND NOT EXISTS (SELECT 1 FROM rotation_policies p WHERE p.object_id = o.id)
		ORDER BY o.expires_key, o.id LIMIT ?`, stamp(until), pageSize(limit))
}

// Scheduled is an object with its rotation policy.
type Scheduled struct {
	Due
	Policy string
}

// ScheduledObjects gives living objects with a rotation policy, by id, at most
// limit of those behind the id after.
func (r Reader) ScheduledObjects(ctx context.Context, after string, limit int) ([]Scheduled, error) {
	return many(ctx, r, func(s scanner) (Scheduled, error) {
		var p Scheduled
		err := p.scan(s, &p.Policy)
		return p, err
	}, `SELECT `+vaultFields+`, `+objectColumns+`, `+versionColumns+`, p.policy
		FROM rotation_policies p JOIN objects o ON o.id = p.object_id JOIN vaults w ON w.id = o.vault_id
		JOIN versions v ON v.id = o.current_version
		WHERE p.object_id > ? AND o.deleted_at IS NULL ORDER BY p.object_id LIMIT ?`, after, pageSize(limit))
}

func scanDue(s scanner) (Due, error) {
	var d Due
	err := d.scan(s)
	return d, err
}

func (d *Due) scan(s scanner, more ...any) error {
	var row versionRow
	into := append(d.Vault.into(), d.Object.into()...)
	if err := s.Scan(append(append(into, row.into()...), more...)...); err != nil {
		return err
	}
	var err error
	d.Current, err = row.version()
	return err
}

// DueAct is what falls due for a version once.
type DueAct string

// The acts that fall due once.
const (
	DueNotify DueAct = "notify"
	DueRotate DueAct = "rotate"
	DuePurge  DueAct = "purge"
)

// Claim is who carries out a due act.
type Claim struct {
	VersionID string
	What      DueAct
	PID       int
	PIDStart  int64
}

// ErrNoClaim says that there is no such open claim.
var ErrNoClaim = fault.New(fault.Conflict, "this was done by somebody else meanwhile", "")

// ClaimDue takes a due act and reports whether it was free. It is not while it
// is done, while its retry date lies ahead, or while alive says that the
// process that claimed it is still there, or when the version is gone.
func (tx *Tx) ClaimDue(c Claim, alive func(pid int, start int64) bool) (bool, error) {
	now := stamp(tx.Now())
	_, err := tx.VersionByID(tx.ctx, c.VersionID)
	if errors.Is(err, ErrNoVersion) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	n, err := tx.change(`INSERT INTO due_acts (version_id, what, claimed, pid, pid_start) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (version_id, what) DO NOTHING`, c.VersionID, c.What, now, c.PID, c.PIDStart)
	if err != nil || n == 1 {
		return n == 1, err
	}
	held, err := one(tx.ctx, tx.Reader, scanHeld, ErrNoClaim, `SELECT pid, pid_start, retry_at, done FROM due_acts
		WHERE version_id = ? AND what = ?`, c.VersionID, c.What)
	if err != nil || !held.free(tx.Now(), alive) {
		return false, err
	}
	return true, tx.exec(`UPDATE due_acts SET claimed = ?, pid = ?, pid_start = ?, retry_at = NULL
		WHERE version_id = ? AND what = ?`, now, c.PID, c.PIDStart, c.VersionID, c.What)
}

type heldClaim struct {
	pid         int
	start       int64
	retry, done time.Time
}

func scanHeld(s scanner) (h heldClaim, err error) {
	err = s.Scan(&h.pid, &h.start, when(&h.retry), when(&h.done))
	return h, err
}

func (h heldClaim) free(now time.Time, alive func(int, int64) bool) bool {
	switch {
	case !h.done.IsZero():
		return false
	case !h.retry.IsZero():
		return !now.Before(h.retry)
	}
	return !alive(h.pid, h.start)
}

// FinishDue marks a claimed act as done, for ever.
func (tx *Tx) FinishDue(versionID string, what DueAct) error {
	return tx.changeOne(ErrNoClaim, `UPDATE due_acts SET done = ? WHERE version_id = ? AND what = ? AND done IS NULL`,
		stamp(tx.Now()), versionID, what)
}

// RetryDue lets a claimed act be tried again from a date on.
func (tx *Tx) RetryDue(versionID string, what DueAct, from time.Time) error {
	return tx.changeOne(ErrNoClaim, `UPDATE due_acts SET retry_at = ? WHERE version_id = ? AND what = ? AND done IS NULL`,
		stamp(from), versionID, what)
}

// RotationPolicy is a stored policy; what it says is package gate's.
type RotationPolicy struct {
	ObjectID         string
	Policy           string
	Created, Updated time.Time
}

// ErrNoPolicy says that an object has no rotation policy.
var ErrNoPolicy = fault.New(fault.NotFound, "the key has no rotation policy", "set one first")

// RotationPolicy gives an object's policy, or [ErrNoPolicy].
func (r Reader) RotationPolicy(ctx context.Context, objectID string) (RotationPolicy, error) {
	return one(ctx, r, func(s scanner) (p RotationPolicy, err error) {
		err = s.Scan(&p.ObjectID, &p.Policy, when(&p.Created), when(&p.Updated))
		return p, err
	}, ErrNoPolicy, `SELECT object_id, policy, created, updated FROM rotation_policies WHERE object_id = ?`, objectID)
}

// PutRotationPolicy stores or replaces an object's policy.
func (tx *Tx) PutRotationPolicy(objectID, policy string) error {
	if len(policy) > MaxPolicy {
		return fault.New(fault.Invalid, "the rotation policy is too long", "use at most one rotation and one notice")
	}
	now := stamp(tx.Now())
	return tx.exec(`INSERT INTO rotation_policies (object_id, policy, created, updated) VALUES (?, ?, ?, ?)
		ON CONFLICT (object_id) DO UPDATE SET policy = excluded.policy, updated = excluded.updated`, objectID, policy, now, now)
}
