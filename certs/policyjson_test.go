package certs_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/strongroom/strongroom/certs"
	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/keys"
)

// A policy as the REST API documentation of Azure Key Vault shows one.
const azurePolicy = `{
  "id": "https://myvault.vault.azure.net/certificates/api/policy",
  "key_props": {"exportable": true, "kty": "RSA", "key_size": 3072, "reuse_key": false},
  "secret_props": {"contentType": "application/x-pkcs12"},
  "x509_props": {
    "subject": "CN=api.example.org",
    "sans": {"dns_names": ["api.example.org"], "emails": ["ops@example.org"], "upns": ["alice@corp.example"],
             "uris": ["spiffe://example.org/api"], "ipAddresses": ["192.0.2.7"]},
    "ekus": ["1.3.6.1.5.5.7.3.1"], "key_usage": ["digitalSignature", "keyEncipherment"], "validity_months": 24
  },
  "lifetime_actions": [
    {"trigger": {"lifetime_percentage": 80}, "action": {"action_type": "AutoRenew"}},
    {"trigger": {"days_before_expiry": 30}, "action": {"action_type": "EmailContacts"}}
  ],
  "issuer": {"name": "issuing-ca", "cty": null, "cert_transparency": false},
  "attributes": {"enabled": true, "created": 1493938289, "updated": 1493938291}
}`

func TestPolicyReadsAzureJSON(t *testing.T) {
	var got certs.Policy
	if err := json.Unmarshal([]byte(azurePolicy), &got); err != nil {
		t.Fatal(err)
	}
	no := false
	want := certs.Policy{
		Subject: "CN=api.example.org", DNSNames: []string{"api.example.org"}, Emails: []string{"ops@example.org"},
		UPNs: []string{"alice@corp.example"}, URIs: []string{"spiffe://example.org/api"}, IPs: []string{"192.0.2.7"},
		Key: keys.Spec{Type: keys.RSA, Bits: 3072}, Exportable: true, ContentType: certs.ContentPFX, ValidityMonths: 24,
		KeyUsage: []certs.KeyUsage{certs.DigitalSignature, certs.KeyEncipherment}, EKUs: []string{certs.ServerAuth},
		Issuer: certs.Issuer{Name: "issuing-ca", Transparency: &no},
		LifetimeActions: []certs.LifetimeAction{
			{Action: certs.AutoRenew, LifetimePercentage: 80},
			{Action: certs.EmailContacts, DaysBeforeExpiry: 30},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestPolicyJSONDefaults(t *testing.T) {
	for text, exportable := range map[string]bool{
		`{"x509_props":{"subject":"CN=x"}}`:                                                          true,
		`{"key_props":null,"x509_props":{"subject":"CN=x"}}`:                                         true,
		`{"key_props":{"kty":"EC","crv":"P-256","key_size":256},"x509_props":{"subject":"CN=x"}}`:    true,
		`{"key_props":{"kty":"EC-HSM","crv":"P-256"},"x509_props":{"subject":"CN=x"}}`:               false,
		`{"key_props":{"kty":"RSA","exportable":false},"x509_props":{"subject":"CN=x"},"issuer":{}}`: false,
		`{"issuer":{"name":"self"},"x509_props":{"subject":"CN=x","sans":{}},"lifetime_actions":[]}`: true,
	} {
		var p certs.Policy
		if err := json.Unmarshal([]byte(text), &p); err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if p.Exportable != exportable || p.ContentType != certs.ContentPFX || !p.Issuer.Self() || p.ValidityMonths != 12 {
			t.Errorf("%s became %+v", text, p)
		}
	}
}

func TestPolicyJSONRefuses(t *testing.T) {
	const x509 = `"x509_props":{"subject":"CN=x"}`
	for name, text := range map[string]string{
		"no object":              `[]`,
		"no subject":             `{}`,
		"an unknown member":      `{` + x509 + `,"color":"red"}`,
		"another capital":        `{"X509_props":{"subject":"CN=x"}}`,
		"a member twice":         `{` + x509 + `,` + x509 + `}`,
		"a member twice inside":  `{"x509_props":{"subject":"CN=x","subject":"CN=y"}}`,
		"unknown inside":         `{"x509_props":{"subject":"CN=x","serial":1}}`,
		"a wrong type":           `{"x509_props":{"subject":7}}`,
		"words for months":       `{"x509_props":{"subject":"CN=x","validity_months":"12"}}`,
		"no months":              `{"x509_props":{"subject":"CN=x","validity_months":0}}`,
		"half a month":           `{"x509_props":{"subject":"CN=x","validity_months":1.5}}`,
		"names as a list":        `{"x509_props":{"subject":"CN=x","sans":["a.example"]}}`,
		"an exportable HSM key":  `{"key_props":{"kty":"RSA-HSM","exportable":true},` + x509 + `}`,
		"no bits":                `{"key_props":{"kty":"RSA","key_size":0},` + x509 + `}`,
		"bits beside a curve":    `{"key_props":{"kty":"EC","crv":"P-256","key_size":384},` + x509 + `}`,
		"a content type":         `{"secret_props":{"contentType":"text/plain"},` + x509 + `}`,
		"an issuer with a slash": `{"issuer":{"name":"a/b"},` + x509 + `}`,
		"an unknown cty":         `{"issuer":{"name":"a","cty":"DV"},` + x509 + `}`,
		"no trigger":             `{"lifetime_actions":[{"action":{"action_type":"AutoRenew"}}],` + x509 + `}`,
		"both triggers":          `{"lifetime_actions":[{"trigger":{"lifetime_percentage":80,"days_before_expiry":3},"action":{"action_type":"AutoRenew"}}],` + x509 + `}`,
		"three actions":          `{"lifetime_actions":[{},{},{}],` + x509 + `}`,
		"a long text":            `{` + strings.Repeat(" ", 1<<17) + x509 + `}`,
	} {
		var p certs.Policy
		err := json.Unmarshal([]byte(text), &p)
		if fault.KindOf(err) != fault.Invalid || fault.Hint(err) == "" {
			t.Errorf("%s: %v, want Invalid with a hint", name, err)
		}
	}
	if _, err := json.Marshal(certs.Policy{Subject: "x"}); err == nil {
		t.Error("a bad policy was written")
	}
}

// What is written reads back as the same policy, with its defaults.
func TestPolicyJSONRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := drawPolicy(t)
		if err := want.Check(); err != nil {
			t.Fatalf("%+v: %v", want, err)
		}
		text, err := json.Marshal(want)
		if err != nil {
			t.Fatal(err)
		}
		var got certs.Policy
		if err := json.Unmarshal(text, &got); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if diff := cmp.Diff(want.WithDefaults(), got); diff != "" {
			t.Errorf("%s: %s", text, diff)
		}
	})
}

