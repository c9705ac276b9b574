package certs_test

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/strongroom/strongroom/certs"
	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/keys"
)

var (
	now  = time.Date(2026, 1, 31, 12, 0, 0, 987, time.UTC)
	p256 = keys.Spec{Type: keys.EC, Curve: keys.P256}
)

func signer(t testing.TB, s keys.Spec) crypto.Signer {
	t.Helper()
	key, err := keys.Generate(s.Software(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := key.Signer()
	if err != nil {
		t.Fatal(err)
	}
	return signer
}

func made(t testing.TB, p certs.Policy) []byte {
	t.Helper()
	der, err := certs.SelfSign(p, signer(t, p.WithDefaults().Key), rand.Reader, now)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

// Each key type gives a certificate that crypto/x509 and OpenSSL accept for
// the names it carries.
func TestSelfSignedCertificatesAreAccepted(t *testing.T) {
	for _, spec := range []keys.Spec{
		{Type: keys.RSA, Bits: 2048},
		{Type: keys.EC, Curve: keys.P256},
		{Type: keys.ECHSM, Curve: keys.P384},
		{Type: keys.EC, Curve: keys.P521},
		{Type: keys.OKP, Curve: keys.Ed25519},
	} {
		t.Run(spec.String(), func(t *testing.T) {
			der := made(t, certs.Policy{
				Subject:  "CN=api.example.org,O=Example\\, Inc.,C=CH",
				DNSNames: []string{"api.example.org", "*.api.example.org"}, Emails: []string{"ops@example.org"},
				IPs: []string{"192.0.2.7", "2001:db8::7"}, URIs: []string{"spiffe://example.org/api"},
				Key: spec,
			})
			if err := certs.VerifySelfSigned(der); err != nil {
				t.Error(err)
			}
			standardAccepts(t, der)
			opensslAccepts(t, der)
		})
	}
}

func standardAccepts(t *testing.T, der []byte) {
	t.Helper()
	c, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(c)
	for _, host := range []string{"api.example.org", "x.api.example.org", "192.0.2.7", "2001:db8::7"} {
		_, err := c.Verify(x509.VerifyOptions{DNSName: host, Roots: roots, CurrentTime: now.Add(time.Hour)})
		if err != nil {
			t.Errorf("for %s: %v", host, err)
		}
	}
	if _, err := c.Verify(x509.VerifyOptions{DNSName: "example.com", Roots: roots, CurrentTime: now.Add(time.Hour)}); err == nil {
		t.Error("accepted for another host")
	}
}

func opensslAccepts(t *testing.T, der []byte) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "cert.pem")
	if err := os.WriteFile(path, certs.EncodePEM(der), 0o600); err != nil {
		t.Fatal(err)
	}
	at := "1769864400" // an hour after now
	for _, purpose := range []string{"sslserver", "sslclient"} {
		out := openssl(t, "verify", "-x509_strict", "-check_ss_sig", "-purpose", purpose, "-attime", at,
			"-verify_hostname", "api.example.org", "-verify_email", "ops@example.org", "-CAfile", path, path)
		if !strings.HasSuffix(out, ": OK\n") {
			t.Errorf("openssl for %s: %s", purpose, out)
		}
	}
	facts, err := certs.Describe(der)
	if err != nil {
		t.Fatal(err)
	}
	out := strings.ReplaceAll(openssl(t, "x509", "-in", path, "-noout", "-serial", "-fingerprint", "-sha256", "-subject", "-nameopt", "RFC2253"), ":", "")
	for _, want := range []string{strings.ToUpper(facts.Serial), facts.ThumbprintSHA256, facts.Subject} {
		if !strings.Contains(out, want) {
			t.Errorf("openssl says %s, we say %s", out, want)
		}
	}
}

func openssl(t *testing.T, args ...string) string {
	t.Helper()
	out, err := exec.Command("openssl", args...).CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatalf("openssl does not run (scripts/deps --test installs it): %v", err)
	}
	return string(out)
}

