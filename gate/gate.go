package gate

import (
	"context"
	"crypto/ecdsa"
	"errors"
	"io"
	"sync"
	"time"

	"github.com/strongroom/strongroom/hsm"
	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/internal/secret"
	"github.com/strongroom/strongroom/keys"
	"github.com/strongroom/strongroom/mfa"
	"github.com/strongroom/strongroom/vault"
)

// Keyring keeps small facts outside the database: the device key and the
// last checkpoint. *mfa.Keyring is one.
type Keyring interface {
	DeviceKey(ctx context.Context, installation string, rand io.Reader) (key *secret.Bytes, created bool, err error)
	Get(ctx context.Context, name string) (*secret.Bytes, error)
	Set(ctx context.Context, name string, value *secret.Bytes) error
}

// Limits bound login sessions.
type Limits struct {
	// Idle ends a console's login session after this long without an act.
	Idle time.Duration
	// Life ends a console's login session.
	Life time.Duration
	// CommandLife ends a command line's login session.
	CommandLife time.Duration
	// Invitation is how long an enrolment code is good.
	Invitation time.Duration
}

// DefaultLimits are 5 minutes idle, 8 hours in all, 15 minutes on the command
// line, and 72 hours for an enrolment code.
func DefaultLimits() Limits {
	return Limits{Idle: 5 * time.Minute, Life: 8 * time.Hour, CommandLife: 15 * time.Minute, Invitation: 72 * time.Hour}
}

// Config is what a gate is built from.
type Config struct {
	DB *vault.DB
	// Connect reaches the installation's token. It is called when the token
	// is first needed, and again after a failure.
	Connect func(ctx context.Context, id hsm.TokenID) (Token, error)
	Keyring Keyring
	Hasher  *mfa.Hasher
	Now     func() time.Time
	Rand    io.Reader
	Limits  Limits
	// Pause waits; nil waits for nothing. Failed sign-ins are answered on a
	// grid of time, so that the time does not tell what failed.
	Pause func(ctx context.Context, d time.Duration)
	// Version is the program's version, for reports.
	Version string
	// LogKey is the log's public key as it is kept outside the database (a
	// signed-note verifier key); empty when it is not.
	LogKey string
}

// Gate carries every act of one installation. It is safe for concurrent use.
type Gate struct {
	db      *vault.DB
	connect func(ctx context.Context, id hsm.TokenID) (Token, error)
	keyring Keyring
	hasher  *mfa.Hasher
	now     func() time.Time
	rand    io.Reader
	limits  Limits
	version string
	pause   func(ctx context.Context, d time.Duration)

	installation vault.Installation
	logKey       *ecdsa.PublicKey

	// mu guards what follows.
	mu       sync.Mutex
	token    Token
	sessions map[string]*Session
	alarm    error // set when the log is older than an anchor: nothing goes on
	anchored bool  // the HSM's anchor was checked in this process
	seen     *head // the last head that this process signed
	labels   map[hsm.KeyID]string
}

// Open makes the gate of an installation. It checks the log against the copy
// of its head in the keyring; the copy in the HSM is checked at the first
// sign-in, because reading it takes the PIN. A log that is behind either does
// not keep the installation from opening, so that it can be examined, but no
// act is carried out.
func Open(ctx context.Context, c Config) (*Gate, error) {
	installation, err := c.DB.Installation(ctx)
	if err != nil {
		return nil, err
	}
	key, err := logKey(installation, c.LogKey)
	if err != nil {
		return nil, err
	}
	g := &Gate{
		db: c.DB, connect: c.Connect, keyring: c.Keyring, hasher: c.Hasher, now: c.Now, rand: c.Rand,
		limits: c.Limits, version: c.Version, installation: installation, logKey: key, sessions: map[string]*Session{},
	}
	if g.pause = c.Pause; g.pause == nil {
		g.pause = func(context.Context, time.Duration) {}
	}
	g.checkKeyringAnchor(ctx)
	return g, nil
}

// Demo reports whether the installation is a demo.
func (g *Gate) Demo() bool { return g.installation.Demo }

// Installation is the installation's id.
func (g *Gate) Installation() string { return g.installation.ID }

// Close ends the login sessions of this process, writes the last checkpoint
// and lets go of the token. The database is the caller's to close.
func (g *Gate) Close(ctx context.Context) error {
	var errs []error
	for _, s := range g.openSessions() {
		if s.source == FromConsole || s.source == FromDemo {
			errs = append(errs, g.SignOut(ctx, s))
		}
	}
	g.mu.Lock()
	token := g.token
	g.token = nil
	g.mu.Unlock()
	if token != nil {
		errs = append(errs, token.Close())
	}
	return errors.Join(errs...)
}

func (g *Gate) openSessions() []*Session {
	g.mu.Lock()
	defer g.mu.Unlock()
	all := make([]*Session, 0, len(g.sessions))
	for _, s := range g.sessions {
		all = append(all, s)
	}
	return all
}

func (g *Gate) remember(s *Session) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.sessions[s.id] = s
}

func (g *Gate) forget(s *Session) {
	s.end()
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.sessions, s.id)
}

// closeDown does what follows the end of a login session: a checkpoint, and,
// with nobody left, the token's log-out. A token that does not answer does not
// keep anybody from leaving.
func (g *Gate) closeDown(ctx context.Context) error {
	g.mu.Lock()
	token, others := g.token, len(g.sessions)
	g.mu.Unlock()
	if token == nil {
		return nil
	}
	_, err := g.checkpoint(ctx, token)
	if others == 0 {
		err = errors.Join(err, token.Logout(ctx))
	}
	if fault.KindOf(err) == fault.Unavailable {
		return nil
	}
	return err
}

// hsm gives the installation's token, connecting on first use.
func (g *Gate) hsm(ctx context.Context) (Token, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.token != nil {
		return g.token, nil
	}
	token, err := g.connect(ctx, hsm.TokenID{Label: g.installation.TokenLabel, Serial: g.installation.TokenSerial})
	if err != nil {
		return nil, err
	}
	g.token = token
	return token, nil
}

func (g *Gate) tampered() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.alarm
}

// Alarm gives the reason why no act is carried out, or nil.
func (g *Gate) Alarm() error { return g.tampered() }

// logKey reads the log's public key and holds it against the copy kept outside
// the database.
func logKey(i vault.Installation, outside string) (*ecdsa.PublicKey, error) {
	public, err := keys.ParsePublic(i.LogKey)
	if err != nil {
		return nil, fault.Wrap(err, fault.Tampered, "the log's public key in the database is damaged", "restore the database from a backup")
	}
	standard, _ := public.Standard()
	key, ok := standard.(*ecdsa.PublicKey)
	if !ok {
		return nil, fault.New(fault.Tampered, "the log's public key in the database is of the wrong type", "restore the database from a backup")
	}
	if outside == "" {
		return key, nil
	}
	inside, err := verifierKey(i.ID, key)
	if err != nil {
		return nil, err
	}
	if inside != outside {
		return nil, fault.New(fault.Tampered, "the log's public key in the database is not the one in strongroom.yaml",
			"one of them was changed; restore both from a backup")
	}
	return key, nil
}
