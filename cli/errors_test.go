package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"syscall"
	"testing"

	"github.com/strongroom/strongroom/install"
	"github.com/strongroom/strongroom/internal/fault"
)

func TestErrorsAreTwoLinesAndACode(t *testing.T) {
	for name, c := range map[string]struct {
		err    error
		code   int
		stderr string
	}{
		"none":           {nil, 0, ""},
		"wrong input":    {fault.New(fault.Invalid, "no", "yes"), 2, "strongroom: no\nhint: yes\n"},
		"refused":        {fault.New(fault.Forbidden, "no", "yes"), 3, "strongroom: no\nhint: yes\n"},
		"locked PIN":     {fault.New(fault.Unauthenticated, "no", "yes"), 3, "strongroom: no\nhint: yes\n"},
		"tampered":       {fault.New(fault.Tampered, "no", "yes"), 4, "strongroom: no\nhint: yes\n"},
		"absent":         {fault.New(fault.NotFound, "no", "yes"), 1, "strongroom: no\nhint: yes\n"},
		"of two":         {errors.Join(fault.New(fault.Tampered, "first", "h"), fault.New(fault.Invalid, "second", "")), 4, "strongroom: first\nhint: h\n"},
		"unplanned":      {errors.New("boom\nboom"), 1, "strongroom: boom boom\nhint: run strongroom doctor, and report it if it stays\n"},
		"hostile":        {fault.New(fault.Invalid, "\x1b[2Jno\n", "\a"), 2, "strongroom: \\x1b[2Jno\\x0a\nhint: \\x07\n"},
		"a quiet answer": {exit(4), 4, ""},
		"nobody reads":   {written(fmt.Errorf("write: %w", syscall.EPIPE)), 1, ""},
	} {
		t.Run(name, func(t *testing.T) {
			var stderr bytes.Buffer
			a := &app{sys: System{Stderr: &stderr}}
			if code := a.fail(c.err); code != c.code || stderr.String() != c.stderr {
				t.Errorf("exit code %d, %q", code, stderr.String())
			}
		})
	}
}

func TestErrorsAsJSON(t *testing.T) {
	var stderr bytes.Buffer
	a := &app{json: true, sys: System{Stderr: &stderr}}
	a.fail(fault.New(fault.Forbidden, "sam may not", "ask"))
	if got := stderr.String(); got != `{"error":{"code":"Forbidden","message":"sam may not","hint":"ask"}}`+"\n" {
		t.Error(got)
	}
}

// A mistake in the program is one error like any other.
func TestAPanicReachesNobody(t *testing.T) {
	var stderr bytes.Buffer
	code := Run(t.Context(), []string{"version"}, System{
		Stdin: strings.NewReader(""), Stdout: panicking{}, Stderr: &stderr, Getenv: func(string) string { return "" }, Install: install.System{},
	})
	if code != fault.ExitFailed || strings.Count(stderr.String(), "\n") != 2 || strings.Contains(stderr.String(), "goroutine") {
		t.Errorf("exit code %d\n%s", code, &stderr)
	}
}

type panicking struct{ io.Writer }

func (panicking) Write([]byte) (int, error) { panic("a mistake") }

func TestAnInterruptionIsSaid(t *testing.T) {
	a := &app{running: true}
	if err := a.worded(nil, fmt.Errorf("read: %w", context.Canceled)); fault.KindOf(err) != fault.Canceled || fault.Hint(err) == "" {
		t.Error(err)
	}
}
