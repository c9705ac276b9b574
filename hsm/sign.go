package hsm

import (
	"bytes"
	"context"
	"crypto"
	"fmt"

	"github.com/miekg/pkcs11"

	"github.com/strongroom/strongroom/internal/fault"
)

// hashSpec is what a token must be told about a hash.
type hashSpec struct {
	mechanism uint
	mgf       uint
	prefix    []byte // DER of DigestInfo up to the digest, RFC 8017 section 9.2 note 1
}

// hashes are the ones this package signs with. A hash that is not here is
// refused: signing a bare digest under PKCS #1 without its DigestInfo would be
// a signature over something else.
func hashes(h crypto.Hash) (hashSpec, bool) {
	switch h {
	case crypto.SHA256:
		return hashSpec{pkcs11.CKM_SHA256, pkcs11.CKG_MGF1_SHA256, digestInfo(0x31, 0x01, 0x20)}, true
	case crypto.SHA384:
		return hashSpec{pkcs11.CKM_SHA384, pkcs11.CKG_MGF1_SHA384, digestInfo(0x41, 0x02, 0x30)}, true
	case crypto.SHA512:
		return hashSpec{pkcs11.CKM_SHA512, pkcs11.CKG_MGF1_SHA512, digestInfo(0x51, 0x03, 0x40)}, true
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

// Sign signs a digest. ECDSA answers r||s, RSA the signature as an octet
// string of the modulus' length. The wrong key for the mechanism, an unknown
// hash and a digest of another length are Invalid or Unsupported faults, found
// before the token is asked where that is possible.
func (t *Token) Sign(ctx context.Context, req SignRequest) ([]byte, error) {
	spec, err := req.check()
	if err != nil {
		return nil, err
	}
	return perform(ctx, t, func(s *session) ([]byte, error) { return s.sign(req, spec) })
}

func (r SignRequest) check() (hashSpec, error) {
	spec, ok := hashes(r.Hash)
	if !ok {
		return spec, fault.New(fault.Unsupported, "the HSM signs SHA-256, SHA-384 and SHA-512 digests only", "")
	}
	if len(r.Digest) != r.Hash.Size() {
		return spec, fault.New(fault.Invalid, fmt.Sprintf("a %s digest has %d bytes, not %d", r.Hash, r.Hash.Size(), len(r.Digest)), "")
	}
	if r.Salt < 0 || r.Salt > r.Hash.Size() {
		return spec, fault.New(fault.Invalid, fmt.Sprintf("a PSS salt has at most %d bytes here", r.Hash.Size()), "")
	}
	switch r.Mechanism {
	case ECDSA, RSAPKCS1, RSAPSS:
	default:
		return spec, fault.New(fault.Unsupported, fmt.Sprintf("the HSM has no signature mechanism %q", r.Mechanism), "")
	}
	_, err := r.Key.bytes()
	return spec, err
}

func (s *session) sign(req SignRequest, spec hashSpec) ([]byte, error) {
	e, err := s.key(req.Key)
	if err != nil {
		return nil, err
	}
	mechanism, input, size, err := plan(req, spec, e.info.Type)
	if err != nil {
		return nil, err
	}
	if err := s.ctx().SignInit(s.handle, []*pkcs11.Mechanism{mechanism}, e.secret); err != nil {
		return nil, call("C_SignInit", err)
	}
	signature, err := s.ctx().Sign(s.handle, input)
	if err != nil {
		return nil, call("C_Sign", err)
	}
	if len(signature) != size {
		return nil, because(ErrDevice, fmt.Errorf("C_Sign gave %d bytes, %d were due", len(signature), size))
	}
	return signature, nil
}

// plan gives the mechanism, what is handed to it, and the signature's length.
func plan(req SignRequest, spec hashSpec, t KeyType) (*pkcs11.Mechanism, []byte, int, error) {
	c, ec := t.curve()
	bits := t.rsaBits()
	if (req.Mechanism == ECDSA) != ec || (req.Mechanism != ECDSA) != (bits > 0) {
		return nil, nil, 0, fault.New(fault.Invalid, fmt.Sprintf("a key of type %q does not sign with %s", t, req.Mechanism), "")
	}
	switch req.Mechanism {
	case ECDSA:
		// FIPS 186-5 section 6.4.1: the leftmost bits as many as the order has.
		// Tokens differ in whether they cut by themselves.
		return pkcs11.NewMechanism(pkcs11.CKM_ECDSA, nil), req.Digest[:min(len(req.Digest), c.size)], 2 * c.size, nil
	case RSAPSS:
		salt := req.Salt
		if salt == 0 {
			salt = req.Hash.Size()
		}
		params := pkcs11.NewPSSParams(spec.mechanism, spec.mgf, uint(salt))
		return pkcs11.NewMechanism(pkcs11.CKM_RSA_PKCS_PSS, params), req.Digest, bits / 8, nil
	default:
		return pkcs11.NewMechanism(pkcs11.CKM_RSA_PKCS, nil), bytes.Join([][]byte{spec.prefix, req.Digest}, nil), bits / 8, nil
	}
}
