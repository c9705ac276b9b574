package keys_test

import (
	"bytes"
	"crypto/rand"
	"errors"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/internal/secret"
	"github.com/strongroom/strongroom/keys"
)

var rsa2048 = keys.Spec{Type: keys.RSA, Bits: 2048}

func TestEncryptionAlgorithmsFor(t *testing.T) {
	type algs = []keys.EncryptionAlgorithm
	for _, tc := range []struct {
		spec keys.Spec
		op   keys.Operation
		want algs
	}{
		{rsa2048, keys.OpEncrypt, algs{"RSA-OAEP-256", "RSA-OAEP", "RSA1_5"}},
		{rsa2048, keys.OpUnwrapKey, algs{"RSA-OAEP-256", "RSA-OAEP", "RSA1_5"}},
		{rsa2048, keys.OpSign, nil},
		{octSpecs[0], keys.OpDecrypt, algs{"A128GCM", "A128CBCPAD", "A128CBC"}},
		{octSpecs[1], keys.OpWrapKey, algs{"A192KW", "A192KWPAD"}},
		{octSpecs[2], keys.OpEncrypt, algs{"A256GCM", "A256CBCPAD", "A256CBC"}},
		{keys.Spec{Type: keys.EC, Curve: keys.P256}, keys.OpEncrypt, nil},
		{keys.Spec{Type: keys.RSA, Bits: 1024}, keys.OpEncrypt, nil},
	} {
		for _, spec := range []keys.Spec{tc.spec, tc.spec.Hardware()} {
			if got := keys.EncryptionAlgorithmsFor(spec, tc.op); !slices.Equal(got, tc.want) {
				t.Errorf("%s %s: %v, want %v", spec, tc.op, got, tc.want)
			}
			if got := keys.DefaultEncryption(spec, tc.op); len(tc.want) > 0 && got != tc.want[0] {
				t.Errorf("%s %s: default %s", spec, tc.op, got)
			}
		}
	}
}

// The table agrees with itself, and with the operations that a spec is said to
// have.
func TestEncryptionTable(t *testing.T) {
	for _, row := range keys.EncryptionAlgorithms() {
		if got, err := keys.ParseEncryptionAlgorithm(strings.ToLower(string(row.Name))); err != nil || got != row.Name {
			t.Errorf("ParseEncryptionAlgorithm(%s) = %s, %v", row.Name, got, err)
		}
		if !slices.ContainsFunc(keys.Specs(), row.Fits) {
			t.Errorf("%s fits no key", row.Name)
		}
		if row.Hash != 0 && !row.Hash.Available() {
			t.Errorf("%s: the hash %s is not linked in", row.Name, row.Hash)
		}
		for _, spec := range keys.Specs() {
			for _, op := range row.Operations {
				if row.Fits(spec) && !slices.Contains(keys.DefaultOperations(spec), op) {
					t.Errorf("%s: a key %s has no operation %s", row.Name, spec, op)
				}
			}
		}
	}
	for _, spec := range keys.Specs() {
		for _, op := range []keys.Operation{keys.OpEncrypt, keys.OpDecrypt, keys.OpWrapKey, keys.OpUnwrapKey} {
			if can := slices.Contains(keys.DefaultOperations(spec), op); can != (keys.DefaultEncryption(spec, op) != "") {
				t.Errorf("%s: key_ops and the table disagree on %s", spec, op)
			}
		}
	}
}

func TestCheckEncryptionSaysWhatFits(t *testing.T) {
	for _, tc := range []struct {
		spec       keys.Spec
		alg        keys.EncryptionAlgorithm
		op         keys.Operation
		says, hint string
	}{
		{octSpecs[0], keys.A256GCM, keys.OpEncrypt, "a key oct 128 does not encrypt with A256GCM", "use A128GCM, A128CBCPAD or A128CBC"},
		{octSpecs[0], keys.A128KW, keys.OpEncrypt, "a key oct 128 does not encrypt with A128KW", "use A128GCM"},
		{octSpecs[0], keys.A128GCM, keys.OpUnwrapKey, "a key oct 128 does not unwrap keys with A128GCM", "use A128KW or A128KWPAD"},
		{keys.Spec{Type: keys.EC, Curve: keys.P256}, keys.RSAOAEP, keys.OpWrapKey, "a key EC P-256 does not wrap keys with RSA-OAEP", "a key EC P-256 cannot wrap keys at all"},
		{rsa2048, "RSA-OAEP-512", keys.OpEncrypt, `there is no encryption algorithm "RSA-OAEP-512"`, "use RSA-OAEP-256"},
	} {
		_, err := keys.CheckEncryption(tc.spec, tc.alg, tc.op)
		if fault.KindOf(err) != fault.Invalid || fault.Problem(err) != tc.says || !strings.HasPrefix(fault.Hint(err), tc.hint) {
			t.Errorf("%q / %q, want %q / %q", fault.Problem(err), fault.Hint(err), tc.says, tc.hint)
		}
	}
}

