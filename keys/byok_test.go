package keys_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/internal/secret"
	"github.com/strongroom/strongroom/keys"
)

// blobCiphertext wraps as CKM_RSA_AES_KEY_WRAP does (PKCS #11 v3.1 section
// 6.1.20): an AES key under OAEP with SHA-1, then the target under AES-KWP.
func blobCiphertext(t testing.TB, kek keys.PublicKey, aesKey, target []byte) []byte {
	t.Helper()
	wrapped, err := kek.Wrap(keys.EncryptRequest{Algorithm: keys.RSAOAEP, Plaintext: secret.Copy(aesKey)})
	if err != nil {
		t.Fatal(err)
	}
	transport := octKey(t, aesKey)
	alg := keys.EncryptionAlgorithmsFor(transport.Spec(), keys.OpWrapKey)[1]
	payload, err := transport.Wrap(nil, keys.EncryptRequest{Algorithm: alg, Plaintext: secret.Copy(target)})
	if err != nil {
		t.Fatal(err)
	}
	return append(wrapped.Ciphertext, payload.Ciphertext...)
}

// blob is the JSON that Azure's "bring your own key" specification shows.
func blob(t testing.TB, ciphertext []byte) []byte {
	t.Helper()
	text, err := json.Marshal(map[string]any{
		"schema_version": "1.0.0",
		"header":         map[string]string{"kid": "kek/1", "alg": "dir", "enc": "CKM_RSA_AES_KEY_WRAP"},
		"ciphertext":     keys.Base64URL(ciphertext).String(),
		"generator":      "BYOK tool 1.0; HSM firmware 2.3",
	})
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func unwrapBlob(t testing.TB, kek *keys.Private, spec keys.Spec, text []byte) (*keys.Private, error) {
	t.Helper()
	parsed, err := keys.ParseBYOK(text)
	if err != nil {
		return nil, err
	}
	return parsed.Unwrap(kek.Spec(), spec, kek.Decrypt)
}

// Every kind of key travels, under every size of transport key.
func TestBYOKBringsEveryKindOfKey(t *testing.T) {
	kek := privateJWK(t, rfcRSA["A.1"])
	for _, spec := range append(softwareSpecs(), octSpecs...) {
		if spec.Type == keys.RSA && spec.Bits > 2048 {
			continue // the same code as 2048, and slow to test for primes
		}
		want := generate(t, spec)
		encoded := pkcs8Of(t, want)
		for _, size := range []int{16, 24, 32} {
			got, err := unwrapBlob(t, kek, spec, blob(t, blobCiphertext(t, kek.Public(), bytes.Repeat([]byte{1}, size), reveal(encoded))))
			if err != nil {
				t.Errorf("%s: %v", spec, err)
				continue
			}
			if !pkcs8Of(t, got).Equal(encoded) {
				t.Errorf("%s: another key arrives", spec)
			}
		}
	}
}

// A blob that OpenSSL's command line made.
func TestBYOKFromOpenSSL(t *testing.T) {
	kek := privateJWK(t, rfcRSA["A.1"])
	target := generate(t, keys.Spec{Type: keys.EC, Curve: keys.P256})
	dir := t.TempDir()
	for _, args := range [][]string{
		{"pkeyutl", "-encrypt", "-pubin", "-inkey", file(t, "kek.pem", kek.Public().PEM()), "-pkeyopt", "rsa_padding_mode:oaep", "-in", file(t, "aes", bytes.Repeat([]byte{0x42}, 32)), "-out", dir + "/1"},
		{"enc", "-id-aes256-wrap-pad", "-K", strings.Repeat("42", 32), "-iv", "A65959A6", "-in", file(t, "target", reveal(pkcs8Of(t, target))), "-out", dir + "/2"},
	} {
		if out, ok := openssl(t, args...); !ok {
			t.Fatal(out)
		}
	}
	first, err1 := os.ReadFile(dir + "/1")
	rest, err2 := os.ReadFile(dir + "/2")
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	got, err := unwrapBlob(t, kek, target.Spec(), blob(t, append(first, rest...)))
	if err != nil || !got.Public().Equal(target.Public()) {
		t.Errorf("%v, %v", got, err)
	}
}

func TestBYOKSaysWhatItHolds(t *testing.T) {
	kek := privateJWK(t, rfcRSA["A.1"])
	parsed, err := keys.ParseBYOK(blob(t, blobCiphertext(t, kek.Public(), make([]byte, 32), []byte("key"))))
	if err != nil || parsed.KeyID != "kek/1" || parsed.Generator != "BYOK tool 1.0; HSM firmware 2.3" {
		t.Errorf("%+v, %v", parsed, err)
	}
	aesKey, target, err := parsed.Parts(kek.Spec())
	if err != nil || len(aesKey) != 256 || len(target) != 16 {
		t.Errorf("parts of %d and %d bytes, %v", len(aesKey), len(target), err)
	}
	if _, _, err := parsed.Parts(keys.Spec{Type: keys.EC, Curve: keys.P256}); fault.KindOf(err) != fault.Invalid {
		t.Errorf("an EC key unwraps: %v", err)
	}
}

// Wherever the damage is, the answer is the same.
func TestBYOKThatDoesNotOpen(t *testing.T) {
	kek := privateJWK(t, rfcRSA["A.1"])
	spec := octSpecs[2]
	good := blobCiphertext(t, kek.Public(), make([]byte, 32), make([]byte, 32))
	flip := func(i int) []byte {
		bad := bytes.Clone(good)
		bad[i] ^= 1
		return bad
	}
	odd, err := kek.Public().Wrap(keys.EncryptRequest{Algorithm: keys.RSAOAEP, Plaintext: secret.New(make([]byte, 20))})
	if err != nil {
		t.Fatal(err)
	}
	for name, ciphertext := range map[string][]byte{
		"the AES key":              flip(0),
		"the AES key's end":        flip(255),
		"the target":               flip(256),
		"the target's end":         flip(len(good) - 1),
		"cut":                      good[:len(good)-8],
		"only the AES key":         good[:256],
		"nearly nothing":           good[:10],
		"longer":                   append(bytes.Clone(good), make([]byte, 8)...),
		"an AES key of 20 bytes":   append(odd.Ciphertext, good[256:]...),
		"wrapped for another key":  blobCiphertext(t, generate(t, rsa2048).Public(), make([]byte, 32), make([]byte, 32)),
		"parts in the wrong order": append(bytes.Clone(good[256:]), good[:256]...),
		"target under another key": append(bytes.Clone(good[:256]), blobCiphertext(t, kek.Public(), bytes.Repeat([]byte{1}, 32), make([]byte, 32))[256:]...),
	} {
		if got, err := unwrapBlob(t, kek, spec, blob(t, ciphertext)); got != nil || err != error(keys.ErrDecrypt) {
			t.Errorf("%s: %v, %v, want ErrDecrypt itself", name, got, err)
		}
	}
	parsed, err := keys.ParseBYOK(blob(t, good))
	if err != nil {
		t.Fatal(err)
	}
	gone := fault.New(fault.Unavailable, "the HSM is gone", "")
	_, err = parsed.Unwrap(kek.Spec(), spec, func(keys.Encrypted) (*secret.Bytes, error) { return nil, gone })
	if !errors.Is(err, gone) {
		t.Errorf("the HSM's own fault is lost: %v", err)
	}
}

// What is inside must be the key that was announced, and in software.
func TestBYOKMustBeWhatWasAnnounced(t *testing.T) {
	kek := privateJWK(t, rfcRSA["A.1"])
	inside := func(target []byte) []byte { return blob(t, blobCiphertext(t, kek.Public(), make([]byte, 32), target)) }
	p256 := keys.Spec{Type: keys.EC, Curve: keys.P256}
	ec := reveal(pkcs8Of(t, generate(t, p256)))
	for _, tc := range []struct {
		name   string
		spec   keys.Spec
		target []byte
	}{
		{"another curve", keys.Spec{Type: keys.EC, Curve: keys.P384}, ec},
		{"EC for oct", octSpecs[2], ec},
		{"oct for EC", p256, make([]byte, 32)},
		{"oct of another size", octSpecs[0], make([]byte, 32)},
		{"for the HSM", p256.Hardware(), ec},
		{"no key at all", p256, []byte("hello")},
	} {
		if got, err := unwrapBlob(t, kek, tc.spec, inside(tc.target)); got != nil || fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: %v, %v, want Invalid", tc.name, got, err)
		}
	}
}

