package vault

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"io"

	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/internal/secret"
)

// Wrapper protects data keys with a master key that this package never sees:
// the HSM. It need not authenticate; the record does. Its errors pass through
// [Seal] and [Unseal] as they are, but for Invalid and Tampered ones of
// Unwrap, which become [ErrRecord].
type Wrapper interface {
	Wrap(ctx context.Context, masterKey string, dek *secret.Bytes) ([]byte, error)
	Unwrap(ctx context.Context, masterKey string, wrapped []byte) (*secret.Bytes, error)
}

// Seal encrypts plaintext (at most [MaxPlaintext] bytes) for its place under a
// fresh data key, has the data key wrapped by the master key, and gives the
// record to store. random gives the data key; the nonce is crypto/rand's, as
// FIPS 140-3 wants it, and is used once, as the key is.
func Seal(ctx context.Context, w Wrapper, master string, id Identity, plaintext *secret.Bytes, random io.Reader) ([]byte, error) {
	if plaintext.Len() > MaxPlaintext {
		return nil, fault.New(fault.Invalid, "the value is larger than 64 KiB", "split it, or keep it elsewhere and its key here")
	}
	if master == "" || len(master) > maxIdentityField {
		return nil, fault.New(fault.Internal, "the master key has no usable id", "")
	}
	additional, err := id.additional(recordFormat, algorithmAES)
	if err != nil {
		return nil, err
	}
	dek, err := newDataKey(random)
	if err != nil {
		return nil, err
	}
	defer dek.Wipe()
	wrapped, err := w.Wrap(ctx, master, dek)
	if err != nil {
		return nil, err
	}
	if len(wrapped) == 0 || len(wrapped) > MaxWrapped {
		return nil, fault.New(fault.Unavailable, "the HSM wrapped a data key to an unexpected size", "check the HSM")
	}
	sealed, err := encrypt(dek, plaintext, additional)
	if err != nil {
		return nil, err
	}
	return record{master, wrapped, sealed}.encode(), nil
}

// Unseal opens a record for its place. A record of another place, master key
// or installation, or with any changed byte, is [ErrRecord]. The caller wipes
// the result.
func Unseal(ctx context.Context, w Wrapper, master string, id Identity, stored []byte) (*secret.Bytes, error) {
	r, err := parseRecord(stored)
	if err != nil {
		return nil, err
	}
	if r.master != master {
		return nil, ErrRecord
	}
	additional, err := id.additional(recordFormat, algorithmAES)
	if err != nil {
		return nil, err
	}
	dek, err := w.Unwrap(ctx, master, r.wrapped)
	if err != nil {
		return nil, unwrapFailed(err)
	}
	defer dek.Wipe()
	return decrypt(dek, r.sealed, additional)
}

// Rewrap gives the record under another master key. The value stays closed.
func Rewrap(ctx context.Context, w Wrapper, from, to string, stored []byte) ([]byte, error) {
	r, err := parseRecord(stored)
	if err != nil {
		return nil, err
	}
	if r.master != from {
		return nil, ErrRecord
	}
	dek, err := w.Unwrap(ctx, from, r.wrapped)
	if err != nil {
		return nil, unwrapFailed(err)
	}
	defer dek.Wipe()
	wrapped, err := w.Wrap(ctx, to, dek)
	if err != nil {
		return nil, err
	}
	return record{to, wrapped, r.sealed}.encode(), nil
}

// unwrapFailed tells a wrapped key that was changed from an HSM that is not
// there.
func unwrapFailed(err error) error {
	switch fault.KindOf(err) {
	case fault.Invalid, fault.Tampered:
		return fault.Wrap(err, ErrRecord.Kind, ErrRecord.Problem, ErrRecord.Hint)
	}
	return err
}

func newDataKey(random io.Reader) (*secret.Bytes, error) {
	key := make([]byte, dataKeySize)
	if _, err := io.ReadFull(random, key); err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, "there is no randomness", "check the system's random source")
	}
	return secret.New(key), nil
}

func encrypt(dek, plaintext *secret.Bytes, additional []byte) ([]byte, error) {
	gcm, err := newGCM(dek)
	if err != nil {
		return nil, err
	}
	var sealed []byte
	plaintext.Reveal(func(p []byte) { sealed = gcm.Seal(nil, nil, p, additional) })
	return sealed, nil
}

func decrypt(dek *secret.Bytes, sealed, additional []byte) (*secret.Bytes, error) {
	gcm, err := newGCM(dek)
	if err != nil {
		return nil, err
	}
	plaintext, err := gcm.Open(nil, nil, sealed, additional)
	if err != nil {
		return nil, ErrRecord
	}
	return secret.New(plaintext), nil
}

// newGCM makes the cipher, which writes its nonce before the ciphertext. Its
// expanded key cannot be wiped; it lives as long as this one use.
func newGCM(dek *secret.Bytes) (gcm cipher.AEAD, err error) {
	dek.Reveal(func(key []byte) {
		if len(key) != dataKeySize {
			err = ErrRecord
			return
		}
		var block cipher.Block
		if block, err = aes.NewCipher(key); err == nil {
			gcm, err = cipher.NewGCMWithRandomNonce(block)
		}
	})
	return gcm, err
}
