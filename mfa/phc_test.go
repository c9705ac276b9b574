package mfa

import (
	"strings"
	"testing"

	"github.com/strongroom/strongroom/internal/fault"
)

const (
	sampleSalt     = "c3Nzc3Nzc3Nzc3Nzc3Nzcw"
	sampleVerifier = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"
	samplePHC      = "$argon2id$v=19$m=131072,t=3,p=2$" + sampleSalt + "$" + sampleVerifier
)

func TestStoredPasswordReadsWhatItWrites(t *testing.T) {
	p, err := parsePHC(samplePHC)
	if err != nil {
		t.Fatal(err)
	}
	if p.params != DefaultParams() || string(p.salt) != strings.Repeat("s", 16) || p.verifier[31] != 31 {
		t.Errorf("parsed as %+v", p)
	}
	if got := p.String(); got != samplePHC {
		t.Errorf("written as %q", got)
	}
}

// A doctored row could ask for terabytes of memory, for years, or for a weaker
// hash; or be one of several spellings of the same record.
func TestStoredPasswordThatIsDoctoredIsRefused(t *testing.T) {
	swap := func(old, changed string) string { return strings.Replace(samplePHC, old, changed, 1) }
	for name, record := range map[string]string{
		"empty":               "",
		"other algorithm":     swap("argon2id", "argon2i"),
		"other version":       swap("v=19", "v=16"),
		"all memory":          swap("m=131072", "m=4294967295"),
		"overflowing memory":  swap("m=131072", "m=4295098368"),
		"no memory":           swap("m=131072", "m=8"),
		"for years":           swap("t=3", "t=4294967295"),
		"one pass":            swap("t=3", "t=1"),
		"no lane":             swap("p=2", "p=0"),
		"many lanes":          swap("p=2", "p=255"),
		"overflowing lanes":   swap("p=2", "p=258"),
		"leading zero":        swap("t=3", "t=03"),
		"sign":                swap("t=3", "t=+3"),
		"other order":         swap("m=131072,t=3", "t=3,m=131072"),
		"key ID":              swap("p=2", "p=2,keyid=AA"),
		"no salt":             swap(sampleSalt, ""),
		"short salt":          swap(sampleSalt, "c3Nzc3Nzc3Nzc3Nzc3M"),
		"padded salt":         swap(sampleSalt, sampleSalt+"=="),
		"stray bits":          swap(sampleSalt, sampleSalt[:21]+"x"),
		"line break in it":    swap(sampleSalt, sampleSalt[:20]+"\n"+sampleSalt[21:]),
		"short verifier":      samplePHC[:len(samplePHC)-1],
		"trailing field":      samplePHC + "$",
		"trailing space":      samplePHC + " ",
		"one megabyte":        samplePHC + strings.Repeat("A", 1<<20),
		"plain text password": "hunter2",
	} {
		if _, err := parsePHC(record); fault.KindOf(err) != fault.Tampered {
			t.Errorf("%s: got %v, want fault.Tampered", name, err)
		}
	}
}

// Whatever parses has exactly one spelling and bearable costs.
func FuzzStoredPassword(f *testing.F) {
	f.Add(samplePHC)
	f.Add("$argon2id$v=19$m=19456,t=2,p=1$" + sampleSalt + "$" + sampleVerifier)
	f.Add("$argon2id$v=19$m=19456,t=2,p=1$$")
	f.Add("$argon2id$v=19$m=,t=,p=$a$b")
	f.Fuzz(func(t *testing.T, s string) {
		p, err := parsePHC(s)
		if err != nil {
			return
		}
		if got := p.String(); got != s {
			t.Errorf("%q parses and prints as %q", s, got)
		}
		if err := p.params.Check(); err != nil {
			t.Errorf("%q parses with costs out of range: %v", s, err)
		}
	})
}
