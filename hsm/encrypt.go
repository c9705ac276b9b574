package hsm

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/miekg/pkcs11"

	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/internal/secret"
)

// Encrypt encrypts under a key of [UsageEncrypt], or wraps under one of
// [UsageWrapKeys]. AES works in the token; RSA encrypts here, with the public
// key that the token shows, and only if the token can decrypt it again: a
// mechanism that the token lacks is [ErrMechanismUnsupported], which names it.
func (t *Token) Encrypt(ctx context.Context, req EncryptRequest) (Ciphertext, error) {
	c, err := req.check()
	if err != nil {
		return Ciphertext{}, err
	}
	length := req.Plaintext.Len()
	return perform(ctx, t, func(s *session) (Ciphertext, error) {
		e, err := s.cipherKey(req.Key, req.Mechanism, c)
		if err != nil {
			return Ciphertext{}, err
		}
		var out Ciphertext
		err = req.Plaintext.RevealErr(func(data []byte) error {
			if len(data) != length {
				return fault.New(fault.Canceled, "the data to encrypt were wiped before the HSM was asked", "")
			}
			out, err = s.encrypt(e, c, req, data)
			return err
		})
		return out, err
	})
}

// Decrypt gives back what was encrypted or wrapped; the caller wipes it. A
// ciphertext that was changed or cut, or belongs to another key, is
// [ErrAuthenticationFailed] where the mechanism can tell: AESCBC and RSARaw
// cannot, and AESCBCPad and RSA15 find some changes only.
func (t *Token) Decrypt(ctx context.Context, req DecryptRequest) (*secret.Bytes, error) {
	c, err := req.check()
	if err != nil {
		return nil, err
	}
	decrypt := func(s *session) (*secret.Bytes, error) {
		e, err := s.cipherKey(req.Key, req.Mechanism, c)
		if err != nil {
			return nil, err
		}
		data, err := s.decrypt(e, c, req)
		if err != nil {
			clear(data)
			return nil, naming(c.mechanism, s.forged(err))
		}
		return secret.New(data), nil
	}
	wipe := func(_ *session, b *secret.Bytes) { b.Wipe() }
	return submit(ctx, t, t.jobs, decrypt, wipe)
}

// cipherKey finds a key whose type and usage fit the mechanism.
func (s *session) cipherKey(id KeyID, m CipherMechanism, c cipher) (*entry, error) {
	e, err := s.key(id)
	switch {
	case err != nil:
		return nil, err
	case c.rsa && e.info.Type.rsaBits() == 0, !c.rsa && e.info.Type.aesBytes() == 0:
		return nil, fault.New(fault.Invalid, fmt.Sprintf("a key of type %q does not work with %s", e.info.Type, m), "")
	case !e.info.Usage.Has(c.usage):
		return nil, fault.New(fault.Invalid, fmt.Sprintf("the HSM key %s is not for %s", id, c.usage), "It was made for "+e.info.Usage.String()+".")
	}
	return e, nil
}

func (s *session) encrypt(e *entry, c cipher, req EncryptRequest, data []byte) (Ciphertext, error) {
	switch {
	case c.rsa:
		return s.encryptRSA(e, c, data)
	case c.mechanism == pkcs11.CKM_AES_GCM:
		return s.encryptGCM(e, req.AAD, data)
	case c.keyWrap():
		wrapped, err := s.wrapBytes(e.secret, c, data)
		return Ciphertext{Data: wrapped}, err
	default:
		return s.encryptCBC(e, c, req.IV, data)
	}
}

func (s *session) decrypt(e *entry, c cipher, req DecryptRequest) ([]byte, error) {
	t := req.Ciphertext
	switch {
	case c.rsa:
		return s.openRSA(e, c, t.Data)
	case c.mechanism == pkcs11.CKM_AES_GCM:
		return s.openGCM(e.secret, req.AAD, bytes.Join([][]byte{t.IV, t.Data, t.Tag}, nil))
	case c.keyWrap():
		return s.unwrapBytes(e.secret, c, t.Data)
	default:
		return s.decryptWith(e.secret, pkcs11.NewMechanism(c.mechanism, t.IV), t.Data)
	}
}

func (s *session) encryptGCM(e *entry, aad, data []byte) (Ciphertext, error) {
	nonce, err := s.sample(gcmNonceSize)
	if err != nil {
		return Ciphertext{}, fault.Wrap(err, fault.Unavailable, "no random bytes for a nonce", "")
	}
	body, err := s.sealGCM(e.secret, nonce, aad, data)
	if err != nil {
		return Ciphertext{}, naming(pkcs11.CKM_AES_GCM, err)
	}
	end := len(body) - gcmTagSize
	return Ciphertext{IV: body[:gcmNonceSize:gcmNonceSize], Data: body[gcmNonceSize:end:end], Tag: body[end:]}, nil
}

func (s *session) encryptCBC(e *entry, c cipher, iv, data []byte) (Ciphertext, error) {
	if len(iv) == 0 {
		var err error
		if iv, err = s.sample(c.ivSize); err != nil {
			return Ciphertext{}, fault.Wrap(err, fault.Unavailable, "no random bytes for an IV", "")
		}
	}
	if err := s.ctx().EncryptInit(s.handle, []*pkcs11.Mechanism{pkcs11.NewMechanism(c.mechanism, iv)}, e.secret); err != nil {
		return Ciphertext{}, naming(c.mechanism, call("C_EncryptInit", err))
	}
	out, err := s.ctx().Encrypt(s.handle, data)
	if err != nil {
		return Ciphertext{}, naming(c.mechanism, call("C_Encrypt", err))
	}
	due := len(data)
	if c.block == 0 {
		due += aesBlock - len(data)%aesBlock
	}
	if len(out) != due {
		return Ciphertext{}, because(ErrDevice, fmt.Errorf("C_Encrypt gave %d bytes for %d", len(out), len(data)))
	}
	return Ciphertext{Data: out, IV: bytes.Clone(iv)}, nil
}

func (s *session) decryptWith(key pkcs11.ObjectHandle, mechanism *pkcs11.Mechanism, data []byte) ([]byte, error) {
	if err := s.ctx().DecryptInit(s.handle, []*pkcs11.Mechanism{mechanism}, key); err != nil {
		return nil, refusedInit(mechanism.Mechanism, call("C_DecryptInit", err))
	}
	out, err := s.ctx().Decrypt(s.handle, data)
	if err != nil {
		return nil, call("C_Decrypt", err)
	}
	if len(out) > len(data) {
		clear(out)
		return nil, because(ErrDevice, errors.New("C_Decrypt gave more than was encrypted"))
	}
	return out, nil
}

// refusedInit: no ciphertext has been shown to the token yet, so what it does
// not like is the mechanism or its parameters.
func refusedInit(mechanism uint, err error) error {
	if rv, _ := returned(err); rv == pkcs11.CKR_ARGUMENTS_BAD {
		return unsupported(mechanism, err)
	}
	return naming(mechanism, err)
}
