package install

import (
	"context"
	"errors"
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
	h, err := prepare(r)
	if err != nil {
		return nil, err
	}
	token, err := r.token(ctx, h, s)
	if err != nil {
		return nil, err
	}
	out, err := r.bootstrap(ctx, h, token, s)
	if err = errors.Join(err, token.Close()); err != nil {
		return nil, errors.Join(err, removeDatabase(h))
	}
	h.Config.Version, h.Config.Installation, h.Config.LogKey = 1, out.ID, out.LogKey
	h.Config.HSM.Token = home.Token{Label: out.Token.Label, Serial: out.Token.Serial}
	if _, err := home.Create(r.Dir, h.Config); err != nil {
		return nil, errors.Join(err, removeDatabase(h))
	}
	return out, nil
}

// prepare checks the directory before anything is made in the HSM.
func prepare(r CreateRequest) (*home.Home, error) {
	if home.Exists(r.Dir) {
		return nil, fault.New(fault.Conflict, r.Dir+" already holds an installation", "choose another directory with --home DIR")
	}
	if err := home.Prepare(r.Dir); err != nil {
		return nil, err
	}
	h := &home.Home{Dir: r.Dir, Config: home.Config{HSM: home.HSM{Module: r.Module}}}
	if r.OwnSoftHSM {
		h.Config.HSM.SoftHSMConf = filepath.Join(ownToken, filepath.Base(hsm.SoftHSMConf{}.Path()))
	}
	if _, err := os.Lstat(h.Database()); err == nil {
		return nil, fault.New(fault.Conflict, r.Dir+" holds a database but no installation",
			"an earlier set-up stopped there; look at the directory and remove it, or choose another")
	}
	return h, nil
}

func (r CreateRequest) token(ctx context.Context, h *home.Home, s System) (gate.Token, error) {
	c := connector{h, s}
	if r.InitToken {
		if err := r.initToken(ctx, c); err != nil {
			return nil, err
		}
	}
	return c.connect(ctx, r.Token)
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

// removeDatabase takes away the file of a set-up that failed; it holds nothing
// yet that anybody was told of.
func removeDatabase(h *home.Home) error {
	var errs []error
	for _, end := range []string{"", "-wal", "-shm"} {
		if err := os.Remove(h.Database() + end); err != nil && !errors.Is(err, os.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}
