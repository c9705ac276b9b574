package demo

import (
	"context"
	"errors"
	"io"
	"path/filepath"

	"github.com/strongroom/strongroom/install"
	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/internal/home"
)

// Options say where the demo is and who listens.
type Options struct {
	// Dir is the demo's home directory; see [DefaultDir].
	Dir string
	// Out hears what is being done, line by line.
	Out    io.Writer
	System install.System
}

// DefaultDir is a strongroom-demo folder under the user's data directory.
func DefaultDir(getenv func(string) string) (string, error) {
	data, err := home.DataDir(getenv)
	if err != nil {
		return "", err
	}
	return filepath.Join(data, "strongroom-demo"), nil
}

// Open opens the demo in o.Dir, making it first where there is none.
func Open(ctx context.Context, o Options) (*install.Installation, Credentials, error) {
	if !home.Exists(o.Dir) {
		if err := build(ctx, o); err != nil {
			return nil, nil, err
		}
	}
	i, err := install.Open(ctx, o.Dir, o.System)
	if err != nil {
		return nil, nil, err
	}
	credentials, err := readCredentials(o.Dir)
	if !i.Gate.Demo() {
		err = fault.New(fault.Forbidden, o.Dir+" holds an installation that is no demo", "choose another directory with --dir DIR")
	}
	if err != nil {
		return nil, nil, errors.Join(err, i.Close(ctx))
	}
	return i, credentials, nil
}
