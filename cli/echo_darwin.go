package cli

import "golang.org/x/sys/unix"

// The requests of termios(4) on this system.
const (
	getTermios = unix.TIOCGETA
	setTermios = unix.TIOCSETA
)
