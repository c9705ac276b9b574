package certs

import (
	"encoding/json"
	"fmt"
	"unicode/utf8"

	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/keys"
)

// The JSON of a policy, as Azure Key Vault's REST bodies have it (API 7.6 and
// later; the URIs and addresses are in its newer versions).
type (
	policyJSON struct {
		Key     keyJSON      `json:"key_props"`
		Secret  secretJSON   `json:"secret_props"`
		X509    x509JSON     `json:"x509_props"`
		Actions []actionJSON `json:"lifetime_actions,omitempty"`
		Issuer  issuerJSON   `json:"issuer"`
	}
	keyJSON struct {
		Exportable bool `json:"exportable"`
		keys.Spec
		ReuseKey bool `json:"reuse_key"`
	}
	secretJSON struct {
		ContentType ContentType `json:"contentType"`
	}
	x509JSON struct {
		Subject string     `json:"subject"`
		Names   *namesJSON `json:"sans,omitempty"`
		EKUs    []string   `json:"ekus"`
		Usage   []KeyUsage `json:"key_usage"`
		Months  int        `json:"validity_months"`
	}
	namesJSON struct {
		DNS    []string `json:"dns_names,omitempty"`
		Emails []string `json:"emails,omitempty"`
		UPNs   []string `json:"upns,omitempty"`
		URIs   []string `json:"uris,omitempty"`
		IPs    []string `json:"ipAddresses,omitempty"`
	}
	issuerJSON struct {
		Name         string `json:"name"`
		Type         string `json:"cty,omitempty"`
		Transparency *bool  `json:"cert_transparency,omitempty"`
	}
	actionJSON struct {
		Trigger triggerJSON `json:"trigger"`
		Action  struct {
			Type ActionType `json:"action_type"`
		} `json:"action"`
	}
	triggerJSON struct {
		Percentage int `json:"lifetime_percentage,omitempty"`
		Days       int `json:"days_before_expiry,omitempty"`
	}
)

// MarshalJSON writes the policy, defaults filled in, with Azure's names. A
// policy that [Policy.Check] refuses is not written.
func (p Policy) MarshalJSON() ([]byte, error) {
	if err := p.Check(); err != nil {
		return nil, err
	}
	p = p.WithDefaults()
	out := policyJSON{
		Key:    keyJSON{p.Exportable, p.Key, p.ReuseKey},
		Secret: secretJSON{p.ContentType},
		X509:   x509JSON{Subject: p.Subject, EKUs: p.EKUs, Usage: p.KeyUsage, Months: p.ValidityMonths},
		Issuer: issuerJSON{p.Issuer.Name, p.Issuer.CertificateType, p.Issuer.Transparency},
	}
	if len(p.DNSNames)+len(p.Emails)+len(p.UPNs)+len(p.URIs)+len(p.IPs) > 0 {
		out.X509.Names = &namesJSON{p.DNSNames, p.Emails, p.UPNs, p.URIs, p.IPs}
	}
	for _, a := range p.LifetimeActions {
		row := actionJSON{Trigger: triggerJSON{a.LifetimePercentage, a.DaysBeforeExpiry}}
		row.Action.Type = a.Action
		out.Actions = append(out.Actions, row)
	}
	return json.Marshal(out)
}

// UnmarshalJSON reads a policy in Azure's JSON and checks it. Members that are
// unknown, given twice or otherwise spelled are refused; "id" and "attributes",
// which clients send back as they got them, are passed over. What is left out
// takes [Policy.WithDefaults]; "exportable" left out is true for a software
// key, as in Azure, and false for a key in the HSM.
func (p *Policy) UnmarshalJSON(data []byte) error {
	if len(data) > maxPolicyJSON || !utf8.Valid(data) {
		return errJSON(nil, "the policy is too long or no UTF-8")
	}
	var read Policy
	ignore := func([]byte) error { return nil }
	err := readObject(data, "the policy", members{
		"id": ignore, "attributes": ignore,
		"key_props":        read.readKey,
		"secret_props":     read.readSecret,
		"x509_props":       read.readX509,
		"issuer":           read.readIssuer,
		"lifetime_actions": read.readActions,
	})
	if err != nil {
		return err
	}
	if read.Key == (keys.Spec{}) {
		read.Exportable = true
	}
	read = read.WithDefaults()
	if err := read.Check(); err != nil {
		return err
	}
	*p = read
	return nil
}

func (p *Policy) readKey(data []byte) error {
	var kty, crv string
	var size *int
	var exportable *bool
	err := readObject(data, "key_props", members{
		"kty": &kty, "key_size": &size, "crv": &crv, "exportable": &exportable, "reuse_key": &p.ReuseKey,
	})
	if err != nil {
		return err
	}
	if kty == "" {
		kty = string(keys.RSA)
	}
	if size == nil {
		size = new(int)
	} else if *size == 0 {
		return fault.New(fault.Invalid, "a key of 0 bits is not offered", "leave key_size out for the default")
	}
	if p.Key, err = parseKeySpec(kty, *size, crv); err != nil {
		return err
	}
	p.Exportable = !p.Key.HSM()
	if exportable != nil {
		p.Exportable = *exportable
	}
	return nil
}

// parseKeySpec takes a size beside a curve where it is the curve's own, as
// Azure writes both for an EC key.
func parseKeySpec(kty string, size int, crv string) (keys.Spec, error) {
	spec, err := keys.ParseSpec(kty, 0, crv)
	if crv == "" || size == 0 {
		return keys.ParseSpec(kty, size, crv)
	}
	if err != nil {
		return keys.Spec{}, err
	}
	if spec.Size() != size {
		return keys.Spec{}, fault.New(fault.Invalid, fmt.Sprintf("a key %s has no %d bits", spec, size), "leave key_size out beside crv")
	}
	return spec, nil
}

func (p *Policy) readSecret(data []byte) error {
	return readObject(data, "secret_props", members{"contentType": &p.ContentType})
}

func (p *Policy) readX509(data []byte) error {
	var months *int
	err := readObject(data, "x509_props", members{
		"subject": &p.Subject, "sans": p.readNames, "ekus": &p.EKUs, "key_usage": &p.KeyUsage, "validity_months": &months,
	})
	if err != nil || months == nil {
		return err
	}
	if *months == 0 {
		return fault.New(fault.Invalid, "a validity of 0 months is not allowed", "leave it out for the default")
	}
	p.ValidityMonths = *months
	return nil
}

func (p *Policy) readNames(data []byte) error {
	return readObject(data, "sans", members{
		"dns_names": &p.DNSNames, "emails": &p.Emails, "upns": &p.UPNs, "uris": &p.URIs, "ipAddresses": &p.IPs,
	})
}

func (p *Policy) readIssuer(data []byte) error {
	return readObject(data, "issuer", members{
		"name": &p.Issuer.Name, "cty": &p.Issuer.CertificateType, "cert_transparency": &p.Issuer.Transparency,
	})
}

func (p *Policy) readActions(data []byte) error {
	return readArray(data, "lifetime_actions", maxLifetimeActions, func(one []byte) error {
		var a LifetimeAction
		err := readObject(one, "a lifetime action", members{
			"trigger": func(data []byte) error {
				return readObject(data, "a trigger", members{"lifetime_percentage": &a.LifetimePercentage, "days_before_expiry": &a.DaysBeforeExpiry})
			},
			"action": func(data []byte) error {
				return readObject(data, "an action", members{"action_type": &a.Action})
			},
		})
		p.LifetimeActions = append(p.LifetimeActions, a)
		return err
	})
}
