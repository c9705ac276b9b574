package hsm_test

import (
	"bytes"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/strongroom/strongroom/hsm"
	"github.com/strongroom/strongroom/hsm/hsmtest"
	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/internal/secret"
)

func TestEncryptRefusals(t *testing.T) {
	f := hsmtest.NewToken(t)
	both := hsmtest.MakeKey(t, f.Token, hsm.AES256, hsm.UsageEncrypt|hsm.UsageWrapKeys).ID
	only := hsmtest.MakeKey(t, f.Token, hsm.AES256, hsm.UsageEncrypt).ID
	pair := hsmtest.MakeKey(t, f.Token, hsm.RSA2048, hsm.UsageEncrypt|hsm.UsageRaw).ID
	sized := func(n int) *secret.Bytes { return secret.New(make([]byte, n)) }
	for name, req := range map[string]hsm.EncryptRequest{
		"unknown mechanism":             {Key: both, Mechanism: "aes-ecb", Plaintext: sized(16)},
		"no mechanism":                  {Key: both, Plaintext: sized(16)},
		"malformed identifier":          {Key: "mine", Mechanism: hsm.AESGCM, Plaintext: sized(16)},
		"a nonce of the caller's":       {Key: both, Mechanism: hsm.AESGCM, Plaintext: sized(16), IV: make([]byte, 12)},
		"IV of another length":          {Key: both, Mechanism: hsm.AESCBC, Plaintext: sized(16), IV: make([]byte, 12)},
		"IV for what takes none":        {Key: both, Mechanism: hsm.AESKW, Plaintext: sized(16), IV: make([]byte, 16)},
		"AAD for what takes none":       {Key: both, Mechanism: hsm.AESCBC, Plaintext: sized(16), AAD: []byte("x")},
		"AAD without end":               {Key: both, Mechanism: hsm.AESGCM, Plaintext: sized(16), AAD: make([]byte, 65<<10)},
		"no whole blocks":               {Key: both, Mechanism: hsm.AESCBC, Plaintext: sized(17)},
		"key wrap of one block":         {Key: both, Mechanism: hsm.AESKW, Plaintext: sized(8)},
		"key wrap of broken blocks":     {Key: both, Mechanism: hsm.AESKW, Plaintext: sized(20)},
		"key wrap of nothing":           {Key: both, Mechanism: hsm.AESKWP},
		"key wrap of too much":          {Key: both, Mechanism: hsm.AESKW, Plaintext: sized(4104)},
		"too much":                      {Key: both, Mechanism: hsm.AESGCM, Plaintext: sized(1<<20 + 1)},
		"key of another type":           {Key: both, Mechanism: hsm.RSAOAEP, Plaintext: sized(16)},
		"key pair for AES":              {Key: pair, Mechanism: hsm.AESGCM, Plaintext: sized(16)},
		"key not for wrapping":          {Key: only, Mechanism: hsm.AESKW, Plaintext: sized(16)},
		"more than the modulus takes":   {Key: pair, Mechanism: hsm.RSAOAEP, Plaintext: sized(215)},
		"more than PKCS #1 takes":       {Key: pair, Mechanism: hsm.RSA15, Plaintext: sized(246)},
		"raw RSA is not for encryption": {Key: pair, Mechanism: hsm.RSARaw, Plaintext: sized(256)},
	} {
		_, err := f.Token.Encrypt(t.Context(), req)
		if k := fault.KindOf(err); k != fault.Invalid && k != fault.Unsupported {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestDecryptRefusals(t *testing.T) {
	f := hsmtest.NewToken(t)
	key := hsmtest.MakeKey(t, f.Token, hsm.AES256, hsm.UsageEncrypt|hsm.UsageWrapKeys).ID
	n := func(n int) []byte { return make([]byte, n) }
	for name, tc := range map[string]struct {
		req  hsm.DecryptRequest
		want fault.Kind
	}{
		"nonce of another length": {hsm.DecryptRequest{Mechanism: hsm.AESGCM, Ciphertext: hsm.Ciphertext{IV: n(16), Tag: n(16)}}, fault.Invalid},
		"no nonce":                {hsm.DecryptRequest{Mechanism: hsm.AESGCM, Ciphertext: hsm.Ciphertext{Tag: n(16)}}, fault.Invalid},
		"short tag":               {hsm.DecryptRequest{Mechanism: hsm.AESGCM, Ciphertext: hsm.Ciphertext{IV: n(12), Tag: n(4)}}, fault.Invalid},
		"no tag":                  {hsm.DecryptRequest{Mechanism: hsm.AESGCM, Ciphertext: hsm.Ciphertext{IV: n(12), Data: n(16)}}, fault.Invalid},
		"tag for what has none":   {hsm.DecryptRequest{Mechanism: hsm.AESCBC, Ciphertext: hsm.Ciphertext{IV: n(16), Data: n(16), Tag: n(16)}}, fault.Invalid},
		"no IV":                   {hsm.DecryptRequest{Mechanism: hsm.AESCBC, Ciphertext: hsm.Ciphertext{Data: n(16)}}, fault.Invalid},
		"without end":             {hsm.DecryptRequest{Mechanism: hsm.AESGCM, Ciphertext: hsm.Ciphertext{IV: n(12), Data: n(2 << 20), Tag: n(16)}}, fault.Invalid},
		"broken block":            {hsm.DecryptRequest{Mechanism: hsm.AESCBC, Ciphertext: hsm.Ciphertext{IV: n(16), Data: n(17)}}, fault.Tampered},
		"no padding":              {hsm.DecryptRequest{Mechanism: hsm.AESCBCPad, Ciphertext: hsm.Ciphertext{IV: n(16)}}, fault.Tampered},
		"key wrap cut":            {hsm.DecryptRequest{Mechanism: hsm.AESKW, Ciphertext: hsm.Ciphertext{Data: n(16)}}, fault.Tampered},
		"key wrap of zeros":       {hsm.DecryptRequest{Mechanism: hsm.AESKWP, Ciphertext: hsm.Ciphertext{Data: n(16)}}, fault.Tampered},
	} {
		tc.req.Key = key
		got, err := f.Token.Decrypt(t.Context(), tc.req)
		got.Wipe()
		if fault.KindOf(err) != tc.want {
			t.Errorf("%s: %v, want kind %v", name, err, tc.want)
		}
	}
}

// A token that lacks a hash must not be asked to make what nobody can open,
// and the refusal names the mechanism.
func TestOAEP256IsRefusedByName(t *testing.T) {
	f := hsmtest.NewToken(t)
	key := hsmtest.MakeKey(t, f.Token, hsm.RSA2048, hsm.UsageEncrypt).ID
	for range 2 { // tried, then remembered
		_, encErr := f.Token.Encrypt(t.Context(), hsm.EncryptRequest{Key: key, Mechanism: hsm.RSAOAEP256, Plaintext: secret.FromString("x")})
		_, decErr := f.Token.Decrypt(t.Context(), hsm.DecryptRequest{Key: key, Mechanism: hsm.RSAOAEP256, Ciphertext: hsm.Ciphertext{Data: make([]byte, 256)}})
		for _, err := range []error{encErr, decErr} {
			if !errors.Is(err, hsm.ErrMechanismUnsupported) || !strings.Contains(fault.Hint(err), "CKM_RSA_PKCS_OAEP") {
				t.Errorf("%v (hint %q)", err, fault.Hint(err))
			}
		}
	}
	hsmtest.Encrypt(t, f.Token, hsm.EncryptRequest{Key: key, Mechanism: hsm.RSAOAEP, Plaintext: secret.FromString("x")})
}

// For a key that was made for it, the token does the raw operation and the
// padding is taken off here.
func TestOAEP256AroundARawOperation(t *testing.T) {
	f := hsmtest.NewToken(t)
	info := hsmtest.MakeKey(t, f.Token, hsm.RSA2048, hsm.UsageEncrypt|hsm.UsageRaw)
	pub := publicPEM(t, info)
	for _, plain := range []string{"", "x", strings.Repeat("k", 190)} { // 190: the most for RSA-2048
		mine := hsmtest.Encrypt(t, f.Token, hsm.EncryptRequest{Key: info.ID, Mechanism: hsm.RSAOAEP256, Plaintext: secret.FromString(plain)})
		theirs := openssl(t, []byte(plain), "pkeyutl", "-encrypt", "-pubin", "-inkey", pub,
			"-pkeyopt", "rsa_padding_mode:oaep", "-pkeyopt", "rsa_oaep_md:sha256", "-pkeyopt", "rsa_mgf1_md:sha256")
		for _, c := range [][]byte{mine.Data, theirs} {
			req := hsm.DecryptRequest{Key: info.ID, Mechanism: hsm.RSAOAEP256, Ciphertext: hsm.Ciphertext{Data: c}}
			got, err := f.Token.Decrypt(t.Context(), req)
			if err != nil || !got.Equal(secret.FromString(plain)) {
				t.Errorf("%q: %v", plain, err)
			}
			c[100] ^= 1
			if _, err := f.Token.Decrypt(t.Context(), req); !errors.Is(err, hsm.ErrAuthenticationFailed) {
				t.Errorf("changed: %v, want %v", err, hsm.ErrAuthenticationFailed)
			}
		}
	}
}

func publicPEM(t *testing.T, info hsm.KeyInfo) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "pub.pem")
	if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: info.Public}), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// RFC 3394 section 4 and RFC 5649 section 6.
