package cli

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/strongroom/strongroom/gate"
	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/roles"
)

// vaultRules are a vault and its rules, in the words of Azure's resource where
// it has them.
type vaultRules struct {
	ID              string            `json:"id"`
	Name            string            `json:"name"`
	Environment     roles.Environment `json:"environment"`
	HardwareOnly    bool              `json:"hardwareOnly"`
	RetentionDays   int               `json:"softDeleteRetentionInDays"`
	PurgeProtection bool              `json:"enablePurgeProtection"`
	StrictExpiry    bool              `json:"strictExpiry"`
	Created         *time.Time        `json:"created"`
}

// vaultBody is a vault with what it holds.
type vaultBody struct {
	vaultRules
	Secrets      int `json:"secrets"`
	Keys         int `json:"keys"`
	Certificates int `json:"certificates"`
	Deleted      int `json:"deleted"`
}

func rulesOfVault(v *gate.Vault) vaultRules {
	return vaultRules{
		ID: v.ID, Name: v.Name, Environment: v.Environment, HardwareOnly: v.HardwareOnly, RetentionDays: v.RetentionDays,
		PurgeProtection: v.PurgeProtection, StrictExpiry: v.StrictExpiry, Created: moment(v.Created),
	}
}

func bodyOfVault(v *gate.Vault) vaultBody {
	return vaultBody{rulesOfVault(v), v.Secrets, v.Keys, v.Certificates, v.Deleted}
}

func (a *app) vaultCommands() *cobra.Command {
	return group("vault", "Vaults", a.vaultList(), a.vaultShow(), a.vaultCreate(), a.vaultUpdate())
}

func (a *app) vaultList() *cobra.Command {
	return a.command("list", "List the vaults that you may see", func(ctx context.Context, _ []string) error {
		return a.act(ctx, func(g *gate.Gate, s *gate.Session) error {
			all, err := g.ListVaults(ctx, s)
			if err != nil {
				return err
			}
			bodies := make([]vaultBody, 0, len(all))
			v := view{head: []string{"NAME", "ENVIRONMENT", "HARDWARE ONLY", "SECRETS", "KEYS", "CERTIFICATES", "CREATED"}}
			for i := range all {
				x := &all[i]
				bodies = append(bodies, bodyOfVault(x))
				v.add(x.Name, string(x.Environment), yes(x.HardwareOnly), strconv.Itoa(x.Secrets), strconv.Itoa(x.Keys), strconv.Itoa(x.Certificates), stamp(x.Created))
			}
			return a.print(bodies, v)
		})
	})
}

func (a *app) vaultShow() *cobra.Command {
	var name string
	cmd := a.command("show", "Show a vault", func(ctx context.Context, _ []string) error {
		return a.act(ctx, func(g *gate.Gate, s *gate.Session) error {
			v, err := g.ShowVault(ctx, s, name)
			if err != nil {
				return err
			}
			return a.printVault(&v)
		})
	})
	cmd.Flags().StringVarP(&name, "name", "n", "", "the vault's `name`")
	require(cmd, "name")
	return cmd
}

func (a *app) vaultCreate() *cobra.Command {
	var name, environment string
	var hardwareOnly, softwareKeys, protected, strict bool
	var retention int
	cmd := a.command("create", "Make a vault with a master key of its own in the HSM", func(ctx context.Context, _ []string) error {
		env := roles.Environment(strings.ToLower(environment))
		if _, err := roles.ParseEnvironment(string(env)); err != nil {
			return err
		}
		if hardwareOnly && softwareKeys {
			return fault.New(fault.Usage, "--hardware-only and --software-keys contradict each other", "give one of them")
		}
		r := gate.CreateVaultRequest{
			Name: name, Environment: env, HardwareOnly: hardwareOnly, SoftwareKeys: softwareKeys,
			RetentionDays: retention, PurgeProtection: protected, StrictExpiry: strict,
		}
		return a.act(ctx, func(g *gate.Gate, s *gate.Session) error {
			v, err := g.CreateVault(ctx, s, r)
			if err != nil {
				return err
			}
			return a.printVault(&v)
		})
	})
	cmd.Flags().StringVarP(&name, "name", "n", "", "the vault's `name`: 3 to 24 letters, digits and hyphens")
	cmd.Flags().StringVar(&environment, "environment", "", "prod, staging, uat, test or `dev`")
	cmd.Flags().BoolVar(&hardwareOnly, "hardware-only", false, "take HSM keys only (the default in prod)")
	cmd.Flags().BoolVar(&softwareKeys, "software-keys", false, "take software keys in prod too")
	cmd.Flags().IntVar(&retention, retentionFlag, azureRetention, "keep deleted objects so many `days`, 7 to 90; it cannot be changed later")
	cmd.Flags().BoolVar(&protected, protectionFlag, false, "let nobody purge them before; it cannot be lifted later")
	cmd.Flags().BoolVar(&strict, strictFlag, false, "refuse secrets outside their dates")
	require(cmd, "name", "environment")
	return cmd
}

func (a *app) printVault(x *gate.Vault) error {
	var v view
	describeVault(&v, x)
	v.add("secrets", strconv.Itoa(x.Secrets))
	v.add("keys", strconv.Itoa(x.Keys))
	v.add("certificates", strconv.Itoa(x.Certificates))
	v.add("deleted", strconv.Itoa(x.Deleted))
	return a.print(bodyOfVault(x), v)
}

// describeVault adds a vault and its rules.
func describeVault(v *view, x *gate.Vault) {
	v.add("name", x.Name)
	v.add("environment", string(x.Environment))
	v.add("hardware only", yes(x.HardwareOnly))
	v.add("deleted objects stay", strconv.Itoa(x.RetentionDays)+" days")
	v.add("purge protection", yes(x.PurgeProtection))
	v.add("strict expiry", yes(x.StrictExpiry))
	v.add("created", stamp(x.Created))
}
