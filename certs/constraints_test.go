package certs_test

import (
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/strongroom/strongroom/certs"
	"github.com/strongroom/strongroom/internal/fault"
)

// Our reading of name constraints, which comes before the authority's key signs,
// is that of crypto/x509, which comes after: what we let pass, it accepts, and
// what we refuse, it would have refused. Only under a wildcard are we stricter:
// "*.a.b" stands for the excluded "x.a.b" too.
func TestNameConstraintsAreReadAsByTheLibrary(t *testing.T) {
	rootKey, leafKey := signer(t, p256), signer(t, p256)
	leafPublic := public(t, leafKey)
	domain := rapid.StringMatching(`([abAB]\.){0,2}[ab]b`)
	rapid.Check(t, func(t *rapid.T) {
		profile := certs.AuthorityProfile{
			Subject: "CN=Root", Key: p256, ValidityMonths: 24,
			PermittedDNS: rapid.SliceOfNDistinct(domain, 0, 2, strings.ToLower).Draw(t, "permitted"),
			ExcludedDNS:  rapid.SliceOfNDistinct(domain, 0, 2, strings.ToLower).Draw(t, "excluded"),
		}
		name := rapid.StringMatching(`(\*\.)?([abAB]\.){1,3}[ab]b`).Draw(t, "name")
		root, err := certs.NewRoot(profile, rootKey, rand.Reader, now)
		if err != nil {
			t.Fatal(err)
		}
		authority, err := certs.OpenAuthority([][]byte{root}, rootKey, certs.Places{})
		if err != nil {
			t.Fatal(err)
		}
		_, err = authority.Issue(webPolicy(name), leafPublic, rand.Reader, now)
		accepted, why := libraryAccepts(t, root, rootKey, leafKey.Public(), name)
		switch {
		case err != nil && (fault.KindOf(err) != fault.Forbidden || strings.Contains(fault.Problem(err), "path")):
			t.Errorf("%s was signed and then refused: %v", name, err)
		case err == nil && !accepted:
			t.Errorf("%s was issued, and the library says %v", name, why)
		case err != nil && accepted && !strings.HasPrefix(name, "*."):
			t.Errorf("%s was refused (%v), and the library takes it", name, err)
		}
	})
}

func libraryAccepts(t *rapid.T, root []byte, rootKey crypto.Signer, key crypto.PublicKey, name string) (bool, error) {
	ca, err := x509.ParseCertificate(root)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.CreateCertificate(rand.Reader, &x509.Certificate{
		SerialNumber: bigOne, Subject: pkix.Name{CommonName: "x"}, NotBefore: now, NotAfter: now.AddDate(1, 0, 0), DNSNames: []string{name},
	}, ca, key, rootKey)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(ca)
	_, err = leaf.Verify(x509.VerifyOptions{Roots: roots, CurrentTime: leaf.NotBefore, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}})
	return err == nil, err
}