func TestKeyWrapVectors(t *testing.T) {
	f := hsmtest.NewToken(t)
	for name, tc := range map[string]struct {
		kt                hsm.KeyType
		m                 hsm.CipherMechanism
		kek, key, wrapped string
		lost              bool // SoftHSM2 pads before it wraps, and opens all the same
	}{
		"3394 4.1": {hsm.AES128, hsm.AESKW, "000102030405060708090A0B0C0D0E0F", "00112233445566778899AABBCCDDEEFF", "1FA68B0A8112B447AEF34BD8FB5A7B829D3E862371D2CFE5", false},
		"3394 4.6": {hsm.AES256, hsm.AESKW, "000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F", "00112233445566778899AABBCCDDEEFF000102030405060708090A0B0C0D0E0F", "28C9F404C4B810F4CBCCB35CFB87F8263F5786E2D80ED326CBC7F0E71A99F43BFB988B9B7A02DD21", false},
		"5649 20":  {hsm.AES192, hsm.AESKWP, "5840df6e29b02af1ab493b705bf16ea1ae8338f4dcc176a8", "c37b7e6492584340bed12207808941155068f738", "138bdeaa9b8fa7fc61f97742e72248ee5ae6ae5360d1ae6a5f54f373fa543b6a", true},
		"5649 7":   {hsm.AES192, hsm.AESKWP, "5840df6e29b02af1ab493b705bf16ea1ae8338f4dcc176a8", "466f7250617369", "afbeb0f07dfbf5419200f2ccb50bb24f", true},
	} {
		t.Run(name, func(t *testing.T) {
			key := hsmtest.Import(t, f.Token, tc.kt, hsm.UsageWrapKeys, unhex(t, strings.ToLower(tc.kek))).ID
			plain, want := unhex(t, strings.ToLower(tc.key)), unhex(t, strings.ToLower(tc.wrapped))
			got, err := f.Token.Encrypt(t.Context(), hsm.EncryptRequest{Key: key, Mechanism: tc.m, Plaintext: secret.Copy(plain)})
			switch {
			case tc.lost && (!errors.Is(err, hsm.ErrMechanismUnsupported) || !strings.Contains(fault.Hint(err), "CKM_AES_KEY_WRAP_PAD")):
				t.Errorf("wrapping what this token cannot: %x, %v (hint %q)", got.Data, err, fault.Hint(err))
			case !tc.lost && (err != nil || !bytes.Equal(got.Data, want)):
				t.Errorf("wrapped %x, %v", got.Data, err)
			}
			opened, err := f.Token.Decrypt(t.Context(), hsm.DecryptRequest{Key: key, Mechanism: tc.m, Ciphertext: hsm.Ciphertext{Data: want}})
			if err != nil || !opened.Equal(secret.Copy(plain)) {
				t.Errorf("unwrapping: %v", err)
			}
		})
	}
	// What passed through the token as an object is gone.
	if objects, err := f.Token.Objects(t.Context()); err != nil || len(objects) != 4 {
		t.Errorf("the token holds %d objects, want the 4 keys; %v", len(objects), err)
	}
}

