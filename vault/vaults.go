package vault

import (
	"context"
	"strings"
	"time"

	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/roles"
)

// Vault is a security boundary for one application in one environment.
type Vault struct {
	ID           string
	Name         string
	Environment  roles.Environment
	Created      time.Time
	HardwareOnly bool // software keys are refused in it
	// RetentionDays is how long deleted objects stay, [MinRetention] to
	// [MaxRetention]; it is fixed when the vault is made.
	RetentionDays int
	// PurgeProtection keeps deleted objects until their date, whoever asks.
	// Once set it stays.
	PurgeProtection bool
	// StrictExpiry refuses secrets outside their dates.
	StrictExpiry bool
}

// MasterState says what a vault's master key is good for.
type MasterState string

// The states of a master key. A vault has at most one active; retired ones
// still open what they sealed.
const (
	MasterActive  MasterState = "active"
	MasterRetired MasterState = "retired"
)

// Master is one master key of a vault: the key itself lies in the HSM.
type Master struct {
	VaultID string
	N       int    // counts from 1 within the vault
	KeyID   string // the HSM's id of the key
	Created time.Time
	State   MasterState
}

// ErrNoVault and ErrNoMaster say that there is no such vault or master key.
var (
	ErrNoVault  = fault.New(fault.NotFound, "there is no such vault", "strongroom vault list shows the vaults")
	ErrNoMaster = fault.New(fault.NotFound, "the vault has no such master key", "")
)

const (
	vaultFields = `w.id, w.name, w.environment, w.created, w.hardware_only, w.retention_days, w.purge_protection,
	w.strict_expiry`
	vaultColumns = `SELECT ` + vaultFields + ` FROM vaults w `
)

// Vault gives the vault with this id, or [ErrNoVault].
func (r Reader) Vault(ctx context.Context, id string) (Vault, error) {
	return one(ctx, r, scanVault, ErrNoVault, vaultColumns+`WHERE w.id = ?`, id)
}

// VaultByName gives the vault with this name, compared without case, or
// [ErrNoVault].
func (r Reader) VaultByName(ctx context.Context, name string) (Vault, error) {
	return one(ctx, r, scanVault, ErrNoVault, vaultColumns+`WHERE w.name_key = ?`, fold(name))
}

// Vaults gives all vaults by name.
func (r Reader) Vaults(ctx context.Context) ([]Vault, error) {
	return many(ctx, r, scanVault, vaultColumns+`ORDER BY w.name_key`)
}

// CreateVault stores a new vault; an empty ID gets a fresh UUID, a zero
// Created the current time, a zero RetentionDays [MaxRetention]. A name that is
// taken is a Conflict.
func (tx *Tx) CreateVault(v Vault) (Vault, error) {
	if err := roles.CheckVaultName(v.Name); err != nil {
		return Vault{}, err
	}
	if v.RetentionDays == 0 {
		v.RetentionDays = MaxRetention
	}
	if err := CheckRetention(v.RetentionDays); err != nil {
		return Vault{}, err
	}
	if err := tx.identify(&v.ID, &v.Created); err != nil {
		return Vault{}, err
	}
	err := tx.exec(`INSERT INTO vaults (id, name, name_key, environment, created, hardware_only, retention_days,
		purge_protection, strict_expiry) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`, v.ID, v.Name, fold(v.Name), v.Environment,
		stamp(v.Created), v.HardwareOnly, v.RetentionDays, v.PurgeProtection, v.StrictExpiry)
	return v, taken(err, "there is already a vault with this name", "choose another name; names differ by more than case")
}

// CheckRetention refuses a retention in days outside its rule.
func CheckRetention(days int) error {
	if days >= MinRetention && days <= MaxRetention {
		return nil
	}
	return fault.New(fault.Invalid, "deleted objects stay 7 to 90 days", "choose a number of days from 7 to 90; it cannot be changed later")
}

