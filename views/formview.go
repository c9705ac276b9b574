package views

import (
	"strings"

	"github.com/charmbracelet/x/ansi"

	"github.com/strongroom/strongroom/internal/fault"
)

// labels is the width of the column of labels.
const labels = 18

func (f *Form) fieldWidth() int { return max(10, min(72, f.w-labels-4)) }

// View draws the form as lines and remembers where the text cursor is.
func (f *Form) View(p Paint) []string {
	var lines []string
	if f.err != nil {
		lines = append(problemLines(p, f.err, f.w-2), "")
	}
	f.cursor.shown = false
	focusAt := 0
	current := f.current()
	for _, in := range f.visible() {
		in.now = p.Now
		if in == current {
			focusAt = len(lines)
		}
		lines = append(lines, f.field(p, in, in == current, len(lines))...)
	}
	return f.scroll(lines, focusAt)
}

// scroll cuts the lines to the form's height so that the focus is in view.
func (f *Form) scroll(lines []string, focusAt int) []string {
	if f.h <= 0 || len(lines) <= f.h {
		return lines
	}
	from := max(0, min(focusAt-f.h/2, len(lines)-f.h))
	f.cursor.y -= from
	return lines[from : from+f.h]
}

// Cursor gives the text cursor's cell, counted from the form's top left.
func (f *Form) Cursor() (x, y int, shown bool) {
	return f.cursor.x, f.cursor.y, f.cursor.shown
}

// field draws one field with its hint or error below; at is its first line.
func (f *Form) field(p Paint, in *input, focused bool, at int) []string {
	mark := "  "
	label := in.Label
	if in.Required {
		label += " *"
	}
	label = fit(label, labels)
	if focused {
		mark = p.Bold(Accent, "› ")
		label = p.Bold(Accent, label)
	}
	body := f.body(p, in, focused, at)
	lines := make([]string, 0, len(body)+1)
	for i, l := range body {
		if i == 0 {
			lines = append(lines, mark+label+l)
		} else {
			lines = append(lines, blank(2+labels)+l)
		}
	}
	return append(lines, f.below(p, in, focused)...)
}

// below is the error, else the hint of the field that has the focus.
func (f *Form) below(p Paint, in *input, focused bool) []string {
	var lines []string
	w := f.w - labels - 4
	if err := in.shownProblem(); err != nil {
		text := fault.Problem(err)
		if h := fault.Hint(err); h != "" {
			text += ": " + h
		}
		for i, l := range wrap(clean(text), w-2) {
			mark := "  "
			if i == 0 {
				mark = "✗ "
			}
			lines = append(lines, blank(2+labels)+p.Text(Danger, mark+l))
		}
		return lines
	}
	if in.Says != nil {
		for _, l := range wrap(clean(in.Says(f)), w) {
			lines = append(lines, blank(2+labels)+p.Text(Plain, l))
		}
	}
	if focused {
		for _, l := range wrap(in.Hint, w) {
			lines = append(lines, blank(2+labels)+p.Text(Muted, l))
		}
	}
	return lines
}

// body draws what is filled in.
func (f *Form) body(p Paint, in *input, focused bool, at int) []string {
	switch in.Kind {
	case CheckField:
		box := "[ ] no"
		if in.checked {
			box = "[x] yes"
		}
		return []string{f.plain(p, box, focused)}
	case ChoiceField:
		return []string{f.choice(p, in, focused)}
	case PasswordField, ValueField, AreaField:
		return f.edited(p, in, focused, at)
	default:
		return []string{f.text(p, in, focused, at)}
	}
}

func (f *Form) plain(p Paint, s string, focused bool) string {
	if focused {
		return p.Reverse(Plain, s)
	}
	return s
}

func (f *Form) choice(p Paint, in *input, focused bool) string {
	o, some := in.chosen()
	label := clean(o.Label)
	switch {
	case len(in.Options) == 0:
		return p.Text(Muted, "nothing to choose from")
	case !some:
		label = "choose…"
	}
	if !focused {
		return "  " + label
	}
	line := p.Text(Accent, "‹ ") + p.Reverse(Plain, label) + p.Text(Accent, " ›")
	if in.rest(); in.missed() {
		line += p.Text(Warning, "  nothing begins with “"+clean(in.word)+"”")
	}
	return line
}

func (f *Form) text(p Paint, in *input, focused bool, at int) string {
	w := f.fieldWidth()
	if focused {
		f.place(2+labels+in.cursorCell(w), at)
	}
	shown := clean(strings.TrimRight(ansi.Strip(in.text.View()), " "))
	if s := in.suggestion(); focused && s != "" {
		shown += p.Text(Muted, clean(s[len(in.text.Value()):])+"  (→ takes it)")
	}
	return ansi.Truncate(shown, w, "…") + p.Text(Muted, underline(w-width(shown)))
}

// underline shows where a field is, without a background colour.
func underline(n int) string { return strings.Repeat("_", max(0, n)) }

func (f *Form) edited(p Paint, in *input, focused bool, at int) []string {
	rows := 1
	if in.multiline() {
		rows = max(3, in.Rows)
	}
	w := f.fieldWidth()
	lines, x, y := in.edit.area(w, rows)
	if focused {
		f.place(2+labels+x, at+y)
	}
	for len(lines) < rows {
		lines = append(lines, "")
	}
	for i := range lines {
		lines[i] += p.Text(Muted, underline(w-width(lines[i])))
	}
	return lines
}

func (f *Form) place(x, y int) { f.cursor.x, f.cursor.y, f.cursor.shown = x, y, true }
