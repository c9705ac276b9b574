package views

import (
	"fmt"
	"strings"
	"time"
)

// Progress tells how far work in the background is.
type Progress struct {
	// Name is what is being done, in words: "Verifying the log".
	Name        string
	Done, Total int64 // Total 0 means unknown
	Started     time.Time
	Now         time.Time
}

// Remaining estimates the time left from the time taken; ok is false while
// there is too little to go by.
func (g Progress) Remaining() (left time.Duration, ok bool) {
	took := g.Now.Sub(g.Started)
	if g.Done <= 0 || g.Total <= 0 || took <= 0 {
		return 0, false
	}
	return time.Duration(float64(took) * float64(g.Total-g.Done) / float64(g.Done)), true
}

// Line draws the progress in one line of at most w cells.
func (g Progress) Line(p Paint, w int) string {
	text := clean(g.Name)
	if g.Total <= 0 {
		return fit(text+" …", w)
	}
	tail := fmt.Sprintf(" %3d%%", g.Done*100/g.Total)
	if left, ok := g.Remaining(); ok {
		tail += "  " + shortDuration(left) + " left"
	}
	bar := max(6, min(30, w-width(text)-width(tail)-24))
	return fit(text+"  "+barOf(p, Accent, g.Done, g.Total, bar)+tail+p.Text(Muted, "  ^X stops"), w)
}

// barOf draws a bar of w cells, of which done of total are filled. It reads
// the same without colour.
func barOf(p Paint, tone Tone, done, total int64, w int) string {
	if total <= 0 {
		return strings.Repeat("░", w)
	}
	n := int(min(max(done, 0), total) * int64(w) / total)
	return p.Text(tone, strings.Repeat("█", n)) + p.Text(Muted, strings.Repeat("░", w-n))
}

// shortDuration writes a duration for a glance: 4:05, 1:02:03, 12 days.
func shortDuration(d time.Duration) string {
	d = max(0, d).Round(time.Second)
	switch {
	case d >= 48*time.Hour:
		return fmt.Sprintf("%d days", d/(24*time.Hour))
	case d >= time.Hour:
		return fmt.Sprintf("%d:%02d:%02d", d/time.Hour, d%time.Hour/time.Minute, d%time.Minute/time.Second)
	default:
		return fmt.Sprintf("%d:%02d", d/time.Minute, d%time.Minute/time.Second)
	}
}
