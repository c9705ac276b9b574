package mfa_test

import (
	"crypto/rand"
	"regexp"
	"strings"
	"testing"

	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/internal/secret"
	"github.com/strongroom/strongroom/mfa"
)

func TestEnrolmentCodeIsReadable(t *testing.T) {
	shape := regexp.MustCompile(`^([0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}$`)
	seen := map[string]bool{}
	for range 200 {
		code, err := mfa.NewEnrolmentCode(rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		if !shape.MatchString(reveal(code)) || seen[reveal(code)] {
			t.Fatalf("code %q", reveal(code))
		}
		seen[reveal(code)] = true
	}
}

// The code arrives over the telephone, on paper, or through a chat that
// capitalises: whatever people make of it reads alike.
func TestEnrolmentCodeIsForgivingWhenTyped(t *testing.T) {
	const want = "0123456789abcd01"
	for _, typed := range []string{
		"0123-4567-89AB-CD01", "0123-4567-89ab-cd01", "0123456789abcd01", "OI23 4567 89AB CDol",
		" 0123 4567-89ab--cd 01 ", "o123-4567-89ab-cdO L"[:19] + "l",
	} {
		got, err := mfa.EnrolmentPassword(secret.FromString(typed))
		if err != nil || reveal(got) != want {
			t.Errorf("%q: %v", typed, err)
		}
	}
	for _, typed := range []string{
		"", "0123-4567-89ab-cd0", "0123-4567-89ab-cd011", "u123-4567-89ab-cd01", "0123_4567_89ab_cd01",
		"0123-4567-89ab-cd0\n", "0123-4567-89äb-cd01", strings.Repeat("-", 1<<20),
	} {
		if _, err := mfa.EnrolmentPassword(secret.FromString(typed)); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%.30q: %v", typed, err)
		}
	}
}

// An enrolment code opens a PIN envelope as a password does.
func TestEnrolmentCodeOpensAPINEnvelope(t *testing.T) {
	h := newHasher(t, mfa.FloorParams())
	shown, err := mfa.NewEnrolmentCode(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	issued, err := mfa.EnrolmentPassword(shown)
	if err != nil {
		t.Fatal(err)
	}
	phc, stretched := newPassword(t, h, reveal(issued))
	blob := sealPIN(t, stretched)

	typed, err := mfa.EnrolmentPassword(secret.FromString(strings.ToLower(reveal(shown))))
	if err != nil {
		t.Fatal(err)
	}
	got, err := h.CheckPassword(t.Context(), phc, typed)
	if err != nil || !got.OK {
		t.Fatalf("CheckPassword: %+v, %v", got, err)
	}
	if pin, err := mfa.OpenPIN(blob, got.Stretched, deviceKey, binding); err != nil || reveal(pin) != "648219" {
		t.Errorf("OpenPIN: %v", err)
	}
}

func TestRecoveryCodesWorkForTheirPersonOnly(t *testing.T) {
	codes, stored := recoveryCodes(t, "p-1")
	for i, code := range codes {
		index, ok, err := mfa.CheckRecoveryCode("p-1", stored, code)
		if err != nil || !ok || index != i {
			t.Errorf("code %d: %d, %t, %v", i, index, ok, err)
		}
		if _, ok, _ := mfa.CheckRecoveryCode("p-2", stored, code); ok {
			t.Errorf("code %d works for somebody else", i)
		}
	}
	for _, wrong := range []string{"", "0000-0000-0000-0000", "not a code", strings.Repeat("z", 1<<16)} {
		if index, ok, err := mfa.CheckRecoveryCode("p-1", stored, secret.FromString(wrong)); ok || err != nil || index != 0 {
			t.Errorf("%.20q: %d, %t, %v", wrong, index, ok, err)
		}
	}
}

func TestRecoveryCodeIsUsedUp(t *testing.T) {
	codes, stored := recoveryCodes(t, "p-1")
	stored[3] = "" // what the caller stores in the sign-in's transaction
	if _, ok, err := mfa.CheckRecoveryCode("p-1", stored, codes[3]); ok || err != nil {
		t.Errorf("used code: %t, %v", ok, err)
	}
	if index, ok, err := mfa.CheckRecoveryCode("p-1", stored, codes[4]); !ok || index != 4 || err != nil {
		t.Errorf("the next code: %d, %t, %v", index, ok, err)
	}
}

func TestRecoveryCodeStoredWrongIsTampering(t *testing.T) {
	codes, stored := recoveryCodes(t, "p-1")
	good := stored[1]
	for name, bad := range map[string]string{
		"garbage":        "x",
		"other version":  strings.Replace(good, "v=1", "v=2", 1),
		"cut":            good[:len(good)-1],
		"line break":     good[:20] + "\n" + good[21:],
		"longer":         good + "A",
		"other alphabet": good[:len(good)-1] + "-",
	} {
		stored[1] = bad
		if _, ok, err := mfa.CheckRecoveryCode("p-1", stored, codes[0]); ok || fault.KindOf(err) != fault.Tampered {
			t.Errorf("%s: %t, %v", name, ok, err)
		}
	}
	if _, _, err := mfa.CheckRecoveryCode("p-1", make([]string, 33), codes[0]); fault.KindOf(err) != fault.Tampered {
		t.Errorf("too many: %v", err)
	}
}

func TestRecoveryCodeCountIsBounded(t *testing.T) {
	for _, n := range []int{-1, 0, 33} {
		if _, err := mfa.NewRecoveryCodes(rand.Reader, n); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%d codes: %v", n, err)
		}
	}
	if _, err := mfa.NewRecoveryCodes(strings.NewReader("enough for one"), 2); fault.KindOf(err) != fault.Unavailable {
		t.Errorf("no randomness: %v", err)
	}
	if _, err := mfa.HashRecoveryCode("", secret.FromString("0000-0000-0000-0000")); fault.KindOf(err) != fault.Invalid {
		t.Errorf("nobody's code: %v", err)
	}
}

func recoveryCodes(t *testing.T, person string) (codes []*secret.Bytes, stored []string) {
	t.Helper()
	codes, err := mfa.NewRecoveryCodes(rand.Reader, mfa.RecoveryCodes)
	if err != nil {
		t.Fatal(err)
	}
	for _, code := range codes {
		hash, err := mfa.HashRecoveryCode(person, code)
		if err != nil {
			t.Fatal(err)
		}
		stored = append(stored, hash)
	}
	return codes, stored
}

// Whatever reads as a code reads the same from its normal form.
func FuzzTypedCode(f *testing.F) {
	f.Add("0123-4567-89AB-CD01")
	f.Add("oil- OIL")
	f.Add("\x00")
	f.Fuzz(func(t *testing.T, typed string) {
		once, err := mfa.EnrolmentPassword(secret.FromString(typed))
		if err != nil {
			return
		}
		twice, err := mfa.EnrolmentPassword(once)
		if err != nil || !twice.Equal(once) {
			t.Errorf("%q: the normal form reads differently: %v", typed, err)
		}
	})
}

func FuzzStoredRecoveryCode(f *testing.F) {
	code := secret.FromString("0123-4567-89ab-cd01")
	hash, err := mfa.HashRecoveryCode("p-1", code)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(hash)
	f.Add("$recovery$v=1$")
	f.Fuzz(func(t *testing.T, stored string) {
		_, ok, _ := mfa.CheckRecoveryCode("p-1", []string{stored}, code)
		if ok != (stored == hash) {
			t.Errorf("stored %q: ok = %t", stored, ok)
		}
	})
}
