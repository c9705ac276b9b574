package mfa_test

import (
	"strings"
	"testing"

	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/internal/secret"
	"github.com/strongroom/strongroom/mfa"
)

func TestPasswordRules(t *testing.T) {
	context := []string{"Anna Bergström", "anna.b", "payments-hq"}
	for password, want := range map[string]string{
		// Length counts characters, not bytes, and asks for nothing else.
		"correct horse battery staple":               "",
		"tvkxqzhwmdpf":                               "",
		"ÄÖÜäöüßéèêçñ":                               "",
		"爱丽丝在花园里读一本旧书":                               "",
		"short":                                      "too short",
		"elevenchars":                                "too short",
		"ééééééééééé":                                "too short",
		strings.Repeat("tvkxqz hwmdpf 71", 16):       "",
		strings.Repeat("tvkxqz hwmdpf 71", 16) + "x": "too long",
		strings.Repeat("x", 5000):                    "too long",
		"":                                           "too short",
		"tab\tin the middle of it":                   "control character",
		"not valid \xff\xfe text":                    "not valid text",

		// What an attacker tries first.
		"aaaaaaaaaaaaaa":     "repetition",
		"abcabcabcabcab":     "repetition",
		"12345123451234":     "repetition",
		"abcdefghijklmn":     "plain run",
		"zyxwvutsrqponm":     "plain run",
		"567890123456789":    "plain run",
		"password1234":       "expected words",
		"P@ssw0rd!!!!":       "expected words",
		"Passw0rd 2026!":     "expected words",
		"qwertyuiop123":      "expected words",
		"1qaz2wsx3edc":       "expected words",
		"iloveyou4ever?":     "",
		"letmein-letmein":    "expected words",
		"Welcome2Summer":     "expected words",
		"Summer Winter 2026": "expected words",
		"changeme-please1":   "expected words",

		// What they try next, knowing whom and what they attack.
		"strongroom2026":      "expected words",
		"Str0ngr00m!!!":       "expected words",
		"annabergström1":      "expected words",
		"Anna-Payments-12":    "expected words",
		"anna's strongroom":   "",
		"annabergströmolaf":   "",
		"password 7302945816": "", // ten digits are entropy enough
	} {
		err := mfa.CheckPasswordRules(secret.FromString(password), context...)
		switch {
		case want == "" && err != nil:
			t.Errorf("%.40q is refused: %v", password, err)
		case want != "" && (fault.KindOf(err) != fault.Invalid || !strings.Contains(err.Error(), want)):
			t.Errorf("%.40q: %v, want %q", password, err, want)
		}
		if err != nil && len(password) > 5 && strings.Contains(err.Error()+fault.Hint(err), password) {
			t.Errorf("%q is in its own refusal", password)
		}
	}
}

// Any bytes are answered, quickly, by a fault or not at all.
func FuzzPasswordRules(f *testing.F) {
	f.Add("correct horse battery staple", "Anna")
	f.Add("password1234", "")
	f.Add("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", "\xff\xfe")
	f.Add("ﷺﷺﷺﷺﷺﷺﷺﷺﷺﷺﷺﷺ", "ﷺ")
	f.Fuzz(func(t *testing.T, password, context string) {
		err := mfa.CheckPasswordRules(secret.FromString(password), context)
		if err != nil && fault.KindOf(err) != fault.Invalid {
			t.Errorf("%q: %v", password, err)
		}
	})
}
