package install_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/strongroom/strongroom/gate"
	"github.com/strongroom/strongroom/hsm"
	"github.com/strongroom/strongroom/install"
	"github.com/strongroom/strongroom/internal/secret"
	"github.com/strongroom/strongroom/mfa"
)

// broken is a source of randomness that fails, after something else happened.
type broken func()

func (b broken) Read([]byte) (int, error) {
	b()
	return 0, errors.New("no randomness")
}

func failToCreate(t *testing.T, dir string, meanwhile func()) {
	t.Helper()
	s := install.RealSystem("test")
	s.Password, s.KeyringFile, s.Rand = mfa.FloorParams(), true, broken(meanwhile)
	_, err := install.Create(t.Context(), install.CreateRequest{
		Dir: dir, Token: hsm.TokenID{Label: "vault"}, InitToken: true, OwnSoftHSM: true,
		SOPIN: secret.FromString("98765432"), PIN: secret.FromString("24681357"),
		Owner: gate.CreatePersonRequest{Name: olivia}, Auditor: gate.CreatePersonRequest{Name: "ada"},
	}, s)
	if err == nil {
		t.Fatal("an installation was made without randomness")
	}
}

// A set-up that breaks off when token and folders are made takes them away,
// with the directories that it made on the way.
func TestAFailedSetUpLeavesNothing(t *testing.T) {
	above := t.TempDir()
	dir := filepath.Join(above, "deep", "home")
	began := false
	failToCreate(t, dir, func() { began = began || exists(filepath.Join(dir, "token")) })
	if !began {
		t.Error("it failed before there was anything to take away")
	}
	if left, err := os.ReadDir(above); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// What was there before the set-up stays, and so does what another set-up in
// the same directory brought to its end meanwhile.
func TestAFailedSetUpTakesNothingOfOthers(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "home")
	keep := filepath.Join(dir, "keyring", "device-key")
	if err := os.MkdirAll(filepath.Dir(keep), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(keep, []byte("somebody's"), 0o600); err != nil {
		t.Fatal(err)
	}
	failToCreate(t, dir, func() {})
	if !exists(keep) || exists(filepath.Join(dir, "token")) {
		t.Error("a folder that was there is gone, or the token is not")
	}
	failToCreate(t, dir, func() { _ = os.WriteFile(filepath.Join(dir, "strongroom.yaml"), []byte("whole"), 0o600) })
	if !exists(filepath.Join(dir, "token")) {
		t.Error("the token of an installation is gone")
	}
}