func TestDescribe(t *testing.T) {
	der := made(t, certs.Policy{
		Subject: " cn = api.example.org , OU=Café, dc=example,DC=org", DNSNames: []string{"api.example.org"},
		Key: keys.Spec{Type: keys.ECHSM, Curve: keys.P256}, ValidityMonths: 1,
	})
	f, err := certs.Describe(der)
	if err != nil {
		t.Fatal(err)
	}
	if want := "CN=api.example.org,OU=Café,DC=example,DC=org"; f.Subject != want || f.Issuer != want || !f.SelfIssued {
		t.Errorf("subject %q, issuer %q", f.Subject, f.Issuer)
	}
	if f.Key != p256 || f.KeyType != "EC P-256" || f.SignatureAlgorithm != "ECDSA-SHA256" || f.CA {
		t.Errorf("key %s, %s, %s, CA %v", f.Key, f.KeyType, f.SignatureAlgorithm, f.CA)
	}
	if len(f.Serial) != 32 || len(f.SubjectKeyID) != 40 || len(f.ThumbprintSHA1) != 40 || len(f.X5T) != 20 || len(f.ThumbprintSHA256) != 64 {
		t.Errorf("sizes: %+v", f)
	}
	if !slices.Equal(f.KeyUsage, []certs.KeyUsage{certs.DigitalSignature}) || !slices.Equal(f.EKUs, certs.DefaultEKUs()) {
		t.Errorf("usages %v, %v", f.KeyUsage, f.EKUs)
	}
	if want := time.Date(2026, 2, 28, 12, 0, 0, 0, time.UTC); !f.NotAfter.Equal(want) {
		t.Errorf("a month from 31 January ends %s, want %s", f.NotAfter, want)
	}
	pub, err := certs.PublicKey(der)
	if err != nil || pub.Spec() != p256 {
		t.Errorf("PublicKey = %s, %v", pub.Spec(), err)
	}
}

func TestDaysLeft(t *testing.T) {
	end := time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)
	for _, tc := range []struct {
		at   time.Time
		want int
	}{
		{end.AddDate(0, 0, -30), 30},
		{end.Add(-25 * time.Hour), 1},
		{end.Add(-time.Hour), 0},
		{end, 0},
		{end.Add(time.Second), -1},
		{end.Add(24 * time.Hour), -1},
		{end.Add(25 * time.Hour), -2},
	} {
		if got := (certs.Facts{NotAfter: end}).DaysLeft(tc.at); got != tc.want {
			t.Errorf("DaysLeft at %s = %d, want %d", tc.at, got, tc.want)
		}
	}
}

func TestDefaultsFollowAzure(t *testing.T) {
	p := certs.Policy{Subject: "CN=x"}.WithDefaults()
	if p.Key.String() != "RSA 2048" || p.ValidityMonths != 12 || len(p.EKUs) != 2 ||
		!slices.Equal(p.KeyUsage, []certs.KeyUsage{certs.DigitalSignature, certs.KeyEncipherment}) {
		t.Errorf("defaults: %+v", p)
	}
	if got, want := p.KeyOperations(), []keys.Operation{"sign", "verify", "wrapKey", "unwrapKey"}; !slices.Equal(got, want) {
		t.Errorf("key_ops = %v, want %v", got, want)
	}
	der := made(t, certs.Policy{Subject: "CN=x", Key: p256, EKUs: []string{}})
	if f, err := certs.Describe(der); err != nil || f.EKUs != nil {
		t.Errorf("an empty list of usages became %v, %v", f.EKUs, err)
	}
}

