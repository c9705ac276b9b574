package views

import (
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/strongroom/strongroom/roles"
)

// Tone is what a piece of text means. Meaning never rests on colour alone:
// words and marks carry it, and a tone only helps the eye.
type Tone uint8

// The tones.
const (
	Plain Tone = iota
	Muted
	Strong
	Accent
	Good
	Warning
	Danger
)

// Mode is how a terminal can show tones.
type Mode uint8

// The modes. Mono is for NO_COLOR: bold, faint and reverse only.
const (
	Dark Mode = iota
	Light
	Mono
)

// Theme turns tones into escape sequences. It uses the 16 colours that a
// person's own terminal theme defines and never sets a background for
// ordinary text, so that it looks right wherever the person's shell does.
type Theme struct {
	mode  Mode
	tones [Danger + 1]string
}

// NewTheme makes the theme for a mode.
func NewTheme(m Mode) *Theme {
	t := &Theme{mode: m}
	t.tones[Muted] = ansi.NewStyle().Faint().String()
	t.tones[Strong] = ansi.NewStyle().Bold().String()
	if m == Mono {
		t.tones[Accent] = ansi.NewStyle().Bold().String()
		t.tones[Warning] = ansi.NewStyle().Bold().String()
		t.tones[Danger] = ansi.NewStyle().Bold().Underline(true).String()
		return t
	}
	colours := map[Tone]ansi.BasicColor{Accent: ansi.BrightCyan, Good: ansi.BrightGreen, Warning: ansi.BrightYellow, Danger: ansi.BrightRed}
	if m == Light {
		// Yellow and the bright colours are unreadable on white.
		colours = map[Tone]ansi.BasicColor{Accent: ansi.Blue, Good: ansi.Green, Warning: ansi.Magenta, Danger: ansi.Red}
	}
	for tone, c := range colours {
		t.tones[tone] = ansi.NewStyle().ForegroundColor(c).String()
	}
	return t
}

// Mode gives the mode the theme was made for.
func (t *Theme) Mode() Mode { return t.mode }

const (
	resetSGR   = "\x1b[m"
	reverseSGR = "\x1b[7m"
	boldSGR    = "\x1b[1m"
)

// Text gives s in a tone.
func (t *Theme) Text(tone Tone, s string) string {
	on := t.tones[tone]
	if on == "" || s == "" {
		return s
	}
	return on + s + resetSGR
}

// Bold gives s in a tone and bold.
func (t *Theme) Bold(tone Tone, s string) string {
	if s == "" {
		return s
	}
	return t.tones[tone] + boldSGR + s + resetSGR
}

// Reverse gives s with text and background exchanged, in a tone: the mark of
// what is selected.
func (t *Theme) Reverse(tone Tone, s string) string {
	if s == "" {
		return s
	}
	return t.tones[tone] + reverseSGR + s + resetSGR
}

// Badge names an environment as colour and as word. Prod stands in capitals
// between solid blocks, so that it is unmistakable without colour too.
func (t *Theme) Badge(e roles.Environment) string {
	switch e {
	case "":
		return ""
	case roles.Prod:
		return t.Bold(Danger, "█") + t.Reverse(Danger, boldSGR+" PROD ") + t.Bold(Danger, "█")
	case roles.Staging, roles.UAT:
		return t.Bold(Warning, "["+string(e)+"]")
	default:
		return t.Text(Good, "["+string(e)+"]")
	}
}

// Paint is what a frame is drawn with: the theme, and the moment it shows.
type Paint struct {
	*Theme
	Now time.Time
}
