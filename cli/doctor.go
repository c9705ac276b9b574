package cli

import (
	"context"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/strongroom/strongroom/install"
	"github.com/strongroom/strongroom/internal/fault"
)

func (a *app) doctorCommand() *cobra.Command {
	cmd := a.command("doctor", "Examine the installation: folder, HSM, database, log, keyring", func(ctx context.Context, _ []string) error {
		dir, err := a.dir()
		if err != nil {
			return err
		}
		checks := install.Doctor(ctx, dir, a.sys.Install)
		if err := checks[0].Err; err != nil { // the home directory's
			checks[0].Hint = fault.Hint(a.pointed(dir, err))
		}
		return a.printChecks(checks)
	})
	cmd.Long = "Examine the installation. It signs nobody in and changes nothing. The exit code is\n1 if a check failed, and 4 if something was changed that should not have been."
	return cmd
}

func (a *app) printChecks(checks []install.Check) error {
	v := view{head: []string{"CHECK", "HEALTH", "DETAIL"}}
	failed, verdict := 0, fault.ExitDone
	for _, c := range checks {
		v.add(c.Name, string(c.Health), c.Detail)
		if c.Hint != "" {
			v.add("", "", "hint: "+c.Hint)
		}
		if c.Health != install.Bad {
			continue
		}
		failed++
		if verdict != fault.ExitTampered {
			verdict = fault.ExitFailed
		}
		if fault.KindOf(c.Err) == fault.Tampered {
			verdict = fault.ExitTampered
		}
	}
	if err := a.print(checks, v); err != nil {
		return err
	}
	switch verdict {
	case fault.ExitDone:
		return nil
	case fault.ExitTampered:
		return fault.New(fault.Tampered, "something in this installation was changed", "see the checks that failed")
	default:
		return fault.New(fault.Unavailable, strconv.Itoa(failed)+" of the checks failed", "see their hints")
	}
}
