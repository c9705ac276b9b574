//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package mfa_test

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/internal/secret"
	"github.com/strongroom/strongroom/mfa"
)

func fileOptions(folder string) mfa.KeyringOptions {
	return mfa.KeyringOptions{Service: "strongroom-test", Folder: folder, FileOnly: true, Timeout: 50 * time.Millisecond}
}

func TestFilesAreClosedToOthers(t *testing.T) {
	folder := t.TempDir() + "/kept"
	k := openKeyring(t, fileOptions(folder))
	if err := k.Set(t.Context(), "anchor", secret.FromString("x")); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]os.FileMode{folder: 0o700, folder + "/anchor.key": 0o600, folder + "/lock": 0o600} {
		info, err := os.Lstat(path)
		if err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: %v, %v", path, info.Mode(), err)
		}
	}
	if names := filesIn(t, folder); strings.Join(names, " ") != "anchor.key lock" {
		t.Errorf("left behind: %v", names)
	}
}

// Another user of the machine reads along, or puts a folder or link of theirs
// where ours will be.
func TestFolderOpenToOthersIsRefused(t *testing.T) {
	for name, plant := range map[string]func(path string) error{
		"readable by the group": func(path string) error { return os.Mkdir(path, 0o750) },
		"searchable by all":     func(path string) error { return mkdirMode(path, 0o701) },
		"a symbolic link":       func(path string) error { return os.Symlink(t.TempDir(), path) },
		"a file":                func(path string) error { return os.WriteFile(path, nil, 0o600) },
		"somebody else's": func(path string) error {
			if err := os.Mkdir(path, 0o700); err != nil || os.Geteuid() != 0 {
				return os.Chmod(path, 0o755) // who is not root cannot give away
			}
			return os.Chown(path, 1, 1)
		},
	} {
		path := t.TempDir() + "/kept"
		if err := plant(path); err != nil {
			t.Fatal(err)
		}
		if _, err := mfa.OpenKeyring(t.Context(), fileOptions(path)); fault.KindOf(err) != fault.Forbidden {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := mfa.OpenKeyring(t.Context(), fileOptions(t.TempDir()+"/no/such/home")); fault.KindOf(err) != fault.Unavailable {
		t.Errorf("no home: %v", err)
	}
}

func TestEntryOpenToOthersIsRefused(t *testing.T) {
	for name, plant := range map[string]func(path string) error{
		"readable by all":  func(path string) error { return os.WriteFile(path, []byte("AAAA"), 0o644) },
		"a symbolic link":  func(path string) error { return os.Symlink("lock", path) },
		"a dangling link":  func(path string) error { return os.Symlink("nowhere", path) },
		"a pipe":           func(path string) error { return syscall.Mkfifo(path, 0o600) },
		"a folder":         func(path string) error { return os.Mkdir(path, 0o700) },
		"a link to /dev/0": func(path string) error { return os.Symlink("/dev/zero", path) },
	} {
		folder := t.TempDir() + "/kept"
		k := openKeyring(t, fileOptions(folder))
		if err := plant(filepath.Join(folder, "anchor.key")); err != nil {
			t.Fatal(err)
		}
		if _, err := k.Get(t.Context(), "anchor"); fault.KindOf(err) != fault.Forbidden {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A crash left half a file; the value before it still stands, and the next
// write goes through.
func TestCrashWhileWritingLosesNothing(t *testing.T) {
	folder := t.TempDir() + "/kept"
	k := openKeyring(t, fileOptions(folder))
	if err := k.Set(t.Context(), "anchor", secret.FromString("before")); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(folder+"/anchor.key.tmp", []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got, err := k.Get(t.Context(), "anchor"); err != nil || reveal(got) != "before" {
		t.Errorf("after the crash: %v", err)
	}
	if err := k.Set(t.Context(), "anchor", secret.FromString("after")); err != nil {
		t.Fatal(err)
	}
	if got, err := k.Get(t.Context(), "anchor"); err != nil || reveal(got) != "after" {
		t.Errorf("after the next write: %v", err)
	}
}

// A process that stopped while it held the lock makes others wait, not hang.
func TestWaitingForTheLockEnds(t *testing.T) {
	folder := t.TempDir() + "/kept"
	k := openKeyring(t, fileOptions(folder))
	held, err := os.OpenFile(folder+"/lock", os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Flock(int(held.Fd()), syscall.LOCK_EX); err != nil {
		t.Fatal(err)
	}
	if err := k.Set(t.Context(), "anchor", secret.FromString("x")); fault.KindOf(err) != fault.Unavailable {
		t.Errorf("Set while another holds the lock: %v", err)
	}
	if err := held.Close(); err != nil {
		t.Fatal(err)
	}
	if err := k.Set(t.Context(), "anchor", secret.FromString("x")); err != nil {
		t.Errorf("Set afterwards: %v", err)
	}
}

func mkdirMode(path string, mode os.FileMode) error {
	if err := os.Mkdir(path, 0o700); err != nil {
		return err
	}
	return os.Chmod(path, mode)
}
