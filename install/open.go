package install

import (
	"context"
	"errors"
	"io/fs"
	"path/filepath"

	"github.com/strongroom/strongroom/gate"
	"github.com/strongroom/strongroom/hsm"
	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/internal/home"
	"github.com/strongroom/strongroom/mfa"
	"github.com/strongroom/strongroom/vault"
)

// serviceName is how the operating system's keyring shows the entries.
const serviceName = "strongroom"

// Installation is an open installation. Close it.
type Installation struct {
	Home *home.Home
	Gate *gate.Gate

	db      *vault.DB
	keyring *mfa.Keyring
	system  System
}

// Open opens the installation in dir. It reaches for the HSM only when an act
// needs it.
func Open(ctx context.Context, dir string, s System) (_ *Installation, err error) {
	h, err := home.Open(dir)
	if err != nil {
		return nil, err
	}
	i := &Installation{Home: h, system: s}
	defer func() {
		if err != nil {
			err = errors.Join(err, i.release())
		}
	}()
	if i.keyring, err = openKeyring(ctx, h.Keyring(), s); err != nil {
		return nil, err
	}
	if i.db, err = vault.Open(ctx, h.Database(), vault.Options{Now: s.Now, Rand: s.Rand}); err != nil {
		return nil, lost(err, h.Database())
	}
	hasher, err := mfa.NewHasher(s.Password, s.Rand, 1)
	if err != nil {
		return nil, err
	}
	i.Gate, err = gate.Open(ctx, gate.Config{
		DB: i.db, Connect: connector{h, s}.connect, Keyring: i.keyring, Hasher: hasher,
		Now: s.Now, Rand: s.Rand, Limits: limits(h.Config.Login, s.Limits), Pause: s.Pause, Version: s.Version, LogKey: h.Config.LogKey,
	})
	return i, err
}

// lost words a database that is not there, or holds nothing, where there is an
// installation: it was whole once, since strongroom.yaml is written last.
func lost(err error, path string) error {
	if fault.KindOf(err) != fault.NotFound {
		return err
	}
	what := " is empty"
	if errors.Is(err, fs.ErrNotExist) {
		what = " is missing"
	}
	return fault.Wrap(err, fault.NotFound, "the installation's database "+path+what, "restore it from a backup")
}

// Close ends the console's login sessions and lets go of everything.
func (i *Installation) Close(ctx context.Context) error {
	return errors.Join(i.Gate.Close(ctx), i.release())
}

func (i *Installation) release() error {
	var errs []error
	if i.db != nil {
		errs = append(errs, i.db.Close())
	}
	if i.keyring != nil {
		errs = append(errs, i.keyring.Close())
	}
	return errors.Join(errs...)
}

func openKeyring(ctx context.Context, folder string, s System) (*mfa.Keyring, error) {
	return mfa.OpenKeyring(ctx, mfa.KeyringOptions{Service: serviceName, Folder: folder, FileOnly: s.KeyringFile, Getenv: s.Getenv})
}

// limits lets the configuration change what the program would do.
func limits(c home.Login, l gate.Limits) gate.Limits {
	if c.Idle > 0 {
		l.Idle = c.Idle
	}
	if c.Life > 0 {
		l.Life = c.Life
	}
	return l
}

// connector reaches an installation's token.
type connector struct {
	home   *home.Home
	system System
}

func (c connector) connect(ctx context.Context, id hsm.TokenID) (gate.Token, error) {
	module, err := c.load()
	if err != nil {
		return nil, err
	}
	token, err := module.Open(ctx, id, hsm.Options{Rand: c.system.Rand})
	if err != nil {
		return nil, errors.Join(err, module.Close())
	}
	return &connected{token, module}, nil
}

// load loads the module that the environment, the configuration or the usual
// places name, in this order.
func (c connector) load() (*hsm.Module, error) {
	named := c.system.Getenv(ModuleVariable)
	if named == "" {
		named = c.home.Config.HSM.Module
	}
	path, err := hsm.FindModule(named)
	if err != nil {
		return nil, err
	}
	conf, err := c.softHSMConf()
	if err != nil {
		return nil, err
	}
	return hsm.Load(path, hsm.LoadOptions{SoftHSMConf: conf, Now: c.system.Now})
}

// softHSMConf gives the path of the installation's own SoftHSM2 configuration,
// if it has one. A file inside the home directory is written anew: it holds an
// absolute path, and the directory may have moved.
func (c connector) softHSMConf() (string, error) {
	conf := c.home.Config.HSM.SoftHSMConf
	if conf == "" || filepath.IsAbs(conf) {
		return conf, nil
	}
	return hsm.SoftHSMConf{Dir: filepath.Dir(c.home.Resolve(conf))}.Write()
}

// connected is a token with the module that it came from.
type connected struct {
	*hsm.Token
	module *hsm.Module
}

// Close closes the token and the module.
func (c *connected) Close() error { return errors.Join(c.Token.Close(), c.module.Close()) }
