package keys_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/internal/secret"
	"github.com/strongroom/strongroom/keys"
)

// octSpecs are the symmetric specs.
var octSpecs = []keys.Spec{{Type: keys.Oct, Bits: 128}, {Type: keys.Oct, Bits: 192}, {Type: keys.Oct, Bits: 256}}

// RFC 7520 section 4.4: HS256 with the key of section 3.5.
func TestHMACVector(t *testing.T) {
	key := privateJWK(t, `{"kty":"oct","kid":"018c0ae5-4d9b-471b-bfd6-eef314bc7037","use":"sig","alg":"HS256","k":"hJtXIZ2uSN5kbQfbtTNWbpdmhkV8FJG-Onbc6mxCcYg"}`)
	const jws = "eyJhbGciOiJIUzI1NiIsImtpZCI6IjAxOGMwYWU1LTRkOWItNDcxYi1iZmQ2LWVlZjMxNGJjNzAzNyJ9.SXTigJlzIGEgZGFuZ2Vyb3VzIGJ1c2luZXNzLCBGcm9kbywgZ29pbmcgb3V0IHlvdXIgZG9vci4gWW91IHN0ZXAgb250byB0aGUgcm9hZCwgYW5kIGlmIHlvdSBkb24ndCBrZWVwIHlvdXIgZmVldCwgdGhlcmXigJlzIG5vIGtub3dpbmcgd2hlcmUgeW91IG1pZ2h0IGJlIHN3ZXB0IG9mZiB0by4.s0h6KThzkfBBBkLspW1h84VsJZFTsPPqMDA7g1Md7p0"
	cut := strings.LastIndexByte(jws, '.')
	message, err := keys.Digest(context.Background(), keys.HS256, strings.NewReader(jws[:cut]), nil)
	if err != nil {
		t.Fatal(err)
	}
	sig, err := key.Sign(keys.HS256, message)
	if err != nil || keys.Base64URL(sig).String() != jws[cut+1:] {
		t.Errorf("Sign = %s, %v", keys.Base64URL(sig), err)
	}
}

// Codes are what OpenSSL computes; the key's holder accepts them, and refuses
// them spoiled, shortened (RFC 7515 knows no truncation) or for other content.
func TestHMACSignsAndVerifies(t *testing.T) {
	raw := bytes.Repeat([]byte{0x5c, 0x36}, 16)
	key := octKey(t, raw)
	for _, alg := range keys.AlgorithmsFor(key.Spec()) {
		sig, err := key.Sign(alg, []byte(content))
		if err != nil {
			t.Fatal(err)
		}
		info, _ := alg.Info()
		hash := "-" + strings.ToLower(strings.ReplaceAll(info.Hash.String(), "-", ""))
		out, ok := openssl(t, "dgst", hash, "-mac", "HMAC", "-macopt", "hexkey:"+hex.EncodeToString(raw), file(t, "content", []byte(content)))
		if !ok || !strings.Contains(out, hex.EncodeToString(sig)) {
			t.Errorf("%s: openssl has %s, we %x", alg, out, sig)
		}
		if valid, err := key.Verify(alg, []byte(content), sig); !valid || err != nil {
			t.Errorf("%s: Verify = %v, %v", alg, valid, err)
		}
		for _, bad := range append(spoiled(sig), sig[:16]) {
			if valid, err := key.Verify(alg, []byte(content), bad); valid || err != nil {
				t.Errorf("%s: Verify of %x = %v, %v, want false and no error", alg, bad, valid, err)
			}
		}
		if valid, _ := key.Verify(alg, []byte(content+"0"), sig); valid {
			t.Errorf("%s: accepted for other content", alg)
		}
	}
}

func TestHMACRefusals(t *testing.T) {
	small, large := octKey(t, make([]byte, 16)), octKey(t, make([]byte, 32))
	for name, err := range map[string]error{
		"a short key signs":    second(small.Sign(keys.HS256, nil)),
		"a short key verifies": second(small.Verify(keys.HS256, nil, nil)),
		"with RS256":           second(large.Verify(keys.RS256, make([]byte, 32), nil)),
		"too long a message":   second(large.Verify(keys.HS256, make([]byte, keys.MaxMessage+1), nil)),
	} {
		if fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: %v, want Invalid", name, err)
		}
	}
	// A symmetric key has no public half to verify with.
	if _, err := keys.Verify(large.Public(), keys.HS256, nil, nil); err == nil {
		t.Error("the public half of a symmetric key verifies")
	}
}

func second[T any](_ T, err error) error { return err }

// An asymmetric key's holder may ask it too.
func TestPrivateVerifyAsksThePublicHalf(t *testing.T) {
	key := generate(t, keys.Spec{Type: keys.EC, Curve: keys.P256})
	digest := digestOf(t, keys.ES256, content)
	sig, err := key.Sign(keys.ES256, digest)
	if err != nil {
		t.Fatal(err)
	}
	if valid, err := key.Verify(keys.ES256, digest, sig); !valid || err != nil {
		t.Errorf("Verify = %v, %v", valid, err)
	}
}

func TestOctKeysRoundTrip(t *testing.T) {
	for _, spec := range octSpecs {
		key, err := keys.Generate(spec, rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		encoded, err := key.Encode()
		if err != nil || encoded.Len() != spec.Bits/8 {
			t.Fatalf("%s: %d bytes, %v", spec, encoded.Len(), err)
		}
		older, err := key.PKCS8()
		if err != nil || !older.Equal(encoded) {
			t.Errorf("%s: PKCS8 and Encode differ, %v", spec, err)
		}
		again, err := keys.ParsePrivate(spec, encoded)
		if err != nil || again.Spec() != spec || !again.Public().IsZero() {
			t.Errorf("%s: read back as %v, %v", spec, again, err)
		}
		other, err := again.Encode()
		if err != nil || !other.Equal(encoded) {
			t.Errorf("%s: another key came back", spec)
		}
		for _, length := range []int{0, spec.Bits/8 - 1, spec.Bits/8 + 1, 48} {
			if _, err := keys.ParsePrivate(spec, secret.New(make([]byte, length))); fault.KindOf(err) != fault.Invalid {
				t.Errorf("%s: %d bytes: %v, want Invalid", spec, length, err)
			}
		}
		key.Wipe()
		if _, err := key.Encode(); err == nil {
			t.Errorf("%s: exports after Wipe", spec)
		}
	}
}

// A random source that ends is a fault, never a key of zeros.
func TestGenerateNoticesABrokenRandomSource(t *testing.T) {
	for name, source := range map[string]*strings.Reader{"short": strings.NewReader("only ten b"), "empty": strings.NewReader("")} {
		if key, err := keys.Generate(octSpecs[2], source); key != nil || fault.KindOf(err) != fault.Internal {
			t.Errorf("%s: %v, %v", name, key, err)
		}
	}
	broken := errors.New("broken")
	_, err := octKey(t, make([]byte, 16)).Encrypt(iotest.ErrReader(broken), keys.EncryptRequest{Algorithm: keys.A128GCM})
	if !errors.Is(err, broken) || fault.KindOf(err) != fault.Internal {
		t.Errorf("Encrypt = %v", err)
	}
}
