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
	"time"

	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/keys"
)

// SelfSign makes the certificate that the policy describes, signed by its own
// key, valid from now. The signer may be remote (see [keys.NewSigner]); its
// public key must be what the policy says. serial gives the random serial
// number. The certificate is parsed again and checked against the policy and
// its own key before it is returned, so a signer that errs is noticed here.
//
// The error is of kind Invalid or Unsupported for a bad policy, the signer's
// own where the signer failed, and Tampered where it signed something else.
func SelfSign(p Policy, signer crypto.Signer, serial io.Reader, now time.Time) ([]byte, error) {
	template, err := p.template(now)
	if err != nil {
		return nil, err
	}
	if err := matchKey(p.WithDefaults().Key, signer.Public()); err != nil {
		return nil, err
	}
	if template.SerialNumber, err = newSerial(serial); err != nil {
		return nil, err
	}
	if template.SubjectKeyId, err = keyID(signer.Public()); err != nil {
		return nil, err
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, signer.Public(), signer)
	if err != nil {
		return nil, signingFailed(err)
	}
	if err := checkMade(der, template); err != nil {
		return nil, err
	}
	return der, nil
}

func matchKey(want keys.Spec, public crypto.PublicKey) error {
	pub, err := keys.NewPublic(public)
	if err != nil {
		return err
	}
	if pub.Spec() != want.Software() {
		return fault.New(fault.Invalid, "the key is "+pub.Spec().String()+" and the policy wants "+want.String(), "make the key that the policy names")
	}
	return nil
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
	var spki struct {
		Algorithm asn1.RawValue
		Key       asn1.BitString
	}
	if _, err := asn1.Unmarshal(der, &spki); err != nil {
		return nil, fault.Wrap(err, fault.Internal, "the public key cannot be read back", "")
	}
	sum := sha256.Sum256(spki.Key.RightAlign())
	return sum[:20], nil
}

// signingFailed keeps the signer's own fault, which says more than we could.
func signingFailed(err error) error {
	var f *fault.Error
	if errors.As(err, &f) {
		return err
	}
	return fault.Wrap(err, fault.Internal, "the certificate could not be signed", "check the key")
}

// checkMade reads the certificate back and compares it with what was asked.
func checkMade(der []byte, want *x509.Certificate) error {
	if err := VerifySelfSigned(der); err != nil {
		return err
	}
	got, err := parse(der)
	if err != nil {
		return err
	}
	same := bytes.Equal(got.RawSubject, want.RawSubject) &&
		bytes.Equal(got.SubjectKeyId, want.SubjectKeyId) &&
		got.SerialNumber.Cmp(want.SerialNumber) == 0 &&
		got.NotBefore.Equal(want.NotBefore) && got.NotAfter.Equal(want.NotAfter) &&
		got.KeyUsage == want.KeyUsage && got.BasicConstraintsValid && !got.IsCA &&
		len(got.UnhandledCriticalExtensions) == 0
	if !same {
		return fault.New(fault.Internal, "the certificate that was made is not the one that was asked for", "report this as an error of the program")
	}
	return nil
}

// VerifySelfSigned checks that a certificate names itself as its issuer and
// that its signature was made by its own key over these very bytes. It says
// nothing about dates or trust. The error is of kind Invalid where it is no
// self-signed certificate, and Tampered where the signature is wrong.
func VerifySelfSigned(der []byte) error {
	c, err := parse(der)
	if err != nil {
		return err
	}
	if !bytes.Equal(c.RawIssuer, c.RawSubject) {
		return fault.New(fault.Invalid, "the certificate is not self-signed", "verify it against its issuer")
	}
	if err := c.CheckSignature(c.SignatureAlgorithm, c.RawTBSCertificate, c.Signature); err != nil {
		return fault.Wrap(err, fault.Tampered, "the certificate's signature is not by its own key", "get the certificate again from its source")
	}
	return nil
}
