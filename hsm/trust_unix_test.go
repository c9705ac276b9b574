//go:build unix

package hsm_test

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/strongroom/strongroom/hsm"
	"github.com/strongroom/strongroom/internal/fault"
)

// copyModule copies the real module to a folder tree that a test spoils: the
// outer folder, one in it, and the file.
func copyModule(t *testing.T) (outer, inner, file string) {
	t.Helper()
	module, err := hsm.FindModule("")
	if err != nil {
		t.Fatal(err)
	}
	outer = filepath.Join(closedDir(t), "outer")
	inner = filepath.Join(outer, "inner")
	file = filepath.Join(inner, "module.so")
	if err := os.MkdirAll(inner, 0o755); err != nil {
		t.Fatal(err)
	}
	from, err := os.Open(module)
	if err != nil {
		t.Fatal(err)
	}
	defer from.Close()
	to, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(to, from); err != nil {
		t.Fatal(err)
	}
	if err := to.Close(); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{outer, inner, file} {
		chmod(t, path, 0o755)
	}
	return outer, inner, file
}

// closedDir gives a folder straight below the system's folder for temporary
// files, which is open to all.
func closedDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "strongroom-trust-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if dir, err = filepath.EvalSymlinks(dir); err != nil {
		t.Fatal(err)
	}
	chmod(t, dir, 0o755)
	return dir
}

func chmod(t *testing.T, path string, mode os.FileMode) {
	t.Helper()
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
}

// Attack: a module's code runs in the process, as soon as it is loaded, and is
// given the PIN. Whoever can change the file, or exchange it by way of a folder
// above it, must be root or the user.
func TestAModuleThatOthersCanChangeIsNotLoaded(t *testing.T) {
	tests := []struct {
		name  string
		spoil func(outer, inner, file string)
		want  string // the path that is named; empty when it is good
	}{
		{"as installed", func(_, _, _ string) {}, ""},
		{"the file, by all", func(_, _, file string) { chmod(t, file, 0o777) }, "it can be written"},
		{"the file, by a group", func(_, _, file string) { chmod(t, file, 0o775) }, "it can be written"},
		{"the file, in a folder that only the user enters", func(_, inner, file string) {
			chmod(t, inner, 0o700)
			chmod(t, file, 0o777)
		}, "it can be written"},
		{"its folder, by all", func(_, inner, _ string) { chmod(t, inner, 0o777) }, "inner"},
		{"its folder, by a group", func(_, inner, _ string) { chmod(t, inner, 0o775) }, "inner"},
		{"its folder, though nobody may remove what is another's", func(_, inner, _ string) { chmod(t, inner, 0o777|os.ModeSticky) }, "inner"},
		{"a folder above", func(outer, _, _ string) { chmod(t, outer, 0o777) }, "outer"},
		{"two open folders, one in the other", func(outer, inner, _ string) {
			chmod(t, outer, 0o777|os.ModeSticky)
			chmod(t, inner, 0o777|os.ModeSticky)
		}, "inner"},
		{"like the folder for temporary files", func(outer, _, _ string) { chmod(t, outer, 0o777|os.ModeSticky) }, ""},
		{"an open folder behind a closed one", func(outer, inner, _ string) {
			chmod(t, outer, 0o700)
			chmod(t, inner, 0o777)
		}, ""},
	}
	if os.Geteuid() == 0 { // nobody else gives files away
		give := func(path string) {
			if err := os.Chown(path, 12345, -1); err != nil {
				t.Fatal(err)
			}
		}
		tests = append(tests, []struct {
			name  string
			spoil func(outer, inner, file string)
			want  string
		}{
			{"the file is another's", func(_, _, file string) { give(file) }, "it belongs to another user"},
			{"a folder is another's", func(outer, _, _ string) { give(outer) }, "outer"},
			{"a closed folder is another's", func(outer, _, _ string) { chmod(t, outer, 0o700); give(outer) }, "outer"},
		}...)
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			outer, inner, file := copyModule(t)
			test.spoil(outer, inner, file)
			_, err := hsm.FindModule(file)
			if test.want == "" {
				if err != nil {
					t.Fatalf("it is refused: %v", err)
				}
				return
			}
			if fault.KindOf(err) != fault.Forbidden || !strings.Contains(fault.Problem(err), test.want) || fault.Hint(err) == "" {
				t.Errorf("FindModule gives %v (hint %q), want it to name %q", err, fault.Hint(err), test.want)
			}
			if _, err := hsm.Load(file, hsm.LoadOptions{}); fault.KindOf(err) != fault.Forbidden {
				t.Errorf("Load gives %v", err)
			}
		})
	}
}

// A link to a module is as good as what it leads to.
func TestALinkToAnUnsafeModuleIsFollowedBeforeItIsJudged(t *testing.T) {
	_, _, file := copyModule(t)
	chmod(t, file, 0o777)
	link := filepath.Join(t.TempDir(), "link.so")
	if err := os.Symlink(file, link); err != nil {
		t.Fatal(err)
	}
	if _, err := hsm.FindModule(link); fault.KindOf(err) != fault.Forbidden {
		t.Errorf("got %v", err)
	}
}
