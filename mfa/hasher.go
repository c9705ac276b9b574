package mfa

import (
	"context"
	"crypto/hkdf"
	"crypto/sha256"
	"crypto/subtle"
	"io"
	"runtime/debug"

	"golang.org/x/crypto/argon2"

	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/internal/secret"
)

// The labels that part one Argon2id output into two secrets (RFC 5869
// section 3.2). Changing one invalidates what was stored under it.
const (
	labelVerifier = "strongroom password verifier"
	labelEnvelope = "strongroom PIN envelope"
)

// freeAbove is the working memory, in KiB, from which it is handed back to the
// operating system at once: a console that signed somebody in must not hold
// 128 MiB of garbage for the rest of the day.
const freeAbove = 32 * 1024

// Hasher makes and checks stored passwords. It bounds how many Argon2id
// evaluations run at the same time, because each takes the memory its Params
// say. It is safe for concurrent use.
type Hasher struct {
	params Params
	rand   io.Reader
	slots  chan struct{}
	decoy  phc
}

// Stretched is what a right password gives beyond the answer yes: 32 bytes
// that, with the device key, open the person's PIN envelopes. It belongs to one
// stored password: a new password or a re-hash gives a new one, and every
// envelope of the person must then be sealed again. Wipe it after use.
type Stretched struct{ key *secret.Bytes }

// Wipe forgets the bytes. It is safe on nil and more than once.
func (s *Stretched) Wipe() {
	if s != nil {
		s.key.Wipe()
	}
}

// Check is the answer to a password.
type Check struct {
	// OK says that the password is right.
	OK bool
	// Stretched opens PIN envelopes; nil unless OK.
	Stretched *Stretched
	// Rehash says that the stored costs lie below the Hasher's: call
	// NewPassword, store its record, and seal the PIN envelopes again with
	// its Stretched. False unless OK.
	Rehash bool
}

// NewHasher makes a Hasher with the costs for new passwords, the source of
// salts (safe for concurrent use), and how many evaluations may run at once (less than 1 means 1).
func NewHasher(params Params, rand io.Reader, atOnce int) (*Hasher, error) {
	if err := params.Check(); err != nil {
		return nil, err
	}
	h := &Hasher{params: params, rand: rand, slots: make(chan struct{}, max(1, atOnce))}
	salt, err := randomBytes(rand, saltSize)
	if err != nil {
		return nil, err
	}
	h.decoy = phc{params: params, salt: salt, verifier: make([]byte, verifierSize)}
	return h, nil
}

// NewPassword stretches a password under a fresh salt and gives the PHC string
// to store and the Stretched to seal PIN envelopes with. It does not apply the
// password rules: an enrolment code goes through it too. An empty password, or
// one longer than 1024 bytes, is fault.Invalid.
func (h *Hasher) NewPassword(ctx context.Context, password *secret.Bytes) (string, *Stretched, error) {
	salt, err := randomBytes(h.rand, saltSize)
	if err != nil {
		return "", nil, err
	}
	verifier, stretched, err := h.stretch(ctx, password, salt, h.params)
	if err != nil {
		return "", nil, err
	}
	return phc{params: h.params, salt: salt, verifier: verifier}.String(), stretched, nil
}

// CheckPassword answers whether the password belongs to the stored PHC string.
// A wrong password is no error. A malformed record is fault.Tampered; a
// cancelled context while waiting for a turn is returned as it is.
func (h *Hasher) CheckPassword(ctx context.Context, stored string, password *secret.Bytes) (Check, error) {
	p, err := parsePHC(stored)
	if err != nil {
		return Check{}, err
	}
	return h.check(ctx, p, password, true)
}

// Decoy costs what CheckPassword costs for a password with this Hasher's costs,
// and always answers no. Call it for a person who does not exist, so that the
// time does not tell. (Records from before a rise of the costs are cheaper until
// their person next signs in.)
func (h *Hasher) Decoy(ctx context.Context, password *secret.Bytes) (Check, error) {
	return h.check(ctx, h.decoy, password, false)
}

func (h *Hasher) check(ctx context.Context, p phc, password *secret.Bytes, known bool) (Check, error) {
	verifier, stretched, err := h.stretch(ctx, password, p.salt, p.params)
	if fault.KindOf(err) == fault.Invalid {
		// Nobody's password: refuse it like any other wrong one.
		return Check{}, nil
	}
	if err != nil {
		return Check{}, err
	}
	if equal := subtle.ConstantTimeCompare(verifier, p.verifier) == 1; !equal || !known {
		stretched.Wipe()
		return Check{}, nil
	}
	return Check{OK: true, Stretched: stretched, Rehash: p.params.weakerThan(h.params)}, nil
}

// stretch runs Argon2id once and parts its output.
func (h *Hasher) stretch(ctx context.Context, password *secret.Bytes, salt []byte, p Params) ([]byte, *Stretched, error) {
	if n := password.Len(); n == 0 || n > maxPasswordBytes {
		return nil, nil, fault.New(fault.Invalid, "the password is empty or too long", "type a password of 12 to 256 characters")
	}
	if err := h.enter(ctx); err != nil {
		return nil, nil, err
	}
	defer h.leave()
	var output []byte
	err := withNormalForm(password, func(b []byte) {
		output = argon2.IDKey(b, salt, p.Time, p.MemoryKiB, p.Threads, argonSize)
	})
	if err != nil {
		return nil, nil, err
	}
	defer clear(output)
	if p.MemoryKiB >= freeAbove {
		debug.FreeOSMemory()
	}
	return part(output)
}

// part derives the verifier and the envelope secret.
func part(output []byte) ([]byte, *Stretched, error) {
	verifier, err := hkdf.Key(sha256.New, output, nil, labelVerifier, verifierSize)
	if err != nil {
		return nil, nil, fault.Wrap(err, fault.Internal, "cannot derive the password verifier", "")
	}
	key, err := hkdf.Key(sha256.New, output, nil, labelEnvelope, stretchSize)
	if err != nil {
		return nil, nil, fault.Wrap(err, fault.Internal, "cannot derive the envelope secret", "")
	}
	return verifier, &Stretched{key: secret.New(key)}, nil
}

func (h *Hasher) enter(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return fault.Wrap(err, fault.Canceled, "the sign-in was stopped", "")
	}
	select {
	case h.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return fault.Wrap(ctx.Err(), fault.Canceled, "the sign-in was stopped", "")
	}
}

func (h *Hasher) leave() { <-h.slots }

// randomBytes reads n bytes or says that the source of randomness failed.
func randomBytes(rand io.Reader, n int) ([]byte, error) {
	b := make([]byte, n)
	if _, err := io.ReadFull(rand, b); err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, "the source of randomness failed", "check the operating system's random device")
	}
	return b, nil
}
