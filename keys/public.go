package keys

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"strconv"

	"github.com/decred/dcrd/dcrec/secp256k1/v4"

	"github.com/strongroom/strongroom/internal/fault"
)

// PublicKey is the public half of a key. It is immutable; the zero value is no
// key. Make one with [ParsePublic], [ParsePublicPEM], [NewPublic] or
// [JWK.Public].
type PublicKey struct {
	spec Spec
	der  []byte
	// key is *rsa.PublicKey, *ecdsa.PublicKey, ed25519.PublicKey or
	// *secp256k1.PublicKey.
	key any
}

const publicPEMType = "PUBLIC KEY"

// ParsePublic reads a DER SubjectPublicKeyInfo (RFC 5280 section 4.1.2.7). It
// refuses what is not one of [Specs], weak RSA keys, and every encoding but
// the canonical one, so that equal keys have equal bytes.
func ParsePublic(der []byte) (PublicKey, error) {
	if len(der) > maxDER {
		return PublicKey{}, errBadPublic(nil)
	}
	key, err := decodeSPKI(der)
	if err != nil {
		return PublicKey{}, err
	}
	pub, err := NewPublic(key)
	if err != nil {
		return PublicKey{}, err
	}
	if !bytes.Equal(pub.der, der) {
		return PublicKey{}, fault.New(fault.Invalid, "the public key is not in canonical DER", "encode it again as SubjectPublicKeyInfo")
	}
	return pub, nil
}

// decodeSPKI gives one of the kinds of key that PublicKey holds.
func decodeSPKI(der []byte) (any, error) {
	if point, ok := secp256k1Point(der); ok {
		return parseSecp256k1(point)
	}
	key, err := x509.ParsePKIXPublicKey(der)
	if err != nil {
		return nil, errBadPublic(err)
	}
	return key, nil
}

// NewPublic takes a public key of the standard library (or a
// *secp256k1.PublicKey), as a crypto.Signer's Public gives it.
func NewPublic(key crypto.PublicKey) (PublicKey, error) {
	spec, err := specOf(key)
	if err != nil {
		return PublicKey{}, err
	}
	der, err := encodeSPKI(key)
	if err != nil {
		return PublicKey{}, errBadPublic(err)
	}
	return PublicKey{spec: spec, der: der, key: key}, nil
}

// ParsePoint makes a public key of its bare point, as a token gives it: for
// EC the uncompressed point of SEC 1 section 2.3.3 (0x04, x, y), for Ed25519
// the 32 bytes of RFC 8032. A point that is not on the curve is refused.
func ParsePoint(c Curve, point []byte) (PublicKey, error) {
	key, err := decodePoint(c, point)
	if err != nil {
		return PublicKey{}, err
	}
	return NewPublic(key)
}

func decodePoint(c Curve, point []byte) (any, error) {
	size := c.coordinateSize()
	switch {
	case c == Ed25519 && len(point) == size:
		return ed25519.PublicKey(bytes.Clone(point)), nil
	case c == Ed25519 || size == 0 || len(point) != 1+2*size || point[0] != 4:
		return nil, fault.New(fault.Invalid, "this is no point of the curve "+quote(string(c)), "give it uncompressed, or 32 bytes for Ed25519")
	case c == P256K:
		return parseSecp256k1(point)
	}
	key, err := ecdsa.ParseUncompressedPublicKey(c.standard(), point)
	if err != nil {
		return nil, fault.Wrap(err, fault.Invalid, "the point is not on the curve "+string(c), "give the point of a real key")
	}
	return key, nil
}

func encodeSPKI(key crypto.PublicKey) ([]byte, error) {
	if k, ok := key.(*secp256k1.PublicKey); ok {
		return encodeSecp256k1SPKI(k)
	}
	return x509.MarshalPKIXPublicKey(key)
}

