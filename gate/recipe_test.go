package gate_test

import (
	"bytes"
	"crypto/rand"
	"math"
	"strings"
	"testing"

	"github.com/tyler-smith/go-bip39/wordlists"

	"github.com/strongroom/strongroom/gate"
	"github.com/strongroom/strongroom/internal/fault"
)

func TestRecipes(t *testing.T) {
	for story, tc := range map[string]struct {
		recipe gate.Recipe
		bits   float64 // 0: refused
	}{
		"digits":               {gate.Recipe{Length: 10, Digits: true}, 10 * math.Log2(10)},
		"letters and digits":   {gate.Recipe{Length: 8, Lower: true, Digits: true}, math.Log2(math.Pow(36, 8) - math.Pow(26, 8) - math.Pow(10, 8))},
		"six words":            {gate.Recipe{Words: 6, Separator: "-"}, 66},
		"nothing":              {gate.Recipe{}, 0},
		"no class":             {gate.Recipe{Length: 20}, 0},
		"too short":            {gate.Recipe{Length: 7, Lower: true}, 0},
		"too long":             {gate.Recipe{Length: 1025, Lower: true}, 0},
		"three words":          {gate.Recipe{Words: 3, Separator: "-"}, 0},
		"words run together":   {gate.Recipe{Words: 6}, 0},
		"words parted by an a": {gate.Recipe{Words: 6, Separator: "a"}, 0},
		"both":                 {gate.Recipe{Words: 6, Separator: "-", Length: 8, Lower: true}, 0},
	} {
		value, err := tc.recipe.Make(rand.Reader)
		if tc.bits == 0 {
			if fault.KindOf(err) != fault.Invalid || fault.Hint(err) == "" {
				t.Errorf("%s: %v", story, err)
			}
			continue
		}
		if err != nil || math.Abs(tc.recipe.Entropy()-tc.bits) > 1e-6 {
			t.Errorf("%s: %v, %v bits, want %v", story, err, tc.recipe.Entropy(), tc.bits)
		}
		value.Wipe()
	}
}

// A value has every class that was asked for and nothing else.
func TestAValueHasAllItsClasses(t *testing.T) {
	r := gate.Recipe{Length: 8, Lower: true, Upper: true, Digits: true, Symbols: true}
	for range 300 {
		value, err := r.Make(rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		v := text(value)
		if len(v) != 8 || !strings.ContainsAny(v, "abcdefghijklmnopqrstuvwxyz") || !strings.ContainsAny(v, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") ||
			!strings.ContainsAny(v, "0123456789") || !strings.ContainsAny(v, "-_.,:+=@%/") {
			t.Fatal("a class is missing")
		}
	}
}

// The words are those of BIP 39: 2,048, no two alike, so that each is 11 bits.
func TestWords(t *testing.T) {
	seen := map[string]bool{}
	for _, w := range wordlists.English {
		seen[w] = true
	}
	if len(seen) != 2048 {
		t.Fatalf("%d words", len(seen))
	}
	value, err := gate.Recipe{Words: 12, Separator: " "}.Make(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	words := strings.Split(text(value), " ")
	if len(words) != 12 {
		t.Errorf("%d words", len(words))
	}
	for _, w := range words {
		if !seen[w] {
			t.Error("a word is none of the list")
		}
	}
}

// Without randomness there is no value, not a weak one.
func TestARecipeNeedsRandomness(t *testing.T) {
	_, err := gate.Recipe{Length: 20, Lower: true}.Make(bytes.NewReader(make([]byte, 7)))
	if fault.KindOf(err) != fault.Unavailable {
		t.Error(err)
	}
}

func TestGenerateSecret(t *testing.T) {
	w := furnished(t)
	s := w.signIn(sam)
	recipe := gate.Recipe{Words: 6, Separator: "-"}
	made, err := w.gate.GenerateSecret(w.ctx(), s, gate.SetSecretRequest{Vault: "pay-dev", Name: "a"}, recipe)
	w.must(err)
	got, err := w.gate.GetSecret(w.ctx(), s, gate.Ref{Vault: "pay-dev", Name: "a"}, gate.PurposeShow)
	w.must(err)
	if made.Bits != 66 || made.Version != got.Version || strings.Count(text(got.Value), "-") < 5 {
		t.Errorf("made %+v", made)
	}
	entries := w.logged(func() {
		_, err := w.gate.GenerateSecret(w.ctx(), s, gate.SetSecretRequest{Vault: "pay-dev", Name: "a"}, gate.Recipe{})
		w.wantKind(err, fault.Invalid)
	})
	if len(entries) != 1 {
		t.Errorf("the log says %+v", entries)
	}
}

// Two versions are told equal or not; neither leaves, and the log does not say
// which it was.
func TestCompareSecretVersions(t *testing.T) {
	w := furnished(t)
	s := w.signIn(sam)
	versions := make([]string, 0, 3)
	for _, value := range []string{"one", "two", "one"} {
		o, err := w.gate.SetSecret(w.ctx(), s, set("pay-dev", "a", value))
		w.must(err)
		versions = append(versions, o.Version)
	}
	ref := func(i int) gate.Ref { return gate.Ref{Vault: "pay-dev", Name: "a", Version: versions[i]} }
	for _, tc := range []struct {
		a, b  int
		equal bool
	}{{0, 1, false}, {0, 2, true}, {1, 1, true}} {
		entries := w.logged(func() {
			equal, err := w.gate.CompareSecretVersions(w.ctx(), s, ref(tc.a), versions[tc.b])
			w.must(err)
			if equal != tc.equal {
				t.Errorf("%d and %d: %t", tc.a, tc.b, equal)
			}
		})
		if len(entries) != 1 || entries[0].Action != "secrets/compare" || len(entries[0].Params) != 1 || entries[0].Params["with"] != versions[tc.b] {
			t.Errorf("the log says %+v", entries)
		}
	}
	no := false
	_, err := w.gate.SetAttributes(w.ctx(), s, gate.KindSecret, ref(1), gate.AttributesRequest{Enabled: &no})
	w.must(err)
	_, err = w.gate.CompareSecretVersions(w.ctx(), s, ref(0), versions[1])
	w.wantKind(err, fault.Forbidden)
}
