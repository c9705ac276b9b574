package vault

import (
	"context"
	"errors"
	"time"

	"github.com/strongroom/strongroom/internal/fault"
)

// The bin holds tombstones: objects that were deleted and keep their name until
// they are recovered or purged. A certificate and the objects of its name that
// it manages go through all of it together.

// ErrNotDeleted says that nothing of this name lies in the bin.
var ErrNotDeleted = fault.New(fault.NotFound, "there is no deleted object with this name", "check the name; it may be recovered or purged already")

// DeletedObject gives the object with this name in the bin, compared without
// case, and its current version, or [ErrNotDeleted].
func (r Reader) DeletedObject(ctx context.Context, vaultID string, kind Kind, name string) (Item, error) {
	return one(ctx, r, scanItem, ErrNotDeleted,
		itemColumns+`WHERE o.vault_id = ? AND o.kind = ? AND o.name_key = ? AND o.deleted_at IS NOT NULL`,
		vaultID, kind, fold(name))
}

// NameFree refuses a name that an object in the bin holds: a Conflict that
// says until when, and the two ways out.
func (r Reader) NameFree(ctx context.Context, vaultID string, kind Kind, name string) error {
	item, err := r.DeletedObject(ctx, vaultID, kind, name)
	if errors.Is(err, ErrNotDeleted) {
		return nil
	}
	if err != nil {
		return err
	}
	return fault.New(fault.Conflict, "the "+string(kind)+" "+item.Name+" is deleted but recoverable, and keeps its name until "+
		item.PurgeAt.Format(time.DateOnly), "recover it, or have it purged, or choose another name")
}

// Together gives what lives and dies with an object: itself, and for a
// certificate the key and the secret of its name that it manages. The
// certificate comes first, because it refers to the key.
func (r Reader) Together(ctx context.Context, o Object) ([]Object, error) {
	if o.Kind != KindCertificate {
		return []Object{o}, nil
	}
	managed, err := many(ctx, r, scanItem, itemColumns+`WHERE o.vault_id = ? AND o.kind IN ('key', 'secret')
		AND o.name_key = ? AND o.managed = 1 ORDER BY o.kind`, o.VaultID, fold(o.Name))
	all := []Object{o}
	for _, item := range managed {
		all = append(all, item.Object)
	}
	return all, err
}

// Delete moves a living object to the bin until purgeAt; [ErrNoObject] when it
// is not there or deleted already.
func (tx *Tx) Delete(o Object, purgeAt time.Time) error {
	err := tx.changeOne(ErrNoObject, `UPDATE objects SET deleted_at = ?, purge_at = ? WHERE id = ? AND deleted_at IS NULL`,
		stamp(tx.Now()), stamp(purgeAt), o.ID)
	if err != nil {
		return err
	}
	return tx.exec(`UPDATE object_counts SET objects = objects - 1, deleted = deleted + 1 WHERE vault_id = ? AND kind = ?`,
		o.VaultID, o.Kind)
}

// Recover takes an object out of the bin, or gives [ErrNotDeleted].
func (tx *Tx) Recover(o Object) error {
	err := tx.changeOne(ErrNotDeleted, `UPDATE objects SET deleted_at = NULL, purge_at = NULL, updated = ?
		WHERE id = ? AND deleted_at IS NOT NULL`, stamp(tx.Now()), o.ID)
	if err != nil {
		return err
	}
	return tx.exec(`UPDATE object_counts SET objects = objects + 1, deleted = deleted - 1 WHERE vault_id = ? AND kind = ?`,
		o.VaultID, o.Kind)
}

// Purge removes an object in the bin with all that belongs to it, for good. In
// a vault under purge protection it is [ErrProtected] before the object's date.
// The database zeroes what it frees.
func (tx *Tx) Purge(o Object) error {
	v, err := tx.Vault(tx.ctx, o.VaultID)
	if err != nil {
		return err
	}
	now, err := tx.DeletedObject(tx.ctx, o.VaultID, o.Kind, o.Name)
	if err != nil {
		return err
	}
	if now.ID != o.ID {
		return ErrNotDeleted
	}
	if v.PurgeProtection && tx.Now().Before(now.PurgeAt) {
		return ErrProtected
	}
	for _, statement := range []string{
		`UPDATE objects SET current_version = NULL WHERE id = ?`,
		`DELETE FROM rotation_policies WHERE object_id = ?`,
		`DELETE FROM due_acts WHERE version_id IN (SELECT id FROM versions WHERE object_id = ?)`,
		`DELETE FROM hsm_facts WHERE version_id IN (SELECT id FROM versions WHERE object_id = ?)`,
		`DELETE FROM versions WHERE object_id = ?`,
		`DELETE FROM objects WHERE id = ?`,
	} {
		if err := tx.exec(statement, o.ID); err != nil {
			return err
		}
	}
	return tx.exec(`UPDATE object_counts SET deleted = deleted - 1 WHERE vault_id = ? AND kind = ?`, o.VaultID, o.Kind)
}

// HSMKey is a version's key in the HSM.
type HSMKey struct{ Version, ID string }

// HSMKeys gives the HSM's ids of all keys that an object's versions are.
func (r Reader) HSMKeys(ctx context.Context, objectID string) ([]HSMKey, error) {
	return many(ctx, r, func(s scanner) (k HSMKey, err error) {
		err = s.Scan(&k.Version, &k.ID)
		return k, err
	}, `SELECT id, hsm_key_id FROM versions WHERE object_id = ? AND hsm_key_id <> '' ORDER BY ordinal`, objectID)
}
