//go:build unix

package cli

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/strongroom/strongroom/internal/fault"
)

// Opening a pipe waits until somebody writes to it, and no interruption ends
// that. A device has no end. Neither is read where a file is named.
func TestOnlyRegularFilesAreRead(t *testing.T) {
	dir := t.TempDir()
	pipe, link := filepath.Join(dir, "pipe"), filepath.Join(dir, "link")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(pipe, link); err != nil {
		t.Fatal(err)
	}
	a := &app{}
	for _, path := range []string{pipe, link, "/dev/zero", dir} {
		inputs := map[string]func() error{
			"report verify": func() error { _, err := a.checkReport(t.Context(), path, path, "key"); return err },
			"key sign":      func() error { _, err := a.digestFile(t.Context(), "RS256", path); return err },
			"secret set":    func() error { _, err := readSecretFile(t.Context(), path, maxValue); return err },
			"signature":     func() error { _, err := signatureOf(t.Context(), "", path); return err },
		}
		for name, read := range inputs {
			if err := read(); fault.KindOf(err) != fault.Invalid || fault.Hint(err) == "" {
				t.Errorf("%s of %s gives %v", name, path, err)
			}
		}
	}
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, []byte("value"), 0o600); err != nil {
		t.Fatal(err)
	}
	got, err := readSecretFile(t.Context(), file, maxValue)
	if err != nil {
		t.Fatal(err)
	}
	got.Reveal(func(b []byte) {
		if !strings.HasPrefix(string(b), "value") {
			t.Errorf("read %q", b)
		}
	})
}