func openssl(t *testing.T, stdin []byte, args ...string) []byte {
	t.Helper()
	cmd := exec.Command("openssl", args...)
	cmd.Stdin = bytes.NewReader(stdin)
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("openssl %v: %v; run scripts/deps", args, err)
	}
	return out
}

// A program that shares no line with this one opens what the token made, and
// the token what that program made.
func TestOpenSSLAgrees(t *testing.T) {
	f := hsmtest.NewToken(t)
	plain := []byte("between two programs")
	t.Run("aes-cbc-pad", func(t *testing.T) {
		raw, iv := hsmtest.Random(t, 32), hsmtest.Random(t, 16)
		key := hsmtest.Import(t, f.Token, hsm.AES256, hsm.UsageEncrypt, raw).ID
		sealed := hsmtest.Encrypt(t, f.Token, hsm.EncryptRequest{Key: key, Mechanism: hsm.AESCBCPad, Plaintext: secret.Copy(plain), IV: iv})
		want := openssl(t, plain, "enc", "-aes-256-cbc", "-K", hex.EncodeToString(raw), "-iv", hex.EncodeToString(iv))
		if !bytes.Equal(sealed.Data, want) || !bytes.Equal(sealed.IV, iv) {
			t.Errorf("the token gives %x, openssl %x", sealed.Data, want)
		}
	})
	info := hsmtest.MakeKey(t, f.Token, hsm.RSA2048, hsm.UsageEncrypt)
	pub := publicPEM(t, info)
	for m, padding := range map[hsm.CipherMechanism]string{hsm.RSAOAEP: "oaep", hsm.RSA15: "pkcs1"} {
		t.Run(string(m), func(t *testing.T) {
			sealed := openssl(t, plain, "pkeyutl", "-encrypt", "-pubin", "-inkey", pub, "-pkeyopt", "rsa_padding_mode:"+padding)
			got, err := f.Token.Decrypt(t.Context(), hsm.DecryptRequest{Key: info.ID, Mechanism: m, Ciphertext: hsm.Ciphertext{Data: sealed}})
			if err != nil || !got.Equal(secret.Copy(plain)) {
				t.Errorf("the token does not open what openssl made: %v", err)
			}
		})
	}
}

