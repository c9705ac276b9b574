package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/strongroom/strongroom/demo"
	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/internal/home"
)

const demoHelp = `Make an installation to play with, and open its console.

It has its own SoftHSM2 token, three vaults, three people and plausible contents,
and is marked as a demo for good: its sign-in screen shows each person's password
and code. Run again it opens what is there. With --tour, or where no terminal is
attached, it walks the main job without a screen, a line per step. --codes prints
what its people sign in with now.`

func (a *app) demoCommand() *cobra.Command {
	var dir string
	var tour, codes bool
	cmd := a.command("demo", "Make an installation to play with", func(ctx context.Context, _ []string) error {
		where, err := a.demoDir(dir)
		if err != nil {
			return err
		}
		if codes {
			return a.demoCodes(ctx, where)
		}
		if tour || !a.attached() {
			return a.tour(ctx, where)
		}
		return a.demoConsole(ctx, where)
	})
	cmd.Long = demoHelp
	cmd.Flags().StringVar(&dir, "dir", "", "the demo's `directory` (default strongroom-demo in the user's data directory)")
	cmd.Flags().BoolVar(&tour, "tour", false, "walk the main job without a screen")
	cmd.Flags().BoolVar(&codes, "codes", false, "print each person's password and current one-time code")
	cmd.MarkFlagsMutuallyExclusive("tour", "codes")
	return cmd
}

// demoDir is the directory of --dir, else of --home, else the usual one. The
// environment's STRONGROOM_HOME names a real installation and is not looked at.
func (a *app) demoDir(flag string) (string, error) {
	if flag == "" {
		flag = a.home
	}
	if flag == "" {
		return demo.DefaultDir(a.sys.Getenv)
	}
	return home.Locate(flag, a.sys.Getenv)
}

// pointed points somebody at their demo who named no installation, and has
// none in the usual place.
func (a *app) pointed(dir string, err error) error {
	if a.home != "" || a.sys.Getenv("STRONGROOM_HOME") != "" || home.Exists(dir) {
		return err
	}
	there, noneErr := demo.DefaultDir(a.sys.Getenv)
	if noneErr != nil || !home.Exists(there) {
		return err
	}
	return fault.Wrap(err, fault.NotFound, fault.Problem(err), "a demo is there: --home "+there+"; strongroom init makes an installation of your own")
}

func (a *app) demoOptions(dir string) demo.Options {
	return demo.Options{Dir: dir, Out: a.sys.Stderr, System: a.sys.Install}
}

func (a *app) tour(ctx context.Context, dir string) error {
	options := a.demoOptions(dir)
	options.Out = a.sys.Stdout
	failed, err := demo.Tour(ctx, options)
	if err == nil && failed > 0 {
		return exit(fault.ExitFailed)
	}
	return err
}
