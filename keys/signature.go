package keys

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"math/big"
	"strconv"

	"github.com/decred/dcrd/dcrec/secp256k1/v4"
	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"

	"github.com/strongroom/strongroom/internal/fault"
)

// Verify reports whether sig, in JWS form, is the key's signature of the
// digest (or, where the algorithm takes it, of the message). A signature that
// is wrong in any way, its length included, is false and no error; an
// algorithm that does not fit the key, or a digest of the wrong length, is an
// error.
func Verify(p PublicKey, a Algorithm, digest, sig []byte) (bool, error) {
	if p.IsZero() {
		return false, errBadPublic(nil)
	}
	info, err := CheckAlgorithm(p.spec, a)
	if err != nil {
		return false, err
	}
	if err := CheckDigest(a, digest); err != nil {
		return false, err
	}
	switch k := p.key.(type) {
	case *rsa.PublicKey:
		return verifyRSA(k, info, digest, sig), nil
	case ed25519.PublicKey:
		return ed25519.Verify(k, digest, sig), nil
	default:
		return verifyECDSA(p, digest, sig), nil
	}
}

func verifyRSA(k *rsa.PublicKey, info AlgorithmInfo, digest, sig []byte) bool {
	if info.Scheme == SchemePSS {
		return rsa.VerifyPSS(k, info.Hash, digest, sig, &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash}) == nil
	}
	return rsa.VerifyPKCS1v15(k, info.Hash, digest, sig) == nil
}

func verifyECDSA(p PublicKey, digest, raw []byte) bool {
	if len(raw) != 2*p.spec.Curve.coordinateSize() {
		return false
	}
	if k, ok := p.key.(*secp256k1.PublicKey); ok {
		return verifySecp256k1(k, digest, raw)
	}
	der, err := ASN1Signature(p.spec.Curve, raw)
	return err == nil && ecdsa.VerifyASN1(p.key.(*ecdsa.PublicKey), digest, der)
}

// RawSignature turns an ECDSA signature from its DER form (RFC 3279 section
// 2.2.3) into r || s of fixed width (RFC 7518 section 3.4). It refuses DER
// that is not canonical, and an r or s that is zero or too wide.
func RawSignature(c Curve, der []byte) ([]byte, error) {
	size := c.coordinateSize()
	var r, s []byte
	input, inner := cryptobyte.String(der), cryptobyte.String(nil)
	if size == 0 || !input.ReadASN1(&inner, asn1.SEQUENCE) || !input.Empty() ||
		!inner.ReadASN1Integer(&r) || !inner.ReadASN1Integer(&s) || !inner.Empty() {
		return nil, errBadSignature("it is not a DER sequence of two positive numbers")
	}
	raw := make([]byte, 2*size)
	if !fill(raw[:size], r) || !fill(raw[size:], s) {
		return nil, errBadSignature("its numbers do not fit the curve " + string(c))
	}
	return raw, nil
}

// ASN1Signature turns an ECDSA signature from r || s into its DER form. It
// refuses another length than the curve's, and an r or s that is zero.
func ASN1Signature(c Curve, raw []byte) ([]byte, error) {
	size := c.coordinateSize()
	if size == 0 || len(raw) != 2*size {
		return nil, errBadSignature("it has " + strconv.Itoa(len(raw)) + " bytes, not " + strconv.Itoa(2*size))
	}
	r, s := new(big.Int).SetBytes(raw[:size]), new(big.Int).SetBytes(raw[size:])
	if r.Sign() == 0 || s.Sign() == 0 {
		return nil, errBadSignature("one of its numbers is zero")
	}
	var b cryptobyte.Builder
	b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1BigInt(r)
		b.AddASN1BigInt(s)
	})
	return b.Bytes()
}

// fill right-aligns a positive number in dst and reports whether it fits.
func fill(dst, n []byte) bool {
	if len(n) == 0 || len(n) > len(dst) || (len(n) == 1 && n[0] == 0) {
		return false
	}
	copy(dst[len(dst)-len(n):], n)
	return true
}

func errBadSignature(why string) error {
	return fault.New(fault.Invalid, "the signature cannot be read: "+why, "give the whole signature, unchanged")
}