// VaultPolicy is what may change of a vault after it was made.
type VaultPolicy struct {
	HardwareOnly    bool
	PurgeProtection bool // true stays true: lifting it is Forbidden
	StrictExpiry    bool
}

// Policy gives the part of a vault that may change.
func (v *Vault) Policy() VaultPolicy {
	return VaultPolicy{HardwareOnly: v.HardwareOnly, PurgeProtection: v.PurgeProtection, StrictExpiry: v.StrictExpiry}
}

// ErrProtected says that purge protection stays.
var ErrProtected = fault.New(fault.Forbidden, "purge protection is never lifted", "objects leave this vault when their purge date has come")

// SetVaultPolicy replaces a vault's policy.
func (tx *Tx) SetVaultPolicy(vaultID string, p VaultPolicy) error {
	v, err := tx.Vault(tx.ctx, vaultID)
	if err != nil {
		return err
	}
	if v.PurgeProtection && !p.PurgeProtection {
		return ErrProtected
	}
	return tx.changeOne(ErrNoVault, `UPDATE vaults SET hardware_only = ?, purge_protection = ?, strict_expiry = ? WHERE id = ?`,
		p.HardwareOnly, p.PurgeProtection, p.StrictExpiry, vaultID)
}

const masterColumns = `SELECT vault_id, n, key_id, created, state FROM vault_masters WHERE vault_id = ? `

// Masters gives the vault's master keys, oldest first.
func (r Reader) Masters(ctx context.Context, vaultID string) ([]Master, error) {
	return many(ctx, r, scanMaster, masterColumns+`ORDER BY n`, vaultID)
}

// Master gives the vault's master key n, or [ErrNoMaster].
func (r Reader) Master(ctx context.Context, vaultID string, n int) (Master, error) {
	return one(ctx, r, scanMaster, ErrNoMaster, masterColumns+`AND n = ?`, vaultID, n)
}

// ActiveMaster gives the master key that seals new versions, or [ErrNoMaster].
func (r Reader) ActiveMaster(ctx context.Context, vaultID string) (Master, error) {
	return one(ctx, r, scanMaster, ErrNoMaster, masterColumns+`AND state = 'active'`, vaultID)
}

// AddMaster makes keyID the vault's active master key and retires the one
// before it.
func (tx *Tx) AddMaster(vaultID, keyID string) (Master, error) {
	m := Master{VaultID: vaultID, KeyID: keyID, Created: tx.Now(), State: MasterActive}
	n, err := tx.number(`SELECT coalesce(max(n), 0) + 1 FROM vault_masters WHERE vault_id = ?`, vaultID)
	if err != nil {
		return Master{}, err
	}
	m.N = int(n)
	if err := tx.exec(`UPDATE vault_masters SET state = 'retired' WHERE vault_id = ?`, vaultID); err != nil {
		return Master{}, err
	}
	err = tx.exec(`INSERT INTO vault_masters (vault_id, n, key_id, created, state) VALUES (?, ?, ?, ?, ?)`,
		vaultID, m.N, keyID, stamp(m.Created), m.State)
	return m, taken(err, "this master key is already in use", "make a key of its own for each vault")
}

func scanVault(s scanner) (Vault, error) {
	var v Vault
	err := s.Scan(v.into()...)
	return v, err
}

// into gives where the columns of a vault go, in their order.
func (v *Vault) into() []any {
	return []any{
		&v.ID, &v.Name, &v.Environment, when(&v.Created), &v.HardwareOnly, &v.RetentionDays, &v.PurgeProtection,
		&v.StrictExpiry,
	}
}

func scanMaster(s scanner) (Master, error) {
	var m Master
	err := s.Scan(&m.VaultID, &m.N, &m.KeyID, when(&m.Created), &m.State)
	return m, err
}

// fold gives the form by which names compare. Names are ASCII by rule.
func fold(name string) string { return strings.ToLower(name) }
