package mfa_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"golang.org/x/crypto/argon2"

	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/internal/secret"
	"github.com/strongroom/strongroom/mfa"
)

const goodPassword = "correct horse battery staple"

func newHasher(t *testing.T, params mfa.Params) *mfa.Hasher {
	t.Helper()
	h, err := mfa.NewHasher(params, rand.Reader, 1)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func newPassword(t *testing.T, h *mfa.Hasher, password string) (string, *mfa.Stretched) {
	t.Helper()
	phc, stretched, err := h.NewPassword(t.Context(), secret.FromString(password))
	if err != nil {
		t.Fatal(err)
	}
	return phc, stretched
}

func TestPasswordIsRecognised(t *testing.T) {
	h := newHasher(t, mfa.FloorParams())
	phc, _ := newPassword(t, h, goodPassword)

	right, err := h.CheckPassword(t.Context(), phc, secret.FromString(goodPassword))
	if err != nil || !right.OK || right.Stretched == nil || right.Rehash {
		t.Errorf("right password: %+v, %v", right, err)
	}
	for _, wrong := range []string{"", "correct horse battery stapl", goodPassword + " ", strings.Repeat("x", 5000)} {
		got, err := h.CheckPassword(t.Context(), phc, secret.FromString(wrong))
		if err != nil || got.OK || got.Stretched != nil {
			t.Errorf("wrong password of %d bytes: %+v, %v", len(wrong), got, err)
		}
	}
}

// The same characters reach two systems as different code points: é as one,
// or as e and a combining accent.
func TestPasswordIsTheSameInAnyNormalForm(t *testing.T) {
	h := newHasher(t, mfa.FloorParams())
	phc, _ := newPassword(t, h, "caf\u00e9 au lait, s'il vous pla\u00eet")
	got, err := h.CheckPassword(t.Context(), phc, secret.FromString("cafe\u0301 au lait, s'il vous plai\u0302t"))
	if err != nil || !got.OK {
		t.Errorf("decomposed form: %+v, %v", got, err)
	}
}

// A thief of the row must not hold the key of the PIN envelope: the Argon2id
// output itself is nowhere in it.
func TestStoredRecordIsNotTheArgon2idOutput(t *testing.T) {
	salt := strings.Repeat("s", 16)
	h, err := mfa.NewHasher(mfa.FloorParams(), strings.NewReader(salt+salt), 1)
	if err != nil {
		t.Fatal(err)
	}
	phc, _ := newPassword(t, h, goodPassword)
	if want := "$argon2id$v=19$m=19456,t=2,p=1$c3Nzc3Nzc3Nzc3Nzc3Nzcw$"; !strings.HasPrefix(phc, want) {
		t.Fatalf("record %q does not begin with %q", phc, want)
	}
	output := argon2.IDKey([]byte(goodPassword), []byte(salt), 2, 19456, 1, 32)
	raw := fmt.Sprintf("%s%s", phc[:len(phc)-43], b64(output))
	if raw == phc {
		t.Error("the record holds the Argon2id output")
	}
	if got, err := h.CheckPassword(t.Context(), raw, secret.FromString(goodPassword)); err != nil || got.OK {
		t.Errorf("a record with the plain output: %+v, %v", got, err)
	}
}

func TestRisenCostsAskForARehash(t *testing.T) {
	old := newHasher(t, mfa.FloorParams())
	phc, stretched := newPassword(t, old, goodPassword)
	risen := mfa.FloorParams()
	risen.Time++
	now := newHasher(t, risen)

	got, err := now.CheckPassword(t.Context(), phc, secret.FromString(goodPassword))
	if err != nil || !got.OK || !got.Rehash {
		t.Fatalf("old record under risen costs: %+v, %v", got, err)
	}
	pin := sealPIN(t, stretched)
	if _, err := mfa.OpenPIN(pin, got.Stretched, deviceKey, binding); err != nil {
		t.Errorf("the old Stretched no longer opens the envelope: %v", err)
	}
	_, fresh := newPassword(t, now, goodPassword)
	if _, err := mfa.OpenPIN(pin, fresh, deviceKey, binding); err == nil {
		t.Error("a re-hash kept the envelope secret; it must be sealed again")
	}
}

func TestDecoyAlwaysSaysNo(t *testing.T) {
	h := newHasher(t, mfa.FloorParams())
	got, err := h.Decoy(t.Context(), secret.FromString(goodPassword))
	if err != nil || got.OK || got.Stretched != nil {
		t.Errorf("Decoy: %+v, %v", got, err)
	}
}

// With one slot taken by nobody who leaves, a caller gives up with its context.
func TestWaitingForATurnEndsWithTheContext(t *testing.T) {
	h := newHasher(t, mfa.FloorParams())
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := h.Decoy(ctx, secret.FromString(goodPassword))
	if fault.KindOf(err) != fault.Canceled || !errors.Is(err, context.Canceled) {
		t.Errorf("Decoy with a cancelled context: %v", err)
	}
}

func TestSourceOfRandomnessThatFails(t *testing.T) {
	if _, err := mfa.NewHasher(mfa.FloorParams(), strings.NewReader("short"), 1); fault.KindOf(err) != fault.Unavailable {
		t.Errorf("NewHasher: %v", err)
	}
	h, err := mfa.NewHasher(mfa.FloorParams(), io.LimitReader(rand.Reader, 16), 1)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := h.NewPassword(t.Context(), secret.FromString(goodPassword)); fault.KindOf(err) != fault.Unavailable {
		t.Errorf("NewPassword: %v", err)
	}
}

func TestParamsHaveAFloorAndACeiling(t *testing.T) {
	for name, tc := range map[string]struct {
		params mfa.Params
		ok     bool
	}{
		"default":             {mfa.DefaultParams(), true},
		"floor":               {mfa.FloorParams(), true},
		"zero":                {mfa.Params{}, false},
		"little memory":       {mfa.Params{MemoryKiB: 19455, Time: 2, Threads: 1}, false},
		"one pass":            {mfa.Params{MemoryKiB: 19456, Time: 1, Threads: 1}, false},
		"no lane":             {mfa.Params{MemoryKiB: 19456, Time: 2}, false},
		"1 GiB, 4 passes":     {mfa.Params{MemoryKiB: 1 << 20, Time: 4, Threads: 4}, true},
		"1 GiB, 5 passes":     {mfa.Params{MemoryKiB: 1 << 20, Time: 5, Threads: 4}, false},
		"more than 1 GiB":     {mfa.Params{MemoryKiB: 1<<20 + 1, Time: 2, Threads: 4}, false},
		"a lifetime":          {mfa.Params{MemoryKiB: 19456, Time: 65, Threads: 1}, false},
		"more lanes than sun": {mfa.Params{MemoryKiB: 19456, Time: 2, Threads: 17}, false},
	} {
		if err := tc.params.Check(); (err == nil) != tc.ok {
			t.Errorf("%s: %v, want ok %t", name, err, tc.ok)
		}
	}
}

// One evaluation at a time: a hundred sign-ins at once take the memory of one.
// Both answers are right whatever the order.
func TestHasherIsSafeForConcurrentUse(t *testing.T) {
	h := newHasher(t, mfa.FloorParams())
	phc, _ := newPassword(t, h, goodPassword)
	results := make(chan error, 6)
	for i := range 6 {
		go func() {
			password := goodPassword
			if i%2 == 1 {
				password += "!"
			}
			got, err := h.CheckPassword(t.Context(), phc, secret.FromString(password))
			if err == nil && got.OK != (i%2 == 0) {
				err = fmt.Errorf("password %d: OK = %t", i, got.OK)
			}
			results <- err
		}()
	}
	for range 6 {
		if err := <-results; err != nil {
			t.Error(err)
		}
	}
}

func BenchmarkSignInAtDefaultCosts(b *testing.B) {
	h, err := mfa.NewHasher(mfa.DefaultParams(), rand.Reader, 1)
	if err != nil {
		b.Fatal(err)
	}
	password := secret.FromString(goodPassword)
	for b.Loop() {
		if _, err := h.Decoy(b.Context(), password); err != nil {
			b.Fatal(err)
		}
	}
}

// A doctored row is named as such, not taken for a wrong password.
func TestDoctoredRecordIsTampering(t *testing.T) {
	h := newHasher(t, mfa.FloorParams())
	if _, err := h.CheckPassword(t.Context(), "$argon2id$v=19$m=4294967295,t=3,p=2$AA$AA", secret.FromString(goodPassword)); fault.KindOf(err) != fault.Tampered {
		t.Errorf("CheckPassword: %v", err)
	}
}
