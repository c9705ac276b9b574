package gate

import (
	"context"

	"github.com/strongroom/strongroom/internal/secret"
	"github.com/strongroom/strongroom/vault"
)

// A person's TOTP seed is sealed under the identity master, bound to the
// installation and the person.

func (g *Gate) seedIdentity(personID string) vault.Identity {
	return vault.Identity{Installation: g.installation.ID, Kind: "totp", Name: personID}
}

func (g *Gate) sealSeed(ctx context.Context, token Token, personID string, seed *secret.Bytes) ([]byte, error) {
	return vault.Seal(ctx, wrapper{token}, g.installation.IdentityMaster, g.seedIdentity(personID), seed, g.rand)
}

func (g *Gate) unsealSeed(ctx context.Context, token Token, personID string, record []byte) (*secret.Bytes, error) {
	return vault.Unseal(ctx, wrapper{token}, g.installation.IdentityMaster, g.seedIdentity(personID), record)
}
