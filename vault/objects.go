package vault

import (
	"context"
	"errors"
	"math"
	"time"

	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/roles"
)

// Kind says what an object is.
type Kind string

// The kinds of objects.
const (
	KindKey         Kind = "key"
	KindSecret      Kind = "secret"
	KindCertificate Kind = "certificate"
)

// Kinds gives all kinds, in the order of menus.
func Kinds() []Kind { return []Kind{KindSecret, KindKey, KindCertificate} }

// Object is a name in a vault; what it holds lies in its versions.
type Object struct {
	ID      string
	VaultID string
	Kind    Kind
	Name    string // unique per vault and kind, compared without case
	Created time.Time
	Updated time.Time
	Managed bool // belongs to a certificate
	// DeletedAt and PurgeAt are set while the object lies in the bin.
	DeletedAt, PurgeAt time.Time
	Note               string // on who owns it, for people
}

// Item is an object with its current version.
type Item struct {
	Object
	Current Version
}

// ErrNoObject says that there is no such object.
var ErrNoObject = fault.New(fault.NotFound, "there is no object with this name", "check the name and the vault")

const (
	objectColumns = `o.id, o.vault_id, o.kind, o.name, o.created, o.updated, o.managed, o.deleted_at, o.purge_at,
	o.owner_note`
	itemColumns = `SELECT ` + objectColumns + `, ` + versionColumns +
		` FROM objects o JOIN versions v ON v.id = o.current_version `
)

// Object gives the object with this name, compared without case, and its
// current version, or [ErrNoObject]. One that lies in the bin is none.
func (r Reader) Object(ctx context.Context, vaultID string, kind Kind, name string) (Item, error) {
	return one(ctx, r, scanItem, ErrNoObject,
		itemColumns+`WHERE o.vault_id = ? AND o.kind = ? AND o.name_key = ? AND o.deleted_at IS NULL`,
		vaultID, kind, fold(name))
}

// ObjectIn is [Reader.Object] by the vault's name, with the vault, in one read.
// It is [ErrNoVault] or [ErrNoObject] when there is none.
func (r Reader) ObjectIn(ctx context.Context, vaultName string, kind Kind, name string) (Vault, Item, error) {
	type pair struct {
		v Vault
		i Item
	}
	both, err := one(ctx, r, func(s scanner) (both pair, err error) {
		var row versionRow
		into := append(both.v.into(), both.i.Object.into()...)
		if err := s.Scan(append(into, row.into()...)...); err != nil {
			return pair{}, err
		}
		both.i.Current, err = row.version()
		return both, err
	}, ErrNoObject, `SELECT `+vaultFields+`, `+objectColumns+`, `+versionColumns+`
		FROM vaults w JOIN objects o ON o.vault_id = w.id JOIN versions v ON v.id = o.current_version
		WHERE w.name_key = ? AND o.kind = ? AND o.name_key = ? AND o.deleted_at IS NULL`, fold(vaultName), kind, fold(name))
	if errors.Is(err, ErrNoObject) {
		both.v, err = r.VaultByName(ctx, vaultName)
		if err == nil {
			err = ErrNoObject
		}
	}
	return both.v, both.i, err
}

// Counts gives how many objects of each kind a vault has, without those in the
// bin.
func (r Reader) Counts(ctx context.Context, vaultID string) (map[Kind]int, error) {
	return r.counts(ctx, `SELECT kind, objects FROM object_counts WHERE vault_id = ?`, vaultID)
}

// DeletedCounts gives how many objects of each kind lie in a vault's bin.
func (r Reader) DeletedCounts(ctx context.Context, vaultID string) (map[Kind]int, error) {
	return r.counts(ctx, `SELECT kind, deleted FROM object_counts WHERE vault_id = ?`, vaultID)
}