// Nonces and IVs never repeat.
func TestIVsAreFresh(t *testing.T) {
	f := hsmtest.NewToken(t)
	key := hsmtest.MakeKey(t, f.Token, hsm.AES256, hsm.UsageEncrypt).ID
	for _, m := range []hsm.CipherMechanism{hsm.AESGCM, hsm.AESCBC, hsm.AESCBCPad} {
		seen := map[string]bool{}
		for range 20 {
			c := hsmtest.Encrypt(t, f.Token, hsm.EncryptRequest{Key: key, Mechanism: m, Plaintext: secret.New(make([]byte, 16))})
			if seen[string(c.IV)] || len(c.IV) == 0 {
				t.Fatalf("%s: IV %x again", m, c.IV)
			}
			seen[string(c.IV)] = true
		}
	}
}

// Nobody logged in, a closed token, and data that were wiped meanwhile.
func TestCipherRequestsAtTheWrongMoment(t *testing.T) {
	f := hsmtest.NewToken(t)
	key := hsmtest.MakeKey(t, f.Token, hsm.AES256, hsm.UsageEncrypt).ID
	mac := hsmtest.MakeKey(t, f.Token, hsm.HMAC256, hsm.UsageSign).ID
	wiped := secret.FromString("gone")
	wiped.Wipe()
	ask := func() map[string]error {
		_, enc := f.Token.Encrypt(t.Context(), hsm.EncryptRequest{Key: key, Mechanism: hsm.AESGCM, Plaintext: secret.FromString("x")})
		_, dec := f.Token.Decrypt(t.Context(), hsm.DecryptRequest{Key: key, Mechanism: hsm.AESGCM, Ciphertext: hsm.Ciphertext{IV: make([]byte, 12), Tag: make([]byte, 16)}})
		_, verify := f.Token.Verify(t.Context(), hsm.VerifyRequest{Key: mac, Hash: 5, Signature: make([]byte, 32)})
		_, imp := f.Token.ImportKey(t.Context(), hsm.ImportKeyRequest{Label: "x", Type: hsm.AES128, Usage: hsm.UsageEncrypt, Material: secret.New(make([]byte, 16))})
		_, truth := f.Token.Truth(t.Context(), key)
		return map[string]error{"Encrypt": enc, "Decrypt": dec, "Verify": verify, "ImportKey": imp, "Truth": truth}
	}
	if _, err := f.Token.ImportKey(t.Context(), hsm.ImportKeyRequest{Label: "x", Type: hsm.AES128, Usage: hsm.UsageEncrypt, Material: wiped}); fault.KindOf(err) != fault.Invalid {
		t.Errorf("importing what was wiped: %v", err)
	}
	if err := f.Token.Logout(t.Context()); err != nil {
		t.Fatal(err)
	}
	for name, err := range ask() {
		if !errors.Is(err, hsm.ErrNotLoggedIn) {
			t.Errorf("%s while nobody is logged in: %v", name, err)
		}
	}
	if err := f.Token.Close(); err != nil {
		t.Fatal(err)
	}
	for name, err := range ask() {
		if !errors.Is(err, hsm.ErrClosed) {
			t.Errorf("%s on a closed token: %v", name, err)
		}
	}
}

