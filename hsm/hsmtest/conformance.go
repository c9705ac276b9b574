package hsmtest

import (
	"bytes"
	"errors"
	"slices"
	"testing"

	"github.com/strongroom/strongroom/hsm"
	"github.com/strongroom/strongroom/internal/secret"
)

// Conformance runs the suite that a token must pass to hold an installation
// and callers' keys: what it says it can do is done and checked with the
// standard library, and what it made is removed again. The token is logged in.
func Conformance(t *testing.T, token *hsm.Token) {
	t.Helper()
	Wrapping(t, token)
	able, err := token.Capabilities(t.Context())
	if err != nil {
		t.Fatalf("Capabilities: %v", err)
	}
	table, err := token.Support(t.Context())
	if err != nil {
		t.Fatalf("Support: %v", err)
	}
	for _, kt := range able.KeyTypes {
		// Larger RSA keys differ in nothing but the time to make them.
		if kt != hsm.RSA3072 && kt != hsm.RSA4096 && Signs(kt) {
			t.Run("sign/"+string(kt), func(t *testing.T) { conformSigning(t, token, able, kt) })
		}
	}
	conformCiphers(t, token, table)
	for _, row := range table {
		if row.Able && row.Act == hsm.ActSign && Secret(row.Type) > 0 {
			t.Run("hmac/"+string(row.Type)+"/"+row.Algorithm, func(t *testing.T) { conformHMAC(t, token, row) })
		}
		if row.Able && row.Act == hsm.ActImport && Secret(row.Type) == 0 {
			t.Run("import/"+string(row.Type), func(t *testing.T) { conformImport(t, token, row.Type) })
		}
	}
	t.Run("data", func(t *testing.T) { conformData(t, token) })
	t.Run("random", func(t *testing.T) { conformRandom(t, token) })
}

// Wrapping is the part of [Conformance] that master keys need.
func Wrapping(t *testing.T, token *hsm.Token) {
	t.Helper()
	able, err := token.Capabilities(t.Context())
	if err != nil {
		t.Fatalf("Capabilities: %v", err)
	}
	t.Run("wrapping", func(t *testing.T) { conformWrapping(t, token, able) })
}

// Signs reports whether key pairs of the type sign.
func Signs(kt hsm.KeyType) bool { return Secret(kt) == 0 }

// Secret gives the length of a secret key in bytes, 0 for a key pair.
func Secret(kt hsm.KeyType) int {
	return map[hsm.KeyType]int{
		hsm.AES128: 16, hsm.AES192: 24, hsm.AES256: 32, hsm.HMAC256: 32, hsm.HMAC384: 48, hsm.HMAC512: 64,
	}[kt]
}

// MakeKey makes a key that goes with the test and checks that it is locked in.
func MakeKey(t testing.TB, token *hsm.Token, kt hsm.KeyType, use hsm.Usage) hsm.KeyInfo {
	t.Helper()
	info, err := token.GenerateKey(t.Context(), hsm.GenerateKeyRequest{Label: "conformance", Type: kt, Usage: use})
	if err != nil {
		t.Fatalf("GenerateKey %s: %v", kt, err)
	}
	// Has: a token that does not know CKA_ALLOWED_MECHANISMS tells less.
	if info.Type != kt || !info.Usage.Has(use) || !info.Private || !info.Sensitive || info.Extractable {
		t.Errorf("the key reads back as %+v", info)
	}
	return info
}

