package keys_test

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"io"
	"testing"

	"github.com/strongroom/strongroom/keys"
)

// BenchmarkDigest compares the streamed digest with the bare hash.
func BenchmarkDigest(b *testing.B) {
	const size = 64 << 20
	b.Run("bare", func(b *testing.B) {
		b.SetBytes(size)
		for b.Loop() {
			h := sha256.New()
			_, _ = io.Copy(h, io.LimitReader(endless{}, size))
		}
	})
	b.Run("streamed", func(b *testing.B) {
		b.SetBytes(size)
		for b.Loop() {
			if _, err := keys.Digest(context.Background(), keys.RS256, io.LimitReader(endless{}, size), func(int64) {}); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkSignRSA2048 compares a signature with the bare standard library's.
func BenchmarkSignRSA2048(b *testing.B) {
	key := generate(b, keys.Spec{Type: keys.RSA, Bits: 2048})
	digest := make([]byte, 32)
	b.Run("bare", func(b *testing.B) {
		bare := bareRSA(b, key)
		for b.Loop() {
			if _, err := rsa.SignPKCS1v15(rand.Reader, bare, crypto.SHA256, digest); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("keys", func(b *testing.B) {
		for b.Loop() {
			if _, err := key.Sign(keys.RS256, digest); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("keys with parsing", func(b *testing.B) {
		der := pkcs8Of(b, key)
		for b.Loop() {
			fresh, err := keys.ParsePrivate(key.Spec(), der)
			if err != nil {
				b.Fatal(err)
			}
			if _, err := fresh.Sign(keys.RS256, digest); err != nil {
				b.Fatal(err)
			}
			fresh.Wipe()
		}
	})
}

func bareRSA(t testing.TB, key *keys.Private) *rsa.PrivateKey {
	t.Helper()
	var bare *rsa.PrivateKey
	err := pkcs8Of(t, key).RevealErr(func(der []byte) error {
		parsed, err := x509.ParsePKCS8PrivateKey(der)
		if err == nil {
			bare = parsed.(*rsa.PrivateKey)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return bare
}
