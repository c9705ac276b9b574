//go:build linux || darwin

package main

import "golang.org/x/sys/unix"

// harden keeps this process's memory and files from other users. A system that
// does not grant one of these is no reason not to run.
func harden() {
	unix.Umask(0o077)
	_ = unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{}) // no core file
	hideMemory()
}