func TestParseBYOKIsStrict(t *testing.T) {
	const good = `{"schema_version":"1.0.0","header":{"kid":"k","alg":"dir","enc":"CKM_RSA_AES_KEY_WRAP"},"ciphertext":"AAAA","generator":"g"}`
	if _, err := keys.ParseBYOK([]byte(good)); err != nil {
		t.Fatalf("the control blob is refused: %v", err)
	}
	for name, change := range map[string][2]string{
		"another version":     {"1.0.0", "2.0.0"},
		"another mechanism":   {"CKM_RSA_AES_KEY_WRAP", "A256GCM"},
		"another algorithm":   {`"dir"`, `"RSA-OAEP"`},
		"no kid":              {`"kid":"k"`, `"kid":""`},
		"no ciphertext":       {`"AAAA"`, `""`},
		"no base64url":        {`"AAAA"`, `"AA+A"`},
		"an unknown member":   {`"generator":"g"`, `"generator":"g","more":1`},
		"unknown in header":   {`"kid":"k"`, `"kid":"k","zip":"DEF"`},
		"a member twice":      {`"generator":"g"`, `"generator":"g","ciphertext":"BBBB"`},
		"twice in the header": {`"kid":"k"`, `"kid":"k","kid":"l"`},
		"no header":           {`"header":{"kid":"k","alg":"dir","enc":"CKM_RSA_AES_KEY_WRAP"},`, ""},
		"header no object":    {`{"kid":"k","alg":"dir","enc":"CKM_RSA_AES_KEY_WRAP"}`, `7`},
		"trailing bytes":      {`"generator":"g"}`, `"generator":"g"} x`},
		"too long":            {`"g"`, `"` + strings.Repeat("g", 33<<10) + `"`},
		"no object":           {good, `[]`},
		"nothing":             {good, ``},
	} {
		_, err := keys.ParseBYOK([]byte(strings.Replace(good, change[0], change[1], 1)))
		if kind := fault.KindOf(err); (kind != fault.Invalid && kind != fault.Unsupported) || fault.Hint(err) == "" {
			t.Errorf("%s: %v, want a refusal", name, err)
		}
	}
}
