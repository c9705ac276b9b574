//go:build linux || darwin

package cli

import (
	"golang.org/x/sys/unix"
	"golang.org/x/term"
)

// silence turns a terminal's echo off and gives the way back. It is done before
// a prompt is shown, so that nothing typed at once is seen; term.ReadPassword
// comes too late for that.
func silence(fd int) (restore func(), err error) {
	before, err := term.GetState(fd)
	if err != nil {
		return nil, err
	}
	t, err := unix.IoctlGetTermios(fd, getTermios)
	if err != nil {
		return nil, err
	}
	t.Lflag &^= unix.ECHO
	t.Lflag |= unix.ICANON | unix.ISIG
	t.Iflag |= unix.ICRNL
	if err := unix.IoctlSetTermios(fd, setTermios, t); err != nil {
		return nil, err
	}
	return func() { _ = term.Restore(fd, before) }, nil // a terminal that went away needs no echo
}
