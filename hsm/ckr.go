package hsm

import (
	"context"
	"errors"
	"fmt"

	"github.com/miekg/pkcs11"

	"github.com/strongroom/strongroom/internal/fault"
)

// What can go wrong with a token, for errors.Is. Each is a fault with a kind,
// a sentence and a hint; the token's own return value is in the cause.
var (
	// ErrTokenAbsent: no token answers to the label and serial.
	ErrTokenAbsent = fault.New(fault.Unavailable, "the HSM token is not there",
		"Check that the token is plugged in or its directory is in place; `strongroom doctor` lists what the module shows.")
	// ErrPINIncorrect: the token refused the PIN.
	ErrPINIncorrect = fault.New(fault.Unauthenticated, "the HSM refused the PIN",
		"Check the PIN; some tokens lock after a few wrong ones.")
	// ErrPINLocked: the token accepts no PIN until its officer unlocks it.
	ErrPINLocked = fault.New(fault.Unauthenticated, "the HSM PIN is locked",
		"The token's security officer can set a new PIN; no further PIN is tried.")
	// ErrPINUnset: the token has no user PIN yet.
	ErrPINUnset = fault.New(fault.Unauthenticated, "the HSM token has no user PIN",
		"The token's security officer sets the first one.")
	// ErrNotLoggedIn: the request needs a login first.
	ErrNotLoggedIn = fault.New(fault.Unauthenticated, "nobody is logged in to the HSM token",
		"Sign in again; the PIN is needed.")
	// ErrKeyAbsent: no such key in the token.
	ErrKeyAbsent = fault.New(fault.NotFound, "the key is not in the HSM token",
		"`strongroom hsm objects` lists what the token holds.")
	// ErrMechanismUnsupported: this token cannot do that.
	ErrMechanismUnsupported = fault.New(fault.Unsupported, "the HSM token cannot do this",
		"`strongroom hsm mechanisms` lists what the token can do; choose another key type or algorithm.")
	// ErrAuthenticationFailed: encrypted or wrapped data were changed, or belong
	// to another key.
	ErrAuthenticationFailed = fault.New(fault.Tampered, "the encrypted data fail their check in the HSM",
		"They were changed or cut, or belong to another key; what is stored comes back from a backup.")
	// ErrAttributes: the token made a key other than the one that was asked for.
	ErrAttributes = fault.New(fault.Unsupported, "the HSM token did not keep to the key's attributes",
		"The key was destroyed; this token cannot hold keys for Strongroom.")
	// ErrDevice: the token or its module failed.
	ErrDevice = fault.New(fault.Unavailable, "the HSM reported a failure",
		"Try again; if it stays, check the token and its module with `strongroom doctor`.")
	// ErrTimeout: the token did not answer in time. The call may still end.
	ErrTimeout = fault.New(fault.Unavailable, "the HSM did not answer in time",
		"Try again; if it stays, check the token and its connection.")
	// ErrClosed: the token was closed by this program.
	ErrClosed = fault.New(fault.Unavailable, "the HSM token is closed",
		"Open the installation again.")
	// ErrFull: the token has no room or no session left.
	ErrFull = fault.New(fault.Unavailable, "the HSM token has no room left",
		"Remove objects that nothing needs, or close other programs that use the token.")
)

// returned gives the CKR value in err's chain.
func returned(err error) (uint, bool) {
	var e pkcs11.Error
	if !errors.As(err, &e) {
		return 0, false
	}
	return uint(e), true
}

// call names the C function beside its return value: "C_Sign: pkcs11: 0xB3: CKR_SESSION_HANDLE_INVALID".
func call(function string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", function, err)
}

// explain turns a return value into one of this package's faults. An error
// that is a fault already passes unchanged.
func explain(err error) error {
	var f *fault.Error
	if err == nil || errors.As(err, &f) {
		return err
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return fault.Wrap(err, fault.Canceled, "the HSM request was stopped", "")
	}
	return because(sentinel(err), err)
}

// unsupported names the mechanism that a token lacks.
func unsupported(mechanism uint, cause error) error {
	return fault.Wrap(cause, ErrMechanismUnsupported.Kind, ErrMechanismUnsupported.Problem,
		"The token does not do CKM_"+mechanismName(mechanism)+" for this; `strongroom hsm mechanisms` lists what it can do.")
}

// naming adds the mechanism's name to an error that says that the token cannot
// do something.
func naming(mechanism uint, err error) error {
	if _, ok := returned(err); !ok || sentinel(err) != ErrMechanismUnsupported {
		return err
	}
	return unsupported(mechanism, err)
}

// because gives the sentinel with a cause.
func because(s *fault.Error, cause error) error {
	return fault.Wrap(cause, s.Kind, s.Problem, s.Hint)
}

