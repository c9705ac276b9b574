package views

import (
	"strconv"

	"github.com/strongroom/strongroom/internal/fault"
)

// What the form of a generated value starts with: more than 128 bits of
// entropy in characters, 66 in words, which people type.
const (
	usualLength = 24
	usualWords  = 6
)

// The choices of characters.
const (
	allSigns   = "all"
	noSymbols  = "alphanumeric"
	smallSigns = "small"
	onlyDigits = "digits"
)

// guessable is below how many bits a value may be found by trying.
const guessable = 64

// recipeFields say how a value is made here, and how strong it will be.
func recipeFields(strength Strength, from func(string) func(*Form) bool) []Field {
	says := func(f *Form) string {
		bits, err := strength(recipeOf(f))
		switch {
		case err != nil:
			return fault.Problem(err)
		case bits < guessable:
			return numeral(int(bits)) + " bits of entropy: it may be guessed; make it longer"
		default:
			return numeral(int(bits)) + " bits of entropy; nobody sees the value"
		}
	}
	return []Field{
		{ID: "length", Label: "Length", Required: true, Value: numeral(usualLength), Check: checkBetween(8, 1024), Shown: from(fromSigns), Hint: "8 to 1024 characters"},
		{
			ID: "signs", Label: "Characters", Kind: ChoiceField, Shown: from(fromSigns), Says: says, Hint: "← and → choose; at least one of each class is in it",
			Options: []Option{
				{Value: allSigns, Label: "letters, digits and symbols"},
				{Value: noSymbols, Label: "letters and digits"},
				{Value: smallSigns, Label: "small letters and digits"},
				{Value: onlyDigits, Label: "digits"},
			},
		},
		{ID: "words", Label: "Words", Required: true, Value: numeral(usualWords), Check: checkBetween(4, 64), Shown: from(fromWords), Says: says, Hint: "4 to 64 English words, with hyphens between them"},
	}
}

func checkBetween(least, most int) func(string) error {
	return func(s string) error {
		if n, err := strconv.Atoi(s); err != nil || n < least || n > most {
			return fault.New(fault.Invalid, "write a number from "+numeral(least)+" to "+numeral(most), "")
		}
		return nil
	}
}

func recipeOf(f *Form) Recipe {
	if f.Text("from") == fromWords {
		n, _ := strconv.Atoi(f.Text("words")) // checked by the field
		return Recipe{Words: n, Separator: "-"}
	}
	n, _ := strconv.Atoi(f.Text("length")) // checked by the field
	signs := f.Text("signs")
	letters := signs != onlyDigits
	return Recipe{Length: n, Lower: letters, Upper: letters && signs != smallSigns, Digits: true, Symbols: signs == allSigns}
}
