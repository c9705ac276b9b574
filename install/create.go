package install

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/strongroom/strongroom/gate"
	"github.com/strongroom/strongroom/hsm"
	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/internal/home"
	"github.com/strongroom/strongroom/internal/secret"
	"github.com/strongroom/strongroom/mfa"
	"github.com/strongroom/strongroom/vault"
)

// ownToken is where an installation's own SoftHSM2 token lies in its home.
const ownToken = "token"

// CreateRequest says what to make. The caller wipes the PINs.
type CreateRequest struct {
	Dir string
	// Module is the PKCS#11 library; empty finds SoftHSM2's.
	Module string
	// Token names the token to use. With InitToken it is made on a free slot.
	Token     hsm.TokenID
	InitToken bool
	// OwnSoftHSM keeps a SoftHSM2 token inside the home directory.
	OwnSoftHSM bool
	// SOPIN is needed with InitToken.
	SOPIN, PIN     *secret.Bytes
	Owner, Auditor gate.CreatePersonRequest
	Demo           bool
}

// Create makes an installation. strongroom.yaml is written last: a directory
// without it holds no installation, whatever stopped the work.
func Create(ctx context.Context, r CreateRequest, s System) (*gate.Bootstrapped, error) {
	if err := r.Check(); err != nil {
		return nil, err
	}
	h := r.home()
	made := notice(h)
	if err := home.Prepare(r.Dir); err != nil {
		return nil, err
	}
	out, err := r.create(ctx, h, s)
	if err != nil {
		return nil, errors.Join(err, made.remove())
	}
	return out, nil
}

func (r CreateRequest) create(ctx context.Context, h *home.Home, s System) (*gate.Bootstrapped, error) {
	token, err := r.token(ctx, h, s)
	if err != nil {
		return nil, err
	}
	out, err := r.bootstrap(ctx, h, token, s)
	if err = errors.Join(err, token.Close()); err != nil {
		return nil, err
	}
	h.Config.Version, h.Config.Installation, h.Config.LogKey = 1, out.ID, out.LogKey
	h.Config.HSM.Token = home.Token{Label: out.Token.Label, Serial: out.Token.Serial}
	if _, err := home.Create(r.Dir, h.Config); err != nil {
		return nil, err
	}
	return out, nil
}

// Check checks what can be checked without a token and without making
// anything: the people, and the directory. It asks for no PIN; [Create] does
// it too.
func (r CreateRequest) Check() error {
	if r.Owner.Name == r.Auditor.Name {
		return fault.New(fault.Forbidden, "the first vault owner and the first auditor are two people", "name two people: an auditor holds no other role")
	}
	for _, name := range []string{r.Owner.Name, r.Auditor.Name} {
		if err := vault.CheckPersonName(name); err != nil {
			return err
		}
	}
	return r.checkDir()
}

func (r CreateRequest) checkDir() error {
	if home.Exists(r.Dir) {
		return fault.New(fault.Conflict, r.Dir+" already holds an installation", "choose another directory with --home DIR")
	}
	if _, err := os.Lstat(r.home().Database()); err == nil {
		return fault.New(fault.Conflict, r.Dir+" holds a database but no installation",
			"an earlier set-up stopped there; look at the directory and remove it, or choose another")
	}
	if _, err := os.Lstat(r.Dir); errors.Is(err, fs.ErrNotExist) {
		return nil // it will be made
	}
	return home.Private(r.Dir)
}

// home is the installation's directory before there is one.
func (r CreateRequest) home() *home.Home {
	h := &home.Home{Dir: r.Dir, Config: home.Config{HSM: home.HSM{Module: r.Module}}}
	if r.OwnSoftHSM {
		h.Config.HSM.SoftHSMConf = filepath.Join(ownToken, filepath.Base(hsm.SoftHSMConf{}.Path()))
	}
	return h
}

func (r CreateRequest) token(ctx context.Context, h *home.Home, s System) (gate.Token, error) {
	c := connector{h, s}
	if r.InitToken {
		if err := r.initToken(ctx, c); err != nil {
			return nil, err
		}
	}
	token, err := c.connect(ctx, r.Token)
	if err != nil {
		return nil, c.pointed(ctx, err)
	}
	return token, nil
}

func (r CreateRequest) initToken(ctx context.Context, c connector) error {
	module, err := c.load()
	if err != nil {
		return err
	}
	_, err = module.InitToken(ctx, hsm.InitTokenRequest{Label: r.Token.Label, SOPIN: r.SOPIN, UserPIN: r.PIN})
	return errors.Join(err, module.Close())
}

func (r CreateRequest) bootstrap(ctx context.Context, h *home.Home, token gate.Token, s System) (*gate.Bootstrapped, error) {
	keyring, err := openKeyring(ctx, h.Keyring(), s)
	if err != nil {
		return nil, err
	}
	hasher, err := mfa.NewHasher(s.Password, s.Rand, 1)
	if err != nil {
		return nil, errors.Join(err, keyring.Close())
	}
	db, err := vault.Create(ctx, h.Database(), vault.Options{Now: s.Now, Rand: s.Rand})
	if err != nil {
		return nil, errors.Join(err, keyring.Close())
	}
	out, err := gate.Bootstrap(ctx, gate.BootstrapConfig{
		DB: db, Token: token, PIN: r.PIN, Keyring: keyring, Hasher: hasher, Now: s.Now, Rand: s.Rand,
		Limits: s.Limits, Demo: r.Demo, Owner: r.Owner, Auditor: r.Auditor,
	})
	return out, errors.Join(err, db.Close(), keyring.Close())
}
