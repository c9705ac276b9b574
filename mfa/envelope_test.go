package mfa_test

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"strings"
	"testing"

	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/internal/secret"
	"github.com/strongroom/strongroom/mfa"
)

var (
	deviceKey = secret.FromString("this machine's key of 32 bytes..")
	binding   = mfa.PINBinding{Installation: "5f0c", Person: "p-1", TokenSerial: "ab12"}
)

func b64(b []byte) string { return base64.RawStdEncoding.EncodeToString(b) }

func sealPIN(t *testing.T, stretched *mfa.Stretched) []byte {
	t.Helper()
	blob, err := mfa.SealPIN(secret.FromString("648219"), stretched, deviceKey, binding, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return blob
}

func stretchedFor(t *testing.T, password string) *mfa.Stretched {
	t.Helper()
	_, stretched := newPassword(t, newHasher(t, mfa.FloorParams()), password)
	return stretched
}

func TestPINEnvelopeGivesThePINBack(t *testing.T) {
	stretched := stretchedFor(t, goodPassword)
	for _, pin := range []string{"1", "648219", strings.Repeat("9", mfa.MaxPIN)} {
		blob, err := mfa.SealPIN(secret.FromString(pin), stretched, deviceKey, binding, rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		got, err := mfa.OpenPIN(blob, stretched, deviceKey, binding)
		if err != nil || reveal(got) != pin {
			t.Errorf("PIN of %d bytes: %v", len(pin), err)
		}
		if len(blob) != 317 {
			t.Errorf("a PIN of %d bytes shows its length: %d bytes", len(pin), len(blob))
		}
	}
}

// Every wrong input gives the very same refusal, so that nothing tells an
// attacker which of password and machine was right.
func TestPINEnvelopeRefusesEveryWrongInputAlike(t *testing.T) {
	stretched, other := stretchedFor(t, goodPassword), stretchedFor(t, goodPassword+"!")
	blob := sealPIN(t, stretched)
	wiped := stretchedFor(t, goodPassword)
	wiped.Wipe()
	swapped := mfa.PINBinding{Installation: binding.Person, Person: binding.Installation, TokenSerial: binding.TokenSerial}
	shifted := mfa.PINBinding{Installation: "5f0", Person: "cp-1", TokenSerial: "ab12"}
	for name, tc := range map[string]struct {
		blob      []byte
		stretched *mfa.Stretched
		deviceKey *secret.Bytes
		binding   mfa.PINBinding
	}{
		"another password":     {blob, other, deviceKey, binding},
		"no password":          {blob, nil, deviceKey, binding},
		"wiped password":       {blob, wiped, deviceKey, binding},
		"another machine":      {blob, stretched, secret.FromString("that machine's key of 32 bytes.."), binding},
		"no device key":        {blob, stretched, nil, binding},
		"short device key":     {blob, stretched, secret.FromString("short"), binding},
		"another person":       {blob, stretched, deviceKey, mfa.PINBinding{Installation: "5f0c", Person: "p-2", TokenSerial: "ab12"}},
		"another token":        {blob, stretched, deviceKey, mfa.PINBinding{Installation: "5f0c", Person: "p-1", TokenSerial: "ab13"}},
		"another installation": {blob, stretched, deviceKey, mfa.PINBinding{Installation: "5f0d", Person: "p-1", TokenSerial: "ab12"}},
		"swapped fields":       {blob, stretched, deviceKey, swapped},
		"shifted fields":       {blob, stretched, deviceKey, shifted},
		"no binding":           {blob, stretched, deviceKey, mfa.PINBinding{}},
		"no envelope":          {nil, stretched, deviceKey, binding},
		"cut envelope":         {blob[:len(blob)-1], stretched, deviceKey, binding},
		"longer envelope":      {append(bytes.Clone(blob), 0), stretched, deviceKey, binding},
	} {
		checkRefused(t, name, tc.blob, tc.stretched, tc.deviceKey, tc.binding)
	}
}

// No bit of an envelope can be changed unnoticed.
func TestPINEnvelopeNoticesEveryFlippedBit(t *testing.T) {
	stretched := stretchedFor(t, goodPassword)
	blob := sealPIN(t, stretched)
	for i := range len(blob) * 8 {
		changed := bytes.Clone(blob)
		changed[i/8] ^= 1 << (i % 8)
		checkRefused(t, "flipped bit", changed, stretched, deviceKey, binding)
	}
}

func checkRefused(t *testing.T, name string, blob []byte, stretched *mfa.Stretched, deviceKey *secret.Bytes, binding mfa.PINBinding) {
	t.Helper()
	pin, err := mfa.OpenPIN(blob, stretched, deviceKey, binding)
	if pin != nil {
		t.Fatalf("%s: a PIN came out", name)
	}
	var f *fault.Error
	if !errors.As(err, &f) || f.Kind != fault.Unauthenticated || f.Err != nil || f.Problem != "the PIN envelope does not open" {
		t.Errorf("%s: %v", name, err)
	}
}

// One PIN sealed twice shares nothing: a thief of two backups cannot tell
// whether the PIN was changed between them.
func TestPINEnvelopesOfOnePINDiffer(t *testing.T) {
	stretched := stretchedFor(t, goodPassword)
	a, b := sealPIN(t, stretched), sealPIN(t, stretched)
	if bytes.Equal(a[1:33], b[1:33]) || bytes.Equal(a[45:], b[45:]) {
		t.Error("two envelopes share salt or ciphertext")
	}
}

func TestPINEnvelopeRefusesToSealWhatCannotOpen(t *testing.T) {
	stretched := stretchedFor(t, goodPassword)
	pin := secret.FromString("648219")
	seal := func(pin *secret.Bytes, s *mfa.Stretched, d *secret.Bytes, b mfa.PINBinding) error {
		_, err := mfa.SealPIN(pin, s, d, b, rand.Reader)
		return err
	}
	for name, err := range map[string]error{
		"no PIN":        seal(nil, stretched, deviceKey, binding),
		"long PIN":      seal(secret.New(make([]byte, mfa.MaxPIN+1)), stretched, deviceKey, binding),
		"no password":   seal(pin, nil, deviceKey, binding),
		"no device key": seal(pin, stretched, nil, binding),
		"no person":     seal(pin, stretched, deviceKey, mfa.PINBinding{Installation: "a", TokenSerial: "b"}),
		"long serial":   seal(pin, stretched, deviceKey, mfa.PINBinding{Installation: "a", Person: "b", TokenSerial: strings.Repeat("c", 256)}),
	} {
		if err == nil {
			t.Errorf("%s: sealed", name)
		}
	}
}

func FuzzPINEnvelope(f *testing.F) {
	h, err := mfa.NewHasher(mfa.FloorParams(), rand.Reader, 1)
	if err != nil {
		f.Fatal(err)
	}
	_, stretched, err := h.NewPassword(f.Context(), secret.FromString(goodPassword))
	if err != nil {
		f.Fatal(err)
	}
	f.Add([]byte{})
	f.Add([]byte{1})
	f.Add(append([]byte{1}, make([]byte, 316)...))
	f.Add(append([]byte{2}, make([]byte, 316)...))
	f.Fuzz(func(t *testing.T, blob []byte) {
		checkRefused(t, "arbitrary bytes", blob, stretched, deviceKey, binding)
	})
}
