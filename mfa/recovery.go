package mfa

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/binary"
	"io"
	"strings"

	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/internal/secret"
)

// A stored recovery code is SHA-256 of the person and the code. No key and no
// Argon2id: a code is 80 random bits, so that finding one from its hash takes
// 2^79 hashes on average however cheap each is, and the person's name in the
// hash keeps one search from serving all people. A slow hash would only make
// the ten comparisons of a sign-in slow.
const (
	recoveryPrefix = "$recovery$v=1$"
	recoveryDomain = "strongroom recovery code v1"
)

var recoveryBase64 = base64.RawStdEncoding.Strict()

// NewRecoveryCodes makes n single-use codes (1 to 32; [RecoveryCodes] is
// usual), each shown as xxxx-xxxx-xxxx-xxxx. Show them once and store what
// [HashRecoveryCode] gives.
func NewRecoveryCodes(rand io.Reader, n int) ([]*secret.Bytes, error) {
	if n < 1 || n > maxRecoveryCodes {
		return nil, fault.New(fault.Invalid, "this number of recovery codes is not allowed", "make 1 to 32 of them")
	}
	codes := make([]*secret.Bytes, 0, n)
	for range n {
		b, err := newCode(rand)
		if err != nil {
			wipeAll(codes)
			return nil, err
		}
		codes = append(codes, secret.New(b))
	}
	return codes, nil
}

// HashRecoveryCode gives what is stored of a person's code. The person is the
// identifier that never changes, not a name that may.
func HashRecoveryCode(person string, code *secret.Bytes) (string, error) {
	normal, ok := normalCode(code)
	if !ok || person == "" {
		return "", fault.New(fault.Invalid, "this is not a recovery code", "type its 16 letters and digits")
	}
	defer normal.Wipe()
	sum := recoverySum(person, normal)
	return recoveryPrefix + recoveryBase64.EncodeToString(sum[:]), nil
}

// CheckRecoveryCode answers whether code is one of the stored ones and which,
// in the same time whichever it is. An empty string marks a code already used
// and never matches. Mark the code used in the same transaction as the
// sign-in. A malformed stored hash is fault.Tampered; a wrong or malformed code
// is no error.
func CheckRecoveryCode(person string, stored []string, code *secret.Bytes) (index int, ok bool, err error) {
	if len(stored) > maxRecoveryCodes {
		return 0, false, errStoredRecovery()
	}
	normal, valid := normalCode(code)
	if !valid {
		normal = secret.New(make([]byte, codeSymbols)) // hashes, matches nothing
	}
	defer normal.Wipe()
	sum := recoverySum(person, normal)
	found := -1
	for i, s := range stored {
		want, used, err := parseRecovery(s)
		if err != nil {
			return 0, false, err
		}
		equal := subtle.ConstantTimeCompare(want[:], sum[:])
		if used {
			equal = 0
		}
		found = subtle.ConstantTimeSelect(equal, i, found)
	}
	if found < 0 || !valid {
		return 0, false, nil
	}
	return found, true, nil
}

func recoverySum(person string, normal *secret.Bytes) [sha256.Size]byte {
	h := sha256.New()
	h.Write([]byte(recoveryDomain))
	var length [4]byte
	binary.BigEndian.PutUint32(length[:], uint32(len(person)))
	h.Write(length[:])
	h.Write([]byte(person))
	normal.Reveal(func(b []byte) { h.Write(b) })
	var sum [sha256.Size]byte
	h.Sum(sum[:0])
	return sum
}

func parseRecovery(s string) (sum [sha256.Size]byte, used bool, err error) {
	if s == "" {
		return sum, true, nil
	}
	text, ok := strings.CutPrefix(s, recoveryPrefix)
	if !ok || len(text) != recoveryBase64.EncodedLen(sha256.Size) || strings.ContainsAny(text, "\r\n") {
		return sum, false, errStoredRecovery()
	}
	b, err := recoveryBase64.DecodeString(text)
	if err != nil {
		return sum, false, errStoredRecovery()
	}
	copy(sum[:], b)
	return sum, false, nil
}

func errStoredRecovery() error {
	return fault.New(fault.Tampered, "a stored recovery code is malformed",
		"restore the database from a backup, or issue new recovery codes")
}

func wipeAll(all []*secret.Bytes) {
	for _, s := range all {
		s.Wipe()
	}
}
