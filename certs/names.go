package certs

import (
	"net"
	"net/mail"
	"net/netip"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/strongroom/strongroom/internal/fault"
)

// CheckDNSName follows RFC 1034 section 3.5 and RFC 6125 section 7.2: letters,
// digits and hyphens, and a wildcard only as the whole leftmost label of a
// name that has two more.
func CheckDNSName(s string) error {
	name, wild := strings.CutPrefix(s, "*.")
	labels := strings.Split(name, ".")
	ok := len(s) <= maxDNSName && (!wild || len(labels) >= 2)
	for _, label := range labels {
		ok = ok && isLabel(label)
	}
	if _, err := netip.ParseAddr(s); err == nil {
		ok = false
	}
	if !ok {
		return fault.New(fault.Invalid, "the DNS name "+quote(s)+" is not allowed",
			"write it like api.example.org or *.example.org, other alphabets in their xn-- form, addresses as IP")
	}
	return nil
}

func isLabel(s string) bool {
	if s == "" || len(s) > maxLabel || s[0] == '-' || s[len(s)-1] == '-' {
		return false
	}
	for i := range len(s) {
		c := s[i]
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_') {
			return false
		}
	}
	return true
}

// CheckEmail takes the plain addr-spec of RFC 5280 section 4.2.1.6.
func CheckEmail(s string) error {
	addr, err := mail.ParseAddress(s)
	if err != nil || addr.Address != s || !isASCII(s) || len(s) > maxName {
		return fault.New(fault.Invalid, "the e-mail address "+quote(s)+" is not allowed", "write it like name@example.org")
	}
	return nil
}

// CheckUPN takes a user principal name: a name without spaces or a second "@",
// and a DNS suffix behind it.
func CheckUPN(s string) error {
	name, suffix, found := strings.Cut(s, "@")
	ok := found && name != "" && len(s) <= maxName && utf8.ValidString(s) && !strings.HasPrefix(suffix, "*") && CheckDNSName(suffix) == nil
	for _, r := range name {
		ok = ok && unicode.IsPrint(r) && r != ' '
	}
	if !ok {
		return fault.New(fault.Invalid, "the user principal name "+quote(s)+" is not allowed", "write it like alice@corp.example")
	}
	return nil
}

// CheckIP takes an IPv4 or IPv6 address without a zone.
func CheckIP(s string) error {
	_, err := parseIP(s)
	return err
}

func parseIP(s string) (net.IP, error) {
	addr, err := netip.ParseAddr(s)
	if err != nil || addr.Zone() != "" {
		return nil, fault.New(fault.Invalid, "the IP address "+quote(s)+" is not allowed", "write it like 192.0.2.7 or 2001:db8::7")
	}
	return addr.Unmap().AsSlice(), nil
}

// CheckURI takes what [Policy] takes as a URI.
func CheckURI(s string) error {
	_, err := parseURI(s)
	return err
}

// parseURI takes an absolute URI with a host, as RFC 5280 section 4.2.1.6
// wants for schemes that have one, or a scheme with an opaque part.
func parseURI(s string) (*url.URL, error) {
	u, err := url.Parse(s)
	if err != nil || !u.IsAbs() || (u.Host == "" && u.Opaque == "") || u.User != nil || !isASCII(s) || len(s) > maxName {
		return nil, fault.New(fault.Invalid, "the URI "+quote(s)+" is not allowed", "write it like spiffe://example.org/service, without user and password")
	}
	return u, nil
}
