package keys_test

import (
	"bytes"
	"crypto"
	"crypto/aes"
	"crypto/rand"
	"crypto/rsa"
	"encoding/binary"
	"errors"
	"math/big"
	"slices"
	"testing"

	"github.com/strongroom/strongroom/internal/secret"
	"github.com/strongroom/strongroom/keys"
)

// An attacker who may choose ciphertexts tries every wrong PKCS #7 padding:
// each gets the same answer. The padded blocks are made with CBC without
// padding, under the same key.
func TestWrongPKCS7PaddingsLookAlike(t *testing.T) {
	key := generate(t, octSpecs[0])
	closed := func(padded []byte) keys.Encrypted {
		e, err := key.Encrypt(rand.Reader, keys.EncryptRequest{Algorithm: keys.A128CBC, Plaintext: secret.Copy(padded)})
		if err != nil {
			t.Fatal(err)
		}
		e.Algorithm = keys.A128CBCPAD
		return e
	}
	for n := 0; n <= 255; n++ {
		for _, length := range []int{16, 32} {
			padded := bytes.Repeat([]byte{byte(n)}, length)
			got, err := key.Decrypt(closed(padded))
			if right := 1 <= n && n <= 16; right != (err == nil) || (right && got.Len() != length-n) {
				t.Errorf("%d bytes of %d: %d bytes, %v", length, n, got.Len(), err)
			}
			if err != nil && err != error(keys.ErrDecrypt) {
				t.Errorf("%d bytes of %d: %v, want ErrDecrypt itself", length, n, err)
			}
		}
	}
	for n := 2; n <= 16; n++ {
		for wrong := 2; wrong <= n; wrong++ {
			padded := bytes.Repeat([]byte{byte(n)}, 16)
			padded[16-wrong] ^= 1
			if _, err := key.Decrypt(closed(padded)); err != error(keys.ErrDecrypt) {
				t.Errorf("padding %d wrong at %d from the end: %v", n, wrong, err)
			}
		}
	}
}

// wrapReference is RFC 3394 section 2.2.1 with its own names, for any initial
// value: it makes wrappings that no honest program makes.
func wrapReference(t *testing.T, kek, a []byte, r [][]byte) []byte {
	t.Helper()
	block, err := aes.NewCipher(kek)
	if err != nil {
		t.Fatal(err)
	}
	b := make([]byte, 16)
	a = bytes.Clone(a)
	for j := 0; j <= 5; j++ {
		for i := 1; i <= len(r); i++ {
			block.Encrypt(b, slices.Concat(a, r[i-1]))
			binary.BigEndian.PutUint64(a, binary.BigEndian.Uint64(b[:8])^uint64(len(r)*j+i))
			r[i-1] = bytes.Clone(b[8:])
		}
	}
	return slices.Concat(append([][]byte{a}, r...)...)
}

// Every way in which an unwrapped RFC 5649 value can be wrong (section 3, steps
// 1 to 3) is refused; the reference shows that each case is otherwise sound.
func TestKWPRefusesEveryWrongInitialValue(t *testing.T) {
	kek := bytes.Repeat([]byte{7}, 16)
	key := octKey(t, kek)
	full, padded := []byte("12345678"), []byte("1234\x00\x00\x00\x00")
	for _, tc := range []struct {
		name    string
		initial string
		last    []byte
		opens   bool
	}{
		{"16 bytes, no padding", "\xA6\x59\x59\xA6\x00\x00\x00\x10", full, true},
		{"12 bytes, 4 of padding", "\xA6\x59\x59\xA6\x00\x00\x00\x0C", padded, true},
		{"RFC 3394's initial value", "\xA6\xA6\xA6\xA6\xA6\xA6\xA6\xA6", full, false},
		{"constant off by a bit", "\xA6\x59\x59\xA7\x00\x00\x00\x10", full, false},
		{"length beyond the data", "\xA6\x59\x59\xA6\x00\x00\x00\x11", full, false},
		{"a whole semiblock of padding", "\xA6\x59\x59\xA6\x00\x00\x00\x08", make([]byte, 8), false},
		{"length zero", "\xA6\x59\x59\xA6\x00\x00\x00\x00", make([]byte, 8), false},
		{"a huge length", "\xA6\x59\x59\xA6\x80\x00\x00\x10", full, false},
		{"the hugest length", "\xA6\x59\x59\xA6\xFF\xFF\xFF\xFF", full, false},
		{"padding not zero at its start", "\xA6\x59\x59\xA6\x00\x00\x00\x0C", []byte("1234\x01\x00\x00\x00"), false},
		{"padding not zero at its end", "\xA6\x59\x59\xA6\x00\x00\x00\x0C", []byte("1234\x00\x00\x00\x01"), false},
	} {
		wrapped := wrapReference(t, kek, []byte(tc.initial), [][]byte{[]byte("abcdefgh"), tc.last})
		got, err := key.Unwrap(keys.Encrypted{Algorithm: keys.A128KWPAD, Ciphertext: wrapped}, 0)
		if tc.opens && (err != nil || !bytes.HasPrefix(reveal(got), []byte("abcdefgh1234"))) {
			t.Errorf("%s: %q, %v", tc.name, reveal(got), err)
		}
		if !tc.opens && err != error(keys.ErrDecrypt) {
			t.Errorf("%s: %v, want ErrDecrypt itself", tc.name, err)
		}
	}
}