// specOf finds the software spec of a public key and refuses those outside
// the table.
func specOf(key crypto.PublicKey) (Spec, error) {
	switch k := key.(type) {
	case *rsa.PublicKey:
		if err := checkRSA(k); err != nil {
			return Spec{}, err
		}
		return Spec{Type: RSA, Bits: k.N.BitLen()}, nil
	case *ecdsa.PublicKey:
		spec := Spec{Type: EC, Curve: Curve(k.Curve.Params().Name)}
		if !spec.Known() {
			return Spec{}, errCurve(string(spec.Curve))
		}
		return spec, nil
	case ed25519.PublicKey:
		return Spec{Type: OKP, Curve: Ed25519}, nil
	case *secp256k1.PublicKey:
		return Spec{Type: EC, Curve: P256K}, nil
	default:
		return Spec{}, fault.New(fault.Unsupported, "this kind of public key is not offered", "use RSA, EC or Ed25519")
	}
}

// checkRSA refuses what FIPS 186-5 section 5.1 and appendix A.1.1 refuse and a
// public key can show: size, parity, exponent.
func checkRSA(k *rsa.PublicKey) error {
	bits := k.N.BitLen()
	switch {
	case !Spec{Type: RSA, Bits: bits}.Known():
		return fault.New(fault.Invalid, "an RSA key of "+strconv.Itoa(bits)+" bits is not offered", "use "+RSA.choices()+" bits")
	case k.N.Bit(0) == 0:
		return fault.New(fault.Invalid, "the RSA modulus is even", "make a new key; this one is broken")
	case k.E < minExponent || k.E > maxExponent || k.E%2 == 0:
		return errExponent(strconv.Itoa(k.E))
	}
	return nil
}

func errExponent(e string) error {
	return fault.New(fault.Invalid, "the RSA public exponent "+e+" is not allowed", "use 65537")
}

// ParsePublicPEM reads exactly one "PUBLIC KEY" block and nothing else but
// white space around it.
func ParsePublicPEM(text []byte) (PublicKey, error) {
	if len(text) > maxPEM {
		return PublicKey{}, errBadPublic(nil)
	}
	block, rest := pem.Decode(text)
	if block == nil || block.Type != publicPEMType || len(block.Headers) != 0 ||
		len(bytes.TrimSpace(rest)) != 0 || !bytes.HasPrefix(bytes.TrimSpace(text), []byte("-----BEGIN ")) {
		return PublicKey{}, fault.New(fault.Invalid, "the text is not one PEM public key", `give one "BEGIN PUBLIC KEY" block`)
	}
	return ParsePublic(block.Bytes)
}

// Spec says what the key is.
func (p PublicKey) Spec() Spec { return p.spec }

// IsZero reports whether p is no key.
func (p PublicKey) IsZero() bool { return p.key == nil }

// WithProtection gives the same key with the spec's type in software or in
// hardware. It changes Spec and the JWK's kty, nothing else: a public key does
// not know where its private half lives.
func (p PublicKey) WithProtection(where Protection) PublicKey {
	if where == ProtectionHSM {
		p.spec = p.spec.Hardware()
	} else {
		p.spec = p.spec.Software()
	}
	return p
}

// DER gives a copy of the SubjectPublicKeyInfo.
func (p PublicKey) DER() []byte { return bytes.Clone(p.der) }

// PEM gives the key as one "PUBLIC KEY" block.
func (p PublicKey) PEM() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: publicPEMType, Bytes: p.der})
}

// Equal reports whether both are the same key, wherever it is used.
func (p PublicKey) Equal(o PublicKey) bool { return bytes.Equal(p.der, o.der) }

// Standard gives the key as the standard library has it: *rsa.PublicKey,
// *ecdsa.PublicKey or ed25519.PublicKey. It is nil and false for P-256K, which
// the standard library does not know.
func (p PublicKey) Standard() (crypto.PublicKey, bool) {
	switch p.key.(type) {
	case *rsa.PublicKey, *ecdsa.PublicKey, ed25519.PublicKey:
		return p.key, true
	}
	return nil, false
}

func errBadPublic(err error) error {
	return fault.Wrap(err, fault.Invalid, "the public key cannot be read", "give an RSA, EC or Ed25519 key as SubjectPublicKeyInfo (PEM or DER)")
}

func errCurve(name string) error {
	return fault.New(fault.Invalid, "the curve "+quote(name)+" is not offered", "use "+EC.choices())
}
