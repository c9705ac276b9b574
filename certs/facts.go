package certs

import (
	"bytes"
	"crypto/rsa"
	"crypto/sha1" // the thumbprint that Azure shows; it proves nothing
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/strongroom/strongroom/keys"
)

// Facts says in plain values what a certificate is. All text is one line each,
// without a character that does not print, whoever made the certificate.
type Facts struct {
	Subject   string    `json:"subject"`
	Issuer    string    `json:"issuer"`
	Serial    string    `json:"serial"` // lower-case hexadecimal
	NotBefore time.Time `json:"not_before"`
	NotAfter  time.Time `json:"not_after"`

	DNSNames []string `json:"dns_names,omitempty"`
	Emails   []string `json:"emails,omitempty"`
	UPNs     []string `json:"upns,omitempty"`
	IPs      []string `json:"ip_addresses,omitempty"`
	URIs     []string `json:"uris,omitempty"`

	// Key is the key in software, or the zero Spec for a key that Strongroom
	// does not offer; KeyType names it in words in either case.
	Key                keys.Spec  `json:"key"`
	KeyType            string     `json:"key_type"`
	SignatureAlgorithm string     `json:"signature_algorithm"`
	KeyUsage           []KeyUsage `json:"key_usage,omitempty"`
	EKUs               []string   `json:"ekus,omitempty"`
	// CA says that the certificate is an authority's. PathLength is how many
	// authorities may follow below it, or -1 where that is open, or it is none;
	// PermittedDNS and ExcludedDNS are its name constraints.
	CA           bool     `json:"ca"`
	PathLength   int      `json:"path_length"`
	PermittedDNS []string `json:"permitted_dns,omitempty"`
	ExcludedDNS  []string `json:"excluded_dns,omitempty"`
	// SelfIssued says that issuer and subject are the same name; see
	// [VerifySelfSigned] for the proof.
	SelfIssued     bool   `json:"self_issued"`
	SubjectKeyID   string `json:"subject_key_id,omitempty"`
	AuthorityKeyID string `json:"authority_key_id,omitempty"`
	// Places are where the issuer says that more is to be found.
	Places Places `json:"places,omitzero"`

	// X5T is the SHA-1 of the DER as Azure writes it, ThumbprintSHA1 the same
	// in capital hexadecimal, ThumbprintSHA256 the one to compare.
	X5T              keys.Base64URL `json:"x5t"`
	ThumbprintSHA1   string         `json:"thumbprint_sha1"`
	ThumbprintSHA256 string         `json:"thumbprint_sha256"`
}

// Describe reads a certificate and says what it is. It checks no signature.
func Describe(der []byte) (Facts, error) {
	c, err := parse(der)
	if err != nil {
		return Facts{}, err
	}
	old, sum := sha1.Sum(der), sha256.Sum256(der)
	f := Facts{
		Subject:            nameText(c.RawSubject),
		Issuer:             nameText(c.RawIssuer),
		Serial:             serialText(c.SerialNumber),
		NotBefore:          c.NotBefore.UTC(),
		NotAfter:           c.NotAfter.UTC(),
		SignatureAlgorithm: c.SignatureAlgorithm.String(),
		KeyUsage:           usagesOf(c.KeyUsage),
		EKUs:               ekusOf(c),
		CA:                 c.BasicConstraintsValid && c.IsCA,
		SelfIssued:         bytes.Equal(c.RawIssuer, c.RawSubject),
		PathLength:         -1,
		PermittedDNS:       allHarmless(c.PermittedDNSDomains),
		ExcludedDNS:        allHarmless(c.ExcludedDNSDomains),
		SubjectKeyID:       hex.EncodeToString(c.SubjectKeyId),
		AuthorityKeyID:     hex.EncodeToString(c.AuthorityKeyId),
		Places:             Places{allHarmless(c.OCSPServer), allHarmless(c.IssuingCertificateURL), allHarmless(c.CRLDistributionPoints)},
		X5T:                old[:],
		ThumbprintSHA1:     fmt.Sprintf("%X", old),
		ThumbprintSHA256:   fmt.Sprintf("%X", sum),
	}
	if f.CA {
		f.PathLength = pathLength(c)
	}
	f.addNames(c)
	f.addKey(c)
	return f, nil
}

func (f *Facts) addNames(c *x509.Certificate) {
	upns, _ := otherNames(c.Extensions)
	f.DNSNames, f.Emails, f.UPNs = allHarmless(c.DNSNames), allHarmless(c.EmailAddresses), allHarmless(upns)
	f.URIs = allHarmless(uriTexts(c.URIs))
	for _, ip := range c.IPAddresses {
		f.IPs = append(f.IPs, ip.String())
	}
}

func allHarmless(texts []string) []string {
	var all []string
	for _, text := range texts {
		all = append(all, harmless(text))
	}
	return all
}

func (f *Facts) addKey(c *x509.Certificate) {
	if pub, err := keys.NewPublic(c.PublicKey); err == nil {
		f.Key, f.KeyType = pub.Spec(), pub.Spec().String()
		return
	}
	f.KeyType = c.PublicKeyAlgorithm.String()
	if k, ok := c.PublicKey.(*rsa.PublicKey); ok {
		f.KeyType = fmt.Sprintf("RSA %d", k.N.BitLen())
	}
}

// ekusOf gives the object identifiers of the extension, in its order but for
// those that crypto/x509 knows by name, which come first.
func ekusOf(c *x509.Certificate) []string {
	var all []string
	for _, known := range c.ExtKeyUsage {
		all = append(all, known.OID().String())
	}
	for _, oid := range c.UnknownExtKeyUsage {
		all = append(all, oid.String())
	}
	return all
}

// PublicKey gives the certificate's key, or a fault where it is none that
// Strongroom offers.
func PublicKey(der []byte) (keys.PublicKey, error) {
	c, err := parse(der)
	if err != nil {
		return keys.PublicKey{}, err
	}
	return keys.NewPublic(c.PublicKey)
}

// DaysLeft gives the whole days until the certificate ends; it is negative
// once the certificate has ended.
func (f Facts) DaysLeft(now time.Time) int {
	const day = 24 * time.Hour
	left := f.NotAfter.Sub(now)
	days := int(left / day)
	if left < 0 && left%day != 0 {
		days--
	}
	return days
}
