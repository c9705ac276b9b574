package certs_test

import (
	"bytes"
	"crypto/rand"
	"encoding/pem"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/strongroom/strongroom/certs"
	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/internal/secret"
	"github.com/strongroom/strongroom/keys"
)

// bundle is a software key with its certificate under an authority.
func bundle(t testing.TB, spec keys.Spec) *certs.Bundle {
	t.Helper()
	key, err := keys.Generate(spec, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	p, policy := newPKI(t, p256, now), webPolicy("api.example.org")
	policy.Key = spec
	leaf, err := p.issuing.Issue(policy, key.Public(), rand.Reader, now)
	if err != nil {
		t.Fatal(err)
	}
	chain, err := certs.OrderChain(append(p.issuing.Chain(), leaf), key.Public())
	if err != nil {
		t.Fatal(err)
	}
	return &certs.Bundle{Key: key, Chain: chain}
}

func same(t testing.TB, what string, got, want *certs.Bundle) {
	t.Helper()
	if !got.Key.Public().Equal(want.Key.Public()) || !slices.EqualFunc(got.Chain.Certificates, want.Chain.Certificates, bytes.Equal) {
		t.Errorf("%s: another bundle came back", what)
	}
}

func bytesOf(s *secret.Bytes) (out []byte) {
	s.Reveal(func(b []byte) { out = bytes.Clone(b) })
	return out
}

var certSpecs = []keys.Spec{
	p256, {Type: keys.EC, Curve: keys.P384}, {Type: keys.EC, Curve: keys.P521}, {Type: keys.RSA, Bits: 2048}, {Type: keys.OKP, Curve: keys.Ed25519},
}

func TestBundlesRoundTrip(t *testing.T) {
	for _, spec := range certSpecs {
		t.Run(spec.String(), func(t *testing.T) {
			want := bundle(t, spec)
			text, err := want.PEM()
			if err != nil {
				t.Fatal(err)
			}
			got, err := certs.ParsePEM(text)
			if err != nil {
				t.Fatal(err)
			}
			same(t, "PEM", got, want)
			for _, password := range passwordsFor(spec) {
				pfx, err := want.PFX(secret.FromString(password))
				if err != nil {
					t.Fatal(err)
				}
				got, err = certs.ParsePFX(bytesOf(pfx), secret.FromString(password))
				if err != nil {
					t.Fatalf("%q: %v", password, err)
				}
				same(t, "PFX", got, want)
			}
			got.Wipe()
		})
	}
	(*certs.Bundle)(nil).Wipe()
}

// passwordsFor gives more than one for one key alone: each costs what a password
// shall cost.
func passwordsFor(s keys.Spec) []string {
	if s == p256 {
		return []string{"correct horse", "", "pässwörd"}
	}
	return []string{"correct horse"}
}

// OpenSSL opens our PFX, and takes our PEM for key and certificate.
func TestOpenSSLReadsTheBundle(t *testing.T) {
	b := bundle(t, p256)
	pfx, err := b.PFX(secret.FromString("correct horse"))
	if err != nil {
		t.Fatal(err)
	}
	out := openssl(t, "pkcs12", "-in", file(t, "b.pfx", bytesOf(pfx)), "-passin", "pass:correct horse", "-nodes", "-info")
	for _, want := range []string{"MAC: sha256", "AES-256-CBC", "PRF hmacWithSHA256", "BEGIN PRIVATE KEY"} {
		if !strings.Contains(out, want) {
			t.Errorf("openssl does not say %q", want)
		}
	}
	if n := strings.Count(out, "BEGIN CERTIFICATE"); n != 3 {
		t.Errorf("openssl sees %d certificates", n)
	}
	text, err := b.PEM()
	if err != nil {
		t.Fatal(err)
	}
	path := file(t, "b.pem", bytesOf(text))
	fromKey, fromCert := openssl(t, "pkey", "-in", path, "-pubout"), openssl(t, "x509", "-in", path, "-noout", "-pubkey")
	if fromKey != fromCert || !strings.Contains(fromKey, "BEGIN PUBLIC KEY") {
		t.Errorf("openssl sees %s and %s", fromKey, fromCert)
	}
}

// What OpenSSL writes, modern and legacy, we read.
func TestOpenSSLsPFXIsRead(t *testing.T) {
	for _, spec := range []keys.Spec{p256, {Type: keys.RSA, Bits: 2048}} {
		want := bundle(t, spec)
		text, err := want.PEM()
		if err != nil {
			t.Fatal(err)
		}
		in, dir := file(t, "b.pem", bytesOf(text)), t.TempDir()
		for name, args := range map[string][]string{
			"modern": nil,
			"3des":   {"-keypbe", "PBE-SHA1-3DES", "-certpbe", "PBE-SHA1-3DES", "-macalg", "sha1"},
			"legacy": {"-legacy"},
			"aes128": {"-keypbe", "AES-128-CBC", "-certpbe", "AES-128-CBC", "-iter", "10000"},
		} {
			path := filepath.Join(dir, name+".pfx")
			out := openssl(t, append([]string{"pkcs12", "-export", "-in", in, "-passout", "pass:correct horse", "-out", path}, args...)...)
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatalf("%s: %v: %s", name, err, out)
			}
			got, err := certs.ParsePFX(data, secret.FromString("correct horse"))
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			same(t, name, got, want)
			if _, err := certs.ParsePFX(data, secret.FromString("wrong")); !errors.Is(err, certs.ErrPassword) {
				t.Errorf("%s with a wrong password: %v", name, err)
			}
		}
	}
}

