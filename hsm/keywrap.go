package hsm

import (
	"bytes"
	"crypto/rsa"
	"crypto/sha1" // OAEP does not need collision resistance; SoftHSM2 2.6 has nothing else
	"crypto/sha256"
	"crypto/subtle"
	"crypto/x509"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"io"

	"github.com/miekg/pkcs11"

	"github.com/strongroom/strongroom/internal/fault"
)

// AES key wrap works on key objects, so the data become a session object for
// the time of one call: invisible to other processes, gone with the session.

func (s *session) wrapKWP(e *entry, data []byte) (blob, error) {
	c, err := s.kwpCipher()
	if err != nil {
		return blob{}, err
	}
	body, err := s.sealKWP(c, e.secret, data)
	return blob{cipher: c, body: body}, err
}

// kwpCipher prefers the mechanism whose format the standard fixes.
func (s *session) kwpCipher() (blobCipher, error) {
	for _, c := range []blobCipher{cipherKWP, cipherKeyPad} {
		info, err := s.ctx().GetMechanismInfo(s.slot, []*pkcs11.Mechanism{pkcs11.NewMechanism(c.mechanism(), nil)})
		if err == nil && info.Flags&pkcs11.CKF_WRAP != 0 {
			return c, nil
		}
	}
	return 0, because(ErrMechanismUnsupported, errors.New("no AES key wrap with padding"))
}

func (s *session) sealKWP(c blobCipher, key pkcs11.ObjectHandle, data []byte) ([]byte, error) {
	framed := frame(data)
	defer clear(framed)
	return s.wrapObject(key, c.mechanism(), framed)
}

func (s *session) unwrapKWP(key pkcs11.ObjectHandle, b blob) ([]byte, error) {
	framed, err := s.unwrapObject(key, b.cipher.mechanism(), b.body)
	if err != nil {
		return nil, err
	}
	defer clear(framed)
	return unframe(framed)
}

// kwpBlock is the block of RFC 5649, in bytes.
const kwpBlock = 8

// frame puts the length (two bytes, big-endian) before the data and zeros
// behind, up to whole blocks and at least two. With whole blocks all tokens
// agree; SoftHSM2 leaves RFC 5649's own padding on what it unwraps.
func frame(data []byte) []byte {
	blocks := max(2, (2+len(data)+kwpBlock-1)/kwpBlock)
	framed := make([]byte, blocks*kwpBlock)
	binary.BigEndian.PutUint16(framed, uint16(len(data)))
	copy(framed[2:], data)
	return framed
}

// unframe is strict: what frame does not make is refused.
func unframe(framed []byte) ([]byte, error) {
	if len(framed) < 2 {
		return nil, errFrame
	}
	size := int(binary.BigEndian.Uint16(framed))
	if size < 1 || size > maxWrapData || size > len(framed)-2 {
		return nil, errFrame
	}
	again := frame(framed[2 : 2+size])
	defer clear(again)
	if subtle.ConstantTimeCompare(again, framed) != 1 {
		return nil, errFrame
	}
	return bytes.Clone(framed[2 : 2+size]), nil
}

var errFrame = because(ErrAuthenticationFailed, errors.New("the unwrapped data have no frame of this format"))

// remove ends a session object; one that stays ends with its session.
func (s *session) remove(h pkcs11.ObjectHandle) {
	if s.ctx().DestroyObject(s.handle, h) != nil {
		s.drop()
	}
}

// RSA-OAEP seals with the public key in this process, with the standard
// library, and opens in the token.

func (s *session) wrapOAEP(e *entry, data []byte) (blob, error) {
	pub, err := e.rsaKey()
	if err != nil {
		return blob{}, err
	}
	c, err := s.oaepCipher(e, pub)
	if err != nil {
		return blob{}, err
	}
	if most := pub.Size() - 2*c.hash().Size() - 2; len(data) > most {
		return blob{}, fault.New(fault.Invalid, fmt.Sprintf("this HSM key wraps at most %d bytes", most), "")
	}
	body, err := rsa.EncryptOAEP(c.hash(), s.token.opts.Rand, pub, data, nil)
	if err != nil {
		return blob{}, fault.Wrap(err, fault.Internal, "the data cannot be wrapped", "")
	}
	return blob{cipher: c, body: body}, nil
}

func (e *entry) rsaKey() (*rsa.PublicKey, error) {
	parsed, err := x509.ParsePKIXPublicKey(e.info.Public)
	pub, ok := parsed.(*rsa.PublicKey)
	if err != nil || !ok {
		return nil, because(ErrDevice, errors.New("the token shows no RSA public key"))
	}
	return pub, nil
}

func (c blobCipher) hash() hash.Hash {
	if c == cipherOAEP1 {
		return sha1.New()
	}
	return sha256.New()
}

// oaepCipher finds which hash the token takes, by a round trip: SoftHSM2 lists
// OAEP and then refuses every hash but SHA-1.
func (s *session) oaepCipher(e *entry, pub *rsa.PublicKey) (blobCipher, error) {
	return s.token.probe.oaep(func() (blobCipher, error) {
		var last error
		for _, c := range []blobCipher{cipherOAEP256, cipherOAEP1} {
			if last = s.tryOAEP(c, e, pub); last == nil {
				return c, nil
			}
			if sessionDead(last) || handleDead(last) {
				break
			}
		}
		return 0, last
	})
}

func (s *session) tryOAEP(c blobCipher, e *entry, pub *rsa.PublicKey) error {
	sample := make([]byte, 32)
	if _, err := io.ReadFull(s.token.opts.Rand, sample); err != nil {
		return fault.Wrap(err, fault.Unavailable, "no random bytes for a trial", "")
	}
	body, err := rsa.EncryptOAEP(c.hash(), s.token.opts.Rand, pub, sample, nil)
	if err != nil {
		return err
	}
	got, err := s.unwrapOAEP(e, blob{cipher: c, body: body})
	if err == nil && subtle.ConstantTimeCompare(got, sample) != 1 {
		err = because(ErrDevice, errors.New("the token opens OAEP to something else"))
	}
	return err
}

func (s *session) unwrapOAEP(e *entry, b blob) ([]byte, error) {
	mechanism := oaepMechanism(pkcs11.CKM_SHA256, pkcs11.CKG_MGF1_SHA256)
	if b.cipher == cipherOAEP1 {
		mechanism = oaepMechanism(pkcs11.CKM_SHA_1, pkcs11.CKG_MGF1_SHA1)
	}
	return s.decryptWith(e.secret, mechanism, b.body)
}
