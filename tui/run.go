package tui

import (
	"context"
	"errors"

	tea "charm.land/bubbletea/v2"

	"github.com/strongroom/strongroom/internal/fault"
)

// Run shows the console until the person leaves, ctx ends or the terminal is
// lost. Whatever ends it, the login session is closed and what was typed or
// shown is wiped. The mouse is left to the terminal.
func Run(ctx context.Context, c Config, opts ...tea.ProgramOption) error {
	m := New(ctx, c)
	program := tea.NewProgram(m, append(options(ctx, c), opts...)...)
	_, err := program.Run()
	return errors.Join(ending(ctx, err), m.close(ctx))
}

func options(ctx context.Context, c Config) []tea.ProgramOption {
	opts := []tea.ProgramOption{tea.WithContext(ctx)}
	if c.In != nil {
		opts = append(opts, tea.WithInput(c.In))
	}
	if c.Out != nil {
		opts = append(opts, tea.WithOutput(c.Out))
	}
	return opts
}

// ending turns what ended the program into an error for a person. To be
// stopped from outside is an end like another.
func ending(ctx context.Context, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, tea.ErrProgramPanic):
		return fault.Wrap(err, fault.Internal, "the console made a mistake and was closed", "what was acknowledged is stored; start it again and report what you did")
	case errors.Is(err, tea.ErrInterrupted), ctx.Err() != nil:
		return nil
	default:
		return fault.Wrap(err, fault.Unavailable, "the console cannot use this terminal", "start it in a terminal of at least 80 x 24 cells")
	}
}
