// Package secret holds bytes that do not leak by accident: they do not print,
// log, marshal or compare with ==, they compare in constant time, and they
// can be wiped.
//
// It does not promise that no copy exists elsewhere: the Go runtime may have
// moved the bytes before they arrived here, and whoever reads this process's
// memory reads them. It narrows the time and the places.
package secret

import (
	"crypto/subtle"
	"fmt"
	"log/slog"
	"runtime"
	"sync"
)

// redacted is what every printer and encoder shows instead of the bytes.
const redacted = "[secret]"

// Bytes is a secret byte string. The zero value is an empty secret. It must
// not be copied; pass *Bytes.
type Bytes struct {
	_  [0]func() // not comparable with ==
	mu sync.RWMutex
	b  []byte
}

// New takes ownership of b: the caller must not use b afterwards.
func New(b []byte) *Bytes { return &Bytes{b: b} }

// Copy makes a secret from a copy of b; the caller keeps, and should wipe, b.
func Copy(b []byte) *Bytes { return New(append(make([]byte, 0, len(b)), b...)) }

// FromString makes a secret from s. The string itself cannot be wiped; use it
// only where an API leaves no choice.
func FromString(s string) *Bytes { return New([]byte(s)) }

// Reveal calls f with the bytes. f must neither keep nor change them.
func (s *Bytes) Reveal(f func([]byte)) {
	if s == nil {
		f(nil)
		return
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	f(s.b)
	runtime.KeepAlive(s)
}

// RevealErr is [Bytes.Reveal] for an f that can fail.
func (s *Bytes) RevealErr(f func([]byte) error) error {
	var err error
	s.Reveal(func(b []byte) { err = f(b) })
	return err
}

// Len gives the length in bytes.
func (s *Bytes) Len() int {
	n := 0
	s.Reveal(func(b []byte) { n = len(b) })
	return n
}

// Clone gives an independent copy that is wiped on its own.
func (s *Bytes) Clone() *Bytes {
	var c *Bytes
	s.Reveal(func(b []byte) { c = Copy(b) })
	return c
}

// Equal compares in constant time for secrets of equal length.
func (s *Bytes) Equal(o *Bytes) bool {
	if s == nil || o == nil {
		return s == o
	}
	if s == o {
		return true
	}
	other := o.Clone()
	defer other.Wipe()
	equal := false
	s.Reveal(func(b []byte) { equal = subtle.ConstantTimeCompare(b, other.b) == 1 })
	return equal
}

// Wipe overwrites the bytes with zeros and forgets them. It is safe on a nil
// secret and may be called more than once.
func (s *Bytes) Wipe() {
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.b)
	runtime.KeepAlive(s.b)
	s.b = nil
}

// String redacts.
func (s *Bytes) String() string { return redacted }

// GoString redacts.
func (s *Bytes) GoString() string { return redacted }

// Format redacts under every verb.
func (s *Bytes) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(redacted)) }

// MarshalText redacts.
func (s *Bytes) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// MarshalJSON redacts.
func (s *Bytes) MarshalJSON() ([]byte, error) { return []byte(`"` + redacted + `"`), nil }

// LogValue redacts in log/slog.
func (s *Bytes) LogValue() slog.Value { return slog.StringValue(redacted) }
