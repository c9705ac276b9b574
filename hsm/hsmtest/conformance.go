package hsmtest

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	_ "crypto/sha256" // the hashes that tokens sign
	_ "crypto/sha512"
	"errors"
	"math/big"
	"slices"
	"testing"

	"github.com/strongroom/strongroom/hsm"
	"github.com/strongroom/strongroom/internal/secret"
	"github.com/strongroom/strongroom/keys"
)

// Conformance runs the suite that a token must pass to hold an installation:
// what it says it can do is done and checked with the standard library, and
// what it made is removed again. The token is logged in.
func Conformance(t *testing.T, token *hsm.Token) {
	t.Helper()
	able, err := token.Capabilities(t.Context())
	if err != nil {
		t.Fatalf("Capabilities: %v", err)
	}
	t.Run("wrapping", func(t *testing.T) { conformWrapping(t, token, able) })
	for _, kt := range able.KeyTypes {
		// Larger RSA keys differ in nothing but the time to make them.
		if kt != hsm.RSA3072 && kt != hsm.RSA4096 && Signs(kt) {
			t.Run("sign/"+string(kt), func(t *testing.T) { conformSigning(t, token, able, kt) })
		}
	}
	t.Run("data", func(t *testing.T) { conformData(t, token) })
	t.Run("random", func(t *testing.T) { conformRandom(t, token) })
}

// Signs reports whether keys of the type sign.
func Signs(kt hsm.KeyType) bool {
	return kt != hsm.AES128 && kt != hsm.AES192 && kt != hsm.AES256
}

// MakeKey makes a key that goes with the test and checks that it is locked in.
func MakeKey(t testing.TB, token *hsm.Token, kt hsm.KeyType, use hsm.Usage) hsm.KeyInfo {
	t.Helper()
	info, err := token.GenerateKey(t.Context(), hsm.GenerateKeyRequest{Label: "conformance", Type: kt, Usage: use})
	if err != nil {
		t.Fatalf("GenerateKey %s: %v", kt, err)
	}
	if info.Type != kt || info.Usage != use || !info.Private || !info.Sensitive || info.Extractable {
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

func conformSigning(t *testing.T, token *hsm.Token, able hsm.Capabilities, kt hsm.KeyType) {
	info := MakeKey(t, token, kt, hsm.UsageSign)
	defer destroy(t, token, info.ID)
	for _, m := range able.Signing {
		if (m == hsm.ECDSA) == (kt == hsm.RSA2048) {
			continue
		}
		for _, h := range []crypto.Hash{crypto.SHA256, crypto.SHA384, crypto.SHA512} {
			digest := h.New()
			digest.Write([]byte("what is signed"))
			sum := digest.Sum(nil)
			sig, err := token.Sign(t.Context(), hsm.SignRequest{Key: info.ID, Mechanism: m, Hash: h, Digest: sum})
			if err != nil {
				t.Errorf("%s with %s: %v", m, h, err)
			} else if !Verify(t, info, m, h, sum, sig) {
				t.Errorf("%s with %s: the signature does not verify", m, h)
			}
		}
	}
}

// Verify checks a signature with software that knows nothing of the token.
// ECDSA over a digest longer than the curve's order is cut as FIPS 186-5
// section 6.4.1 says.
func Verify(t testing.TB, key hsm.KeyInfo, m hsm.SignMechanism, h crypto.Hash, digest, sig []byte) bool {
	t.Helper()
	known, err := keys.ParsePublic(key.Public)
	if err != nil {
		t.Fatalf("the public key does not parse: %v", err)
	}
	parsed, standard := known.Standard()
	if !standard { // secp256k1, which the standard library leaves out
		valid, err := keys.Verify(known, keys.ES256K, digest[:32], sig)
		return err == nil && valid
	}
	switch pub := parsed.(type) {
	case *ecdsa.PublicKey:
		half := len(sig) / 2
		return ecdsa.Verify(pub, digest, new(big.Int).SetBytes(sig[:half]), new(big.Int).SetBytes(sig[half:]))
	case *rsa.PublicKey:
		if m == hsm.RSAPSS {
			return rsa.VerifyPSS(pub, h, digest, sig, &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash}) == nil
		}
		return rsa.VerifyPKCS1v15(pub, h, digest, sig) == nil
	default:
		t.Fatalf("a public key of type %T", parsed)
		return false
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