func TestPolicyRefuses(t *testing.T) {
	many := make([]string, certs.MaxNames+1)
	for i := range many {
		many[i] = strings.Repeat("x", i+1) + ".example.org"
	}
	for name, p := range map[string]certs.Policy{
		"no subject":               {},
		"no attribute":             {Subject: "api.example.org"},
		"an unknown attribute":     {Subject: "CN=x,QX=y"},
		"an empty part":            {Subject: "CN=x,"},
		"an empty value":           {Subject: "CN="},
		"a long name":              {Subject: "CN=" + strings.Repeat("x", 65)},
		"a long subject":           {Subject: strings.Repeat("OU=x,", 300) + "CN=x"},
		"many parts":               {Subject: strings.Repeat("OU=x,", 16) + "CN=x"},
		"a country in words":       {Subject: "CN=x,C=Switzerland"},
		"several values":           {Subject: "CN=x+O=y"},
		"a lone quote":             {Subject: `CN=x"y`},
		"a hex value":              {Subject: "CN=#0401"},
		"a dangling backslash":     {Subject: `CN=x\`},
		"half a hex pair":          {Subject: `CN=x\4`},
		"a line break":             {Subject: "CN=x\nO=y"},
		"an escaped line break":    {Subject: `CN=x\0A`},
		"a direction mark":         {Subject: "CN=x\u202ey"},
		"bytes that are not UTF-8": {Subject: "CN=\xff"},
		"a DNS name with space":    {Subject: "CN=x", DNSNames: []string{"a b.example"}},
		"a DNS name with a dot":    {Subject: "CN=x", DNSNames: []string{"example.org."}},
		"a wide wildcard":          {Subject: "CN=x", DNSNames: []string{"*.org"}},
		"an inner wildcard":        {Subject: "CN=x", DNSNames: []string{"a.*.org"}},
		"an address as DNS name":   {Subject: "CN=x", DNSNames: []string{"192.0.2.7"}},
		"another alphabet":         {Subject: "CN=x", DNSNames: []string{"bücher.example"}},
		"a name twice":             {Subject: "CN=x", DNSNames: []string{"a.example", "A.example"}},
		"too many names":           {Subject: "CN=x", DNSNames: many},
		"an e-mail with a name":    {Subject: "CN=x", Emails: []string{"Ops <ops@example.org>"}},
		"an address with a zone":   {Subject: "CN=x", IPs: []string{"fe80::1%eth0"}},
		"an address range":         {Subject: "CN=x", IPs: []string{"192.0.2.0/24"}},
		"a relative URI":           {Subject: "CN=x", URIs: []string{"/path"}},
		"a URI with a password":    {Subject: "CN=x", URIs: []string{"https://a:b@example.org/"}},
		"a negative validity":      {Subject: "CN=x", ValidityMonths: -1},
		"a long validity":          {Subject: "CN=x", ValidityMonths: certs.MaxValidityMonths + 1},
		"a symmetric key":          {Subject: "CN=x", Key: keys.Spec{Type: keys.Oct, Bits: 256}},
		"an unknown key":           {Subject: "CN=x", Key: keys.Spec{Type: keys.RSA, Bits: 1024}},
		"an unknown usage":         {Subject: "CN=x", KeyUsage: []certs.KeyUsage{"fly"}},
		"a usage twice":            {Subject: "CN=x", KeyUsage: []certs.KeyUsage{certs.DigitalSignature, certs.DigitalSignature}},
		"a usage for authorities":  {Subject: "CN=x", KeyUsage: []certs.KeyUsage{certs.KeyCertSign}},
		"a usage for RSA":          {Subject: "CN=x", Key: p256, KeyUsage: []certs.KeyUsage{certs.KeyEncipherment}},
		"half a usage":             {Subject: "CN=x", Key: p256, KeyUsage: []certs.KeyUsage{certs.EncipherOnly}},
		"an EKU in words":          {Subject: "CN=x", EKUs: []string{"serverAuth"}},
		"an EKU with a zero ahead": {Subject: "CN=x", EKUs: []string{"1.3.06"}},
		"an EKU that is none":      {Subject: "CN=x", EKUs: []string{"3.1"}},
		"an EKU twice":             {Subject: "CN=x", EKUs: []string{"1.2.3", "1.2.3"}},
	} {
		err := p.Check()
		if fault.KindOf(err) != fault.Invalid || fault.Hint(err) == "" || strings.ContainsAny(fault.Problem(err), "\n\u202e") {
			t.Errorf("%s: %v, want one line of kind Invalid with a hint", name, err)
		}
	}
	err := certs.Policy{Subject: "CN=x", Key: keys.Spec{Type: keys.EC, Curve: keys.P256K}}.Check()
	if fault.KindOf(err) != fault.Unsupported {
		t.Errorf("P-256K: %v, want Unsupported", err)
	}
}

// A signer that lies, as a broken token might, does not get its certificate
// out of the door.
func TestALyingSignerIsNoticed(t *testing.T) {
	p := certs.Policy{Subject: "CN=x", Key: p256}
	honest, other := signer(t, p256), signer(t, p256)
	if der, err := certs.SelfSign(p, forger{honest.Public(), other}, rand.Reader, now); err == nil || der != nil {
		t.Errorf("a certificate with another key's signature came out: %v", err)
	}
	if _, err := certs.SelfSign(certs.Policy{Subject: "CN=x"}, honest, rand.Reader, now); fault.KindOf(err) != fault.Invalid {
		t.Errorf("an EC key for an RSA policy: %v, want Invalid", err)
	}
}

// forger shows one public key and signs with another.
type forger struct {
	public crypto.PublicKey
	other  crypto.Signer
}

func (f forger) Public() crypto.PublicKey { return f.public }

func (f forger) Sign(r io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	return f.other.Sign(r, digest, opts)
}

// The token's own words reach the person.
func TestTheSignersFaultIsKept(t *testing.T) {
	pub, err := keys.NewPublic(signer(t, p256).Public())
	if err != nil {
		t.Fatal(err)
	}
	gone := fault.New(fault.Unavailable, "the token is absent", "insert it")
	remote, err := keys.NewSigner(pub, func(keys.Algorithm, []byte) ([]byte, error) { return nil, gone })
	if err != nil {
		t.Fatal(err)
	}
	if _, err := certs.SelfSign(certs.Policy{Subject: "CN=x", Key: p256}, remote, rand.Reader, now); !errors.Is(err, gone) || fault.KindOf(err) != fault.Unavailable {
		t.Errorf("error = %v, want the signer's", err)
	}
	broken := iotest.ErrReader(io.ErrUnexpectedEOF)
	if _, err := certs.SelfSign(certs.Policy{Subject: "CN=x", Key: p256}, remote, broken, now); fault.KindOf(err) != fault.Unavailable {
		t.Errorf("without randomness: %v, want Unavailable", err)
	}
}

func TestSerialsArePositiveAndOfFixedLength(t *testing.T) {
	s := signer(t, p256)
	for _, fill := range []byte{0x00, 0xff} {
		der, err := certs.SelfSign(certs.Policy{Subject: "CN=x", Key: p256}, s, bytes.NewReader(bytes.Repeat([]byte{fill}, 16)), now)
		if err != nil {
			t.Fatal(err)
		}
		f, err := certs.Describe(der)
		if err != nil || len(f.Serial) != 32 || f.Serial[0] < '4' || f.Serial[0] > '7' {
			t.Errorf("serial from %#x = %s, %v", fill, f.Serial, err)
		}
	}
}

// Every byte that is changed is noticed: by the parser or by the signature.
func TestAChangedCertificateIsRefused(t *testing.T) {
	der := made(t, certs.Policy{Subject: "CN=x", Key: p256})
	for i := range der {
		changed := bytes.Clone(der)
		changed[i] ^= 1
		err := certs.VerifySelfSigned(changed)
		if kind := fault.KindOf(err); kind != fault.Invalid && kind != fault.Tampered {
			t.Errorf("byte %d changed: %v", i, err)
		}
	}
}
