package cli

import (
	"context"
	"errors"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/strongroom/strongroom/gate"
	"github.com/strongroom/strongroom/internal/fault"
)

func (a *app) keyRotate() *cobra.Command {
	var f object
	cmd := a.command("rotate", "Give a key a new version like the last", func(ctx context.Context, _ []string) error {
		return a.act(ctx, func(g *gate.Gate, s *gate.Session) error {
			o, err := g.Rotate(ctx, s, f.ref())
			if err != nil {
				return err
			}
			return a.printKey(&o)
		})
	})
	cmd.Long = "Give a key a new version with the type, the operations, the tags and the length of\nlife of the last one. The versions before it stay and can be used by their id."
	f.register(cmd)
	return cmd
}

func (a *app) rotationPolicy() *cobra.Command {
	return group("rotation-policy", "When a key rotates by itself", a.policyShow(), a.policyUpdate())
}

func (a *app) policyShow() *cobra.Command {
	var f object
	cmd := a.command("show", "Show a key's rotation policy", func(ctx context.Context, _ []string) error {
		return a.act(ctx, func(g *gate.Gate, s *gate.Session) error {
			p, err := g.GetRotationPolicy(ctx, s, f.ref())
			if err != nil {
				return err
			}
			return a.printPolicy(&f, &p)
		})
	})
	f.register(cmd)
	return cmd
}

// schedule are the flags of a rotation policy.
type schedule struct {
	file                      string
	expiry                    period
	rotateAfter, rotateBefore period
	notifyAfter, notifyBefore period
}

// period is a flag that takes an ISO 8601 period.
type period struct{ gate.Period }

var _ pflag.Value = (*period)(nil)

func (p *period) Type() string { return "period" }

func (p *period) Set(s string) error {
	parsed, err := gate.ParsePeriod(s)
	if err != nil {
		return errors.New(fault.Hint(err))
	}
	p.Period = parsed
	return nil
}

var scheduleFlags = []string{"expiry-time", "rotate-after", "rotate-before-expiry", "notify-after", "notify-before-expiry"}

func (p *schedule) register(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVarP(&p.file, "file", "f", "", "the policy as JSON in a `file`, as the REST API has it; - is standard input")
	flags.Var(&p.expiry, scheduleFlags[0], "new versions expire after this `period`, such as P1Y")
	flags.Var(&p.rotateAfter, scheduleFlags[1], "rotate this `period` after a version was made")
	flags.Var(&p.rotateBefore, scheduleFlags[2], "rotate this `period` before a version expires")
	flags.Var(&p.notifyAfter, scheduleFlags[3], "give notice this `period` after a version was made")
	flags.Var(&p.notifyBefore, scheduleFlags[4], "give notice this `period` before a version expires")
	for _, name := range scheduleFlags {
		cmd.MarkFlagsMutuallyExclusive("file", name)
	}
	cmd.MarkFlagsMutuallyExclusive(scheduleFlags[1], scheduleFlags[2])
	cmd.MarkFlagsMutuallyExclusive(scheduleFlags[3], scheduleFlags[4])
	cmd.MarkFlagsOneRequired(append([]string{"file"}, scheduleFlags...)...)
}

// policy is what the flags say, or the file.
func (a *app) policy(ctx context.Context, p *schedule) (gate.RotationPolicy, error) {
	if p.file == "" {
		return gate.RotationPolicy{
			ExpiryTime: p.expiry.Period, Rotate: trigger(p.rotateAfter, p.rotateBefore), Notify: trigger(p.notifyAfter, p.notifyBefore),
		}, nil
	}
	text, err := a.smallInput(ctx, p.file, maxPolicy)
	if err != nil {
		return gate.RotationPolicy{}, err
	}
	return parsePolicy(text)
}

func trigger(after, before period) *gate.Trigger {
	if after.IsZero() && before.IsZero() {
		return nil
	}
	return &gate.Trigger{AfterCreate: after.Period, BeforeExpiry: before.Period}
}

func (a *app) policyUpdate() *cobra.Command {
	var f object
	var p schedule
	cmd := a.command("update", "Say when a key rotates and when notice is given", func(ctx context.Context, _ []string) error {
		policy, err := a.policy(ctx, &p)
		if err != nil {
			return err
		}
		if err := policy.Check(); err != nil {
			return err
		}
		return a.act(ctx, func(g *gate.Gate, s *gate.Session) error {
			stored, err := g.SetRotationPolicy(ctx, s, f.ref(), policy)
			if err != nil {
				return err
			}
			return a.printPolicy(&f, &stored)
		})
	})
	cmd.Long = "Say when a key rotates and when notice is given. It takes the place of what was said\n" +
		"before. Periods are ISO 8601 in years, months, weeks or days, at least 7 days: P90D,\nP6M, P1Y. strongroom tick, and the console while it is open, carry it out."
	f.register(cmd)
	p.register(cmd)
	return cmd
}

func (a *app) printPolicy(f *object, p *gate.RotationPolicy) error {
	var v view
	v.add("key", f.name)
	v.add("vault", f.vault)
	v.addSet("expiry time", p.ExpiryTime.String())
	v.addSet("rotate", triggerText(p.Rotate))
	v.addSet("notify", triggerText(p.Notify))
	v.add("created", stamp(p.Created))
	v.add("updated", stamp(p.Updated))
	return a.print(bodyOfPolicy(f, p), v)
}

func triggerText(t *gate.Trigger) string {
	switch {
	case t == nil:
		return ""
	case t.AfterCreate.IsZero():
		return t.BeforeExpiry.String() + " before expiry"
	default:
		return t.AfterCreate.String() + " after creation"
	}
}
