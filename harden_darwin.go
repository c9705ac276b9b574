package main

import "golang.org/x/sys/unix"

// hideMemory refuses debuggers (ptrace(2), PT_DENY_ATTACH).
func hideMemory() { _ = unix.PtraceDenyAttach() }
