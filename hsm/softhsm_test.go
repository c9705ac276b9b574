package hsm_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/strongroom/strongroom/hsm"
	"github.com/strongroom/strongroom/internal/fault"
)

func TestSoftHSMConf(t *testing.T) {
	conf := hsm.SoftHSMConf{Dir: filepath.Join(t.TempDir(), "a directory", "hsm")}
	for range 2 { // the second run finds everything in place
		path, err := conf.Write()
		if err != nil {
			t.Fatal(err)
		}
		if path != conf.Path() {
			t.Errorf("Write gives %q, Path %q", path, conf.Path())
		}
	}
	for path, want := range map[string]os.FileMode{conf.Dir: 0o700, conf.Tokens(): 0o700, conf.Path(): 0o600} {
		info, err := os.Stat(path)
		if err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: %v, %v; want mode %o", path, info, err, want)
		}
	}
	text, err := os.ReadFile(conf.Path())
	if err != nil || !strings.Contains(string(text), "directories.tokendir = "+conf.Tokens()+"\n") {
		t.Errorf("%s, %v", text, err)
	}
	left, err := filepath.Glob(filepath.Join(conf.Dir, ".softhsm2-*"))
	if err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// A line break in the directory's name would write a second line of
// configuration.
func TestSoftHSMConfRefusesNamesThatAreConfiguration(t *testing.T) {
	for _, name := range []string{"a\nobjectstore.backend = db", "a#b", "ends "} {
		_, err := hsm.SoftHSMConf{Dir: filepath.Join(t.TempDir(), name)}.Write()
		if fault.KindOf(err) != fault.Invalid {
			t.Errorf("%q: %v", name, err)
		}
	}
}

func fileWith(t *testing.T, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "module.so")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
