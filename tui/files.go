package tui

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/strongroom/strongroom/gate"
	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/internal/secret"
	"github.com/strongroom/strongroom/views"
)

// signatureEnding follows a file's name in the name of its signature.
const signatureEnding = ".sig"

// path makes a path that somebody typed absolute: a leading ~ is the home
// directory, and what is relative begins in the console's folder.
func (d door) path(typed string) string {
	if typed == "~" || strings.HasPrefix(typed, "~/") {
		if dir, err := os.UserHomeDir(); err == nil {
			return filepath.Join(dir, typed[1:])
		}
	}
	if filepath.IsAbs(typed) {
		return filepath.Clean(typed)
	}
	return filepath.Join(d.folder, typed)
}

// openRegular opens a file to read it through. A pipe or a device might never
// end, or never begin.
func openRegular(path string) (*os.File, int64, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, 0, errRead(path, err)
	}
	if !info.Mode().IsRegular() {
		return nil, 0, fault.New(fault.Invalid, path+" is not a regular file", "name a file, not a folder or a device")
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, 0, errRead(path, err)
	}
	return f, info.Size(), nil
}

// readSecret reads a secret's value, and no more than a secret may have.
func readSecret(path string) (*secret.Bytes, error) {
	f, size, err := openRegular(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if size > gate.MaxSecretSize {
		return nil, fault.New(fault.Invalid, path+" has "+itoa(size)+" bytes, a secret has at most "+itoa(gate.MaxSecretSize),
			"store a larger file elsewhere and keep its key here")
	}
	b := make([]byte, gate.MaxSecretSize+1) // of one size, so that no smaller copy is left behind
	n, err := io.ReadFull(f, b)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		clear(b)
		return nil, errRead(path, err)
	}
	return secret.New(b[:n]), nil
}

func errRead(path string, err error) error {
	switch {
	case errors.Is(err, os.ErrNotExist):
		return fault.Wrap(err, fault.NotFound, path+" is not there", "check the path")
	case errors.Is(err, os.ErrPermission):
		return fault.Wrap(err, fault.Forbidden, path+" may not be read", "check who owns it and its permissions")
	default:
		return fault.Wrap(err, fault.Unavailable, path+" cannot be read", "check the disk")
	}
}

// checkNew refuses paths where something lies already.
func checkNew(paths ...string) error {
	for _, p := range paths {
		if _, err := os.Lstat(p); err == nil {
			return errExists(p)
		}
		if info, err := os.Stat(filepath.Dir(p)); err != nil || !info.IsDir() {
			return fault.New(fault.NotFound, "there is no folder "+filepath.Dir(p), "make it first, or choose another")
		}
	}
	return nil
}

func errExists(path string) error {
	return fault.New(fault.Conflict, path+" is there already", "choose another name; nothing is overwritten")
}

// writePair writes a file and its signature, or neither.
func writePair(path string, content, signature []byte) error {
	if err := writeNew(path, content); err != nil {
		return err
	}
	if err := writeNew(path+signatureEnding, signature); err != nil {
		return errors.Join(err, os.Remove(path))
	}
	return nil
}

// writeNew writes a file that only its owner may read. The file appears whole
// or not at all, and one that is there already stays as it is: the content is
// written beside it, synced, and then linked to its name, which fails where
// the name is taken.
func writeNew(path string, content []byte) (err error) {
	if err := checkNew(path); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".strongroom-*") // mode 0600
	if err != nil {
		return errWrite(path, err)
	}
	defer func() { err = errors.Join(err, os.Remove(f.Name())) }()
	_, err = f.Write(content)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return errWrite(path, err)
	}
	if err := os.Link(f.Name(), path); err != nil {
		return linkless(path, content, err)
	}
	return syncFolder(filepath.Dir(path))
}

// linkless is for file systems without hard links: the name is taken
// exclusively, and given back when the content does not fit.
func linkless(path string, content []byte, cause error) error {
	if errors.Is(cause, os.ErrExist) {
		return errExists(path)
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, os.ErrExist) {
		return errExists(path)
	}
	if err != nil {
		return errWrite(path, errors.Join(cause, err))
	}
	_, err = f.Write(content)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return errors.Join(errWrite(path, err), os.Remove(path))
	}
	return syncFolder(filepath.Dir(path))
}

func syncFolder(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return errWrite(dir, err)
	}
	defer f.Close()
	if err := f.Sync(); err != nil && !errors.Is(err, errors.ErrUnsupported) {
		return errWrite(dir, err)
	}
	return nil
}

func errWrite(path string, err error) error {
	if errors.Is(err, os.ErrPermission) {
		return fault.Wrap(err, fault.Forbidden, path+" may not be written", "choose a folder of your own")
	}
	return fault.Wrap(err, fault.Unavailable, path+" cannot be written", "check free space and permissions")
}

func (d door) saveText(_ context.Context, in views.SaveText) (tea.Msg, error) {
	path := d.path(in.Path)
	return views.FileSaved{Path: path}, writeNew(path, []byte(in.Text))
}

// suggestPaths lists what begins with what is typed. What cannot be read has
// nothing to suggest.
func (d door) suggestPaths(_ context.Context, in views.SuggestPaths) (tea.Msg, error) {
	out := views.PathsSuggested{Field: in.Field, Prefix: in.Prefix}
	typedDir, begin := "", in.Prefix
	if i := strings.LastIndexByte(in.Prefix, '/'); i >= 0 {
		typedDir, begin = in.Prefix[:i+1], in.Prefix[i+1:]
	}
	for _, e := range listFolder(d.path(typedDir + ".")) {
		if !strings.HasPrefix(e.Name(), begin) || (begin == "" && strings.HasPrefix(e.Name(), ".")) {
			continue
		}
		name := typedDir + e.Name()
		if e.IsDir() {
			name += "/"
		}
		out.Paths = append(out.Paths, name)
	}
	slices.Sort(out.Paths)
	out.Paths = out.Paths[:min(len(out.Paths), maxSuggestions)]
	return out, nil
}

func listFolder(dir string) []os.DirEntry {
	f, err := os.Open(dir)
	if err != nil {
		return nil
	}
	defer f.Close()
	entries, err := f.ReadDir(maxListed)
	if err != nil && len(entries) == 0 {
		return nil
	}
	return entries
}
