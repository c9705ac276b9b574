package hsm

import (
	"bytes"
	"errors"

	"github.com/miekg/pkcs11"
)

// AES key wrap of a caller's key bytes, in the standards' own formats. The
// bytes become a session object for the time of one call, as in keywrap.go.
//
// Tokens differ in what they call key wrap with padding. SoftHSM2's
// CKM_AES_KEY_WRAP_PAD opens RFC 5649 as it should, but pads with zeros before
// it wraps, so that the length is lost unless it is a multiple of 8; NSS's is
// another format. Nothing is given out that would not be RFC 5649.

func (s *session) wrapBytes(key pkcs11.ObjectHandle, c cipher, data []byte) ([]byte, error) {
	mechanism, err := s.keyWrapMechanism(c)
	if err != nil {
		return nil, err
	}
	wrapped, err := s.wrapObject(key, mechanism, data)
	if err != nil {
		return nil, naming(mechanism, err)
	}
	padded := pad8(data)
	if len(wrapped) != len(padded)+kwpBlock {
		return nil, unsupported(mechanism, errors.New("the token's format is not that of RFC 3394 or RFC 5649"))
	}
	if len(padded) == len(data) {
		return wrapped, nil
	}
	defer clear(padded)
	// RFC 5649 tells the data from the same with zeros behind.
	other, err := s.wrapObject(key, mechanism, padded)
	if err != nil {
		return nil, err
	}
	if bytes.Equal(wrapped, other) {
		return nil, unsupported(mechanism, errors.New("the token does not keep a length that is no multiple of 8"))
	}
	return wrapped, nil
}

// pad8 gives data with zeros behind, up to whole blocks of 8 bytes.
func pad8(data []byte) []byte {
	padded := make([]byte, (len(data)+kwpBlock-1)/kwpBlock*kwpBlock)
	copy(padded, data)
	return padded
}

// unwrapBytes opens and, where the length could have been lost, wraps again to
// see whether the same comes out.
func (s *session) unwrapBytes(key pkcs11.ObjectHandle, c cipher, wrapped []byte) ([]byte, error) {
	mechanism, err := s.keyWrapMechanism(c)
	if err != nil {
		return nil, err
	}
	data, err := s.unwrapObject(key, mechanism, wrapped)
	if err != nil {
		return nil, err
	}
	if len(data)%kwpBlock != 0 {
		return data, nil
	}
	again, err := s.wrapObject(key, mechanism, data)
	if err == nil && !bytes.Equal(again, wrapped) {
		err = unsupported(mechanism, errors.New("the token loses the length of what it unwraps"))
	}
	if err != nil {
		clear(data)
		return nil, err
	}
	return data, nil
}

func (s *session) keyWrapMechanism(c cipher) (uint, error) {
	if c.mechanism == ckmKWP {
		kind, err := s.kwpCipher()
		if err != nil {
			return 0, unsupported(ckmKWP, err)
		}
		return kind.mechanism(), nil
	}
	if _, ok := s.can(c.mechanism, pkcs11.CKF_WRAP); !ok {
		return 0, unsupported(c.mechanism, errors.New("the token does not list it"))
	}
	return c.mechanism, nil
}

// wrapObject makes a session object of data, wraps it and removes it.
func (s *session) wrapObject(key pkcs11.ObjectHandle, mechanism uint, data []byte) ([]byte, error) {
	h, err := s.ctx().CreateObject(s.handle, append(s.passing(true), pkcs11.NewAttribute(pkcs11.CKA_VALUE, data)))
	if err != nil {
		return nil, call("C_CreateObject", err)
	}
	defer s.remove(h)
	wrapped, err := s.ctx().WrapKey(s.handle, []*pkcs11.Mechanism{pkcs11.NewMechanism(mechanism, nil)}, key, h)
	return wrapped, call("C_WrapKey", err)
}

// unwrapObject unwraps into a session object, reads it and removes it.
func (s *session) unwrapObject(key pkcs11.ObjectHandle, mechanism uint, wrapped []byte) ([]byte, error) {
	h, err := s.ctx().UnwrapKey(s.handle, []*pkcs11.Mechanism{pkcs11.NewMechanism(mechanism, nil)}, key, wrapped, s.passing(false))
	if err != nil {
		return nil, call("C_UnwrapKey", err)
	}
	defer s.remove(h)
	a, err := s.read(h, pkcs11.CKA_VALUE)
	if err != nil {
		return nil, err
	}
	if len(a[pkcs11.CKA_VALUE]) == 0 {
		return nil, unsupported(mechanism, errors.New("the token does not show what it unwrapped"))
	}
	return a[pkcs11.CKA_VALUE], nil
}

// passing are the attributes of an object that lives for one call: every right
// but that to be wrapped, or read, is off.
func (s *session) passing(sensitive bool) []*pkcs11.Attribute {
	template := []*pkcs11.Attribute{
		pkcs11.NewAttribute(pkcs11.CKA_CLASS, pkcs11.CKO_SECRET_KEY),
		pkcs11.NewAttribute(pkcs11.CKA_KEY_TYPE, pkcs11.CKK_GENERIC_SECRET),
		pkcs11.NewAttribute(pkcs11.CKA_TOKEN, false),
		pkcs11.NewAttribute(pkcs11.CKA_PRIVATE, s.loggedIn()),
		pkcs11.NewAttribute(pkcs11.CKA_SENSITIVE, sensitive),
		pkcs11.NewAttribute(pkcs11.CKA_EXTRACTABLE, true),
	}
	for _, right := range []uint{
		pkcs11.CKA_ENCRYPT, pkcs11.CKA_DECRYPT, pkcs11.CKA_WRAP, pkcs11.CKA_UNWRAP,
		pkcs11.CKA_SIGN, pkcs11.CKA_VERIFY, pkcs11.CKA_DERIVE,
	} {
		template = append(template, pkcs11.NewAttribute(right, false))
	}
	return template
}
