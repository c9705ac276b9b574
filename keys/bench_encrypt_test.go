package keys_test

import (
	"bytes"
	"crypto"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"testing"

	"github.com/strongroom/strongroom/internal/secret"
	"github.com/strongroom/strongroom/keys"
)

// BenchmarkDecryptGCM compares with the bare standard library.
func BenchmarkDecryptGCM(b *testing.B) {
	const size = 64 << 10
	raw := make([]byte, 32)
	key := octKey(b, raw)
	e, err := key.Encrypt(rand.Reader, keys.EncryptRequest{Algorithm: keys.A256GCM, Plaintext: secret.New(make([]byte, size))})
	if err != nil {
		b.Fatal(err)
	}
	b.Run("bare", func(b *testing.B) {
		b.SetBytes(size)
		block, _ := aes.NewCipher(raw)
		gcm, _ := cipher.NewGCM(block)
		sealed := append(bytes.Clone(e.Ciphertext), e.Tag...)
		for b.Loop() {
			if _, err := gcm.Open(nil, e.IV, sealed, nil); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("keys", func(b *testing.B) {
		b.SetBytes(size)
		for b.Loop() {
			if _, err := key.Decrypt(e); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkRSA2048 decrypts with each padding, and encrypts.
func BenchmarkRSA2048(b *testing.B) {
	key := generate(b, rsa2048)
	for _, alg := range keys.EncryptionAlgorithmsFor(rsa2048, keys.OpDecrypt) {
		request := keys.EncryptRequest{Algorithm: alg, Plaintext: secret.New(make([]byte, 32))}
		e, err := key.Public().Encrypt(request)
		if err != nil {
			b.Fatal(err)
		}
		b.Run("decrypt "+string(alg), func(b *testing.B) {
			for b.Loop() {
				if _, err := key.Decrypt(e); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run("encrypt "+string(alg), func(b *testing.B) {
			for b.Loop() {
				if _, err := key.Public().Encrypt(request); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkUnwrap unwraps a key of 32 bytes, and one of an RSA key's size.
func BenchmarkUnwrap(b *testing.B) {
	key := octKey(b, make([]byte, 32))
	for name, size := range map[string]int{"32 bytes": 32, "1216 bytes": 1216} {
		e, err := key.Wrap(nil, keys.EncryptRequest{Algorithm: keys.A256KWPAD, Plaintext: secret.New(make([]byte, size))})
		if err != nil {
			b.Fatal(err)
		}
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := key.Unwrap(e, size); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkDecodeOAEP is the cost of the padding without the RSA operation.
func BenchmarkDecodeOAEP(b *testing.B) {
	em := oaepEM(b, privateJWK(b, rfcRSA["A.1"]), crypto.SHA256, make([]byte, 32), nil)
	for b.Loop() {
		if _, err := keys.DecodeOAEP(crypto.SHA256, nil, em, len(em)); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkImportRSA2048 is dominated by the test for primes, which reading
// back our own keys does without.
func BenchmarkImportRSA2048(b *testing.B) {
	der := pkcs8Of(b, generate(b, rsa2048))
	b.Run("from elsewhere", func(b *testing.B) {
		for b.Loop() {
			if _, err := keys.ParsePrivateDER(der); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("our own", func(b *testing.B) {
		for b.Loop() {
			if _, err := keys.ParsePrivate(rsa2048, der); err != nil {
				b.Fatal(err)
			}
		}
	})
}
