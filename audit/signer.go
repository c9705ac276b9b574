package audit

import (
	"context"
	"crypto/ecdsa"
)

// Signer makes the log key's signatures; an HSM session satisfies it.
type Signer interface {
	// Public is the log's key, on curve P-256.
	Public() *ecdsa.PublicKey
	// SignDigest signs a SHA-256 digest and returns the signature as ASN.1
	// DER (SEQUENCE of r and s, RFC 3279 section 2.2.3).
	SignDigest(ctx context.Context, digest []byte) (asn1 []byte, err error)
}
