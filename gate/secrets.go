package gate

import (
	"context"
	"strconv"

	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/internal/secret"
	"github.com/strongroom/strongroom/roles"
	"github.com/strongroom/strongroom/vault"
)

// MaxSecretSize is the largest value of a secret in bytes, as in Azure Key
// Vault.
const MaxSecretSize = vault.MaxSecretSize

// ListSecrets gives a page of a vault's secrets, without values.
func (g *Gate) ListSecrets(ctx context.Context, s *Session, r ListRequest) (Page, error) {
	return g.list(ctx, s, roles.SecretsList, KindSecret, r)
}

// ListSecretVersions gives a secret's versions, newest first, without values.
func (g *Gate) ListSecretVersions(ctx context.Context, s *Session, r Ref) ([]Object, error) {
	return g.versions(ctx, s, roles.SecretsList, KindSecret, r)
}

// ShowSecret gives a secret's attributes, without the value.
func (g *Gate) ShowSecret(ctx context.Context, s *Session, r Ref) (Object, error) {
	return g.show(ctx, s, roles.SecretsList, KindSecret, r)
}

// GetSecret gives a secret with its value. A disabled version is refused;
// dates inform and do not refuse, as in Azure Key Vault, unless the vault's
// policy is strict.
func (g *Gate) GetSecret(ctx context.Context, s *Session, r Ref, why Purpose) (*SecretValue, error) {
	a := on(roles.SecretsGet, r.Vault, KindSecret, r.Name, r.Version)
	a.params["purpose"] = string(why)
	return g.getSecret(ctx, s, a)
}

// ExportSecret gives a secret with its value for a file that leaves the
// vault. It is an act of its own, with an entry for each secret.
func (g *Gate) ExportSecret(ctx context.Context, s *Session, r Ref) (*SecretValue, error) {
	return g.getSecret(ctx, s, on(roles.SecretsExport, r.Vault, KindSecret, r.Name, r.Version))
}

func (g *Gate) getSecret(ctx context.Context, s *Session, a act) (*SecretValue, error) {
	return carry(ctx, g, s, a, func(ctx context.Context, a *act) (*SecretValue, change, error) {
		f, err := g.find(ctx, a)
		if err != nil {
			return nil, nil, err
		}
		if err := g.checkReadable(f); err != nil {
			return nil, nil, err
		}
		o, err := present(f)
		if err != nil {
			return nil, nil, err
		}
		value, err := g.unseal(ctx, f)
		if err != nil {
			return nil, nil, err
		}
		return &SecretValue{Object: o, Value: value}, nil, nil
	})
}

// SetSecret writes a new version of a secret.
func (g *Gate) SetSecret(ctx context.Context, s *Session, r SetSecretRequest) (Object, error) {
	a := on(roles.SecretsSet, r.Vault, KindSecret, r.Name, "")
	return g.setSecret(ctx, s, a, r, func() (*secret.Bytes, error) { return r.Value.Clone(), nil })
}

// setSecret stores what value gives, and wipes it.
func (g *Gate) setSecret(ctx context.Context, s *Session, a act, r SetSecretRequest, value func() (*secret.Bytes, error)) (Object, error) {
	f := &found{}
	return carryStored(ctx, g, s, a, f, func(ctx context.Context, a *act) (change, error) {
		v, err := value()
		if err != nil {
			return nil, err
		}
		defer v.Wipe()
		if v.Len() == 0 {
			return nil, fault.New(fault.Invalid, "a secret's value has 1 to "+strconv.Itoa(MaxSecretSize)+" bytes, this one is empty",
				"nothing came from the file, the pipe or the prompt; check where the value should come from")
		}
		if n := v.Len(); n > MaxSecretSize {
			return nil, fault.New(fault.Invalid, "a secret's value has 1 to "+strconv.Itoa(MaxSecretSize)+" bytes, this one has "+strconv.Itoa(n),
				"store a larger value elsewhere and keep its key here")
		}
		*f, err = g.begin(ctx, a, vault.Attributes{
			Enabled: !r.Disabled, NotBefore: r.NotBefore, Expires: r.Expires, ContentType: r.ContentType, Tags: r.Tags,
		})
		if err != nil {
			return nil, err
		}
		record, err := g.seal(ctx, f, v)
		if err != nil {
			return nil, err
		}
		return func(tx *vault.Tx) error { return store(ctx, tx, f, record) }, nil
	})
}

// Generated is a secret whose value was made here and shown to nobody.
type Generated struct {
	Object
	// Bits is the value's entropy.
	Bits float64
}

// GenerateSecret is SetSecret with a value made by a recipe; r.Value is not
// used.
func (g *Gate) GenerateSecret(ctx context.Context, s *Session, r SetSecretRequest, recipe Recipe) (Generated, error) {
	a := on(roles.SecretsSet, r.Vault, KindSecret, r.Name, "")
	a.params["generated"] = recipe.String()
	o, err := g.setSecret(ctx, s, a, r, func() (*secret.Bytes, error) { return recipe.Make(g.rand) })
	if err != nil {
		return Generated{}, err
	}
	return Generated{o, recipe.Entropy()}, nil
}

// CompareSecretVersions answers whether two versions of a secret hold the same
// value, in constant time for values of equal length, and shows neither. The
// answer does not go into the log.
func (g *Gate) CompareSecretVersions(ctx context.Context, s *Session, r Ref, other string) (bool, error) {
	a := on(roles.SecretsCompare, r.Vault, KindSecret, r.Name, r.Version)
	a.params["with"] = loggable(other)
	return carry(ctx, g, s, a, func(ctx context.Context, a *act) (bool, change, error) {
		one, err := g.readVersion(ctx, a)
		if err != nil {
			return false, nil, err
		}
		defer one.Wipe()
		second := *a
		second.target.Version = other
		two, err := g.readVersion(ctx, &second)
		if err != nil {
			return false, nil, err
		}
		defer two.Wipe()
		a.params["with"] = second.target.Version
		return one.Equal(two), nil, nil
	})
}

func (g *Gate) readVersion(ctx context.Context, a *act) (*secret.Bytes, error) {
	f, err := g.find(ctx, a)
	if err != nil {
		return nil, err
	}
	if err := g.checkReadable(f); err != nil {
		return nil, err
	}
	return g.unseal(ctx, f)
}

// carryStored carries an act that stores f and gives back what was stored.
func carryStored(ctx context.Context, g *Gate, s *Session, a act, f *found, perform func(context.Context, *act) (change, error)) (Object, error) {
	if _, err := carryInto(ctx, g, s, a, f, perform); err != nil {
		return Object{}, err
	}
	return present(*f)
}

func checkEnabled(v vault.Version) error {
	if v.Enabled {
		return nil
	}
	return refuse(ruleDisabled, fault.New(fault.Forbidden, "this version is disabled", "use another version, or enable it"))
}

// checkReadable refuses a value that may not be read at this moment.
func (g *Gate) checkReadable(f found) error {
	if err := checkEnabled(f.version); err != nil || !f.vault.StrictExpiry {
		return err
	}
	o := Attributes{Enabled: true, NotBefore: f.version.NotBefore, Expires: f.version.Expires}
	if state := o.StateAt(g.now()); state != StateEnabled {
		return refuse(ruleDates, fault.New(fault.Forbidden, "this secret is "+string(state)+", and the vault "+f.vault.Name+" refuses such",
			"use a version whose dates include today"))
	}
	return nil
}
