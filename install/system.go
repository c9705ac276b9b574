package install

import (
	"context"
	"crypto/rand"
	"io"
	"os"
	"time"

	"github.com/strongroom/strongroom/gate"
	"github.com/strongroom/strongroom/mfa"
)

// ModuleVariable names the environment variable that overrides the
// configuration's PKCS#11 module.
const ModuleVariable = "STRONGROOM_PKCS11_MODULE"

// System is what an installation takes from the machine it runs on.
type System struct {
	Getenv func(string) string
	Now    func() time.Time
	Rand   io.Reader
	// Password is the cost of a password hash.
	Password mfa.Params
	Limits   gate.Limits
	// Version is the program's version.
	Version string
	// Pause waits, or ends with ctx; nil waits for nothing.
	Pause func(ctx context.Context, d time.Duration)
	// KeyringFile keeps what belongs into the operating system's keyring in
	// files instead.
	KeyringFile bool
	// Root is where the system's own directories begin; empty is the machine's
	// root.
	Root string
}

// RealSystem is the machine itself, with the defaults.
func RealSystem(version string) System {
	return System{
		Getenv: os.Getenv, Now: time.Now, Rand: rand.Reader,
		Password: mfa.DefaultParams(), Limits: gate.DefaultLimits(), Version: version, Pause: pause,
	}
}

func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}
