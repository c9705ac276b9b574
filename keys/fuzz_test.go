package keys_test

import (
	"bytes"
	"crypto"
	"encoding/pem"
	"errors"
	"testing"

	"software.sslmate.com/src/go-pkcs12"

	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/internal/secret"
	"github.com/strongroom/strongroom/keys"
)

// expectSound is what every parser owes: a key that can be written and read
// again, or a fault that is the input's.
func expectSound(t *testing.T, key *keys.Private, err error) {
	t.Helper()
	if err != nil {
		kind := fault.KindOf(err)
		if key != nil || (kind != fault.Invalid && kind != fault.Unsupported) || fault.Problem(err) == "" {
			t.Fatalf("%v with %v", key, err)
		}
		return
	}
	encoded, err := key.Encode()
	if err != nil {
		t.Fatal(err)
	}
	again, err := keys.ParsePrivate(key.Spec(), encoded)
	if err != nil || !again.Public().Equal(key.Public()) {
		t.Fatalf("%s does not read back: %v", key.Spec(), err)
	}
}

func FuzzParsePrivatePEM(f *testing.F) {
	for _, spec := range pfxSpecs {
		text := privatePEM(f, generate(f, spec))
		f.Add(text)
		f.Add(bytes.Replace(text, []byte("PRIVATE"), []byte("EC PRIVATE"), 2))
		f.Add(bytes.Replace(text, []byte("PRIVATE"), []byte("ENCRYPTED PRIVATE"), 2))
	}
	f.Add([]byte("-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		key, err := keys.ParsePrivatePEM(secret.Copy(text))
		expectSound(t, key, err)
	})
}

func FuzzParsePrivateDER(f *testing.F) {
	for _, spec := range append(pfxSpecs, keys.Spec{Type: keys.EC, Curve: keys.P256K}) {
		f.Add(reveal(pkcs8Of(f, generate(f, spec))))
	}
	f.Fuzz(func(t *testing.T, der []byte) {
		key, err := keys.ParsePrivateDER(secret.Copy(der))
		expectSound(t, key, err)
		for _, kind := range []string{"RSA PRIVATE KEY", "EC PRIVATE KEY"} {
			key, err := keys.ParsePrivatePEM(secret.New(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})))
			expectSound(t, key, err)
		}
	})
}

func FuzzParsePrivateJWK(f *testing.F) {
	for _, text := range []string{rfcRSA["A.1"], rfcEC, rfcOKP, rfcOct, `{"kty":"RSA","oth":[{}]}`, `{"kty":"EC-HSM","key_hsm":"AA"}`} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		_, key, err := keys.ParsePrivateJWK(secret.Copy(text))
		expectSound(t, key, err)
	})
}

func FuzzParsePFX(f *testing.F) {
	for _, spec := range pfxSpecs {
		key := generate(f, spec)
		leaf := certificate(f, signerOf(f, key), "leaf")
		for _, encoder := range []*pkcs12.Encoder{pkcs12.LegacyRC2, pkcs12.LegacyDES, pkcs12.Modern2023, pkcs12.Modern2026} {
			f.Add(pfx(f, encoder.WithIterations(1), key, "x", leaf), "x")
		}
		f.Add(pfx(f, pkcs12.Passwordless, key, "", leaf), "")
	}
	f.Fuzz(func(t *testing.T, data []byte, password string) {
		got, err := keys.ParsePFX(secret.Copy(data), secret.FromString(password))
		expectSound(t, got.Key, err)
		if err == nil && len(got.Certificates) == 0 {
			t.Fatal("a key without its certificate")
		}
	})
}

func FuzzParseBYOK(f *testing.F) {
	kek := privateJWK(f, rfcRSA["A.1"])
	good := blobCiphertext(f, kek.Public(), make([]byte, 32), make([]byte, 32))
	f.Add(blob(f, good))
	f.Add(blob(f, good[:256]))
	f.Add([]byte(`{"schema_version":"1.0.0","header":{},"ciphertext":""}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		parsed, err := keys.ParseBYOK(text)
		if err != nil {
			expectSound(t, nil, err)
			return
		}
		key, err := parsed.Unwrap(kek.Spec(), octSpecs[2], kek.Decrypt)
		expectSound(t, key, err)
	})
}

// Whatever is given for decryption, the answer is a plaintext, ErrDecrypt, or
// a fault of the request's shape.
func FuzzDecrypt(f *testing.F) {
	raw := bytes.Repeat([]byte{5}, 32)
	key := octKey(f, raw)
	for i, info := range keys.EncryptionAlgorithms() {
		f.Add(byte(i), make([]byte, 32), make([]byte, info.IVSize), []byte(nil), make([]byte, info.TagSize))
	}
	f.Fuzz(func(t *testing.T, which byte, ciphertext, iv, aad, tag []byte) {
		all := keys.EncryptionAlgorithms()
		info := all[int(which)%len(all)]
		e := keys.Encrypted{Algorithm: info.Name, Ciphertext: ciphertext, IV: iv, AAD: aad, Tag: tag}
		open := key.Decrypt
		if !info.Does(keys.OpDecrypt) {
			open = func(e keys.Encrypted) (*secret.Bytes, error) { return key.Unwrap(e, 0) }
		}
		plaintext, err := open(e)
		if err != nil && (plaintext != nil || fault.KindOf(err) != fault.Invalid) {
			t.Fatalf("%s: %v, %v", info.Name, plaintext, err)
		}
		if err == nil && plaintext.Len() > len(ciphertext) {
			t.Fatalf("%s: %d bytes out of %d", info.Name, plaintext.Len(), len(ciphertext))
		}
	})
}

func FuzzDecodeOAEP(f *testing.F) {
	key := privateJWK(f, rfcRSA["A.1"])
	f.Add(oaepEM(f, key, crypto.SHA256, []byte("message"), nil), []byte(nil))
	f.Add(oaepEM(f, key, crypto.SHA1, nil, []byte("label")), []byte("label"))
	f.Add([]byte(nil), []byte(nil))
	f.Fuzz(func(t *testing.T, em, label []byte) {
		for _, hash := range []crypto.Hash{crypto.SHA1, crypto.SHA256} {
			got, err := keys.DecodeOAEP(hash, label, em, len(em))
			if err != nil && (got != nil || !errors.Is(err, keys.ErrDecrypt)) {
				t.Fatalf("%v, %v", got, err)
			}
			if err == nil && got.Len() > len(em)-2*hash.Size()-2 {
				t.Fatalf("%d bytes out of %d", got.Len(), len(em))
			}
		}
	})
}
