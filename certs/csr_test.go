package certs_test

import (
	"bytes"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/strongroom/strongroom/certs"
	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/keys"
)

// OpenSSL takes our requests of each key type, and shows what they ask for.
func TestOpenSSLReadsTheRequest(t *testing.T) {
	for _, spec := range []keys.Spec{p256, {Type: keys.RSA, Bits: 2048}, {Type: keys.EC, Curve: keys.P521}, {Type: keys.OKP, Curve: keys.Ed25519}} {
		policy := certs.Policy{
			Subject: "CN=api.example.org,O=Example", DNSNames: []string{"api.example.org"}, UPNs: []string{"a@corp.example"}, IPs: []string{"192.0.2.7"},
			Key: spec, Issuer: certs.Issuer{Name: certs.UnknownIssuer},
		}
		der, err := certs.MakeCSR(policy, signer(t, spec))
		if err != nil {
			t.Fatalf("%s: %v", spec, err)
		}
		out := openssl(t, "req", "-verify", "-noout", "-text", "-in", file(t, "r.pem", certs.EncodeCSR(der)))
		for _, want := range []string{"verify OK", "DNS:api.example.org", "UPN::a@corp.example", "IP Address:192.0.2.7", "Digital Signature", "TLS Web Server Authentication"} {
			if !strings.Contains(out, want) {
				t.Errorf("%s: openssl does not say %q: %s", spec, want, out)
			}
		}
	}
}

// A request that OpenSSL made becomes a certificate under an authority.
func TestOpenSSLsRequestIsIssued(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "r.pem")
	out := openssl(t, "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", filepath.Join(dir, "k.pem"),
		"-subj", "/O=Example/CN=web.example.org", "-addext", "subjectAltName=DNS:web.example.org,URI:spiffe://web.example.org/x", "-addext", "basicConstraints=CA:FALSE",
		"-addext", "keyUsage=digitalSignature", "-out", path)
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	der, err := certs.DecodeCSR(text)
	if err != nil {
		t.Fatal(err)
	}
	request, err := certs.ReadCSR(der)
	if err != nil {
		t.Fatal(err)
	}
	if request.Policy.Subject != "CN=web.example.org,O=Example" || !cmp.Equal(request.Policy.DNSNames, []string{"web.example.org"}) || !cmp.Equal(request.Policy.URIs, []string{"spiffe://web.example.org/x"}) {
		t.Errorf("asked for %+v", request.Policy)
	}
	request.Policy.ValidityMonths = 3
	leaf, err := newPKI(t, p256, now).issuing.Issue(request.Policy, request.PublicKey, rand.Reader, now)
	if err != nil {
		t.Fatal(err)
	}
	if public, err := certs.PublicKey(leaf); err != nil || !public.Equal(request.PublicKey) {
		t.Errorf("issued for another key: %v", err)
	}
}

// What a policy asks for is what is read from its request.
func TestRequestRoundTrip(t *testing.T) {
	key := signer(t, p256)
	rapid.Check(t, func(t *rapid.T) {
		want := drawPolicy(t)
		want.Key, want.Exportable, want.KeyUsage = p256, false, rapid.SampledFrom([][]certs.KeyUsage{
			{certs.DigitalSignature}, {certs.KeyAgreement, certs.DecipherOnly}, {certs.NonRepudiation, certs.KeyAgreement, certs.EncipherOnly},
		}).Draw(t, "usage")
		der, err := certs.MakeCSR(want, key)
		if err != nil {
			t.Fatal(err)
		}
		got, err := certs.ReadCSR(der)
		if err != nil {
			t.Fatal(err)
		}
		full := want.WithDefaults()
		asked := certs.Policy{Subject: full.Subject, DNSNames: full.DNSNames, Emails: full.Emails, UPNs: full.UPNs, URIs: full.URIs, Key: p256, KeyUsage: full.KeyUsage, EKUs: full.EKUs}
		if len(asked.EKUs) == 0 {
			asked.EKUs = nil // no extension, nothing asked for
		}
		if diff := cmp.Diff(asked, got.Policy); diff != "" {
			t.Error(diff)
		}
	})
}

// request makes a request that asks for an extension of its maker's choice.
func request(t testing.TB, extensions ...pkix.Extension) []byte {
	t.Helper()
	der, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{Subject: pkix.Name{CommonName: "x"}, ExtraExtensions: extensions}, signer(t, p256))
	if err != nil {
		t.Fatal(err)
	}
	return der
}

