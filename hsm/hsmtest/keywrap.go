package hsmtest

import (
	"crypto/cipher"
	"encoding/binary"
	"testing"

	"github.com/strongroom/strongroom/hsm"
)

// wrapRFC is RFC 3394 section 2.2.1 and RFC 5649 section 4.1, word for word,
// for data of at least 9 bytes.
func wrapRFC(block cipher.Block, m hsm.CipherMechanism, data []byte) []byte {
	n := (len(data) + 7) / 8
	out := make([]byte, 8*(n+1))
	copy(out[8:], data)
	copy(out, initial(m, len(data)))
	var b [16]byte
	for j := range 6 {
		for i := 1; i <= n; i++ {
			copy(b[:8], out[:8])
			copy(b[8:], out[8*i:])
			block.Encrypt(b[:], b[:])
			binary.BigEndian.PutUint64(out, binary.BigEndian.Uint64(b[:8])^uint64(n*j+i))
			copy(out[8*i:], b[8:])
		}
	}
	return out
}

// unwrapRFC is RFC 3394 section 2.2.2; the data's length is in the first block
// of RFC 5649.
func unwrapRFC(t *testing.T, block cipher.Block, m hsm.CipherMechanism, wrapped []byte) []byte {
	t.Helper()
	out := append([]byte(nil), wrapped...)
	n := len(out)/8 - 1
	var b [16]byte
	for j := 5; j >= 0; j-- {
		for i := n; i >= 1; i-- {
			binary.BigEndian.PutUint64(b[:8], binary.BigEndian.Uint64(out)^uint64(n*j+i))
			copy(b[8:], out[8*i:])
			block.Decrypt(b[:], b[:])
			copy(out, b[:8])
			copy(out[8*i:], b[8:])
		}
	}
	size := 8 * n
	if m == hsm.AESKWP {
		size = int(binary.BigEndian.Uint32(out[4:]))
	}
	if size > 8*n || string(out[:8]) != string(initial(m, size)) {
		t.Errorf("what the token wrapped is not of the RFC: it begins with %x", out[:8])
		return nil
	}
	return out[8 : 8+size]
}

func initial(m hsm.CipherMechanism, size int) []byte {
	if m == hsm.AESKW {
		return []byte{0xA6, 0xA6, 0xA6, 0xA6, 0xA6, 0xA6, 0xA6, 0xA6}
	}
	return binary.BigEndian.AppendUint32([]byte{0xA6, 0x59, 0x59, 0xA6}, uint32(size))
}
