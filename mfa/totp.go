package mfa

import (
	"crypto/subtle"
	"encoding/base32"
	"io"
	"net/url"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"

	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/internal/secret"
)

var seedBase32 = base32.StdEncoding.WithPadding(base32.NoPadding)

// NewSeed makes a TOTP seed of [SeedSize] random bytes.
func NewSeed(rand io.Reader) (*secret.Bytes, error) {
	b, err := randomBytes(rand, SeedSize)
	if err != nil {
		return nil, err
	}
	return secret.New(b), nil
}

// SeedText gives the seed in base32 without padding, as authenticator apps
// read it.
func SeedText(seed *secret.Bytes) *secret.Bytes {
	var text []byte
	seed.Reveal(func(b []byte) {
		text = make([]byte, seedBase32.EncodedLen(len(b)))
		seedBase32.Encode(text, b)
	})
	return secret.New(text)
}

// Groups gives [SeedText] in groups of four parted by spaces, for people who
// type it.
func Groups(seed *secret.Bytes) *secret.Bytes {
	text := SeedText(seed)
	defer text.Wipe()
	var out []byte
	text.Reveal(func(b []byte) { out = group(b, ' ') })
	return secret.New(out)
}

// group puts sep after every fourth byte but the last.
func group(b []byte, sep byte) []byte {
	out := make([]byte, 0, len(b)+len(b)/4)
	for i, c := range b {
		if i > 0 && i%4 == 0 {
			out = append(out, sep)
		}
		out = append(out, c)
	}
	return out
}

// EnrolmentURL gives the otpauth URL for a QR code. Algorithm, digits and
// period are left out: they are the defaults of every app, and with them the
// code no longer fits an 80x24 terminal. Issuer (at most 32 characters) and
// account (at most 64) may hold no colon and no control character.
func EnrolmentURL(issuer, account string, seed *secret.Bytes) (*secret.Bytes, error) {
	if !labelOK(issuer, maxIssuer) || !labelOK(account, maxAccount) {
		return nil, fault.New(fault.Invalid, "the issuer or account name does not fit a one-time code",
			"use a short name without colon or control characters")
	}
	if !seedOK(seed) {
		return nil, errSeed()
	}
	text := SeedText(seed)
	defer text.Wipe()
	out := []byte("otpauth://totp/" + url.PathEscape(issuer) + ":" + url.PathEscape(account) + "?secret=")
	text.Reveal(func(b []byte) {
		grown := append(make([]byte, 0, len(out)+len(b)+3*len(issuer)+16), out...)
		out = append(grown, b...)
	})
	// Some apps show the plus that QueryEscape makes of a space.
	query := strings.ReplaceAll(url.QueryEscape(issuer), "+", "%20")
	return secret.New(append(out, "&issuer="+query...)), nil
}

func labelOK(s string, most int) bool {
	n := utf8.RuneCountInString(s)
	return n > 0 && n <= most && utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool {
		return r == ':' || unicode.IsControl(r)
	})
}

// Step gives the number of the 30 s step that holds t (RFC 6238 section 4.2).
func Step(t time.Time) int64 {
	seconds, period := t.Unix(), int64(Period/time.Second)
	step := seconds / period
	if seconds%period < 0 {
		step-- // round down before 1970 too
	}
	return step
}

// Code gives the code of the step that holds t. A demo's sign-in screen and
// tests use it; a real installation never shows a code.
func Code(seed *secret.Bytes, t time.Time) (*secret.Bytes, error) {
	if !seedOK(seed) || Step(t) < 0 {
		return nil, errSeed()
	}
	code, err := codeAt(seed, Step(t))
	if err != nil {
		return nil, err
	}
	return secret.FromString(code), nil
}

// CheckCode answers whether code is the seed's at now, one step either way
// (RFC 6238 section 5.2), in a step later than lastStep, and gives that step.
// Store the step in the same transaction as the sign-in, as
// "set last_step = step where last_step < step", so that a code works once
// even when two sign-ins race. For a person who never used a code lastStep
// is 0.
//
// Spaces in the code are ignored; else it must be six ASCII digits. A seed
// below 20 bytes accepts nothing. Should two steps share the code, the later
// one is taken, so that it cannot be played again for that one.
func CheckCode(seed *secret.Bytes, code string, lastStep int64, now time.Time) (step int64, ok bool) {
	typed, valid := sixDigits(code)
	if !valid || !seedOK(seed) {
		return 0, false
	}
	current := Step(now)
	for candidate := current - window; candidate <= current+window; candidate++ {
		if candidate < 0 {
			continue
		}
		want, err := codeAt(seed, candidate)
		if err != nil {
			return 0, false
		}
		equal := subtle.ConstantTimeCompare([]byte(want), []byte(typed)) == 1
		if equal && candidate > lastStep {
			step, ok = candidate, true
		}
	}
	return step, ok
}

func sixDigits(code string) (string, bool) {
	if len(code) > maxTypedCode {
		return "", false
	}
	code = strings.ReplaceAll(code, " ", "")
	if len(code) != CodeDigits {
		return "", false
	}
	for _, c := range []byte(code) {
		if c < '0' || c > '9' {
			return "", false
		}
	}
	return code, true
}

func codeAt(seed *secret.Bytes, step int64) (string, error) {
	text := SeedText(seed)
	defer text.Wipe()
	var code string
	err := text.RevealErr(func(b []byte) error {
		var err error
		withoutFIPSEnforcement(func() {
			code, err = hotp.GenerateCodeCustom(string(b), uint64(step), hotp.ValidateOpts{
				Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1,
			})
		})
		return err
	})
	if err != nil {
		return "", fault.Wrap(err, fault.Internal, "cannot make a one-time code", "")
	}
	return code, nil
}

func seedOK(seed *secret.Bytes) bool {
	n := seed.Len()
	return n >= SeedSize && n <= maxSeedSize
}

func errSeed() error {
	return fault.New(fault.Tampered, "a one-time code seed has the wrong size", "reset this person's second factor")
}
