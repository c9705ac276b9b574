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
)

// KeyTypes gives all of them.
func KeyTypes() []KeyType {
	return []KeyType{AES128, AES192, AES256, ECP256, ECP384, ECP521, P256K, RSA2048, RSA3072, RSA4096}
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
	return ec || t.aesBytes() > 0 || t.rsaBits() > 0
}

// fits reports whether a key of this type can have the usage.
func (t KeyType) fits(u Usage) bool {
	_, ec := t.curve()
	switch u {
	case UsageWrap:
		return t.aesBytes() > 0 || t.rsaBits() > 0
	case UsageSign:
		return ec || t.rsaBits() > 0
	default:
		return false
	}
}

// generation gives the mechanism that makes such a key.
func (t KeyType) generation() uint {
	switch {
	case t.aesBytes() > 0:
		return pkcs11.CKM_AES_KEY_GEN
	case t.rsaBits() > 0:
		return pkcs11.CKM_RSA_PKCS_KEY_PAIR_GEN
	default:
		return pkcs11.CKM_EC_KEY_PAIR_GEN
	}
}

// curveType finds the type of DER-encoded curve parameters.
func curveType(params []byte) (KeyType, bool) {
	var oid asn1.ObjectIdentifier
	rest, err := asn1.Unmarshal(params, &oid)
	if err != nil || len(rest) != 0 {
		return "", false
	}
	for _, t := range []KeyType{ECP256, ECP384, ECP521, P256K} {
		if c, _ := t.curve(); c.oid.Equal(oid) {
			return t, true
		}
	}
	return "", false
}
