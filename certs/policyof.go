package certs

import (
	"math"
	"time"

	"github.com/strongroom/strongroom/internal/fault"
)

// PolicyOf gives the policy under which a certificate like this one would be
// made, as an import without a policy takes it: its names, usages and kind of
// key, its life in whole months, and [UnknownIssuer], or [SelfIssuer] where it
// signed itself. The key counts as a software key that may be exported. The
// error is of kind Unsupported where no [Policy] can say what the certificate
// is, an authority's for one.
func PolicyOf(der []byte) (Policy, error) {
	c, err := parse(der)
	if err != nil {
		return Policy{}, err
	}
	facts, err := Describe(der)
	if err != nil {
		return Policy{}, err
	}
	upns, strange := otherNames(c.Extensions)
	if facts.CA || strange {
		return Policy{}, fault.New(fault.Unsupported, "no policy describes this certificate: it is an authority's, or has names of an unknown kind", "give a policy with it")
	}
	p := Policy{
		Subject: facts.Subject, DNSNames: c.DNSNames, Emails: c.EmailAddresses, UPNs: upns, IPs: facts.IPs, URIs: uriTexts(c.URIs),
		Key: facts.Key, Exportable: true, ValidityMonths: monthsBetween(c.NotBefore, c.NotAfter), KeyUsage: facts.KeyUsage,
		EKUs: append([]string{}, facts.EKUs...), Issuer: Issuer{Name: UnknownIssuer},
	}
	if VerifySelfSigned(der) == nil {
		p.Issuer.Name = SelfIssuer
	}
	if err := p.Check(); err != nil {
		return Policy{}, fault.Wrap(err, fault.Unsupported, "no policy describes this certificate: "+fault.Problem(err), "give a policy with it")
	}
	return p.WithDefaults(), nil
}

// monthsBetween gives the nearest number of months that a policy can have.
func monthsBetween(from, to time.Time) int {
	const month = 365.2425 / 12 * 24 * float64(time.Hour)
	// Sub stops at 292 years, far beyond what a policy can have.
	months := math.Round(float64(to.Sub(from)) / month)
	return int(min(max(months, 1), MaxValidityMonths))
}
