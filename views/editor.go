package views

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/strongroom/strongroom/internal/secret"
)

// maxTyped bounds what can be typed into one field, in runes; the largest
// secret has 25 KB.
const maxTyped = 26 * 1024

// editor is a text field whose text can be wiped: the inputs of bubbles keep
// copies that nobody can reach. It takes one line or several.
type editor struct {
	text   []rune
	pos    int
	masked bool
	lines  bool
}

// Update takes keys and pasted text, and reports whether the text changed.
func (e *editor) Update(msg tea.Msg) bool {
	switch msg := msg.(type) {
	case tea.PasteMsg:
		return e.insert(msg.Content)
	case tea.KeyPressMsg:
		if msg.Text != "" {
			return e.insert(msg.Text)
		}
		return e.command(msg.String())
	default:
		return false
	}
}

func (e *editor) command(k string) bool {
	switch k {
	case "left":
		e.pos = max(0, e.pos-1)
	case "right":
		e.pos = min(len(e.text), e.pos+1)
	case "home", "ctrl+a":
		e.pos = e.lineStart(e.pos)
	case "end", "ctrl+e":
		e.pos = e.lineEnd(e.pos)
	case "up", "down":
		e.vertical(k == "down")
	case "enter":
		return e.lines && e.insert("\n")
	case "backspace":
		return e.remove(e.pos-1, e.pos)
	case "delete":
		return e.remove(e.pos, e.pos+1)
	case "ctrl+u":
		return e.remove(e.lineStart(e.pos), e.pos)
	case "ctrl+k":
		return e.remove(e.pos, e.lineEnd(e.pos))
	case "ctrl+w":
		return e.remove(e.wordStart(), e.pos)
	}
	return false
}

// insert puts s at the cursor. Line ends are made "\n", or dropped in a field
// of one line; other control characters but tab are dropped.
func (e *editor) insert(s string) bool {
	in := make([]rune, 0, len(s))
	for _, r := range strings.ReplaceAll(s, "\r\n", "\n") {
		switch {
		case r == '\r' || r == '\n':
			if e.lines {
				in = append(in, '\n')
			}
		case r == '\t' && e.lines, !unicode.IsControl(r):
			in = append(in, r)
		}
	}
	in = in[:min(len(in), maxTyped-len(e.text))]
	if len(in) == 0 {
		return false
	}
	e.grow(len(in))
	e.text = slices.Insert(e.text, e.pos, in...)
	e.pos += len(in)
	clear(in)
	return true
}

// grow makes room, and wipes the memory that the text moved out of.
func (e *editor) grow(n int) {
	if len(e.text)+n <= cap(e.text) {
		return
	}
	bigger := make([]rune, len(e.text), max(256, 2*(len(e.text)+n)))
	copy(bigger, e.text)
	clear(e.text)
	e.text = bigger
}

func (e *editor) remove(from, to int) bool {
	from, to = max(0, from), min(to, len(e.text))
	if from >= to {
		return false
	}
	e.text = slices.Delete(e.text, from, to) // clears the tail
	e.pos = from
	return true
}

func (e *editor) lineStart(at int) int {
	for at > 0 && e.text[at-1] != '\n' {
		at--
	}
	return at
}

func (e *editor) lineEnd(at int) int {
	for at < len(e.text) && e.text[at] != '\n' {
		at++
	}
	return at
}

func (e *editor) wordStart() int {
	at := e.pos
	for at > 0 && unicode.IsSpace(e.text[at-1]) {
		at--
	}
	for at > 0 && !unicode.IsSpace(e.text[at-1]) {
		at--
	}
	return at
}

func (e *editor) vertical(down bool) {
	start := e.lineStart(e.pos)
	col := e.pos - start
	if down {
		if end := e.lineEnd(e.pos); end < len(e.text) {
			e.pos = min(end+1+col, e.lineEnd(end+1))
		}
		return
	}
	if start > 0 {
		above := e.lineStart(start - 1)
		e.pos = min(above+col, start-1)
	}
}

// row and rows say on which line the cursor is, and of how many.
func (e *editor) row() int  { return count(e.text[:e.pos]) }
func (e *editor) rows() int { return count(e.text) + 1 }

func count(text []rune) int {
	n := 0
	for _, r := range text {
		if r == '\n' {
			n++
		}
	}
	return n
}

func (e *editor) empty() bool { return len(e.text) == 0 }

// String gives the text, for fields that hold no secret.
func (e *editor) String() string { return string(e.text) }

// secret gives a copy of the text as a secret.
func (e *editor) secret() *secret.Bytes {
	b := make([]byte, 0, len(e.text)*utf8.UTFMax)
	for _, r := range e.text {
		b = utf8.AppendRune(b, r)
	}
	return secret.New(b)
}

// wipe overwrites and forgets the text.
func (e *editor) wipe() {
	clear(e.text[:cap(e.text)])
	e.text, e.pos = e.text[:0], 0
}

// set replaces the text.
func (e *editor) set(s string) {
	e.wipe()
	e.insert(s)
}

// line draws a field of one line, at most w cells, scrolled to the cursor.
func (e *editor) line(w int) string {
	s, _ := e.window(e.text, e.pos, w)
	return s
}

// window draws the part of one line around the cursor at pos, and says in
// which cell the cursor is.
func (e *editor) window(text []rune, pos, w int) (string, int) {
	if w < 1 {
		return "", 0
	}
	start, x := pos, 0
	for start > 0 {
		c := width(e.shown(text[start-1 : start]))
		if x+c >= w {
			break
		}
		start, x = start-1, x+c
	}
	s := e.shown(text[start:min(len(text), start+w)])
	return ansi.Truncate(s, w, ""), x
}

// shown is text as it may be seen.
func (e *editor) shown(text []rune) string {
	if e.masked {
		return strings.Repeat("•", len(text))
	}
	return clean(strings.ReplaceAll(string(text), "\t", " "))
}

// area draws a field of several lines in w x h cells and says where the
// cursor is in it.
func (e *editor) area(w, h int) (lines []string, x, y int) {
	first := max(0, e.row()-h+1)
	at := 0
	for n := 0; n < e.rows() && len(lines) < h; n++ {
		end := e.lineEnd(at)
		if n >= first {
			pos := 0
			if n == e.row() {
				pos = e.pos - at
			}
			s, cx := e.window(e.text[at:end], pos, w)
			if n == e.row() {
				x, y = cx, len(lines)
			}
			lines = append(lines, s)
		}
		at = end + 1
	}
	return lines, x, y
}
