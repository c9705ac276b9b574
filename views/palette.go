package views

import (
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"
)

// ActionList is a dialog that lists a screen's actions, searches them and
// runs one: the `?` screen, which explains, and the `:` line, which is brief.
type ActionList struct {
	title   string
	actions []Action
	explain bool
	typed   editor
	at      int
}

// NewHelp lists everything that can be pressed, with what it does, and why
// what is greyed is refused.
func NewHelp(actions []Action) *ActionList {
	return &ActionList{title: "Help: type to search, enter runs", actions: actions, explain: true}
}

// NewPalette is the `:` line.
func NewPalette(actions []Action) *ActionList {
	return &ActionList{title: "Command", actions: actions}
}

// Update searches, moves and runs.
func (l *ActionList) Update(msg tea.Msg) ([]Intent, bool) {
	k, ok := msg.(tea.KeyPressMsg)
	if !ok {
		l.search(msg)
		return nil, false
	}
	switch k.String() {
	case "esc":
		return nil, true
	case "up", "ctrl+p":
		l.at = max(0, l.at-1)
	case "down", "ctrl+n":
		l.at = max(0, min(l.at+1, len(l.found())-1))
	case "tab":
		if f := l.found(); len(f) > 0 {
			l.typed.set(string(f[l.at].ID))
		}
	case "enter":
		f := l.found()
		if len(f) == 0 {
			return nil, false
		}
		return []Intent{RunAction{ID: f[l.at].ID}}, true
	default:
		l.search(msg)
	}
	return nil, false
}

func (l *ActionList) search(msg tea.Msg) {
	if l.typed.Update(msg) {
		l.at = 0
	}
}

// found is the actions that match what is typed, those whose name begins
// with it first.
func (l *ActionList) found() []Action {
	q := strings.ToLower(strings.TrimSpace(l.typed.String()))
	var begins, contains []Action
	for _, a := range l.actions {
		switch {
		case a.ID == ActHelp && l.explain, a.ID == ActPalette && !l.explain:
		case strings.HasPrefix(string(a.ID), q) || strings.HasPrefix(strings.ToLower(a.Label), q):
			begins = append(begins, a)
		case strings.Contains(strings.ToLower(string(a.ID)+" "+a.Label+" "+a.Help), q):
			contains = append(contains, a)
		}
	}
	return append(begins, contains...)
}

// View draws the box.
func (l *ActionList) View(p Paint, w, h int) string {
	inner := min(w-4, 76)
	prompt := ":"
	if l.explain {
		prompt = "/"
	}
	found := l.found()
	typed := p.Bold(Accent, prompt) + l.typed.line(inner-20) + p.Reverse(Plain, " ")
	lines := []string{spreadIn(typed, p.Text(Muted, fmt.Sprintf("%d of %d", min(l.at+1, len(found)), len(found))), inner), ""}
	rows := max(3, h-6)
	if l.explain {
		rows = max(3, h-12)
	}
	from := max(0, l.at-rows+1)
	for i := from; i < min(len(found), from+rows); i++ {
		lines = append(lines, l.line(p, &found[i], i == l.at, inner))
	}
	if len(found) == 0 {
		lines = append(lines, p.Text(Muted, "Nothing is called that. Esc closes."))
	}
	if l.explain {
		lines = append(lines, l.whole(p, found, inner)...)
		for _, m := range movementHelp {
			lines = append(lines, p.Text(Muted, m))
		}
	}
	return frameBox(p, Accent, l.title, lines, inner)
}

// whole writes what the chosen action does, and why not, without cutting it.
func (l *ActionList) whole(p Paint, found []Action, inner int) []string {
	lines := []string{"", ""}
	if len(found) == 0 {
		return lines
	}
	a := &found[l.at]
	text := a.Help
	if a.Disabled != "" {
		text += " (not now: " + a.Disabled + ")"
	}
	for i, t := range wrap(clean(text), inner) {
		if i == len(lines) {
			break
		}
		lines[i] = p.Bold(Plain, t)
	}
	return append(append([]string{""}, lines...), "")
}

// movementHelp is the table's keys in brief.
var movementHelp = []string{
	"Tables: ↑↓ j k  pgup pgdn  g G  / filter  s S sort  space select",
	"The mouse is left to the terminal: select text with it as always.",
}

func (l *ActionList) line(p Paint, a *Action, current bool, inner int) string {
	name := fit(string(a.ID), 22)
	says := a.Help
	if !l.explain {
		says = a.Label
	}
	if a.Disabled != "" {
		says = "not now: " + a.Disabled
	}
	text := fit(keyName(a.Key), 6) + " " + name + " " + clean(says)
	switch {
	case current:
		return p.Reverse(Plain, fit(text, inner))
	case a.Disabled != "":
		return p.Text(Muted, text)
	default:
		return p.Bold(Accent, fit(keyName(a.Key), 6)) + " " + name + " " + p.Text(Muted, clean(says))
	}
}

// Leave forgets what was typed.
func (l *ActionList) Leave() { l.typed.wipe() }
