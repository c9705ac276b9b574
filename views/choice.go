package views

import (
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"
)

// wordPause is how long a word that chooses an option may rest before the next
// letter begins a new one.
const wordPause = time.Second

// undecided is the choice of a field in which nothing was chosen yet.
const undecided = -1

// chosen gives the option that was chosen, if one was.
func (in *input) chosen() (Option, bool) {
	if in.choice < 0 || in.choice >= len(in.Options) {
		return Option{}, false
	}
	return in.Options[in.choice], true
}

func (in *input) updateChoice(msg tea.Msg) bool {
	k, ok := msg.(tea.KeyPressMsg)
	if !ok || len(in.Options) == 0 {
		return false
	}
	was := in.choice
	in.rest()
	switch name := k.String(); {
	case name == "right" || (name == "space" && in.word == ""):
		in.step(1)
	case name == "left":
		in.step(-1)
	case name == "backspace":
		in.word = ""
	default:
		in.chooseByWord(k.Text)
	}
	return in.choice != was
}

// rest ends a word after a pause.
func (in *input) rest() {
	if in.now.Sub(in.typedAt) > wordPause {
		in.word = ""
	}
}

// step goes to the next or the previous option that can be chosen.
func (in *input) step(by int) {
	in.word = ""
	n := len(in.Options)
	if in.choice == undecided && by < 0 {
		in.choice = 0
	}
	in.choice = (in.choice + n + by) % n
	in.skipRefused(by)
}

// skipRefused goes on to an option that can be chosen, if there is one.
func (in *input) skipRefused(step int) {
	n := len(in.Options)
	for range n {
		if o, ok := in.chosen(); !ok || o.Refused == "" {
			return
		}
		in.choice = (in.choice + n + step) % n
	}
}

// chooseByWord takes another letter of a word and chooses what begins with the
// whole of it. A word that nothing begins with changes nothing: its last
// letter alone must not lead somewhere else.
func (in *input) chooseByWord(letters string) {
	if letters == "" {
		return
	}
	in.word, in.typedAt = in.word+strings.ToLower(letters), in.now
	if o, ok := in.chosen(); ok && o.begins(in.word) {
		return
	}
	for i := range in.Options {
		if in.Options[i].begins(in.word) {
			in.choice = i
			return
		}
	}
}

// missed reports whether nothing begins with the word that is typed.
func (in *input) missed() bool {
	o, ok := in.chosen()
	return in.word != "" && (!ok || !o.begins(in.word))
}

// begins reports whether the option can be chosen by a word, in small letters:
// by the beginning of what is shown or of what is meant, so that "pay" finds
// "vault payments".
func (o Option) begins(word string) bool {
	return o.Refused == "" && (strings.HasPrefix(strings.ToLower(o.Label), word) || strings.HasPrefix(strings.ToLower(o.Value), word))
}