var policyKeys = []keys.Spec{
	{},
	{Type: keys.RSA, Bits: 4096},
	{Type: keys.RSAHSM, Bits: 2048},
	{Type: keys.EC, Curve: keys.P384},
	{Type: keys.ECHSM, Curve: keys.P521},
	{Type: keys.OKP, Curve: keys.Ed25519},
}

func drawPolicy(t *rapid.T) certs.Policy {
	label := rapid.StringMatching(`[a-z]([a-z0-9]{0,8}[a-z0-9])?`)
	name := func(suffix string) []string {
		names := rapid.SliceOfNDistinct(label, 0, 3, rapid.ID).Draw(t, "names"+suffix)
		var all []string
		for _, n := range names {
			all = append(all, strings.Replace(suffix, "?", n, 1))
		}
		return all
	}
	p := certs.Policy{
		Subject:  "CN=" + label.Draw(t, "cn") + ",O=Example",
		DNSNames: name("?.example.org"), Emails: name("?@example.org"), UPNs: name("?@corp.example"), URIs: name("spiffe://example.org/?"),
		Key:      rapid.SampledFrom(policyKeys).Draw(t, "key"),
		ReuseKey: rapid.Bool().Draw(t, "reuse"), ValidityMonths: rapid.IntRange(1, certs.MaxValidityMonths).Draw(t, "months"),
		ContentType: rapid.SampledFrom([]certs.ContentType{"", certs.ContentPFX, certs.ContentPEM}).Draw(t, "type"),
		EKUs:        rapid.SampledFrom([][]string{nil, {}, {certs.ServerAuth}}).Draw(t, "ekus"),
		Issuer:      certs.Issuer{Name: rapid.SampledFrom([]string{"", "Self", "unknown", "issuing-ca"}).Draw(t, "issuer")},
	}
	p.Exportable = !p.Key.HSM() && rapid.Bool().Draw(t, "exportable")
	if rapid.Bool().Draw(t, "notify") {
		p.LifetimeActions = append(p.LifetimeActions, certs.LifetimeAction{Action: certs.EmailContacts, DaysBeforeExpiry: rapid.IntRange(1, 27*p.ValidityMonths).Draw(t, "days")})
	}
	if !p.Issuer.Unknown() && rapid.Bool().Draw(t, "renew") {
		p.LifetimeActions = append(p.LifetimeActions, certs.LifetimeAction{Action: certs.AutoRenew, LifetimePercentage: rapid.IntRange(1, 99).Draw(t, "percent")})
	}
	return p
}

