package keys

import (
	"bytes"
	"crypto/x509"
	"errors"
	"unicode/utf8"

	"software.sslmate.com/src/go-pkcs12"

	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/internal/secret"
)

// ErrPFXPassword says that the password does not open the PFX file, or that
// the file was changed: PKCS #12 cannot tell one from the other.
var ErrPFXPassword = fault.New(fault.Invalid, "the password does not open the PFX file", "check the password; if it is right, the file is damaged")

// PFX is what a PFX (PKCS #12) file holds: one key and its certificates.
type PFX struct {
	Key *Private
	// Certificates are in DER: first the one that belongs to the key, then
	// the others in the file's order. They are not checked any further.
	Certificates [][]byte
}

// ParsePFX reads a DER PFX file (RFC 7292) with one private key and the
// certificate that belongs to it. A wrong password is [ErrPFXPassword]. Files
// over 256 KiB, and those that ask for more than 2,000,000 rounds of key
// derivation, are refused before the work begins; a key in an encrypted bag
// inside an encrypted part hides its rounds, and is believed. P-256K keys and
// keys without a certificate are refused, as the library does not read them.
//
// The caller keeps, and wipes, data and password, and wipes the key. Of the
// password, and of the key on its way, copies stay in memory that nobody can
// reach to wipe.
func ParsePFX(data, password *secret.Bytes) (PFX, error) {
	var key any
	var certificates []*x509.Certificate
	err := data.RevealErr(func(file []byte) (err error) {
		if err := checkPFX(file); err != nil {
			return err
		}
		key, certificates, err = decodePFX(file, password)
		return err
	})
	if err != nil {
		return PFX{}, err
	}
	private, err := adoptParsed(importStandard(key))
	if err != nil {
		return PFX{}, err
	}
	chain, err := ownFirst(private.Public(), certificates)
	if err != nil {
		private.Wipe()
		return PFX{}, err
	}
	return PFX{Key: private, Certificates: chain}, nil
}

func decodePFX(file []byte, password *secret.Bytes) (key any, certificates []*x509.Certificate, err error) {
	var leaf *x509.Certificate
	password.Reveal(func(p []byte) {
		if len(p) > maxPFXPassword || !utf8.Valid(p) || bytes.ContainsFunc(p, beyondBMP) {
			err = ErrPFXPassword
			return
		}
		key, leaf, certificates, err = pkcs12.DecodeChain(file, string(p))
	})
	if err != nil {
		return nil, nil, pfxFault(err)
	}
	return key, append([]*x509.Certificate{leaf}, certificates...), nil
}

// beyondBMP finds characters that the library has no form for in a password
// (RFC 7292 appendix B.1 has BMPString).
func beyondBMP(r rune) bool { return r > 0xFFFF }

// pfxFault keeps the library's text to itself: it may quote the input.
func pfxFault(err error) error {
	var missing pkcs12.NotImplementedError
	switch {
	case errors.Is(err, ErrPFXPassword), errors.Is(err, pkcs12.ErrIncorrectPassword):
		return ErrPFXPassword
	case errors.As(err, &missing):
		return fault.New(fault.Unsupported, "this kind of PFX file is not read", "write it again with AES-256 and a SHA-256 MAC, as openssl pkcs12 -export does")
	default:
		return errBadPFX()
	}
}

func errBadPFX() error {
	return fault.New(fault.Invalid, "the PFX file cannot be read", "give a PFX file with one private key and its certificate")
}

// importStandard takes a key of the standard library.
func importStandard(key any) (softwareKey, error) {
	own, err := fromStandard(key)
	if err != nil {
		return nil, err
	}
	k, ok := own.(*rsaKey)
	if !ok {
		return own, nil
	}
	parts := newRSAParts()
	parts.n, parts.d, parts.p, parts.q = k.key.N, k.key.D, k.key.Primes[0], k.key.Primes[1]
	parts.e.SetInt64(int64(k.key.E))
	pre := k.key.Precomputed
	parts.dp, parts.dq, parts.qi = pre.Dp, pre.Dq, pre.Qinv
	return parts.key()
}

// ownFirst puts the key's own certificate before the others.
func ownFirst(own PublicKey, certificates []*x509.Certificate) ([][]byte, error) {
	var first, others [][]byte
	for _, c := range certificates {
		public, err := NewPublic(c.PublicKey)
		if err == nil && public.Equal(own) && first == nil {
			first = [][]byte{c.Raw}
		} else {
			others = append(others, c.Raw)
		}
	}
	if first == nil {
		return nil, fault.New(fault.Invalid, "the PFX file holds no certificate for its key", "export it again with the key's own certificate")
	}
	return append(first, others...), nil
}
