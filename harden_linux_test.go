package main

import (
	"testing"

	"golang.org/x/sys/unix"
)

// No core file, no debugger of the same user, and no file that others may
// read, whatever the shell had allowed.
func TestTheProcessKeepsItsMemoryToItself(t *testing.T) {
	unix.Umask(0)
	harden()
	var core unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_CORE, &core); err != nil || core.Cur != 0 || core.Max != 0 {
		t.Errorf("a core file may have %d bytes (%v)", core.Cur, err)
	}
	dumpable, err := unix.PrctlRetInt(unix.PR_GET_DUMPABLE, 0, 0, 0, 0)
	if err != nil || dumpable != 0 {
		t.Errorf("the memory may be read (%d, %v)", dumpable, err)
	}
	if mask := unix.Umask(0o077); mask != 0o077 {
		t.Errorf("the umask is %04o", mask)
	}
}
