package gate

import (
	"context"
	"time"

	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/roles"
	"github.com/strongroom/strongroom/vault"
)

// An object lives until it is deleted, lies in the bin until it is recovered or
// purged, and keeps its name all that time. A certificate and its key go
// through this together: the certificate is what one deletes.

// verbs are the actions on one kind of object that all kinds have.
type verbs struct {
	list, show, setAttributes, delete, recover, purge, backup, restore roles.Action
}

var verbsOfKind = map[Kind]verbs{
	KindSecret: {
		roles.SecretsList, roles.SecretsList, roles.SecretsSetAttributes, roles.SecretsDelete, roles.SecretsRecover,
		roles.SecretsPurge, roles.SecretsBackup, roles.SecretsRestore,
	},
	KindKey: {
		roles.KeysList, roles.KeysGet, roles.KeysSetAttributes, roles.KeysDelete, roles.KeysRecover, roles.KeysPurge,
		roles.KeysBackup, roles.KeysRestore,
	},
	KindCertificate: {
		roles.CertificatesList, roles.CertificatesGet, roles.CertificatesSetAttributes, roles.CertificatesDelete,
		roles.CertificatesRecover, roles.CertificatesPurge, roles.CertificatesBackup, roles.CertificatesRestore,
	},
}

func verbsOf(k Kind) (verbs, error) {
	v, ok := verbsOfKind[k]
	if !ok {
		return verbs{}, fault.New(fault.Invalid, "there is no such kind of object", "use secret, key or certificate")
	}
	return v, nil
}

// Deleted is an object in the bin.
type Deleted struct {
	Object
	DeletedAt time.Time
	// ScheduledPurge is when it goes for good.
	ScheduledPurge time.Time
	// RecoveryID names it for a recovery: VAULT/deletedsecrets/NAME.
	RecoveryID string
}

func presentDeleted(v vault.Vault, item vault.Item) (Deleted, error) {
	o, err := present(found{v, item.Object, item.Current})
	return Deleted{
		Object: o, DeletedAt: item.DeletedAt, ScheduledPurge: item.PurgeAt,
		RecoveryID: v.Name + "/deleted" + string(item.Kind) + "s/" + item.Name,
	}, err
}

// Delete moves an object with all its versions to the bin, where nothing uses
// it, for as long as its vault keeps deleted objects.
func (g *Gate) Delete(ctx context.Context, s *Session, kind Kind, r Ref) (Deleted, error) {
	v, err := verbsOf(kind)
	if err != nil {
		return Deleted{}, err
	}
	var d Deleted
	return carryInto(ctx, g, s, on(v.delete, r.Vault, kind, r.Name, r.Version), &d, func(ctx context.Context, a *act) (change, error) {
		f, err := g.findWhole(ctx, a)
		if err != nil {
			return nil, err
		}
		purgeAt := g.now().AddDate(0, 0, f.vault.RetentionDays)
		a.params["purge_at"] = purgeAt.UTC().Format(time.RFC3339)
		return func(tx *vault.Tx) error {
			err := together(ctx, tx, f.object, func(o vault.Object) error { return tx.Delete(o, purgeAt) })
			if err != nil {
				return err
			}
			item, err := tx.DeletedObject(ctx, f.vault.ID, f.object.Kind, f.object.Name)
			if err != nil {
				return err
			}
			d, err = presentDeleted(f.vault, item)
			return err
		}, nil
	})
}

// Recover takes an object out of the bin, as it was.
func (g *Gate) Recover(ctx context.Context, s *Session, kind Kind, r Ref) (Object, error) {
	v, err := verbsOf(kind)
	if err != nil {
		return Object{}, err
	}
	f := &found{}
	return carryStored(ctx, g, s, on(v.recover, r.Vault, kind, r.Name, r.Version), f, func(ctx context.Context, a *act) (change, error) {
		var err error
		if *f, err = g.findDeleted(ctx, a); err != nil {
			return nil, err
		}
		if err := checkOwnLife(f.object); err != nil {
			return nil, err
		}
		return func(tx *vault.Tx) error {
			return together(ctx, tx, f.object, tx.Recover)
		}, nil
	})
}

// together does the same to everything that lives and dies with an object.
func together(ctx context.Context, tx *vault.Tx, o vault.Object, do func(vault.Object) error) error {
	group, err := tx.Together(ctx, o)
	if err != nil {
		return err
	}
	for _, member := range group {
		if err := do(member); err != nil {
			return err
		}
	}
	return nil
}

// findWhole is find for an act on an object with all its versions.
func (g *Gate) findWhole(ctx context.Context, a *act) (found, error) {
	if err := checkWhole(a); err != nil {
		return found{}, err
	}
	f, err := g.find(ctx, a)
	if err != nil {
		return found{}, err
	}
	a.target.Version = ""
	return f, checkOwnLife(f.object)
}

// findDeleted looks an object up in the bin and completes the act's target.
func (g *Gate) findDeleted(ctx context.Context, a *act) (found, error) {
	if err := checkWhole(a); err != nil {
		return found{}, err
	}
	v, err := g.openVault(ctx, a)
	if err != nil {
		return found{}, err
	}
	item, err := g.db.DeletedObject(ctx, v.ID, vault.Kind(a.target.Kind), a.target.Name)
	if err != nil {
		return found{}, err
	}
	a.target.Name = item.Name
	return found{v, item.Object, item.Current}, nil
}

func checkWhole(a *act) error {
	if a.target.Version == "" {
		return nil
	}
	return fault.New(fault.Invalid, "this is done to the object with all its versions, not to one", "leave the version out; one version can be disabled")
}

// checkOwnLife refuses what belongs to a certificate.
func checkOwnLife(o vault.Object) error {
	if !o.Managed {
		return nil
	}
	return fault.New(fault.Conflict, "the "+string(o.Kind)+" "+o.Name+" belongs to a certificate of that name", "do it to the certificate; its "+string(o.Kind)+" follows")
}

// sayDeleted tells apart, for somebody who may read here, what is deleted from
// what never was.
func (g *Gate) sayDeleted(ctx context.Context, v vault.Vault, a *act, absent error) error {
	item, err := g.db.DeletedObject(ctx, v.ID, vault.Kind(a.target.Kind), a.target.Name)
	if err != nil {
		return absent
	}
	return fault.Wrap(absent, fault.NotFound, "the "+string(item.Kind)+" "+item.Name+" is deleted",
		"it can be recovered until "+item.PurgeAt.Format(time.DateOnly))
}
