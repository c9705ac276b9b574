package certs

import (
	"bytes"
	"crypto"
	"io"
	"time"

	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/keys"
)

// SelfSign makes the certificate that the policy describes, signed by its own
// key, valid from now. The signer may be remote (see [keys.NewSigner]); its
// public key must be what the policy says. serial gives the random serial
// number. A twin under a throwaway key is linted before the signer is asked
// (see [Lint]). The certificate is parsed again and checked against the policy
// and its own key before it is returned, so a signer that errs is noticed here.
//
// The error is of kind Invalid or Unsupported for a bad policy, the signer's
// own where the signer failed, and Tampered where it signed something else.
func SelfSign(p Policy, signer crypto.Signer, serial io.Reader, now time.Time) ([]byte, error) {
	if !p.Issuer.Self() {
		return nil, fault.New(fault.Invalid, "the policy wants another issuer than the certificate's own key", "have it issued by "+quote(p.Issuer.Name))
	}
	template, err := p.template(now)
	if err != nil {
		return nil, err
	}
	if err := matchKey(p.WithDefaults().Key, signer.Public()); err != nil {
		return nil, err
	}
	return draft{template: template, issuer: template, public: signer.Public()}.sign(signer, serial)
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