// operations pairs each way in with its way out.
type operation struct {
	op    keys.Operation
	close func(*keys.Private, keys.EncryptRequest) (keys.Encrypted, error)
	open  func(*keys.Private, keys.Encrypted) (*secret.Bytes, error)
}

var operations = []operation{
	{
		keys.OpEncrypt,
		func(k *keys.Private, r keys.EncryptRequest) (keys.Encrypted, error) { return k.Encrypt(rand.Reader, r) },
		func(k *keys.Private, e keys.Encrypted) (*secret.Bytes, error) { return k.Decrypt(e) },
	},
	{
		keys.OpWrapKey,
		func(k *keys.Private, r keys.EncryptRequest) (keys.Encrypted, error) { return k.Wrap(rand.Reader, r) },
		func(k *keys.Private, e keys.Encrypted) (*secret.Bytes, error) { return k.Unwrap(e, 0) },
	},
}

// What any key closes with any algorithm it opens again; with another key, or
// with one bit changed, it does not, wherever there is integrity.
func TestEncryptionRoundTrips(t *testing.T) {
	specs := append([]keys.Spec{rsa2048}, octSpecs...)
	rapid.Check(t, func(rt *rapid.T) {
		spec := rapid.SampledFrom(specs).Draw(rt, "spec")
		way := rapid.SampledFrom(operations).Draw(rt, "operation")
		alg := rapid.SampledFrom(keys.EncryptionAlgorithmsFor(spec, way.op)).Draw(rt, "algorithm")
		info, _ := alg.Info()
		plaintext := drawPlaintext(rt, info, spec)
		request := keys.EncryptRequest{Algorithm: alg, Plaintext: secret.Copy(plaintext)}
		if info.AAD {
			request.AAD = rapid.SliceOfN(rapid.Byte(), 0, 40).Draw(rt, "aad")
		}
		key := generate(t, spec)
		closed, err := way.close(key, request)
		if err != nil {
			rt.Fatal(err)
		}
		got, err := way.open(key, closed)
		if err != nil || !bytes.Equal(reveal(got), plaintext) {
			rt.Fatalf("%x came back as %x, %v", plaintext, reveal(got), err)
		}
		if info.Scheme == keys.CipherCBC || info.Scheme == keys.CipherCBCPad || info.Scheme == keys.CipherPKCS1 {
			return // these have no integrity; their tests are beside this one
		}
		spoil(rt, &closed)
		if got, err := way.open(key, closed); !errors.Is(err, keys.ErrDecrypt) || got != nil {
			rt.Fatalf("a changed ciphertext gives %x, %v", reveal(got), err)
		}
	})
}

func drawPlaintext(rt *rapid.T, info keys.EncryptionInfo, spec keys.Spec) []byte {
	most := min(info.MaxPlaintext(spec), 100)
	length := rapid.IntRange(0, most).Filter(func(n int) bool { return info.CheckPlaintext(spec, n) == nil }).Draw(rt, "length")
	return rapid.SliceOfN(rapid.Byte(), length, length).Draw(rt, "plaintext")
}

// spoil changes one bit of one part.
func spoil(rt *rapid.T, e *keys.Encrypted) {
	var parts []*[]byte
	for _, part := range []*[]byte{&e.Ciphertext, &e.IV, &e.AAD, &e.Tag} {
		if len(*part) > 0 {
			parts = append(parts, part)
		}
	}
	part := rapid.SampledFrom(parts).Draw(rt, "part")
	*part = bytes.Clone(*part)
	bit := rapid.IntRange(0, 8*len(*part)-1).Draw(rt, "bit")
	(*part)[bit/8] ^= 1 << (bit % 8)
}

