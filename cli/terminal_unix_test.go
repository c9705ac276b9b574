//go:build unix

package cli_test

import (
	"os/exec"
	"syscall"
)

// ownTerminal gives a program a terminal of its own, so that what is typed
// there interrupts it and nobody else.
func ownTerminal(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
}
