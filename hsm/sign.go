package hsm

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ed25519"
	"fmt"

	"github.com/miekg/pkcs11"

	"github.com/strongroom/strongroom/internal/fault"
)

// hashSpec is what a token must be told about a hash.
type hashSpec struct {
	mechanism uint
	mgf       uint
	hmac      uint
	prefix    []byte // DER of DigestInfo up to the digest, RFC 8017 section 9.2 note 1
}

// hashes are the ones this package signs with. A hash that is not here is
// refused: signing a bare digest under PKCS #1 without its DigestInfo would be
// a signature over something else.
func hashes(h crypto.Hash) (hashSpec, bool) {
	switch h {
	case crypto.SHA256:
		return hashSpec{pkcs11.CKM_SHA256, pkcs11.CKG_MGF1_SHA256, pkcs11.CKM_SHA256_HMAC, digestInfo(0x31, 0x01, 0x20)}, true
	case crypto.SHA384:
		return hashSpec{pkcs11.CKM_SHA384, pkcs11.CKG_MGF1_SHA384, pkcs11.CKM_SHA384_HMAC, digestInfo(0x41, 0x02, 0x30)}, true
	case crypto.SHA512:
		return hashSpec{pkcs11.CKM_SHA512, pkcs11.CKG_MGF1_SHA512, pkcs11.CKM_SHA512_HMAC, digestInfo(0x51, 0x03, 0x40)}, true
	default:
		return hashSpec{}, false
	}
}

// digestInfo gives the prefix for the SHA-2 hash whose object identifier ends
// in arc: total length, arc and digest length are all that differs.
func digestInfo(total, arc, size byte) []byte {
	return []byte{
		0x30, total, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, arc,
		0x05, 0x00, 0x04, size,
	}
}

// Sign signs a digest, or with EdDSA and HMAC a message. ECDSA answers r||s,
// RSA the signature as an octet string of the modulus' length. The wrong key
// for the mechanism, an unknown hash and a digest of another length are Invalid
// or Unsupported faults, found before the token is asked where that is possible.
func (t *Token) Sign(ctx context.Context, req SignRequest) ([]byte, error) {
	spec, err := req.check()
	if err != nil {
		return nil, err
	}
	return perform(ctx, t, func(s *session) ([]byte, error) { return s.sign(req, spec) })
}

func (r SignRequest) check() (hashSpec, error) {
	spec, err := r.checkHash()
	if err != nil {
		return spec, err
	}
	if r.Salt < 0 || r.Salt > 0 && (r.Hash == 0 || r.Salt > r.Hash.Size()) {
		return spec, fault.New(fault.Invalid, "a PSS salt is at most as long as the hash here", "")
	}
	_, err = r.Key.bytes()
	return spec, err
}

func (r SignRequest) checkHash() (hashSpec, error) {
	switch r.Mechanism {
	case ECDSA, RSAPKCS1, RSAPSS:
		spec, err := checkHash(r.Hash)
		if err == nil && len(r.Digest) != r.Hash.Size() {
			err = fault.New(fault.Invalid, fmt.Sprintf("a %s digest has %d bytes, not %d", r.Hash, r.Hash.Size(), len(r.Digest)), "")
		}
		return spec, err
	case EdDSA:
		if r.Hash != 0 || r.Salt != 0 {
			return hashSpec{}, fault.New(fault.Invalid, "Ed25519 signs the message itself and takes no hash", "")
		}
		return hashSpec{}, checkMessage(r.Digest)
	case HMAC:
		spec, err := checkHash(r.Hash)
		if err == nil {
			err = checkMessage(r.Digest)
		}
		return spec, err
	default:
		return hashSpec{}, fault.New(fault.Unsupported, fmt.Sprintf("the HSM has no signature mechanism %q", r.Mechanism), "")
	}
}

func checkHash(h crypto.Hash) (hashSpec, error) {
	spec, ok := hashes(h)
	if !ok {
		return spec, fault.New(fault.Unsupported, "the HSM signs with SHA-256, SHA-384 and SHA-512 only", "")
	}
	return spec, nil
}

