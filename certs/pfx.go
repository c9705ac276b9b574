package certs

import (
	"crypto/x509"
	"errors"
	"unicode/utf8"

	"software.sslmate.com/src/go-pkcs12"

	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/internal/secret"
)

// ErrPassword says that a password does not open a PFX file, or that the file
// was changed: its proof of integrity cannot tell the two apart.
var ErrPassword = fault.New(fault.Invalid, "the password does not open the PFX file", "check the password; if it is right, the file is damaged")

// ParsePFX opens a PKCS #12 file (RFC 7292) with one private key and its
// certificates, in any order, encrypted in a modern (PBES2 with AES) or a legacy
// way (3DES, RC2). The caller keeps, and wipes, the password, and wipes the
// bundle.
//
// The error is [ErrPassword] for a wrong password, [ErrOtherKey] where no
// certificate is for the key, and of kind Invalid or Unsupported for everything
// else. A file that asks for an unreasonable key derivation is refused before
// any of it is done; one that hides such a demand inside what its own password
// opens is not.
func ParsePFX(data []byte, password *secret.Bytes) (*Bundle, error) {
	if len(data) > maxPFX {
		return nil, errPFX(nil, "it is too long")
	}
	if err := checkDerivation(data); err != nil {
		return nil, err
	}
	text, err := passwordText(password)
	if err != nil {
		return nil, err
	}
	key, leaf, others, err := pkcs12.DecodeChain(data, text)
	if err != nil {
		return nil, pfxFailed(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, fault.Wrap(err, fault.Unsupported, "the PFX file's key is of a kind that is not offered", "use RSA, EC or Ed25519")
	}
	pkcs8 := secret.New(der)
	defer pkcs8.Wipe()
	if len(others) >= maxChain {
		return nil, errPFX(nil, "it holds more than ten certificates")
	}
	ders := [][]byte{leaf.Raw}
	for _, c := range others {
		ders = append(ders, c.Raw)
	}
	return newBundle(pkcs8, ders)
}

// PFX writes key and chain as a PKCS #12 file: PBES2 with AES-256-CBC and
// HMAC-SHA-256, which OpenSSL 1.1.1, Windows Server 2019 and Java 12 read. An
// empty password is allowed, as Azure writes the secret of a certificate, and
// protects nothing: whether one is acceptable is for the caller to say. The
// caller wipes the file.
func (b *Bundle) PFX(password *secret.Bytes) (*secret.Bytes, error) {
	text, err := passwordText(password)
	if err != nil {
		return nil, err
	}
	pkcs8, err := b.Key.PKCS8()
	if err != nil {
		return nil, err
	}
	defer pkcs8.Wipe()
	var key any
	err = pkcs8.RevealErr(func(der []byte) (err error) {
		key, err = x509.ParsePKCS8PrivateKey(der)
		return err
	})
	if err != nil {
		return nil, fault.Wrap(err, fault.Unsupported, "this key cannot be written to a PFX file", "export it as PEM")
	}
	var chain []*x509.Certificate
	for _, der := range b.Chain.Certificates {
		c, err := parse(der)
		if err != nil {
			return nil, err
		}
		chain = append(chain, c)
	}
	if len(chain) == 0 {
		return nil, errPFX(nil, "there is no certificate to write")
	}
	data, err := pkcs12.Modern2023.WithIterations(pfxIterations).Encode(key, chain[0], chain[1:], text)
	if err != nil {
		return nil, fault.Wrap(err, fault.Internal, "the PFX file cannot be written", "use a password of letters that every system knows")
	}
	return secret.New(data), nil
}

// passwordText gives the password as the string that the library wants, which
// nobody can wipe.
func passwordText(password *secret.Bytes) (string, error) {
	var text string
	if password != nil {
		password.Reveal(func(b []byte) { text = string(b) })
	}
	if len(text) > maxPassword || !utf8.ValidString(text) {
		return "", fault.New(fault.Invalid, "the password of the PFX file is too long or no UTF-8", "use a shorter one")
	}
	return text, nil
}

func pfxFailed(err error) error {
	var missing pkcs12.NotImplementedError
	switch {
	case errors.Is(err, pkcs12.ErrIncorrectPassword), errors.Is(err, pkcs12.ErrDecryption):
		return fault.Wrap(err, ErrPassword.Kind, ErrPassword.Problem, ErrPassword.Hint)
	case errors.As(err, &missing):
		return fault.Wrap(err, fault.Unsupported, "the PFX file uses something that is not offered", "write it again with openssl pkcs12 -export")
	}
	return errPFX(err, "it is malformed, or holds no key and certificate")
}

func errPFX(err error, why string) error {
	const hint = "give a PFX file (.pfx, .p12) with one private key and its certificates"
	problem := "the PFX file cannot be read: " + why
	if err == nil {
		return fault.New(fault.Invalid, problem, hint)
	}
	return fault.Wrap(err, fault.Invalid, problem, hint)
}