func ext(id asn1.ObjectIdentifier, critical bool, value ...byte) pkix.Extension {
	return pkix.Extension{Id: id, Critical: critical, Value: value}
}

func TestReadCSRRefuses(t *testing.T) {
	good := request(t)
	changed := bytes.Clone(good)
	changed[len(changed)-1] ^= 1
	basic, names, usage := asn1.ObjectIdentifier{2, 5, 29, 19}, asn1.ObjectIdentifier{2, 5, 29, 17}, asn1.ObjectIdentifier{2, 5, 29, 15}
	for name, tc := range map[string]struct {
		der  []byte
		kind fault.Kind
	}{
		"nothing":                    {nil, fault.Invalid},
		"words":                      {[]byte("hello"), fault.Invalid},
		"bytes behind":               {append(bytes.Clone(good), 0), fault.Invalid},
		"too much":                   {make([]byte, 1<<20), fault.Invalid},
		"a changed signature":        {changed, fault.Tampered},
		"an authority":               {request(t, ext(basic, true, 0x30, 0x03, 0x01, 0x01, 0xff)), fault.Forbidden},
		"half a basic constraint":    {request(t, ext(basic, true, 0x30)), fault.Invalid},
		"an unknown critical part":   {request(t, ext(asn1.ObjectIdentifier{1, 2, 3}, true, 0x05, 0x00)), fault.Unsupported},
		"a directory name":           {request(t, ext(names, false, 0x30, 0x04, 0xa4, 0x02, 0x30, 0x00)), fault.Unsupported},
		"a registered identifier":    {request(t, ext(names, false, 0x30, 0x03, 0x88, 0x01, 0x2a)), fault.Unsupported},
		"a usage that is none":       {request(t, ext(usage, true, 0x05, 0x00)), fault.Invalid},
		"the usage of an authority":  {request(t, ext(usage, true, 0x03, 0x02, 0x02, 0x04)), fault.Invalid},
		"an extended usage too long": {request(t, ext(asn1.ObjectIdentifier{2, 5, 29, 37}, false, 0x30, 0x01)), fault.Invalid},
		"no subject":                 {noSubject(t), fault.Invalid},
	} {
		got, err := certs.ReadCSR(tc.der)
		if fault.KindOf(err) != tc.kind || !got.PublicKey.IsZero() {
			t.Errorf("%s: %v, want %s", name, err, tc.kind)
		}
	}
	for name, text := range map[string][]byte{
		"two":            bytes.Repeat(certs.EncodeCSR(good), 2),
		"a certificate":  certs.EncodePEM(good),
		"headers":        pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Headers: map[string]string{"a": "b"}, Bytes: good}),
		"a damaged text": []byte("-----BEGIN CERTIFICATE REQUEST-----\nx"),
		"too much":       make([]byte, 1<<20),
	} {
		if _, err := certs.DecodeCSR(text); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func noSubject(t testing.TB) []byte {
	t.Helper()
	der, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{DNSNames: []string{"a.example"}}, signer(t, p256))
	if err != nil {
		t.Fatal(err)
	}
	return der
}

func TestMakeCSRRefuses(t *testing.T) {
	key := signer(t, p256)
	if _, err := certs.MakeCSR(certs.Policy{Subject: "CN=x"}, key); fault.KindOf(err) != fault.Invalid {
		t.Errorf("another key: %v", err)
	}
	if _, err := certs.MakeCSR(certs.Policy{Subject: "x", Key: p256}, key); fault.KindOf(err) != fault.Invalid {
		t.Errorf("a bad policy: %v", err)
	}
	if _, err := certs.MakeCSR(certs.Policy{Subject: "CN=x", Key: p256}, forger{key.Public(), signer(t, p256)}); err == nil {
		t.Error("a forged request came out")
	}
}

func FuzzReadCSR(f *testing.F) {
	der, err := certs.MakeCSR(certs.Policy{Subject: "CN=x", DNSNames: []string{"a.example"}, UPNs: []string{"a@b.example"}, Key: p256}, signer(f, p256))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(der)
	f.Add(certs.EncodeCSR(der))
	f.Add(request(f, ext(asn1.ObjectIdentifier{2, 5, 29, 17}, false, 0x30, 0x00)))
	f.Fuzz(func(t *testing.T, data []byte) {
		der, err := certs.DecodeCSR(data)
		if err != nil {
			return
		}
		if got, err := certs.ReadCSR(der); err == nil && (got.Policy.Check() != nil || got.PublicKey.IsZero()) {
			t.Errorf("a request was read that cannot be issued: %+v", got)
		}
	})
}
