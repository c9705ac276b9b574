package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/strongroom/strongroom/gate"
	"github.com/strongroom/strongroom/internal/fault"
)

// The flags of a vault's rules, named after az.
const (
	retentionFlag  = "retention-days"
	protectionFlag = "enable-purge-protection"
	strictFlag     = "strict-expiry"
)

// rules are the flags of what may change of a vault.
type rules struct {
	hardwareOnly, protection, strict choice
	retention                        given
}

func (r *rules) register(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.Var(&r.hardwareOnly, "hardware-only", "whether new keys have to be HSM keys")
	flags.Var(&r.protection, protectionFlag, "true lets nobody purge before its date; it cannot be lifted later")
	flags.Var(&r.strict, strictFlag, "whether secrets are refused outside their dates")
	flags.Var(&r.retention, retentionFlag, "refused: it is fixed when the vault is made")
	_ = flags.MarkHidden(retentionFlag) // it is there
}

func (r *rules) request() (gate.VaultPolicyRequest, error) {
	request := gate.VaultPolicyRequest{HardwareOnly: r.hardwareOnly.value, PurgeProtection: r.protection.value, StrictExpiry: r.strict.value}
	switch {
	case bool(r.retention):
		return request, fault.New(fault.Usage, "how long deleted objects stay is fixed when a vault is made", "make a vault with another --"+retentionFlag+", and move the objects")
	case request == gate.VaultPolicyRequest{}:
		return request, fault.New(fault.Usage, "what is to change is not said", "give --"+protectionFlag+", --"+strictFlag+" or --hardware-only")
	}
	return request, nil
}

func (a *app) vaultUpdate() *cobra.Command {
	var name string
	var r rules
	var sure consent
	cmd := a.command("update", "Change a vault's rules", func(ctx context.Context, _ []string) error {
		request, err := r.request()
		if err != nil {
			return err
		}
		return a.act(ctx, func(g *gate.Gate, s *gate.Session) error {
			if s != nil && request.PurgeProtection != nil && *request.PurgeProtection {
				if err := a.confirm(ctx, sure, name, "Purge protection cannot be lifted again, by nobody."); err != nil {
					return err
				}
			}
			v, err := g.UpdateVault(ctx, s, name, request)
			if err != nil {
				return err
			}
			var out view
			describeVault(&out, &v)
			return a.print(rulesOfVault(&v), out)
		})
	})
	cmd.Long = "Change a vault's rules. Purge protection is switched on for good: on a terminal the\nvault's name has to be typed, elsewhere it takes --yes. How long deleted objects stay\nis fixed when the vault is made."
	cmd.Flags().StringVarP(&name, "name", "n", "", "the vault's `name`")
	require(cmd, "name")
	r.register(cmd)
	sure.register(cmd)
	return cmd
}
