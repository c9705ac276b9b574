package views

import (
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"
)

// Located is a screen that shows something inside a vault; the header then
// names the vault and its environment.
type Located interface{ Vault() VaultRow }

// base is what every screen has: its size, what the role refuses, the last
// moment it was told, and the last error.
type base struct {
	w, h    int
	now     time.Time
	refused Refusals
	err     error
}

// common takes the messages that mean the same to every screen.
func (b *base) common(msg tea.Msg) {
	switch msg := msg.(type) {
	case Tick:
		b.now = msg.Now
	case RefusalsChanged:
		b.refused = msg.Refused
	case Failed:
		b.err = msg.Err
	}
}

// place is a vault, for screens inside one.
type place struct{ vault VaultRow }

// Vault says which vault the screen is in.
func (pl place) Vault() VaultRow { return pl.vault }

// says is the text of an empty list that never changes.
func says(lines ...string) func() []string { return func() []string { return lines } }

// factLines writes labels and values below each other, in w cells.
func factLines(p Paint, facts []Fact, w int) []string {
	label := 0
	for _, f := range facts {
		label = max(label, width(f.Label))
	}
	label = min(label, 20)
	var out []string
	for _, f := range facts {
		value := wrap(clean(f.Value), max(8, w-label-2))
		if len(value) == 0 {
			value = []string{"–"}
		}
		for i, l := range value {
			head := blank(label)
			if i == 0 {
				head = p.Text(Muted, fit(f.Label, label))
			}
			out = append(out, head+"  "+p.Text(f.Tone, l))
		}
	}
	return out
}

// heading is a line of its own above a part of a screen.
func heading(p Paint, s string) string { return p.Bold(Accent, s) }

// tabs draws names with one chosen; the chosen one stands in brackets too, so
// that it shows without colour.
func tabs(p Paint, names []string, chosen int) string {
	var b strings.Builder
	for i, n := range names {
		if i == chosen {
			b.WriteString(p.Reverse(Accent, "["+n+"]"))
		} else {
			b.WriteString(p.Text(Muted, " "+n+" "))
		}
		b.WriteByte(' ')
	}
	return b.String()
}

// indent puts n blank cells before every line.
func indent(lines []string, n int) []string {
	out := make([]string, len(lines))
	for i, l := range lines {
		out[i] = blank(n) + l
	}
	return out
}

// ago is a Fact's value for a moment: the date, and how far it is.
func ago(t, now time.Time) string {
	if t.IsZero() {
		return "–"
	}
	return moment(t) + " UTC (" + relative(t, now) + ")"
}
