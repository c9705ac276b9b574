package hsm

import (
	"crypto/ecdh"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"math"
	"math/big"

	"github.com/decred/dcrd/dcrec/secp256k1/v4"
)

// oidECPublicKey is id-ecPublicKey, RFC 5480 section 2.1.1.
var oidECPublicKey = asn1.ObjectIdentifier{1, 2, 840, 10045, 2, 1}

// ecSPKI makes a DER SubjectPublicKeyInfo (RFC 5480 section 2) from CKA_EC_POINT.
// The standard wants a DER octet string around the point; some tokens give the
// bare point. A point that is not on the curve is refused: it did not come
// from a working token.
func ecSPKI(t KeyType, attribute []byte) ([]byte, error) {
	c, ok := t.curve()
	if !ok {
		return nil, because(ErrDevice, fmt.Errorf("%s is no curve", t))
	}
	point := barePoint(attribute, 1+2*c.size)
	if point == nil || onCurve(t, point) != nil {
		return nil, because(ErrDevice, errors.New("the token gave a public key that is not on its curve"))
	}
	params, err := asn1.Marshal(c.oid)
	if err != nil {
		return nil, err
	}
	return asn1.Marshal(struct {
		Algorithm pkix.AlgorithmIdentifier
		Point     asn1.BitString
	}{
		pkix.AlgorithmIdentifier{Algorithm: oidECPublicKey, Parameters: asn1.RawValue{FullBytes: params}},
		asn1.BitString{Bytes: point, BitLength: 8 * len(point)},
	})
}

func barePoint(attribute []byte, size int) []byte {
	if len(attribute) == size && attribute[0] == 4 {
		return attribute
	}
	var inner []byte
	rest, err := asn1.Unmarshal(attribute, &inner)
	if err != nil || len(rest) != 0 || len(inner) != size || inner[0] != 4 {
		return nil
	}
	return inner
}

func onCurve(t KeyType, point []byte) error {
	var err error
	switch t {
	case ECP256:
		_, err = ecdh.P256().NewPublicKey(point)
	case ECP384:
		_, err = ecdh.P384().NewPublicKey(point)
	case ECP521:
		_, err = ecdh.P521().NewPublicKey(point)
	default:
		_, err = secp256k1.ParsePubKey(point)
	}
	return err
}

// rsaSPKI makes a DER SubjectPublicKeyInfo (RFC 3279 section 2.3.1).
func rsaSPKI(n *big.Int, exponent []byte) ([]byte, error) {
	e := new(big.Int).SetBytes(exponent)
	if !e.IsInt64() || e.Int64() < 3 || e.Int64() > math.MaxInt32 || e.Bit(0) == 0 {
		return nil, because(ErrDevice, errors.New("the token gave an RSA key with an unusable exponent"))
	}
	return x509.MarshalPKIXPublicKey(&rsa.PublicKey{N: n, E: int(e.Int64())})
}
