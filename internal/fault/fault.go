package fault

import (
	"context"
	"errors"
	"strings"
)

// Kind says what sort of failure happened. Programs branch on it; people
// never see it.
type Kind string

// The kinds. Each has one exit code (see [ExitCode]) and one Azure Key Vault
// error code (see [Code]).
const (
	// Internal is a failure nobody planned for: a bug, or a broken machine.
	Internal Kind = "internal"
	// Usage is a command line that cannot be understood.
	Usage Kind = "usage"
	// Invalid is an input outside its rule: a name, a size, an algorithm.
	Invalid Kind = "invalid"
	// NotFound is an object, vault or person that is absent, or that the
	// caller may not know to be present.
	NotFound Kind = "not-found"
	// Conflict is a name already taken, or a state that changed meanwhile.
	Conflict Kind = "conflict"
	// Forbidden is a refusal by policy: role, scope, environment, dates.
	Forbidden Kind = "forbidden"
	// Unauthenticated is a missing or ended login session, or a sign-in
	// that failed. It never says which factor was wrong.
	Unauthenticated Kind = "unauthenticated"
	// StepUp asks for a fresh second factor before the act.
	StepUp Kind = "step-up"
	// Throttled asks to wait: too many failures.
	Throttled Kind = "throttled"
	// Unavailable is something outside this process that did not answer:
	// the HSM, the keyring, the disk, a locked database.
	Unavailable Kind = "unavailable"
	// Unsupported is something this token or version cannot do.
	Unsupported Kind = "unsupported"
	// Tampered is stored data that fails its own proof.
	Tampered Kind = "tampered"
	// Canceled is work that the caller stopped.
	Canceled Kind = "canceled"
)

// Exit codes of the program.
const (
	ExitDone     = 0
	ExitFailed   = 1
	ExitUsage    = 2
	ExitRefused  = 3
	ExitTampered = 4
)

// Error is a failure for two readers. Problem and Hint are single lines
// without a secret in them; Err is the cause and is shown only on request.
type Error struct {
	Kind    Kind
	Problem string
	Hint    string
	Err     error
}

// New makes an error from a kind, the sentence that says what is wrong, and
// the sentence that says what to do (which may be empty).
func New(kind Kind, problem, hint string) *Error {
	return &Error{Kind: kind, Problem: problem, Hint: hint}
}

// Wrap is [New] with a cause that errors.Is and errors.As can reach.
func Wrap(err error, kind Kind, problem, hint string) *Error {
	return &Error{Kind: kind, Problem: problem, Hint: hint, Err: err}
}

// Error gives the problem and its cause on one line. The hint is left out;
// edges print it on a line of its own.
func (e *Error) Error() string {
	if e.Err == nil {
		return e.Problem
	}
	return e.Problem + ": " + oneLine(e.Err.Error())
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// Is reports whether target is a *Error of the same kind and problem, so that
// package-level errors work as sentinels after wrapping.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Kind == e.Kind && t.Problem == e.Problem
}

// KindOf gives the kind of the outermost fault in err's chain. A nil error
// has the empty kind; a cancelled context is Canceled; anything else is
// Internal.
func KindOf(err error) Kind {
	if err == nil {
		return ""
	}
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return Canceled
	}
	return Internal
}

// Problem gives the sentence for a person: the outermost fault's problem, or
// the error's own text on one line.
func Problem(err error) string {
	if err == nil {
		return ""
	}
	var e *Error
	if errors.As(err, &e) {
		return e.Problem
	}
	return oneLine(err.Error())
}

// Hint gives the first hint in err's chain, or the empty string.
func Hint(err error) string {
	for err != nil {
		var e *Error
		if !errors.As(err, &e) {
			return ""
		}
		if e.Hint != "" {
			return e.Hint
		}
		err = e.Err
	}
	return ""
}

// ExitCode gives the process exit code for err: 0 for none, 2 for wrong
// usage or input, 3 for a refusal by policy, 4 for a failed verification, and
// 1 for everything else.
func ExitCode(err error) int {
	switch KindOf(err) {
	case "":
		return ExitDone
	case Usage, Invalid:
		return ExitUsage
	case Forbidden, Unauthenticated, StepUp, Throttled:
		return ExitRefused
	case Tampered:
		return ExitTampered
	default:
		return ExitFailed
	}
}

// Code gives the Azure Key Vault error code for err, as its REST data plane
// writes it in error.code.
func Code(err error) string {
	switch KindOf(err) {
	case Usage, Invalid, Unsupported:
		return "BadParameter"
	case NotFound:
		return "NotFound"
	case Conflict:
		return "Conflict"
	case Forbidden, StepUp:
		return "Forbidden"
	case Unauthenticated:
		return "Unauthorized"
	case Throttled:
		return "Throttled"
	case Tampered:
		return "IntegrityError"
	case Unavailable:
		return "ServiceUnavailable"
	default:
		return "InternalError"
	}
}

func oneLine(s string) string {
	return strings.Join(strings.Fields(s), " ")
}
