package gate

import (
	"context"

	"github.com/strongroom/strongroom/hsm"
	"github.com/strongroom/strongroom/internal/secret"
	"github.com/strongroom/strongroom/keys"
	"github.com/strongroom/strongroom/roles"
)

// EncryptRequest is what is to be encrypted, or wrapped, with a key's version;
// see [keys.EncryptRequest]. The caller wipes the plaintext.
type EncryptRequest struct {
	Ref
	Algorithm keys.EncryptionAlgorithm
	Plaintext *secret.Bytes
	// IV is for CBC only; left out, one is made and comes back.
	IV []byte
	// AAD is GCM's additional authenticated data.
	AAD []byte
}

// Encrypted is the answer to an EncryptRequest: all of it is needed to decrypt.
type Encrypted struct {
	Key Object
	keys.Encrypted
}

// DecryptRequest is what is to be decrypted, or unwrapped. The version has to
// be the one that encrypted.
type DecryptRequest struct {
	Ref
	keys.Encrypted
}

// Decrypted is the answer to a DecryptRequest. The receiver wipes it.
type Decrypted struct {
	Key       Object
	Algorithm keys.EncryptionAlgorithm
	Plaintext *secret.Bytes
}

// Wipe wipes the plaintext.
func (d *Decrypted) Wipe() {
	if d != nil {
		d.Plaintext.Wipe()
	}
}

// Encrypt encrypts content. The key must be enabled, inside its dates and allow
// it.
func (g *Gate) Encrypt(ctx context.Context, s *Session, r EncryptRequest) (Encrypted, error) {
	return g.encrypt(ctx, s, roles.KeysEncrypt, keys.OpEncrypt, r)
}

// WrapKey wraps a key: as [Gate.Encrypt] does, with the algorithms for keys.
func (g *Gate) WrapKey(ctx context.Context, s *Session, r EncryptRequest) (Encrypted, error) {
	return g.encrypt(ctx, s, roles.KeysWrapKey, keys.OpWrapKey, r)
}

// Decrypt decrypts content. The key's dates keep nobody from it: what was
// encrypted in time stays readable. What the key does not open is
// [keys.ErrDecrypt], in software as in the HSM, and says no more.
func (g *Gate) Decrypt(ctx context.Context, s *Session, r DecryptRequest) (*Decrypted, error) {
	return g.decrypt(ctx, s, roles.KeysDecrypt, keys.OpDecrypt, r)
}

// UnwrapKey unwraps a key: as [Gate.Decrypt] does, with the algorithms for
// keys.
func (g *Gate) UnwrapKey(ctx context.Context, s *Session, r DecryptRequest) (*Decrypted, error) {
	return g.decrypt(ctx, s, roles.KeysUnwrapKey, keys.OpUnwrapKey, r)
}

func (g *Gate) encrypt(ctx context.Context, s *Session, action roles.Action, op keys.Operation, r EncryptRequest) (Encrypted, error) {
	a := on(action, r.Vault, KindKey, r.Name, r.Version)
	a.params["algorithm"] = string(r.Algorithm)
	return carry(ctx, g, s, a, func(ctx context.Context, a *act) (Encrypted, change, error) {
		f, key, info, err := g.cipherKey(ctx, a, r.Algorithm, op)
		if err == nil {
			err = info.CheckPlaintext(key.Spec, r.Plaintext.Len())
		}
		if err != nil {
			return Encrypted{}, nil, err
		}
		e, err := g.encryptWith(ctx, f, key, info, op, r)
		if err != nil {
			return Encrypted{}, nil, err
		}
		return Encrypted{key, e}, nil, nil
	})
}

func (g *Gate) decrypt(ctx context.Context, s *Session, action roles.Action, op keys.Operation, r DecryptRequest) (*Decrypted, error) {
	a := on(action, r.Vault, KindKey, r.Name, r.Version)
	a.params["algorithm"] = string(r.Algorithm)
	return carry(ctx, g, s, a, func(ctx context.Context, a *act) (*Decrypted, change, error) {
		f, key, info, err := g.cipherKey(ctx, a, r.Algorithm, op)
		if err == nil {
			err = info.CheckEncrypted(r.Encrypted)
		}
		if err != nil {
			return nil, nil, err
		}
		plaintext, err := g.decryptWith(ctx, f, key, info, op, r.Encrypted)
		if err != nil {
			return nil, nil, err
		}
		return &Decrypted{key, r.Algorithm, plaintext}, nil, nil
	})
}

