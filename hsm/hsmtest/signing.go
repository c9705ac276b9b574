package hsmtest

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	_ "crypto/sha256" // the hashes that tokens sign
	_ "crypto/sha512"
	"math/big"
	"testing"

	"github.com/strongroom/strongroom/hsm"
	"github.com/strongroom/strongroom/internal/secret"
	"github.com/strongroom/strongroom/keys"
)

func conformSigning(t *testing.T, token *hsm.Token, able hsm.Capabilities, kt hsm.KeyType) {
	info := MakeKey(t, token, kt, hsm.UsageSign)
	defer destroy(t, token, info.ID)
	if !info.Local || info.Public == nil {
		t.Errorf("the key says that it was not made here, or shows no public key: %+v", info)
	}
	for _, m := range able.Signing {
		for _, h := range hashesOf(kt, m) {
			sum := digest(h, "what is signed")
			sig, err := token.Sign(t.Context(), hsm.SignRequest{Key: info.ID, Mechanism: m, Hash: h, Digest: sum})
			if err != nil {
				t.Errorf("%s with %s: %v", m, h, err)
			} else if !Verify(t, info, m, h, sum, sig) {
				t.Errorf("%s with %s: the signature does not verify", m, h)
			}
		}
	}
}

// hashesOf gives the hashes that a key pair signs with by a mechanism, none
// when they do not fit.
func hashesOf(kt hsm.KeyType, m hsm.SignMechanism) []crypto.Hash {
	isRSA := kt == hsm.RSA2048 || kt == hsm.RSA3072 || kt == hsm.RSA4096
	switch {
	case m == hsm.EdDSA && kt == hsm.Ed25519:
		return []crypto.Hash{0}
	case isRSA && (m == hsm.RSAPKCS1 || m == hsm.RSAPSS), !isRSA && kt != hsm.Ed25519 && m == hsm.ECDSA:
		return []crypto.Hash{crypto.SHA256, crypto.SHA384, crypto.SHA512}
	default:
		return nil
	}
}

// digest gives the message itself for no hash.
func digest(h crypto.Hash, message string) []byte {
	if h == 0 {
		return []byte(message)
	}
	d := h.New()
	d.Write([]byte(message))
	return d.Sum(nil)
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
	case ed25519.PublicKey:
		return ed25519.Verify(pub, digest, sig)
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

// Import brings a key into the token that goes with the test.
func Import(t testing.TB, token *hsm.Token, kt hsm.KeyType, use hsm.Usage, raw []byte) hsm.KeyInfo {
	t.Helper()
	info, err := token.ImportKey(t.Context(), hsm.ImportKeyRequest{Label: "conformance", Type: kt, Usage: use, Material: secret.Copy(raw)})
	if err != nil {
		t.Fatalf("ImportKey %s: %v", kt, err)
	}
	if info.Type != kt || !info.Usage.Has(use) || !info.Private || !info.Sensitive || info.Extractable ||
		info.Local || info.AlwaysSensitive || info.NeverExtractable {
		t.Errorf("the imported key reads back as %+v", info)
	}
	return info
}

// conformImport has a software key sign in the token.
func conformImport(t *testing.T, token *hsm.Token, kt hsm.KeyType) {
	key, err := keys.Generate(SpecOf(kt), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := key.PKCS8()
	if err != nil {
		t.Fatal(err)
	}
	var info hsm.KeyInfo
	der.Reveal(func(raw []byte) { info = Import(t, token, kt, hsm.UsageSign, raw) })
	defer destroy(t, token, info.ID)
	if !bytes.Equal(info.Public, key.Public().DER()) {
		t.Error("the token shows another public key than was imported")
	}
	for _, m := range []hsm.SignMechanism{hsm.ECDSA, hsm.RSAPKCS1, hsm.EdDSA} {
		for _, h := range hashesOf(kt, m) {
			sum := digest(h, "signed by an imported key")
			sig, err := token.Sign(t.Context(), hsm.SignRequest{Key: info.ID, Mechanism: m, Hash: h, Digest: sum})
			if err != nil || !Verify(t, info, m, h, sum, sig) {
				t.Errorf("%s with %s: %v", m, h, err)
			}
		}
	}
}

// SpecOf gives a key pair's type in the words of package keys.
func SpecOf(kt hsm.KeyType) keys.Spec {
	switch kt {
	case hsm.RSA2048:
		return keys.Spec{Type: keys.RSA, Bits: 2048}
	case hsm.RSA3072:
		return keys.Spec{Type: keys.RSA, Bits: 3072}
	case hsm.RSA4096:
		return keys.Spec{Type: keys.RSA, Bits: 4096}
	case hsm.Ed25519:
		return keys.Spec{Type: keys.OKP, Curve: keys.Ed25519}
	default:
		return keys.Spec{Type: keys.EC, Curve: keys.Curve(kt)}
	}
}

// conformHMAC compares with the standard library, which has the same key.
func conformHMAC(t *testing.T, token *hsm.Token, row hsm.Support) {
	alg, ok := keys.Algorithm(row.Algorithm).Info()
	if !ok {
		t.Fatalf("the table names %q, which is no algorithm", row.Algorithm)
	}
	raw := Random(t, Secret(row.Type))
	info := Import(t, token, row.Type, hsm.UsageSign, raw)
	defer destroy(t, token, info.ID)
	for _, message := range [][]byte{nil, []byte("what is signed"), make([]byte, 10_000)} {
		got, err := token.Sign(t.Context(), hsm.SignRequest{Key: info.ID, Mechanism: hsm.HMAC, Hash: alg.Hash, Digest: message})
		mac := hmac.New(alg.Hash.New, raw)
		mac.Write(message)
		if err != nil || !bytes.Equal(got, mac.Sum(nil)) {
			t.Fatalf("Sign gives %x, %v", got, err)
		}
		for _, tc := range []struct {
			signature []byte
			want      bool
		}{
			{got, true}, {flipped(got, 0), false}, {got[:len(got)-1], false}, {nil, false}, {append(bytes.Clone(got), 0), false},
		} {
			valid, err := token.Verify(t.Context(), hsm.VerifyRequest{Key: info.ID, Hash: alg.Hash, Message: message, Signature: tc.signature})
			if err != nil || valid != tc.want {
				t.Errorf("Verify of %x: %v, %v; want %v", tc.signature, valid, err, tc.want)
			}
		}
	}
}

// Random gives bytes that no other test has.
func Random(t testing.TB, n int) []byte {
	t.Helper()
	b := make([]byte, n)
	if _, err := rand.Read(b); err != nil {
		t.Fatal(err)
	}
	return b
}
