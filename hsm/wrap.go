package hsm

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/miekg/pkcs11"

	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/internal/secret"
)

// Wrap seals data under a key of [UsageWrap] inside the token. How depends on
// what the key may do: AES-GCM, AES key wrap with padding, or RSA-OAEP. The
// answer describes itself; [Token.Unwrap] needs nothing else but the key.
func (t *Token) Wrap(ctx context.Context, req WrapRequest) ([]byte, error) {
	if n := req.Data.Len(); n < 1 || n > maxWrapData {
		return nil, fault.New(fault.Invalid, fmt.Sprintf("the HSM wraps 1 to %d bytes, not %d", maxWrapData, n), "")
	}
	if _, err := req.Key.bytes(); err != nil {
		return nil, err
	}
	return perform(ctx, t, func(s *session) ([]byte, error) {
		e, err := s.wrappingKey(req.Key)
		if err != nil {
			return nil, err
		}
		var sealed blob
		err = req.Data.RevealErr(func(data []byte) error {
			if len(data) == 0 {
				return fault.New(fault.Canceled, "the data to wrap were wiped before the HSM was asked", "")
			}
			sealed, err = s.wrap(e, data)
			return err
		})
		if err != nil {
			return nil, err
		}
		return sealed.encode(), nil
	})
}

// Unwrap gives back what Wrap sealed. Data that were changed, cut, or sealed
// under another key are [ErrAuthenticationFailed]. The caller wipes the answer.
func (t *Token) Unwrap(ctx context.Context, req UnwrapRequest) (*secret.Bytes, error) {
	sealed, err := parseBlob(req.Wrapped)
	if err != nil {
		return nil, because(ErrAuthenticationFailed, err)
	}
	if _, err := req.Key.bytes(); err != nil {
		return nil, err
	}
	unwrap := func(s *session) (*secret.Bytes, error) {
		e, err := s.wrappingKey(req.Key)
		if err != nil {
			return nil, err
		}
		opened, err := s.unwrap(e, sealed)
		if err != nil {
			return nil, s.forged(err)
		}
		return secret.New(opened), nil
	}
	wipe := func(_ *session, b *secret.Bytes) { b.Wipe() }
	return submit(ctx, t, t.jobs, unwrap, wipe)
}

func (s *session) wrappingKey(id KeyID) (*entry, error) {
	e, err := s.key(id)
	if err == nil && !e.info.Usage.Has(UsageWrap) {
		err = fault.New(fault.Invalid, fmt.Sprintf("the HSM key %s is not for wrapping", id), "")
	}
	return e, err
}

// forged tells a failed check from a failed token. SoftHSM2 answers 0x5 for a
// wrong tag, as other tokens do for a broken device, so the token is asked
// whether it is well.
func (s *session) forged(err error) error {
	var f *fault.Error
	rv, ok := returned(err)
	if !ok || errors.As(err, &f) { // judged already, where more was known
		return err
	}
	switch rv {
	case pkcs11.CKR_GENERAL_ERROR, pkcs11.CKR_FUNCTION_FAILED:
		if !s.healthy() {
			return err
		}
	case pkcs11.CKR_ENCRYPTED_DATA_INVALID, pkcs11.CKR_ENCRYPTED_DATA_LEN_RANGE, pkcs11.CKR_DATA_INVALID,
		pkcs11.CKR_DATA_LEN_RANGE, pkcs11.CKR_WRAPPED_KEY_INVALID, pkcs11.CKR_WRAPPED_KEY_LEN_RANGE,
		pkcs11.CKR_ARGUMENTS_BAD:
	default:
		return err
	}
	return because(ErrAuthenticationFailed, err)
}

func (s *session) wrap(e *entry, data []byte) (blob, error) {
	switch {
	case e.info.Type.rsaBits() > 0:
		return s.wrapOAEP(e, data)
	case e.encrypts:
		return s.wrapGCM(e, data)
	default:
		return s.wrapKWP(e, data)
	}
}

// unwrap opens with the cipher that the blob names, if the key is of its kind:
// a blob must not choose how a key is used.
func (s *session) unwrap(e *entry, b blob) ([]byte, error) {
	rsa := e.info.Type.rsaBits() > 0
	switch b.cipher {
	case cipherGCM:
		if !rsa && e.encrypts {
			return s.unwrapGCM(e, b)
		}
	case cipherKWP, cipherKeyPad:
		if !rsa && !e.encrypts {
			return s.unwrapKWP(e.secret, b)
		}
	case cipherOAEP256, cipherOAEP1:
		if rsa {
			return s.unwrapOAEP(e, b)
		}
	}
	return nil, because(ErrAuthenticationFailed, errors.New("the blob's cipher is not the key's"))
}

// additional binds a blob to its header and its key.
func additional(e *entry, b blob) ([]byte, error) {
	id, err := e.info.ID.bytes()
	return append(b.header(), id...), err
}

func (s *session) wrapGCM(e *entry, data []byte) (blob, error) {
	b := blob{cipher: cipherGCM}
	aad, err := additional(e, b)
	if err != nil {
		return b, err
	}
	nonce := make([]byte, gcmNonceSize)
	if _, err := io.ReadFull(s.token.opts.Rand, nonce); err != nil {
		return b, fault.Wrap(err, fault.Unavailable, "no random bytes for a nonce", "")
	}
	b.body, err = s.sealGCM(e.secret, nonce, aad, data)
	return b, err
}

// sealGCM gives nonce || ciphertext || tag. The nonce is read back, since some
// tokens replace it by their own; one of another length is not accepted.
func (s *session) sealGCM(key pkcs11.ObjectHandle, nonce, aad, data []byte) ([]byte, error) {
	params := pkcs11.NewGCMParams(nonce, aad, gcmTagBits)
	defer params.Free()
	mechanism := []*pkcs11.Mechanism{pkcs11.NewMechanism(pkcs11.CKM_AES_GCM, params)}
	if err := s.ctx().EncryptInit(s.handle, mechanism, key); err != nil {
		return nil, call("C_EncryptInit", err)
	}
	ciphertext, err := s.ctx().Encrypt(s.handle, data)
	if err != nil {
		return nil, call("C_Encrypt", err)
	}
	used := params.IV()
	if len(used) != gcmNonceSize || len(ciphertext) != len(data)+gcmTagBits/8 {
		return nil, because(ErrDevice, fmt.Errorf("C_Encrypt used a nonce of %d bytes and gave %d bytes for %d", len(used), len(ciphertext), len(data)))
	}
	return append(used, ciphertext...), nil
}

func (s *session) unwrapGCM(e *entry, b blob) ([]byte, error) {
	aad, err := additional(e, b)
	if err != nil {
		return nil, err
	}
	return s.openGCM(e.secret, aad, b.body)
}

func (s *session) openGCM(key pkcs11.ObjectHandle, aad, body []byte) ([]byte, error) {
	params := pkcs11.NewGCMParams(body[:gcmNonceSize], aad, gcmTagBits)
	defer params.Free()
	mechanism := []*pkcs11.Mechanism{pkcs11.NewMechanism(pkcs11.CKM_AES_GCM, params)}
	if err := s.ctx().DecryptInit(s.handle, mechanism, key); err != nil {
		return nil, call("C_DecryptInit", err)
	}
	data, err := s.ctx().Decrypt(s.handle, body[gcmNonceSize:])
	if err != nil {
		return nil, call("C_Decrypt", err)
	}
	if len(data) != len(body)-gcmNonceSize-gcmTagBits/8 {
		clear(data)
		return nil, because(ErrDevice, errors.New("C_Decrypt gave another length than was sealed"))
	}
	return data, nil
}
