package keys

import (
	"bytes"
	"crypto/x509"
	stdasn1 "encoding/asn1"
	"encoding/pem"
	"slices"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"

	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/internal/secret"
)

// ErrEncryptedKey says that a private key came under a password of its own.
var ErrEncryptedKey = fault.New(fault.Unsupported, "the private key is encrypted with a password",
	"decrypt it first: openssl pkcs8 -in key.pem, or give a PFX file with its password")

// The PEM blocks of private keys (RFC 7468 section 10, RFC 5915 section 4; the
// PKCS #1 one is OpenSSL's).
const (
	pemPKCS8     = "PRIVATE KEY"
	pemPKCS1     = "RSA PRIVATE KEY"
	pemSEC1      = "EC PRIVATE KEY"
	pemEncrypted = "ENCRYPTED PRIVATE KEY"
	pemOpenSSH   = "OPENSSH PRIVATE KEY"
	// pemECParams stands before the key that "openssl ecparam -genkey" makes.
	pemECParams = "EC PARAMETERS"
)

// ParsePrivatePEM reads one private key from elsewhere in PEM: PKCS #8,
// PKCS #1 or SEC 1. The key's spec is what it turns out to be. Besides white
// space, nothing but an "EC PARAMETERS" block may stand beside it. A key under
// a password is [ErrEncryptedKey]. The caller keeps, and wipes, text.
func ParsePrivatePEM(text *secret.Bytes) (*Private, error) {
	var key *Private
	err := text.RevealErr(func(b []byte) error {
		block, err := onePrivateBlock(b)
		if err != nil {
			return err
		}
		defer clear(block.Bytes)
		key, err = adoptParsed(parseBlock(block))
		return err
	})
	return key, err
}

func onePrivateBlock(text []byte) (*pem.Block, error) {
	if len(text) > maxPEM {
		return nil, errNotOnePEM()
	}
	var found *pem.Block
	for rest := bytes.TrimSpace(text); len(rest) > 0; rest = bytes.TrimSpace(rest) {
		if !bytes.HasPrefix(rest, []byte("-----BEGIN ")) {
			return nil, errNotOnePEM()
		}
		var block *pem.Block
		block, rest = pem.Decode(rest)
		if block != nil && block.Type == pemECParams && found == nil {
			continue
		}
		if block == nil || found != nil {
			return nil, errNotOnePEM()
		}
		found = block
	}
	if found == nil {
		return nil, errNotOnePEM()
	}
	return found, nil
}

func errNotOnePEM() error {
	return fault.New(fault.Invalid, "the text is not one PEM private key", `give one "BEGIN PRIVATE KEY" block and nothing else`)
}

func parseBlock(block *pem.Block) (softwareKey, error) {
	_, procType := block.Headers["Proc-Type"]
	switch {
	case block.Type == pemEncrypted || procType:
		return nil, ErrEncryptedKey
	case block.Type == pemOpenSSH:
		return nil, fault.New(fault.Unsupported, "OpenSSH's own form of a private key is not read", "convert it in place first: ssh-keygen -p -m PKCS8 -f key")
	case len(block.Headers) != 0:
		return nil, errNotOnePEM()
	}
	switch block.Type {
	case pemPKCS8:
		return importPKCS8(block.Bytes)
	case pemPKCS1:
		return importPKCS1(block.Bytes)
	case pemSEC1:
		return importSEC1(block.Bytes)
	default:
		return nil, errNotOnePEM()
	}
}

// ParsePrivateDER reads one private key from elsewhere in unencrypted PKCS #8
// (RFC 5958). The key's spec is what it turns out to be. Beyond what
// [ParsePrivate] looks at, RSA primes must be prime and a public half that
// stands in the encoding must belong to the key. The caller keeps, and wipes,
// der.
func ParsePrivateDER(der *secret.Bytes) (*Private, error) {
	var key *Private
	err := der.RevealErr(func(b []byte) (err error) {
		key, err = adoptParsed(importPKCS8(b))
		return err
	})
	return key, err
}

// adoptParsed makes a Private of a key from elsewhere.
func adoptParsed(key softwareKey, err error) (*Private, error) {
	if err != nil {
		return nil, err
	}
	spec, pub, err := describe(key)
	if err != nil {
		key.wipe()
		return nil, err
	}
	return &Private{spec: spec, pub: pub, key: key}, nil
}

