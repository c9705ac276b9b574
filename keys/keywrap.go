package keys

import (
	"crypto/cipher"
	"crypto/subtle"
	"encoding/binary"
)

// The standard library has no AES key wrap, so RFC 3394 (KW) and RFC 5649
// (KWP) stand here, over its block cipher.

// semiblock is the unit of key wrapping, in bytes.
const semiblock = 8

var (
	// kwInitial is the initial value of RFC 3394 section 2.2.3.1.
	kwInitial = [semiblock]byte{0xA6, 0xA6, 0xA6, 0xA6, 0xA6, 0xA6, 0xA6, 0xA6}
	// kwpInitial begins the alternative initial value of RFC 5649 section 3.
	kwpInitial = [4]byte{0xA6, 0x59, 0x59, 0xA6}
)

// wrapKW is RFC 3394 section 2.2.1: it wraps two or more semiblocks under an
// initial value.
func wrapKW(block cipher.Block, initial [semiblock]byte, plaintext []byte) []byte {
	out := make([]byte, semiblock+len(plaintext))
	copy(out[semiblock:], plaintext)
	n := len(plaintext) / semiblock
	var b [aesBlock]byte
	copy(b[:], initial[:])
	for t := 1; t <= 6*n; t++ {
		r := out[semiblock*((t-1)%n+1):][:semiblock]
		copy(b[semiblock:], r)
		block.Encrypt(b[:], b[:])
		mixStep(&b, t)
		copy(r, b[semiblock:])
	}
	copy(out, b[:semiblock])
	clear(b[:])
	return out
}

// stripKW is RFC 3394 section 2.2.2 without the check: it gives the initial
// value that was recovered and the semiblocks. The input has three semiblocks
// or more.
func stripKW(block cipher.Block, ciphertext []byte) (initial [semiblock]byte, plaintext []byte) {
	plaintext = append(make([]byte, 0, len(ciphertext)-semiblock), ciphertext[semiblock:]...)
	n := len(plaintext) / semiblock
	var b [aesBlock]byte
	copy(b[:], ciphertext[:semiblock])
	for t := 6 * n; t >= 1; t-- {
		r := plaintext[semiblock*((t-1)%n):][:semiblock]
		mixStep(&b, t)
		copy(b[semiblock:], r)
		block.Decrypt(b[:], b[:])
		copy(r, b[semiblock:])
	}
	copy(initial[:], b[:])
	clear(b[:])
	return initial, plaintext
}

// mixStep exclusive-ors the number of the step into the first half.
func mixStep(b *[aesBlock]byte, t int) {
	first := binary.BigEndian.Uint64(b[:semiblock])
	binary.BigEndian.PutUint64(b[:semiblock], first^uint64(t))
}

// unwrapKW checks the whole initial value in constant time.
func unwrapKW(block cipher.Block, ciphertext []byte) ([]byte, bool) {
	if len(ciphertext) < 3*semiblock || len(ciphertext)%semiblock != 0 {
		return nil, false
	}
	initial, plaintext := stripKW(block, ciphertext)
	if subtle.ConstantTimeCompare(initial[:], kwInitial[:]) == 0 {
		clear(plaintext)
		return nil, false
	}
	return plaintext, true
}

// wrapKWP is RFC 5649 section 4.1 for 1 to 2^31-1 bytes.
func wrapKWP(block cipher.Block, plaintext []byte) []byte {
	var initial [semiblock]byte
	copy(initial[:], kwpInitial[:])
	binary.BigEndian.PutUint32(initial[len(kwpInitial):], uint32(len(plaintext)))
	padded := make([]byte, (len(plaintext)+semiblock-1)/semiblock*semiblock)
	defer clear(padded)
	copy(padded, plaintext)
	if len(padded) > semiblock {
		return wrapKW(block, initial, padded)
	}
	out := append(initial[:], padded...)
	block.Encrypt(out, out)
	return out
}

// unwrapKWP is RFC 5649 section 4.2. The constant, the length and the padding
// are all checked before anything is decided.
func unwrapKWP(block cipher.Block, ciphertext []byte) ([]byte, bool) {
	if len(ciphertext) < 2*semiblock || len(ciphertext)%semiblock != 0 {
		return nil, false
	}
	var initial [semiblock]byte
	var padded []byte
	if len(ciphertext) == aesBlock {
		out := make([]byte, aesBlock)
		block.Decrypt(out, ciphertext)
		copy(initial[:], out)
		padded = out[semiblock:]
	} else {
		initial, padded = stripKW(block, ciphertext)
	}
	length, ok := checkKWP(initial, padded)
	if ok == 0 {
		clear(padded)
		return nil, false
	}
	return padded[:length], true
}

// checkKWP gives the length of the plaintext, and 1 if all is right.
func checkKWP(initial [semiblock]byte, padded []byte) (length, ok int) {
	ok = subtle.ConstantTimeCompare(initial[:len(kwpInitial)], kwpInitial[:])
	indicator := binary.BigEndian.Uint32(initial[len(kwpInitial):])
	// The comparisons below take numbers of 31 bits.
	ok &= subtle.ConstantTimeEq(int32(indicator>>31), 0)
	length = int(indicator & (1<<31 - 1))
	ok &= subtle.ConstantTimeLessOrEq(len(padded)-semiblock+1, length) & subtle.ConstantTimeLessOrEq(length, len(padded))
	// At most seven bytes are padding.
	for i := len(padded) - semiblock + 1; i < len(padded); i++ {
		isPadding := subtle.ConstantTimeLessOrEq(length, i)
		ok &= subtle.ConstantTimeSelect(isPadding, subtle.ConstantTimeByteEq(padded[i], 0), 1)
	}
	return length, ok
}