// The one-block form of RFC 5649 (up to 8 bytes) has the same checks.
func TestKWPRefusesWrongSingleBlocks(t *testing.T) {
	kek := bytes.Repeat([]byte{7}, 32)
	key := octKey(t, kek)
	block, err := aes.NewCipher(kek)
	if err != nil {
		t.Fatal(err)
	}
	for text, opens := range map[string]bool{
		"\xA6\x59\x59\xA6\x00\x00\x00\x0812345678":                         true,
		"\xA6\x59\x59\xA6\x00\x00\x00\x011\x00\x00\x00\x00\x00\x00\x00":    true,
		"\xA6\x59\x59\xA6\x00\x00\x00\x0912345678":                         false,
		"\xA6\x59\x59\xA6\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00": false,
		"\xA6\x59\x59\xA6\x00\x00\x00\x0712345678":                         false,
		"\xA6\x59\x59\xA5\x00\x00\x00\x0812345678":                         false,
	} {
		wrapped := make([]byte, 16)
		block.Encrypt(wrapped, []byte(text))
		if _, err := key.Unwrap(keys.Encrypted{Algorithm: keys.A256KWPAD, Ciphertext: wrapped}, 0); opens != (err == nil) {
			t.Errorf("%x: %v, opens should be %v", text, err, opens)
		}
	}
}

// A key of another length than expected is no key.
func TestUnwrapWithAKnownSize(t *testing.T) {
	key := generate(t, octSpecs[0])
	wrapped, err := key.Wrap(nil, keys.EncryptRequest{Algorithm: keys.A128KW, Plaintext: secret.New(make([]byte, 32))})
	if err != nil {
		t.Fatal(err)
	}
	for size, opens := range map[int]bool{0: true, 32: true, 16: false, 24: false, 40: false} {
		if _, err := key.Unwrap(wrapped, size); opens != (err == nil) || (err != nil && !errors.Is(err, keys.ErrDecrypt)) {
			t.Errorf("size %d: %v", size, err)
		}
	}
}

// rawRSA is the public operation on an encoded message of our making.
func rawRSA(t testing.TB, pub keys.PublicKey, em []byte) []byte {
	t.Helper()
	standard, _ := pub.Standard()
	k := standard.(*rsa.PublicKey)
	c := new(big.Int).Exp(new(big.Int).SetBytes(em), big.NewInt(int64(k.E)), k.N)
	return c.FillBytes(make([]byte, k.Size()))
}

