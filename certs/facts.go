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
	IPs      []string `json:"ip_addresses,omitempty"`
	URIs     []string `json:"uris,omitempty"`

	// Key is the key in software, or the zero Spec for a key that Strongroom
	// does not offer; KeyType names it in words in either case.
	Key                keys.Spec  `json:"key"`
	KeyType            string     `json:"key_type"`
	SignatureAlgorithm string     `json:"signature_algorithm"`
	KeyUsage           []KeyUsage `json:"key_usage,omitempty"`
	EKUs               []string   `json:"ekus,omitempty"`
	CA                 bool       `json:"ca"`
	// SelfIssued says that issuer and subject are the same name; see
	// [VerifySelfSigned] for the proof.
	SelfIssued   bool   `json:"self_issued"`
	SubjectKeyID string `json:"subject_key_id,omitempty"`

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
		Serial:             hex.EncodeToString(c.SerialNumber.Bytes()),
		NotBefore:          c.NotBefore.UTC(),
		NotAfter:           c.NotAfter.UTC(),
		SignatureAlgorithm: c.SignatureAlgorithm.String(),
		KeyUsage:           usagesOf(c.KeyUsage),
		EKUs:               ekusOf(c),
		CA:                 c.BasicConstraintsValid && c.IsCA,
		SelfIssued:         bytes.Equal(c.RawIssuer, c.RawSubject),
		SubjectKeyID:       hex.EncodeToString(c.SubjectKeyId),
		X5T:                old[:],
		ThumbprintSHA1:     fmt.Sprintf("%X", old),
		ThumbprintSHA256:   fmt.Sprintf("%X", sum),
	}
	f.addNames(c)
	f.addKey(c)
	return f, nil
}

func (f *Facts) addNames(c *x509.Certificate) {
	for _, name := range c.DNSNames {
		f.DNSNames = append(f.DNSNames, harmless(name))
	}
	for _, name := range c.EmailAddresses {
		f.Emails = append(f.Emails, harmless(name))
	}
	for _, ip := range c.IPAddresses {
		f.IPs = append(f.IPs, ip.String())
	}
	for _, uri := range c.URIs {
		f.URIs = append(f.URIs, harmless(uri.String()))
	}
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
