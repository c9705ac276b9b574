package main

import "golang.org/x/sys/unix"

// hideMemory keeps other processes of the same user from attaching a debugger
// and from reading this one's memory through /proc (prctl(2), PR_SET_DUMPABLE).
func hideMemory() { _ = unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0) }
