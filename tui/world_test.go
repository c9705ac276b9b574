package tui

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/strongroom/strongroom/gate"
	"github.com/strongroom/strongroom/hsm"
	"github.com/strongroom/strongroom/install"
	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/internal/secret"
	"github.com/strongroom/strongroom/keys"
	"github.com/strongroom/strongroom/mfa"
	"github.com/strongroom/strongroom/roles"
)

// world is a real installation: SoftHSM2 token, database, keyring files. The
// test holds its clock.
type world struct {
	t     testing.TB
	clock *clock
	dir   string
	inst  *install.Installation
	// codes are the enrolment codes of the first two people.
	codes  map[string]string
	seeds  map[string]*secret.Bytes
	closed bool // by the test
}

const (
	olivia   = "olivia" // vault owner of the installation
	sam      = "sam"    // secret owner
	ada      = "ada"    // auditor
	password = "correct horse battery staple"
)

func newWorld(t testing.TB) *world { return worldAt(t, newClock().now) }

func worldAt(t testing.TB, now time.Time) *world {
	t.Helper()
	w := &world{t: t, clock: &clock{now}, dir: t.TempDir(), codes: map[string]string{}, seeds: map[string]*secret.Bytes{}}
	must(t, os.Chmod(w.dir, 0o700))
	made, err := install.Create(t.Context(), install.CreateRequest{
		Dir: w.dir, OwnSoftHSM: true, InitToken: true, Token: hsm.TokenID{Label: "console-test"},
		SOPIN: secret.FromString("87654321"), PIN: secret.FromString("471100"),
		Owner: gate.CreatePersonRequest{Name: olivia, Display: "Olivia Owner"}, Auditor: gate.CreatePersonRequest{Name: ada, Display: "Ada Auditor"},
	}, w.system())
	must(t, err)
	w.codes[olivia], w.codes[ada] = text(made.Owner.Code), text(made.Auditor.Code)
	w.open()
	return w
}

func (w *world) open() {
	t := w.t
	t.Helper()
	var err error
	w.inst, err = install.Open(t.Context(), w.dir, w.system())
	must(t, err)
	t.Cleanup(func() {
		if w.closed {
			return
		}
		if err := w.inst.Close(context.Background()); err != nil {
			t.Errorf("closing the installation: %v", err)
		}
	})
}

func (w *world) system() install.System {
	return install.System{
		Getenv: os.Getenv, Now: w.clock.Now, Rand: rand.Reader, Password: mfa.FloorParams(),
		Limits: gate.DefaultLimits(), Version: "test", KeyringFile: true,
	}
}

// robot sits down at a fresh console.
func (w *world) robot() *robot {
	m := New(w.t.Context(), Config{Gate: w.inst.Gate, Clock: w.clock.Now, Folder: w.dir})
	return newRobot(w.t, m, w.clock)
}

// finished is an installation that was furnished once; tests copy it, because
// three first sign-ins take time.
var finished struct {
	once sync.Once
	world
}

// furnished has the vaults pay-prod and pay-dev, and sam as their secret
// owner; everybody is enrolled. pay-dev holds a secret and a key.
func furnished(t testing.TB) *world {
	t.Helper()
	finished.once.Do(func() { finish(t) })
	if finished.dir == "" {
		t.Fatal("the installation that tests copy could not be made")
	}
	w := &world{t: t, clock: &clock{finished.clock.now}, dir: t.TempDir(), seeds: finished.seeds}
	must(t, copyPrivate(w.dir, finished.dir))
	w.open()
	return w
}

// finish makes the installation that tests copy; TestMain removes it.
func finish(t testing.TB) {
	t.Helper()
	made := newWorld(t)
	made.furnish()
	s := made.signIn(sam)
	_, err := made.inst.Gate.SetSecret(t.Context(), s, gate.SetSecretRequest{Vault: "pay-dev", Name: "api-token", Value: secret.FromString(hidden)})
	must(t, err)
	_, err = made.inst.Gate.CreateKey(t.Context(), s, gate.CreateKeyRequest{Vault: "pay-dev", Name: "release", Spec: keys.Spec{Type: keys.EC, Curve: keys.P256}})
	must(t, err)
	must(t, made.inst.Gate.SignOut(t.Context(), s))
	must(t, made.inst.Close(t.Context()))
	made.closed = true
	dir, err := os.MkdirTemp("", "strongroom-console-")
	must(t, err)
	must(t, copyPrivate(dir, made.dir))
	finished.dir, finished.clock, finished.seeds = dir, made.clock, made.seeds
}

