package gate

import (
	"context"
	"strconv"

	"github.com/strongroom/strongroom/hsm"
	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/roles"
	"github.com/strongroom/strongroom/vault"
)

// ListVaults gives the vaults that the person may see, by name.
func (g *Gate) ListVaults(ctx context.Context, s *Session) ([]Vault, error) {
	return carry(ctx, g, s, on(roles.VaultsRead, "", "", "", ""), func(ctx context.Context, _ *act) ([]Vault, change, error) {
		all, err := g.visibleVaults(ctx, s)
		return all, nil, err
	})
}

func (g *Gate) visibleVaults(ctx context.Context, s *Session) ([]Vault, error) {
	actor, err := g.actor(ctx, s.personID)
	if err != nil {
		return nil, err
	}
	rows, err := g.db.Vaults(ctx)
	if err != nil {
		return nil, err
	}
	var all []Vault
	for _, row := range rows {
		if !roles.Decide(actor, roles.VaultsRead, roles.Resource{Vault: row.Name, Environment: row.Environment}, g.now()).Allowed {
			continue
		}
		v, err := g.presentVault(ctx, row)
		if err != nil {
			return nil, err
		}
		all = append(all, v)
	}
	return all, nil
}

func (g *Gate) presentVault(ctx context.Context, row vault.Vault) (Vault, error) {
	counts, err := g.db.Counts(ctx, row.ID)
	if err != nil {
		return Vault{}, err
	}
	v := policyOf(row)
	v.Secrets, v.Keys, v.Certificates = counts[vault.KindSecret], counts[vault.KindKey], counts[vault.KindCertificate]
	deleted, err := g.db.DeletedCounts(ctx, row.ID)
	if err != nil {
		return Vault{}, err
	}
	for _, n := range deleted {
		v.Deleted += n
	}
	now := g.now()
	v.Expired, v.Expiring, err = g.db.ExpiryCounts(ctx, row.ID, now, now.Add(ExpiringWithin))
	return v, err
}

// policyOf gives a vault without its counts.
func policyOf(row vault.Vault) Vault {
	return Vault{
		ID: row.ID, Name: row.Name, Environment: row.Environment, HardwareOnly: row.HardwareOnly, Created: row.Created,
		RetentionDays: row.RetentionDays, PurgeProtection: row.PurgeProtection, StrictExpiry: row.StrictExpiry,
	}
}

// ShowVault gives one vault.
func (g *Gate) ShowVault(ctx context.Context, s *Session, name string) (Vault, error) {
	return carry(ctx, g, s, on(roles.VaultsRead, name, "", "", ""), func(ctx context.Context, a *act) (Vault, change, error) {
		row, err := g.openVault(ctx, a)
		if err != nil {
			return Vault{}, nil, err
		}
		v, err := g.presentVault(ctx, row)
		return v, nil, err
	})
}

// CreateVaultRequest makes a vault.
type CreateVaultRequest struct {
	Name        string
	Environment roles.Environment
	// SoftwareKeys allows software keys in a prod vault, where the default
	// is HSM keys only. Other environments allow them unless HardwareOnly.
	SoftwareKeys bool
	HardwareOnly bool
	// RetentionDays is how long deleted objects stay, 7 to 90; 0 is 90. It
	// cannot be changed later.
	RetentionDays int
	// PurgeProtection keeps them until their date, whoever asks, for ever.
	PurgeProtection bool
	// StrictExpiry refuses secrets outside their dates.
	StrictExpiry bool
}

// CreateVault makes a vault with a master key of its own in the HSM.
func (g *Gate) CreateVault(ctx context.Context, s *Session, r CreateVaultRequest) (Vault, error) {
	// A vault that is not there yet lies in nobody's scope but the
	// installation's.
	a := on(roles.VaultsCreate, "", "vault", r.Name, "")
	a.params["environment"] = string(r.Environment)
	row := vault.Vault{Name: r.Name, Environment: r.Environment, HardwareOnly: r.hardwareOnly(), RetentionDays: r.RetentionDays, PurgeProtection: r.PurgeProtection, StrictExpiry: r.StrictExpiry}
	if row.RetentionDays == 0 {
		row.RetentionDays = vault.MaxRetention
	}
	a.params["retention_days"], a.params["purge_protection"] = strconv.Itoa(row.RetentionDays), strconv.FormatBool(row.PurgeProtection)
	return carryHSM(ctx, g, s, a,
		func(ctx context.Context, _ *act) (making, error) { return g.makingVault(ctx, row) },
		func(ctx context.Context, info hsm.KeyInfo) (Vault, change, error) {
			id, err := g.db.NewID()
			if err != nil {
				return Vault{}, nil, err
			}
			row.ID, row.Created = id, g.now()
			ch := func(tx *vault.Tx) error { return writeVault(tx, row, info.ID) }
			return policyOf(row), ch, nil
		})
}