// Whatever comes in the place of a ciphertext, the process stays up, the token
// is not blamed, and it works on.
func TestGarbageIsRefused(t *testing.T) {
	f := hsmtest.NewToken(t)
	aes := hsmtest.MakeKey(t, f.Token, hsm.AES256, hsm.UsageEncrypt|hsm.UsageWrapKeys).ID
	pair := hsmtest.MakeKey(t, f.Token, hsm.RSA2048, hsm.UsageEncrypt|hsm.UsageRaw).ID
	for _, m := range hsm.CipherMechanisms() {
		for _, n := range []int{0, 1, 8, 15, 16, 24, 32, 40, 255, 256, 257, 4096} {
			key, c := aes, hsm.Ciphertext{Data: hsmtest.Random(t, n)}
			switch m {
			case hsm.AESGCM:
				c.IV, c.Tag = hsmtest.Random(t, 12), hsmtest.Random(t, 16)
			case hsm.AESCBC, hsm.AESCBCPad:
				c.IV = hsmtest.Random(t, 16)
			case hsm.RSAOAEP, hsm.RSAOAEP256, hsm.RSA15, hsm.RSARaw:
				key = pair
			}
			got, err := f.Token.Decrypt(t.Context(), hsm.DecryptRequest{Key: key, Mechanism: m, Ciphertext: c})
			got.Wipe()
			if err != nil && !errors.Is(err, hsm.ErrAuthenticationFailed) && !errors.Is(err, hsm.ErrMechanismUnsupported) {
				t.Errorf("%s of %d bytes: %v", m, n, err)
			}
		}
	}
	hsmtest.Encrypt(t, f.Token, hsm.EncryptRequest{Key: aes, Mechanism: hsm.AESGCM, Plaintext: secret.FromString("x")})
	if objects, err := f.Token.Objects(t.Context()); err != nil || len(objects) != 3 {
		t.Errorf("the token holds %d objects, %v", len(objects), err)
	}
}
