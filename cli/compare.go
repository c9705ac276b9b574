package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/strongroom/strongroom/gate"
)

func (a *app) secretCompare() *cobra.Command {
	var f version
	var with string
	cmd := a.command("compare", "Say whether two versions of a secret hold the same value, showing neither", func(ctx context.Context, _ []string) error {
		return a.act(ctx, func(g *gate.Gate, s *gate.Session) error {
			same, err := g.CompareSecretVersions(ctx, s, f.ref(), with)
			if err != nil {
				return err
			}
			return a.printAnswer(same, "the same value", "another value")
		})
	})
	cmd.Long = "Say whether two versions of a secret hold the same value, showing neither. The exit\ncode is 0 if they do and 4 if they do not."
	f.register(cmd)
	cmd.Flags().StringVar(&with, "with", "", "the other `version`")
	require(cmd, "with")
	return cmd
}
