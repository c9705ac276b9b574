package home

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/strongroom/strongroom/internal/fault"
)

const (
	configVersion = 1
	// maxConfig bounds the file: ten times what the longest sensible one
	// takes.
	maxConfig = 64 << 10
	// maxIdle and maxLife bound what an installation may allow itself.
	maxIdle = 60 * time.Minute
	maxLife = 24 * time.Hour
)

// Config is strongroom.yaml. It says how to reach things and holds no secret.
type Config struct {
	Version int `yaml:"version"`
	// Installation is the installation's id, as in its database.
	Installation string `yaml:"installation"`
	// LogKey is the log's public key as a signed-note verifier key, kept
	// beside the database so that a key swapped inside it is noticed.
	LogKey string `yaml:"log_key"`
	HSM    HSM    `yaml:"hsm"`
	Login  Login  `yaml:"login,omitempty"`
}

// HSM says where the token is.
type HSM struct {
	// Module is the path of the PKCS#11 library; empty finds SoftHSM2's.
	// STRONGROOM_PKCS11_MODULE overrides it.
	Module string `yaml:"module,omitempty"`
	// SoftHSMConf is a softhsm2.conf for an installation with a token
	// directory of its own; relative to the home directory.
	SoftHSMConf string `yaml:"softhsm_conf,omitempty"`
	Token       Token  `yaml:"token"`
}

// Token names a token by label and serial, never by slot.
type Token struct {
	Label  string `yaml:"label"`
	Serial string `yaml:"serial"`
}

// Login bounds login sessions. Zero means the default.
type Login struct {
	// Idle locks a login session after this long without an act (default 5m).
	Idle time.Duration `yaml:"idle,omitempty"`
	// Life ends a console's login session (default 8h).
	Life time.Duration `yaml:"life,omitempty"`
}

func (c *Config) check() error {
	switch {
	case c.Version > configVersion:
		return fmt.Errorf("version %d is newer than this program knows (%d)", c.Version, configVersion)
	case c.Version != configVersion:
		return fmt.Errorf("version must be %d", configVersion)
	case c.Installation == "":
		return errors.New("installation is missing")
	case c.LogKey == "":
		// Without it, a log key that was swapped in the database would pass.
		return errors.New("log_key is missing")
	case c.HSM.Token.Label == "" && c.HSM.Token.Serial == "":
		return errors.New("hsm.token needs a label or a serial")
	case c.Login.Idle < 0 || c.Login.Idle > maxIdle:
		return fmt.Errorf("login.idle must be between 0 and %s", maxIdle)
	case c.Login.Life < 0 || c.Login.Life > maxLife:
		return fmt.Errorf("login.life must be between 0 and %s", maxLife)
	}
	return nil
}

func readConfig(path string) (Config, error) {
	f, err := os.Open(path)
	if err != nil {
		return Config{}, fault.Wrap(err, fault.Unavailable, path+" cannot be read", "check its owner and permissions")
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxConfig+1))
	if err != nil {
		return Config{}, fault.Wrap(err, fault.Unavailable, path+" cannot be read", "check the disk")
	}
	c, err := parseConfig(text)
	if err != nil {
		return Config{}, fault.Wrap(err, fault.Invalid, path+" cannot be understood: "+cause(err), "mend what it names, or restore the file from a backup")
	}
	return c, nil
}

// parseConfig is strict: an unknown or repeated key, a second document or a
// value of the wrong type is an error.
func parseConfig(text []byte) (Config, error) {
	if len(text) > maxConfig {
		return Config{}, fmt.Errorf("more than %d bytes", maxConfig)
	}
	var c Config
	d := yaml.NewDecoder(bytes.NewReader(text))
	d.KnownFields(true)
	err := d.Decode(&c)
	if errors.Is(err, io.EOF) {
		return Config{}, errors.New("it is empty")
	}
	if err != nil {
		return Config{}, err
	}
	if err := d.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return Config{}, errors.New("something follows the configuration")
	}
	return c, c.check()
}

const configHead = "# A Strongroom installation. No secret belongs in this file.\n"

// write makes the file, private, and makes sure it is on the disk. It never
// overwrites.
func (c *Config) write(path string) error {
	if err := c.check(); err != nil {
		return fault.Wrap(err, fault.Internal, "the configuration is not valid", "")
	}
	var text strings.Builder
	text.WriteString(configHead)
	enc := yaml.NewEncoder(&text)
	enc.SetIndent(2)
	if err := enc.Encode(c); err != nil {
		return fmt.Errorf("encode the configuration: %w", err)
	}
	if err := writeDurably(path, []byte(text.String())); err != nil {
		return fault.Wrap(err, fault.Unavailable, path+" cannot be written", "check free space and permissions")
	}
	return nil
}

func writeDurably(path string, b []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	err = errors.Join(err, f.Sync(), f.Close())
	if err != nil {
		return errors.Join(err, os.Remove(path)) // half a file would pass for an installation
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}
