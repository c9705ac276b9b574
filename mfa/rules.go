package mfa

import (
	_ "embed"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/internal/secret"
)

// blocklist holds common passwords, the words most of them are made of, and
// keyboard walks; one per line, lower case, # begins a comment.
//
//go:embed blocklist.txt
var blocklist string

const (
	// minWord keeps two-letter context words from explaining away a password.
	minWord = 3
	// maxLeftover is how many digits and signs around blocked words still
	// count as decoration; more is entropy of its own.
	maxLeftover = 7
	// maxUnit is the longest piece whose repetition is refused.
	maxUnit = 5
)

// CheckPasswordRules refuses a new password after NIST SP 800-63B section
// 3.1.1.2: by length (12 to 256 code points) and by comparison of the whole
// password with what is expected, never by composition. Expected are: one
// character or a short piece over and over, a run such as abcdef, and nothing
// but common words, the words of context (the person's name, the
// installation's) and "strongroom", with a few digits and signs around them.
// The error is fault.Invalid and holds nothing of the password.
func CheckPasswordRules(password *secret.Bytes, context ...string) error {
	return withNormalFormErr(password, func(b []byte) error {
		if !utf8.Valid(b) {
			return refusePassword("the password is not valid text", "type it again")
		}
		runes := make([]rune, 0, len(b)) // by hand: string(b) could not be wiped
		defer func() { clear(runes) }()
		for len(b) > 0 {
			r, size := utf8.DecodeRune(b)
			runes, b = append(runes, r), b[size:]
		}
		return checkRunes(runes, context)
	})
}

func withNormalFormErr(password *secret.Bytes, f func([]byte) error) error {
	var inner error
	if err := withNormalForm(password, func(b []byte) { inner = f(b) }); err != nil {
		return err
	}
	return inner
}

func checkRunes(runes []rune, context []string) error {
	switch n := len(runes); {
	case n < MinPasswordRunes:
		return refusePassword("the password is too short", fmt.Sprintf("use at least %d characters; several words are fine", MinPasswordRunes))
	case n > MaxPasswordRunes:
		return refusePassword("the password is too long", fmt.Sprintf("use at most %d characters", MaxPasswordRunes))
	}
	for i, r := range runes {
		if unicode.IsControl(r) {
			return refusePassword("the password holds a control character", "type only letters, digits, signs and spaces")
		}
		runes[i] = unicode.ToLower(r)
	}
	if repeats(runes) || runs(runes) {
		return refusePassword("the password is a repetition or a plain run of characters", "use several unrelated words")
	}
	if onlyWords(runes, words(context)) {
		return refusePassword("the password is made of expected words", "use several unrelated words, not your name or this program's")
	}
	return nil
}

func refusePassword(problem, hint string) error { return fault.New(fault.Invalid, problem, hint) }

// repeats reports whether the password is a piece of at most maxUnit
// characters over and over, the last one cut or not.
func repeats(runes []rune) bool {
	for unit := 1; unit <= maxUnit; unit++ {
		same := true
		for i := unit; i < len(runes) && same; i++ {
			same = runes[i] == runes[i-unit]
		}
		if same {
			return true
		}
	}
	return false
}

// runs reports whether every character follows the one before it, upwards or
// downwards, with 0 after 9 and a after z.
func runs(runes []rune) bool {
	for _, step := range []rune{1, -1} {
		run := true
		for i := 1; i < len(runes) && run; i++ {
			run = runes[i] == runes[i-1]+step || wraps(runes[i-1], runes[i], step)
		}
		if run {
			return true
		}
	}
	return false
}

func wraps(from, to, step rune) bool {
	if step < 0 {
		from, to = to, from
	}
	return from == '9' && to == '0' || from == 'z' && to == 'a'
}

// words gives the blocklist and the context's words, in lower case.
func words(context []string) [][]rune {
	var all [][]rune
	for line := range strings.Lines(blocklist) {
		if word := strings.TrimSpace(line); word != "" && word[0] != '#' {
			all = append(all, []rune(word))
		}
	}
	for _, c := range context {
		for _, word := range strings.FieldsFunc(strings.ToLower(c), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
			if utf8.RuneCountInString(word) >= minWord {
				all = append(all, []rune(word))
			}
		}
	}
	return all
}

// onlyWords reports whether the password can be read as at least one word and
// at most maxLeftover digits and signs. fewest[i] is the fewest leftovers of
// the first i characters, -1 when they cannot be read so.
func onlyWords(runes []rune, words [][]rune) bool {
	fewest := make([]int, len(runes)+1)
	for i := 1; i <= len(runes); i++ {
		fewest[i] = -1
		if !unicode.IsLetter(runes[i-1]) && fewest[i-1] >= 0 {
			fewest[i] = fewest[i-1] + 1
		}
		for _, word := range words {
			start := i - len(word)
			if start < 0 || fewest[start] < 0 || !reads(runes[start:i], word) {
				continue
			}
			if fewest[i] < 0 || fewest[start] < fewest[i] {
				fewest[i] = fewest[start]
			}
		}
	}
	left := fewest[len(runes)]
	return left >= 0 && left <= maxLeftover
}

// reads reports whether typed is word, with the usual signs for letters.
func reads(typed, word []rune) bool {
	for i, r := range typed {
		if r != word[i] && !strings.ContainsRune(signsFor(word[i]), r) {
			return false
		}
	}
	return true
}

func signsFor(letter rune) string {
	switch letter {
	case 'a':
		return "4@"
	case 'b':
		return "8"
	case 'e':
		return "3"
	case 'g':
		return "9"
	case 'i', 'l':
		return "1!|"
	case 'o':
		return "0"
	case 's':
		return "5$"
	case 't':
		return "7+"
	case 'z':
		return "2"
	}
	return ""
}
