package certs

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/strongroom/strongroom/internal/fault"
)

var (
	oidNames = asn1.ObjectIdentifier{2, 5, 29, 17}
	// oidUPN is Microsoft's user principal name, an otherName (MS-PKCA).
	oidUPN = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 311, 20, 2, 3}
)

// The tags of GeneralName (RFC 5280 section 4.2.1.6).
const (
	tagOther = 0
	tagEmail = 1
	tagDNS   = 2
	tagURI   = 6
	tagIP    = 7
)

// addNames checks the alternative names and puts them into the template, once
// where crypto/x509 checks them, and once as the extension itself, since
// crypto/x509 knows no UPN.
func (p Policy) addNames(t *x509.Certificate) error {
	all := slices.Concat(p.DNSNames, p.Emails, p.UPNs, p.IPs, p.URIs)
	if len(all) > MaxNames {
		return fault.New(fault.Invalid, fmt.Sprintf("%d alternative names are too many", len(all)), fmt.Sprintf("use at most %d", MaxNames))
	}
	if err := p.checkNames(); err != nil {
		return err
	}
	t.DNSNames, t.EmailAddresses = p.DNSNames, p.Emails
	if err := p.addAddresses(t); err != nil || len(all) == 0 {
		return err
	}
	names, err := encodeNames(t, p.UPNs)
	if err != nil {
		return err
	}
	t.ExtraExtensions = append(t.ExtraExtensions, names)
	return nil
}

// checkNames checks each kind; a UPN and an e-mail address may be the same text.
func (p Policy) checkNames() error {
	for _, names := range [][]string{slices.Concat(p.DNSNames, p.Emails, p.IPs, p.URIs), p.UPNs} {
		if name := firstDouble(names); name != "" {
			return fault.New(fault.Invalid, "the name "+quote(name)+" is given twice", "give it once")
		}
	}
	for _, kind := range []struct {
		names []string
		check func(string) error
	}{{p.DNSNames, CheckDNSName}, {p.Emails, CheckEmail}, {p.UPNs, CheckUPN}} {
		for _, name := range kind.names {
			if err := kind.check(name); err != nil {
				return err
			}
		}
	}
	return nil
}

func (p Policy) addAddresses(t *x509.Certificate) error {
	for _, name := range p.IPs {
		ip, err := parseIP(name)
		if err != nil {
			return err
		}
		t.IPAddresses = append(t.IPAddresses, ip)
	}
	for _, name := range p.URIs {
		uri, err := parseURI(name)
		if err != nil {
			return err
		}
		t.URIs = append(t.URIs, uri)
	}
	return nil
}

// encodeNames writes the extension. It is never critical: there is always a
// subject beside it.
func encodeNames(t *x509.Certificate, upns []string) (pkix.Extension, error) {
	var names []asn1.RawValue
	add := func(tag int, value []byte) {
		names = append(names, asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: tag, Bytes: value})
	}
	for _, name := range t.DNSNames {
		add(tagDNS, []byte(name))
	}
	for _, name := range t.EmailAddresses {
		add(tagEmail, []byte(name))
	}
	for _, ip := range t.IPAddresses {
		add(tagIP, ip)
	}
	for _, uri := range t.URIs {
		add(tagURI, []byte(uri.String()))
	}
	for _, upn := range upns {
		der, err := asn1.MarshalWithParams(otherName{oidUPN, upn}, "tag:0")
		if err != nil {
			return pkix.Extension{}, errEncoding(err)
		}
		names = append(names, asn1.RawValue{FullBytes: der})
	}
	return extension(oidNames, false, names)
}

// otherName is GeneralName's choice of that name with a text in it.
type otherName struct {
	Type  asn1.ObjectIdentifier
	Value string `asn1:"explicit,tag:0,utf8"`
}

func extension(id asn1.ObjectIdentifier, critical bool, value any) (pkix.Extension, error) {
	der, err := asn1.Marshal(value)
	if err != nil {
		return pkix.Extension{}, errEncoding(err)
	}
	return pkix.Extension{Id: id, Critical: critical, Value: der}, nil
}

func errEncoding(err error) error {
	return fault.Wrap(err, fault.Internal, "a part of the certificate cannot be encoded", "report this as an error of the program")
}

// otherNames finds what crypto/x509 passes over: the UPNs, and whether there
// are names of a kind that a [Policy] cannot hold.
func otherNames(extensions []pkix.Extension) (upns []string, strange bool) {
	for _, e := range extensions {
		if !e.Id.Equal(oidNames) {
			continue
		}
		var names []asn1.RawValue
		if rest, err := asn1.Unmarshal(e.Value, &names); err != nil || len(rest) != 0 {
			return nil, true
		}
		for _, name := range names {
			upn, ok := upnOf(name)
			switch {
			case ok:
				upns = append(upns, upn)
			case !slices.Contains([]int{tagEmail, tagDNS, tagURI, tagIP}, name.Tag):
				strange = true
			}
		}
	}
	return upns, strange
}

func upnOf(name asn1.RawValue) (string, bool) {
	var other otherName
	if name.Class != asn1.ClassContextSpecific || name.Tag != tagOther {
		return "", false
	}
	rest, err := asn1.UnmarshalWithParams(name.FullBytes, &other, "tag:0")
	return other.Value, err == nil && len(rest) == 0 && other.Type.Equal(oidUPN)
}

// uriTexts gives URIs as they are written.
func uriTexts(uris []*url.URL) []string {
	var all []string
	for _, uri := range uris {
		all = append(all, uri.String())
	}
	return all
}

// firstDouble gives a name that occurs twice, without regard to case, or "".
func firstDouble(names []string) string {
	seen := make(map[string]bool, len(names))
	for _, name := range names {
		folded := strings.ToLower(name)
		if seen[folded] {
			return name
		}
		seen[folded] = true
	}
	return ""
}