func conformWrapping(t *testing.T, token *hsm.Token, able hsm.Capabilities) {
	kt := hsm.AES256
	if able.Wrapping == hsm.WrapRSAOAEP {
		kt = hsm.RSA2048
	}
	if !slices.Contains(able.KeyTypes, kt) {
		t.Fatalf("the token wraps with %q but cannot make %s", able.Wrapping, kt)
	}
	key := MakeKey(t, token, kt, hsm.UsageWrap).ID
	other := MakeKey(t, token, kt, hsm.UsageWrap).ID
	defer func() { destroy(t, token, key); destroy(t, token, other) }()

	plain := []byte("a data key of thirty-two bytes..")
	wrapped, err := token.Wrap(t.Context(), hsm.WrapRequest{Key: key, Data: secret.Copy(plain)})
	if err != nil {
		t.Fatalf("Wrap: %v", err)
	}
	again, err := token.Wrap(t.Context(), hsm.WrapRequest{Key: key, Data: secret.Copy(plain)})
	if err != nil {
		t.Fatalf("Wrap: %v", err)
	}
	if bytes.Contains(wrapped, plain) {
		t.Error("the wrapped key shows the data")
	}
	if able.Wrapping != hsm.WrapAESKWP && bytes.Equal(wrapped, again) { // RFC 5649 has no randomness
		t.Error("wrapping twice gives the same bytes: a nonce repeats")
	}
	wantOpened(t, token, key, wrapped, plain)
	for _, n := range []int{1, 10, 33, 190} { // 190: the most for RSA-2048 with OAEP and SHA-256
		odd := bytes.Repeat([]byte{byte(n)}, n)
		wrapped, err := token.Wrap(t.Context(), hsm.WrapRequest{Key: key, Data: secret.Copy(odd)})
		if err != nil {
			t.Fatalf("Wrap of %d bytes: %v", n, err)
		}
		wantOpened(t, token, key, wrapped, odd)
	}
	wantRefused(t, token, other, wrapped)
	for _, i := range []int{0, 2, len(wrapped) / 2, len(wrapped) - 1} {
		wantRefused(t, token, key, flipped(wrapped, i))
	}
	// A changed cipher may also be one that this token does not have.
	renamed := flipped(wrapped, 1)
	if _, err := token.Unwrap(t.Context(), hsm.UnwrapRequest{Key: key, Wrapped: renamed}); err == nil {
		t.Error("Unwrap opens a blob whose cipher was changed")
	}
	wantRefused(t, token, key, wrapped[:len(wrapped)-1])
	wantRefused(t, token, key, nil)
}

func flipped(b []byte, i int) []byte {
	forged := bytes.Clone(b)
	forged[i] ^= 1
	return forged
}

func wantOpened(t *testing.T, token *hsm.Token, key hsm.KeyID, wrapped, want []byte) {
	t.Helper()
	got, err := token.Unwrap(t.Context(), hsm.UnwrapRequest{Key: key, Wrapped: wrapped})
	if err != nil {
		t.Fatalf("Unwrap: %v", err)
	}
	defer got.Wipe()
	got.Reveal(func(b []byte) {
		if !bytes.Equal(b, want) {
			t.Error("Unwrap gives other data than was wrapped")
		}
	})
}

func wantRefused(t *testing.T, token *hsm.Token, key hsm.KeyID, wrapped []byte) {
	t.Helper()
	got, err := token.Unwrap(t.Context(), hsm.UnwrapRequest{Key: key, Wrapped: wrapped})
	got.Wipe()
	if !errors.Is(err, hsm.ErrAuthenticationFailed) {
		t.Errorf("Unwrap of forged data: %v, want %v", err, hsm.ErrAuthenticationFailed)
	}
}

func destroy(t *testing.T, token *hsm.Token, id hsm.KeyID) {
	t.Helper()
	if err := token.DestroyKey(t.Context(), id); err != nil {
		t.Errorf("DestroyKey: %v", err)
	}
	if _, err := token.Key(t.Context(), id); !errors.Is(err, hsm.ErrKeyAbsent) {
		t.Errorf("a destroyed key: %v, want %v", err, hsm.ErrKeyAbsent)
	}
}

func conformData(t *testing.T, token *hsm.Token) {
	const label = "strongroom conformance"
	for _, value := range []string{"first", "second, and longer", "3"} {
		if err := token.PutData(t.Context(), label, []byte(value)); err != nil {
			t.Fatalf("PutData: %v", err)
		}
		got, err := token.Data(t.Context(), label)
		if err != nil || len(got) != 1 || string(got[0]) != value {
			t.Fatalf("Data gives %q, %v; want only %q", got, err, value)
		}
	}
}

func conformRandom(t *testing.T, token *hsm.Token) {
	a, err := token.Random(t.Context(), 32)
	if err != nil {
		t.Fatalf("Random: %v", err)
	}
	b, err := token.Random(t.Context(), 32)
	if err != nil || len(a) != 32 || bytes.Equal(a, b) {
		t.Errorf("Random gives %x, then %x, %v", a, b, err)
	}
}
