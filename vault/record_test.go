package vault

import (
	"bytes"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"errors"
	"strings"
	"testing"

	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/internal/secret"
)

// masters is a Wrapper with master keys in memory. It wraps with plain AES-CTR
// under a fixed counter: the weakest wrapping there is, which authenticates
// nothing, so that every refusal below is the record's own.
type masters map[string][]byte

var errNoKey = fault.New(fault.NotFound, "the token has no such key", "check the token")

func newMasters(t testing.TB, ids ...string) masters {
	t.Helper()
	m := masters{}
	for _, id := range ids {
		m[id] = make([]byte, 32)
		if _, err := rand.Read(m[id]); err != nil {
			t.Fatal(err)
		}
	}
	return m
}

func (m masters) stream(master string, in []byte) ([]byte, error) {
	key, ok := m[master]
	if !ok {
		return nil, errNoKey
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	out := make([]byte, len(in))
	cipher.NewCTR(block, make([]byte, aes.BlockSize)).XORKeyStream(out, in)
	return out, nil
}

func (m masters) Wrap(_ context.Context, master string, dek *secret.Bytes) (wrapped []byte, err error) {
	dek.Reveal(func(b []byte) { wrapped, err = m.stream(master, b) })
	return wrapped, err
}

func (m masters) Unwrap(_ context.Context, master string, wrapped []byte) (*secret.Bytes, error) {
	dek, err := m.stream(master, wrapped)
	return secret.New(dek), err
}

func place() Identity {
	return Identity{
		Installation: testInstallation, Vault: "v1", Kind: string(KindSecret), Name: "card-key",
		Version: "0123456789abcdef0123456789abcdef",
	}
}

func seal(t testing.TB, w Wrapper, id Identity, plaintext string) []byte {
	t.Helper()
	stored, err := Seal(context.Background(), w, "m1", id, secret.FromString(plaintext), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return stored
}

func TestSealAndUnseal(t *testing.T) {
	w := newMasters(t, "m1")
	for _, plaintext := range []string{"", "s3cret", strings.Repeat("x", MaxSecretSize), strings.Repeat("y", MaxPlaintext)} {
		stored := seal(t, w, place(), plaintext)
		got, err := Unseal(t.Context(), w, "m1", place(), stored)
		if err != nil || !got.Equal(secret.FromString(plaintext)) {
			t.Fatalf("%d bytes: %v", len(plaintext), err)
		}
		if plaintext != "" && bytes.Contains(stored, []byte(plaintext)) {
			t.Fatal("the record holds the plaintext")
		}
	}
	upper := place()
	upper.Name = "CARD-Key"
	if _, err := Unseal(t.Context(), w, "m1", upper, seal(t, w, place(), "v")); err != nil {
		t.Fatalf("names compare without case: %v", err)
	}
	if bytes.Equal(seal(t, w, place(), "v"), seal(t, w, place(), "v")) {
		t.Fatal("two records of one value are equal")
	}
}

// Whoever can write the database moves a sealed value to another row, so that
// the program shows it under a name they may read. Each move is refused.
func TestMovedRecords(t *testing.T) {
	w := newMasters(t, "m1", "m2")
	stored := seal(t, w, place(), "s3cret")
	moves := map[string]func(*Identity){
		"installation": func(id *Identity) { id.Installation = "0b7d8a0e-8c1b-4f0e-9a53-1d2f3c4b5a60" },
		"vault":        func(id *Identity) { id.Vault = "v2" },
		"kind":         func(id *Identity) { id.Kind = string(KindKey) },
		"name":         func(id *Identity) { id.Name = "card-kez" },
		"version":      func(id *Identity) { id.Version = "1123456789abcdef0123456789abcdef" },
		// The fields' texts joined are the same, their borders are not.
		"border": func(id *Identity) { id.Vault, id.Kind = "v1s", "ecret" },
		"empty":  func(id *Identity) { *id = Identity{} },
	}
	for name, move := range moves {
		t.Run(name, func(t *testing.T) {
			id := place()
			move(&id)
			_, err := Unseal(t.Context(), w, "m1", id, stored)
			if !errors.Is(err, ErrRecord) {
				t.Fatalf("got %v", err)
			}
		})
	}
	t.Run("master", func(t *testing.T) {
		_, err := Unseal(t.Context(), w, "m2", place(), stored)
		if !errors.Is(err, ErrRecord) {
			t.Fatalf("got %v", err)
		}
	})
}

// Every bit of every byte counts, and so does the length.
func TestChangedRecords(t *testing.T) {
	w := newMasters(t, "m1")
	stored := seal(t, w, place(), "s3cret")
	for i := range stored {
		for bit := range 8 {
			changed := bytes.Clone(stored)
			changed[i] ^= 1 << bit
			if _, err := Unseal(t.Context(), w, "m1", place(), changed); !errors.Is(err, ErrRecord) {
				t.Fatalf("byte %d, bit %d: %v", i, bit, err)
			}
		}
	}
	for n := range stored {
		if _, err := Unseal(t.Context(), w, "m1", place(), stored[:n]); !errors.Is(err, ErrRecord) {
			t.Fatalf("cut to %d bytes: %v", n, err)
		}
	}
	if _, err := Unseal(t.Context(), w, "m1", place(), append(stored, 0)); !errors.Is(err, ErrRecord) {
		t.Fatalf("a byte more: %v", err)
	}
}

func TestRewrap(t *testing.T) {
	w := newMasters(t, "m1", "m2")
	stored := seal(t, w, place(), "s3cret")
	moved, err := Rewrap(t.Context(), w, "m1", "m2", stored)
	if err != nil {
		t.Fatal(err)
	}
	got, err := Unseal(t.Context(), w, "m2", place(), moved)
	if err != nil || !got.Equal(secret.FromString("s3cret")) {
		t.Fatal(err)
	}
	if _, err := Unseal(t.Context(), w, "m1", place(), moved); !errors.Is(err, ErrRecord) {
		t.Fatalf("the old master still opens it: %v", err)
	}
	if _, err := Rewrap(t.Context(), w, "m2", "m1", stored); !errors.Is(err, ErrRecord) {
		t.Fatalf("got %v", err)
	}
}

// stubborn is a Wrapper that answers with one error.
type stubborn struct{ err error }

func (s stubborn) Wrap(context.Context, string, *secret.Bytes) ([]byte, error) { return nil, s.err }
func (s stubborn) Unwrap(context.Context, string, []byte) (*secret.Bytes, error) {
	return nil, s.err
}

// An HSM that is not there is not a damaged value, and the other way round.
func TestWrapperFailures(t *testing.T) {
	stored := seal(t, newMasters(t, "m1"), place(), "s3cret")
	for _, kind := range []fault.Kind{fault.Unavailable, fault.Canceled, fault.NotFound, fault.Unauthenticated} {
		cause := fault.New(kind, "no", "")
		if _, err := Unseal(t.Context(), stubborn{cause}, "m1", place(), stored); !errors.Is(err, cause) {
			t.Errorf("%s became %v", kind, err)
		}
		if _, err := Seal(t.Context(), stubborn{cause}, "m1", place(), secret.FromString("v"), rand.Reader); !errors.Is(err, cause) {
			t.Errorf("%s became %v", kind, err)
		}
	}
	for _, kind := range []fault.Kind{fault.Tampered, fault.Invalid} {
		if _, err := Unseal(t.Context(), stubborn{fault.New(kind, "no", "")}, "m1", place(), stored); !errors.Is(err, ErrRecord) {
			t.Errorf("%s became %v", kind, err)
		}
	}
}

func TestSealRefuses(t *testing.T) {
	w := newMasters(t, "m1")
	big := secret.New(make([]byte, MaxPlaintext+1))
	_, err := Seal(t.Context(), w, "m1", place(), big, rand.Reader)
	wantKind(t, err, fault.Invalid)
	long := place()
	long.Name = strings.Repeat("n", maxIdentityField+1)
	_, err = Seal(t.Context(), w, "m1", long, secret.FromString("v"), rand.Reader)
	wantKind(t, err, fault.Invalid)
	_, err = Seal(t.Context(), w, "m1", place(), secret.FromString("v"), bytes.NewReader(make([]byte, 31)))
	wantKind(t, err, fault.Unavailable)
	_, err = Seal(t.Context(), w, "", place(), secret.FromString("v"), rand.Reader)
	wantKind(t, err, fault.Internal)
}

// FuzzRecord: whatever parses is written back as it was, and nothing that was
// not sealed here opens.
func FuzzRecord(f *testing.F) {
	w := newMasters(f, "m1")
	genuine := seal(f, w, place(), "s3cret")
	f.Add(genuine)
	f.Add([]byte{})
	f.Add([]byte{1, 1, 0})
	f.Add([]byte{1, 1, 255, 'm'})
	f.Add(append([]byte{1, 1, 2, 'm', '1', 255, 255}, make([]byte, 64)...))
	f.Add(append([]byte{1, 1, 2, 'm', '1', 0, 1, 7}, make([]byte, minSealed)...))
	f.Fuzz(func(t *testing.T, b []byte) {
		if r, err := parseRecord(b); err == nil && !bytes.Equal(r.encode(), b) {
			t.Fatalf("%x is written back as %x", b, r.encode())
		}
		if bytes.Equal(b, genuine) {
			return
		}
		if _, err := Unseal(context.Background(), w, "m1", place(), b); !errors.Is(err, ErrRecord) {
			t.Fatalf("got %v", err)
		}
	})
}

// FuzzIdentity: two places give the same additional data only if they are the
// same place.
func FuzzIdentity(f *testing.F) {
	f.Add("i", "v", "key", "n", "1", "i", "vk", "ey", "n", "1")
	f.Fuzz(func(t *testing.T, a1, a2, a3, a4, a5, b1, b2, b3, b4, b5 string) {
		a, b := Identity{a1, a2, a3, fold(a4), a5}, Identity{b1, b2, b3, fold(b4), b5}
		x, errX := a.additional(1, 1)
		y, errY := b.additional(1, 1)
		if errX == nil && errY == nil && a != b && bytes.Equal(x, y) {
			t.Fatalf("%q and %q share %x", a, b, x)
		}
	})
}
