package cli

import "golang.org/x/sys/unix"

// The requests of termios(3) on this system.
const (
	getTermios = unix.TCGETS
	setTermios = unix.TCSETS
)
