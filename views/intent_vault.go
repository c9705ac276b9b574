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
}

// VaultCreated answers [CreateVault].
type VaultCreated struct{ Name string }

// RefusalsChanged tells a screen that what the person may do has changed.
type RefusalsChanged struct{ Refused Refusals }

func (OpenNewVault) intent() {}
func (OpenVault) intent()    {}
func (LoadVaults) intent()   {}
func (CreateVault) intent()  {}
