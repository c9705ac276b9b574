package cli

import (
	"context"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/strongroom/strongroom/gate"
	"github.com/strongroom/strongroom/internal/fault"
)

func (a *app) delete(k kind) *cobra.Command {
	var f object
	cmd := a.command("delete", "Delete a "+string(k.id)+" with all its versions; it can be recovered until its purge date", func(ctx context.Context, _ []string) error {
		return a.act(ctx, func(g *gate.Gate, s *gate.Session) error {
			d, err := g.Delete(ctx, s, k.id, f.ref())
			if err != nil {
				return err
			}
			return a.printDeleted(ctx, g, s, k, &d)
		})
	})
	cmd.Long = "Delete a " + string(k.id) + " with all its versions. It goes to its vault's bin, where it keeps its\n" +
		"name, can be used by nobody, and can be recovered until its purge date."
	f.register(cmd)
	return cmd
}

func (a *app) listDeleted(k kind) *cobra.Command {
	var f listing
	cmd := a.command("list-deleted", "List the "+string(k.id)+"s in a vault's bin", func(ctx context.Context, _ []string) error {
		return a.act(ctx, func(g *gate.Gate, s *gate.Session) error {
			all, err := collect(f, func(r gate.ListRequest) ([]gate.Deleted, string, error) {
				page, err := g.ListDeleted(ctx, s, k.id, r)
				return page.Items, page.Next, err
			})
			if err != nil {
				return err
			}
			level, err := recoveryOf(ctx, g, s, f.vault)
			if err != nil {
				return err
			}
			v := view{head: []string{"NAME", "DELETED", "PURGED", "VERSIONS", "TAGS"}}
			bodies := make([]any, 0, len(all))
			for i := range all {
				d := &all[i]
				bodies = append(bodies, k.item(d, level))
				v.add(d.Name, stamp(d.DeletedAt), stamp(d.ScheduledPurge), strconv.Itoa(d.Versions), tagText(d.Tags))
			}
			return a.print(bodies, v)
		})
	})
	f.register(cmd)
	return cmd
}

func (a *app) showDeleted(k kind) *cobra.Command {
	var f object
	cmd := a.command("show-deleted", "Show a deleted "+string(k.id)+" and when it goes for good", func(ctx context.Context, _ []string) error {
		return a.act(ctx, func(g *gate.Gate, s *gate.Session) error {
			d, err := g.ShowDeleted(ctx, s, k.id, f.ref())
			if err != nil {
				return err
			}
			return a.printDeleted(ctx, g, s, k, &d)
		})
	})
	f.register(cmd)
	return cmd
}

func (a *app) recover(k kind) *cobra.Command {
	var f object
	cmd := a.command("recover", "Take a deleted "+string(k.id)+" out of the bin, as it was", func(ctx context.Context, _ []string) error {
		return a.act(ctx, func(g *gate.Gate, s *gate.Session) error {
			o, err := g.Recover(ctx, s, k.id, f.ref())
			if err != nil {
				return err
			}
			return k.print(a, &o)
		})
	})
	f.register(cmd)
	return cmd
}

func (a *app) purge(k kind) *cobra.Command {
	var f object
	var sure consent
	cmd := a.command("purge", "Destroy a deleted "+string(k.id)+" for good", func(ctx context.Context, _ []string) error {
		return a.act(ctx, func(g *gate.Gate, s *gate.Session) error {
			if s != nil { // nobody is asked whom the gate will refuse anyhow
				if err := a.confirm(ctx, sure, f.name, "This destroys the "+string(k.id)+" with all its versions; nobody can bring it back."); err != nil {
					return err
				}
			}
			if err := g.Purge(ctx, s, k.id, f.ref()); err != nil {
				return err
			}
			return a.say("%s is purged", f.name)
		})
	})
	cmd.Long = "Destroy a deleted " + string(k.id) + " with all its versions, and its keys in the HSM with it, before its\n" +
		"purge date. On a terminal its name has to be typed; elsewhere it takes --yes. Under\nits vault's purge protection nobody can."
	f.register(cmd)
	sure.register(cmd)
	return cmd
}

// recovery is how a vault keeps what is deleted, in Azure's words.
type recovery struct {
	level string
	days  int
}

// azureRetention is the retention in days that Azure does not call customized.
const azureRetention = 90

func recoveryOf(ctx context.Context, g *gate.Gate, s *gate.Session, vault string) (recovery, error) {
	v, err := g.ShowVault(ctx, s, vault)
	if err != nil {
		return recovery{}, err
	}
	return recoveryIn(v.RetentionDays, v.PurgeProtection), nil
}

func recoveryIn(days int, protected bool) recovery {
	r := recovery{level: "Recoverable", days: days}
	if days != azureRetention {
		r.level = "CustomizedRecoverable"
	}
	if !protected {
		r.level += "+Purgeable"
	}
	return r
}

// deletedBody is what Azure's bodies of deleted objects have besides.
type deletedBody struct {
	RecoveryID string `json:"recoveryId"`
	Deleted    *int64 `json:"deletedDate"`
	Purge      *int64 `json:"scheduledPurgeDate"`
}

func bodyOfDeleted(d *gate.Deleted) deletedBody {
	return deletedBody{"/vaults/" + d.RecoveryID, seconds(d.DeletedAt), seconds(d.ScheduledPurge)}
}

// keep adds how long a deleted object stays recoverable.
func (a *attributes) keep(r recovery) { a.RecoveryLevel, a.RecoverableDays = r.level, r.days }

func deletedSecret(d *gate.Deleted, level recovery, withVersion bool) any {
	body := bodyOfSecret(&d.Object, withVersion)
	body.Attributes.keep(level)
	return struct {
		secretBody
		deletedBody
	}{body, bodyOfDeleted(d)}
}

func deletedKey(d *gate.Deleted, level recovery) any {
	body := bodyOfKey(&d.Object)
	body.Attributes.keep(level)
	return struct {
		keyBody
		deletedBody
	}{body, bodyOfDeleted(d)}
}

func deletedKeyItem(d *gate.Deleted, level recovery) any {
	body := itemOfKey(&d.Object, false)
	body.Attributes.keep(level)
	return struct {
		keyItem
		deletedBody
	}{body, bodyOfDeleted(d)}
}

func deletedCertificate(d *gate.Deleted, level recovery) any {
	body := bodyOfCertificate(&d.Object)
	body.Attributes.keep(level)
	return struct {
		certificateBody
		deletedBody
	}{body, bodyOfDeleted(d)}
}

func deletedCertificateItem(d *gate.Deleted, level recovery) any {
	body := itemOfCertificate(&d.Object, false)
	body.Attributes.keep(level)
	return struct {
		certificateItem
		deletedBody
	}{body, bodyOfDeleted(d)}
}

// printDeleted prints an object in the bin.
func (a *app) printDeleted(ctx context.Context, g *gate.Gate, s *gate.Session, k kind, d *gate.Deleted) error {
	level, err := recoveryOf(ctx, g, s, d.Vault)
	if err != nil {
		return fault.Wrap(err, fault.KindOf(err), "the "+string(k.id)+" "+d.Name+" is deleted, but its vault cannot be read: "+fault.Problem(err), fault.Hint(err))
	}
	var v view
	a.describe(&v, &d.Object)
	v.add("deleted", stamp(d.DeletedAt))
	v.add("purged", stamp(d.ScheduledPurge))
	v.add("recovery", level.level)
	return a.print(k.deleted(d, level), v)
}
