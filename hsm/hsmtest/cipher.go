package hsmtest

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1" // OAEP does not need collision resistance
	"crypto/sha256"
	"crypto/x509"
	"errors"
	"math/big"
	"testing"

	"github.com/strongroom/strongroom/hsm"
	"github.com/strongroom/strongroom/internal/secret"
)

// conformCiphers makes keys once for each type: a key in a token costs more
// than what is done with it.
func conformCiphers(t *testing.T, token *hsm.Token, table []hsm.Support) {
	able := map[hsm.KeyType][]hsm.CipherMechanism{}
	for _, row := range table {
		if row.Able && row.Act == hsm.ActEncrypt {
			able[row.Type] = append(able[row.Type], hsm.CipherMechanism(row.Algorithm))
		}
	}
	for kt, mechanisms := range able {
		if Secret(kt) == 0 {
			t.Run("encrypt/"+string(kt), func(t *testing.T) { conformRSA(t, token, kt, mechanisms) })
		} else {
			t.Run("encrypt/"+string(kt), func(t *testing.T) { conformAES(t, token, kt, mechanisms) })
		}
	}
}

func conformAES(t *testing.T, token *hsm.Token, kt hsm.KeyType, mechanisms []hsm.CipherMechanism) {
	raw := Random(t, Secret(kt))
	both := hsm.UsageEncrypt | hsm.UsageWrapKeys
	key := Import(t, token, kt, both, raw).ID
	other := MakeKey(t, token, kt, both).ID
	defer func() { destroy(t, token, key); destroy(t, token, other) }()
	for _, m := range mechanisms {
		t.Run(string(m), func(t *testing.T) { conformCipher(t, token, m, raw, key, other) })
	}
}

// conformCipher has token and standard library open each other's ciphertexts,
// under a key that both have.
func conformCipher(t *testing.T, token *hsm.Token, m hsm.CipherMechanism, raw []byte, key, other hsm.KeyID) {
	for _, n := range lengths(m) {
		plain := Random(t, n)
		var aad []byte
		if m == hsm.AESGCM {
			aad = []byte("what belongs to it")
		}
		sealed := Encrypt(t, token, hsm.EncryptRequest{Key: key, Mechanism: m, Plaintext: secret.Copy(plain), AAD: aad})
		if got := softwareOpen(t, m, raw, aad, sealed); !bytes.Equal(got, plain) {
			t.Errorf("%d bytes: the standard library opens %x, want %x", n, got, plain)
		}
		req := hsm.DecryptRequest{Key: key, Mechanism: m, Ciphertext: softwareSeal(t, m, raw, aad, plain), AAD: aad}
		wantPlain(t, token, req, plain)
		wantForged(t, token, req, other)
	}
}

func lengths(m hsm.CipherMechanism) []int {
	switch m {
	case hsm.AESKW, hsm.AESKWP: // in steps of 8, which every token can do
		return []int{16, 24, 32, 4096}
	case hsm.AESCBC:
		return []int{0, 16, 4096}
	default:
		return []int{0, 1, 15, 16, 17, 5000}
	}
}

// Encrypt is Token.Encrypt for tests in which it must succeed.
func Encrypt(t testing.TB, token *hsm.Token, req hsm.EncryptRequest) hsm.Ciphertext {
	t.Helper()
	sealed, err := token.Encrypt(t.Context(), req)
	if err != nil {
		t.Fatalf("Encrypt %s: %v", req.Mechanism, err)
	}
	return sealed
}

func wantPlain(t *testing.T, token *hsm.Token, req hsm.DecryptRequest, want []byte) {
	t.Helper()
	got, err := token.Decrypt(t.Context(), req)
	if err != nil {
		t.Errorf("Decrypt %s of %d bytes: %v", req.Mechanism, len(want), err)
		return
	}
	defer got.Wipe()
	got.Reveal(func(b []byte) {
		if !bytes.Equal(b, want) {
			t.Errorf("Decrypt %s gives %x, want %x", req.Mechanism, b, want)
		}
	})
}

