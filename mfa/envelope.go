package mfa

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/binary"
	"io"

	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/internal/secret"
)

// A PIN envelope is
//
//	version 1 byte | salt 32 | nonce 12 | ciphertext 256 | tag 16
//
// and nothing else: 317 bytes whatever the PIN's length. The plaintext is the
// PIN's length in one byte, the PIN, and zeros. The AES-256 key is
// HKDF-SHA-256(stretched || device key, salt, label): it takes the password
// and the machine.
const (
	envelopeVersion = 1
	envelopeLabel   = "strongroom PIN envelope key v1"
	bindingDomain   = "strongroom PIN envelope binding v1"
	paddedPIN       = 1 + MaxPIN
	gcmNonce        = 12
	gcmTag          = 16
	envelopeSize    = 1 + envelopeSalt + gcmNonce + paddedPIN + gcmTag
)

// PINBinding says which PIN an envelope holds. It is authenticated, so that an
// envelope moved to another person, token or installation does not open.
type PINBinding struct {
	Installation string
	Person       string // the identifier that never changes
	TokenSerial  string
}

// SealPIN seals an HSM PIN (1 to 255 bytes) for one person on one machine. The
// device key must have [DeviceKeySize] bytes.
func SealPIN(pin *secret.Bytes, stretched *Stretched, deviceKey *secret.Bytes, binding PINBinding, rand io.Reader) ([]byte, error) {
	if n := pin.Len(); n == 0 || n > MaxPIN {
		return nil, fault.New(fault.Invalid, "the HSM PIN is empty or too long", "use a PIN of 1 to 255 bytes")
	}
	aad, err := binding.bytes()
	if err != nil {
		return nil, err
	}
	salt, err := randomBytes(rand, envelopeSalt)
	if err != nil {
		return nil, err
	}
	aead, err := envelopeAEAD(stretched, deviceKey, salt)
	if err != nil {
		return nil, err
	}
	padded := padPIN(pin)
	defer clear(padded)
	blob := append(make([]byte, 0, envelopeSize), envelopeVersion)
	blob = append(blob, salt...)
	return aead.Seal(blob, nil, padded, aad), nil
}

// OpenPIN gives the PIN back. Wrong password, wrong machine, wrong binding,
// changed or malformed blob: all are one and the same fault.Unauthenticated.
func OpenPIN(blob []byte, stretched *Stretched, deviceKey *secret.Bytes, binding PINBinding) (*secret.Bytes, error) {
	aad, err := binding.bytes()
	if err != nil || len(blob) != envelopeSize || blob[0] != envelopeVersion {
		return nil, errEnvelope()
	}
	salt, sealed := blob[1:1+envelopeSalt], blob[1+envelopeSalt:]
	aead, err := envelopeAEAD(stretched, deviceKey, salt)
	if err != nil {
		return nil, errEnvelope()
	}
	padded, err := aead.Open(nil, nil, sealed, aad)
	if err != nil {
		return nil, errEnvelope()
	}
	defer clear(padded)
	return unpadPIN(padded)
}

// envelopeAEAD makes AES-256-GCM with a nonce that it draws itself. The salt
// makes the key fresh for each envelope, so that no nonce meets a key twice.
func envelopeAEAD(stretched *Stretched, deviceKey *secret.Bytes, salt []byte) (cipher.AEAD, error) {
	if stretched == nil || stretched.key.Len() != stretchSize || deviceKey.Len() != DeviceKeySize {
		return nil, fault.New(fault.Internal, "a PIN envelope key is missing or has the wrong size", "sign in again")
	}
	material := make([]byte, 0, stretchSize+DeviceKeySize)
	stretched.key.Reveal(func(b []byte) { material = append(material, b...) })
	deviceKey.Reveal(func(b []byte) { material = append(material, b...) })
	defer clear(material)
	key, err := hkdf.Key(sha256.New, material, salt, envelopeLabel, 32)
	if err != nil {
		return nil, fault.Wrap(err, fault.Internal, "cannot derive the PIN envelope key", "")
	}
	defer clear(key)
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fault.Wrap(err, fault.Internal, "cannot set up the PIN envelope", "")
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, fault.Wrap(err, fault.Internal, "cannot set up the PIN envelope", "")
	}
	return aead, nil
}

func padPIN(pin *secret.Bytes) []byte {
	padded := make([]byte, paddedPIN)
	pin.Reveal(func(b []byte) {
		padded[0] = byte(len(b))
		copy(padded[1:], b)
	})
	return padded
}

// unpadPIN is strict, so that one PIN has one padded form.
func unpadPIN(padded []byte) (*secret.Bytes, error) {
	if len(padded) != paddedPIN || padded[0] == 0 {
		return nil, errEnvelope()
	}
	end := 1 + int(padded[0])
	if subtle.ConstantTimeCompare(padded[end:], make([]byte, paddedPIN-end)) != 1 {
		return nil, errEnvelope()
	}
	return secret.Copy(padded[1:end]), nil
}

// bytes gives the binding's one encoding: each field behind its length, so
// that no two bindings share it.
func (b PINBinding) bytes() ([]byte, error) {
	out := []byte(bindingDomain)
	for _, field := range []string{b.Installation, b.Person, b.TokenSerial} {
		if field == "" || len(field) > maxBindingField {
			return nil, fault.New(fault.Invalid, "a PIN envelope needs installation, person and token serial", "")
		}
		out = binary.BigEndian.AppendUint16(out, uint16(len(field)))
		out = append(out, field...)
	}
	return out, nil
}

func errEnvelope() error {
	return fault.New(fault.Unauthenticated, "the PIN envelope does not open",
		"sign in on the machine where you enrolled, or ask a vault owner for a new enrolment code")
}