var oidRSA = stdasn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 1} // RFC 8017 appendix C

func importPKCS8(der []byte) (softwareKey, error) {
	if len(der) > maxDER || !isOneSequence(der) {
		return nil, errBadPrivate(nil)
	}
	if isEncryptedPKCS8(der) {
		return nil, ErrEncryptedKey
	}
	var outer pkcs8
	if _, err := stdasn1.Unmarshal(der, &outer); err != nil {
		return nil, errBadPrivate(nil)
	}
	defer clear(outer.PrivateKey)
	if outer.Algorithm.Algorithm.Equal(oidRSA) {
		return importPKCS1(outer.PrivateKey)
	}
	key, err := parsePKCS8(der)
	if err != nil {
		return nil, err
	}
	if outer.Algorithm.Algorithm.Equal(oidECPublicKey) {
		return ownPoint(key, outer.PrivateKey)
	}
	return key, nil
}

// isOneSequence reports whether der is one DER SEQUENCE and nothing after it,
// which the standard library's readers let pass.
func isOneSequence(der []byte) bool {
	input := cryptobyte.String(der)
	return input.SkipASN1(asn1.SEQUENCE) && input.Empty()
}

// isEncryptedPKCS8 recognizes EncryptedPrivateKeyInfo (RFC 5958 section 3),
// which begins with an algorithm where PKCS #8 has a version.
func isEncryptedPKCS8(der []byte) bool {
	input, inner := cryptobyte.String(der), cryptobyte.String(nil)
	return input.ReadASN1(&inner, asn1.SEQUENCE) && inner.SkipASN1(asn1.SEQUENCE) &&
		inner.SkipASN1(asn1.OCTET_STRING) && inner.Empty()
}

// importSEC1 reads RFC 5915's ECPrivateKey, which must name its curve.
func importSEC1(der []byte) (softwareKey, error) {
	var inner ecPrivateKey
	if len(der) > maxDER || !isOneSequence(der) {
		return nil, errBadPrivate(nil)
	}
	if _, err := stdasn1.Unmarshal(der, &inner); err != nil {
		return nil, errBadPrivate(nil)
	}
	defer clear(inner.PrivateKey)
	if inner.NamedCurveOID.Equal(oidSecp256k1) {
		key, err := parseK1Inner(der)
		if err != nil {
			return nil, err
		}
		return ownPoint(key, der)
	}
	key, err := x509.ParseECPrivateKey(der)
	if err != nil {
		return nil, errBadPrivate(nil)
	}
	return ownPoint(&ecKey{curve: Curve(key.Curve.Params().Name), key: key}, der)
}

// ownPoint refuses a key whose encoding carries the point of another, and wipes
// it. The encoding has been read once already.
func ownPoint(key softwareKey, der []byte) (softwareKey, error) {
	var inner ecPrivateKey
	_, err := stdasn1.Unmarshal(der, &inner)
	defer clear(inner.PrivateKey)
	carried := inner.PublicKey.RightAlign()
	if err == nil && (len(carried) == 0 || isPointOf(key, carried)) {
		return key, nil
	}
	key.wipe()
	return nil, errOtherHalf()
}

// isPointOf compares with the uncompressed and the compressed form (SEC 1
// section 2.3.3).
func isPointOf(key softwareKey, carried []byte) bool {
	_, pub, err := describe(key)
	if err != nil {
		return false
	}
	point := pub.point()
	if len(point) == 0 {
		return false
	}
	half := len(point) / 2
	compressed := append([]byte{2 + point[len(point)-1]&1}, point[1:1+half]...)
	return bytes.Equal(point, carried) || bytes.Equal(compressed, carried)
}

// point gives an EC key's uncompressed point, or an Ed25519 key's 32 bytes, or
// nil.
func (p PublicKey) point() []byte {
	j := p.JWK("", nil)
	switch p.spec.Type.Software() {
	case EC:
		return slices.Concat([]byte{4}, j.X, j.Y)
	case OKP:
		return j.X
	default:
		return nil
	}
}

func errOtherHalf() error {
	return fault.New(fault.Invalid, "the private and the public half belong to different keys", "export the key again, whole")
}
