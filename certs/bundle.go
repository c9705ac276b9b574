package certs

import (
	"bytes"
	"encoding/pem"

	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/internal/secret"
	"github.com/strongroom/strongroom/keys"
)

const keyType = "PRIVATE KEY"

// Bundle is a private key and the chain of its certificate.
type Bundle struct {
	Key   *keys.Private
	Chain Chain
}

// Wipe wipes the key.
func (b *Bundle) Wipe() {
	if b != nil && b.Key != nil {
		b.Key.Wipe()
	}
}

// newBundle reads the key, in PKCS #8, as what one of the certificates says
// that it is.
func newBundle(pkcs8 *secret.Bytes, ders [][]byte) (*Bundle, error) {
	var cause error
	other := false
	for _, der := range ders {
		public, err := PublicKey(der)
		if err != nil {
			cause = err // perhaps an issuer's, whose key need not be one of ours
			continue
		}
		key, err := keys.ParsePrivate(public.Spec(), pkcs8)
		if err != nil {
			cause = err // perhaps a key of another type
			continue
		}
		if key.Public().Equal(public) {
			return bundleOf(key, ders)
		}
		key.Wipe()
		other = true
	}
	if other {
		return nil, ErrOtherKey
	}
	return nil, fault.Wrap(cause, fault.Invalid, "the private key cannot be read, or is of another type than the certificates", "give an unencrypted PKCS #8 key and its certificate")
}

func bundleOf(key *keys.Private, ders [][]byte) (*Bundle, error) {
	chain, err := OrderChain(ders, key.Public())
	if err != nil {
		key.Wipe()
		return nil, err
	}
	return &Bundle{key, chain}, nil
}

// ParsePEM reads one private key in unencrypted PKCS #8 and one to ten
// certificates, in any order, with nothing but white space around them. The
// caller keeps, and wipes, the text, and wipes the bundle. The error is of kind
// Invalid, and [ErrOtherKey] where no certificate is for the key.
func ParsePEM(text *secret.Bytes) (*Bundle, error) {
	var bundle *Bundle
	err := text.RevealErr(func(b []byte) (err error) {
		bundle, err = parsePEM(b)
		return err
	})
	return bundle, err
}

func parsePEM(text []byte) (*Bundle, error) {
	if len(text) > maxPEM {
		return nil, errBundle("it is too long")
	}
	var key *secret.Bytes
	defer func() { key.Wipe() }()
	var ders [][]byte
	for rest := bytes.TrimSpace(text); len(rest) != 0; {
		block, after, err := nextBlock(rest)
		if err != nil {
			return nil, err
		}
		switch {
		case block.Type == keyType && key == nil:
			key = secret.New(block.Bytes)
		case block.Type == pemType && len(ders) < maxChain:
			ders = append(ders, block.Bytes)
		default:
			clear(block.Bytes)
			return nil, errBlock(block.Type)
		}
		rest = after
	}
	if key == nil || len(ders) == 0 {
		return nil, errBundle("the key or the certificate is missing")
	}
	return newBundle(key, ders)
}

// nextBlock reads the block at the very beginning: pem.Decode alone would skip
// what is not PEM.
func nextBlock(text []byte) (*pem.Block, []byte, error) {
	begin := []byte("-----BEGIN ")
	if !bytes.HasPrefix(text, begin) {
		return nil, nil, errBundle("there is other text in it")
	}
	block, after := pem.Decode(text)
	if block == nil || bytes.Count(after, begin) != bytes.Count(text, begin)-1 {
		return nil, nil, errBundle("a block in it is damaged")
	}
	if len(block.Headers) != 0 {
		clear(block.Bytes)
		return nil, nil, errBundle("a block in it has headers, perhaps for an encrypted key")
	}
	return block, bytes.TrimSpace(after), nil
}

func errBlock(blockType string) error {
	switch blockType {
	case keyType:
		return errBundle("it holds two private keys")
	case pemType:
		return errBundle("it holds more than ten certificates")
	case "ENCRYPTED PRIVATE KEY":
		return fault.New(fault.Invalid, "the private key is encrypted", "decrypt it first (openssl pkcs8), or give a PFX file and its password")
	case "RSA PRIVATE KEY", "EC PRIVATE KEY":
		return fault.New(fault.Invalid, "the private key is in the older form of "+blockType, "turn it into PKCS #8 first: openssl pkcs8 -topk8 -nocrypt")
	}
	return errBundle("it holds a block of the kind " + quote(blockType))
}

// PEM writes the key in PKCS #8 and behind it the chain, leaf first, as Azure
// writes the secret of a certificate. The caller wipes it.
func (b *Bundle) PEM() (*secret.Bytes, error) {
	pkcs8, err := b.Key.PKCS8()
	if err != nil {
		return nil, err
	}
	defer pkcs8.Wipe()
	var out *secret.Bytes
	pkcs8.Reveal(func(der []byte) {
		text := pem.EncodeToMemory(&pem.Block{Type: keyType, Bytes: der})
		out = secret.New(append(text, EncodePEM(b.Chain.Certificates...)...))
		clear(text)
	})
	return out, nil
}

// FullChain writes the chain alone, leaf first.
func (c Chain) FullChain() []byte { return EncodePEM(c.Certificates...) }

func errBundle(why string) error {
	return fault.New(fault.Invalid, "the PEM text cannot be read: "+why, `give one "PRIVATE KEY" block and the "CERTIFICATE" blocks of its chain`)
}
