//go:build unix

package hsm

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"syscall"

	"github.com/strongroom/strongroom/internal/fault"
)

// trusted refuses a module that somebody else than root and this user could
// change or exchange: its code runs in this process and sees the PIN. path is
// absolute and without links. A folder that only its owner may enter keeps
// everybody from the folders below. One that is open to all but lets nobody
// touch what is another's, as for temporary files, may stand above a folder
// that is not open, but not be the module's own.
func trusted(path string) error {
	steps := ancestors(path)
	file := len(steps) - 1
	closed, above := false, false // above: the folder above is open to all
	for i, step := range steps {
		info, err := os.Lstat(step)
		if err != nil {
			return badModule(path, "cannot be looked at", err)
		}
		if !ownerTrusted(info) {
			return errUntrusted(path, step, "belongs to another user", "chown it to root, or to yourself")
		}
		open := writableByOthers(info) && (!closed || i == file)
		shared := info.Mode()&fs.ModeSticky != 0 && !above && i < file-1
		if open && !shared {
			return errUntrusted(path, step, fmt.Sprintf("can be written by other users (mode %04o)", info.Mode().Perm()),
				"keep the module in a folder of root's or of your own, and close it: chmod go-w")
		}
		above = open
		closed = closed || info.Mode().Perm()&0o077 == 0
	}
	return nil
}

// ancestors gives all folders above path, the outermost first, and path.
func ancestors(path string) []string {
	all := []string{path}
	for up := filepath.Dir(path); up != path; path, up = up, filepath.Dir(up) {
		all = append(all, up)
	}
	slices.Reverse(all)
	return all
}

func ownerTrusted(info fs.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && (stat.Uid == 0 || int(stat.Uid) == os.Geteuid())
}

// adminGroup is macOS's group of administrators, who may become root. Homebrew
// lets them write where it installs.
const adminGroup = 80

func writableByOthers(info fs.FileInfo) bool {
	mode := info.Mode().Perm()
	if stat, ok := info.Sys().(*syscall.Stat_t); ok && runtime.GOOS == "darwin" && stat.Gid == adminGroup {
		mode &^= 0o020
	}
	return mode&0o022 != 0
}

func errUntrusted(path, step, why, hint string) error {
	problem := fmt.Sprintf("the PKCS#11 module %q is not safe to load: %q %s", path, step, why)
	if path == step {
		problem = fmt.Sprintf("the PKCS#11 module %q is not safe to load: it %s", path, why)
	}
	return fault.New(fault.Forbidden, problem, hint)
}