// wrongPKCS1 are encoded messages of 256 bytes that break RFC 8017 section
// 7.2.2 step 3, each in one way; the message would be 32 bytes of 'm'.
func wrongPKCS1() map[string][]byte {
	message := bytes.Repeat([]byte{'m'}, 32)
	build := func(head string, ps int) []byte {
		em := append([]byte(head), bytes.Repeat([]byte{0xAA}, ps)...)
		return append(append(em, 0), message...)
	}
	early := build("\x00\x02", 221)
	early[9] = 0 // seven bytes of padding, then the end of it
	none := bytes.Repeat([]byte{0xAA}, 256)
	none[0], none[1] = 0, 2
	return map[string][]byte{
		"second byte 1, a signature's": build("\x00\x01", 221),
		"second byte 0":                build("\x00\x00", 221),
		"first byte 1":                 build("\x01\x02", 221),
		"padding of seven bytes":       early,
		"no end of the padding":        none,
	}
}

// Bleichenbacher's attacker: without a known size the answer is one error, word
// for word the same. With a known size there is no error at all, but a key of
// random bytes that nobody can tell from a real one.
func TestRSA15PaddingTellsNothing(t *testing.T) {
	key := privateJWK(t, rfcRSA["A.2"])
	for name, em := range wrongPKCS1() {
		e := keys.Encrypted{Algorithm: keys.RSA15, Ciphertext: rawRSA(t, key.Public(), em)}
		if got, err := key.Decrypt(e); err != error(keys.ErrDecrypt) {
			t.Errorf("%s: Decrypt = %x, %v", name, reveal(got), err)
		}
		first, err := key.Unwrap(e, 32)
		if err != nil {
			t.Errorf("%s: Unwrap = %v, want random bytes", name, err)
			continue
		}
		again, err := key.Unwrap(e, 32)
		if err != nil || first.Len() != 32 || first.Equal(again) || bytes.Contains(reveal(first), []byte("mmmm")) {
			t.Errorf("%s: Unwrap = %x then %x, %v, want random bytes", name, reveal(first), reveal(again), err)
		}
	}
}

// A key of an unexpected length under a right RSA1_5 padding is not told
// either.
func TestRSA15AnotherLengthTellsNothing(t *testing.T) {
	key := privateJWK(t, rfcRSA["A.2"])
	wrapped, err := key.Public().Wrap(keys.EncryptRequest{Algorithm: keys.RSA15, Plaintext: secret.New(bytes.Repeat([]byte{'m'}, 24))})
	if err != nil {
		t.Fatal(err)
	}
	got, err := key.Unwrap(wrapped, 32)
	if err != nil || got.Len() != 32 || bytes.Contains(reveal(got), []byte("mmmm")) {
		t.Errorf("%x, %v, want 32 random bytes", reveal(got), err)
	}
}

// oaepEM gives the encoded message of an OAEP encryption, as a token's raw RSA
// operation gives it.
func oaepEM(t testing.TB, key *keys.Private, hash crypto.Hash, message, label []byte) []byte {
	t.Helper()
	standard, _ := key.Public().Standard()
	ciphertext, err := rsa.EncryptOAEP(hash.New(), rand.Reader, standard.(*rsa.PublicKey), message, label)
	if err != nil {
		t.Fatal(err)
	}
	k := bareRSA(t, key)
	return new(big.Int).Exp(new(big.Int).SetBytes(ciphertext), k.D, k.N).FillBytes(make([]byte, k.Size()))
}

// What the standard library encodes, we decode, for every hash, length and
// label.
func TestDecodeOAEPAgreesWithTheStandardLibrary(t *testing.T) {
	key := privateJWK(t, rfcRSA["A.1"])
	for _, hash := range []crypto.Hash{crypto.SHA1, crypto.SHA256, crypto.SHA384, crypto.SHA512} {
		for _, length := range []int{0, 1, 32, 256 - 2*hash.Size() - 2} {
			for _, label := range [][]byte{nil, []byte("label")} {
				message := bytes.Repeat([]byte{'m'}, length)
				em := oaepEM(t, key, hash, message, label)
				got, err := keys.DecodeOAEP(hash, label, em, 256)
				if err != nil || !bytes.Equal(reveal(got), message) {
					t.Errorf("%s, %d bytes, label %q: %q, %v", hash, length, label, reveal(got), err)
				}
				if _, err := keys.DecodeOAEP(hash, []byte("other"), em, 256); err != error(keys.ErrDecrypt) {
					t.Errorf("%s, %d bytes: another label: %v", hash, length, err)
				}
			}
		}
	}
}

