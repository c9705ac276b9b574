//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package mfa

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
)

// private reports whether only this user can read the file.
func private(info fs.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && info.Mode().Perm()&0o077 == 0 && int(stat.Uid) == os.Geteuid()
}

// tryLock takes the file's advisory lock, which ends with the open file.
func tryLock(file *os.File) (bool, error) {
	err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) || errors.Is(err, syscall.EINTR) {
		return false, nil
	}
	return err == nil, err
}

// syncFolder makes a rename in the folder durable.
func syncFolder(dir *os.File) error { return dir.Sync() }
