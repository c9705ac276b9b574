package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"

	"github.com/strongroom/strongroom/audit"
	"github.com/strongroom/strongroom/internal/fault"
)

// view is an answer for people: a table with a head, or, without one, pairs
// of name and value.
type view struct {
	head []string
	rows [][]string
}

func (v *view) add(cells ...string) { v.rows = append(v.rows, cells) }

// addSet adds a pair unless the value is empty.
func (v *view) addSet(name, value string) {
	if value != "" {
		v.add(name, value)
	}
}

// print prints an answer: as JSON when that was asked for, else as a view.
func (a *app) print(answer any, v view) error {
	if a.json {
		return a.printJSON(answer)
	}
	return a.printView(v)
}

func (a *app) printView(v view) error {
	rows := v.rows
	if v.head != nil {
		rows = append([][]string{v.head}, rows...)
	}
	_, err := a.sys.Stdout.Write([]byte(aligned(rows)))
	return written(err)
}

// aligned sets rows in columns two spaces apart. Cells are made fit for a
// terminal here and nowhere else.
func aligned(rows [][]string) string {
	var widths []int
	clean := make([][]string, len(rows))
	for i, row := range rows {
		for j, cell := range row {
			cell = line(cell)
			clean[i] = append(clean[i], cell)
			if j == len(widths) {
				widths = append(widths, 0)
			}
			widths[j] = max(widths[j], ansi.StringWidth(cell))
		}
	}
	var b strings.Builder
	for _, row := range clean {
		var out strings.Builder
		for j, cell := range row {
			out.WriteString(cell)
			out.WriteString(strings.Repeat(" ", widths[j]-ansi.StringWidth(cell)+2))
		}
		b.WriteString(strings.TrimRight(out.String(), " "))
		b.WriteByte('\n')
	}
	return b.String()
}

// printJSON prints indented JSON. Characters that could drive a terminal are
// escaped, which changes nothing for a reader of JSON.
func (a *app) printJSON(answer any) error {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(answer); err != nil {
		return fmt.Errorf("encode the answer: %w", err)
	}
	defer clear(b.Bytes())
	_, err := a.sys.Stdout.Write(harmless(b.Bytes()))
	return written(err)
}

// harmless escapes in JSON what is not ASCII and controls or reorders text.
// Such a character stands inside a string: JSON has no other place for it.
func harmless(text []byte) []byte {
	bad := func(r rune) bool {
		return r > unicode.MaxASCII && (unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == '\u2028' || r == '\u2029') || r == 0x7f
	}
	if bytes.IndexFunc(text, bad) < 0 {
		return text
	}
	out := make([]byte, 0, len(text)+16)
	for len(text) > 0 {
		r, n := utf8.DecodeRune(text)
		if bad(r) {
			out = fmt.Appendf(out, `\u%04x`, r)
		} else {
			out = append(out, text[:n]...)
		}
		text = text[n:]
	}
	return out
}

// printRaw prints bytes as they are.
func (a *app) printRaw(b []byte) error {
	_, err := a.sys.Stdout.Write(b)
	return written(err)
}

// say prints a line for people, and nothing with --json.
func (a *app) say(format string, values ...any) error {
	if a.json {
		return nil
	}
	_, err := fmt.Fprintln(a.sys.Stdout, line(fmt.Sprintf(format, values...)))
	return written(err)
}

func written(err error) error {
	if err == nil {
		return nil
	}
	return fault.Wrap(err, fault.Unavailable, "the answer cannot be written", "check where standard output goes")
}

// line makes any text one line without control characters.
func line(s string) string { return audit.Line(s, maxTerminalLine) }

func quote(s string) string { return `"` + audit.Line(s, audit.MaxToken) + `"` }

// stamp is a moment for people; empty for none.
func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02 15:04:05Z")
}

// seconds is a moment as Azure's REST bodies have it; nil for none.
func seconds(t time.Time) *int64 {
	if t.IsZero() {
		return nil
	}
	n := t.Unix()
	return &n
}

// moment is a moment in RFC 3339; nil for none.
func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC().Truncate(time.Second)
	return &t
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}
