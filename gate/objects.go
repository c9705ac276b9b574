package gate

import (
	"context"
	"errors"
	"regexp"

	"github.com/strongroom/strongroom/certs"
	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/internal/secret"
	"github.com/strongroom/strongroom/keys"
	"github.com/strongroom/strongroom/roles"
	"github.com/strongroom/strongroom/vault"
)

// Page sizes.
const (
	defaultLimit = 50
	maxLimit     = 500
)

var versionID = regexp.MustCompile(`^[0-9a-f]{32}$`)

// openVault finds a vault and completes the act's target with its real name.
func (g *Gate) openVault(ctx context.Context, a *act) (vault.Vault, error) {
	v, err := g.db.VaultByName(ctx, a.target.Vault)
	if err != nil {
		return vault.Vault{}, err
	}
	a.target.Vault = v.Name
	return v, nil
}

// found is a version of an object with what it belongs to.
type found struct {
	vault   vault.Vault
	object  vault.Object
	version vault.Version
}

// find looks up a version; an empty one in the act is the newest. It completes
// the act's target.
func (g *Gate) find(ctx context.Context, a *act) (found, error) {
	if a.target.Version != "" && !versionID.MatchString(a.target.Version) {
		return found{}, fault.New(fault.Invalid, "this is not a version", "a version is 32 lower-case hexadecimal digits; leave it out for the newest")
	}
	v, item, err := g.db.ObjectIn(ctx, a.target.Vault, vault.Kind(a.target.Kind), a.target.Name)
	if errors.Is(err, vault.ErrNoObject) {
		return found{}, g.sayDeleted(ctx, v, a, err)
	}
	if err != nil {
		return found{}, err
	}
	f := found{v, item.Object, item.Current}
	if a.target.Version != "" {
		if f.version, err = g.db.Version(ctx, item.ID, a.target.Version); err != nil {
			return found{}, err
		}
	}
	a.target.Vault, a.target.Name, a.target.Version = v.Name, f.object.Name, f.version.ID
	return f, nil
}

// identity is what the version's record is bound to.
func (g *Gate) identity(f found) vault.Identity {
	return vault.Identity{
		Installation: g.installation.ID, Vault: f.vault.ID, Kind: string(f.object.Kind),
		Name: f.object.Name, Version: f.version.ID,
	}
}

// unseal opens a version's record in the HSM. The caller wipes the value.
func (g *Gate) unseal(ctx context.Context, f found) (*secret.Bytes, error) {
	record, err := g.db.Record(ctx, f.version.ID)
	if err != nil {
		return nil, err
	}
	master, err := g.db.Master(ctx, f.vault.ID, f.version.Master)
	if err != nil {
		return nil, err
	}
	token, err := g.hsm(ctx)
	if err != nil {
		return nil, err
	}
	return vault.Unseal(ctx, wrapper{token}, master.KeyID, g.identity(f), record)
}

// seal makes the record of a new version under the vault's active master key
// and completes the version with it.
func (g *Gate) seal(ctx context.Context, f *found, value *secret.Bytes) ([]byte, error) {
	master, err := g.db.ActiveMaster(ctx, f.vault.ID)
	if err != nil {
		return nil, err
	}
	token, err := g.hsm(ctx)
	if err != nil {
		return nil, err
	}
	f.version.Master = master.N
	return vault.Seal(ctx, wrapper{token}, master.KeyID, g.identity(*f), value, g.rand)
}

// begin prepares a new version of an object in the act's vault.
func (g *Gate) begin(ctx context.Context, a *act, attributes vault.Attributes) (found, error) {
	if err := roles.CheckObjectName(a.target.Name); err != nil {
		return found{}, err
	}
	v, err := g.openVault(ctx, a)
	if err != nil {
		return found{}, err
	}
	// The same is checked again where it counts, in the transaction; here it
	// keeps a key from being made for nothing.
	if err := g.db.NameFree(ctx, v.ID, vault.Kind(a.target.Kind), a.target.Name); err != nil {
		return found{}, err
	}
	id, err := g.db.NewVersionID()
	if err != nil {
		return found{}, err
	}
	a.target.Version = id
	f := found{vault: v, object: vault.Object{VaultID: v.ID, Kind: vault.Kind(a.target.Kind), Name: a.target.Name}}
	f.version = vault.Version{ID: id, Created: g.now(), Attributes: attributes}
	return f, nil
}

