package audit

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// isToken reports whether s is printable ASCII without a space, of at most
// limit bytes. The empty string is a token.
func isToken(s string, limit int) bool {
	if len(s) > limit {
		return false
	}
	for i := range len(s) {
		if s[i] <= ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// isText reports whether s is UTF-8 of at most limit bytes that prints on one
// line and in reading order.
func isText(s string, limit int) bool {
	if len(s) > limit {
		return false
	}
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return isWideText(s)
		}
	}
	return true
}

func isWideText(s string) bool {
	if !utf8.ValidString(s) {
		return false
	}
	return strings.IndexFunc(s, breaksLine) < 0
}

// breaksLine reports whether r could end a line, drive a terminal, or reorder
// the text around it (Unicode Bidi_Control), so that what is read is not what
// was written.
func breaksLine(r rune) bool {
	return unicode.IsControl(r) || r == '\u2028' || r == '\u2029' || unicode.Is(unicode.Bidi_Control, r)
}

// Line makes any string fit for a field of a [Draft]: bytes that are not
// UTF-8 and signs that would break the line become visible escapes such as
// \x1b or \u202e, and what exceeds limit bytes is cut and ends in "…". The
// gate uses it for names that strangers typed, so that a refused act can
// always be logged.
func Line(s string, limit int) string {
	var b strings.Builder
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		piece := s[i : i+n]
		switch {
		case r == utf8.RuneError && n == 1, r < utf8.RuneSelf && breaksLine(r):
			piece = fmt.Sprintf(`\x%02x`, s[i])
		case breaksLine(r):
			piece = fmt.Sprintf(`\u%04x`, r)
		}
		if b.Len()+len(piece) > limit {
			return ellipsis(b.String(), limit)
		}
		b.WriteString(piece)
		i += n
	}
	return b.String()
}

// ellipsis ends s in "…" within limit bytes, without splitting a rune.
func ellipsis(s string, limit int) string {
	const mark = "…"
	if limit < len(mark) {
		return ""
	}
	for len(s)+len(mark) > limit {
		_, n := utf8.DecodeLastRuneInString(s)
		s = s[:len(s)-n]
	}
	return s + mark
}
