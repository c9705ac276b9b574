package views

import (
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"
	"charm.land/lipgloss/v2"
)

// Dialog is a box on top of a screen that takes every key until it is done.
type Dialog interface {
	// Update gives what was decided, and whether the box closes.
	Update(msg tea.Msg) (out []Intent, done bool)
	// View draws the box, at most width x height cells.
	View(p Paint, width, height int) string
	// Leave forgets what was typed.
	Leave()
}

// Grace is how long a dialog that opens by itself ignores keys, so that a
// key meant for the screen below does not answer it.
const Grace = 400 * time.Millisecond

// Dialogs is the stack of open dialogs; only the top one gets messages.
type Dialogs struct{ open []opened }

type opened struct {
	dialog Dialog
	deaf   time.Time // keys before this moment are ignored
}

// Push opens a dialog that the person asked for.
func (ds *Dialogs) Push(d Dialog) { ds.open = append(ds.open, opened{dialog: d}) }

// PushUnasked opens a dialog that nobody asked for: an error, a lost token.
// It ignores keys for [Grace].
func (ds *Dialogs) PushUnasked(d Dialog, now time.Time) {
	ds.open = append(ds.open, opened{d, now.Add(Grace)})
}

// Open reports whether there is a dialog.
func (ds *Dialogs) Open() bool { return len(ds.open) > 0 }

// Top gives the dialog that takes the keys.
func (ds *Dialogs) Top() (Dialog, bool) {
	if len(ds.open) == 0 {
		return nil, false
	}
	return ds.open[len(ds.open)-1].dialog, true
}

// CloseAll forgets every dialog, for lock and exit.
func (ds *Dialogs) CloseAll() {
	for _, o := range ds.open {
		o.dialog.Leave()
	}
	clear(ds.open)
	ds.open = ds.open[:0]
}

// Update hands a message to the top dialog.
func (ds *Dialogs) Update(msg tea.Msg, now time.Time) []Intent {
	if len(ds.open) == 0 {
		return nil
	}
	top := len(ds.open) - 1
	if _, key := msg.(tea.KeyPressMsg); key && now.Before(ds.open[top].deaf) {
		return nil
	}
	out, done := ds.open[top].dialog.Update(msg)
	if done {
		ds.open[top].dialog.Leave()
		ds.open[top] = opened{}
		ds.open = ds.open[:top]
	}
	return out
}

// View draws the open dialogs over a frame of width x height cells.
func (ds *Dialogs) View(frame string, p Paint, width, height int) string {
	if len(ds.open) == 0 {
		return frame
	}
	layers := []*lipgloss.Layer{lipgloss.NewLayer(frame)}
	for i, o := range ds.open {
		box := o.dialog.View(p, width-4, height-2)
		x := max(0, (width-lipgloss.Width(box))/2)
		y := max(0, (height-lipgloss.Height(box))/3)
		layers = append(layers, lipgloss.NewLayer(box).X(x).Y(y).Z(i+1))
	}
	return lipgloss.NewCompositor(layers...).Render()
}

// frameBox draws lines in a border with a title, in a tone.
func frameBox(p Paint, tone Tone, title string, lines []string, inner int) string {
	head := "─ " + title + " "
	var b strings.Builder
	b.WriteString(p.Text(tone, "┌") + p.Bold(tone, fit(head, min(width(head), inner+2))) +
		p.Text(tone, strings.Repeat("─", max(0, inner+2-width(head)))+"┐") + "\n")
	for _, l := range lines {
		b.WriteString(p.Text(tone, "│") + " " + fit(l, inner) + " " + p.Text(tone, "│") + "\n")
	}
	b.WriteString(p.Text(tone, "└"+strings.Repeat("─", inner+2)+"┘"))
	return b.String()
}
