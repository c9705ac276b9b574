package cli

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/internal/secret"
)

func TestLinesOfStandardInput(t *testing.T) {
	for name, c := range map[string]struct {
		in    string
		lines []string
	}{
		"two lines":               {"one\ntwo\n", []string{"one", "two"}},
		"the last without end":    {"one\ntwo", []string{"one", "two"}},
		"line ends of Windows":    {"one\r\ntwo\r\n", []string{"one", "two"}},
		"a carriage return stays": {"o\rne\n", []string{"o\rne"}},
		"empty lines":             {"\n\n", []string{"", ""}},
		"blanks belong to it":     {" one \n", []string{" one "}},
	} {
		t.Run(name, func(t *testing.T) {
			r := iotest.OneByteReader(strings.NewReader(c.in))
			for _, want := range c.lines {
				got, err := readLine(r)
				if err != nil || string(got) != want {
					t.Fatalf("got %q (%v), want %q", got, err, want)
				}
			}
			if got, err := readLine(r); !errors.Is(err, io.EOF) {
				t.Errorf("got %q (%v) behind the end", got, err)
			}
		})
	}
}

func TestALineHasALimit(t *testing.T) {
	if got, err := readLine(strings.NewReader(strings.Repeat("x", maxLine) + "\n")); err != nil || len(got) != maxLine {
		t.Errorf("%d bytes (%v)", len(got), err)
	}
	if _, err := readLine(strings.NewReader(strings.Repeat("x", maxLine+1) + "\n")); fault.KindOf(err) != fault.Invalid {
		t.Errorf("got %v", err)
	}
}

// A line takes nothing from what follows it: the next reader gets the rest.
func FuzzReadLine(f *testing.F) {
	for _, seed := range []string{"", "a\nb", "\r\n", "\n\n", "a\r\rb\n"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		r := bytes.NewReader(in)
		got, err := readLine(r)
		if err != nil {
			return
		}
		rest, _ := io.ReadAll(r)
		if bytes.ContainsRune(got, '\n') || !bytes.HasPrefix(in, got) || !bytes.HasSuffix(in, rest) || len(got)+len(rest) > len(in) {
			t.Errorf("%q was read as %q and %q", in, got, rest)
		}
	})
}

func TestInputIsBounded(t *testing.T) {
	got, err := readBounded(t.Context(), strings.NewReader("12345"), 5)
	if err != nil || got.Len() != 5 {
		t.Errorf("%v", err)
	}
	if _, err := readBounded(t.Context(), strings.NewReader("123456"), 5); fault.KindOf(err) != fault.Invalid {
		t.Errorf("got %v", err)
	}
	if _, err := readBounded(t.Context(), iotest.ErrReader(errors.New("gone")), 5); fault.KindOf(err) != fault.Unavailable {
		t.Errorf("got %v", err)
	}
}

// A read that does not end does not keep the program from ending.
func TestAnInterruptionEndsAWait(t *testing.T) {
	never, _ := io.Pipe()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := readBounded(ctx, never, 5); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestOneLineEndIsDropped(t *testing.T) {
	for in, want := range map[string]string{"a\n": "a", "a\r\n": "a", "a\n\n": "a\n", "a": "a", "\n": "", "a\r": "a\r"} {
		withoutLineEnd(secret.FromString(in)).Reveal(func(b []byte) {
			if string(b) != want {
				t.Errorf("%q became %q, want %q", in, b, want)
			}
		})
	}
}
