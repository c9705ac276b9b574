package hsmtest

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/strongroom/strongroom/hsm"
	"github.com/strongroom/strongroom/internal/secret"
)

// Fixture is a fresh token, open and logged in.
type Fixture struct {
	Module *hsm.Module
	Token  *hsm.Token
	PIN    string
	SOPIN  string
	Conf   string // path of the SoftHSM2 configuration, for [hsm.LoadOptions]
	Dir    string // the SoftHSM2 directory, shared with fixtures of the same time
}

// shared is the process's one SoftHSM2 directory while fixtures need it.
type shared struct {
	mu     sync.Mutex
	users  int
	dir    string
	conf   string
	module *hsm.Module
	tokens int
}

// directory is package-level because SOFTHSM2_CONF and C_Initialize are the
// process's.
var directory shared

// NewToken gives a token that is initialised, open and logged in; it goes with
// the test. Without SoftHSM2 the test fails: nothing it proves can be proved
// without.
func NewToken(t testing.TB) *Fixture { return NewTokenWith(t, hsm.Options{}) }

// NewTokenWith is [NewToken] with options for the open token.
func NewTokenWith(t testing.TB, opts hsm.Options) *Fixture {
	t.Helper()
	f := &Fixture{PIN: "471100", SOPIN: "87654321"}
	label := directory.join(t, f)
	t.Cleanup(func() { directory.leave(t) })

	so, user := secret.FromString(f.SOPIN), secret.FromString(f.PIN)
	info, err := f.Module.InitToken(t.Context(), hsm.InitTokenRequest{Label: label, SOPIN: so, UserPIN: user})
	if err != nil {
		t.Fatalf("cannot initialise a SoftHSM2 token: %v", err)
	}
	f.Token, err = f.Module.Open(t.Context(), info.ID(), opts)
	if err != nil {
		t.Fatalf("cannot open the new token: %v", err)
	}
	t.Cleanup(func() {
		if err := f.Token.Close(); err != nil {
			t.Errorf("closing the token: %v", err)
		}
	})
	if err := f.Token.Login(t.Context(), user); err != nil {
		t.Fatalf("cannot log in to the new token: %v", err)
	}
	return f
}

// Unplug moves the token's directory away, as if the token were pulled out.
func (f *Fixture) Unplug(t testing.TB) {
	t.Helper()
	f.move(t, "tokens", "away")
}

// Plug moves it back.
func (f *Fixture) Plug(t testing.TB) {
	t.Helper()
	f.move(t, "away", "tokens")
}

func (f *Fixture) move(t testing.TB, from, to string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Join(f.Dir, to), 0o700); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(filepath.Join(f.Dir, from))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		// SoftHSM2 names a token's directory by a UUID, whose last 16 digits
		// are the serial.
		if strings.HasSuffix(strings.ReplaceAll(e.Name(), "-", ""), f.Token.ID().Serial) {
			if err := os.Rename(filepath.Join(f.Dir, from, e.Name()), filepath.Join(f.Dir, to, e.Name())); err != nil {
				t.Fatal(err)
			}
			return
		}
	}
	t.Fatalf("no directory of token %s under %s", f.Token.ID().Serial, from)
}

// join enters the shared directory, making it for the first fixture, and gives
// a label that no other fixture has.
func (s *shared) join(t testing.TB, f *Fixture) string {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.users == 0 {
		if err := s.begin(); err != nil {
			t.Fatalf("SoftHSM2 is needed for this test and does not work: %v; run scripts/deps", err)
		}
	}
	s.users++
	s.tokens++
	f.Module, f.Conf, f.Dir = s.module, s.conf, s.dir
	return fmt.Sprintf("strongroom-test-%d", s.tokens)
}

func (s *shared) begin() error {
	path, err := hsm.FindModule("")
	if err != nil {
		return err
	}
	if s.dir, err = os.MkdirTemp("", "strongroom-hsmtest-"); err != nil {
		return err
	}
	if s.conf, err = (hsm.SoftHSMConf{Dir: s.dir}).Write(); err != nil {
		return err
	}
	s.module, err = hsm.Load(path, hsm.LoadOptions{SoftHSMConf: s.conf, Now: hurried()})
	return err
}

// hurried is a clock on which a minute passes between two looks, so that no
// test waits for a pause between re-initialisations.
func hurried() func() time.Time {
	var mu sync.Mutex
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	return func() time.Time {
		mu.Lock()
		defer mu.Unlock()
		now = now.Add(time.Minute)
		return now
	}
}

func (s *shared) leave(t testing.TB) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.users--
	if s.users > 0 {
		return
	}
	if err := s.module.Close(); err != nil {
		t.Errorf("closing the PKCS#11 module: %v", err)
	}
	if err := os.RemoveAll(s.dir); err != nil {
		t.Errorf("removing the SoftHSM2 directory: %v", err)
	}
}

// Login logs the fixture's token in with its PIN.
func (f *Fixture) Login(ctx context.Context) error {
	pin := secret.FromString(f.PIN)
	defer pin.Wipe()
	return f.Token.Login(ctx, pin)
}
