package gate

import (
	"context"

	"github.com/strongroom/strongroom/hsm"
	"github.com/strongroom/strongroom/internal/secret"
)

// Token is what the gate needs of an HSM token; *hsm.Token is one. Requests
// and answers carry no handles.
type Token interface {
	// Login checks the PIN with the token itself, also when this process is
	// logged in already.
	Login(ctx context.Context, pin *secret.Bytes) error
	Logout(ctx context.Context) error
	Info(ctx context.Context) (hsm.TokenInfo, error)
	Capabilities(ctx context.Context) (hsm.Capabilities, error)
	Objects(ctx context.Context) ([]hsm.ObjectInfo, error)

	GenerateKey(ctx context.Context, r hsm.GenerateKeyRequest) (hsm.KeyInfo, error)
	ImportKey(ctx context.Context, r hsm.ImportKeyRequest) (hsm.KeyInfo, error)
	Key(ctx context.Context, id hsm.KeyID) (hsm.KeyInfo, error)
	DestroyKey(ctx context.Context, id hsm.KeyID) error
	Sign(ctx context.Context, r hsm.SignRequest) ([]byte, error)
	Verify(ctx context.Context, r hsm.VerifyRequest) (bool, error)
	Encrypt(ctx context.Context, r hsm.EncryptRequest) (hsm.Ciphertext, error)
	Decrypt(ctx context.Context, r hsm.DecryptRequest) (*secret.Bytes, error)
	Wrap(ctx context.Context, r hsm.WrapRequest) ([]byte, error)
	Unwrap(ctx context.Context, r hsm.UnwrapRequest) (*secret.Bytes, error)

	PutData(ctx context.Context, label string, value []byte) error
	Data(ctx context.Context, label string) ([][]byte, error)
	Close() error
}

// wrapper lets package vault wrap data keys without knowing an HSM.
type wrapper struct{ token Token }

func (w wrapper) Wrap(ctx context.Context, master string, dek *secret.Bytes) ([]byte, error) {
	return w.token.Wrap(ctx, hsm.WrapRequest{Key: hsm.KeyID(master), Data: dek})
}

func (w wrapper) Unwrap(ctx context.Context, master string, wrapped []byte) (*secret.Bytes, error) {
	return w.token.Unwrap(ctx, hsm.UnwrapRequest{Key: hsm.KeyID(master), Wrapped: wrapped})
}
