package certs

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"io"
	"math/big"
	"sync"

	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/keys"
)

// draft is a certificate before it is signed. A template that is its own
// issuer makes a self-signed certificate.
type draft struct {
	template, issuer *x509.Certificate
	public           crypto.PublicKey
	// standIn gives the throwaway key; nil makes one of the signer's type.
	standIn func() (crypto.Signer, error)
}

// sign numbers the draft and makes the certificate in the order that makes a
// mistake harmless: a throwaway key signs first, and what it signed is linted;
// only then the real key signs, which must have been given the same bytes; and
// what it signed is linted and checked again.
func (d draft) sign(signer crypto.Signer, serial io.Reader) ([]byte, error) {
	var err error
	if d.template.SerialNumber, err = newSerial(serial); err != nil {
		return nil, err
	}
	if d.template.SubjectKeyId, err = keyID(d.public); err != nil {
		return nil, err
	}
	if d.issuer == d.template {
		// RFC 5280 section 4.2.1.1 excuses only self-signed authorities.
		d.template.AuthorityKeyId = d.template.SubjectKeyId
	}
	twin, err := d.rehearse(signer.Public())
	if err != nil {
		return nil, err
	}
	der, err := x509.CreateCertificate(rand.Reader, d.template, d.issuer, d.public, signer)
	if err != nil {
		return nil, signingFailed(err)
	}
	if err := d.checkMade(der, twin); err != nil {
		return nil, err
	}
	return sound(der, refuseFindings(Lint(der)))
}

// rehearse gives the draft signed by a throwaway key, after it was linted.
// The twin never leaves this package.
func (d draft) rehearse(real crypto.PublicKey) ([]byte, error) {
	standIn := d.standIn
	if standIn == nil {
		standIn = throwaway(real)
	}
	signer, err := standIn()
	if err != nil {
		return nil, err
	}
	issuer := *d.issuer
	issuer.PublicKey = nil // or crypto/x509 would see that the key is not the issuer's
	twin, err := x509.CreateCertificate(rand.Reader, d.template, &issuer, d.public, signer)
	if err != nil {
		return nil, signingFailed(err)
	}
	return sound(twin, refuseFindings(Lint(twin)))
}

// throwaway gives a function that makes a key of the type of another, once. An
// RSA key is of 2048 bits whatever the other's size, for nothing that is signed
// depends on it. The key is no secret: nobody trusts it.
func throwaway(like crypto.PublicKey) func() (crypto.Signer, error) {
	return sync.OnceValues(func() (crypto.Signer, error) {
		public, err := keys.NewPublic(like)
		if err != nil {
			return nil, err
		}
		spec := public.Spec()
		if spec.Type == keys.RSA {
			spec.Bits = 2048
		}
		key, err := keys.Generate(spec, rand.Reader)
		if err != nil {
			return nil, err
		}
		return key.Signer()
	})
}

// newSerial gives a random positive number of fixed length (RFC 5280 section
// 4.1.2.2).
func newSerial(random io.Reader) (*big.Int, error) {
	var b [serialSize]byte
	if _, err := io.ReadFull(random, b[:]); err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, "no random serial number could be drawn", "check the machine's random source")
	}
	b[0] = b[0]&0x7f | 0x40
	return new(big.Int).SetBytes(b[:]), nil
}

// keyID gives the leftmost 160 bits of the SHA-256 of the key's bits (RFC 7093
// section 2, method 1).
func keyID(public crypto.PublicKey) ([]byte, error) {
	der, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		return nil, fault.Wrap(err, fault.Unsupported, "this kind of key cannot have a certificate", "use RSA, EC or Ed25519")
	}
	bits, err := keyBits(der)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(bits)
	return sum[:20], nil
}

// keyBits gives the bits of the key inside a SubjectPublicKeyInfo.
func keyBits(der []byte) ([]byte, error) {
	var spki struct {
		Algorithm asn1.RawValue
		Key       asn1.BitString
	}
	if _, err := asn1.Unmarshal(der, &spki); err != nil {
		return nil, fault.Wrap(err, fault.Internal, "the public key cannot be read back", "")
	}
	return spki.Key.RightAlign(), nil
}

// signingFailed keeps the signer's own fault, which says more than we could.
func signingFailed(err error) error {
	var f *fault.Error
	if errors.As(err, &f) {
		return err
	}
	return fault.Wrap(err, fault.Internal, "the certificate could not be signed", "check the key")
}

// checkMade reads the certificate back and compares it with what was asked and
// with what was linted.
func (d draft) checkMade(der, twin []byte) error {
	got, err := parse(der)
	if err != nil {
		return err
	}
	rehearsed, err := parse(twin)
	if err != nil {
		return err
	}
	if err := d.checkSignature(got); err != nil {
		return errLyingSigner(err)
	}
	want := d.template
	same := bytes.Equal(got.RawTBSCertificate, rehearsed.RawTBSCertificate) &&
		bytes.Equal(got.RawSubject, want.RawSubject) &&
		bytes.Equal(got.SubjectKeyId, want.SubjectKeyId) &&
		got.SerialNumber.Cmp(want.SerialNumber) == 0 &&
		got.NotBefore.Equal(want.NotBefore) && got.NotAfter.Equal(want.NotAfter) &&
		got.KeyUsage == want.KeyUsage && got.BasicConstraintsValid && got.IsCA == want.IsCA &&
		len(got.UnhandledCriticalExtensions) == 0
	if !same {
		return fault.New(fault.Internal, "the certificate that was made is not the one that was asked for", "report this as an error of the program")
	}
	return nil
}

// sound gives what was made, and nothing of it where a check failed.
func sound(der []byte, err error) ([]byte, error) {
	if err != nil {
		return nil, err
	}
	return der, nil
}

func errLyingSigner(err error) error {
	return fault.Wrap(err, fault.Tampered, "the signer signed something else", "do not use this key before the cause is found")
}

func (d draft) checkSignature(got *x509.Certificate) error {
	if d.issuer == d.template {
		return got.CheckSignature(got.SignatureAlgorithm, got.RawTBSCertificate, got.Signature)
	}
	return got.CheckSignatureFrom(d.issuer)
}
