package reports

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// Sizes of the charts, in units of the view box.
const (
	chartWidth = 640
	labelWidth = 168
	railX      = labelWidth + 10
	railWidth  = chartWidth - railX - 52
	chartTop   = 30
	rowHeight  = 28
	barText    = 14.5
	// minText is the least width of a segment that its number fits in.
	minText = 16
	// labelRunes is the most characters of a label beside a bar.
	labelRunes = 24
	// runeWidth is a guess at a character's width in the legend.
	runeWidth = 7
)

type (
	pageChart struct {
		ID, Title, Caption, Summary string

		Width, Height int
		Legend        []legendEntry
		Bars          []pageBar
	}
	legendEntry struct {
		Label    string
		Tone     Tone
		X, TextX int
	}
	pageBar struct {
		Label, Summary, Total, Y, TextY, TotalX string

		LabelX, RailX, RailWidth int
		Segments                 []segment
	}
	segment struct {
		Tone                             Tone
		Text, X, Y, Width, Middle, TextY string
	}
)

func pageChartOf(c Chart) pageChart {
	out := pageChart{ID: c.ID, Title: c.Title, Caption: c.Caption, Width: chartWidth, Height: chartTop + rowHeight*len(c.Bars)}
	x := 0
	for _, s := range c.Series {
		out.Legend = append(out.Legend, legendEntry{s.Label, s.Tone, x, x + 18})
		x += 18 + runeWidth*utf8.RuneCountInString(s.Label) + 20
	}
	largest := 0
	for _, b := range c.Bars {
		largest = max(largest, total(b))
	}
	var summaries []string
	for i, b := range c.Bars {
		bar := pageBarOf(c.Series, b, chartTop+rowHeight*i, largest)
		summaries = append(summaries, bar.Summary)
		out.Bars = append(out.Bars, bar)
	}
	out.Summary = strings.Join(summaries, "; ")
	return out
}

func pageBarOf(series []Series, b Bar, y, largest int) pageBar {
	bar := pageBar{
		Label: cut(b.Label), Summary: barSummary(series, b), Total: strconv.Itoa(total(b)),
		Y: strconv.Itoa(y), TextY: unit(float64(y) + barText),
		LabelX: labelWidth, RailX: railX, RailWidth: railWidth, TotalX: strconv.Itoa(railX + railWidth + 8),
	}
	x := float64(railX)
	for i, v := range b.Values {
		if v == 0 {
			continue
		}
		width := float64(railWidth) * float64(v) / float64(largest)
		s := segment{Tone: series[i].Tone, X: unit(x), Y: bar.Y, Width: unit(width), Middle: unit(x + width/2), TextY: bar.TextY}
		if text := strconv.Itoa(v); width >= float64(minText+runeWidth*(len(text)-1)) {
			s.Text = text
		}
		bar.Segments = append(bar.Segments, s)
		x += width
	}
	return bar
}

func total(b Bar) int {
	sum := 0
	for _, v := range b.Values {
		sum += v
	}
	return sum
}

// barSummary says in words what the bar shows, for those who do not see it.
func barSummary(series []Series, b Bar) string {
	var parts []string
	for i, v := range b.Values {
		if v > 0 {
			parts = append(parts, strconv.Itoa(v)+" "+series[i].Label)
		}
	}
	if parts == nil {
		return b.Label + ": none"
	}
	return b.Label + ": " + strings.Join(parts, ", ")
}

// unit writes a length with one decimal, enough for a screen and the same on
// every machine.
func unit(f float64) string { return strconv.FormatFloat(f, 'f', 1, 64) }

func cut(s string) string {
	if utf8.RuneCountInString(s) <= labelRunes {
		return s
	}
	return string([]rune(s)[:labelRunes-1]) + "…"
}
