package views

import (
	"strconv"
	"strings"
	"unicode"

	"github.com/charmbracelet/x/ansi"
)

// clean makes text from outside harmless in a terminal: control characters
// and the marks that turn the direction of writing become '·', so that a name
// can neither move the cursor nor pass for another name.
func clean(s string) string {
	if isPlainASCII(s) {
		return s
	}
	return strings.Map(func(r rune) rune {
		if r == unicode.ReplacementChar || unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Zl, r) || unicode.Is(unicode.Zp, r) {
			return '·'
		}
		return r
	}, s)
}

func isPlainASCII(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < 0x20 || s[i] > 0x7e {
			return false
		}
	}
	return true
}

// width is the number of display cells of s, escape sequences left out.
func width(s string) int {
	if isPlainASCII(s) {
		return len(s)
	}
	return ansi.StringWidth(s)
}

// fit cuts or fills s to exactly w cells.
func fit(s string, w int) string {
	if w <= 0 {
		return ""
	}
	n := width(s)
	if n > w {
		s = ansi.Truncate(s, w, "…")
		n = width(s)
	}
	return s + blank(w-n)
}

// fitRight is [fit] with the text at the right edge.
func fitRight(s string, w int) string {
	if n := width(s); n < w {
		return blank(w-n) + s
	}
	return fit(s, w)
}

const blanks = "                                                                                                                                "

func blank(n int) string {
	switch {
	case n <= 0:
		return ""
	case n <= len(blanks):
		return blanks[:n]
	default:
		return strings.Repeat(" ", n)
	}
}

// wrap breaks s at spaces into lines of at most w cells.
func wrap(s string, w int) []string {
	if w < 1 || s == "" {
		return nil
	}
	return strings.Split(ansi.Wrap(s, w, ""), "\n")
}

// block makes a frame of exactly w x h cells out of lines: long ones are cut,
// missing ones are blank. Every screen's body passes through it.
func block(lines []string, w, h int) string {
	var b strings.Builder
	b.Grow((w + 1) * h)
	for i := range h {
		if i > 0 {
			b.WriteByte('\n')
		}
		line := ""
		if i < len(lines) {
			line = lines[i]
		}
		b.WriteString(fit(line, w))
	}
	return b.String()
}

// beside puts two columns of lines next to each other, the left one w cells
// wide, with gap blank cells between them.
func beside(left, right []string, w, gap int) []string {
	n := max(len(left), len(right))
	out := make([]string, n)
	for i := range out {
		l, r := "", ""
		if i < len(left) {
			l = left[i]
		}
		if i < len(right) {
			r = right[i]
		}
		out[i] = fit(l, w) + blank(gap) + r
	}
	return out
}

// spreadIn puts two texts at the ends of a line of w cells.
func spreadIn(left, right string, w int) string {
	return fit(left, w-width(right)) + right
}

func numeral(n int) string { return strconv.Itoa(n) }

// hardWrap breaks s into lines of at most w cells, anywhere: for values, of
// which every character counts.
func hardWrap(s string, w int) []string {
	return strings.Split(ansi.Hardwrap(s, max(1, w), true), "\n")
}
