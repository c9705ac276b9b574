package certs

import (
	"strings"

	"github.com/strongroom/strongroom/internal/fault"
)

// The issuers that are always there.
const (
	// SelfIssuer has the certificate signed by its own key.
	SelfIssuer = "Self"
	// UnknownIssuer has a request written, and the certificate merged later.
	UnknownIssuer = "Unknown"
)

// Issuer says who signs a certificate.
type Issuer struct {
	// Name is [SelfIssuer], [UnknownIssuer], or the name of an authority that
	// the caller knows: 1 to 127 letters, digits and hyphens. "" is SelfIssuer.
	Name string
	// CertificateType is what a commercial authority is asked for, "OV-SSL" or
	// "EV-SSL"; Transparency whether it shall publish the certificate in the
	// logs of RFC 6962. Both are kept for the clients that set them; the
	// authorities of this package do neither.
	CertificateType string
	Transparency    *bool
}

// Self reports whether the certificate is signed by its own key.
func (i Issuer) Self() bool { return i.withDefaults().Name == SelfIssuer }

// Unknown reports whether the certificate is signed elsewhere.
func (i Issuer) Unknown() bool { return i.withDefaults().Name == UnknownIssuer }

// withDefaults also gives the two fixed names their one spelling.
func (i Issuer) withDefaults() Issuer {
	switch {
	case i.Name == "" || strings.EqualFold(i.Name, SelfIssuer):
		i.Name = SelfIssuer
	case strings.EqualFold(i.Name, UnknownIssuer):
		i.Name = UnknownIssuer
	}
	return i
}

func (i Issuer) check() error {
	if !isIssuerName(i.Name) {
		return fault.New(fault.Invalid, "the issuer "+quote(i.Name)+" is not allowed", "use Self, Unknown, or the name of an authority: letters, digits and hyphens")
	}
	if t := i.CertificateType; t != "" && t != "OV-SSL" && t != "EV-SSL" {
		return fault.New(fault.Invalid, "the certificate type "+quote(t)+" is not allowed", "use OV-SSL or EV-SSL, or leave it out")
	}
	return nil
}

func isIssuerName(s string) bool {
	const most = 127 // as every name in a vault
	if s == "" || len(s) > most {
		return false
	}
	return strings.IndexFunc(s, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-')
	}) < 0
}