func TestParsePFXRefuses(t *testing.T) {
	b, password := bundle(t, p256), secret.FromString("correct horse")
	pfx, err := b.PFX(password)
	if err != nil {
		t.Fatal(err)
	}
	good := bytesOf(pfx)
	for name, data := range map[string][]byte{
		"nothing":      nil,
		"words":        []byte("hello"),
		"half":         good[:len(good)/2],
		"bytes behind": append(bytes.Clone(good), 0),
		"a PEM text":   certs.EncodePEM(b.Chain.Certificates...),
		"too much":     make([]byte, 2<<20),
	} {
		if _, err := certs.ParsePFX(data, password); fault.KindOf(err) != fault.Invalid || errors.Is(err, certs.ErrPassword) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, wrong := range map[string]*secret.Bytes{"another": secret.FromString("correct horsE"), "none": nil} {
		if _, err := certs.ParsePFX(good, wrong); !errors.Is(err, certs.ErrPassword) || fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s password: %v, want ErrPassword", name, err)
		}
	}
	for name, bad := range map[string]*secret.Bytes{"long": secret.New(make([]byte, 2000)), "binary": secret.New([]byte{0xff})} {
		if _, err := certs.ParsePFX(good, bad); fault.KindOf(err) != fault.Invalid || errors.Is(err, certs.ErrPassword) {
			t.Errorf("a %s password: %v", name, err)
		}
		if _, err := b.PFX(bad); fault.KindOf(err) != fault.Invalid {
			t.Errorf("writing with a %s password: %v", name, err)
		}
	}
	if _, err := (&certs.Bundle{Key: b.Key}).PFX(password); fault.KindOf(err) != fault.Invalid {
		t.Errorf("no certificate: %v", err)
	}
}

// The attack: a file of a few hundred bytes that keeps a core busy for hours,
// since it says how often its password is to be hashed. 100,000 (01 86 a0),
// which our own files ask for three times, becomes 8,388,607.
func TestAPFXThatAsksForTooMuchIsRefusedAtOnce(t *testing.T) {
	pfx, err := bundle(t, p256).PFX(secret.FromString("x"))
	if err != nil {
		t.Fatal(err)
	}
	good := bytesOf(pfx)
	count := []byte{0x02, 0x03, 0x01, 0x86, 0xa0}
	if n := bytes.Count(good, count); n != 3 {
		t.Fatalf("the file names its iterations %d times", n)
	}
	for i, at := 0, 0; i < 3; i++ {
		at += bytes.Index(good[at:], count)
		bomb := bytes.Clone(good)
		copy(bomb[at:], []byte{0x02, 0x03, 0x7f, 0xff, 0xff})
		if _, err := certs.ParsePFX(bomb, secret.FromString("x")); !strings.Contains(fault.Problem(err), "unreasonable") {
			t.Errorf("iteration count %d: %v", i, err)
		}
		at += len(count)
	}
}

