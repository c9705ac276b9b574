package hsm

import (
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"math/big"

	"github.com/miekg/pkcs11"

	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/internal/secret"
	"github.com/strongroom/strongroom/keys"
)

// material is a key as a token wants it: attribute by attribute.
type material struct {
	private []wish // of the secret or private key; secret
	public  []wish // of the public key
	spki    []byte // the public key, nil for a secret key
}

func (m *material) wipe() {
	for _, w := range m.private {
		if b, ok := w.value.([]byte); ok {
			clear(b)
		}
	}
}

// parseMaterial reads a key and refuses one of another type than was said.
func parseMaterial(t KeyType, raw []byte) (*material, error) {
	if len(raw) == 0 {
		return nil, fault.New(fault.Canceled, "the key was wiped before the HSM was asked", "")
	}
	if size := t.secretBytes(); size > 0 {
		if len(raw) != size {
			return nil, fault.New(fault.Invalid, fmt.Sprintf("a key of type %s has %d bytes, not %d", t, size, len(raw)), "")
		}
		return &material{private: []wish{{pkcs11.CKA_VALUE, append([]byte(nil), raw...)}}}, nil
	}
	spki, err := publicOf(t, raw)
	if err != nil {
		return nil, err
	}
	m := &material{spki: spki}
	switch {
	case t.rsaBits() > 0:
		err = m.rsa(raw)
	case t == Ed25519:
		err = m.edwards(t, raw)
	default:
		err = m.ec(t, raw)
	}
	if err != nil {
		m.wipe()
		return nil, badMaterial(t)
	}
	return m, nil
}

// badMaterial has no cause: a parser's text may quote what it read.
func badMaterial(t KeyType) error {
	return fault.New(fault.Invalid, "the private key cannot be read", fmt.Sprintf("Give an unencrypted PKCS #8 key of type %s.", t))
}

// publicOf has package keys read the key: it knows what is weak or malformed.
func publicOf(t KeyType, pkcs8 []byte) ([]byte, error) {
	der := secret.Copy(pkcs8)
	defer der.Wipe()
	key, err := keys.ParsePrivate(t.spec(), der)
	if err != nil {
		return nil, err
	}
	defer key.Wipe()
	return key.Public().DER(), nil
}

// spec gives a key pair's type in the words of package keys.
func (t KeyType) spec() keys.Spec {
	switch {
	case t.rsaBits() > 0:
		return keys.Spec{Type: keys.RSA, Bits: t.rsaBits()}
	case t == Ed25519:
		return keys.Spec{Type: keys.OKP, Curve: keys.Ed25519}
	default:
		return keys.Spec{Type: keys.EC, Curve: keys.Curve(t)}
	}
}

// rsa gives all numbers: some tokens work without the primes, slowly, and some
// not at all.
func (m *material) rsa(raw []byte) error {
	parsed, err := x509.ParsePKCS8PrivateKey(raw)
	key, ok := parsed.(*rsa.PrivateKey)
	if err != nil || !ok || len(key.Primes) != 2 {
		return errMaterial
	}
	exponent := big.NewInt(int64(key.E)).Bytes()
	m.public = []wish{{pkcs11.CKA_MODULUS, key.N.Bytes()}, {pkcs11.CKA_PUBLIC_EXPONENT, exponent}}
	for _, number := range []struct {
		attribute uint
		value     *big.Int
	}{
		{pkcs11.CKA_MODULUS, key.N},
		{pkcs11.CKA_PUBLIC_EXPONENT, big.NewInt(int64(key.E))},
		{pkcs11.CKA_PRIVATE_EXPONENT, key.D},
		{pkcs11.CKA_PRIME_1, key.Primes[0]},
		{pkcs11.CKA_PRIME_2, key.Primes[1]},
		{pkcs11.CKA_EXPONENT_1, key.Precomputed.Dp},
		{pkcs11.CKA_EXPONENT_2, key.Precomputed.Dq},
		{pkcs11.CKA_COEFFICIENT, key.Precomputed.Qinv},
	} {
		m.private = append(m.private, wish{number.attribute, number.value.Bytes()})
	}
	for _, n := range []*big.Int{key.D, key.Primes[0], key.Primes[1], key.Precomputed.Dp, key.Precomputed.Dq, key.Precomputed.Qinv} {
		clear(n.Bits())
	}
	return nil
}

func (m *material) edwards(t KeyType, raw []byte) error {
	parsed, err := x509.ParsePKCS8PrivateKey(raw)
	key, ok := parsed.(ed25519.PrivateKey)
	if err != nil || !ok {
		return errMaterial
	}
	defer clear(key)
	return m.onCurve(t, key.Seed())
}

// ec reads the scalar itself, because the standard library leaves secp256k1
// out: PKCS #8 around RFC 5915. Package keys has checked both before.
func (m *material) ec(t KeyType, raw []byte) error {
	var outer struct {
		Version    int
		Algorithm  pkix.AlgorithmIdentifier
		PrivateKey []byte
	}
	if _, err := asn1.Unmarshal(raw, &outer); err != nil {
		return errMaterial
	}
	defer clear(outer.PrivateKey)
	var inner struct {
		Version    int
		PrivateKey []byte
		Curve      asn1.ObjectIdentifier `asn1:"optional,explicit,tag:0"`
		Public     asn1.BitString        `asn1:"optional,explicit,tag:1"`
	}
	if _, err := asn1.Unmarshal(outer.PrivateKey, &inner); err != nil {
		return errMaterial
	}
	defer clear(inner.PrivateKey)
	c, ok := t.curve()
	if !ok || len(inner.PrivateKey) > c.size {
		return errMaterial
	}
	scalar := make([]byte, c.size)
	copy(scalar[c.size-len(inner.PrivateKey):], inner.PrivateKey)
	return m.onCurve(t, scalar)
}

var errMaterial = fault.New(fault.Invalid, "the private key cannot be read", "")

// onCurve adds curve, private value and public point.
func (m *material) onCurve(t KeyType, value []byte) error {
	params, err := t.parameters()
	if err != nil {
		return err
	}
	var public struct {
		Algorithm pkix.AlgorithmIdentifier
		Point     asn1.BitString
	}
	if _, err := asn1.Unmarshal(m.spki, &public); err != nil {
		return err
	}
	point, err := asn1.Marshal(public.Point.Bytes)
	if err != nil {
		return err
	}
	m.private = []wish{{pkcs11.CKA_EC_PARAMS, params}, {pkcs11.CKA_VALUE, value}}
	m.public = []wish{{pkcs11.CKA_EC_PARAMS, params}, {pkcs11.CKA_EC_POINT, point}}
	return nil
}
