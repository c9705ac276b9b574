package mfa

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/internal/secret"
)

// folder holds entries as NAME.key (base64) and notes as NAME.note, which say
// that the entry lies in the operating system's keyring. All files are 0600,
// the folder is 0700, both belong to this user, and none is a symbolic link.
type folder struct {
	path string
	root *os.Root
}

type place int

const (
	placeNone place = iota
	placeFile
	placeKeyring
)

const (
	keySuffix  = ".key"
	noteSuffix = ".note"
	tmpSuffix  = ".tmp"
	lockName   = "lock"
	noteText   = "keyring"
)

// openFolder makes the folder when it is absent and refuses one that others
// can read, that is a symbolic link, or that is somebody else's.
func openFolder(path string) (*folder, error) {
	if path == "" {
		return nil, fault.New(fault.Invalid, "the keyring folder has no path", "")
	}
	if err := os.Mkdir(path, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, errDisk(err, "cannot make the keyring folder")
	}
	before, err := os.Lstat(path)
	if err != nil {
		return nil, errDisk(err, "cannot open the keyring folder")
	}
	if !before.IsDir() || !private(before) {
		return nil, errOpenToOthers(path, "0700 folder")
	}
	root, err := os.OpenRoot(path)
	if err != nil {
		return nil, errDisk(err, "cannot open the keyring folder")
	}
	after, err := root.Stat(".")
	if err != nil || !os.SameFile(before, after) {
		return nil, errors.Join(errOpenToOthers(path, "0700 folder"), root.Close())
	}
	return &folder{path: path, root: root}, nil
}

func (f *folder) close() error { return f.root.Close() }

// place says which of the two files there is. The note wins: it is written
// only once the keyring has the entry.
func (f *folder) place(name string) (place, error) {
	for _, candidate := range []struct {
		suffix string
		place  place
	}{{noteSuffix, placeKeyring}, {keySuffix, placeFile}} {
		_, err := f.root.Lstat(name + candidate.suffix)
		if err == nil {
			return candidate.place, nil
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return placeNone, errDisk(err, "cannot look into the keyring folder")
		}
	}
	return placeNone, nil
}

func (f *folder) read(name string) (*secret.Bytes, error) {
	file, err := f.openPrivate(name + keySuffix)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, errNoEntry(name)
	}
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	limit := entryBase64.EncodedLen(maxEntry)
	text := make([]byte, limit+1)
	n, err := io.ReadFull(file, text)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, errDisk(err, "cannot read the keyring folder")
	}
	return decodeEntry(name, text[:n]) // more than the limit does not decode
}

// openPrivate opens a regular file that only this user can read.
func (f *folder) openPrivate(base string) (*os.File, error) {
	before, err := f.root.Lstat(base)
	if err != nil {
		return nil, errDisk(err, "cannot read the keyring folder")
	}
	if !before.Mode().IsRegular() || !private(before) {
		return nil, errOpenToOthers(filepath.Join(f.path, base), "regular 0600 file")
	}
	file, err := f.root.Open(base)
	if err != nil {
		return nil, errDisk(err, "cannot read the keyring folder")
	}
	after, err := file.Stat()
	if err != nil || !os.SameFile(before, after) {
		return nil, errors.Join(errOpenToOthers(filepath.Join(f.path, base), "regular 0600 file"), file.Close())
	}
	return file, nil
}

func (f *folder) write(name string, value *secret.Bytes) error {
	text := encodeEntry(value)
	defer clear(text)
	return f.replace(name+keySuffix, text)
}

func (f *folder) note(name string) error {
	if _, err := f.root.Lstat(name + noteSuffix); err == nil {
		return nil
	}
	return f.replace(name+noteSuffix, []byte(noteText))
}

// replace puts a file in place whole or not at all, and durably: write, sync,
// rename, sync the folder. The caller holds the lock, so that a temporary file
// it meets is what a crash left.
func (f *folder) replace(base string, content []byte) error {
	tmp := base + tmpSuffix
	if err := f.root.Remove(tmp); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return errDisk(err, "cannot write to the keyring folder")
	}
	if err := f.writeSynced(tmp, content); err != nil {
		_ = f.root.Remove(tmp) // the write's error is the one to report
		return errDisk(err, "cannot write to the keyring folder")
	}
	if err := f.root.Rename(tmp, base); err != nil {
		_ = f.root.Remove(tmp)
		return errDisk(err, "cannot write to the keyring folder")
	}
	return f.sync()
}

func (f *folder) writeSynced(base string, content []byte) error {
	file, err := f.root.OpenFile(base, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	if err == nil {
		err = file.Sync()
	}
	return errors.Join(err, file.Close())
}

func (f *folder) remove(name string) error {
	for _, suffix := range []string{keySuffix, noteSuffix} {
		if err := f.root.Remove(name + suffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return errDisk(err, "cannot remove from the keyring folder")
		}
	}
	return f.sync()
}

func (f *folder) sync() error {
	dir, err := f.root.Open(".")
	if err != nil {
		return errDisk(err, "cannot sync the keyring folder")
	}
	if err := errors.Join(syncFolder(dir), dir.Close()); err != nil {
		return errDisk(err, "cannot sync the keyring folder")
	}
	return nil
}

// lock keeps other processes from writing. It gives up after limit.
func (f *folder) lock(ctx context.Context, limit time.Duration) (unlock func(), err error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	file, err := f.root.OpenFile(lockName, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, errDisk(err, "cannot lock the keyring folder")
	}
	for {
		taken, err := tryLock(file)
		if err != nil {
			return nil, errors.Join(errDisk(err, "cannot lock the keyring folder"), file.Close())
		}
		if taken {
			return func() { _ = file.Close() }, nil // closing unlocks
		}
		select {
		case <-ctx.Done():
			busy := fault.Wrap(ctx.Err(), fault.Unavailable, "another process holds the keyring folder", "try again")
			return nil, errors.Join(busy, file.Close())
		case <-time.After(lockRetryTime):
		}
	}
}

func errDisk(err error, problem string) error {
	return fault.Wrap(err, fault.Unavailable, problem, "check the disk and the permissions of the home directory")
}

func errOpenToOthers(path, want string) error {
	return fault.New(fault.Forbidden, path+" is not a "+want+" of this user",
		"make it yours, no symbolic link, and closed to others (chmod go= "+path+")")
}