// The sizes at which an algorithm stops taking a plaintext.
func TestPlaintextLimits(t *testing.T) {
	for _, tc := range []struct {
		alg         keys.EncryptionAlgorithm
		spec        keys.Spec
		good, wrong []int
	}{
		{keys.RSA15, rsa2048, []int{0, 245}, []int{246}},
		{keys.RSAOAEP, rsa2048, []int{0, 214}, []int{215}},
		{keys.RSAOAEP256, rsa2048, []int{0, 190}, []int{191, 1 << 20}},
		{keys.A128GCM, octSpecs[0], []int{0, 1, keys.MaxMessage}, []int{keys.MaxMessage + 1}},
		{keys.A128CBC, octSpecs[0], []int{16, 32, keys.MaxMessage}, []int{0, 15, 17}},
		{keys.A128CBCPAD, octSpecs[0], []int{0, 15, 16, keys.MaxMessage}, []int{keys.MaxMessage + 1}},
		{keys.A128KW, octSpecs[0], []int{16, 24, 32}, []int{0, 8, 15, 17, 20}},
		{keys.A128KWPAD, octSpecs[0], []int{1, 7, 8, 9, 16, 17}, []int{0, keys.MaxMessage + 1}},
	} {
		key := generate(t, tc.spec)
		way := operations[0]
		if info, _ := tc.alg.Info(); !info.Does(keys.OpEncrypt) {
			way = operations[1]
		}
		for _, n := range tc.good {
			e, err := way.close(key, keys.EncryptRequest{Algorithm: tc.alg, Plaintext: secret.New(make([]byte, n))})
			if err != nil {
				t.Errorf("%s refuses %d bytes: %v", tc.alg, n, err)
				continue
			}
			if back, err := way.open(key, e); err != nil || back.Len() != n {
				t.Errorf("%s: %d bytes do not come back: %v", tc.alg, n, err)
			}
		}
		for _, n := range tc.wrong {
			_, err := way.close(key, keys.EncryptRequest{Algorithm: tc.alg, Plaintext: secret.New(make([]byte, n))})
			if fault.KindOf(err) != fault.Invalid || fault.Hint(err) == "" {
				t.Errorf("%s takes %d bytes: %v", tc.alg, n, err)
			}
		}
	}
}

// Parameters that do not belong to an algorithm are refused, not dropped.
func TestParametersThatDoNotBelong(t *testing.T) {
	aes, rsa := generate(t, octSpecs[0]), generate(t, rsa2048)
	block := make([]byte, 16)
	for name, err := range map[string]error{
		"GCM with an iv from outside": second(aes.Encrypt(rand.Reader, keys.EncryptRequest{Algorithm: keys.A128GCM, IV: block[:12]})),
		"CBC with a short iv":         second(aes.Encrypt(rand.Reader, keys.EncryptRequest{Algorithm: keys.A128CBCPAD, IV: block[:12]})),
		"CBC with aad":                second(aes.Encrypt(rand.Reader, keys.EncryptRequest{Algorithm: keys.A128CBCPAD, AAD: block})),
		"KW with an iv":               second(aes.Wrap(rand.Reader, keys.EncryptRequest{Algorithm: keys.A128KW, Plaintext: secret.New(block), IV: block[:8]})),
		"RSA with aad":                second(rsa.Public().Encrypt(keys.EncryptRequest{Algorithm: keys.RSAOAEP, AAD: block})),
		"RSA with an iv":              second(rsa.Encrypt(nil, keys.EncryptRequest{Algorithm: keys.RSAOAEP, IV: block})),
		"too much aad":                second(aes.Encrypt(rand.Reader, keys.EncryptRequest{Algorithm: keys.A128GCM, AAD: make([]byte, keys.MaxMessage+1)})),
		"decryption without an iv":    second(aes.Decrypt(keys.Encrypted{Algorithm: keys.A128GCM, Tag: block})),
		"decryption, short tag":       second(aes.Decrypt(keys.Encrypted{Algorithm: keys.A128GCM, IV: block[:12], Tag: block[:12]})),
		"decryption, a tag for CBC":   second(aes.Decrypt(keys.Encrypted{Algorithm: keys.A128CBC, IV: block, Tag: block, Ciphertext: block})),
		"decryption, too long":        second(aes.Decrypt(keys.Encrypted{Algorithm: keys.A128CBC, IV: block, Ciphertext: make([]byte, keys.MaxMessage+32)})),
		"decrypting with KW":          second(aes.Decrypt(keys.Encrypted{Algorithm: keys.A128KW, Ciphertext: make([]byte, 24)})),
		"unwrapping a tiny key":       second(rsa.Unwrap(keys.Encrypted{Algorithm: keys.RSA15, Ciphertext: make([]byte, 256)}, 8)),
		"encrypting to no key":        second(aes.Public().Encrypt(keys.EncryptRequest{Algorithm: keys.RSAOAEP})),
	} {
		if fault.KindOf(err) != fault.Invalid || errors.Is(err, keys.ErrDecrypt) {
			t.Errorf("%s: %v, want Invalid", name, err)
		}
	}
}

