package audit

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/strongroom/strongroom/internal/fault"
)

func TestDetachedSignature(t *testing.T) {
	s := newSigner(t)
	for _, content := range []string{"", "hello", strings.Repeat("report\n", 100_000)} {
		signed, err := SignDetached(t.Context(), s, "report", strings.NewReader(content))
		if err != nil {
			t.Fatal(err)
		}
		// The reader may give its bytes in any portions.
		got, err := VerifyDetached(signed, s.Public(), "report", iotest.OneByteReader(io.LimitReader(strings.NewReader(content), 1<<20)))
		if err != nil || got.Size != int64(len(content)) || got.Purpose != "report" {
			t.Errorf("%+v, %v", got, err)
		}
	}
}

func TestDetachedText(t *testing.T) {
	signed, err := SignDetached(t.Context(), newSigner(t), "report", strings.NewReader("hello"))
	if err != nil {
		t.Fatal(err)
	}
	const want = "strongroom-signature/v1\n" +
		"purpose report\n" +
		"sha256 2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824\n" +
		"size 5\n\n— strongroom-signature "
	if !strings.HasPrefix(string(signed), want) {
		t.Errorf("%s", signed)
	}
}

// Each way in which a signature does not hold has its own words.
func TestDetachedSignatureThatDoesNotHold(t *testing.T) {
	s, other := newSigner(t), newSigner(t)
	sign := func(s Signer, purpose, content string) []byte {
		signed, err := SignDetached(t.Context(), s, purpose, strings.NewReader(content))
		if err != nil {
			t.Fatal(err)
		}
		return signed
	}
	good := sign(s, "report", "hello")
	body := Detached{Purpose: "report", Size: 5}.text()
	const (
		changed  = "the content is not what was signed"
		stranger = "the signature was made by another key"
		invalid  = "this is not a valid signature file"
	)
	for _, tt := range []struct {
		name    string
		signed  []byte
		content string
		verdict string
	}{
		{"changed content", good, "hellp", changed},
		{"longer content", good, "hello ", changed},
		{"empty content", good, "", changed},
		{"signature of another file", sign(s, "report", "hullo"), "hello", changed},
		{"another key", sign(other, "report", "hello"), "hello", stranger},
		{"another purpose", sign(s, "transcript", "hello"), "hello", "this signature was made for a transcript, not for a report"},
		{"changed text", bytes.Replace(good, []byte("size 5"), []byte("size 6"), 1), "hello", invalid},
		{"changed signature", flipSignature(good), "hello", invalid},
		{"nothing", nil, "hello", invalid},
		{"only text", []byte(body), "hello", invalid},
		{"too long", append(bytes.Repeat([]byte("x"), MaxNote), good...), "hello", invalid},
		{"a signed checkpoint", signText(t, s, detachedName, Checkpoint{testOrigin, 57, Hash{}}.text()), "hello", invalid},
		{"extra line", signText(t, s, detachedName, body+"more\n"), "hello", invalid},
		{"upper-case hash", signText(t, s, detachedName, strings.Replace(body, strings.Repeat("0", 64), strings.Repeat("A", 64), 1)), "hello", invalid},
		{"leading zero", signText(t, s, detachedName, strings.Replace(body, "size 5", "size 05", 1)), "hello", invalid},
		{"negative size", signText(t, s, detachedName, strings.Replace(body, "size 5", "size -5", 1)), "hello", invalid},
		{"short hash", signText(t, s, detachedName, strings.Replace(body, "0000", "", 1)), "hello", invalid},
		{"another version", signText(t, s, detachedName, strings.Replace(body, "/v1", "/v2", 1)), "hello", invalid},
		{"empty purpose", signText(t, s, detachedName, strings.Replace(body, "purpose report", "purpose ", 1)), "hello", invalid},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := VerifyDetached(tt.signed, s.Public(), "report", strings.NewReader(tt.content))
			if fault.KindOf(err) != fault.Tampered || fault.Problem(err) != tt.verdict || fault.Hint(err) == "" {
				t.Errorf("%v, want %s", err, tt.verdict)
			}
		})
	}
}

func TestPurposeIsAWord(t *testing.T) {
	s := newSigner(t)
	for _, purpose := range []string{"", "Report", "a b", "a\nb", "../x", strings.Repeat("x", MaxPurpose+1)} {
		if _, err := SignDetached(t.Context(), s, purpose, strings.NewReader("")); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%q: %v", purpose, err)
		}
	}
}

func TestContentThatCannotBeRead(t *testing.T) {
	s := newSigner(t)
	broken := errors.New("input/output error")
	_, err := SignDetached(t.Context(), s, "report", iotest.ErrReader(broken))
	if fault.KindOf(err) != fault.Unavailable || !errors.Is(err, broken) {
		t.Errorf("%v", err)
	}
	signed, err := SignDetached(t.Context(), s, "report", strings.NewReader("x"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := VerifyDetached(signed, s.Public(), "report", iotest.ErrReader(broken)); !errors.Is(err, broken) {
		t.Errorf("%v", err)
	}
}

// Whatever text parses prints to the same text.
func FuzzParseDetached(f *testing.F) {
	f.Add(Detached{Purpose: "report", Size: 5}.text())
	f.Add("strongroom-signature/v1\npurpose a\nsha256 00\nsize 1\n")
	f.Fuzz(func(t *testing.T, text string) {
		if d, ok := parseDetached(text); ok && (d.text() != text || d.Size < 0) {
			t.Errorf("%+v", d)
		}
	})
}

// Without the key, no signature file verifies but those that were signed.
func FuzzVerifyDetached(f *testing.F) {
	s := newSigner(f)
	good, err := SignDetached(context.Background(), s, "report", strings.NewReader("hello"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good, "hello")
	f.Add(flipSignature(good), "hello")
	f.Fuzz(func(t *testing.T, signed []byte, content string) {
		d, err := VerifyDetached(signed, s.Public(), "report", strings.NewReader(content))
		if err == nil && (content != "hello" || d.Size != 5) {
			t.Fatalf("forged: %+v", d)
		}
	})
}
