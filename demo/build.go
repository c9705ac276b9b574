package demo

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/strongroom/strongroom/gate"
	"github.com/strongroom/strongroom/hsm"
	"github.com/strongroom/strongroom/install"
	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/internal/secret"
	"github.com/strongroom/strongroom/roles"
)

// The demo's people.
const (
	owner   = "olivia"
	holder  = "sam"
	auditor = "ada"
)

// age is how long ago the demo's installation was made: its certificates have
// had the time to expire.
const age = 400 * 24 * time.Hour

// builder makes a demo by living through its past, on a clock that runs ahead
// from phase to phase until it has caught up with the real one.
type builder struct {
	Options
	dir          string
	clock        time.Time
	credentials  Credentials
	installation *install.Installation
}

// build makes the demo beside its place and moves it there when it is whole,
// so that an interrupted run leaves nothing that looks like a demo.
func build(ctx context.Context, o Options) error {
	if err := vacant(o.Dir); err != nil {
		return err
	}
	fmt.Fprintf(o.Out, "making a demo in %s\n", o.Dir)
	if err := os.MkdirAll(filepath.Dir(o.Dir), 0o700); err != nil {
		return errDir(err, o.Dir)
	}
	dir, err := os.MkdirTemp(filepath.Dir(o.Dir), ".strongroom-demo-")
	if err != nil {
		return errDir(err, o.Dir)
	}
	b := &builder{Options: o, dir: dir, clock: o.System.Now().Add(-age)}
	if err := errors.Join(b.run(ctx), b.close(ctx)); err != nil {
		return errors.Join(err, os.RemoveAll(dir))
	}
	if err := os.Rename(dir, o.Dir); err != nil {
		return errors.Join(errDir(err, o.Dir), os.RemoveAll(dir))
	}
	return nil
}

// vacant refuses a place that the demo could not be moved to, before anything
// is made.
func vacant(dir string) error {
	info, err := os.Lstat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return errDir(err, dir)
	case !info.IsDir():
		return errDir(errors.New("it is no directory"), dir)
	}
	entries, err := os.ReadDir(dir)
	if err == nil && len(entries) > 0 {
		err = errors.New("it is not empty")
	}
	if err != nil {
		return errDir(err, dir)
	}
	return nil
}

func errDir(err error, dir string) error {
	return fault.Wrap(err, fault.Unavailable, "the demo cannot be made in "+dir, "choose an empty or new directory with --dir DIR")
}

func (b *builder) say(format string, args ...any) { fmt.Fprintf(b.Out, "  "+format+"\n", args...) }

// system is the machine with the builder's clock.
func (b *builder) system() install.System {
	s := b.Options.System
	s.Now = func() time.Time { return b.clock }
	return s
}

func (b *builder) run(ctx context.Context) error {
	first, err := b.create(ctx)
	if err != nil {
		return err
	}
	if b.installation, err = install.Open(ctx, b.dir, b.system()); err != nil {
		return err
	}
	for _, person := range []struct {
		role       roles.Role
		invitation *gate.Invitation
	}{{roles.VaultOwner, first.Owner}, {roles.Auditor, first.Auditor}} {
		if err := b.enrol(ctx, person.role, person.invitation); err != nil {
			return err
		}
	}
	for _, phase := range b.past() {
		b.clock = b.Options.System.Now().Add(-phase.ago)
		b.say("%s", phase.what)
		if err := b.live(ctx, phase); err != nil {
			return fmt.Errorf("%s: %w", phase.what, err)
		}
	}
	return writeCredentials(b.dir, b.credentials)
}

func (b *builder) create(ctx context.Context) (*gate.Bootstrapped, error) {
	b.say("a SoftHSM2 token of its own, the log key and the identity master")
	pin, err := newPIN(b.Options.System.Rand)
	if err != nil {
		return nil, err
	}
	defer pin.Wipe()
	soPIN, err := newPIN(b.Options.System.Rand)
	if err != nil {
		return nil, err
	}
	defer soPIN.Wipe()
	return install.Create(ctx, install.CreateRequest{
		Dir: b.dir, OwnSoftHSM: true, Token: hsm.TokenID{Label: "strongroom-demo"}, InitToken: true, SOPIN: soPIN, PIN: pin, Demo: true,
		Owner: gate.CreatePersonRequest{Name: owner, Display: "Olivia Owens"}, Auditor: gate.CreatePersonRequest{Name: auditor, Display: "Ada Audley"},
	}, b.system())
}

// newPIN makes a PIN that nobody needs to know: people's envelopes hold it.
func newPIN(rand io.Reader) (*secret.Bytes, error) {
	var b [16]byte
	if _, err := io.ReadFull(rand, b[:]); err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, "there is no randomness", "check the system's random source")
	}
	return secret.New(hex.AppendEncode(nil, b[:])), nil
}

// enrol walks a person's first sign-in and keeps what they would remember.
func (b *builder) enrol(ctx context.Context, role roles.Role, i *gate.Invitation) error {
	defer i.Wipe()
	password, err := newPassword(b.Options.System.Rand)
	if err != nil {
		return err
	}
	e, err := b.installation.Gate.BeginEnrolment(ctx, gate.EnrolRequest{
		Name: i.Person.Name, Code: i.Code, Password: secret.FromString(password), Source: gate.FromDemo,
	})
	if err != nil {
		return err
	}
	defer e.Wipe()
	c := Credential{Name: i.Person.Name, Role: role, Password: password}
	seed := e.Seed()
	defer seed.Wipe()
	seed.Reveal(func(text []byte) { c.TOTPSecret = strings.ReplaceAll(string(text), " ", "") })
	code, err := c.Code(b.clock)
	if err != nil {
		return err
	}
	recovery, err := b.installation.Gate.ConfirmEnrolment(ctx, e, code)
	for _, code := range recovery {
		code.Wipe()
	}
	b.credentials = append(b.credentials, c)
	b.clock = b.clock.Add(2 * time.Minute)
	return err
}

// live lets one person sign in, do something and sign out again.
func (b *builder) live(ctx context.Context, p phase) error {
	s, err := signIn(ctx, b.installation.Gate, b.credentials.Of(p.role), b.clock)
	if err != nil {
		return err
	}
	for _, do := range p.do {
		b.clock = b.clock.Add(7 * time.Second)
		if err := do(ctx, s); err != nil {
			return err
		}
	}
	return b.installation.Gate.SignOut(ctx, s)
}

func signIn(ctx context.Context, g *gate.Gate, c Credential, now time.Time) (*gate.Session, error) {
	code, err := c.Code(now)
	if err != nil {
		return nil, err
	}
	defer code.Wipe()
	password := secret.FromString(c.Password)
	defer password.Wipe()
	return g.SignIn(ctx, gate.SignInRequest{Name: c.Name, Password: password, Code: code, Source: gate.FromDemo})
}

func (b *builder) close(ctx context.Context) error {
	if b.installation == nil {
		return nil
	}
	return b.installation.Close(ctx)
}
