package certs_test

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/strongroom/strongroom/certs"
	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/keys"
)

// file writes a file for openssl and gives its path.
func file(t *testing.T, name string, data []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func public(t testing.TB, s crypto.Signer) keys.PublicKey {
	t.Helper()
	p, err := keys.NewPublic(s.Public())
	if err != nil {
		t.Fatal(err)
	}
	return p
}

var places = certs.Places{
	OCSP: []string{"http://pki.example.org/ocsp"}, CAIssuers: []string{"http://pki.example.org/ca.cer"}, CRL: []string{"http://pki.example.org/ca.crl"},
}

var rootProfile = certs.AuthorityProfile{
	Subject: "CN=Example Root,O=Example", Key: p256, ValidityMonths: 120, PathLength: 1,
	PermittedDNS: []string{"example.org"}, ExcludedDNS: []string{"secret.example.org"},
}

var issuingProfile = certs.AuthorityProfile{Subject: "CN=Example Issuing,O=Example", Key: p256, ValidityMonths: 60}

// pki is a root and an intermediate authority, made at a time.
type pki struct {
	root, issuing *certs.Authority
}

func newPKI(t testing.TB, spec keys.Spec, at time.Time) pki {
	t.Helper()
	rootSigner, issuingSigner := signer(t, spec), signer(t, spec)
	top, middle := rootProfile, issuingProfile
	top.Key, middle.Key = spec, spec
	rootDER, err := certs.NewRoot(top, rootSigner, rand.Reader, at)
	if err != nil {
		t.Fatal(err)
	}
	root, err := certs.OpenAuthority([][]byte{rootDER}, rootSigner, places)
	if err != nil {
		t.Fatal(err)
	}
	issuingDER, err := root.IssueAuthority(middle, public(t, issuingSigner), rand.Reader, at)
	if err != nil {
		t.Fatal(err)
	}
	issuing, err := certs.OpenAuthority([][]byte{rootDER, issuingDER}, issuingSigner, places)
	if err != nil {
		t.Fatal(err)
	}
	return pki{root, issuing}
}

func webPolicy(name string) certs.Policy {
	return certs.Policy{Subject: "CN=" + name, DNSNames: []string{name}, Key: p256}
}

func (p pki) leaf(t testing.TB, at time.Time) []byte {
	t.Helper()
	der, err := p.issuing.Issue(webPolicy("api.example.org"), public(t, signer(t, p256)), rand.Reader, at)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

// Root, intermediate and leaf of each kind of authority's key are what OpenSSL
// accepts strictly, and what the standard library accepts.
func TestTheHierarchyIsAccepted(t *testing.T) {
	for _, spec := range []keys.Spec{p256, {Type: keys.EC, Curve: keys.P384}, {Type: keys.RSA, Bits: 2048}, {Type: keys.OKP, Curve: keys.Ed25519}} {
		t.Run(spec.String(), func(t *testing.T) {
			p := newPKI(t, spec, now)
			leaf := p.leaf(t, now)
			chain := p.issuing.Chain()
			out := openssl(t, "verify", "-x509_strict", "-purpose", "sslserver", "-attime", "1769864400", "-verify_hostname", "api.example.org",
				"-CAfile", file(t, "root.pem", certs.EncodePEM(chain[1])), "-untrusted", file(t, "mid.pem", certs.EncodePEM(chain[0])),
				file(t, "leaf.pem", certs.EncodePEM(leaf)))
			if !strings.HasSuffix(out, ": OK\n") {
				t.Errorf("openssl: %s", out)
			}
			facts, err := certs.Describe(leaf)
			if err != nil || facts.Places.OCSP[0] != places.OCSP[0] || facts.Places.CRL[0] != places.CRL[0] || facts.Places.CAIssuers[0] != places.CAIssuers[0] {
				t.Errorf("the leaf names %+v, %v", facts.Places, err)
			}
			if facts.CA || facts.PathLength != -1 || facts.AuthorityKeyID == "" {
				t.Errorf("the leaf is %+v", facts)
			}
		})
	}
}

func TestAnAuthoritySaysWhatItIs(t *testing.T) {
	p := newPKI(t, p256, now)
	chain := p.issuing.Chain()
	middle, err := certs.Describe(chain[0])
	if err != nil || !middle.CA || middle.PathLength != 0 || middle.SelfIssued {
		t.Errorf("intermediate: %+v, %v", middle, err)
	}
	root, err := certs.Describe(chain[1])
	if err != nil || !root.CA || root.PathLength != 1 || !slices.Equal(root.PermittedDNS, rootProfile.PermittedDNS) || !slices.Equal(root.ExcludedDNS, rootProfile.ExcludedDNS) {
		t.Errorf("root: %+v, %v", root, err)
	}
	if !slices.Equal(root.KeyUsage, []certs.KeyUsage{certs.DigitalSignature, certs.KeyCertSign, certs.CRLSign}) {
		t.Errorf("root's usages: %v", root.KeyUsage)
	}
}

func TestAnAuthorityRefuses(t *testing.T) {
	p := newPKI(t, p256, now)
	key := public(t, signer(t, p256))
	with := func(change func(*certs.Policy)) certs.Policy {
		policy := webPolicy("api.example.org")
		change(&policy)
		return policy
	}
	for name, tc := range map[string]struct {
		policy certs.Policy
		at     time.Time
		kind   fault.Kind
	}{
		"a name it may not sign":      {webPolicy("api.example.com"), now, fault.Forbidden},
		"a name that only ends alike": {webPolicy("notexample.org"), now, fault.Forbidden},
		"an excluded name":            {webPolicy("x.secret.example.org"), now, fault.Forbidden},
		"a wildcard over it":          {webPolicy("*.example.org"), now, fault.Forbidden},
		"a longer life than its own":  {with(func(p *certs.Policy) { p.ValidityMonths = 61 }), now, fault.Invalid},
		"a life beyond its end":       {webPolicy("api.example.org"), now.AddDate(4, 1, 0), fault.Invalid},
		"before it began":             {webPolicy("api.example.org"), now.Add(-time.Hour), fault.Forbidden},
		"after it ended":              {webPolicy("api.example.org"), now.AddDate(6, 0, 0), fault.Forbidden},
		"a URI without a host":        {with(func(p *certs.Policy) { p.URIs = []string{"urn:x:y"} }), now, fault.Forbidden},
		"a URI with an address":       {with(func(p *certs.Policy) { p.URIs = []string{"https://192.0.2.7/"} }), now, fault.Forbidden},
		"its own name":                {with(func(p *certs.Policy) { p.Subject = issuingProfile.Subject }), now, fault.Invalid},
		"another key than agreed":     {with(func(p *certs.Policy) { p.Key = keys.Spec{Type: keys.RSA, Bits: 2048} }), now, fault.Invalid},
		"a usage of authorities":      {with(func(p *certs.Policy) { p.KeyUsage = []certs.KeyUsage{certs.KeyCertSign} }), now, fault.Invalid},
	} {
		if der, err := p.issuing.Issue(tc.policy, key, rand.Reader, tc.at); fault.KindOf(err) != tc.kind || der != nil || fault.Hint(err) == "" {
			t.Errorf("%s: %v, want %s", name, err, tc.kind)
		}
	}
	own, err := certs.PublicKey(p.issuing.Chain()[0])
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.issuing.Issue(webPolicy("api.example.org"), own, rand.Reader, now); fault.KindOf(err) != fault.Invalid {
		t.Errorf("its own key: %v", err)
	}
	if _, err := p.issuing.IssueAuthority(certs.AuthorityProfile{Subject: "CN=Third", Key: p256, ValidityMonths: 1}, key, rand.Reader, now); fault.KindOf(err) != fault.Forbidden {
		t.Errorf("an authority below the last: %v", err)
	}
	if _, err := p.root.IssueAuthority(certs.AuthorityProfile{Subject: "CN=Second", Key: p256, ValidityMonths: 1, PathLength: 1}, key, rand.Reader, now); fault.KindOf(err) != fault.Forbidden {
		t.Errorf("an authority with too long a path: %v", err)
	}
}

// A name that is within the constraints stays so as a wildcard and in capitals.
func TestNamesWithinTheConstraints(t *testing.T) {
	p := newPKI(t, p256, now)
	key := public(t, signer(t, p256))
	for _, name := range []string{"example.org", "API.Example.ORG", "*.api.example.org"} {
		if _, err := p.issuing.Issue(webPolicy(name), key, rand.Reader, now); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestProfilesAndPlacesAreChecked(t *testing.T) {
	good := rootProfile
	for name, change := range map[string]func(*certs.AuthorityProfile){
		"no subject":         func(p *certs.AuthorityProfile) { p.Subject = "" },
		"no validity":        func(p *certs.AuthorityProfile) { p.ValidityMonths = 0 },
		"a long validity":    func(p *certs.AuthorityProfile) { p.ValidityMonths = certs.MaxAuthorityMonths + 1 },
		"a negative path":    func(p *certs.AuthorityProfile) { p.PathLength = -1 },
		"a long path":        func(p *certs.AuthorityProfile) { p.PathLength = certs.MaxPathLength + 1 },
		"no key":             func(p *certs.AuthorityProfile) { p.Key = keys.Spec{} },
		"a wildcard":         func(p *certs.AuthorityProfile) { p.PermittedDNS = []string{"*.example.org"} },
		"a constraint twice": func(p *certs.AuthorityProfile) { p.ExcludedDNS = []string{"a.example", "A.example"} },
		"many constraints":   func(p *certs.AuthorityProfile) { p.ExcludedDNS = make([]string, 51) },
	} {
		p := good
		change(&p)
		if err := p.Check(); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, place := range []string{"https://a.example/x", "http://", "ldap://a.example", "http://u:p@a.example/", "http://a.example/#x", "/x", "http://bücher.example/", "http://a.example/\n"} {
		if fault.KindOf(certs.Places{CRL: []string{place}}.Check()) != fault.Invalid {
			t.Errorf("the place %q was taken", place)
		}
	}
	if fault.KindOf(certs.Places{OCSP: slices.Repeat(places.OCSP, 5)}.Check()) != fault.Invalid {
		t.Error("five places were taken")
	}
}

func TestOpenAuthorityRefuses(t *testing.T) {
	p := newPKI(t, p256, now)
	chain := p.issuing.Chain()
	key := signer(t, p256)
	self, err := certs.SelfSign(certs.Policy{Subject: "CN=x", Key: p256}, key, rand.Reader, now)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := certs.OpenAuthority(chain, key, places); fault.KindOf(err) != fault.Invalid {
		t.Errorf("another key: %v", err)
	}
	if _, err := certs.OpenAuthority([][]byte{self}, key, places); fault.KindOf(err) != fault.Invalid {
		t.Errorf("no authority: %v", err)
	}
	child, err := p.root.IssueAuthority(certs.AuthorityProfile{Subject: "CN=Other", Key: p256, ValidityMonths: 1}, public(t, key), rand.Reader, now)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := certs.OpenAuthority([][]byte{child}, key, places); fault.KindOf(err) != fault.Invalid || !strings.Contains(fault.Problem(err), "Example Root") {
		t.Errorf("an incomplete chain: %v", err)
	}
	if _, err := certs.OpenAuthority([][]byte{child, chain[1]}, key, certs.Places{CRL: []string{"x"}}); fault.KindOf(err) != fault.Invalid {
		t.Errorf("a bad place: %v", err)
	}
}

// counter is a signer that counts how often it was asked.
type counter struct {
	crypto.Signer
	asked *int
}

func (c counter) Sign(r io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	*c.asked++
	return c.Signer.Sign(r, digest, opts)
}

// The real key is not asked for what the lint refuses: the twin under a
// throwaway key is linted first. "a..b" is no name that a URI may have, and
// only the lint knows.
func TestTheLintComesBeforeTheRealKey(t *testing.T) {
	var asked int
	key := counter{signer(t, p256), &asked}
	policy := certs.Policy{Subject: "CN=x", URIs: []string{"https://nodots/"}, Key: p256}
	if err := policy.Check(); err != nil {
		t.Fatalf("the policy itself: %v", err)
	}
	der, err := certs.SelfSign(policy, key, rand.Reader, now)
	if fault.KindOf(err) != fault.Invalid || !strings.Contains(fault.Problem(err), "e_ext_san_uri_host_not_fqdn_or_ip") || der != nil {
		t.Errorf("error = %v, want the lint's", err)
	}
	if asked != 0 {
		t.Errorf("the real key was asked %d times", asked)
	}
	policy.URIs = nil
	if _, err := certs.SelfSign(policy, key, rand.Reader, now); err != nil || asked != 1 {
		t.Errorf("a good policy: %v, asked %d times", err, asked)
	}
}

func TestLintSaysWhatIsWrong(t *testing.T) {
	key := signer(t, p256)
	bare := &x509.Certificate{SerialNumber: bigOne, NotBefore: now, NotAfter: now.AddDate(1, 0, 0), DNSNames: []string{"a.example"}}
	der, err := x509.CreateCertificate(rand.Reader, bare, bare, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	found, err := certs.Lint(der)
	if err != nil {
		t.Fatal(err)
	}
	severe := slices.ContainsFunc(found, func(f certs.Finding) bool { return f.Severe && f.Source != "" && f.Detail != "" })
	if !severe {
		t.Errorf("a certificate without subject and identifiers has only %+v", found)
	}
	p := newPKI(t, p256, now)
	for _, der := range append(p.issuing.Chain(), p.leaf(t, now)) {
		if found, err := certs.Lint(der); err != nil || len(found) != 0 {
			t.Errorf("findings in our own: %+v, %v", found, err)
		}
	}
	if _, err := certs.Lint([]byte("x")); fault.KindOf(err) != fault.Invalid {
		t.Errorf("no certificate: %v", err)
	}
}

// An authority whose token signs with another key lets nothing out.
func TestALyingAuthorityIsNoticed(t *testing.T) {
	honest := signer(t, p256)
	root, err := certs.NewRoot(rootProfile, honest, rand.Reader, now)
	if err != nil {
		t.Fatal(err)
	}
	liar, err := certs.OpenAuthority([][]byte{root}, forger{honest.Public(), signer(t, p256)}, places)
	if err != nil {
		t.Fatal(err)
	}
	if der, err := liar.Issue(webPolicy("a.example.org"), public(t, signer(t, p256)), rand.Reader, now); err == nil || der != nil {
		t.Errorf("a forged certificate came out: %v", err)
	}
	if der, err := liar.SignCRL(certs.CRL{Number: 1, Next: now.AddDate(0, 0, 7)}, now); err == nil || der != nil {
		t.Errorf("a forged list came out: %v", err)
	}
	if der, err := liar.AnswerOCSP(ocspRequest(t, root, root), nobody, now, now.AddDate(0, 0, 1)); fault.KindOf(err) != fault.Tampered || der != nil {
		t.Errorf("a forged response came out: %v", err)
	}
}

func TestTheChainIsACopy(t *testing.T) {
	p := newPKI(t, p256, now)
	before := bytes.Clone(p.root.Chain()[0])
	p.root.Chain()[0][10] ^= 1
	if !bytes.Equal(before, p.root.Chain()[0]) {
		t.Error("a caller changed the authority")
	}
}
