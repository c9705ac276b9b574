package certs_test

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"encoding/pem"
	"slices"
	"strings"
	"testing"

	"github.com/strongroom/strongroom/certs"
	"github.com/strongroom/strongroom/internal/fault"
)

func TestPEMRoundTrip(t *testing.T) {
	a, b := made(t, certs.Policy{Subject: "CN=a", Key: p256}), made(t, certs.Policy{Subject: "CN=b", Key: p256})
	one, err := certs.DecodePEM(certs.EncodePEM(a))
	if err != nil || !bytes.Equal(one, a) {
		t.Errorf("one certificate does not read back: %v", err)
	}
	both, err := certs.DecodePEMChain(append([]byte("\n \n"), certs.EncodePEM(a, b)...))
	if err != nil || !slices.EqualFunc(both, [][]byte{a, b}, bytes.Equal) {
		t.Errorf("a chain does not read back: %v", err)
	}
}

func TestPEMRefuses(t *testing.T) {
	der := made(t, certs.Policy{Subject: "CN=a", Key: p256})
	good := certs.EncodePEM(der)
	for name, text := range map[string][]byte{
		"nothing":           nil,
		"words":             []byte("hello"),
		"words before":      append([]byte("hello\n"), good...),
		"words after":       append(bytes.Clone(good), "hello"...),
		"a header":          pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Headers: map[string]string{"A": "b"}, Bytes: der}),
		"a private key":     pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}),
		"a damaged block":   append(bytes.Replace(good, []byte("-----END"), []byte("-----EMD"), 1), good...),
		"garbage inside":    pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: []byte("no")}),
		"trailing in block": pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: append(bytes.Clone(der), 0)}),
		"eleven":            bytes.Repeat(good, 11),
		"endless":           []byte(strings.Repeat(" ", 1<<20)),
	} {
		if _, err := certs.DecodePEMChain(text); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: %v, want Invalid", name, err)
		}
	}
	if _, err := certs.DecodePEM(bytes.Repeat(good, 2)); fault.KindOf(err) != fault.Invalid {
		t.Errorf("two for one: %v, want Invalid", err)
	}
}

func FuzzDecodePEMChain(f *testing.F) {
	good := certs.EncodePEM(made(f, certs.Policy{Subject: "CN=a", Key: p256}))
	f.Add(good)
	f.Add(bytes.Repeat(good, 2))
	f.Fuzz(func(t *testing.T, text []byte) {
		ders, err := certs.DecodePEMChain(text)
		if err != nil {
			return
		}
		again, err := certs.DecodePEMChain(certs.EncodePEM(ders...))
		if err != nil || !slices.EqualFunc(again, ders, bytes.Equal) {
			t.Errorf("does not read back: %v", err)
		}
	})
}

// Whatever a certificate says of itself, its description is lines that print.
func FuzzDescribe(f *testing.F) {
	f.Add(made(f, certs.Policy{Subject: "CN=a", Key: p256}))
	f.Add(made(f, certs.Policy{Subject: "CN=a", DNSNames: []string{"a.example"}, Emails: []string{"a@b.example"}, URIs: []string{"urn:x:y"}}))
	f.Fuzz(func(t *testing.T, der []byte) {
		facts, err := certs.Describe(der)
		if err != nil {
			return
		}
		for _, text := range slices.Concat([]string{facts.Subject, facts.Issuer}, facts.DNSNames, facts.Emails, facts.URIs) {
			if strings.ContainsAny(text, "\x00\x1b\r\n\u202e\u2066") {
				t.Errorf("%q does not print", text)
			}
		}
	})
}

// A subject that is accepted is written back as text that means the same.
func FuzzSubject(f *testing.F) {
	for _, s := range []string{"CN=x", `CN=Example\, Inc.,C=CH`, `O=\#a\ ,DC=org`, `CN=caf\C3\A9`, `UID=a\=b`, `CN=a\\`} {
		f.Add(s)
	}
	key := signer(f, p256)
	f.Fuzz(func(t *testing.T, subject string) {
		if certs.CheckSubject(subject) != nil {
			return
		}
		first := subjectOf(t, key, subject)
		if again := subjectOf(t, key, first); again != first {
			t.Errorf("%q became %q became %q", subject, first, again)
		}
	})
}

func subjectOf(t *testing.T, key crypto.Signer, subject string) string {
	t.Helper()
	der, err := certs.SelfSign(certs.Policy{Subject: subject, Key: p256}, key, rand.Reader, now)
	if err != nil {
		t.Fatalf("%q: %v", subject, err)
	}
	facts, err := certs.Describe(der)
	if err != nil {
		t.Fatal(err)
	}
	return facts.Subject
}
