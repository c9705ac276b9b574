package certs

import (
	"bytes"
	"crypto/x509"
	"fmt"

	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/keys"
)

// Chain is a certificate and those above it.
type Chain struct {
	// Certificates is the leaf first, and each issuer behind what it signed.
	Certificates [][]byte
	// Missing is the subject of the issuer that was not there, or "" where the
	// chain ends in a self-signed certificate.
	Missing string
	// Extra holds what was given and belongs to no place in the chain.
	Extra [][]byte
}

// Complete reports whether the chain ends in a self-signed certificate. That is
// no trust: whether that certificate is a root of anybody is not known here.
func (c Chain) Complete() bool { return c.Missing == "" && len(c.Certificates) > 0 }

// DecodeChain reads certificates in PEM, as [DecodePEMChain] does, or in DER,
// one after the other. PKCS #7 is refused.
func DecodeChain(data []byte) ([][]byte, error) {
	const sequence = 0x30
	if len(data) == 0 || data[0] != sequence {
		return DecodePEMChain(data)
	}
	if len(data) > maxPEM {
		return nil, errChain("it is too long")
	}
	found, err := x509.ParseCertificates(data)
	if err != nil {
		return nil, fault.Wrap(err, fault.Invalid, "the certificates cannot be read", "give X.509 certificates in PEM or DER; PKCS #7 (.p7b) must be unpacked first")
	}
	if len(found) > maxChain {
		return nil, errChain(fmt.Sprintf("it holds more than %d certificates", maxChain))
	}
	var ders [][]byte
	for _, c := range found {
		if len(c.Raw) > maxDER {
			return nil, errChain("a certificate in it is too long")
		}
		ders = append(ders, c.Raw)
	}
	return ders, nil
}

// OrderChain finds the certificate of a key among certificates in any order,
// and the chain of its issuers, each signature checked. A certificate that is
// given twice counts once. The error is of kind Invalid where none is for the
// key, or several are, and Tampered where an issuer's name fits and its
// signature does not. Dates are not looked at.
func OrderChain(ders [][]byte, key keys.PublicKey) (Chain, error) {
	if len(ders) > maxChain {
		return Chain{}, errChain(fmt.Sprintf("it holds more than %d certificates", maxChain))
	}
	rest, err := distinct(ders)
	if err != nil {
		return Chain{}, err
	}
	leaf, rest, err := takeLeaf(rest, key)
	if err != nil {
		return Chain{}, err
	}
	chain := Chain{Certificates: [][]byte{leaf.Raw}}
	last := leaf
	for !bytes.Equal(last.RawIssuer, last.RawSubject) {
		var issuer *x509.Certificate
		if issuer, rest, err = takeIssuer(rest, last); err != nil {
			return Chain{}, err
		}
		if issuer == nil {
			chain.Missing = nameText(last.RawIssuer)
			break
		}
		chain.Certificates = append(chain.Certificates, issuer.Raw)
		last = issuer
	}
	for _, c := range rest {
		chain.Extra = append(chain.Extra, c.Raw)
	}
	if chain.Missing != "" {
		return chain, nil
	}
	if err := VerifySelfSigned(last.Raw); err != nil {
		return Chain{}, err
	}
	return chain, nil
}

func distinct(ders [][]byte) ([]*x509.Certificate, error) {
	var all []*x509.Certificate
	seen := map[string]bool{}
	for _, der := range ders {
		if seen[string(der)] {
			continue
		}
		seen[string(der)] = true
		c, err := parse(der)
		if err != nil {
			return nil, err
		}
		all = append(all, c)
	}
	return all, nil
}

// takeLeaf gives the one certificate for the key, and the others.
func takeLeaf(all []*x509.Certificate, key keys.PublicKey) (leaf *x509.Certificate, rest []*x509.Certificate, err error) {
	for _, c := range all {
		public, err := keys.NewPublic(c.PublicKey)
		switch {
		case err != nil || !public.Equal(key):
			rest = append(rest, c)
		case leaf != nil:
			return nil, nil, errChain("it holds two certificates for the key")
		default:
			leaf = c
		}
	}
	if leaf == nil {
		return nil, nil, ErrOtherKey
	}
	return leaf, rest, nil
}

// ErrOtherKey says that a chain was made for another key.
var ErrOtherKey = fault.New(fault.Invalid, "no certificate in the chain is for this key", "give the certificate that was made from this object's request")

// takeIssuer gives the certificate that signed c, or nil where none is there. A
// root is preferred to a cross-signed twin of it, for it ends the chain.
func takeIssuer(rest []*x509.Certificate, c *x509.Certificate) (*x509.Certificate, []*x509.Certificate, error) {
	var wrong error
	best := -1
	for i, candidate := range rest {
		if !bytes.Equal(candidate.RawSubject, c.RawIssuer) || otherIdentifier(candidate, c) {
			continue
		}
		if err := c.CheckSignatureFrom(candidate); err != nil {
			wrong = err
			continue
		}
		if best < 0 || bytes.Equal(candidate.RawSubject, candidate.RawIssuer) {
			best = i
		}
	}
	if best >= 0 {
		issuer := rest[best]
		return issuer, append(append([]*x509.Certificate{}, rest[:best]...), rest[best+1:]...), nil
	}
	if wrong != nil {
		return nil, nil, fault.Wrap(wrong, fault.Tampered, "the certificate "+quote(nameText(c.RawSubject))+" was not signed by the issuer that is given", "get the chain again from its source")
	}
	return nil, rest, nil
}

// otherIdentifier reports whether the key identifiers say that an authority of
// the same name, perhaps an older one, is not the issuer.
func otherIdentifier(candidate, c *x509.Certificate) bool {
	return len(candidate.SubjectKeyId) > 0 && len(c.AuthorityKeyId) > 0 && !bytes.Equal(candidate.SubjectKeyId, c.AuthorityKeyId)
}

func errChain(why string) error {
	return fault.New(fault.Invalid, "the chain cannot be used: "+why, "give the certificate and those of its issuers, and nothing else")
}
