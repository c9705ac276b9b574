package views

import "github.com/strongroom/strongroom/roles"

// OpenNewVault shows the form for a vault.
type OpenNewVault struct{}

// OpenVault shows a vault's objects.
type OpenVault struct{ Vault VaultRow }

// LoadVaults asks for every vault that the person may see; the answer is [VaultsLoaded].
type LoadVaults struct{}

// VaultsLoaded answers [LoadVaults].
type VaultsLoaded struct{ Vaults []VaultRow }

// CreateVault makes a vault with a master key of its own; the answer is [VaultCreated].
type CreateVault struct {
	Name         string
	Environment  roles.Environment
	HardwareOnly bool
	// RetentionDays is how long deleted objects stay: 7 to 90.
	RetentionDays   int
	PurgeProtection bool
	StrictExpiry    bool
}

// VaultCreated answers [CreateVault].
type VaultCreated struct{ Name string }

// OpenPolicy shows the form for a vault's policy.
type OpenPolicy struct{ Vault VaultRow }

// UpdateVault changes a vault's policy; nil leaves a part as it is. Purge
// protection is never switched off. The answer is [VaultUpdated].
type UpdateVault struct {
	Name                                        string
	HardwareOnly, PurgeProtection, StrictExpiry *bool
}

// VaultUpdated answers [UpdateVault].
type VaultUpdated struct{ Name string }

// RefusalsChanged tells a screen that what the person may do has changed.
type RefusalsChanged struct{ Refused Refusals }

func (OpenNewVault) intent() {}
func (OpenVault) intent()    {}
func (LoadVaults) intent()   {}
func (CreateVault) intent()  {}
func (OpenPolicy) intent()   {}
func (UpdateVault) intent()  {}
