package fault_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/strongroom/strongroom/internal/fault"
)

func TestExitCodes(t *testing.T) {
	for _, tc := range []struct {
		err  error
		want int
	}{
		{nil, 0},
		{errors.New("disk on fire"), 1},
		{fault.New(fault.NotFound, "no such secret", ""), 1},
		{fault.New(fault.Unavailable, "the HSM does not answer", ""), 1},
		{fault.New(fault.Usage, "unknown flag", ""), 2},
		{fault.New(fault.Invalid, "name too long", ""), 2},
		{fault.New(fault.Forbidden, "an auditor may not", ""), 3},
		{fault.New(fault.Unauthenticated, "sign in first", ""), 3},
		{fault.New(fault.StepUp, "a fresh code is needed", ""), 3},
		{fault.New(fault.Throttled, "wait", ""), 3},
		{fault.New(fault.Tampered, "entry 7 was changed", ""), 4},
		{fmt.Errorf("while reading: %w", fault.New(fault.Tampered, "entry 7 was changed", "")), 4},
	} {
		if got := fault.ExitCode(tc.err); got != tc.want {
			t.Errorf("ExitCode(%v) = %d, want %d", tc.err, got, tc.want)
		}
	}
}

func TestWrappingKeepsKindProblemAndHint(t *testing.T) {
	inner := fault.New(fault.Unavailable, "the token is absent", "insert it")
	outer := fault.Wrap(inner, fault.Internal, "cannot sign", "")
	wrapped := fmt.Errorf("checkpoint: %w", outer)

	if got := fault.KindOf(wrapped); got != fault.Internal {
		t.Errorf("KindOf = %q, want the outermost fault's kind", got)
	}
	if got := fault.Hint(wrapped); got != "insert it" {
		t.Errorf("Hint = %q, want the first hint in the chain", got)
	}
	if !errors.Is(wrapped, inner) {
		t.Error("errors.Is does not reach the cause")
	}
	if got, want := outer.Error(), "cannot sign: the token is absent"; got != want {
		t.Errorf("Error() = %q, want %q", got, want)
	}
}

func TestErrorsStayOnOneLine(t *testing.T) {
	err := fault.Wrap(errors.New("first\nsecond"), fault.Internal, "it broke", "")
	if got, want := err.Error(), "it broke: first second"; got != want {
		t.Errorf("Error() = %q, want %q", got, want)
	}
}

func TestCancelledContextHasItsOwnKind(t *testing.T) {
	if got := fault.KindOf(fmt.Errorf("list: %w", context.Canceled)); got != fault.Canceled {
		t.Errorf("KindOf = %q, want %q", got, fault.Canceled)
	}
}

func TestQuotedInputStaysOnOneLineAndShort(t *testing.T) {
	for in, want := range map[string]string{
		"":               `""`,
		"db":             `"db"`,
		"a\n\x1b[2Jb":    `"a??[2Jb"`,
		"é":              `"?"`,
		"\xff":           `"?"`,
		"12345678":       `"12345678"`,
		"123456789":      `"12345678…"`,
		"1234567é":       `"1234567?…"`,
		"\u202e\u0000ab": `"??ab"`,
	} {
		if got := fault.Quote(in, 8); got != want {
			t.Errorf("Quote(%q) = %s, want %s", in, got, want)
		}
	}
}
