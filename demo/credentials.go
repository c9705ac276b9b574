package demo

import (
	"bytes"
	"encoding/base32"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/internal/secret"
	"github.com/strongroom/strongroom/mfa"
	"github.com/strongroom/strongroom/roles"
)

// credentialsName is the file inside the demo's directory.
const (
	credentialsName = "demo-credentials.json"
	maxCredentials  = 64 << 10
)

// Credential is everything that a demo's person signs in with. It is printed
// and shown on purpose: a demo has no secrets.
type Credential struct {
	Name       string     `json:"name"`
	Role       roles.Role `json:"role"`
	Password   string     `json:"password"`
	TOTPSecret string     `json:"totp_secret"` // base32 without padding
}

// Credentials are a demo's three people.
type Credentials []Credential

// Of gives the person with a role.
func (c Credentials) Of(role roles.Role) Credential {
	for _, one := range c {
		if one.Role == role {
			return one
		}
	}
	return Credential{}
}

// CodePeriod is how long a one-time code is the current one.
const CodePeriod = mfa.Period

// CodeLeft is for how much longer the code of a moment is the current one.
func CodeLeft(now time.Time) time.Duration {
	return CodePeriod - time.Duration(now.UnixNano())%CodePeriod
}

// Code gives the person's one-time code at a moment.
func (c Credential) Code(now time.Time) (*secret.Bytes, error) {
	seed, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(c.TOTPSecret)
	if err != nil {
		return nil, errCredentials(err)
	}
	s := secret.New(seed)
	defer s.Wipe()
	return mfa.Code(s, now)
}

func writeCredentials(dir string, c Credentials) error {
	text, err := json.MarshalIndent(c, "", "  ")
	if err != nil {
		return err
	}
	f, err := os.OpenFile(filepath.Join(dir, credentialsName), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fault.Wrap(err, fault.Unavailable, "the demo's credentials cannot be written", "check free space and permissions")
	}
	_, err = f.Write(append(text, '\n'))
	return errors.Join(err, f.Sync(), f.Close())
}

func readCredentials(dir string) (Credentials, error) {
	f, err := os.Open(filepath.Join(dir, credentialsName))
	if err != nil {
		return nil, errCredentials(err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxCredentials))
	if err != nil {
		return nil, errCredentials(err)
	}
	var c Credentials
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&c); err != nil {
		return nil, errCredentials(err)
	}
	for _, role := range roles.All() {
		if c.Of(role).Name == "" {
			return nil, errCredentials(errors.New("nobody is " + role.Title()))
		}
	}
	return c, nil
}

func errCredentials(err error) error {
	return fault.Wrap(err, fault.Invalid, "the demo's credentials cannot be read", "remove the demo's directory and run strongroom demo again")
}
