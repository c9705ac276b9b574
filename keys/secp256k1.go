package keys

import (
	"crypto/x509/pkix"
	"encoding/asn1"
	"io"

	"github.com/decred/dcrd/dcrec/secp256k1/v4"
	k1ecdsa "github.com/decred/dcrd/dcrec/secp256k1/v4/ecdsa"

	"github.com/strongroom/strongroom/internal/fault"
)

// The standard library does not know secp256k1, so its encodings stand here:
// SubjectPublicKeyInfo (RFC 5480) and PKCS #8 (RFC 5958) around RFC 5915.

var (
	oidECPublicKey = asn1.ObjectIdentifier{1, 2, 840, 10045, 2, 1}
	oidSecp256k1   = asn1.ObjectIdentifier{1, 3, 132, 0, 10}
)

type spki struct {
	Algorithm pkix.AlgorithmIdentifier
	PublicKey asn1.BitString
}

type pkcs8 struct {
	Version    int
	Algorithm  pkix.AlgorithmIdentifier
	PrivateKey []byte
}

type ecPrivateKey struct {
	Version       int
	PrivateKey    []byte
	NamedCurveOID asn1.ObjectIdentifier `asn1:"optional,explicit,tag:0"`
	PublicKey     asn1.BitString        `asn1:"optional,explicit,tag:1"`
}

// k1Key is a software secp256k1 key.
type k1Key struct{ key *secp256k1.PrivateKey }

func generateK1(rand io.Reader) (softwareKey, error) {
	key, err := secp256k1.GeneratePrivateKeyFromRand(rand)
	if err != nil {
		return nil, err
	}
	return &k1Key{key}, nil
}

func (k *k1Key) public() any { return k.key.PubKey() }

// sign is deterministic (RFC 6979).
func (k *k1Key) sign(_ AlgorithmInfo, digest []byte) ([]byte, error) {
	sig := k1ecdsa.Sign(k.key, digest)
	r, s := sig.R(), sig.S()
	rb, sb := r.Bytes(), s.Bytes()
	return append(rb[:], sb[:]...), nil
}

func (k *k1Key) encode() ([]byte, error) {
	scalar := k.key.Serialize()
	defer clear(scalar)
	inner, err := asn1.Marshal(ecPrivateKey{
		Version:    1,
		PrivateKey: scalar,
		PublicKey:  bitString(k.key.PubKey().SerializeUncompressed()),
	})
	if err != nil {
		return nil, err
	}
	defer clear(inner)
	algorithm, err := secp256k1Algorithm()
	if err != nil {
		return nil, err
	}
	return asn1.Marshal(pkcs8{Algorithm: algorithm, PrivateKey: inner})
}

func (k *k1Key) wipe() { k.key.Zero() }

// parseK1 reads a PKCS #8 secp256k1 key, and gives nil without an error for a
// key of another kind.
func parseK1(der []byte) (softwareKey, error) {
	var outer pkcs8
	rest, err := asn1.Unmarshal(der, &outer)
	if err != nil || len(rest) != 0 || !isSecp256k1(outer.Algorithm) {
		return nil, nil // the standard library reads it next
	}
	defer clear(outer.PrivateKey)
	return parseK1Inner(outer.PrivateKey)
}

// parseK1Inner reads the RFC 5915 structure of a key that is known to be on
// secp256k1.
func parseK1Inner(der []byte) (softwareKey, error) {
	var inner ecPrivateKey
	rest, err := asn1.Unmarshal(der, &inner)
	defer clear(inner.PrivateKey)
	named := len(inner.NamedCurveOID) == 0 || inner.NamedCurveOID.Equal(oidSecp256k1)
	if err != nil || len(rest) != 0 || inner.Version != 1 || !named {
		return nil, errBadPrivate(nil)
	}
	return parseK1Scalar(inner.PrivateKey)
}

// parseK1Scalar reads 32 bytes, big-endian.
func parseK1Scalar(b []byte) (softwareKey, error) {
	var scalar secp256k1.ModNScalar
	if len(b) != secp256k1.PrivKeyBytesLen || scalar.SetByteSlice(b) || scalar.IsZero() {
		scalar.Zero()
		return nil, errBadPrivate(nil)
	}
	key := secp256k1.NewPrivateKey(&scalar)
	scalar.Zero()
	return &k1Key{key}, nil
}

// secp256k1Point gives the point of a secp256k1 SubjectPublicKeyInfo, and
// false for anything else.
func secp256k1Point(der []byte) ([]byte, bool) {
	var outer spki
	rest, err := asn1.Unmarshal(der, &outer)
	if err != nil || len(rest) != 0 || !isSecp256k1(outer.Algorithm) {
		return nil, false
	}
	return outer.PublicKey.RightAlign(), true
}

func parseSecp256k1(point []byte) (*secp256k1.PublicKey, error) {
	key, err := secp256k1.ParsePubKey(point)
	if err != nil {
		return nil, fault.Wrap(err, fault.Invalid, "the point is not on the curve P-256K", "give an uncompressed secp256k1 point")
	}
	return key, nil
}

func encodeSecp256k1SPKI(k *secp256k1.PublicKey) ([]byte, error) {
	algorithm, err := secp256k1Algorithm()
	if err != nil {
		return nil, err
	}
	return asn1.Marshal(spki{Algorithm: algorithm, PublicKey: bitString(k.SerializeUncompressed())})
}

func verifySecp256k1(k *secp256k1.PublicKey, digest, raw []byte) bool {
	half := len(raw) / 2
	var r, s secp256k1.ModNScalar
	if r.SetByteSlice(raw[:half]) || s.SetByteSlice(raw[half:]) {
		return false
	}
	return k1ecdsa.NewSignature(&r, &s).Verify(digest, k)
}

func secp256k1Algorithm() (pkix.AlgorithmIdentifier, error) {
	curve, err := asn1.Marshal(oidSecp256k1)
	return pkix.AlgorithmIdentifier{Algorithm: oidECPublicKey, Parameters: asn1.RawValue{FullBytes: curve}}, err
}

func isSecp256k1(a pkix.AlgorithmIdentifier) bool {
	var curve asn1.ObjectIdentifier
	rest, err := asn1.Unmarshal(a.Parameters.FullBytes, &curve)
	return a.Algorithm.Equal(oidECPublicKey) && err == nil && len(rest) == 0 && curve.Equal(oidSecp256k1)
}

func bitString(b []byte) asn1.BitString { return asn1.BitString{Bytes: b, BitLength: 8 * len(b)} }
