package views

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/strongroom/strongroom/roles"
)

// ActionID names an action: a noun and a verb, as `:` takes it.
type ActionID string

// Action is one thing that can be pressed. Footer, help, palette, greying and
// the README's key reference come from this one type; its fixed part stands
// in the action table ([Catalogue]).
type Action struct {
	ID ActionID
	// Where names the screens that have it, for the key reference.
	Where string
	// Key is what to press, as tea.KeyPressMsg.String gives it; "" where the
	// action is reached by name only.
	Key string
	// Label is a word or two for the footer; Help one sentence for `?`.
	Label, Help string
	// Needs is the role action that the gate will ask for, or "".
	Needs roles.Action
	// Dangerous acts are asked about before they are done.
	Dangerous bool
	// Disabled says why the action cannot be done now; "" means it can.
	Disabled string

	run func() []Intent
}

// Run gives the intents of the action, or the reason why there are none.
func (a *Action) Run() []Intent {
	if a.Disabled != "" {
		return []Intent{Notify{Tone: Warning, Text: a.Label + ": " + a.Disabled}}
	}
	if a.run == nil {
		return nil
	}
	return a.run()
}

// Refusals says, for each action that the person's roles refuse on what the
// screen shows, why. A missing action is allowed.
type Refusals map[roles.Action]string

// bind takes an action from the table and gives it what it does here. It is
// disabled when the role refuses what it needs.
func bind(id ActionID, refused Refusals, run func() []Intent) Action {
	a := lookup(id)
	a.run = run
	if a.Needs != "" {
		a.Disabled = refused[a.Needs]
	}
	return a
}

// bindAs is bind for an action that needs another role action for each kind of
// object.
func bindAs(id ActionID, needs roles.Action, refused Refusals, run func() []Intent) Action {
	a := bind(id, nil, run)
	a.Needs, a.Disabled = needs, refused[needs]
	return a
}

// unless disables the action for a reason, if it is not disabled already.
func (a Action) unless(is bool, reason string) Action {
	if is && a.Disabled == "" {
		a.Disabled = reason
	}
	return a
}

// emit makes a run function that gives fixed intents.
func emit(in ...Intent) func() []Intent { return func() []Intent { return in } }

// press runs the action that a key belongs to.
func press(actions []Action, k tea.KeyPressMsg) []Intent {
	for i := range actions {
		if actions[i].Key != "" && actions[i].Key == k.String() {
			return actions[i].Run()
		}
	}
	return nil
}

// Run runs one of the screen's actions by its id, as the palette and the
// help screen do.
func Run(s Screen, id ActionID) []Intent {
	actions := s.Actions()
	for i := range actions {
		if actions[i].ID == id {
			return actions[i].Run()
		}
	}
	return nil
}

// keyName writes a key for people.
func keyName(k string) string {
	switch k {
	case "space":
		return "space"
	case "pgup", "pgdown", "enter", "esc", "tab":
		return k
	}
	if rest, ok := strings.CutPrefix(k, "ctrl+"); ok {
		return "^" + strings.ToUpper(rest)
	}
	return k
}

// KeyReference renders the action table as Markdown for the README.
func KeyReference() string {
	var b strings.Builder
	b.WriteString("| where | key | command | what it does |\n|---|---|---|---|\n")
	for _, m := range movement {
		b.WriteString("| every table | " + m.keys + " | | " + m.help + " |\n")
	}
	for _, a := range Catalogue() {
		b.WriteString("| " + a.Where + " | `" + a.Key + "` | `:" + string(a.ID) + "` | " + a.Help + " |\n")
	}
	return b.String()
}

// movement lists the keys of the table component, which move and show and
// therefore are no actions.
var movement = []struct{ keys, help string }{
	{"`↑` `↓` `k` `j`", "one row up or down"},
	{"`pgup` `pgdn`", "one page up or down"},
	{"`g` `G` `home` `end`", "first row, last row"},
	{"`/`", "filter; `esc` clears the filter"},
	{"`s` `S`", "sort by the next column; turn the order round"},
	{"`space`", "select a row; `esc` clears the selection"},
}