// Every IV is fresh.
func TestIVsDiffer(t *testing.T) {
	key := generate(t, octSpecs[2])
	for _, alg := range []keys.EncryptionAlgorithm{keys.A256GCM, keys.A256CBCPAD} {
		a, errA := key.Encrypt(rand.Reader, keys.EncryptRequest{Algorithm: alg})
		b, errB := key.Encrypt(rand.Reader, keys.EncryptRequest{Algorithm: alg})
		if errA != nil || errB != nil || bytes.Equal(a.IV, b.IV) {
			t.Errorf("%s: %x and %x, %v, %v", alg, a.IV, b.IV, errA, errB)
		}
	}
}

// Whatever is wrong with a ciphertext, the answer is word for word the same.
func TestDecryptionFailuresLookAlike(t *testing.T) {
	aes, rsa := generate(t, octSpecs[0]), generate(t, rsa2048)
	block := make([]byte, 16)
	for name, err := range map[string]error{
		"GCM tag":         second(aes.Decrypt(keys.Encrypted{Algorithm: keys.A128GCM, IV: block[:12], Tag: block, Ciphertext: block})),
		"CBC part block":  second(aes.Decrypt(keys.Encrypted{Algorithm: keys.A128CBC, IV: block, Ciphertext: block[:15]})),
		"CBC empty":       second(aes.Decrypt(keys.Encrypted{Algorithm: keys.A128CBC, IV: block})),
		"CBCPAD empty":    second(aes.Decrypt(keys.Encrypted{Algorithm: keys.A128CBCPAD, IV: block})),
		"KW short":        second(aes.Unwrap(keys.Encrypted{Algorithm: keys.A128KW, Ciphertext: block}, 0)),
		"KW part block":   second(aes.Unwrap(keys.Encrypted{Algorithm: keys.A128KW, Ciphertext: make([]byte, 31)}, 0)),
		"KWPAD short":     second(aes.Unwrap(keys.Encrypted{Algorithm: keys.A128KWPAD, Ciphertext: block[:8]}, 0)),
		"KWPAD one block": second(aes.Unwrap(keys.Encrypted{Algorithm: keys.A128KWPAD, Ciphertext: block}, 0)),
		"OAEP short":      second(rsa.Decrypt(keys.Encrypted{Algorithm: keys.RSAOAEP256, Ciphertext: make([]byte, 255)})),
		"OAEP long":       second(rsa.Decrypt(keys.Encrypted{Algorithm: keys.RSAOAEP256, Ciphertext: make([]byte, 257)})),
		"OAEP zero":       second(rsa.Decrypt(keys.Encrypted{Algorithm: keys.RSAOAEP256, Ciphertext: make([]byte, 256)})),
		"OAEP over n":     second(rsa.Decrypt(keys.Encrypted{Algorithm: keys.RSAOAEP, Ciphertext: bytes.Repeat([]byte{0xff}, 256)})),
		"RSA1_5 over n":   second(rsa.Unwrap(keys.Encrypted{Algorithm: keys.RSA15, Ciphertext: bytes.Repeat([]byte{0xff}, 256)}, 32)),
		"RSA1_5 empty":    second(rsa.Decrypt(keys.Encrypted{Algorithm: keys.RSA15})),
	} {
		if err != error(keys.ErrDecrypt) {
			t.Errorf("%s: %v, want ErrDecrypt itself", name, err)
		}
	}
}

// A key that was wiped does nothing more.
func TestAWipedKeyNeitherOpensNorCloses(t *testing.T) {
	key, err := keys.Generate(octSpecs[0], rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	key.Wipe()
	for name, err := range map[string]error{
		"Encrypt": second(key.Encrypt(rand.Reader, keys.EncryptRequest{Algorithm: keys.A128GCM})),
		"Decrypt": second(key.Decrypt(keys.Encrypted{Algorithm: keys.A128GCM})),
		"Verify":  second(key.Verify(keys.HS256, nil, nil)),
	} {
		if fault.KindOf(err) != fault.Internal {
			t.Errorf("%s = %v", name, err)
		}
	}
}