// copyPrivate copies a folder for its owner alone, as an installation wants it.
func copyPrivate(to, from string) error {
	return filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rest, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		if d.IsDir() {
			return errors.Join(os.MkdirAll(filepath.Join(to, rest), 0o700), os.Chmod(filepath.Join(to, rest), 0o700))
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(to, rest), content, 0o600)
	})
}

// furnish enrols everybody and makes the vaults.
func (w *world) furnish() {
	t := w.t
	t.Helper()
	w.enrol(olivia, w.codes[olivia])
	w.enrol(ada, w.codes[ada])
	s := w.signIn(olivia)
	g := w.inst.Gate
	for name, e := range map[string]roles.Environment{"pay-prod": roles.Prod, "pay-dev": roles.Dev} {
		_, err := g.CreateVault(t.Context(), s, gate.CreateVaultRequest{Name: name, Environment: e})
		must(t, err)
	}
	invited, err := g.CreatePerson(t.Context(), s, gate.CreatePersonRequest{Name: sam})
	must(t, err)
	for _, name := range []string{"pay-prod", "pay-dev"} {
		_, err := g.CreateAssignment(t.Context(), s, gate.GrantRequest{Person: sam, Role: roles.SecretOwner, Scope: roles.Scope{Vault: name}})
		must(t, err)
	}
	w.enrol(sam, text(invited.Code))
	must(t, g.SignOut(t.Context(), s))
}

// enrol walks a first sign-in without the console.
func (w *world) enrol(name, code string) {
	w.t.Helper()
	g := w.inst.Gate
	e, err := g.BeginEnrolment(w.t.Context(), gate.EnrolRequest{Name: name, Code: secret.FromString(code), Password: secret.FromString(password), Source: gate.FromConsole})
	must(w.t, err)
	w.learn(name, text(e.Seed()))
	_, err = g.ConfirmEnrolment(w.t.Context(), e, secret.FromString(w.code(name)))
	must(w.t, err)
}

// learn keeps a seed as an authenticator does; shown is base32 in groups.
func (w *world) learn(name, shown string) {
	w.t.Helper()
	b, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(strings.Join(strings.Fields(shown), ""))
	must(w.t, err)
	w.seeds[name] = secret.New(b)
}

// code is what the person's authenticator shows.
func (w *world) code(name string) string {
	w.t.Helper()
	c, err := mfa.Code(w.seeds[name], w.clock.now)
	must(w.t, err)
	return text(c)
}

// next waits until the authenticator shows a code that was not used yet.
func (w *world) next() { w.clock.now = w.clock.now.Add(30 * time.Second) }

func (w *world) signIn(name string) *gate.Session {
	w.t.Helper()
	w.next()
	s, err := w.inst.Gate.SignIn(w.t.Context(), gate.SignInRequest{
		Name: name, Password: secret.FromString(password), Code: secret.FromString(w.code(name)), Source: gate.FromConsole,
	})
	must(w.t, err)
	return s
}

// enter signs somebody in at the console.
func (w *world) enter(b *robot, name string) *robot {
	w.t.Helper()
	b.Wait(30 * time.Second)
	b.See("Sign in")
	if !strings.Contains(b.Line("Name *"), name) { // not filled in already
		b.Fill(name)
	}
	b.Fill(password).Type(w.code(name)).Press("ctrl+s")
	return b.See(name+" ·", "Vaults")
}

func text(s *secret.Bytes) string {
	var out string
	s.Reveal(func(b []byte) { out = string(b) })
	return out
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("%v (hint: %s)", err, fault.Hint(err))
	}
}
