package install

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/internal/home"
	"github.com/strongroom/strongroom/mfa"
)

// errNoTicketPlace says that a ticket's key would have to lie beside the
// ticket, where a copy of the home directory has both, and with them the HSM's
// PIN.
var errNoTicketPlace = fault.New(fault.Unavailable, "this system has no place where the key of a login ticket may lie",
	"unlock a desktop keyring, or set XDG_RUNTIME_DIR to a directory in memory that only you can use, or work in the console")

// ticketRing is the keyring of ticket keys. Without an operating system's
// keyring they are files where the system loses them, or [errNoTicketPlace].
func (i *Installation) ticketRing(ctx context.Context) (*mfa.Keyring, error) {
	folder, ok := i.ticketFolder()
	if ok {
		return openKeyring(ctx, folder, i.system)
	}
	// Only the notes that the keyring has the entry come to lie here.
	if err := makeRun(i.Home.Run()); err != nil {
		return nil, err
	}
	ring, err := openKeyring(ctx, i.Home.Run(), i.system)
	if err != nil {
		return nil, err
	}
	if ring.Backend() != mfa.BackendKeyring {
		return nil, errors.Join(errNoTicketPlace, ring.Close())
	}
	return ring, nil
}

// ticketFolder is where ticket keys are files: in the directory that the system
// empties at logout (XDG Base Directory Specification), else in the shared
// memory, which it loses when it stops. It is never in the home directory.
func (i *Installation) ticketFolder() (string, bool) {
	name := "strongroom-" + i.Gate.Installation()
	uid := strconv.Itoa(os.Geteuid())
	for _, dir := range []string{i.system.Getenv("XDG_RUNTIME_DIR"), i.system.path("run", "user", uid)} {
		if filepath.IsAbs(dir) && home.Private(dir) == nil && !within(i.Home.Dir, dir) {
			return filepath.Join(dir, name), true
		}
	}
	if shared := i.system.path("dev", "shm"); sharedMemory(shared) {
		return filepath.Join(shared, "strongroom-"+uid), true
	}
	return "", false
}

func (s System) path(names ...string) string {
	root := s.Root
	if root == "" {
		root = string(filepath.Separator)
	}
	return filepath.Join(root, filepath.Join(names...))
}

// within reports whether path is dir or lies in it, whatever links say.
func within(dir, path string) bool {
	for _, p := range []*string{&dir, &path} {
		real, err := filepath.EvalSymlinks(*p)
		if err != nil {
			return true // nobody knows
		}
		*p = real
	}
	rest, err := filepath.Rel(dir, path)
	return err != nil || rest != ".." && !strings.HasPrefix(rest, ".."+string(filepath.Separator))
}

// makeRun makes the folder for login tickets, or checks that it is private and
// no link.
func makeRun(dir string) error {
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return fault.Wrap(err, fault.Unavailable, "the folder for login tickets cannot be made", "check the permissions of the home directory")
	}
	return home.Private(dir)
}

// openRun opens the folder for login tickets. What is opened in it cannot lead
// out of it.
func openRun(dir string) (*os.Root, error) {
	if err := home.Private(dir); err != nil {
		return nil, err
	}
	before, err := os.Lstat(dir)
	if err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	after, err := root.Stat(".")
	if err != nil || !os.SameFile(before, after) {
		return nil, errors.Join(fault.New(fault.Forbidden, dir+" was exchanged while it was opened", "find out by whom"), err, root.Close())
	}
	return root, nil
}