func FuzzPolicyJSON(f *testing.F) {
	f.Add([]byte(azurePolicy))
	f.Add([]byte(`{"x509_props":{"subject":"CN=x"},"lifetime_actions":[{"trigger":{"days_before_expiry":1},"action":{"action_type":"AutoRenew"}}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		var first, again certs.Policy
		if first.UnmarshalJSON(text) != nil {
			return
		}
		written, err := json.Marshal(first)
		if err != nil {
			t.Fatalf("%s was read and is not written: %v", text, err)
		}
		if err := json.Unmarshal(written, &again); err != nil || !cmp.Equal(first, again) {
			t.Errorf("%s does not read back: %v", written, err)
		}
	})
}

func TestLifetimeActionsAreChecked(t *testing.T) {
	year := certs.Policy{Subject: "CN=x", ValidityMonths: 12, Issuer: certs.Issuer{Name: "ca"}}
	for _, tc := range []struct {
		action certs.LifetimeAction
		ok     bool
	}{
		{certs.LifetimeAction{Action: certs.AutoRenew, LifetimePercentage: 1}, true},
		{certs.LifetimeAction{Action: certs.AutoRenew, LifetimePercentage: 99}, true},
		{certs.LifetimeAction{Action: certs.AutoRenew, LifetimePercentage: 100}, false},
		{certs.LifetimeAction{Action: certs.AutoRenew, LifetimePercentage: -1}, false},
		{certs.LifetimeAction{Action: certs.EmailContacts, DaysBeforeExpiry: 324}, true},
		{certs.LifetimeAction{Action: certs.EmailContacts, DaysBeforeExpiry: 325}, false},
		{certs.LifetimeAction{Action: certs.EmailContacts}, false},
		{certs.LifetimeAction{Action: "Explode", DaysBeforeExpiry: 3}, false},
	} {
		p := year
		p.LifetimeActions = []certs.LifetimeAction{tc.action}
		if err := p.Check(); (err == nil) != tc.ok {
			t.Errorf("%+v: %v", tc.action, err)
		}
	}
	twice := year
	twice.LifetimeActions = []certs.LifetimeAction{{Action: certs.AutoRenew, DaysBeforeExpiry: 3}, {Action: certs.AutoRenew, DaysBeforeExpiry: 4}}
	if fault.KindOf(twice.Check()) != fault.Invalid {
		t.Error("the same action twice was taken")
	}
	elsewhere := year
	elsewhere.Issuer.Name = certs.UnknownIssuer
	elsewhere.LifetimeActions = twice.LifetimeActions[:1]
	if fault.KindOf(elsewhere.Check()) != fault.Invalid {
		t.Error("automatic renewal by nobody was taken")
	}
}

func TestDueForRenewal(t *testing.T) {
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	f := certs.Facts{NotBefore: start, NotAfter: start.AddDate(0, 0, 100)}
	p := certs.Policy{LifetimeActions: []certs.LifetimeAction{
		{Action: certs.AutoRenew, LifetimePercentage: 80},
		{Action: certs.EmailContacts, DaysBeforeExpiry: 30},
	}}
	renew, notify := certs.Due{Action: certs.AutoRenew, Since: start.AddDate(0, 0, 80)}, certs.Due{Action: certs.EmailContacts, Since: start.AddDate(0, 0, 70)}
	for _, tc := range []struct {
		at   time.Time
		want []certs.Due
	}{
		{start, nil},
		{notify.Since.Add(-time.Nanosecond), nil},
		{notify.Since, []certs.Due{notify}},
		{renew.Since.Add(-time.Second), []certs.Due{notify}},
		{renew.Since, []certs.Due{renew, notify}},
		{f.NotAfter.AddDate(1, 0, 0), []certs.Due{renew, notify}},
	} {
		if diff := cmp.Diff(tc.want, certs.DueForRenewal(p, f, tc.at)); diff != "" {
			t.Errorf("at %s: %s", tc.at, diff)
		}
	}
	long := certs.Facts{NotBefore: start, NotAfter: start.AddDate(10, 0, 0)}
	if at := p.LifetimeActions[0].At(long); !at.Equal(start.Add(long.NotAfter.Sub(start) / 5 * 4)) {
		t.Errorf("80 percent of ten years is %s", at)
	}
}

// A user principal name is an otherName, which crypto/x509 does not know.
func TestUserPrincipalNames(t *testing.T) {
	der := made(t, certs.Policy{Subject: "CN=alice", UPNs: []string{"alice@corp.example", "zoë@corp.example"}, Emails: []string{"alice@corp.example"}, Key: p256})
	f, err := certs.Describe(der)
	if err != nil || !cmp.Equal(f.UPNs, []string{"alice@corp.example", "zoë@corp.example"}) || !cmp.Equal(f.Emails, f.UPNs[:1]) {
		t.Errorf("names: %v, %v, %v", f.UPNs, f.Emails, err)
	}
	out := openssl(t, "x509", "-in", file(t, "c.pem", certs.EncodePEM(der)), "-noout", "-text")
	if !strings.Contains(out, "othername: UPN::alice@corp.example") {
		t.Errorf("openssl does not see the UPN: %s", out)
	}
	for _, bad := range []string{"", "alice", "@corp.example", "a@b@corp.example", "a b@corp.example", "a@*.example.org", "a@", "a\x00@corp.example", strings.Repeat("a", 250) + "@corp.example"} {
		if fault.KindOf(certs.CheckUPN(bad)) != fault.Invalid {
			t.Errorf("%q was taken", bad)
		}
	}
}
