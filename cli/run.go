package cli

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/strongroom/strongroom/gate"
	"github.com/strongroom/strongroom/install"
	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/internal/home"
)

// app is one run of the program.
type app struct {
	sys  System
	home string
	json bool
	in   *input
	// running says that a command has begun: what fails from there on is not
	// the command line's wording.
	running bool
}

// Run carries out one command line, without the program's name, and gives the
// exit code. It prints every error itself.
func Run(ctx context.Context, args []string, sys System) (code int) {
	a := &app{sys: sys, in: &input{stream: sys.Stdin, prompts: sys.Stderr}}
	defer func() {
		if r := recover(); r != nil {
			code = a.fail(fault.New(fault.Internal, "the program made a mistake and stopped", "run strongroom doctor, and report what you did"))
		}
	}()
	root := a.root()
	a.json = slices.Contains(args, "--json") // so that an error of the flags themselves has the right form
	root.SetArgs(args)
	cmd, err := root.ExecuteContextC(ctx)
	return a.fail(a.worded(cmd, err))
}

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "strongroom",
		Short: "A key vault that you run yourself and operate from a terminal",
		Long: "Strongroom keeps keys, secrets and certificates in one file, sealed under master\n" +
			"keys that never leave an HSM. Without a command it opens the console.",
		SilenceErrors: true, SilenceUsage: true,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.start(cmd) },
	}
	root.SetIn(a.sys.Stdin)
	root.SetOut(a.sys.Stdout)
	root.SetErr(a.sys.Stderr)
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error { return usage(cmd, err) })
	root.PersistentFlags().StringVar(&a.home, "home", "", "the installation's `directory` (default $STRONGROOM_HOME, else strongroom in the user's data directory)")
	root.PersistentFlags().BoolVar(&a.json, "json", false, "print JSON")
	root.SetHelpCommand(helpCommand())
	root.AddCommand(
		a.loginCommand(), a.logoutCommand(), a.whoamiCommand(),
		a.vaultCommands(), a.secretCommands(), a.keyCommands(), a.certificateCommands(),
		a.personCommands(), a.roleCommands(), a.hsmCommands(), a.auditCommands(), a.reportCommands(), a.tickCommand(),
		a.consoleCommand(), a.initCommand(), a.demoCommand(), a.doctorCommand(), a.versionCommand(),
	)
	return root
}

// helpCommand is cobra's, but for a topic that is none being an error.
func helpCommand() *cobra.Command {
	return &cobra.Command{
		Use: "help [command]", Short: "Help about any command", Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			about, rest, err := cmd.Root().Find(args)
			if err != nil || len(rest) > 0 {
				return fault.New(fault.Usage, "there is no command "+quote(strings.Join(args, " ")), "see strongroom --help")
			}
			return written(about.Help())
		},
	}
}

// command makes a command that takes no arguments; its caller may allow some.
func (a *app) command(use, short string, run func(ctx context.Context, args []string) error) *cobra.Command {
	return &cobra.Command{
		Use: use, Short: short, Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			a.running = true
			return run(cmd.Context(), args)
		},
	}
}

// group makes a command that is only a noun.
func group(use, short string, verbs ...*cobra.Command) *cobra.Command {
	cmd := &cobra.Command{
		Use: use, Short: short, Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			problem := cmd.CommandPath() + " needs a verb"
			if len(args) > 0 {
				problem = cmd.CommandPath() + " has no verb " + quote(args[0])
			}
			return fault.New(fault.Usage, problem, "use one of "+names(cmd))
		},
	}
	cmd.AddCommand(verbs...)
	return cmd
}

func names(cmd *cobra.Command) string {
	list := ""
	for _, sub := range cmd.Commands() {
		if list != "" {
			list += ", "
		}
		list += sub.Name()
	}
	return list
}

// dir gives the directory that is meant.
func (a *app) dir() (string, error) { return home.Locate(a.home, a.sys.Getenv) }

// with opens the installation for f.
func (a *app) with(ctx context.Context, f func(i *install.Installation) error) (err error) {
	dir, err := a.dir()
	if err != nil {
		return err
	}
	i, err := install.Open(ctx, dir, a.sys.Install)
	if err != nil {
		return a.pointed(dir, err)
	}
	defer func() { err = errors.Join(err, closeInstallation(ctx, i)) }()
	return f(i)
}

// closeInstallation lets go of an installation, also after an interruption.
func closeInstallation(ctx context.Context, i *install.Installation) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), closing)
	defer cancel()
	return i.Close(ctx)
}

// act carries f out for whoever is signed in. With nobody signed in f still
// runs, with a nil session: the gate refuses the act, and so the refusal is in
// the log.
func (a *app) act(ctx context.Context, f func(g *gate.Gate, s *gate.Session) error) error {
	return a.with(ctx, func(i *install.Installation) error {
		s, resumeErr := i.Resume(ctx)
		if resumeErr != nil {
			if fault.KindOf(resumeErr) != fault.Unauthenticated {
				return resumeErr
			}
			s = nil
		}
		err := f(i.Gate, s)
		if s == nil && fault.KindOf(err) == fault.Unauthenticated {
			return resumeErr // it says why nobody is
		}
		return err
	})
}
