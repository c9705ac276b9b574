package demo_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/strongroom/strongroom/demo"
	"github.com/strongroom/strongroom/install"
	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/internal/home"
	"github.com/strongroom/strongroom/mfa"
)

func options(t *testing.T, out *strings.Builder) demo.Options {
	t.Helper()
	s := install.RealSystem("test")
	s.Password, s.KeyringFile = mfa.FloorParams(), true
	return demo.Options{Dir: filepath.Join(t.TempDir(), "demo"), Out: out, System: s}
}

// The tour passes on a fresh demo, and again on one that is there already.
func TestTourTwice(t *testing.T) {
	var out strings.Builder
	o := options(t, &out)
	for visit := range 2 {
		// The second visit is a minute later, when the codes are new ones.
		o.System.Now = func() time.Time { return time.Now().Add(time.Duration(visit) * time.Minute) }
		out.Reset()
		failed, err := demo.Tour(t.Context(), o)
		if err != nil || failed != 0 || !strings.HasSuffix(out.String(), " passed, 0 failed\n") {
			t.Fatalf("%d failed, %v:\n%s", failed, err, out.String())
		}
	}
	info, err := os.Stat(filepath.Join(o.Dir, "demo-credentials.json"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("credentials: %v, %v", info, err)
	}
	left, err := filepath.Glob(filepath.Join(filepath.Dir(o.Dir), ".strongroom-demo-*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestADirectoryInUseIsNotOverwritten(t *testing.T) {
	var out strings.Builder
	o := options(t, &out)
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(o.Dir, "thesis.txt"), []byte("years of work"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := demo.Open(t.Context(), o); fault.KindOf(err) != fault.Unavailable {
		t.Errorf("Open gives %v", err)
	}
	if out.Len() > 0 {
		t.Errorf("a demo was begun before the directory was looked at: %s", out.String())
	}
	if b, err := os.ReadFile(filepath.Join(o.Dir, "thesis.txt")); err != nil || string(b) != "years of work" {
		t.Errorf("the file is gone: %q, %v", b, err)
	}
	if home.Exists(o.Dir) {
		t.Error("a demo was made in a directory in use")
	}
}
