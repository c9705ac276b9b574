package cli

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"github.com/strongroom/strongroom/demo"
	"github.com/strongroom/strongroom/install"
	"github.com/strongroom/strongroom/internal/fault"
)

func (a *app) consoleCommand() *cobra.Command {
	return a.command("console", "Open the console, as strongroom alone does", func(ctx context.Context, _ []string) error {
		return a.console(ctx)
	})
}

// start is what the program does without a command.
func (a *app) start(cmd *cobra.Command) error {
	a.running = true
	return a.console(cmd.Context())
}

func (a *app) console(ctx context.Context) error {
	if err := a.needScreen(); err != nil {
		return err
	}
	isDemo := false
	err := a.with(ctx, func(i *install.Installation) error {
		if isDemo = i.Gate.Demo(); isDemo {
			return nil // it is opened again, with its people
		}
		return a.sys.Console(ctx, i, a.screen(nil))
	})
	if err != nil || !isDemo {
		return err
	}
	dir, err := a.dir()
	if err != nil {
		return err
	}
	return a.demoConsole(ctx, dir)
}

// demoConsole shows the console of a demo, making the demo where there is
// none.
func (a *app) demoConsole(ctx context.Context, dir string) (err error) {
	if err := a.needScreen(); err != nil {
		return err
	}
	i, people, err := demo.Open(ctx, a.demoOptions(dir))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeInstallation(ctx, i)) }()
	return a.sys.Console(ctx, i, a.screen(people))
}

// attached reports whether a console can be shown.
func (a *app) attached() bool {
	return isTerminal(a.sys.Stdin) && isTerminal(a.sys.Stdout) && a.sys.Getenv("TERM") != "dumb"
}

func (a *app) needScreen() error {
	switch {
	case !a.attached():
		return fault.New(fault.Usage, "the console needs a terminal, and there is none here",
			"run it in a terminal, or use a command: strongroom --help")
	case a.sys.Console == nil:
		return fault.New(fault.Unsupported, "this build has no console", "use the commands: strongroom --help")
	default:
		return nil
	}
}

func (a *app) screen(people demo.Credentials) Screen {
	return Screen{In: a.sys.Stdin, Out: a.sys.Stdout, Demo: people}
}
