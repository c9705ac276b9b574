// Command strongroom is a key vault that you run yourself and operate from a
// terminal. This file wires it together and gives the exit code; what the
// program does is in the packages.
package main

import (
	"context"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"github.com/strongroom/strongroom/cli"
	"github.com/strongroom/strongroom/install"
)

func main() { os.Exit(run()) }

func run() int {
	harden()
	// A reader that goes away, as head does, shows as an error of the write,
	// so that the installation is still closed.
	signal.Ignore(syscall.SIGPIPE)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	return cli.Run(ctx, os.Args[1:], cli.System{
		Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
		Getenv: os.Getenv, Install: install.RealSystem(version()), Console: showConsole,
	})
}

// version is the module's version, as the linker recorded it.
func version() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(devel)"
}
