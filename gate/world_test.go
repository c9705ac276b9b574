package gate_test

import (
	"context"
	"crypto/rand"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/strongroom/strongroom/audit"
	"github.com/strongroom/strongroom/gate"
	"github.com/strongroom/strongroom/hsm"
	"github.com/strongroom/strongroom/hsm/hsmtest"
	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/internal/secret"
	"github.com/strongroom/strongroom/mfa"
	"github.com/strongroom/strongroom/roles"
	"github.com/strongroom/strongroom/vault"
)

// world is an installation on a real token and a real database file, with
// three people and a clock that the test holds.
type world struct {
	t       testing.TB
	clock   time.Time
	dir     string
	token   *hsmtest.Fixture
	db      *vault.DB
	keyring *mfa.Keyring
	hasher  *mfa.Hasher
	gate    *gate.Gate
	people  map[string]*somebody
}

// somebody is a person as the person knows it.
type somebody struct {
	name     string
	password string
	seed     *secret.Bytes
	recovery []*secret.Bytes
}

const (
	olivia = "olivia" // vault owner of the installation
	sam    = "sam"    // secret owner of the vault pay-dev and pay-prod
	ada    = "ada"    // auditor
)

// borrowed is a token that the gate may close without the test losing it.
type borrowed struct{ *hsm.Token }

func (borrowed) Close() error { return nil }

func newWorld(t testing.TB) *world {
	t.Helper()
	w := &world{t: t, clock: time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC), dir: t.TempDir(), token: hsmtest.NewToken(t), people: map[string]*somebody{}}
	if err := w.token.Token.Logout(t.Context()); err != nil {
		t.Fatal(err)
	}
	var err error
	w.keyring, err = mfa.OpenKeyring(t.Context(), mfa.KeyringOptions{Service: "strongroom-test", Folder: filepath.Join(w.dir, "keyring"), FileOnly: true})
	w.must(err)
	t.Cleanup(func() { _ = w.keyring.Close() })
	w.hasher, err = mfa.NewHasher(mfa.FloorParams(), rand.Reader, 2)
	w.must(err)
	w.db, err = vault.Create(t.Context(), w.path(), vault.Options{Now: w.now})
	w.must(err)
	made, err := gate.Bootstrap(t.Context(), gate.BootstrapConfig{
		DB: w.db, Token: borrowed{w.token.Token}, PIN: secret.FromString(w.token.PIN), Keyring: w.keyring, Hasher: w.hasher,
		Now: w.now, Rand: rand.Reader, Limits: gate.DefaultLimits(),
		Owner: gate.CreatePersonRequest{Name: olivia, Display: "Olivia Owner"}, Auditor: gate.CreatePersonRequest{Name: ada, Display: "Ada Auditor"},
	})
	w.must(err)
	w.open()
	t.Cleanup(func() { w.close() })
	w.enrol(made.Owner)
	w.enrol(made.Auditor)
	return w
}

// furnished is a world with the vaults pay-prod and pay-dev and their secret
// owner.
func furnished(t testing.TB) *world {
	t.Helper()
	w := newWorld(t)
	owner := w.signIn(olivia)
	for name, environment := range map[string]roles.Environment{"pay-prod": roles.Prod, "pay-dev": roles.Dev} {
		_, err := w.gate.CreateVault(w.ctx(), owner, gate.CreateVaultRequest{Name: name, Environment: environment})
		w.must(err)
	}
	invitation, err := w.gate.CreatePerson(w.ctx(), owner, gate.CreatePersonRequest{Name: sam})
	w.must(err)
	for _, name := range []string{"pay-prod", "pay-dev"} {
		_, err := w.gate.CreateAssignment(w.ctx(), owner, gate.GrantRequest{Person: sam, Role: roles.SecretOwner, Scope: roles.Scope{Vault: name}})
		w.must(err)
	}
	w.enrol(invitation)
	w.must(w.gate.SignOut(w.ctx(), owner))
	return w
}

func (w *world) ctx() context.Context { return w.t.Context() }
func (w *world) now() time.Time       { return w.clock }
func (w *world) path() string         { return filepath.Join(w.dir, "vault.db") }
func (w *world) pass(d time.Duration) { w.clock = w.clock.Add(d) }

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatalf("%v (hint: %s)", err, fault.Hint(err))
	}
}

