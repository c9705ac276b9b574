package gate

import (
	"context"
	"strconv"

	"github.com/strongroom/strongroom/internal/fault"
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
	f := &found{}
	return carryStored(ctx, g, s, a, f, func(ctx context.Context, a *act) (change, error) {
		if n := r.Value.Len(); n == 0 || n > MaxSecretSize {
			return nil, fault.New(fault.Invalid, "a secret's value has 1 to "+strconv.Itoa(MaxSecretSize)+" bytes, this one has "+strconv.Itoa(n),
				"store a larger value elsewhere and keep its key here")
		}
		var err error
		*f, err = g.begin(ctx, a, vault.Attributes{
			Enabled: !r.Disabled, NotBefore: r.NotBefore, Expires: r.Expires, ContentType: r.ContentType, Tags: r.Tags,
		})
		if err != nil {
			return nil, err
		}
		record, err := g.seal(ctx, f, r.Value)
		if err != nil {
			return nil, err
		}
		return func(tx *vault.Tx) error { return store(ctx, tx, f, record) }, nil
	})
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
