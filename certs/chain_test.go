package certs_test

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/strongroom/strongroom/certs"
	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/keys"
)

// signedElsewhere is a key with its certificate and all above it.
func signedElsewhere(t testing.TB) (crypto.Signer, [][]byte) {
	t.Helper()
	p, key := newPKI(t, p256, now), signer(t, p256)
	leaf, err := p.issuing.Issue(webPolicy("api.example.org"), public(t, key), rand.Reader, now)
	if err != nil {
		t.Fatal(err)
	}
	return key, append([][]byte{leaf}, p.issuing.Chain()...)
}

// Any order, doubles and strangers make no difference to the chain.
func TestAChainIsPutInOrder(t *testing.T) {
	key, want := signedElsewhere(t)
	_, strangers := signedElsewhere(t)
	rapid.Check(t, func(t *rapid.T) {
		given := append(slices.Clone(want), want[rapid.IntRange(0, 2).Draw(t, "double")])
		extra := rapid.IntRange(0, 3).Draw(t, "extra")
		given = rapid.Permutation(append(given, strangers[:extra]...)).Draw(t, "order")
		data := certs.EncodePEM(given...)
		if rapid.Bool().Draw(t, "der") {
			data = slices.Concat(given...)
		}
		ders, err := certs.DecodeChain(data)
		if err != nil {
			t.Fatal(err)
		}
		public, err := keys.NewPublic(key.Public())
		if err != nil {
			t.Fatal(err)
		}
		got, err := certs.OrderChain(ders, public)
		if err != nil || !slices.EqualFunc(got.Certificates, want, bytes.Equal) || !got.Complete() || len(got.Extra) != extra {
			t.Fatalf("%d certificates, missing %q, %d extra, %v", len(got.Certificates), got.Missing, len(got.Extra), err)
		}
	})
}

func TestAnIncompleteChainSaysWhatIsMissing(t *testing.T) {
	key, chain := signedElsewhere(t)
	for _, tc := range []struct {
		given   [][]byte
		size    int
		missing string
	}{
		{chain[:1], 1, issuingProfile.Subject},
		{chain[:2], 2, rootProfile.Subject},
		{[][]byte{chain[2], chain[0]}, 1, issuingProfile.Subject},
	} {
		got, err := certs.OrderChain(tc.given, public(t, key))
		if err != nil || got.Complete() || len(got.Certificates) != tc.size || got.Missing != tc.missing {
			t.Errorf("%d certificates, missing %q, %v; want %d, %q", len(got.Certificates), got.Missing, err, tc.size, tc.missing)
		}
	}
	if (certs.Chain{}).Complete() {
		t.Error("no chain is complete")
	}
}

// A chain for another key is refused, whoever signed it: the attack is to have
// one's own certificate merged in the place of another's.
func TestAChainForAnotherKeyIsRefused(t *testing.T) {
	_, chain := signedElsewhere(t)
	got, err := certs.OrderChain(chain, public(t, signer(t, p256)))
	if err == nil || fault.Problem(err) != certs.ErrOtherKey.Problem || fault.KindOf(err) != fault.Invalid || got.Certificates != nil {
		t.Errorf("error = %v, want ErrOtherKey", err)
	}
}

// An authority of the right name that did not sign is noticed. Without key
// identifiers to tell the two apart it is a forgery; with them it is only
// another authority, and the right one is missing.
func TestAnIssuerThatDidNotSign(t *testing.T) {
	key, chain := signedElsewhere(t)
	_, other := signedElsewhere(t)
	got, err := certs.OrderChain([][]byte{chain[0], other[1], other[2]}, public(t, key))
	if err != nil || got.Missing != issuingProfile.Subject || len(got.Extra) != 2 {
		t.Errorf("an authority of the same name: %+v, %v", got.Missing, err)
	}
	forged := bytes.Clone(chain[0])
	forged[len(forged)-1] ^= 1
	if _, err := certs.OrderChain([][]byte{forged, chain[1], chain[2]}, public(t, key)); fault.KindOf(err) != fault.Tampered {
		t.Errorf("a forged signature: %v", err)
	}
	root := bytes.Clone(chain[2])
	root[len(root)-1] ^= 1
	if _, err := certs.OrderChain([][]byte{chain[0], chain[1], root}, public(t, key)); fault.KindOf(err) != fault.Tampered {
		t.Errorf("a forged root: %v", err)
	}
}

func TestChainsAreBounded(t *testing.T) {
	key, chain := signedElsewhere(t)
	again, err := certs.SelfSign(certs.Policy{Subject: "CN=x", Key: p256}, key, rand.Reader, now)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := certs.OrderChain(append(chain, again), public(t, key)); fault.KindOf(err) != fault.Invalid {
		t.Errorf("two for one key: %v", err)
	}
	if _, err := certs.OrderChain(slices.Repeat(chain, 4), public(t, key)); fault.KindOf(err) != fault.Invalid {
		t.Errorf("twelve: %v", err)
	}
	if _, err := certs.OrderChain([][]byte{[]byte("x")}, public(t, key)); fault.KindOf(err) != fault.Invalid {
		t.Errorf("no certificate: %v", err)
	}
	for name, data := range map[string][]byte{
		"nothing":    nil,
		"eleven":     bytes.Repeat(chain[0], 11),
		"half a one": chain[0][:100],
		"too much":   append([]byte{0x30}, make([]byte, 1<<20)...),
		// A degenerate SignedData with nothing in it.
		"PKCS #7": {0x30, 0x0b, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02},
	} {
		if _, err := certs.DecodeChain(data); fault.KindOf(err) != fault.Invalid || fault.Hint(err) == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
	if got := string(certs.Chain{Certificates: chain}.FullChain()); strings.Count(got, "BEGIN CERTIFICATE") != 3 {
		t.Errorf("full chain: %s", got)
	}
}

func FuzzChain(f *testing.F) {
	key, chain := signedElsewhere(f)
	f.Add(certs.EncodePEM(chain...))
	f.Add(slices.Concat(chain...))
	f.Add(slices.Concat(chain[2], chain[0]))
	want := public(f, key)
	f.Fuzz(func(t *testing.T, data []byte) {
		ders, err := certs.DecodeChain(data)
		if err != nil {
			return
		}
		got, err := certs.OrderChain(ders, want)
		if err != nil {
			return
		}
		if leaf, err := certs.PublicKey(got.Certificates[0]); err != nil || !leaf.Equal(want) {
			t.Errorf("the chain is for another key: %v", err)
		}
	})
}
