package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/strongroom/strongroom/internal/fault"
)

// consent is a yes to what cannot be undone, given beforehand.
type consent struct{ yes bool }

func (c *consent) register(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&c.yes, "yes", false, "do not ask for the name to be typed")
}

// confirm makes sure that what cannot be undone is meant. On a terminal the
// name has to be typed, without regard to case, as names compare; where nobody
// can be asked, consent has to be given beforehand.
func (a *app) confirm(ctx context.Context, c consent, name, warning string) error {
	if c.yes {
		return nil
	}
	if !a.in.terminal() {
		return fault.New(fault.Usage, "this cannot be undone, and there is no terminal to ask on", "give --yes if it is meant")
	}
	fmt.Fprintln(a.sys.Stderr, line(warning))
	typed, err := a.in.line(ctx, "Type "+quote(name)+" to go on: ")
	if err != nil {
		return err
	}
	defer typed.Wipe()
	same := false
	typed.Reveal(func(b []byte) { same = strings.EqualFold(strings.TrimSpace(string(b)), name) })
	if !same {
		return fault.New(fault.Invalid, "that is not the name, so nothing was done", "type "+quote(name)+" if it is meant")
	}
	return nil
}
