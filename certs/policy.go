package certs

import (
	"crypto/x509"
	"fmt"
	"time"

	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/keys"
)

// Policy says what a certificate shall be, who signs it and when it is renewed.
// In JSON it has the members of Azure Key Vault's REST bodies, see
// [Policy.UnmarshalJSON].
type Policy struct {
	// Subject is a distinguished name in text, "CN=api.example.org,O=Example"
	// (RFC 4514, one attribute per part).
	Subject string
	// The subject alternative names, in text. UPNs are the user principal names
	// of Windows logon, "alice@corp.example".
	DNSNames []string
	Emails   []string
	UPNs     []string
	IPs      []string
	URIs     []string
	// Key is the key to make; the zero Spec takes RSA 2048.
	Key keys.Spec
	// ReuseKey keeps the key when the certificate is renewed.
	ReuseKey bool
	// Exportable lets the private key leave the vault. No key of a token can.
	Exportable bool
	// ContentType is the form in which the certificate's secret holds both
	// halves; "" takes [ContentPFX].
	ContentType ContentType
	// ValidityMonths is 1 to [MaxValidityMonths]; 0 takes 12.
	ValidityMonths int
	// KeyUsage may be empty and takes [DefaultKeyUsage].
	KeyUsage []KeyUsage
	// EKUs are object identifiers; nil takes [DefaultEKUs], and an empty list
	// that is not nil leaves the extension out.
	EKUs []string
	// Issuer signs the certificate; the zero Issuer is [SelfIssuer].
	Issuer Issuer
	// LifetimeActions say what happens before the certificate ends.
	LifetimeActions []LifetimeAction
}

// ContentType is the form of a certificate's secret, by its media type.
type ContentType string

// The content types.
const (
	ContentPFX ContentType = "application/x-pkcs12"
	ContentPEM ContentType = "application/x-pem-file"
)

// WithDefaults fills in what was left open, as Azure Key Vault does.
func (p Policy) WithDefaults() Policy {
	if p.Key == (keys.Spec{}) {
		p.Key = keys.Spec{Type: keys.RSA, Bits: 2048}
	}
	if p.ValidityMonths == 0 {
		p.ValidityMonths = 12
	}
	if len(p.KeyUsage) == 0 {
		p.KeyUsage = DefaultKeyUsage(p.Key)
	}
	if p.EKUs == nil {
		p.EKUs = DefaultEKUs()
	}
	if p.ContentType == "" {
		p.ContentType = ContentPFX
	}
	p.Issuer = p.Issuer.withDefaults()
	return p
}

// Check refuses a policy from which no certificate can be made, with a fault
// that names the field. It applies the defaults first.
func (p Policy) Check() error {
	_, err := p.template(time.Unix(0, 0))
	return err
}

// KeyOperations gives the key_ops of the certificate's key, which follow from
// its usages.
func (p Policy) KeyOperations() []keys.Operation {
	return operationsOf(p.WithDefaults().KeyUsage)
}

// template turns the policy into what crypto/x509 signs, but for the serial
// number and the key identifier.
func (p Policy) template(now time.Time) (*x509.Certificate, error) {
	p = p.WithDefaults()
	if err := p.checkKeeping(); err != nil {
		return nil, err
	}
	if p.ValidityMonths < 1 || p.ValidityMonths > MaxValidityMonths {
		return nil, fault.New(fault.Invalid, fmt.Sprintf("a validity of %d months is not allowed", p.ValidityMonths), fmt.Sprintf("use 1 to %d months", MaxValidityMonths))
	}
	subject, err := parseSubject(p.Subject)
	if err != nil {
		return nil, err
	}
	usage, err := usageBits(p.KeyUsage, p.Key)
	if err != nil {
		return nil, err
	}
	start := now.UTC().Truncate(time.Second)
	t := &x509.Certificate{
		RawSubject:            subject,
		NotBefore:             start,
		NotAfter:              addMonths(start, p.ValidityMonths),
		KeyUsage:              usage,
		BasicConstraintsValid: true,
	}
	if err := p.addNames(t); err != nil {
		return nil, err
	}
	return t, p.addEKUs(t)
}

// checkKeeping checks what the certificate itself does not show.
func (p Policy) checkKeeping() error {
	if err := checkKey(p.Key); err != nil {
		return err
	}
	if p.Exportable && p.Key.HSM() {
		return fault.New(fault.Invalid, "a key in the HSM cannot be exportable", "use a software key, or keep the key where it is")
	}
	if p.ContentType != ContentPFX && p.ContentType != ContentPEM {
		return fault.New(fault.Invalid, "there is no content type "+quote(string(p.ContentType)), "use "+string(ContentPFX)+" or "+string(ContentPEM))
	}
	if err := p.Issuer.check(); err != nil {
		return err
	}
	return p.checkLifetimeActions()
}

func checkKey(s keys.Spec) error {
	switch {
	case !s.Known() || !s.Asymmetric():
		return fault.New(fault.Invalid, "a key "+s.String()+" cannot have a certificate", "use RSA, EC or OKP")
	case s.Curve == keys.P256K:
		return fault.New(fault.Unsupported, "certificates for P-256K keys are not offered", "use P-256, P-384 or P-521")
	}
	return nil
}

// addEKUs puts all usages under UnknownExtKeyUsage: crypto/x509 writes the
// object identifiers as they are.
func (p Policy) addEKUs(t *x509.Certificate) error {
	if len(p.EKUs) > maxEKUs {
		return fault.New(fault.Invalid, fmt.Sprintf("%d extended key usages are too many", len(p.EKUs)), fmt.Sprintf("use at most %d", maxEKUs))
	}
	if name := firstDouble(p.EKUs); name != "" {
		return fault.New(fault.Invalid, "the extended key usage "+quote(name)+" is given twice", "give it once")
	}
	for _, name := range p.EKUs {
		oid, err := parseEKU(name)
		if err != nil {
			return err
		}
		t.UnknownExtKeyUsage = append(t.UnknownExtKeyUsage, oid)
	}
	return nil
}

// addMonths keeps the day of the month, or takes the month's last: a month
// from 31 January is 28 February and not 3 March.
func addMonths(t time.Time, months int) time.Time {
	year, month, day := t.Date()
	last := time.Date(year, month+time.Month(months)+1, 0, 0, 0, 0, 0, time.UTC).Day()
	return time.Date(year, month+time.Month(months), min(day, last), t.Hour(), t.Minute(), t.Second(), 0, time.UTC)
}
