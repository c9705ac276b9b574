package views

import (
	"time"

	tea "charm.land/bubbletea/v2"
)

// Intent is what a screen wants done. Package tui does it: it moves between
// screens, or asks the gate and hands the answer to the screen that asked.
// Files intent_*.go list the intents of the product beside their answers.
type Intent interface{ intent() }

// Back leaves the screen.
type Back struct{}

// Quit ends the program; the console asks first when work is running.
type Quit struct{}

// Lock clears the screen and asks for the person again.
type Lock struct{}

// SignOut ends the login session.
type SignOut struct{}

// OpenHelp shows everything that can be pressed.
type OpenHelp struct{}

// OpenPalette opens the `:` line.
type OpenPalette struct{}

// Delay asks for a message to be sent back to the same screen later.
type Delay struct {
	For  time.Duration
	Then tea.Msg
}

// Notify shows one line for a few seconds.
type Notify struct {
	Tone Tone
	Text string
}

// OpenDialog puts a dialog on top of the screen. What the dialog decides
// comes back as the intents that it was given.
type OpenDialog struct{ Dialog Dialog }

// RunAction runs an action of the top screen, chosen in help or palette.
type RunAction struct{ ID ActionID }

// CancelTask stops the work that runs in the background.
type CancelTask struct{}

// SuggestPaths asks for the file names that begin with a prefix; the answer
// is [PathsSuggested].
type SuggestPaths struct {
	Field  string
	Prefix string
}

// PathsSuggested answers [SuggestPaths]. Folders end in a slash.
type PathsSuggested struct {
	Field  string
	Prefix string
	Paths  []string
}

func (Back) intent()         {}
func (Quit) intent()         {}
func (Lock) intent()         {}
func (SignOut) intent()      {}
func (OpenHelp) intent()     {}
func (OpenPalette) intent()  {}
func (Delay) intent()        {}
func (Notify) intent()       {}
func (OpenDialog) intent()   {}
func (RunAction) intent()    {}
func (CancelTask) intent()   {}
func (SuggestPaths) intent() {}
