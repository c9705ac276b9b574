package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/strongroom/strongroom/gate"
	"github.com/strongroom/strongroom/internal/fault"
)

const tickHelp = `Carry out what is due: notices of near expiry, rotations by policy, and purges of
deleted objects whose date has come.

Each due act happens once, however many programs look for it at a time, and is in
the log with the actor strongroom. What needs the HSM, as every rotation and the
purge of an HSM key do, waits until somebody is signed in here. The exit code is 1
if something failed; it is tried again after an hour.`

// dueBody is something that fell due.
type dueBody struct {
	ID     string    `json:"id"`
	Kind   gate.Kind `json:"kind"`
	Action string    `json:"action"`
	Error  string    `json:"error,omitempty"`
}

type tickBody struct {
	Done    []dueBody `json:"done"`
	Waiting []dueBody `json:"waiting"`
	Failed  []dueBody `json:"failed"`
}

func (a *app) tickCommand() *cobra.Command {
	cmd := a.command("tick", "Carry out what is due: rotations, notices, purges", func(ctx context.Context, _ []string) error {
		return a.act(ctx, func(g *gate.Gate, _ *gate.Session) error {
			r, err := g.Tick(ctx)
			if err != nil {
				return err
			}
			return a.printTick(&r)
		})
	})
	cmd.Long = tickHelp
	return cmd
}

func (a *app) printTick(r *gate.TickReport) error {
	v := view{head: []string{"ACT", "KIND", "VAULT", "NAME", "RESULT"}}
	body := tickBody{
		dueBodies(&v, r.Done, "done"), dueBodies(&v, r.Waiting, "waits until somebody is signed in"), dueBodies(&v, r.Failed, "failed"),
	}
	if len(v.rows) == 0 && !a.json {
		return a.say("nothing is due")
	}
	err := a.print(body, v)
	if err == nil && len(r.Failed) > 0 {
		return exit(fault.ExitFailed)
	}
	return err
}

func dueBodies(v *view, items []gate.DueItem, result string) []dueBody {
	out := make([]dueBody, 0, len(items))
	for i := range items {
		d := &items[i]
		o := gate.Object{Vault: d.Vault, Name: d.Name, Version: d.Version}
		body := dueBody{ID: identifier(&o, d.Kind, true), Kind: d.Kind, Action: d.Act}
		said := result
		if d.Err != nil {
			body.Error = fault.Problem(d.Err)
			said += ": " + body.Error
		}
		out = append(out, body)
		v.add(d.Act, string(d.Kind), d.Vault, d.Name, said)
	}
	return out
}