// wantForged changes a ciphertext in every part. AES-CBC alone shows nothing
// of it.
func wantForged(t *testing.T, token *hsm.Token, req hsm.DecryptRequest, other hsm.KeyID) {
	t.Helper()
	if req.Mechanism == hsm.AESCBC || req.Mechanism == hsm.AESCBCPad {
		return
	}
	c := req.Ciphertext
	forgeries := map[string]hsm.DecryptRequest{"another key": req}
	forge := func(name string, change func(*hsm.DecryptRequest)) {
		r := req
		change(&r)
		forgeries[name] = r
	}
	forge("another key", func(r *hsm.DecryptRequest) { r.Key = other })
	forge("cut", func(r *hsm.DecryptRequest) { r.Ciphertext.Data = c.Data[:max(0, len(c.Data)-1)] })
	if len(c.Data) > 0 {
		forge("first byte", func(r *hsm.DecryptRequest) { r.Ciphertext.Data = flipped(c.Data, 0) })
		forge("last byte", func(r *hsm.DecryptRequest) { r.Ciphertext.Data = flipped(c.Data, len(c.Data)-1) })
	} else {
		delete(forgeries, "cut")
	}
	if req.Mechanism == hsm.AESGCM {
		forge("tag", func(r *hsm.DecryptRequest) { r.Ciphertext.Tag = flipped(c.Tag, 15) })
		forge("nonce", func(r *hsm.DecryptRequest) { r.Ciphertext.IV = flipped(c.IV, 0) })
		forge("additional data", func(r *hsm.DecryptRequest) { r.AAD = []byte("what does not") })
		forge("no additional data", func(r *hsm.DecryptRequest) { r.AAD = nil })
	}
	for name, r := range forgeries {
		got, err := token.Decrypt(t.Context(), r)
		got.Wipe()
		if !errors.Is(err, hsm.ErrAuthenticationFailed) {
			t.Errorf("%s: %v, want %v", name, err, hsm.ErrAuthenticationFailed)
		}
	}
}

func conformRSA(t *testing.T, token *hsm.Token, kt hsm.KeyType, mechanisms []hsm.CipherMechanism) {
	use := hsm.UsageSign | hsm.UsageEncrypt | hsm.UsageRaw // one key for all, as Azure's may be
	info := MakeKey(t, token, kt, use)
	defer destroy(t, token, info.ID)
	parsed, err := x509.ParsePKIXPublicKey(info.Public)
	if err != nil {
		t.Fatal(err)
	}
	pub := parsed.(*rsa.PublicKey)
	for _, m := range mechanisms {
		t.Run(string(m), func(t *testing.T) {
			if m == hsm.RSARaw {
				conformRaw(t, token, info.ID, pub)
			} else {
				conformPadded(t, token, info, pub, m)
			}
		})
	}
}

func conformPadded(t *testing.T, token *hsm.Token, info hsm.KeyInfo, pub *rsa.PublicKey, m hsm.CipherMechanism) {
	plain := []byte("a key of thirty-two bytes, here.")
	sealed := Encrypt(t, token, hsm.EncryptRequest{Key: info.ID, Mechanism: m, Plaintext: secret.Copy(plain)})
	wantPlain(t, token, hsm.DecryptRequest{Key: info.ID, Mechanism: m, Ciphertext: sealed}, plain)
	req := hsm.DecryptRequest{Key: info.ID, Mechanism: m, Ciphertext: hsm.Ciphertext{Data: softwareRSA(t, m, pub, plain)}}
	wantPlain(t, token, req, plain)
	for name, data := range map[string][]byte{
		"changed": flipped(req.Ciphertext.Data, 100), "cut": req.Ciphertext.Data[1:], "nothing": nil,
		"more than the modulus": bytes.Repeat([]byte{255}, pub.Size()),
	} {
		got, err := token.Decrypt(t.Context(), hsm.DecryptRequest{Key: info.ID, Mechanism: m, Ciphertext: hsm.Ciphertext{Data: data}})
		got.Wipe()
		if !errors.Is(err, hsm.ErrAuthenticationFailed) {
			t.Errorf("%s: %v, want %v", name, err, hsm.ErrAuthenticationFailed)
		}
	}
}