// ExpiryCounts gives how many objects of a vault have expired by now, and how
// many more will have by soon. Disabled ones need nobody's attention, and a
// certificate's key goes with its certificate; neither counts.
func (r Reader) ExpiryCounts(ctx context.Context, vaultID string, now, soon time.Time) (expired, expiring int, err error) {
	type counts struct{ expired, all int }
	c, err := one(ctx, r, func(s scanner) (c counts, err error) {
		err = s.Scan(&c.expired, &c.all)
		return c, err
	}, ErrNoVault, `SELECT coalesce(sum(o.expires_key <= ?), 0), count(*) FROM objects o JOIN versions v ON v.id = o.current_version
		WHERE o.vault_id = ? AND o.kind IN ('key', 'secret', 'certificate') AND o.deleted_at IS NULL AND o.expires_key <= ?
		AND o.managed = 0 AND v.enabled = 1`, now.UnixNano(), vaultID, soon.UnixNano())
	return c.expired, c.all - c.expired, err
}

func (r Reader) counts(ctx context.Context, text, vaultID string) (map[Kind]int, error) {
	type count struct {
		kind Kind
		n    int
	}
	all, err := many(ctx, r, func(s scanner) (c count, err error) {
		err = s.Scan(&c.kind, &c.n)
		return c, err
	}, text, vaultID)
	counts := make(map[Kind]int, len(all))
	for _, c := range all {
		counts[c.kind] = c.n
	}
	return counts, err
}

// CreateObject stores a new object without a version; an empty ID gets a fresh
// UUID, a zero Created the current time. The same change must add a version:
// lists show objects through their current one.
func (tx *Tx) CreateObject(o Object) (Object, error) {
	if err := roles.CheckObjectName(o.Name); err != nil {
		return Object{}, err
	}
	if err := checkNote(o.Note); err != nil {
		return Object{}, err
	}
	if err := tx.NameFree(tx.ctx, o.VaultID, o.Kind, o.Name); err != nil {
		return Object{}, err
	}
	if err := tx.identify(&o.ID, &o.Created); err != nil {
		return Object{}, err
	}
	o.Updated, o.DeletedAt, o.PurgeAt = o.Created, time.Time{}, time.Time{}
	err := tx.exec(`INSERT INTO objects (id, vault_id, kind, name, name_key, created, updated, expires_key, managed,
		owner_note) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, o.ID, o.VaultID, o.Kind, o.Name, fold(o.Name), stamp(o.Created),
		stamp(o.Updated), int64(math.MaxInt64), o.Managed, o.Note)
	if err != nil {
		return Object{}, taken(err, "there is already a "+string(o.Kind)+" with this name", "add a version to it, or choose another name")
	}
	return o, tx.exec(`INSERT INTO object_counts (vault_id, kind, objects) VALUES (?, ?, 1)
		ON CONFLICT (vault_id, kind) DO UPDATE SET objects = object_counts.objects + 1`, o.VaultID, o.Kind)
}

// showCurrent copies what lists sort by from an object's current version.
func (tx *Tx) showCurrent(objectID, versionID string, expires, updated time.Time) error {
	return tx.changeOne(ErrNoObject, `UPDATE objects SET current_version = ?, expires_key = ?, updated = ? WHERE id = ?`,
		versionID, expiresKey(expires), stamp(updated), objectID)
}

// expiresKey sorts "never" after every date.
func expiresKey(t time.Time) int64 {
	if t.IsZero() {
		return math.MaxInt64
	}
	return t.UnixNano()
}

// into gives where the columns of an object go, in their order.
func (o *Object) into() []any {
	return []any{
		&o.ID, &o.VaultID, &o.Kind, &o.Name, when(&o.Created), when(&o.Updated), &o.Managed, when(&o.DeletedAt),
		when(&o.PurgeAt), &o.Note,
	}
}

func scanItem(s scanner) (Item, error) {
	var i Item
	var row versionRow
	if err := s.Scan(append(i.Object.into(), row.into()...)...); err != nil {
		return Item{}, err
	}
	var err error
	i.Current, err = row.version()
	return i, err
}

func checkNote(note string) error {
	if tooLong(note, MaxNote) {
		return fault.New(fault.Invalid, "the note is longer than 500 characters or is no text", "shorten it")
	}
	return nil
}

// SetNote replaces the note on an object's owner.
func (tx *Tx) SetNote(objectID, note string) error {
	if err := checkNote(note); err != nil {
		return err
	}
	return tx.changeOne(ErrNoObject, `UPDATE objects SET owner_note = ?, updated = ? WHERE id = ?`,
		note, stamp(tx.Now()), objectID)
}
