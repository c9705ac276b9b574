package mfa

import (
	"encoding/base32"
	"io"

	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/internal/secret"
)

// Recovery and enrolment codes are 80 random bits in Crockford's base32, whose
// alphabet has no i, l, o and u, so that a code survives being read aloud.
const codeAlphabet = "0123456789abcdefghjkmnpqrstvwxyz"

var codeBase32 = base32.NewEncoding(codeAlphabet).WithPadding(base32.NoPadding)

// newCode gives 16 symbols in groups of four parted by hyphens.
func newCode(rand io.Reader) ([]byte, error) {
	b, err := randomBytes(rand, codeBytes)
	if err != nil {
		return nil, err
	}
	defer clear(b)
	symbols := make([]byte, codeSymbols)
	defer clear(symbols)
	codeBase32.Encode(symbols, b)
	return group(symbols, '-'), nil
}

// normalCode gives the 16 lower-case symbols of a code as somebody typed it:
// in either case, with spaces and hyphens anywhere, with o for 0 and i or l
// for 1.
func normalCode(typed *secret.Bytes) (*secret.Bytes, bool) {
	out, ok := make([]byte, 0, codeSymbols), true
	typed.Reveal(func(b []byte) {
		if len(b) > maxTypedCode {
			ok = false
			return
		}
		for _, c := range b {
			symbol, keep, known := normalSymbol(c)
			if !known || keep && len(out) == codeSymbols {
				ok = false
				return
			}
			if keep {
				out = append(out, symbol)
			}
		}
	})
	code := secret.New(out)
	if !ok || code.Len() != codeSymbols {
		code.Wipe()
		return nil, false
	}
	return code, true
}

// normalSymbol gives the symbol c stands for, whether it counts, and whether
// it may stand in a code at all.
func normalSymbol(c byte) (symbol byte, keep, known bool) {
	if c >= 'A' && c <= 'Z' {
		c += 'a' - 'A'
	}
	switch c {
	case ' ', '-':
		return 0, false, true
	case 'o':
		return '0', true, true
	case 'i', 'l':
		return '1', true, true
	case 'u':
		return 0, false, false
	}
	known = c >= '0' && c <= '9' || c >= 'a' && c <= 'z'
	return c, known, known
}

// NewEnrolmentCode makes the one-time code with which a person signs in first:
// 80 bits, shown as XXXX-XXXX-XXXX-XXXX.
func NewEnrolmentCode(rand io.Reader) (*secret.Bytes, error) {
	b, err := newCode(rand)
	if err != nil {
		return nil, err
	}
	for i, c := range b {
		if c >= 'a' && c <= 'z' {
			b[i] = c - ('a' - 'A')
		}
	}
	return secret.New(b), nil
}

// EnrolmentPassword gives the form of an enrolment code that goes to
// [Hasher.NewPassword] and [Hasher.CheckPassword] in a password's place:
// stretched alike, it opens a PIN envelope alike. Case, spaces and hyphens do
// not matter, nor o for 0 and i or l for 1. What cannot be a code is
// fault.Invalid; treat that as a failed sign-in, at a Decoy's cost.
func EnrolmentPassword(typed *secret.Bytes) (*secret.Bytes, error) {
	code, ok := normalCode(typed)
	if !ok {
		return nil, fault.New(fault.Invalid, "this is not an enrolment code", "type the 16 letters and digits that the vault owner gave you")
	}
	return code, nil
}