func softwareRSA(t *testing.T, m hsm.CipherMechanism, pub *rsa.PublicKey, plain []byte) []byte {
	t.Helper()
	var out []byte
	var err error
	switch m {
	case hsm.RSAOAEP:
		out, err = rsa.EncryptOAEP(sha1.New(), rand.Reader, pub, plain, nil)
	case hsm.RSAOAEP256:
		out, err = rsa.EncryptOAEP(sha256.New(), rand.Reader, pub, plain, nil)
	default:
		//lint:ignore SA1019 offered for others' data
		out, err = rsa.EncryptPKCS1v15(rand.Reader, pub, plain)
	}
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// conformRaw checks c^d against m for c = m^e, with an m that has leading zeros.
func conformRaw(t *testing.T, token *hsm.Token, key hsm.KeyID, pub *rsa.PublicKey) {
	for _, zeros := range []int{1, 2, 200} {
		message := append(make([]byte, zeros), Random(t, pub.Size()-zeros)...)
		c := new(big.Int).Exp(new(big.Int).SetBytes(message), big.NewInt(int64(pub.E)), pub.N)
		sealed := hsm.Ciphertext{Data: c.FillBytes(make([]byte, pub.Size()))}
		wantPlain(t, token, hsm.DecryptRequest{Key: key, Mechanism: hsm.RSARaw, Ciphertext: sealed}, message)
	}
}

func softwareSeal(t *testing.T, m hsm.CipherMechanism, raw, aad, plain []byte) hsm.Ciphertext {
	t.Helper()
	block, err := aes.NewCipher(raw)
	if err != nil {
		t.Fatal(err)
	}
	switch m {
	case hsm.AESGCM:
		gcm, err := cipher.NewGCM(block)
		if err != nil {
			t.Fatal(err)
		}
		nonce := Random(t, gcm.NonceSize())
		sealed := gcm.Seal(nil, nonce, plain, aad)
		return hsm.Ciphertext{Data: sealed[:len(plain)], IV: nonce, Tag: sealed[len(plain):]}
	case hsm.AESKW, hsm.AESKWP:
		return hsm.Ciphertext{Data: wrapRFC(block, m, plain)}
	default:
		if m == hsm.AESCBCPad {
			pad := 16 - len(plain)%16
			plain = append(bytes.Clone(plain), bytes.Repeat([]byte{byte(pad)}, pad)...)
		}
		iv, out := Random(t, 16), make([]byte, len(plain))
		cipher.NewCBCEncrypter(block, iv).CryptBlocks(out, plain)
		return hsm.Ciphertext{Data: out, IV: iv}
	}
}

func softwareOpen(t *testing.T, m hsm.CipherMechanism, raw, aad []byte, c hsm.Ciphertext) []byte {
	t.Helper()
	block, err := aes.NewCipher(raw)
	if err != nil {
		t.Fatal(err)
	}
	switch m {
	case hsm.AESGCM:
		gcm, err := cipher.NewGCM(block)
		if err != nil {
			t.Fatal(err)
		}
		plain, err := gcm.Open(nil, c.IV, append(bytes.Clone(c.Data), c.Tag...), aad)
		if err != nil {
			t.Errorf("the standard library does not open it: %v", err)
		}
		return plain
	case hsm.AESKW, hsm.AESKWP:
		return unwrapRFC(t, block, m, c.Data)
	default:
		out := make([]byte, len(c.Data))
		cipher.NewCBCDecrypter(block, c.IV).CryptBlocks(out, c.Data)
		if m == hsm.AESCBCPad {
			return out[:len(out)-int(out[len(out)-1])]
		}
		return out
	}
}
