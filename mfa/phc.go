package mfa

import (
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"

	"github.com/strongroom/strongroom/internal/fault"
)

// phc is a stored password in the PHC string format:
//
//	$argon2id$v=19$m=131072,t=3,p=2$SALT$VERIFIER
//
// with both last fields in base64 without padding. The last field is NOT the
// Argon2id output, as it would be elsewhere: it is HKDF-SHA-256 of that output
// under the label "strongroom password verifier", so that the row does not
// give the key of the PIN envelope, which is derived under another label.
type phc struct {
	params   Params
	salt     []byte // saltSize bytes
	verifier []byte // verifierSize bytes
}

const phcPrefix = "$argon2id$v=19$"

var phcBase64 = base64.RawStdEncoding.Strict()

func (p phc) String() string {
	return fmt.Sprintf("%sm=%d,t=%d,p=%d$%s$%s", phcPrefix, p.params.MemoryKiB, p.params.Time, p.params.Threads,
		phcBase64.EncodeToString(p.salt), phcBase64.EncodeToString(p.verifier))
}

// parsePHC reads exactly what [phc.String] writes; anything else, costs out of
// range included, is fault.Tampered, because only this package writes it.
func parsePHC(s string) (phc, error) {
	if len(s) > maxPHC {
		return phc{}, errStoredPassword()
	}
	rest, ok := strings.CutPrefix(s, phcPrefix)
	fields := strings.Split(rest, "$")
	if !ok || len(fields) != 3 {
		return phc{}, errStoredPassword()
	}
	params, ok := parseCosts(fields[0])
	if !ok || params.Check() != nil {
		return phc{}, errStoredPassword()
	}
	salt, ok1 := decodeSized(fields[1], saltSize)
	verifier, ok2 := decodeSized(fields[2], verifierSize)
	if !ok1 || !ok2 {
		return phc{}, errStoredPassword()
	}
	return phc{params: params, salt: salt, verifier: verifier}, nil
}

// parseCosts reads "m=N,t=N,p=N" in this order.
func parseCosts(s string) (Params, bool) {
	fields := strings.Split(s, ",")
	if len(fields) != 3 {
		return Params{}, false
	}
	m, ok1 := parseCost(fields[0], "m=", 32)
	t, ok2 := parseCost(fields[1], "t=", 32)
	p, ok3 := parseCost(fields[2], "p=", 8)
	return Params{MemoryKiB: uint32(m), Time: uint32(t), Threads: uint8(p)}, ok1 && ok2 && ok3
}

// parseCost reads one decimal without sign or leading zero.
func parseCost(s, prefix string, bits int) (uint64, bool) {
	digits, ok := strings.CutPrefix(s, prefix)
	n, err := strconv.ParseUint(digits, 10, bits)
	return n, ok && err == nil && strconv.FormatUint(n, 10) == digits
}

func decodeSized(s string, size int) ([]byte, bool) {
	if len(s) != phcBase64.EncodedLen(size) {
		return nil, false
	}
	// The decoder skips line breaks, which would give one value two spellings.
	if strings.ContainsAny(s, "\r\n") {
		return nil, false
	}
	b, err := phcBase64.DecodeString(s)
	return b, err == nil && len(b) == size
}

func errStoredPassword() error {
	return fault.New(fault.Tampered, "a stored password record is malformed",
		"restore the database from a backup, or reset this person's password")
}