func checkMessage(m []byte) error {
	if len(m) > maxMessage {
		return fault.New(fault.Invalid, fmt.Sprintf("the HSM signs messages of at most %d bytes", maxMessage), "Sign a digest with an RSA or EC key.")
	}
	return nil
}

func (s *session) sign(req SignRequest, spec hashSpec) ([]byte, error) {
	e, err := s.signingKey(req.Key)
	if err != nil {
		return nil, err
	}
	return s.signWith(e, req, spec)
}

func (s *session) signWith(e *entry, req SignRequest, spec hashSpec) ([]byte, error) {
	p, err := plan(req, spec, e.info.Type)
	if err != nil {
		return nil, err
	}
	if err := s.ctx().SignInit(s.handle, []*pkcs11.Mechanism{p.mechanism}, e.secret); err != nil {
		return nil, naming(p.mechanism.Mechanism, call("C_SignInit", err))
	}
	signature, err := s.ctx().Sign(s.handle, p.input)
	if err != nil {
		return nil, naming(p.mechanism.Mechanism, call("C_Sign", err))
	}
	if len(signature) != p.size {
		return nil, because(ErrDevice, fmt.Errorf("C_Sign gave %d bytes, %d were due", len(signature), p.size))
	}
	return signature, nil
}

func (s *session) signingKey(id KeyID) (*entry, error) {
	e, err := s.key(id)
	if err == nil && !e.info.Usage.Has(UsageSign) {
		err = fault.New(fault.Invalid, fmt.Sprintf("the HSM key %s is not for signing", id), "")
	}
	return e, err
}

// signing is what a token is told for one signature: the mechanism, what is
// handed to it, and the signature's length in bytes.
type signing struct {
	mechanism *pkcs11.Mechanism
	input     []byte
	size      int
}

func plan(req SignRequest, spec hashSpec, t KeyType) (signing, error) {
	c, ec := t.curve()
	bytesOfRSA := t.rsaBits() / 8
	for _, m := range []struct {
		name SignMechanism
		fits bool
		make func() signing
	}{
		// FIPS 186-5 section 6.4.1: the leftmost bits as many as the order has.
		// Tokens differ in whether they cut by themselves.
		{ECDSA, ec, func() signing {
			return signing{pkcs11.NewMechanism(pkcs11.CKM_ECDSA, nil), req.Digest[:min(len(req.Digest), c.size)], 2 * c.size}
		}},
		{RSAPSS, bytesOfRSA > 0, func() signing { return signing{pss(req, spec), req.Digest, bytesOfRSA} }},
		{RSAPKCS1, bytesOfRSA > 0, func() signing {
			return signing{pkcs11.NewMechanism(pkcs11.CKM_RSA_PKCS, nil), bytes.Join([][]byte{spec.prefix, req.Digest}, nil), bytesOfRSA}
		}},
		{EdDSA, t == Ed25519, func() signing {
			return signing{pkcs11.NewMechanism(ckmEdDSA, nil), req.Digest, ed25519.SignatureSize}
		}},
		{HMAC, t.hmacBytes() > 0, func() signing {
			return signing{pkcs11.NewMechanism(spec.hmac, nil), req.Digest, req.Hash.Size()}
		}},
	} {
		if m.name == req.Mechanism && m.fits {
			return m.make(), nil
		}
	}
	return signing{}, fault.New(fault.Invalid, fmt.Sprintf("a key of type %q does not sign with %s", t, req.Mechanism), "")
}

func pss(req SignRequest, spec hashSpec) *pkcs11.Mechanism {
	salt := req.Salt
	if salt == 0 {
		salt = req.Hash.Size()
	}
	return pkcs11.NewMechanism(pkcs11.CKM_RSA_PKCS_PSS, pkcs11.NewPSSParams(spec.mechanism, spec.mgf, uint(salt)))
}
