package hsm_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/miekg/pkcs11"

	"github.com/strongroom/strongroom/hsm"
	"github.com/strongroom/strongroom/internal/fault"
)

func TestReturnValuesBecomeAFewKinds(t *testing.T) {
	for _, tc := range []struct {
		rv   uint
		want error
		kind fault.Kind
	}{
		{pkcs11.CKR_TOKEN_NOT_PRESENT, hsm.ErrTokenAbsent, fault.Unavailable},
		{pkcs11.CKR_DEVICE_REMOVED, hsm.ErrTokenAbsent, fault.Unavailable},
		{pkcs11.CKR_SLOT_ID_INVALID, hsm.ErrTokenAbsent, fault.Unavailable},
		{pkcs11.CKR_PIN_INCORRECT, hsm.ErrPINIncorrect, fault.Unauthenticated},
		{pkcs11.CKR_PIN_LEN_RANGE, hsm.ErrPINIncorrect, fault.Unauthenticated},
		{pkcs11.CKR_PIN_LOCKED, hsm.ErrPINLocked, fault.Unauthenticated},
		{pkcs11.CKR_USER_PIN_NOT_INITIALIZED, hsm.ErrPINUnset, fault.Unauthenticated},
		{pkcs11.CKR_USER_NOT_LOGGED_IN, hsm.ErrNotLoggedIn, fault.Unauthenticated},
		{pkcs11.CKR_KEY_HANDLE_INVALID, hsm.ErrKeyAbsent, fault.NotFound},
		{pkcs11.CKR_OBJECT_HANDLE_INVALID, hsm.ErrKeyAbsent, fault.NotFound},
		{pkcs11.CKR_MECHANISM_INVALID, hsm.ErrMechanismUnsupported, fault.Unsupported},
		{pkcs11.CKR_CURVE_NOT_SUPPORTED, hsm.ErrMechanismUnsupported, fault.Unsupported},
		{pkcs11.CKR_FUNCTION_NOT_SUPPORTED, hsm.ErrMechanismUnsupported, fault.Unsupported},
		{pkcs11.CKR_ENCRYPTED_DATA_INVALID, hsm.ErrAuthenticationFailed, fault.Tampered},
		{pkcs11.CKR_ENCRYPTED_DATA_LEN_RANGE, hsm.ErrAuthenticationFailed, fault.Tampered},
		{pkcs11.CKR_WRAPPED_KEY_INVALID, hsm.ErrAuthenticationFailed, fault.Tampered},
		{pkcs11.CKR_DEVICE_MEMORY, hsm.ErrFull, fault.Unavailable},
		{pkcs11.CKR_GENERAL_ERROR, hsm.ErrDevice, fault.Unavailable},
		{pkcs11.CKR_DEVICE_ERROR, hsm.ErrDevice, fault.Unavailable},
		{0x80000001, hsm.ErrDevice, fault.Unavailable},
	} {
		err := hsm.Explain(fmt.Errorf("C_Anything: %w", pkcs11.Error(tc.rv)))
		if !errors.Is(err, tc.want) || fault.KindOf(err) != tc.kind || fault.Hint(err) == "" {
			t.Errorf("0x%X becomes %v of kind %q", tc.rv, err, fault.KindOf(err))
		}
		if !strings.Contains(err.Error(), fmt.Sprintf("0x%X", tc.rv)) || !strings.Contains(err.Error(), "C_Anything") {
			t.Errorf("0x%X: the cause is lost: %v", tc.rv, err)
		}
		if strings.Contains(fault.Problem(err), "CKR") {
			t.Errorf("0x%X: people read %q", tc.rv, fault.Problem(err))
		}
	}
}

func TestFaultsPassUnchanged(t *testing.T) {
	if hsm.Explain(nil) != nil {
		t.Error("nil is explained")
	}
	own := fault.New(fault.Conflict, "two", "one")
	if got := hsm.Explain(own); got != error(own) {
		t.Errorf("a fault becomes %v", got)
	}
	if got := hsm.Explain(context.Canceled); fault.KindOf(got) != fault.Canceled {
		t.Errorf("a cancelled context becomes %v", got)
	}
}

// A token's label is whatever somebody wrote into it, and it lands on screens.
func TestTextOfATokenIsFitToPrint(t *testing.T) {
	for in, want := range map[string]string{
		"vault   ":            "vault",
		"\x1b[2Jvault\x07":    "[2Jvault",
		"a\nb\x00\x00":        "ab",
		"gr\xff\xfe\xfcn":     "grn",
		"Grün 密":              "Grün 密",
		"\u202egnp.exe\ufeff": "gnp.exe",
		"":                    "",
	} {
		if got := hsm.Clean(in); got != want {
			t.Errorf("Clean(%q) = %q, want %q", in, got, want)
		}
	}
}
