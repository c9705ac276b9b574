package gate

import (
	"context"
	"time"

	"github.com/strongroom/strongroom/hsm"
	"github.com/strongroom/strongroom/keys"
	"github.com/strongroom/strongroom/roles"
	"github.com/strongroom/strongroom/vault"
)

// ImportKeyRequest brings a key in that was made elsewhere.
type ImportKeyRequest struct {
	Vault string
	Name  string
	// Key is what package keys read of a PEM, JWK or PFX, or unwrapped; it
	// refuses there what is weak or malformed. The caller wipes it.
	Key *keys.Private
	// HSM puts the key into the HSM. What it was before nobody can say: the
	// token tells for ever that it was not made there.
	HSM        bool
	Operations []keys.Operation // empty: the default for the type
	NotBefore  time.Time
	Expires    time.Time
	Disabled   bool
	Tags       map[string]string
}

// ImportKey stores a key, or a new version of one, that was made elsewhere: in
// this process, wrapped at rest by the vault's master key, or in the HSM. It
// keeps to the rules of [Gate.CreateKey].
func (g *Gate) ImportKey(ctx context.Context, s *Session, r ImportKeyRequest) (Object, error) {
	a := on(roles.KeysImport, r.Vault, KindKey, r.Name, "")
	spec := r.Key.Spec()
	if r.HSM {
		spec = spec.Hardware()
	}
	a.params["spec"] = spec.String()
	f := &found{}
	attributes := vault.Attributes{Enabled: !r.Disabled, NotBefore: r.NotBefore, Expires: r.Expires, Tags: r.Tags}
	prepare := g.preparing(f, attributes, spec, r.Operations)
	if spec.HSM() {
		return g.createInHSM(ctx, s, a, f, prepare, r.Key, func(ctx context.Context, _ hsm.KeyInfo) (change, error) {
			return func(tx *vault.Tx) error { return store(ctx, tx, f, nil) }, nil
		})
	}
	return carryStored(ctx, g, s, a, f, func(ctx context.Context, a *act) (change, error) {
		if err := prepare(ctx, a); err != nil {
			return nil, err
		}
		record, err := g.sealKey(ctx, f, r.Key)
		if err != nil {
			return nil, err
		}
		return func(tx *vault.Tx) error { return store(ctx, tx, f, record) }, nil
	})
}
