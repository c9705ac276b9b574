package gate

import (
	"context"
	"crypto/ecdsa"
	"io"
	"time"

	"github.com/google/uuid"

	"github.com/strongroom/strongroom/audit"
	"github.com/strongroom/strongroom/hsm"
	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/internal/secret"
	"github.com/strongroom/strongroom/keys"
	"github.com/strongroom/strongroom/mfa"
	"github.com/strongroom/strongroom/roles"
	"github.com/strongroom/strongroom/vault"
)

// BootstrapConfig is what a new installation is made from. Token is initialised
// and not logged in; the caller keeps and wipes PIN.
type BootstrapConfig struct {
	DB      *vault.DB // new and empty
	Token   Token
	PIN     *secret.Bytes
	Keyring Keyring
	Hasher  *mfa.Hasher
	Now     func() time.Time
	Rand    io.Reader
	Limits  Limits
	// Demo marks the installation as a demo for good.
	Demo bool
	// Owner and Auditor are the first vault owner and the first auditor,
	// never the same person.
	Owner, Auditor CreatePersonRequest
}

// Bootstrapped is a new installation: its id, its log's public key, and the
// enrolment codes of its first two people, shown once.
type Bootstrapped struct {
	ID             string
	LogKey         string // signed-note verifier key
	Token          hsm.TokenInfo
	Owner, Auditor *Invitation
}

// Bootstrap makes an installation: the log key and the identity master in the
// HSM, the first vault owner and the first auditor, and the first entries of
// the log. Nobody holds standing rights besides these two. When it fails the
// keys that it made are destroyed; the database file is the caller's to
// remove.
func Bootstrap(ctx context.Context, c BootstrapConfig) (*Bootstrapped, error) {
	if c.Owner.Name == c.Auditor.Name {
		return nil, fault.New(fault.Forbidden, "the first vault owner and the first auditor are two people (rule "+roles.RuleAuditorAlone+")", "name two people")
	}
	b := &bootstrap{BootstrapConfig: c}
	out, err := b.run(ctx)
	if err != nil {
		b.undo(context.WithoutCancel(ctx))
		return nil, err
	}
	return out, nil
}

type bootstrap struct {
	BootstrapConfig
	installation vault.Installation
	made         []hsm.KeyID
	logKey       *ecdsa.PublicKey
}

func (b *bootstrap) run(ctx context.Context) (*Bootstrapped, error) {
	if err := b.Token.Login(ctx, b.PIN); err != nil {
		return nil, err
	}
	info, err := b.Token.Info(ctx)
	if err != nil {
		return nil, err
	}
	id, err := uuid.NewRandomFromReader(b.Rand)
	if err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, "there is no randomness", "check the system's random source")
	}
	b.installation = vault.Installation{ID: id.String(), Created: b.Now(), Demo: b.Demo, TokenLabel: info.Label, TokenSerial: info.Serial}
	if err := b.makeKeys(ctx); err != nil {
		return nil, err
	}
	device, _, err := b.Keyring.DeviceKey(ctx, b.installation.ID, b.Rand)
	if err != nil {
		return nil, err
	}
	device.Wipe()
	out, err := b.people(ctx)
	if err != nil {
		return nil, err
	}
	out.ID, out.Token = b.installation.ID, info
	if out.LogKey, err = verifierKey(b.installation.ID, b.logKey); err != nil {
		return nil, err
	}
	return out, b.seal(ctx)
}

// makeKeys makes the log key and the identity master.
func (b *bootstrap) makeKeys(ctx context.Context) error {
	master, err := masterType(ctx, b.Token)
	if err != nil {
		return err
	}
	log, err := b.generate(ctx, hsm.GenerateKeyRequest{Label: "strongroom/log", Type: hsm.ECP256, Usage: hsm.UsageSign})
	if err != nil {
		return err
	}
	identity, err := b.generate(ctx, hsm.GenerateKeyRequest{Label: "strongroom/identity", Type: master, Usage: hsm.UsageWrap})
	if err != nil {
		return err
	}
	public, err := keys.ParsePublic(log.Public)
	if err != nil {
		return err
	}
	standard, _ := public.Standard()
	key, ok := standard.(*ecdsa.PublicKey)
	if !ok {
		return fault.New(fault.Unavailable, "the HSM made a log key of the wrong type", "run strongroom doctor")
	}
	b.logKey = key
	b.installation.LogKeyID, b.installation.LogKey, b.installation.IdentityMaster = string(log.ID), log.Public, string(identity.ID)
	return nil
}