// cipherKey finds a key and refuses, before it is touched, what it is not for.
func (g *Gate) cipherKey(ctx context.Context, a *act, alg keys.EncryptionAlgorithm, op keys.Operation) (found, Object, keys.EncryptionInfo, error) {
	f, err := g.find(ctx, a)
	if err != nil {
		return found{}, Object{}, keys.EncryptionInfo{}, err
	}
	key, err := present(f)
	if err != nil {
		return found{}, Object{}, keys.EncryptionInfo{}, err
	}
	info, err := keys.CheckEncryption(key.Spec, alg, op)
	if err != nil {
		return found{}, Object{}, keys.EncryptionInfo{}, err
	}
	return f, key, info, g.checkUse(f, key, op)
}

// encryptWith encrypts where the key lives. A software RSA key encrypts with
// the public half of what was sealed, for nothing vouches for the row's.
func (g *Gate) encryptWith(ctx context.Context, f found, key Object, info keys.EncryptionInfo, op keys.Operation, r EncryptRequest) (keys.Encrypted, error) {
	if key.Protection == keys.ProtectionHSM {
		return g.encryptInHSM(ctx, f, info, r)
	}
	private, err := g.openKey(ctx, f, key)
	if err != nil {
		return keys.Encrypted{}, err
	}
	defer private.Wipe()
	request := keys.EncryptRequest{Algorithm: r.Algorithm, Plaintext: r.Plaintext, IV: r.IV, AAD: r.AAD}
	if op == keys.OpWrapKey {
		return private.Wrap(g.rand, request)
	}
	return private.Encrypt(g.rand, request)
}

func (g *Gate) encryptInHSM(ctx context.Context, f found, info keys.EncryptionInfo, r EncryptRequest) (keys.Encrypted, error) {
	mechanism, err := cipherMechanism(info)
	if err != nil {
		return keys.Encrypted{}, err
	}
	token, id, err := g.tokenKey(ctx, &f)
	if err != nil {
		return keys.Encrypted{}, err
	}
	c, err := token.Encrypt(ctx, hsm.EncryptRequest{Key: id, Mechanism: mechanism, Plaintext: r.Plaintext, IV: r.IV, AAD: r.AAD})
	if err != nil {
		return keys.Encrypted{}, err
	}
	return keys.Encrypted{Algorithm: r.Algorithm, Ciphertext: c.Data, IV: c.IV, AAD: r.AAD, Tag: c.Tag}, nil
}

func (g *Gate) decryptWith(ctx context.Context, f found, key Object, info keys.EncryptionInfo, op keys.Operation, e keys.Encrypted) (*secret.Bytes, error) {
	if key.Protection == keys.ProtectionHSM {
		return g.decryptInHSM(ctx, f, info, e)
	}
	private, err := g.openKey(ctx, f, key)
	if err != nil {
		return nil, err
	}
	defer private.Wipe()
	if op == keys.OpUnwrapKey {
		return private.Unwrap(e, 0)
	}
	return private.Decrypt(e)
}

func (g *Gate) decryptInHSM(ctx context.Context, f found, info keys.EncryptionInfo, e keys.Encrypted) (*secret.Bytes, error) {
	mechanism, err := cipherMechanism(info)
	if err != nil {
		return nil, err
	}
	token, id, err := g.tokenKey(ctx, &f)
	if err != nil {
		return nil, err
	}
	plaintext, err := token.Decrypt(ctx, hsm.DecryptRequest{
		Key: id, Mechanism: mechanism, Ciphertext: hsm.Ciphertext{Data: e.Ciphertext, IV: e.IV, Tag: e.Tag}, AAD: e.AAD,
	})
	return plaintext, opened(err)
}
