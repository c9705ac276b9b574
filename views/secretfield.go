package views

import (
	"strings"
	"time"
	"unicode/utf8"

	"github.com/strongroom/strongroom/internal/secret"
)

// RevealFor is how long a value stays on the screen.
const RevealFor = 30 * time.Second

// valuePanel is the part of a secret's screen where its value may be shown.
type valuePanel interface {
	// take shows a value that was asked for; the panel owns it.
	take(Revealed)
	// tick hides it when its time is over.
	tick(now time.Time)
	// hide wipes it.
	hide()
	showing() bool
	lines(p Paint, w, h int) []string
}

// withheld stands where somebody may not read the value. It has no field for
// one, so no slip can render it.
type withheld struct{ why string }

func (withheld) take(r Revealed) { r.Value.Wipe() }
func (withheld) tick(time.Time)  {}
func (withheld) hide()           {}
func (withheld) showing() bool   { return false }

func (v withheld) lines(p Paint, _, _ int) []string {
	return []string{p.Text(Muted, "not shown: "+clean(v.why))}
}

// masked shows a value when asked, for [RevealFor], with the time that is left.
type masked struct {
	value *secret.Bytes
	of    string // the version
	until time.Time
}

func (v *masked) take(r Revealed) {
	v.hide()
	v.value, v.of, v.until = r.Value, r.Ref.Version, r.Now.Add(RevealFor)
}

func (v *masked) tick(now time.Time) {
	if v.value != nil && !now.Before(v.until) {
		v.hide()
	}
}

func (v *masked) hide() {
	v.value.Wipe()
	v.value = nil
}

func (v *masked) showing() bool { return v.value != nil }

func (v *masked) lines(p Paint, w, h int) []string {
	// A frame drawn after the end shows nothing, whether or not a tick came.
	if v.value == nil || !p.Now.Before(v.until) {
		return []string{"••••••••••••" + p.Text(Muted, "   v reveals it for 30 s, c copies it")}
	}
	left := v.until.Sub(p.Now)
	out := []string{p.Bold(Warning, "hidden again in "+shortDuration(left)) + "  " +
		barOf(p, Warning, int64(left), int64(RevealFor), 15) + p.Text(Muted, "  h hides it now")}
	v.value.Reveal(func(b []byte) { out = append(out, valueLines(p, b, w, max(1, h-1))...) })
	return out
}

// valueLines writes a value in w x h cells; what is not text is shown as hex.
func valueLines(p Paint, b []byte, w, h int) []string {
	text := string(b)
	if !utf8.Valid(b) {
		text = hexDump(b)
	}
	var out []string
	for l := range strings.SplitSeq(strings.ReplaceAll(text, "\t", "    "), "\n") {
		out = append(out, hardWrap(clean(l), w)...)
	}
	if len(out) <= h {
		return out
	}
	more := len(out) - h + 1
	return append(out[:h-1], p.Text(Muted, "… "+numeral(more)+" more lines; a larger window shows them, c copies all"))
}

func hexDump(b []byte) string {
	const digits = "0123456789abcdef"
	var s strings.Builder
	for i, c := range b {
		if i > 0 {
			s.WriteByte(' ')
		}
		s.WriteByte(digits[c>>4])
		s.WriteByte(digits[c&15])
	}
	return s.String()
}
