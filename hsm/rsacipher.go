package hsm

import (
	"bytes"
	"crypto"
	"crypto/rsa"
	"errors"
	"fmt"
	"slices"

	"github.com/miekg/pkcs11"

	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/keys"
)

// pkcs1Overhead is what EME-PKCS1-v1_5 adds, in bytes (RFC 8017 section 7.2.1).
const pkcs1Overhead = 11

// encryptRSA encrypts here, after the token has shown that it can decrypt: a
// ciphertext that nobody can open is worse than a refusal.
func (s *session) encryptRSA(e *entry, c cipher, data []byte) (Ciphertext, error) {
	pub, err := e.rsaKey()
	if err != nil {
		return Ciphertext{}, err
	}
	most := pub.Size() - pkcs1Overhead
	if c.hash != 0 {
		most = pub.Size() - 2*c.hash.Size() - 2
	}
	if len(data) > most {
		return Ciphertext{}, fault.New(fault.Invalid, fmt.Sprintf("this HSM key encrypts at most %d bytes so", most), "")
	}
	if _, err := s.padsHere(e, c, pub); err != nil {
		return Ciphertext{}, err
	}
	out, err := s.sealRSA(c, pub, data)
	if err != nil {
		return Ciphertext{}, fault.Wrap(err, fault.Internal, "the data cannot be encrypted", "")
	}
	return Ciphertext{Data: out}, nil
}

func (s *session) sealRSA(c cipher, pub *rsa.PublicKey, data []byte) ([]byte, error) {
	if c.hash != 0 {
		return rsa.EncryptOAEP(c.hash.New(), s.token.opts.Rand, pub, data, nil)
	}
	//lint:ignore SA1019 offered for others' data; see RSA15
	return rsa.EncryptPKCS1v15(s.token.opts.Rand, pub, data)
}

// proveRSA has the token open a sample, once for each mechanism and hash. What
// one key may not do says nothing about the token.
func (s *session) proveRSA(e *entry, c cipher, pub *rsa.PublicKey) error {
	if len(e.allowed) > 0 && !slices.Contains(e.allowed, c.mechanism) {
		return unsupported(c.mechanism, errors.New("the key's own list of mechanisms leaves it out"))
	}
	return s.token.probe.proven(proof{c.mechanism, c.hash}, func() error { return s.tryRSA(e, c, pub) })
}

func (s *session) tryRSA(e *entry, c cipher, pub *rsa.PublicKey) error {
	sample, err := s.sample(32)
	if err != nil {
		return fault.Wrap(err, fault.Unavailable, "no random bytes for a trial", "")
	}
	sealed, err := s.sealRSA(c, pub, sample)
	if err != nil {
		return fault.Wrap(err, fault.Internal, "the trial cannot be encrypted", "")
	}
	got, err := s.decryptRSA(e, c, sealed)
	return sameAs(sample, got, err)
}

// padsHere tells whether OAEP's padding has to be taken off here: the token
// lacks the hash, and the key was made for raw operations too.
func (s *session) padsHere(e *entry, c cipher, pub *rsa.PublicKey) (bool, error) {
	err := s.proveRSA(e, c, pub)
	if c.hash != 0 && errors.Is(err, ErrMechanismUnsupported) && e.info.Usage.Has(UsageRaw) {
		return true, nil
	}
	return false, err
}

// openRSA decrypts in the token, padding included, or around a raw operation.
func (s *session) openRSA(e *entry, c cipher, data []byte) ([]byte, error) {
	if c.hash == 0 {
		return s.decryptRSA(e, c, data)
	}
	pub, err := e.rsaKey()
	if err != nil {
		return nil, err
	}
	here, err := s.padsHere(e, c, pub)
	switch {
	case err != nil:
		return nil, err
	case here:
		return s.openOAEPHere(e, c, data)
	default:
		return s.decryptRSA(e, c, data)
	}
}

// openOAEPHere takes the padding off in constant time: what the raw operation
// gives stays in this function, and every failure of the padding is the same.
func (s *session) openOAEPHere(e *entry, c cipher, data []byte) ([]byte, error) {
	bare, _ := RSARaw.spec()
	encoded, err := s.decryptRSA(e, bare, data)
	if err != nil {
		return nil, err
	}
	defer clear(encoded)
	message, err := keys.DecodeOAEP(c.hash, nil, encoded, len(encoded))
	if err != nil {
		return nil, because(ErrAuthenticationFailed, err)
	}
	defer message.Wipe()
	var out []byte
	message.Reveal(func(b []byte) { out = bytes.Clone(b) })
	return out, nil
}

func (s *session) decryptRSA(e *entry, c cipher, data []byte) ([]byte, error) {
	size := e.info.Type.rsaBits() / 8
	if len(data) != size {
		return nil, because(ErrAuthenticationFailed, errors.New("the ciphertext is not as long as the modulus"))
	}
	out, err := s.decryptWith(e.secret, c.rsaMechanism(), data)
	if err != nil || c.mechanism != pkcs11.CKM_RSA_X_509 {
		return out, err
	}
	// Some tokens leave leading zeros out.
	full := make([]byte, size)
	copy(full[size-len(out):], out)
	clear(out)
	return full, nil
}

func (c cipher) rsaMechanism() *pkcs11.Mechanism {
	switch c.hash {
	case 0:
		return pkcs11.NewMechanism(c.mechanism, nil)
	case crypto.SHA1:
		return oaepMechanism(pkcs11.CKM_SHA_1, pkcs11.CKG_MGF1_SHA1)
	default:
		return oaepMechanism(pkcs11.CKM_SHA256, pkcs11.CKG_MGF1_SHA256)
	}
}

func oaepMechanism(hash, mgf uint) *pkcs11.Mechanism {
	return pkcs11.NewMechanism(pkcs11.CKM_RSA_PKCS_OAEP, pkcs11.NewOAEPParams(hash, mgf, pkcs11.CKZ_DATA_SPECIFIED, nil))
}
