package certs

import (
	"crypto/x509"
	"fmt"
	"net/netip"
	"strings"

	"github.com/strongroom/strongroom/internal/fault"
)

// checkConstraints takes the names of a name constraint: DNS names without a
// wildcard, each of which stands for itself and all names below it.
func checkConstraints(names []string) error {
	if len(names) > maxConstraints {
		return fault.New(fault.Invalid, fmt.Sprintf("%d name constraints are too many", len(names)), fmt.Sprintf("use at most %d", maxConstraints))
	}
	if name := firstDouble(names); name != "" {
		return fault.New(fault.Invalid, "the name "+quote(name)+" is given twice", "give it once")
	}
	for _, name := range names {
		if err := CheckDNSName(name); err != nil {
			return err
		}
		if strings.HasPrefix(name, "*") {
			return fault.New(fault.Invalid, "the name constraint "+quote(name)+" has a wildcard", "write the name below which everything is meant: "+name[2:])
		}
	}
	return nil
}

// refuseNames refuses what crypto/x509 would refuse of the finished certificate,
// before it is signed. Where an authority has constraints, crypto/x509 wants
// every URI to have a host that is no address, and so do we.
func refuseNames(ca, t *x509.Certificate) error {
	for _, name := range t.DNSNames {
		if err := refuseName(ca, name); err != nil {
			return err
		}
	}
	if len(ca.PermittedDNSDomains)+len(ca.ExcludedDNSDomains) == 0 {
		return nil
	}
	for _, uri := range t.URIs {
		_, err := netip.ParseAddr(uri.Hostname())
		if uri.Hostname() == "" || err == nil {
			return errConstraint(ca, uri.String(), "has name constraints, and the URI names no host")
		}
	}
	return nil
}

// refuseName says which of an authority's constraints (RFC 5280 section
// 4.2.1.10) a DNS name breaks.
func refuseName(ca *x509.Certificate, name string) error {
	for _, excluded := range ca.ExcludedDNSDomains {
		if within(name, excluded) || covers(name, excluded) {
			return errConstraint(ca, name, "excludes "+quote(excluded))
		}
	}
	for _, permitted := range ca.PermittedDNSDomains {
		if within(name, permitted) {
			return nil
		}
	}
	if len(ca.PermittedDNSDomains) == 0 {
		return nil
	}
	return errConstraint(ca, name, "permits only "+quote(strings.Join(ca.PermittedDNSDomains, ", ")))
}

// within reports whether a name, or all that a wildcard stands for, is the
// domain or below it.
func within(name, domain string) bool {
	name, wild := strings.CutPrefix(strings.ToLower(name), "*.")
	bare := strings.ToLower(strings.TrimPrefix(domain, "."))
	if strings.HasSuffix(name, "."+bare) {
		return true
	}
	// A leading dot, which other authorities write, means names below alone.
	return name == bare && (wild || !strings.HasPrefix(domain, "."))
}

// covers reports whether a wildcard stands for the domain itself.
func covers(name, domain string) bool {
	base, wild := strings.CutPrefix(strings.ToLower(name), "*.")
	_, parent, found := strings.Cut(strings.ToLower(domain), ".")
	return wild && found && parent == base
}

func errConstraint(ca *x509.Certificate, name, why string) error {
	return fault.New(fault.Forbidden, "the authority "+quote(nameText(ca.RawSubject))+" may not sign for "+quote(name)+": it "+why, "use another authority or another name")
}
