package hsm

import (
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"fmt"
	"math"
	"math/big"

	"github.com/strongroom/strongroom/keys"
)

// ecSPKI makes a DER SubjectPublicKeyInfo (RFC 5480 section 2, RFC 8410
// section 4) from CKA_EC_POINT. The standard wants a DER octet string around
// the point; some tokens give the bare point. A point that is not on the curve
// is refused: it did not come from a working token.
func ecSPKI(t KeyType, attribute []byte) ([]byte, error) {
	c, ec := t.curve()
	if !ec && t != Ed25519 {
		return nil, because(ErrDevice, fmt.Errorf("%s is no curve", t))
	}
	size := 1 + 2*c.size
	if t == Ed25519 {
		size = ed25519.PublicKeySize
	}
	pub, err := keys.ParsePoint(keys.Curve(t), barePoint(attribute, size))
	if err != nil {
		return nil, because(ErrDevice, fmt.Errorf("the token gave a public key that is not on its curve: %w", err))
	}
	return pub.DER(), nil
}

// barePoint takes off the octet string. No bare point is mistaken for one: its
// length says which it is.
func barePoint(attribute []byte, size int) []byte {
	if len(attribute) == size {
		return attribute
	}
	var inner []byte
	rest, err := asn1.Unmarshal(attribute, &inner)
	if err != nil || len(rest) != 0 || len(inner) != size {
		return nil
	}
	return inner
}

// rsaSPKI makes a DER SubjectPublicKeyInfo (RFC 3279 section 2.3.1).
func rsaSPKI(n *big.Int, exponent []byte) ([]byte, error) {
	e := new(big.Int).SetBytes(exponent)
	if !e.IsInt64() || e.Int64() < 3 || e.Int64() > math.MaxInt32 || e.Bit(0) == 0 {
		return nil, because(ErrDevice, errors.New("the token gave an RSA key with an unusable exponent"))
	}
	return x509.MarshalPKIXPublicKey(&rsa.PublicKey{N: n, E: int(e.Int64())})
}
