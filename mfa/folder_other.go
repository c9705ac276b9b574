//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package mfa

import (
	"io/fs"
	"os"
)

// private trusts the system: its permissions do not show in the mode bits, and
// a user's profile is closed to others by default.
func private(fs.FileInfo) bool { return true }

// tryLock does nothing: two processes that make the first entry in the same
// instant are not kept apart here.
func tryLock(*os.File) (bool, error) { return true, nil }

// syncFolder does nothing: folders cannot be synced here.
func syncFolder(*os.File) error { return nil }
