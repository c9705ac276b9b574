package keys_test

import (
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"github.com/strongroom/strongroom/keys"
)

// softwareSpecs are those that can be generated.
func softwareSpecs() []keys.Spec {
	var specs []keys.Spec
	for _, s := range keys.Specs() {
		if !s.HSM() && s.Asymmetric() {
			specs = append(specs, s)
		}
	}
	return specs
}

// made keeps one key per spec for the whole run: RSA keys take long to make.
var made struct {
	sync.Mutex
	keys map[keys.Spec]*keys.Private
}

// generate gives a key that tests share and must not wipe.
func generate(t testing.TB, s keys.Spec) *keys.Private {
	t.Helper()
	made.Lock()
	defer made.Unlock()
	if key := made.keys[s]; key != nil {
		return key
	}
	key, err := keys.Generate(s, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if made.keys == nil {
		made.keys = map[keys.Spec]*keys.Private{}
	}
	made.keys[s] = key
	return key
}

// openssl runs the second implementation and gives its output and whether it
// succeeded.
func openssl(t *testing.T, args ...string) (string, bool) {
	t.Helper()
	out, err := exec.Command("openssl", args...).CombinedOutput()
	if _, exited := err.(*exec.ExitError); err != nil && !exited {
		t.Fatalf("openssl does not run (scripts/deps --test installs it): %v", err)
	}
	return string(out), err == nil
}

func file(t *testing.T, name string, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func pemOf(c *x509.Certificate) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw})
}
