package keys_test

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"math/big"
	"os"
	"testing"
	"time"

	"software.sslmate.com/src/go-pkcs12"

	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/internal/secret"
	"github.com/strongroom/strongroom/keys"
)

const pfxPassword = "pässwort"

// certificate makes one for the key that signer has, signed by itself.
func certificate(t testing.TB, signer crypto.Signer, name string) *x509.Certificate {
	t.Helper()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name},
		NotBefore: time.Unix(1_700_000_000, 0), NotAfter: time.Unix(2_000_000_000, 0),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, signer.Public(), signer)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

func signerOf(t testing.TB, key *keys.Private) crypto.Signer {
	t.Helper()
	signer, err := key.Signer()
	if err != nil {
		t.Fatal(err)
	}
	return signer
}

func standardPrivate(t testing.TB, key *keys.Private) any {
	t.Helper()
	var standard any
	err := pkcs8Of(t, key).RevealErr(func(der []byte) (err error) {
		standard, err = x509.ParsePKCS8PrivateKey(der)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return standard
}

// pfx makes a file with the given encoder: first the leaf, then the others.
func pfx(t testing.TB, encoder *pkcs12.Encoder, key *keys.Private, password string, leaf *x509.Certificate, others ...*x509.Certificate) []byte {
	t.Helper()
	data, err := encoder.Encode(standardPrivate(t, key), leaf, others, password)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// opensslPFX lets OpenSSL write the file.
func opensslPFX(t *testing.T, key *keys.Private, password string, opts ...string) []byte {
	t.Helper()
	leaf := certificate(t, signerOf(t, key), "leaf")
	out := t.TempDir() + "/out.pfx"
	args := append([]string{
		"pkcs12", "-export", "-inkey", file(t, "key.pem", privatePEM(t, key)), "-in", file(t, "cert.pem", pemOf(leaf)),
		"-passout", "pass:" + password, "-out", out,
	}, opts...)
	if said, ok := openssl(t, args...); !ok {
		t.Fatal(said)
	}
	data, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func parsePFX(data []byte, password string) (keys.PFX, error) {
	return keys.ParsePFX(secret.Copy(data), secret.FromString(password))
}

var pfxSpecs = []keys.Spec{rsa2048, {Type: keys.EC, Curve: keys.P256}, {Type: keys.EC, Curve: keys.P521}, {Type: keys.OKP, Curve: keys.Ed25519}}

// Files of OpenSSL, new and old, and of the encoders that stand for Windows and
// Java.
func TestParsePFXReadsWhatOthersWrite(t *testing.T) {
	for _, spec := range pfxSpecs {
		key := generate(t, spec)
		leaf := certificate(t, signerOf(t, key), "leaf")
		for name, data := range map[string][]byte{
			"openssl":           opensslPFX(t, key, pfxPassword),
			"openssl 3DES":      opensslPFX(t, key, pfxPassword, "-keypbe", "PBE-SHA1-3DES", "-certpbe", "PBE-SHA1-3DES", "-macalg", "sha1"),
			"openssl certs raw": opensslPFX(t, key, pfxPassword, "-certpbe", "NONE"),
			"RC2":               pfx(t, pkcs12.LegacyRC2, key, pfxPassword, leaf),
			"PBMAC1":            pfx(t, pkcs12.Modern2026, key, pfxPassword, leaf),
		} {
			got, err := parsePFX(data, pfxPassword)
			if err != nil {
				t.Errorf("%s, %s: %v", spec, name, err)
				continue
			}
			if got.Key.Spec() != spec || !got.Key.Public().Equal(key.Public()) || len(got.Certificates) != 1 {
				t.Errorf("%s, %s: %v with %d certificates", spec, name, got.Key, len(got.Certificates))
			}
		}
	}
}

// The key's own certificate comes first, wherever it stood in the file.
func TestParsePFXFindsTheKeysOwnCertificate(t *testing.T) {
	key, other := generate(t, pfxSpecs[1]), generate(t, pfxSpecs[2])
	own, issuer, root := certificate(t, signerOf(t, key), "own"), certificate(t, signerOf(t, other), "issuer"), certificate(t, signerOf(t, other), "root")
	got, err := parsePFX(pfx(t, pkcs12.Modern, key, "", issuer, root, own), "")
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range [][]byte{own.Raw, issuer.Raw, root.Raw} {
		if i >= len(got.Certificates) || !bytes.Equal(got.Certificates[i], want) {
			t.Errorf("certificate %d is another", i)
		}
	}
	if got, err := parsePFX(pfx(t, pkcs12.Modern, key, "", issuer, root), ""); got.Key != nil || fault.Problem(err) != "the PFX file holds no certificate for its key" {
		t.Errorf("without its own: %v", err)
	}
}

func TestParsePFXWrongPassword(t *testing.T) {
	key := generate(t, pfxSpecs[1])
	data := opensslPFX(t, key, pfxPassword)
	long := make([]byte, 2000)
	for name, password := range map[string]string{
		"wrong": "passwort", "empty": "", "no UTF-8": "\xff\xfe", "outside the plane": "🔑", "long": string(long),
	} {
		got, err := parsePFX(data, password)
		if got.Key != nil || !errors.Is(err, keys.ErrPFXPassword) {
			t.Errorf("%s: %v, want ErrPFXPassword", name, err)
		}
	}
	if _, err := parsePFX(opensslPFX(t, key, ""), ""); err != nil {
		t.Errorf("an empty password that is right: %v", err)
	}
	if _, err := parsePFX(opensslPFX(t, key, ""), "x"); !errors.Is(err, keys.ErrPFXPassword) {
		t.Errorf("a password where there is none: %v", err)
	}
}

// A file that asks for hours of key derivation is refused before the first
// round, wherever it asks.
func TestParsePFXBoundsTheWork(t *testing.T) {
	key := generate(t, pfxSpecs[1])
	leaf := certificate(t, signerOf(t, key), "leaf")
	honest, greedy := []byte{0x02, 0x03, 0x01, 0x00, 0x00}, []byte{0x02, 0x03, 0x7f, 0xff, 0xff}
	for name, encoder := range map[string]*pkcs12.Encoder{"PBES2": pkcs12.Modern2023, "PBE": pkcs12.LegacyDES, "PBMAC1": pkcs12.Modern2026} {
		data := pfx(t, encoder.WithIterations(65536), key, "x", leaf)
		places := bytes.Count(data, honest)
		if places != 3 {
			t.Errorf("%s: the rounds stand in %d places, want mac, certificates and key", name, places)
		}
		for place := range places {
			bad := bytes.Clone(data)
			at := 0
			for range place + 1 {
				at += bytes.Index(bad[at:], honest) + 1
			}
			copy(bad[at-1:], greedy)
			if _, err := parsePFX(bad, "x"); fault.KindOf(err) != fault.Invalid || fault.Problem(err) != "the PFX file asks for too many rounds of key derivation" {
				t.Errorf("%s, place %d: %v", name, place, err)
			}
		}
	}
}

func TestParsePFXRefuses(t *testing.T) {
	key := generate(t, pfxSpecs[1])
	leaf := certificate(t, signerOf(t, key), "leaf")
	good := pfx(t, pkcs12.Modern, key, "x", leaf)
	trust, err := pkcs12.Modern.EncodeTrustStore([]*x509.Certificate{leaf}, "x")
	if err != nil {
		t.Fatal(err)
	}
	weak, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	weakFile, err := pkcs12.Modern.Encode(weak, certificate(t, weak, "weak"), nil, "x")
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{
		"nothing":           {},
		"cut":               good[:len(good)-1],
		"longer":            append(bytes.Clone(good), 0),
		"too long":          make([]byte, 300<<10),
		"no key":            trust,
		"a PKCS #8 key":     reveal(pkcs8Of(t, key)),
		"a certificate":     leaf.Raw,
		"deep nesting":      nested(40),
		"a weak RSA key":    weakFile,
		"P-256K":            opensslP256K(t),
		"certificate only":  opensslNoKey(t, leaf),
		"PEM of everything": append(privatePEM(t, key), pemOf(leaf)...),
	} {
		got, err := parsePFX(data, "x")
		if kind := fault.KindOf(err); got.Key != nil || (kind != fault.Invalid && kind != fault.Unsupported) || fault.Hint(err) == "" {
			t.Errorf("%s: %v, %v, want a refusal", name, got.Key, err)
		}
	}
}

// nested is a SEQUENCE in a SEQUENCE, and so on.
func nested(depth int) []byte {
	der := []byte{0x30, 0}
	for range depth {
		der = append([]byte{0x30, byte(len(der))}, der...)
	}
	return der
}

func opensslNoKey(t *testing.T, leaf *x509.Certificate) []byte {
	t.Helper()
	out := t.TempDir() + "/out.pfx"
	if said, ok := openssl(t, "pkcs12", "-export", "-nokeys", "-in", file(t, "cert.pem", pemOf(leaf)), "-passout", "pass:x", "-out", out); !ok {
		t.Fatal(said)
	}
	data, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func opensslP256K(t *testing.T) []byte {
	t.Helper()
	dir := t.TempDir()
	key := file(t, "key.pem", privatePEM(t, generate(t, keys.Spec{Type: keys.EC, Curve: keys.P256K})))
	for _, args := range [][]string{
		{"req", "-x509", "-key", key, "-subj", "/CN=k", "-out", dir + "/cert.pem"},
		{"pkcs12", "-export", "-inkey", key, "-in", dir + "/cert.pem", "-passout", "pass:x", "-out", dir + "/out.pfx"},
	} {
		if said, ok := openssl(t, args...); !ok {
			t.Fatal(said)
		}
	}
	data, err := os.ReadFile(dir + "/out.pfx")
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// A damaged byte never gives another key, and nothing panics. The MAC covers
// the content and not its header, so a byte there may pass. (The file is small
// and its rounds few, so every byte can be tried.)
func TestParsePFXWithADamagedByte(t *testing.T) {
	key := generate(t, pfxSpecs[1])
	good := pfx(t, pkcs12.Modern.WithIterations(1), key, "x", certificate(t, signerOf(t, key), "leaf"))
	if _, err := parsePFX(good, "x"); err != nil {
		t.Fatal(err)
	}
	for i := range good {
		bad := bytes.Clone(good)
		bad[i] ^= 0x10
		if got, err := parsePFX(bad, "x"); err == nil && !got.Key.Public().Equal(key.Public()) {
			t.Errorf("byte %d damaged: another key", i)
		}
	}
}
