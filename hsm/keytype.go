package hsm

import (
	"encoding/asn1"

	"github.com/miekg/pkcs11"
)

// KeyType is an algorithm with its size or curve.
type KeyType string

// Key types that this package makes.
const (
	AES128  KeyType = "AES-128"
	AES192  KeyType = "AES-192"
	AES256  KeyType = "AES-256"
	ECP256  KeyType = "P-256"
	ECP384  KeyType = "P-384"
	ECP521  KeyType = "P-521"
	P256K   KeyType = "P-256K" // secp256k1, SEC 2 section 2.4.1
	RSA2048 KeyType = "RSA-2048"
	RSA3072 KeyType = "RSA-3072"
	RSA4096 KeyType = "RSA-4096"
	Ed25519 KeyType = "Ed25519" // RFC 8032
	// HMAC keys are PKCS#11 generic secrets, as long as the hash that they are
	// named by. A token takes any of them for a shorter hash, and some tokens,
	// SoftHSM2 among them, none for a longer one. An AES key makes no HMAC and
	// an HMAC key encrypts nothing: to a token they are different types.
	HMAC256 KeyType = "HMAC-256"
	HMAC384 KeyType = "HMAC-384"
	HMAC512 KeyType = "HMAC-512"
)

// KeyTypes gives all of them.
func KeyTypes() []KeyType {
	return []KeyType{AES128, AES192, AES256, ECP256, ECP384, ECP521, P256K, RSA2048, RSA3072, RSA4096, Ed25519, HMAC256, HMAC384, HMAC512}
}

// aesBytes gives the length of an AES key in bytes, 0 for another type.
func (t KeyType) aesBytes() int {
	switch t {
	case AES128:
		return 16
	case AES192:
		return 24
	case AES256:
		return 32
	default:
		return 0
	}
}

// hmacBytes gives the length of an HMAC key in bytes, 0 for another type.
func (t KeyType) hmacBytes() int {
	switch t {
	case HMAC256:
		return 32
	case HMAC384:
		return 48
	case HMAC512:
		return 64
	default:
		return 0
	}
}

// secretBytes gives the length of a secret key, 0 for a key pair.
func (t KeyType) secretBytes() int { return t.aesBytes() + t.hmacBytes() }

// secretType finds the type of a secret key by its kind and length in bytes.
func secretType(kind, size uint) KeyType {
	types := []KeyType{AES128, AES192, AES256}
	if kind == pkcs11.CKK_GENERIC_SECRET {
		types = []KeyType{HMAC256, HMAC384, HMAC512}
	}
	for _, t := range types {
		if uint(t.secretBytes()) == size {
			return t
		}
	}
	return ""
}

// rsaBits gives the length of an RSA modulus in bits, 0 for another type.
func (t KeyType) rsaBits() int {
	switch t {
	case RSA2048:
		return 2048
	case RSA3072:
		return 3072
	case RSA4096:
		return 4096
	default:
		return 0
	}
}

// curve is a named curve: its object identifier and the length of a
// coordinate and of the order in bytes.
type curve struct {
	oid  asn1.ObjectIdentifier
	size int
}

// curve gives the type's curve. Identifiers: RFC 5480 section 2.1.1.1 and
// SEC 2 appendix A.2.
func (t KeyType) curve() (curve, bool) {
	switch t {
	case ECP256:
		return curve{asn1.ObjectIdentifier{1, 2, 840, 10045, 3, 1, 7}, 32}, true
	case ECP384:
		return curve{asn1.ObjectIdentifier{1, 3, 132, 0, 34}, 48}, true
	case ECP521:
		return curve{asn1.ObjectIdentifier{1, 3, 132, 0, 35}, 66}, true
	case P256K:
		return curve{asn1.ObjectIdentifier{1, 3, 132, 0, 10}, 32}, true
	default:
		return curve{}, false
	}
}

// known reports whether this package can ask for such a key at all.
func (t KeyType) known() bool {
	_, ec := t.curve()
	return ec || t == Ed25519 || t.secretBytes() > 0 || t.rsaBits() > 0
}

// The numbers of PKCS#11 v3.0 that the binding lacks.
const (
	ckmEdwardsGeneration = 0x1055 // CKM_EC_EDWARDS_KEY_PAIR_GEN
	ckmEdDSA             = 0x1057 // CKM_EDDSA
)

// generation gives the mechanism that makes such a key.
func (t KeyType) generation() uint {
	switch {
	case t.aesBytes() > 0:
		return pkcs11.CKM_AES_KEY_GEN
	case t.hmacBytes() > 0:
		return pkcs11.CKM_GENERIC_SECRET_KEY_GEN
	case t.rsaBits() > 0:
		return pkcs11.CKM_RSA_PKCS_KEY_PAIR_GEN
	case t == Ed25519:
		return ckmEdwardsGeneration
	default:
		return pkcs11.CKM_EC_KEY_PAIR_GEN
	}
}

// kind gives the token's word for the type, a CKK number.
func (t KeyType) kind() uint {
	switch {
	case t.aesBytes() > 0:
		return pkcs11.CKK_AES
	case t.hmacBytes() > 0:
		return pkcs11.CKK_GENERIC_SECRET
	case t.rsaBits() > 0:
		return pkcs11.CKK_RSA
	case t == Ed25519:
		return ckkEdwards
	default:
		return pkcs11.CKK_EC
	}
}

// oidEd25519 is id-Ed25519, RFC 8410 section 3.
var oidEd25519 = asn1.ObjectIdentifier{1, 3, 101, 112}

// parameters gives CKA_EC_PARAMS for a type on a curve: its object identifier
// (PKCS#11 v3.0 section 2.3.3 and 2.3.5).
func (t KeyType) parameters() ([]byte, error) {
	if t == Ed25519 {
		return asn1.Marshal(oidEd25519)
	}
	c, _ := t.curve()
	return asn1.Marshal(c.oid)
}

// curveType finds the type of DER-encoded curve parameters.
func curveType(params []byte) (KeyType, bool) {
	if string(params) == "\x13\x0cedwards25519" { // the name, which the standard allows too
		return Ed25519, true
	}
	var oid asn1.ObjectIdentifier
	rest, err := asn1.Unmarshal(params, &oid)
	if err != nil || len(rest) != 0 {
		return "", false
	}
	if oid.Equal(oidEd25519) {
		return Ed25519, true
	}
	for _, t := range []KeyType{ECP256, ECP384, ECP521, P256K} {
		if c, _ := t.curve(); c.oid.Equal(oid) {
			return t, true
		}
	}
	return "", false
}
