package gate

import (
	"fmt"
	"io"
	"math"
	"math/bits"
	"strings"

	"github.com/tyler-smith/go-bip39/wordlists"

	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/internal/secret"
)

// Bounds of a generated value.
const (
	minRecipeLength = 8
	maxRecipeLength = 1024
	minRecipeWords  = 4
	maxRecipeWords  = 64
)

// The classes of characters. Symbols are those that shells, URLs and
// configuration files leave alone.
const (
	lowerClass  = "abcdefghijklmnopqrstuvwxyz"
	upperClass  = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	digitClass  = "0123456789"
	symbolClass = "-_.,:+=@%/"
)

// Recipe says how a value is made: Words of the 2,048 English ones of BIP 39
// with a Separator between them, or else Length characters of the chosen
// classes, at least one of each.
type Recipe struct {
	Length                        int // 8 to 1024
	Lower, Upper, Digits, Symbols bool
	Words                         int    // 4 to 64
	Separator                     string // one character, no small letter
}

// Check refuses a recipe that makes nothing.
func (r Recipe) Check() error {
	switch {
	case r.Words != 0 && (r.Words < minRecipeWords || r.Words > maxRecipeWords):
		return fault.New(fault.Invalid, "a value is made of 4 to 64 words", "six words have 66 bits of entropy")
	case r.Words != 0 && (len(r.classes()) > 0 || r.Length != 0):
		return fault.New(fault.Invalid, "a value is made of words or of characters", "choose one of the two")
	case r.Words != 0 && (len(r.Separator) != 1 || r.Separator < " " || r.Separator > "~" || strings.Contains(lowerClass, r.Separator)):
		return fault.New(fault.Invalid, "words are separated by one character that is no small letter", "use a hyphen")
	case r.Words != 0:
		return nil
	case len(r.classes()) == 0:
		return fault.New(fault.Invalid, "no class of characters is chosen", "choose among lower, upper, digits and symbols")
	case r.Length < minRecipeLength || r.Length > maxRecipeLength:
		return fault.New(fault.Invalid, "a value is made of 8 to 1024 characters", "20 characters of all classes have more than 120 bits of entropy")
	}
	return nil
}

func (r Recipe) classes() []string {
	var all []string
	for _, c := range []struct {
		chosen bool
		signs  string
	}{{r.Lower, lowerClass}, {r.Upper, upperClass}, {r.Digits, digitClass}, {r.Symbols, symbolClass}} {
		if c.chosen {
			all = append(all, c.signs)
		}
	}
	return all
}

// String says in the log what kind of value was made.
func (r Recipe) String() string {
	if r.Words > 0 {
		return fmt.Sprintf("%d words", r.Words)
	}
	return fmt.Sprintf("%d characters of %d", r.Length, len(strings.Join(r.classes(), "")))
}

// Entropy gives the bits of entropy of a value: the binary logarithm of how
// many there are, all alike in likelihood. The separator keeps two lists of
// words from reading the same.
func (r Recipe) Entropy() float64 {
	if r.Words > 0 {
		return float64(r.Words) * math.Log2(float64(len(wordlists.English)))
	}
	classes := r.classes()
	total := len(strings.Join(classes, ""))
	// Inclusion and exclusion over the classes that could be missing.
	share := 0.0
	for missing := range uint(1) << len(classes) {
		left, sign := total, 1.0
		for i, c := range classes {
			if missing>>i&1 == 1 {
				left -= len(c)
			}
		}
		if bits.OnesCount(missing)%2 == 1 {
			sign = -1
		}
		share += sign * math.Pow(float64(left)/float64(total), float64(r.Length))
	}
	return float64(r.Length)*math.Log2(float64(total)) + math.Log2(share)
}

// Make makes a value. The caller wipes it.
func (r Recipe) Make(random io.Reader) (*secret.Bytes, error) {
	if err := r.Check(); err != nil {
		return nil, err
	}
	if r.Words > 0 {
		return r.makeWords(random)
	}
	classes := r.classes()
	alphabet := strings.Join(classes, "")
	out := make([]byte, r.Length)
	for {
		for i := range out {
			n, err := below(random, len(alphabet))
			if err != nil {
				clear(out)
				return nil, err
			}
			out[i] = alphabet[n]
		}
		// Throwing whole values away keeps those that stay alike in likelihood.
		if holdsAll(out, classes) {
			return secret.New(out), nil
		}
	}
}

func holdsAll(value []byte, classes []string) bool {
	for _, c := range classes {
		held := false
		for _, b := range value {
			held = held || strings.IndexByte(c, b) >= 0
		}
		if !held {
			return false
		}
	}
	return true
}

func (r Recipe) makeWords(random io.Reader) (*secret.Bytes, error) {
	const longest = 8 // of BIP 39's words
	out := make([]byte, 0, r.Words*(longest+1))
	for i := range r.Words {
		n, err := below(random, len(wordlists.English))
		if err != nil {
			clear(out)
			return nil, err
		}
		if i > 0 {
			out = append(out, r.Separator...)
		}
		out = append(out, wordlists.English[n]...)
	}
	return secret.New(out), nil
}

// below gives a number from 0 up to n (at most 65536), all alike in likelihood.
func below(random io.Reader, n int) (int, error) {
	limit := (1 << 16) / n * n
	var b [2]byte
	for {
		if _, err := io.ReadFull(random, b[:]); err != nil {
			return 0, fault.Wrap(err, fault.Unavailable, "there is no randomness", "check the system's random source")
		}
		if v := int(b[0])<<8 | int(b[1]); v < limit {
			return v % n, nil
		}
	}
}