func (w *world) open() {
	w.t.Helper()
	var err error
	w.gate, err = gate.Open(w.ctx(), gate.Config{
		DB: w.db, Keyring: w.keyring, Hasher: w.hasher, Now: w.now, Rand: rand.Reader, Limits: gate.DefaultLimits(), Version: "test",
		Connect: func(context.Context, hsm.TokenID) (gate.Token, error) { return borrowed{w.token.Token}, nil },
	})
	w.must(err)
}

func (w *world) close() {
	ctx := context.Background()
	_ = w.gate.Close(ctx)
	_ = w.db.Close()
}

// restart closes everything and opens it again, as a new process would.
func (w *world) restart() {
	w.t.Helper()
	w.must(w.db.Close())
	var err error
	w.db, err = vault.Open(w.ctx(), w.path(), vault.Options{Now: w.now})
	w.must(err)
	w.open()
}

func (w *world) enrol(i *gate.Invitation) {
	w.t.Helper()
	p := &somebody{name: i.Person.Name, password: "mellow tangerine " + i.Person.ID}
	e, err := w.gate.BeginEnrolment(w.ctx(), gate.EnrolRequest{Name: p.name, Code: i.Code, Password: secret.FromString(p.password), Source: gate.FromConsole})
	w.must(err)
	p.seed = seedOf(w.t, e)
	w.pass(time.Minute)
	p.recovery, err = w.gate.ConfirmEnrolment(w.ctx(), e, w.codeOf(p))
	w.must(err)
	w.people[p.name] = p
	w.pass(time.Minute)
}

// seedOf reads the seed as a person would type it into an authenticator.
func seedOf(t testing.TB, e *gate.Enrolment) *secret.Bytes {
	t.Helper()
	var text string
	e.Seed().Reveal(func(b []byte) { text = string(b) })
	return decodeSeed(t, text)
}

// code gives the person's current code.
func (w *world) code(name string) *secret.Bytes {
	w.t.Helper()
	return w.codeOf(w.people[name])
}

func (w *world) codeOf(p *somebody) *secret.Bytes {
	w.t.Helper()
	code, err := mfa.Code(p.seed, w.clock)
	w.must(err)
	return code
}

// request is a sign-in with the right factors. Time passes first, so that the
// code is a new one.
func (w *world) request(name string) gate.SignInRequest {
	w.pass(mfa.Period)
	return gate.SignInRequest{Name: name, Password: secret.FromString(w.people[name].password), Code: w.code(name), Source: gate.FromConsole}
}

func (w *world) signIn(name string) *gate.Session {
	w.t.Helper()
	s, err := w.gate.SignIn(w.ctx(), w.request(name))
	w.must(err)
	return s
}

// entries reads the whole log.
func (w *world) entries() []audit.Entry {
	w.t.Helper()
	var all []audit.Entry
	q := vault.EntryQuery{Limit: vault.MaxPage}
	for {
		page, err := w.db.Entries(w.ctx(), q)
		w.must(err)
		for _, e := range page.Items {
			all = append(all, e.Entry)
		}
		if !page.More {
			return all
		}
		q.Since = page.Items[len(page.Items)-1].Seq + 1
	}
}

// logged runs f and gives the entries that it left.
func (w *world) logged(f func()) []audit.Entry {
	w.t.Helper()
	before := len(w.entries())
	f()
	return w.entries()[before:]
}

func (w *world) wantKind(err error, kind fault.Kind) {
	w.t.Helper()
	if fault.KindOf(err) != kind {
		w.t.Fatalf("error %v has kind %q, want %q", err, fault.KindOf(err), kind)
	}
	if err != nil && (fault.Problem(err) == "" || fault.Hint(err) == "" || strings.ContainsAny(fault.Problem(err)+fault.Hint(err), "\n\r\x1b")) {
		w.t.Errorf("error %q, hint %q: want one line each", fault.Problem(err), fault.Hint(err))
	}
}

// copyDatabase copies the database file, as somebody with a backup would.
func (w *world) copyDatabase(to string) {
	w.t.Helper()
	w.must(w.db.Close())
	b, err := os.ReadFile(w.path())
	w.must(err)
	w.must(os.WriteFile(to, b, 0o600))
	w.db, err = vault.Open(w.ctx(), w.path(), vault.Options{Now: w.now})
	w.must(err)
	w.open()
}
