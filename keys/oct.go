package keys

import (
	"crypto/hmac"
	"io"
)

// octKey is a symmetric key. It has no public half, and its encoding is its
// bytes.
type octKey struct{ bytes []byte }

func generateOct(s Spec, random io.Reader) (softwareKey, error) {
	b := make([]byte, s.Bits/8)
	if _, err := io.ReadFull(random, b); err != nil {
		return nil, err
	}
	return &octKey{b}, nil
}

// parseOct copies the bytes, which the caller wipes.
func parseOct(b []byte) (softwareKey, error) {
	spec := Spec{Type: Oct, Bits: 8 * len(b)}
	if !spec.Known() {
		return nil, errBadPrivate(nil)
	}
	return &octKey{append(make([]byte, 0, len(b)), b...)}, nil
}

func (k *octKey) spec() Spec  { return Spec{Type: Oct, Bits: 8 * len(k.bytes)} }
func (k *octKey) public() any { return nil }
func (k *octKey) encode() ([]byte, error) {
	return append(make([]byte, 0, len(k.bytes)), k.bytes...), nil
}
func (k *octKey) wipe() { clear(k.bytes) }

// sign is RFC 2104 over the message itself.
func (k *octKey) sign(info AlgorithmInfo, message []byte) ([]byte, error) {
	mac := hmac.New(info.Hash.New, k.bytes)
	_, _ = mac.Write(message) // a hash never fails to write
	return mac.Sum(nil), nil
}

// verify compares in constant time, and the whole of it: a shortened code is
// no code.
func (k *octKey) verify(info AlgorithmInfo, message, sig []byte) bool {
	want, _ := k.sign(info, message) // it gives no error
	return hmac.Equal(want, sig)
}