func (b *bootstrap) generate(ctx context.Context, r hsm.GenerateKeyRequest) (hsm.KeyInfo, error) {
	info, err := b.Token.GenerateKey(ctx, r)
	if err == nil {
		b.made = append(b.made, info.ID)
	}
	return info, err
}

// people writes the installation, its first two people and their roles, each
// with an entry.
func (b *bootstrap) people(ctx context.Context) (*Bootstrapped, error) {
	g := b.gate()
	owner, writeOwner, err := g.invite(ctx, vault.Person{Name: b.Owner.Name, Display: b.Owner.Display}, b.PIN)
	if err != nil {
		return nil, err
	}
	auditor, writeAuditor, err := g.invite(ctx, vault.Person{Name: b.Auditor.Name, Display: b.Auditor.Display}, b.PIN)
	if err != nil {
		owner.Wipe()
		return nil, err
	}
	err = b.DB.Write(ctx, func(tx *vault.Tx) error {
		if err := tx.CreateInstallation(b.installation); err != nil {
			return err
		}
		if err := b.entry(g, tx, "installation/create", audit.Target{Kind: "installation", Name: b.installation.ID}, map[string]string{}); err != nil {
			return err
		}
		return b.writeFirst(g, tx, writeOwner, owner, roles.VaultOwner, writeAuditor, auditor)
	})
	if err != nil {
		owner.Wipe()
		auditor.Wipe()
		return nil, err
	}
	return &Bootstrapped{Owner: owner, Auditor: auditor}, nil
}

func (b *bootstrap) writeFirst(g *Gate, tx *vault.Tx, writeOwner change, owner *Invitation, role roles.Role, writeAuditor change, auditor *Invitation) error {
	for _, first := range []struct {
		write  change
		person Person
		role   roles.Role
	}{{writeOwner, owner.Person, role}, {writeAuditor, auditor.Person, roles.Auditor}} {
		if err := first.write(tx); err != nil {
			return err
		}
		grant, err := tx.CreateAssignment(roles.Assignment{Person: first.person.ID, Role: first.role, GrantedBy: "bootstrap", GrantedAt: b.Now()})
		if err != nil {
			return err
		}
		target := audit.Target{Kind: "person", Name: first.person.Name}
		if err := b.entry(g, tx, roles.PeopleCreate, target, map[string]string{}); err != nil {
			return err
		}
		target.Kind = "assignment"
		if err := b.entry(g, tx, roles.AssignmentsCreate, target, grantParams(grant)); err != nil {
			return err
		}
	}
	return nil
}

func (b *bootstrap) entry(g *Gate, tx *vault.Tx, action roles.Action, target audit.Target, params map[string]string) error {
	id, err := g.newID()
	if err != nil {
		return err
	}
	params["by"] = "bootstrap"
	_, err = tx.Append(g.draft(nil, &act{id: id, action: action, target: target, params: params}, audit.Done))
	return err
}

// seal signs the first checkpoint and logs out.
func (b *bootstrap) seal(ctx context.Context) error {
	if _, err := b.gate().checkpoint(ctx, b.Token); err != nil {
		return err
	}
	return b.Token.Logout(ctx)
}

// gate is the gate as far as a bootstrap needs one: there is no login session
// yet.
func (b *bootstrap) gate() *Gate {
	return &Gate{
		db: b.DB, keyring: b.Keyring, hasher: b.Hasher, now: b.Now, rand: b.Rand, limits: b.Limits,
		installation: b.installation, logKey: b.logKey, token: b.Token, sessions: map[string]*Session{},
	}
}

func (b *bootstrap) undo(ctx context.Context) {
	for _, id := range b.made {
		_ = b.Token.DestroyKey(ctx, id) // what stays is an orphan that hsm show names
	}
	_ = b.Token.Logout(ctx)
}
