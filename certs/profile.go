package certs

import (
	"crypto/x509"
	"encoding/asn1"
	"fmt"
	"net/url"
	"time"

	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/keys"
)

// AuthorityProfile says what the certificate of an authority shall be.
type AuthorityProfile struct {
	// Subject is a distinguished name, as [Policy] has it.
	Subject string `json:"subject"`
	// Key is the authority's key.
	Key keys.Spec `json:"key"`
	// ValidityMonths is 1 to [MaxAuthorityMonths].
	ValidityMonths int `json:"validity_months"`
	// PathLength is how many authorities may follow below this one, 0 to
	// [MaxPathLength]: 0 signs no authorities.
	PathLength int `json:"path_length"`
	// PermittedDNS and ExcludedDNS constrain the DNS names below the authority
	// (RFC 5280 section 4.2.1.10): "example.org" is itself and all below it.
	// No permitted name permits all.
	PermittedDNS []string `json:"permitted_dns,omitempty"`
	ExcludedDNS  []string `json:"excluded_dns,omitempty"`
}

// Check refuses a profile from which no authority can be made.
func (p AuthorityProfile) Check() error {
	_, err := p.template(time.Unix(0, 0))
	return err
}

func (p AuthorityProfile) template(now time.Time) (*x509.Certificate, error) {
	if err := checkKey(p.Key); err != nil {
		return nil, err
	}
	if p.ValidityMonths < 1 || p.ValidityMonths > MaxAuthorityMonths {
		return nil, fault.New(fault.Invalid, fmt.Sprintf("a validity of %d months is not allowed", p.ValidityMonths), fmt.Sprintf("use 1 to %d months", MaxAuthorityMonths))
	}
	if p.PathLength < 0 || p.PathLength > MaxPathLength {
		return nil, fault.New(fault.Invalid, fmt.Sprintf("a path length of %d is not allowed", p.PathLength), fmt.Sprintf("use 0 to %d", MaxPathLength))
	}
	for _, names := range [][]string{p.PermittedDNS, p.ExcludedDNS} {
		if err := checkConstraints(names); err != nil {
			return nil, err
		}
	}
	subject, err := parseSubject(p.Subject)
	if err != nil {
		return nil, err
	}
	start := now.UTC().Truncate(time.Second)
	return &x509.Certificate{
		RawSubject: subject,
		NotBefore:  start,
		NotAfter:   addMonths(start, p.ValidityMonths),
		// An authority signs its OCSP responses itself, hence the signature.
		KeyUsage:                    x509.KeyUsageCertSign | x509.KeyUsageCRLSign | x509.KeyUsageDigitalSignature,
		BasicConstraintsValid:       true,
		IsCA:                        true,
		MaxPathLen:                  p.PathLength,
		MaxPathLenZero:              p.PathLength == 0,
		PermittedDNSDomainsCritical: true,
		PermittedDNSDomains:         p.PermittedDNS,
		ExcludedDNSDomains:          p.ExcludedDNS,
	}, nil
}

// Places are the addresses that a certificate names for those who check it
// (RFC 5280 sections 4.2.1.13 and 4.2.2.1). They are plain http, since what
// lies there is signed, and https would need a certificate to check one.
type Places struct {
	OCSP      []string `json:"ocsp,omitempty"`
	CAIssuers []string `json:"ca_issuers,omitempty"`
	CRL       []string `json:"crl,omitempty"`
}

// Check refuses addresses that are not allowed in a certificate.
func (p Places) Check() error {
	for _, list := range [][]string{p.OCSP, p.CAIssuers, p.CRL} {
		if len(list) > maxPlaces {
			return fault.New(fault.Invalid, fmt.Sprintf("%d addresses of one kind are too many", len(list)), fmt.Sprintf("use at most %d", maxPlaces))
		}
		for _, place := range list {
			if err := checkPlace(place); err != nil {
				return err
			}
		}
	}
	return nil
}

func checkPlace(s string) error {
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "http" || u.Hostname() == "" || u.User != nil || u.Fragment != "" || !isASCII(s) || len(s) > maxName {
		return fault.New(fault.Invalid, "the address "+quote(s)+" is not allowed", "write it like http://pki.example.org/ca.crl")
	}
	return nil
}

// addTo puts the addresses into a certificate.
func (p Places) addTo(t *x509.Certificate) {
	t.OCSPServer, t.IssuingCertificateURL, t.CRLDistributionPoints = p.OCSP, p.CAIssuers, p.CRL
}

var (
	oidKeyUsage = asn1.ObjectIdentifier{2, 5, 29, 15}
	oidEKU      = asn1.ObjectIdentifier{2, 5, 29, 37}
	oidBasic    = asn1.ObjectIdentifier{2, 5, 29, 19}
)
