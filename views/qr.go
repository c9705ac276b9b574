package views

import "strings"

// QR is a QR code: Side modules in a square, without a quiet zone.
type QR struct {
	Side  int
	Black func(x, y int) bool
}

// quiet is the blank rim around a code, in modules. The standard asks for
// four; one decodes in practice on a rim of the same colour, and four do not
// fit into 24 rows.
const quiet = 1

// Size is the code's size in cells: two modules stand in one cell, one above
// the other.
func (q QR) Size() (w, h int) {
	side := q.Side + 2*quiet
	return side, (side + 1) / 2
}

// Render draws the code in half blocks, always dark modules on light: light
// on dark does not scan on every reader. With colours that is forced by style;
// without, by inverting on a dark terminal.
func (q QR) Render(p Paint, darkTerminal bool) []string {
	const blackOnWhite = "\x1b[30;107m"
	forced := p.Mode() != Mono
	_, h := q.Size()
	lines := make([]string, h)
	for row := range lines {
		s := q.row(row, !forced && darkTerminal)
		if forced {
			s = blackOnWhite + s + resetSGR
		}
		lines[row] = s
	}
	return lines
}

// row draws two rows of modules; invert draws the light modules as ink.
func (q QR) row(row int, invert bool) string {
	var b strings.Builder
	for x := -quiet; x < q.Side+quiet; x++ {
		top, bottom := q.ink(x, 2*row-quiet, invert), q.ink(x, 2*row+1-quiet, invert)
		switch {
		case top && bottom:
			b.WriteString("█")
		case top:
			b.WriteString("▀")
		case bottom:
			b.WriteString("▄")
		default:
			b.WriteByte(' ')
		}
	}
	return b.String()
}

func (q QR) ink(x, y int, invert bool) bool {
	inside := x >= 0 && y >= 0 && x < q.Side && y < q.Side
	return (inside && q.Black(x, y)) != invert
}
