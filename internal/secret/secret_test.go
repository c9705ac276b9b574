package secret_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/strongroom/strongroom/internal/secret"
)

const clear = "correct horse battery staple"

// Every way a value usually slips into a log is tried; none may show it.
func TestSecretNeverPrints(t *testing.T) {
	s := secret.FromString(clear)
	holder := struct{ Password *secret.Bytes }{s}
	var out strings.Builder
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%T", "%p", "%c", "%o", "%U", "%t"} {
		fmt.Fprintf(&out, verb+"\n", s)
		fmt.Fprintf(&out, verb+"\n", holder)
		fmt.Fprintf(&out, verb+"\n", []*secret.Bytes{s})
	}
	for _, v := range []any{s, holder, map[string]any{"k": s}} {
		b, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		out.Write(b)
	}
	log := slog.New(slog.NewTextHandler(&out, nil))
	log.Info("sign-in", "password", s, "holder", holder)
	slog.New(slog.NewJSONHandler(&out, nil)).Info("sign-in", "password", s, "holder", holder)

	got := out.String()
	for _, leak := range []string{clear, fmt.Sprintf("%x", clear), fmt.Sprintf("%v", []byte(clear)), fmt.Sprintf("%#v", []byte(clear))} {
		if strings.Contains(got, leak) {
			t.Errorf("output shows the secret as %q", leak)
		}
	}
	if !strings.Contains(got, "[secret]") {
		t.Error("output does not show the redaction mark")
	}
}

func TestWipeClearsTheBytesItWasGiven(t *testing.T) {
	raw := []byte(clear)
	s := secret.New(raw)
	s.Wipe()
	if !bytes.Equal(raw, make([]byte, len(clear))) {
		t.Error("the bytes survive Wipe")
	}
	if s.Len() != 0 {
		t.Errorf("Len = %d after Wipe, want 0", s.Len())
	}
	s.Wipe() // a second time is harmless
	(*secret.Bytes)(nil).Wipe()
}

func TestEqual(t *testing.T) {
	a, b, c := secret.FromString("one"), secret.FromString("one"), secret.FromString("two")
	if !a.Equal(b) || !a.Equal(a) {
		t.Error("equal secrets differ")
	}
	if a.Equal(c) || a.Equal(nil) || a.Equal(secret.FromString("on")) {
		t.Error("different secrets are equal")
	}
}

func TestCloneIsIndependent(t *testing.T) {
	a := secret.FromString("one")
	b := a.Clone()
	a.Wipe()
	b.Reveal(func(got []byte) {
		if string(got) != "one" {
			t.Errorf("clone = %q after wiping the original", got)
		}
	})
}
