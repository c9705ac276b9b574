package home

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/strongroom/strongroom/internal/fault"
)

// Names inside the home directory.
const (
	configName   = "strongroom.yaml"
	databaseName = "vault.db"
	keyringName  = "keyring"
	runName      = "run"
)

// Home is one installation's directory.
type Home struct {
	Dir    string
	Config Config
}

// Locate says which directory is meant: the flag, else STRONGROOM_HOME, else
// strongroom under the user's data directory (XDG Base Directory
// Specification). The result is absolute. It need not exist.
func Locate(flag string, getenv func(string) string) (string, error) {
	dir := flag
	if dir == "" {
		dir = getenv("STRONGROOM_HOME")
	}
	if dir == "" {
		data, err := DataDir(getenv)
		if err != nil {
			return "", err
		}
		dir = filepath.Join(data, "strongroom")
	}
	abs, err := filepath.Abs(dir)
	if err != nil {
		return "", fault.Wrap(err, fault.Invalid, "the home directory cannot be found", "give it with --home DIR")
	}
	return abs, nil
}

// DataDir is the user's data directory: $XDG_DATA_HOME, else ~/.local/share.
func DataDir(getenv func(string) string) (string, error) {
	if dir := getenv("XDG_DATA_HOME"); filepath.IsAbs(dir) {
		return dir, nil
	}
	if user := getenv("HOME"); filepath.IsAbs(user) {
		return filepath.Join(user, ".local", "share"), nil
	}
	return "", fault.New(fault.Invalid, "neither XDG_DATA_HOME nor HOME is set", "give the home directory with --home DIR")
}

// Exists reports whether dir holds an installation.
func Exists(dir string) bool {
	_, err := os.Lstat(filepath.Join(dir, configName))
	return err == nil
}

// Create makes the directory, private to its owner, and writes the
// configuration. It refuses a directory that already holds an installation.
func Create(dir string, c Config) (*Home, error) {
	if Exists(dir) {
		return nil, fault.New(fault.Conflict, dir+" already holds an installation", "choose another directory with --home DIR")
	}
	if err := Prepare(dir); err != nil {
		return nil, err
	}
	h := &Home{Dir: dir, Config: c}
	return h, c.write(h.path(configName))
}

// Prepare makes dir, private to its owner, or checks that it already is.
func Prepare(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fault.Wrap(err, fault.Unavailable, "the directory "+dir+" cannot be made", "choose another with --home DIR")
	}
	return private(dir)
}

// Open reads an installation's configuration after checking that directory
// and file are private.
func Open(dir string) (*Home, error) {
	if !Exists(dir) {
		return nil, fault.New(fault.NotFound, "there is no installation in "+dir,
			"strongroom init makes one, strongroom demo one to play with; --home DIR points elsewhere")
	}
	if err := private(dir); err != nil {
		return nil, err
	}
	h := &Home{Dir: dir}
	if err := private(h.path(configName)); err != nil {
		return nil, err
	}
	c, err := readConfig(h.path(configName))
	if err != nil {
		return nil, err
	}
	h.Config = c
	return h, nil
}

// Database is the path of the SQLite file.
func (h *Home) Database() string { return h.path(databaseName) }

// Keyring is the folder for what the operating system's keyring would hold,
// where there is none.
func (h *Home) Keyring() string { return h.path(keyringName) }

// Run is the folder for login tickets.
func (h *Home) Run() string { return h.path(runName) }

// Resolve makes a path of the configuration absolute: it is relative to the
// home directory, so that the directory may move.
func (h *Home) Resolve(path string) string {
	if path == "" || filepath.IsAbs(path) {
		return path
	}
	return h.path(path)
}

func (h *Home) path(name string) string { return filepath.Join(h.Dir, name) }

// Private refuses a path that is not the user's own or that others may read
// or write. A link is refused: it could lead anywhere.
func Private(path string) error { return private(path) }

func private(path string) error {
	info, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return fault.Wrap(err, fault.NotFound, path+" is missing", "restore it from a backup")
	}
	if err != nil {
		return fault.Wrap(err, fault.Unavailable, path+" cannot be read", "check its owner and permissions")
	}
	if info.Mode()&fs.ModeSymlink != 0 {
		return fault.New(fault.Forbidden, path+" is a symbolic link", "use the directory that it points to")
	}
	if open := info.Mode().Perm() & 0o077; open != 0 {
		return fault.New(fault.Forbidden, fmt.Sprintf("%s is open to other users (mode %04o)", path, info.Mode().Perm()),
			"close it: chmod go= "+path)
	}
	if !ownedByUser(info) {
		return fault.New(fault.Forbidden, path+" belongs to another user", "run strongroom as its owner")
	}
	return nil
}