func (r CreateVaultRequest) hardwareOnly() bool {
	return r.HardwareOnly || r.Environment == roles.Prod && !r.SoftwareKeys
}

// makingVault checks a new vault before its master key is made.
func (g *Gate) makingVault(ctx context.Context, v vault.Vault) (making, error) {
	if err := roles.CheckVaultName(v.Name); err != nil {
		return making{}, err
	}
	if _, err := roles.ParseEnvironment(string(v.Environment)); err != nil {
		return making{}, err
	}
	if err := vault.CheckRetention(v.RetentionDays); err != nil {
		return making{}, err
	}
	_, err := g.db.VaultByName(ctx, v.Name)
	if err == nil {
		return making{}, fault.New(fault.Conflict, "there is already a vault with this name", "choose another name; names differ by more than case")
	}
	if fault.KindOf(err) != fault.NotFound {
		return making{}, err
	}
	token, err := g.hsm(ctx)
	if err != nil {
		return making{}, err
	}
	kind, err := masterType(ctx, token)
	if err != nil {
		return making{}, err
	}
	return g.newMaking(kind, hsm.UsageWrap, masterLabel(v.Name, "1"), "vault master")
}

func writeVault(tx *vault.Tx, v vault.Vault, master hsm.KeyID) error {
	if _, err := tx.CreateVault(v); err != nil {
		return err
	}
	_, err := tx.AddMaster(v.ID, string(master))
	return err
}

// masterType chooses a master key by what the token can do: AES-256, or
// RSA-3072 where it wraps with RSA only.
func masterType(ctx context.Context, token Token) (hsm.KeyType, error) {
	c, err := token.Capabilities(ctx)
	if err != nil {
		return "", err
	}
	switch c.Wrapping {
	case hsm.WrapAESGCM, hsm.WrapAESKWP:
		return hsm.AES256, nil
	case hsm.WrapRSAOAEP:
		return hsm.RSA3072, nil
	default:
		return "", fault.New(fault.Unsupported, "the HSM can wrap data keys in no way that Strongroom knows", "it needs AES-GCM, AES key wrap with padding, or RSA-OAEP")
	}
}

// VaultPolicyRequest changes a vault's policy; nil leaves a part as it is.
type VaultPolicyRequest struct {
	HardwareOnly *bool
	// PurgeProtection can be switched on, and never off.
	PurgeProtection *bool
	StrictExpiry    *bool
}

// UpdateVault changes a vault's policy.
func (g *Gate) UpdateVault(ctx context.Context, s *Session, name string, r VaultPolicyRequest) (Vault, error) {
	a := on(roles.VaultsUpdate, name, "", "", "")
	r.note(a.params)
	var v Vault
	return carryInto(ctx, g, s, a, &v, func(ctx context.Context, a *act) (change, error) {
		row, err := g.openVault(ctx, a)
		if err != nil {
			return nil, err
		}
		if row.PurgeProtection && r.PurgeProtection != nil && !*r.PurgeProtection {
			return nil, refuse(rulePurge, vault.ErrProtected)
		}
		return func(tx *vault.Tx) error {
			row, err := tx.Vault(ctx, row.ID)
			if err != nil {
				return err
			}
			p := row.Policy()
			r.apply(&p)
			row.HardwareOnly, row.PurgeProtection, row.StrictExpiry = p.HardwareOnly, p.PurgeProtection, p.StrictExpiry
			v = policyOf(row)
			return tx.SetVaultPolicy(row.ID, p)
		}, nil
	})
}

func (r VaultPolicyRequest) apply(p *vault.VaultPolicy) {
	for _, part := range []struct{ to, from *bool }{
		{&p.HardwareOnly, r.HardwareOnly}, {&p.PurgeProtection, r.PurgeProtection}, {&p.StrictExpiry, r.StrictExpiry},
	} {
		if part.from != nil {
			*part.to = *part.from
		}
	}
}

// note writes what is asked for into the log entry's parameters.
func (r VaultPolicyRequest) note(params map[string]string) {
	for name, value := range map[string]*bool{
		"hardware_only": r.HardwareOnly, "purge_protection": r.PurgeProtection, "strict_expiry": r.StrictExpiry,
	} {
		if value != nil {
			params[name] = strconv.FormatBool(*value)
		}
	}
}