func sentinel(err error) *fault.Error {
	rv, ok := returned(err)
	if !ok {
		return ErrDevice
	}
	switch rv {
	case pkcs11.CKR_TOKEN_NOT_PRESENT, pkcs11.CKR_TOKEN_NOT_RECOGNIZED,
		pkcs11.CKR_DEVICE_REMOVED, pkcs11.CKR_SLOT_ID_INVALID:
		return ErrTokenAbsent
	case pkcs11.CKR_PIN_INCORRECT, pkcs11.CKR_PIN_INVALID, pkcs11.CKR_PIN_LEN_RANGE, pkcs11.CKR_PIN_EXPIRED:
		return ErrPINIncorrect
	case pkcs11.CKR_PIN_LOCKED:
		return ErrPINLocked
	case pkcs11.CKR_USER_NOT_LOGGED_IN:
		return ErrNotLoggedIn
	case pkcs11.CKR_USER_PIN_NOT_INITIALIZED:
		return ErrPINUnset
	case pkcs11.CKR_KEY_HANDLE_INVALID, pkcs11.CKR_OBJECT_HANDLE_INVALID,
		pkcs11.CKR_WRAPPING_KEY_HANDLE_INVALID, pkcs11.CKR_UNWRAPPING_KEY_HANDLE_INVALID:
		return ErrKeyAbsent
	case pkcs11.CKR_MECHANISM_INVALID, pkcs11.CKR_MECHANISM_PARAM_INVALID, pkcs11.CKR_FUNCTION_NOT_SUPPORTED,
		pkcs11.CKR_KEY_SIZE_RANGE, pkcs11.CKR_KEY_TYPE_INCONSISTENT, pkcs11.CKR_KEY_FUNCTION_NOT_PERMITTED,
		pkcs11.CKR_TEMPLATE_INCONSISTENT, pkcs11.CKR_TEMPLATE_INCOMPLETE, pkcs11.CKR_ATTRIBUTE_TYPE_INVALID,
		pkcs11.CKR_ATTRIBUTE_VALUE_INVALID, pkcs11.CKR_DOMAIN_PARAMS_INVALID, pkcs11.CKR_CURVE_NOT_SUPPORTED,
		pkcs11.CKR_WRAPPING_KEY_TYPE_INCONSISTENT, pkcs11.CKR_WRAPPING_KEY_SIZE_RANGE,
		pkcs11.CKR_UNWRAPPING_KEY_TYPE_INCONSISTENT, pkcs11.CKR_KEY_NOT_WRAPPABLE,
		pkcs11.CKR_TOKEN_WRITE_PROTECTED:
		return ErrMechanismUnsupported
	case pkcs11.CKR_ENCRYPTED_DATA_INVALID, pkcs11.CKR_ENCRYPTED_DATA_LEN_RANGE,
		pkcs11.CKR_WRAPPED_KEY_INVALID, pkcs11.CKR_WRAPPED_KEY_LEN_RANGE:
		return ErrAuthenticationFailed
	case pkcs11.CKR_DEVICE_MEMORY, pkcs11.CKR_SESSION_COUNT:
		return ErrFull
	default:
		return ErrDevice
	}
}

// sessionDead reports return values after which a session is of no use, and
// which also say that the call did nothing: PKCS#11 v2.40 section 5.1.2 has
// them found before anything else.
func sessionDead(err error) bool {
	rv, ok := returned(err)
	if !ok {
		return false
	}
	switch rv {
	case pkcs11.CKR_SESSION_HANDLE_INVALID, pkcs11.CKR_SESSION_CLOSED,
		pkcs11.CKR_USER_NOT_LOGGED_IN, pkcs11.CKR_CRYPTOKI_NOT_INITIALIZED,
		pkcs11.CKR_OPERATION_ACTIVE:
		return true
	default:
		return false
	}
}

// deviceDoubt reports return values after which it is unknown what the token
// did and whether it is still there.
func deviceDoubt(err error) bool {
	rv, ok := returned(err)
	if !ok {
		return false
	}
	switch rv {
	case pkcs11.CKR_GENERAL_ERROR, pkcs11.CKR_FUNCTION_FAILED, pkcs11.CKR_HOST_MEMORY,
		pkcs11.CKR_DEVICE_ERROR, pkcs11.CKR_DEVICE_REMOVED, pkcs11.CKR_TOKEN_NOT_PRESENT,
		pkcs11.CKR_TOKEN_NOT_RECOGNIZED, pkcs11.CKR_SLOT_ID_INVALID:
		return true
	default:
		return false
	}
}

// handleDead reports that an object's handle is of no use any more.
func handleDead(err error) bool {
	rv, ok := returned(err)
	if !ok {
		return false
	}
	switch rv {
	case pkcs11.CKR_KEY_HANDLE_INVALID, pkcs11.CKR_OBJECT_HANDLE_INVALID,
		pkcs11.CKR_WRAPPING_KEY_HANDLE_INVALID, pkcs11.CKR_UNWRAPPING_KEY_HANDLE_INVALID:
		return true
	default:
		return false
	}
}
