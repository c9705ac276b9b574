package screenshot

import (
	"fmt"
	"html"
	"image/color"
	"strings"

	uv "github.com/charmbracelet/ultraviolet"
	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/vt"
)

// Palette is the colours of the terminal that the picture shows: the default
// text and background, and the 16 named colours.
type Palette struct {
	Text, Background string
	Named            [16]string
}

// DarkPalette is a dark terminal.
func DarkPalette() Palette {
	return Palette{
		Text: "#d4d7dd", Background: "#14171c",
		Named: [16]string{
			"#14171c", "#e06c75", "#98c379", "#d19a66", "#61afef", "#c678dd", "#56b6c2", "#d4d7dd",
			"#6b727d", "#ff7a85", "#a9d98a", "#f0c674", "#7cc0ff", "#d98cf0", "#6fd3e0", "#ffffff",
		},
	}
}

// The size of one cell and of the rim, in pixels.
const (
	cellWidth  = 9
	cellHeight = 19
	rim        = 14
)

// SVG draws a frame of w x h cells. The frame only draws: a sequence that asks
// the terminal something would wait for ever for its answer.
func SVG(frame string, w, h int, p Palette) (string, error) {
	em := vt.NewEmulator(w, h)
	// The emulator wants carriage returns; a line end after the last row
	// would scroll the first away.
	if _, err := em.WriteString(strings.ReplaceAll(strings.TrimSuffix(frame, "\n"), "\n", "\r\n")); err != nil {
		return "", err
	}
	var b strings.Builder
	pw, ph := w*cellWidth+2*rim, h*cellHeight+2*rim
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d" font-family="'JetBrains Mono','DejaVu Sans Mono',Menlo,Consolas,monospace" font-size="15">`+"\n", pw, ph, pw, ph)
	fmt.Fprintf(&b, `<rect width="%d" height="%d" rx="8" fill="%s"/>`+"\n", pw, ph, p.Background)
	for y := range h {
		row(&b, em, w, y, p)
	}
	b.WriteString("</svg>\n")
	return b.String(), nil
}

// run is neighbouring cells of one style.
type run struct {
	x, cells int
	text     string
	style    uv.Style
}

func row(b *strings.Builder, em *vt.Emulator, w, y int, p Palette) {
	var r run
	for x := 0; x < w; x++ {
		c := em.CellAt(x, y)
		if c == nil || c.Width == 0 {
			continue // the second half of a wide character
		}
		if r.cells > 0 && !c.Style.Equal(&r.style) {
			draw(b, r, y, p)
			r = run{x: x}
		}
		r.style = c.Style
		r.cells += c.Width
		r.text += c.Content
		if c.Content == "" {
			r.text += " "
		}
	}
	draw(b, r, y, p)
}

func draw(b *strings.Builder, r run, y int, p Palette) {
	fg, bg := p.hex(r.style.Fg, p.Text), p.hex(r.style.Bg, "")
	if r.style.Attrs&uv.AttrReverse != 0 {
		fg, bg = orElse(bg, p.Background), fg
	}
	x, top := rim+r.x*cellWidth, rim+y*cellHeight
	if bg != "" {
		fmt.Fprintf(b, `<rect x="%d" y="%d" width="%d" height="%d" fill="%s"/>`+"\n", x, top, r.cells*cellWidth, cellHeight, bg)
	}
	if strings.TrimSpace(r.text) == "" {
		return
	}
	fmt.Fprintf(b, `<text x="%d" y="%d" textLength="%d" xml:space="preserve" fill="%s"%s>%s</text>`+"\n",
		x, top+14, r.cells*cellWidth, fg, attributes(r.style), html.EscapeString(r.text))
}

func attributes(s uv.Style) string {
	out := ""
	if s.Attrs&uv.AttrBold != 0 {
		out += ` font-weight="bold"`
	}
	if s.Attrs&uv.AttrFaint != 0 {
		out += ` opacity="0.6"`
	}
	if s.Underline != 0 {
		out += ` text-decoration="underline"`
	}
	return out
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

func (p Palette) hex(c color.Color, none string) string {
	switch c := c.(type) {
	case nil:
		return none
	case ansi.BasicColor:
		return p.Named[c]
	default:
		r, g, b, _ := c.RGBA()
		return fmt.Sprintf("#%02x%02x%02x", r>>8, g>>8, b>>8)
	}
}
