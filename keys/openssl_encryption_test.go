package keys_test

import (
	"bytes"
	"encoding/hex"
	"encoding/pem"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/strongroom/strongroom/internal/secret"
	"github.com/strongroom/strongroom/keys"
)

// opensslRSA says how pkeyutl names the paddings.
var opensslRSA = map[keys.EncryptionAlgorithm][]string{
	keys.RSA15:      {"-pkeyopt", "rsa_padding_mode:pkcs1"},
	keys.RSAOAEP:    {"-pkeyopt", "rsa_padding_mode:oaep", "-pkeyopt", "rsa_oaep_md:sha1"},
	keys.RSAOAEP256: {"-pkeyopt", "rsa_padding_mode:oaep", "-pkeyopt", "rsa_oaep_md:sha256", "-pkeyopt", "rsa_mgf1_md:sha256"},
}

// What we encrypt to an RSA key OpenSSL decrypts, and the other way round.
func TestRSAEncryptionInOpenSSL(t *testing.T) {
	key := generate(t, rsa2048)
	private := file(t, "key.pem", privatePEM(t, key))
	public := file(t, "pub.pem", key.Public().PEM())
	for alg, opts := range opensslRSA {
		ours, err := key.Public().Encrypt(keys.EncryptRequest{Algorithm: alg, Plaintext: secret.FromString(content)})
		if err != nil {
			t.Fatal(err)
		}
		out, ok := openssl(t, append([]string{"pkeyutl", "-decrypt", "-inkey", private, "-in", file(t, "c", ours.Ciphertext)}, opts...)...)
		if !ok || out != content {
			t.Errorf("%s: openssl decrypts %q", alg, out)
		}
		out, ok = openssl(t, append([]string{"pkeyutl", "-encrypt", "-pubin", "-inkey", public, "-in", file(t, "p", []byte(content))}, opts...)...)
		if !ok {
			t.Fatalf("%s: %s", alg, out)
		}
		got, err := key.Decrypt(keys.Encrypted{Algorithm: alg, Ciphertext: []byte(out)})
		if err != nil || string(reveal(got)) != content {
			t.Errorf("%s: we decrypt %q, %v", alg, reveal(got), err)
		}
	}
}

func privatePEM(t testing.TB, key *keys.Private) []byte {
	t.Helper()
	var text []byte
	pkcs8Of(t, key).Reveal(func(der []byte) {
		text = pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
	})
	return text
}

// opensslAES gives the enc cipher for a size, and its fixed initial value.
func opensslAES(scheme keys.CipherScheme, bits int) (cipher, iv string, opts []string) {
	size := strconv.Itoa(bits)
	switch scheme {
	case keys.CipherCBC:
		return "-aes-" + size + "-cbc", "", []string{"-nopad"}
	case keys.CipherCBCPad:
		return "-aes-" + size + "-cbc", "", nil
	case keys.CipherKW:
		return "-id-aes" + size + "-wrap", "A6A6A6A6A6A6A6A6", nil
	case keys.CipherKWPad:
		return "-id-aes" + size + "-wrap-pad", "A65959A6", nil
	}
	return "", "", nil
}

// Every AES mode that "openssl enc" has, in every size: the same bytes come out
// of both, and ours come back.
func TestAESInOpenSSL(t *testing.T) {
	for _, info := range keys.EncryptionAlgorithms() {
		cipher, fixed, opts := opensslAES(info.Scheme, info.Bits)
		if cipher == "" {
			continue // RSA has a test of its own; enc has no GCM
		}
		raw, iv := bytes.Repeat([]byte{0xA5}, info.Bits/8), bytes.Repeat([]byte{0x3C}, info.IVSize)
		plaintext := []byte("sixteen bytes ..and sixteen more")
		if info.Scheme == keys.CipherCBCPad || info.Scheme == keys.CipherKWPad {
			plaintext = plaintext[:21]
		}
		way := operations[0]
		if !info.Does(keys.OpEncrypt) {
			way = operations[1]
		}
		key := octKey(t, raw)
		ours, err := way.close(key, keys.EncryptRequest{Algorithm: info.Name, Plaintext: secret.Copy(plaintext), IV: iv})
		if err != nil {
			t.Fatal(err)
		}
		if fixed == "" {
			fixed = hex.EncodeToString(iv)
		}
		out := filepath.Join(t.TempDir(), "out")
		args := append([]string{"enc", cipher, "-K", hex.EncodeToString(raw), "-iv", fixed, "-in", file(t, "p", plaintext), "-out", out}, opts...)
		if said, ok := openssl(t, args...); !ok {
			t.Errorf("%s: %s", info.Name, said)
			continue
		}
		theirs, err := os.ReadFile(out)
		if err != nil || !bytes.Equal(theirs, ours.Ciphertext) {
			t.Errorf("%s: openssl has %x, we %x, %v", info.Name, theirs, ours.Ciphertext, err)
		}
		if back, err := way.open(key, ours); err != nil || !bytes.Equal(reveal(back), plaintext) {
			t.Errorf("%s does not come back: %v", info.Name, err)
		}
	}
}
