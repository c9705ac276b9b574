package install

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/strongroom/strongroom/hsm"
	"github.com/strongroom/strongroom/internal/fault"
)

// maxShown bounds how many tokens a hint names; doctor names them all.
const maxShown = 8

// pointed adds to an error about a token that was not found which ones there
// are: before there is an installation, doctor has none to look at.
func (c connector) pointed(ctx context.Context, err error) error {
	if !errors.Is(err, hsm.ErrTokenAbsent) && fault.KindOf(err) != fault.Conflict {
		return err
	}
	module, loadErr := c.load()
	if loadErr != nil {
		return err
	}
	tokens, listErr := module.Tokens(ctx)
	if errors.Join(listErr, module.Close()) != nil {
		return err
	}
	hint := "the module shows no initialised token; check that it is plugged in or its directory in place, or make one with --init-token"
	if len(tokens) > 0 {
		hint = "the module shows " + list(tokens) + "; name one with --token-label and --token-serial"
	}
	return fault.Wrap(err, fault.KindOf(err), fault.Problem(err), hint)
}

func list(tokens []hsm.TokenInfo) string {
	var names []string
	for i, t := range tokens {
		if i == maxShown {
			names = append(names, fmt.Sprintf("%d more", len(tokens)-i))
			break
		}
		names = append(names, named(t))
	}
	return strings.Join(names, "; ")
}

func named(t hsm.TokenInfo) string { return fmt.Sprintf("%q, serial %s", t.Label, t.Serial) }

// checkTokens lists what the module shows, where the wanted token is not there
// or is there twice.
func checkTokens(ctx context.Context, module *hsm.Module) []Check {
	const name = "tokens of the module"
	tokens, err := module.Tokens(ctx)
	if err != nil {
		return []Check{failed(name, err)}
	}
	if len(tokens) == 0 {
		return []Check{{name, Warning, "the module shows no initialised token", "plug the token in, or put its directory back in place", nil}}
	}
	var checks []Check
	for _, t := range tokens {
		checks = append(checks, good(name, named(t)))
	}
	return checks
}
