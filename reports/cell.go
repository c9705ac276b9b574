package reports

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Cell is one value. The zero Cell is empty.
type Cell struct {
	text   string
	number bool
	full   bool
}

// Text makes a cell of text; an empty text is an empty cell. Characters that
// do not print are shown by their code point.
func Text(s string) Cell { return Cell{text: Clean(s), full: s != ""} }

// Number makes a cell of a whole number.
func Number(n int64) Cell { return Cell{text: strconv.FormatInt(n, 10), number: true, full: true} }

// Time makes a cell of a moment; a zero time is an empty cell.
func Time(t time.Time) Cell {
	if t.IsZero() {
		return Cell{}
	}
	return Cell{text: stamp(t), full: true}
}

// IsEmpty reports whether the cell holds nothing.
func (c Cell) IsEmpty() bool { return !c.full }

// String gives the cell as text, "" for an empty one.
func (c Cell) String() string { return c.text }

// MarshalJSON gives a string, a number or null.
func (c Cell) MarshalJSON() ([]byte, error) {
	switch {
	case !c.full:
		return []byte("null"), nil
	case c.number:
		return []byte(c.text), nil
	default:
		return json.Marshal(c.text)
	}
}

// stamp writes a moment in UTC to the second.
func stamp(t time.Time) string { return t.UTC().Truncate(time.Second).Format(time.RFC3339) }

// Clean makes hostile text harmless in every format: a character that does not
// print (controls, terminal escapes, direction marks, bytes that are not
// UTF-8) is written as its code point, "[U+202E]", and what is longer than
// [maxText] characters is cut.
func Clean(s string) string {
	var b strings.Builder
	for i, n := 0, 0; i < len(s); n++ {
		if n == maxText {
			b.WriteString("…")
			break
		}
		r, width := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && width == 1:
			fmt.Fprintf(&b, "[0x%02X]", s[i])
		case !unicode.IsPrint(r):
			fmt.Fprintf(&b, "[U+%04X]", r)
		default:
			b.WriteRune(r)
		}
		i += width
	}
	return b.String()
}
