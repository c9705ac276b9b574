package cli

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/strongroom/strongroom/gate"
	"github.com/strongroom/strongroom/internal/fault"
)

// defaultLength is how many characters a value has that was asked for without
// a word: 190 bits of entropy.
const defaultLength = 32

// The classes of characters, as they are named on the command line.
const (
	classLower   = "lower"
	classUpper   = "upper"
	classDigits  = "digits"
	classSymbols = "symbols"
)

// recipe are the flags of a value that is made here.
type recipe struct {
	generate  bool
	length    int
	classes   []string
	words     int
	separator string
}

func (r *recipe) register(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.BoolVar(&r.generate, "generate", false, "make the value here; nobody sees it")
	flags.IntVar(&r.length, "length", defaultLength, "make it of so many `characters`")
	flags.StringSliceVar(&r.classes, "classes", []string{classLower, classUpper, classDigits}, "with these `classes` of characters, each at least once; there is symbols too")
	flags.IntVar(&r.words, "words", 0, "make it of so many `words` out of 2,048 instead")
	flags.StringVar(&r.separator, "separator", "-", "what stands between words")
	cmd.MarkFlagsMutuallyExclusive("generate", "file")
	cmd.MarkFlagsMutuallyExclusive("words", "length")
	cmd.MarkFlagsMutuallyExclusive("words", "classes")
}

// check refuses a recipe that is not asked for, or that makes nothing.
func (r *recipe) check(flags *pflag.FlagSet) error {
	if !r.generate {
		for _, name := range []string{"length", "classes", "words", "separator"} {
			if flags.Changed(name) {
				return fault.New(fault.Usage, "--"+name+" is for a value that is made here", "give --generate too, or leave it out")
			}
		}
		return nil
	}
	for _, c := range r.classes {
		if !slices.Contains([]string{classLower, classUpper, classDigits, classSymbols}, c) {
			return fault.New(fault.Usage, "there is no class "+quote(c), "use "+strings.Join([]string{classLower, classUpper, classDigits, classSymbols}, ", "))
		}
	}
	return r.gate(flags).Check()
}

func (r *recipe) gate(flags *pflag.FlagSet) gate.Recipe {
	if flags.Changed("words") {
		return gate.Recipe{Words: r.words, Separator: r.separator}
	}
	return gate.Recipe{
		Length: r.length, Lower: slices.Contains(r.classes, classLower), Upper: slices.Contains(r.classes, classUpper),
		Digits: slices.Contains(r.classes, classDigits), Symbols: slices.Contains(r.classes, classSymbols),
	}
}
