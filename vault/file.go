package vault

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/strongroom/strongroom/internal/fault"
)

// othersMask is what a file that holds a vault must not grant.
const othersMask fs.FileMode = 0o077

// makeFile makes an empty file that only its owner can use, or accepts one
// that is there; [writer.initialise] refuses one that is in use.
func makeFile(path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	switch {
	case errors.Is(err, fs.ErrExist):
		return checkFile(path)
	case errors.Is(err, fs.ErrNotExist):
		return fault.Wrap(err, fault.NotFound, "the folder for the database does not exist", "make the folder first, with mode 0700")
	case err != nil:
		return fault.Wrap(err, fault.Unavailable, "the database cannot be made", "check who owns the folder")
	}
	return errors.Join(f.Close(), syncFolder(path))
}

// checkFile refuses a path that is absent, is no plain file, or is open to
// other people.
func checkFile(path string) error {
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fault.Wrap(err, fault.NotFound, "there is no database here", "check the home directory, or set up an installation in it")
	case err != nil:
		return fault.Wrap(err, fault.Unavailable, "the database cannot be looked at", "check who owns the folder")
	case !info.Mode().IsRegular():
		return fault.New(fault.Forbidden, "the database is not a plain file", "put the file itself there, not a link to it")
	case info.Mode().Perm()&othersMask != 0:
		return fault.New(fault.Forbidden, "other people on this computer may use the database file", "close it to them: chmod 600 "+filepath.Base(path))
	}
	return nil
}

// syncFolder makes a new or renamed file's name survive a power cut.
func syncFolder(path string) error {
	folder, err := os.Open(filepath.Dir(path))
	if err != nil {
		return fault.Wrap(err, fault.Unavailable, "the database's folder cannot be opened", "check who owns it")
	}
	return errors.Join(folder.Sync(), folder.Close())
}