// Manger's attacker changes any byte of the encoded message, the first
// included: the answer is always the same.
func TestDecodeOAEPRefusesEveryChangedByte(t *testing.T) {
	key := privateJWK(t, rfcRSA["A.1"])
	for _, hash := range []crypto.Hash{crypto.SHA1, crypto.SHA256} {
		em := oaepEM(t, key, hash, []byte("a key of some length"), nil)
		for i := range em {
			for _, flip := range []byte{0x01, 0x80, 0xff} {
				bad := bytes.Clone(em)
				bad[i] ^= flip
				if got, err := keys.DecodeOAEP(hash, nil, bad, len(em)); err != error(keys.ErrDecrypt) || got != nil {
					t.Errorf("%s, byte %d ^ %#x: %v, %v", hash, i, flip, got, err)
				}
			}
		}
	}
}

// encodeDB is EME-OAEP encoding (RFC 8017 section 7.1.1 steps 2e to 2i) of a
// data block of our making.
func encodeDB(hash crypto.Hash, seed, db []byte) []byte {
	mgf := func(seed []byte, length int) []byte {
		var out []byte
		for n := uint32(0); len(out) < length; n++ {
			h := hash.New()
			h.Write(binary.BigEndian.AppendUint32(bytes.Clone(seed), n))
			out = h.Sum(out)
		}
		return out[:length]
	}
	xor := func(a, b []byte) []byte {
		out := make([]byte, len(a))
		for i := range a {
			out[i] = a[i] ^ b[i]
		}
		return out
	}
	masked := xor(db, mgf(seed, len(db)))
	return slices.Concat([]byte{0}, xor(seed, mgf(masked, len(seed))), masked)
}

// The data block is wrong in one way at a time.
func TestDecodeOAEPRefusesWrongDataBlocks(t *testing.T) {
	const k = 128
	hash := crypto.SHA256
	empty := hash.New().Sum(nil)
	size := k - 1 - hash.Size()
	block := func(labelHash, rest []byte) []byte {
		return append(append(bytes.Clone(labelHash), make([]byte, size-len(labelHash)-len(rest))...), rest...)
	}
	other := bytes.Clone(empty)
	other[31] ^= 1
	for _, tc := range []struct {
		name  string
		db    []byte
		want  string
		opens bool
	}{
		{"right", block(empty, []byte("\x01message")), "message", true},
		{"right and empty", block(empty, []byte("\x01")), "", true},
		{"ones in the message", block(empty, []byte("\x01\x01\x00\x01")), "\x01\x00\x01", true},
		{"another label", block(other, []byte("\x01message")), "", false},
		{"no end of the padding", block(empty, nil), "", false},
		{"padding not zero", block(empty, []byte("\x02\x00\x01message")), "", false},
		{"end of padding 2", block(empty, []byte("\x02message")), "", false},
		{"end of padding 0xff", block(empty, []byte("\xff\x01message")), "", false},
	} {
		got, err := keys.DecodeOAEP(hash, nil, encodeDB(hash, bytes.Repeat([]byte{9}, 32), tc.db), k)
		if tc.opens && (err != nil || string(reveal(got)) != tc.want) {
			t.Errorf("%s: %q, %v", tc.name, reveal(got), err)
		}
		if !tc.opens && err != error(keys.ErrDecrypt) {
			t.Errorf("%s: %q, %v", tc.name, reveal(got), err)
		}
	}
	for _, length := range []int{0, 1, k - 1, k + 1} {
		if _, err := keys.DecodeOAEP(hash, nil, make([]byte, length), k); err != error(keys.ErrDecrypt) {
			t.Errorf("%d bytes: %v", length, err)
		}
	}
	if _, err := keys.DecodeOAEP(hash, nil, make([]byte, 65), 65); err != error(keys.ErrDecrypt) {
		t.Errorf("a modulus too small for the hash: %v", err)
	}
	if _, err := keys.DecodeOAEP(crypto.MD5SHA1, nil, nil, 0); err == nil {
		t.Error("a hash that is none is taken")
	}
}