// store writes a new version, making the object where there is none. A managed
// object takes new versions only together with what manages it.
func store(ctx context.Context, tx *vault.Tx, f *found, record []byte) error {
	item, err := tx.Object(ctx, f.vault.ID, f.object.Kind, f.object.Name)
	switch {
	case fault.KindOf(err) == fault.NotFound:
		if f.object, err = tx.CreateObject(f.object); err != nil {
			return err
		}
	case err != nil:
		return err
	case item.Managed != f.object.Managed:
		return fault.New(fault.Conflict, "the "+string(f.object.Kind)+" "+item.Name+" belongs to a certificate of that name",
			"choose another name, or make a new version of the certificate")
	default:
		f.object = item.Object
	}
	f.version.ObjectID = f.object.ID
	f.version, err = tx.AddVersion(f.version, record)
	return err
}

// present turns stored rows into what leaves the gate.
func present(f found) (Object, error) {
	v := f.version
	o := Object{
		Vault: f.vault.Name, Kind: Kind(f.object.Kind), Name: f.object.Name, Version: v.ID, Versions: v.Ordinal,
		Attributes: Attributes{
			Enabled: v.Enabled, NotBefore: v.NotBefore, Expires: v.Expires, Created: v.Created, Updated: v.Updated, Tags: v.Tags,
		},
		ContentType: v.ContentType, Managed: f.object.Managed, Note: f.object.Note, Protection: keys.Protection(v.Protection), DER: v.Certificate,
	}
	if v.KeyType == "" {
		return o, nil
	}
	return o, o.presentKey(v)
}

func (o *Object) presentKey(v vault.Version) error {
	var err error
	if o.Spec, err = keys.ParseSpec(v.KeyType, v.Bits, v.Curve); err != nil {
		return damaged(err, o)
	}
	if o.Operations, err = keys.ParseOperations(o.Spec, v.Operations); err != nil {
		return damaged(err, o)
	}
	if len(v.PublicKey) > 0 {
		if o.Public, err = keys.ParsePublic(v.PublicKey); err != nil {
			return damaged(err, o)
		}
	}
	if len(v.Certificate) > 0 {
		facts, err := certs.Describe(v.Certificate)
		if err != nil {
			return damaged(err, o)
		}
		o.Certificate = &facts
	}
	return nil
}

func damaged(err error, o *Object) error {
	return fault.Wrap(err, fault.Tampered, "the stored "+string(o.Kind)+" "+o.Name+" is damaged", "restore the database from a backup")
}

// list is the act of reading one page of a vault's objects of one kind.
func (g *Gate) list(ctx context.Context, s *Session, action roles.Action, kind Kind, r ListRequest) (Page, error) {
	a := on(action, r.Vault, kind, "", "")
	r.note(a.params)
	return carry(ctx, g, s, a, func(ctx context.Context, a *act) (Page, change, error) {
		v, err := g.openVault(ctx, a)
		if err != nil {
			return Page{}, nil, err
		}
		page, err := g.db.Objects(ctx, r.query(v, kind))
		if err != nil {
			return Page{}, nil, err
		}
		answer := Page{Next: string(page.Next), Previous: string(page.Prev), Total: page.Total}
		for _, item := range page.Items {
			o, err := present(found{v, item.Object, item.Current})
			if err != nil {
				return Page{}, nil, err
			}
			answer.Items = append(answer.Items, o)
		}
		return answer, nil, nil
	})
}

// versions is the act of reading an object's versions, newest first.
func (g *Gate) versions(ctx context.Context, s *Session, action roles.Action, kind Kind, r Ref) ([]Object, error) {
	return carry(ctx, g, s, on(action, r.Vault, kind, r.Name, ""), func(ctx context.Context, a *act) ([]Object, change, error) {
		f, err := g.find(ctx, a)
		if err != nil {
			return nil, nil, err
		}
		a.target.Version = ""
		rows, err := g.db.Versions(ctx, f.object.ID, 0, maxLimit)
		if err != nil {
			return nil, nil, err
		}
		all := make([]Object, 0, len(rows))
		for _, row := range rows {
			o, err := present(found{f.vault, f.object, row})
			if err != nil {
				return nil, nil, err
			}
			all = append(all, o)
		}
		return all, nil, nil
	})
}

// show is the act of reading an object's attributes.
func (g *Gate) show(ctx context.Context, s *Session, action roles.Action, kind Kind, r Ref) (Object, error) {
	return carry(ctx, g, s, on(action, r.Vault, kind, r.Name, r.Version), func(ctx context.Context, a *act) (Object, change, error) {
		f, err := g.find(ctx, a)
		if err != nil {
			return Object{}, nil, err
		}
		o, err := present(f)
		return o, nil, err
	})
}