func TestABundleForAnotherKeyIsRefused(t *testing.T) {
	a, b := bundle(t, p256), bundle(t, p256)
	rsa := bundle(t, keys.Spec{Type: keys.RSA, Bits: 2048})
	for name, tc := range map[string]struct {
		key *keys.Private
		is  error
	}{"of the same type": {b.Key, certs.ErrOtherKey}, "of another type": {rsa.Key, nil}} {
		mixed := &certs.Bundle{Key: tc.key, Chain: a.Chain}
		text, err := mixed.PEM()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := certs.ParsePEM(text); fault.KindOf(err) != fault.Invalid || (tc.is != nil && !errors.Is(err, tc.is)) {
			t.Errorf("PEM with a key %s: %v", name, err)
		}
		pfx, err := mixed.PFX(secret.FromString("x"))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := certs.ParsePFX(bytesOf(pfx), secret.FromString("x")); fault.KindOf(err) != fault.Invalid {
			t.Errorf("PFX with a key %s: %v", name, err)
		}
	}
}

func TestParsePEMRefuses(t *testing.T) {
	b := bundle(t, p256)
	pkcs8, err := b.Key.PKCS8()
	if err != nil {
		t.Fatal(err)
	}
	block := func(kind string, der []byte) []byte { return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}) }
	key, chain := block("PRIVATE KEY", bytesOf(pkcs8)), b.Chain.FullChain()
	for name, text := range map[string][]byte{
		"nothing":          nil,
		"no key":           chain,
		"no certificate":   key,
		"two keys":         slices.Concat(key, key, chain),
		"words":            slices.Concat([]byte("hello\n"), key, chain),
		"words between":    slices.Concat(key, []byte("hello\n"), chain),
		"an encrypted key": slices.Concat(block("ENCRYPTED PRIVATE KEY", bytesOf(pkcs8)), chain),
		"an older key":     slices.Concat(block("EC PRIVATE KEY", bytesOf(pkcs8)), chain),
		"a damaged key":    slices.Concat(block("PRIVATE KEY", bytesOf(pkcs8)[1:]), chain),
		"a damaged block":  slices.Concat(bytes.Replace(key, []byte("-----END"), []byte("-----EMD"), 1), chain),
		"a strange block":  slices.Concat(key, chain, block("X509 CRL", []byte{0x30, 0})),
		"a header":         slices.Concat(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Headers: map[string]string{"Proc-Type": "4,ENCRYPTED"}, Bytes: bytesOf(pkcs8)}), chain),
		"eleven":           slices.Concat(key, bytes.Repeat(chain, 4)),
		"endless":          []byte(strings.Repeat(" ", 1<<20)),
	} {
		if got, err := certs.ParsePEM(secret.Copy(text)); fault.KindOf(err) != fault.Invalid || fault.Hint(err) == "" || got != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	backwards := secret.New(slices.Concat(chain, key))
	got, err := certs.ParsePEM(backwards)
	if err != nil {
		t.Fatalf("the key behind the chain: %v", err)
	}
	same(t, "backwards", got, b)
}

func FuzzParsePFX(f *testing.F) {
	b := bundle(f, p256)
	pfx, err := b.PFX(secret.FromString("x"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(bytesOf(pfx), "x")
	f.Add(bytesOf(pfx), "y")
	f.Add([]byte{0x30, 0x03, 0x02, 0x01, 0x03}, "")
	f.Fuzz(func(t *testing.T, data []byte, password string) {
		got, err := certs.ParsePFX(data, secret.FromString(password))
		if err != nil {
			return
		}
		if leaf, err := certs.PublicKey(got.Chain.Certificates[0]); err != nil || !leaf.Equal(got.Key.Public()) {
			t.Errorf("the certificate is for another key: %v", err)
		}
	})
}

func FuzzParsePEM(f *testing.F) {
	text, err := bundle(f, p256).PEM()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(bytesOf(text))
	f.Add([]byte("-----BEGIN PRIVATE KEY-----\nAA==\n-----END PRIVATE KEY-----\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		got, err := certs.ParsePEM(secret.Copy(text))
		if err != nil {
			return
		}
		if leaf, err := certs.PublicKey(got.Chain.Certificates[0]); err != nil || !leaf.Equal(got.Key.Public()) {
			t.Errorf("the certificate is for another key: %v", err)
		}
	})
}
