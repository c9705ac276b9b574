package cli

import (
	"context"
	"io"

	"golang.org/x/term"

	"github.com/strongroom/strongroom/demo"
	"github.com/strongroom/strongroom/install"
)

// System is what the command line takes from the machine it runs on.
type System struct {
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	// Getenv reads the environment.
	Getenv func(string) string
	// Install is what an installation takes from the machine; its Version is
	// the program's.
	Install install.System
	// Console shows the console; nil where the program has none.
	Console ConsoleFunc
}

// ConsoleFunc shows the console over an open installation until the person
// leaves. The caller closes the installation.
type ConsoleFunc func(ctx context.Context, i *install.Installation, on Screen) error

// Screen is where a console is shown, and what its sign-in screen may show.
type Screen struct {
	// In and Out are both terminals.
	In  io.Reader
	Out io.Writer
	// Demo are the people of a demo; nil in any other installation.
	Demo demo.Credentials
}

// descriptor gives the file descriptor of a stream that is a terminal.
func descriptor(stream any) (fd int, isTerminal bool) {
	f, ok := stream.(interface{ Fd() uintptr })
	if !ok {
		return 0, false
	}
	fd = int(f.Fd())
	return fd, term.IsTerminal(fd)
}

func isTerminal(stream any) bool {
	_, ok := descriptor(stream)
	return ok
}
