package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/internal/secret"
)

// openFile opens a file that was named on the command line. A file that is not
// there is a wrong input, and so is one that is no regular file: a pipe or a
// device might never begin, or never end.
func openFile(path string) (*os.File, error) {
	info, err := os.Stat(path)
	if err == nil {
		err = regular(path, info)
	}
	if err != nil {
		return nil, fileError(err, path)
	}
	f, err := os.OpenFile(path, os.O_RDONLY|noWait, 0) // it may have become a pipe
	if err != nil {
		return nil, fileError(err, path)
	}
	if info, err = f.Stat(); err == nil {
		err = regular(path, info)
	}
	if err != nil {
		return nil, fileError(errors.Join(err, f.Close()), path)
	}
	return f, nil
}

func regular(path string, info fs.FileInfo) error {
	switch {
	case info.IsDir():
		return fault.New(fault.Invalid, quote(path)+" is a directory", "name a file")
	case !info.Mode().IsRegular():
		return fault.New(fault.Invalid, quote(path)+" is not a regular file", "name a file; what comes through a pipe is taken from standard input")
	}
	return nil
}

func fileError(err error, path string) error {
	var f *fault.Error
	switch {
	case errors.As(err, &f):
		return err
	case errors.Is(err, fs.ErrNotExist):
		return fault.Wrap(err, fault.Invalid, "there is no file "+quote(path), "check the name and the directory")
	case errors.Is(err, fs.ErrPermission):
		return fault.Wrap(err, fault.Invalid, "the file "+quote(path)+" may not be read", "check its owner and permissions")
	default:
		return fault.Wrap(err, fault.Unavailable, "the file "+quote(path)+" cannot be read", "check the disk")
	}
}

func readSecretFile(ctx context.Context, path string, limit int64) (*secret.Bytes, error) {
	f, err := openFile(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return readBounded(ctx, f, limit)
}

// readFile reads a small file.
func readFile(ctx context.Context, path string, limit int64) (b []byte, err error) {
	s, err := readSecretFile(ctx, path, limit)
	if err != nil {
		return nil, err
	}
	s.Reveal(func(text []byte) { b = append(b, text...) })
	return b, nil
}

// smallInput reads a small file that is no secret; - is standard input.
func (a *app) smallInput(ctx context.Context, path string, limit int64) (b []byte, err error) {
	if path != "-" {
		return readFile(ctx, path, limit)
	}
	s, err := a.in.rest(ctx, limit)
	if err != nil {
		return nil, err
	}
	s.Reveal(func(text []byte) { b = append(b, text...) })
	return b, nil
}

// free refuses a path where something is, unless it may be replaced, and one
// whose directory is not there.
func free(path string, force bool) error {
	if !isDirectory(filepath.Dir(path)) {
		return fault.New(fault.Invalid, "there is no directory "+quote(filepath.Dir(path)), "make it, or choose another")
	}
	if _, err := os.Lstat(path); err == nil && !force {
		return fault.New(fault.Conflict, "there is already a file "+quote(path), "choose another name, or replace it with --force")
	}
	return nil
}

// writeFile writes a file whole or not at all, readable for its owner only.
// Without force it never replaces one.
func writeFile(path string, content []byte, force bool) error {
	bad := func(err error) error {
		return fault.Wrap(err, fault.Unavailable, "the file "+quote(path)+" cannot be written", "check that the directory is there, writable and has room")
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".strongroom-*") // mode 0600
	if err != nil {
		return bad(err)
	}
	defer os.Remove(f.Name()) // gone already, if it was renamed
	_, err = f.Write(content)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return bad(err)
	}
	err = place(f.Name(), path, force)
	if errors.Is(err, fs.ErrExist) {
		return free(path, false)
	}
	if err != nil {
		return bad(fmt.Errorf("put in place: %w", err))
	}
	return nil
}

func isDirectory(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// place gives a file its name. Without force it takes a link, which unlike a
// rename fails where something is; file systems without links get a look and a
// rename.
func place(from, to string, force bool) error {
	if !force {
		err := os.Link(from, to)
		if err == nil || errors.Is(err, fs.ErrExist) {
			return err
		}
		if _, statErr := os.Lstat(to); statErr == nil {
			return fs.ErrExist
		}
	}
	return os.Rename(from, to)
}
