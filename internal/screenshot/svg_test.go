package screenshot_test

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/strongroom/strongroom/internal/screenshot"
)

func TestSVGKeepsTextColourAndReverse(t *testing.T) {
	svg, err := screenshot.SVG("plain <&>\n\x1b[91mred\x1b[m \x1b[1mbold\x1b[m \x1b[7mturned\x1b[m", 20, 2, screenshot.DarkPalette())
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"plain &lt;&amp;&gt;", `fill="#ff7a85">red<`, `font-weight="bold">bold<`, `fill="#14171c">turned<`, `fill="#d4d7dd"/>`} {
		if !strings.Contains(svg, want) {
			t.Errorf("no %q in\n%s", want, svg)
		}
	}
	d := xml.NewDecoder(strings.NewReader(svg))
	for {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatalf("the picture is no XML: %v", err)
		}
	}
}

func TestAFullFrameKeepsItsFirstRow(t *testing.T) {
	svg, err := screenshot.SVG("first\nsecond\nthird\n", 10, 3, screenshot.DarkPalette())
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(svg, "first") || !strings.Contains(svg, "third") {
		t.Errorf("a row is missing:\n%s", svg)
	}
}
