package tui

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/strongroom/strongroom/internal/secret"
	"github.com/strongroom/strongroom/views"
)

// robot sits at the real model: it presses, types, lets time pass and looks.
// Commands run at once, one after the other; what waits for a time waits for
// the robot's clock.
type robot struct {
	t      testing.TB
	clock  *clock
	model  *Model
	timers []timer
	// held keeps the answers of commands back while it is set, as slow ones
	// would be.
	hold bool
	held []tea.Msg

	clipboard []string
	// lastValue is the value that the gate handed over last.
	lastValue *secret.Bytes

	gone, suspended bool
}

type timer struct {
	at  time.Time
	msg tea.Msg
}

// clock is held by the test.
type clock struct{ now time.Time }

func newClock() *clock { return &clock{time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)} }

func (c *clock) Now() time.Time { return c.now }

func newRobot(t testing.TB, m *Model, c *clock) *robot {
	b := &robot{t: t, clock: c, model: m}
	m.after = func(d time.Duration, msg tea.Msg) tea.Cmd {
		b.timers = append(b.timers, timer{c.now.Add(d), msg})
		return nil
	}
	b.carry(m.Init())
	b.send(tea.WindowSizeMsg{Width: 80, Height: 24})
	return b
}

// send hands a message to the model and carries out what it wants.
func (b *robot) send(msg tea.Msg) {
	_, cmd := b.model.Update(msg)
	b.carry(cmd)
}

func (b *robot) carry(cmd tea.Cmd) {
	if cmd == nil {
		return
	}
	msg := cmd()
	switch msg := msg.(type) {
	case nil:
	case tea.BatchMsg:
		for _, c := range msg {
			b.carry(c)
		}
	case tea.QuitMsg:
		b.gone = true
	case tea.SuspendMsg:
		b.suspended = true
	case answer:
		if r, ok := msg.msg.(views.Revealed); ok {
			b.lastValue = r.Value
		}
		if b.hold {
			b.held = append(b.held, msg)
			return
		}
		b.send(msg)
	default:
		b.internal(msg)
	}
}

// internal takes Bubble Tea's own messages, whose types are not exported.
func (b *robot) internal(msg tea.Msg) {
	v := reflect.ValueOf(msg)
	switch name := v.Type().Name(); {
	case name == "sequenceMsg":
		for i := range v.Len() {
			b.carry(v.Index(i).Interface().(tea.Cmd))
		}
	case name == "setClipboardMsg":
		b.clipboard = append(b.clipboard, v.String())
	case strings.HasPrefix(v.Type().PkgPath(), "charm.land/bubbletea"):
	default:
		b.send(msg)
	}
}

// Release lets the answers go that were held back.
func (b *robot) Release() *robot {
	held := b.held
	b.hold, b.held = false, nil
	for _, msg := range held {
		b.send(msg)
	}
	return b
}

// Wait lets time pass, tick by tick.
func (b *robot) Wait(d time.Duration) *robot {
	end := b.clock.now.Add(d)
	for {
		i := b.next(end)
		if i < 0 {
			b.clock.now = end
			return b
		}
		due := b.timers[i]
		b.timers = slices.Delete(b.timers, i, i+1)
		if due.at.After(b.clock.now) {
			b.clock.now = due.at
		}
		b.send(due.msg)
	}
}

// next finds the timer that is due first, before the end.
func (b *robot) next(end time.Time) int {
	first := -1
	for i, t := range b.timers {
		if !t.at.After(end) && (first < 0 || t.at.Before(b.timers[first].at)) {
			first = i
		}
	}
	return first
}

// Press presses keys by their names.
func (b *robot) Press(keys ...string) *robot {
	for _, k := range keys {
		b.send(keyPress(k))
	}
	return b
}

// Type types a text, letter by letter.
func (b *robot) Type(text string) *robot {
	for _, r := range text {
		b.send(tea.KeyPressMsg{Code: r, Text: string(r)})
	}
	return b
}

// Fill fills a form's fields one after the other, and leaves each by tab.
func (b *robot) Fill(texts ...string) *robot {
	for _, text := range texts {
		b.Type(text).Press("tab")
	}
	return b
}

var namedKeys = map[string]rune{
	"enter": tea.KeyEnter, "esc": tea.KeyEscape, "tab": tea.KeyTab, "up": tea.KeyUp, "down": tea.KeyDown, "left": tea.KeyLeft,
	"right": tea.KeyRight, "space": tea.KeySpace, "pgdown": tea.KeyPgDown, "pgup": tea.KeyPgUp, "backspace": tea.KeyBackspace,
}

func keyPress(name string) tea.KeyPressMsg {
	if name == "space" {
		return tea.KeyPressMsg{Code: tea.KeySpace, Text: " "}
	}
	if rest, ok := strings.CutPrefix(name, "ctrl+"); ok {
		return tea.KeyPressMsg{Code: rune(rest[0]), Mod: tea.ModCtrl}
	}
	if code, ok := namedKeys[name]; ok {
		return tea.KeyPressMsg{Code: code}
	}
	return tea.KeyPressMsg{Code: []rune(name)[0], Text: name}
}

// Screen gives what is seen, without styles.
func (b *robot) Screen() string { return ansi.Strip(b.model.View().Content) }

// See fails unless every text is on the screen.
func (b *robot) See(texts ...string) *robot {
	b.t.Helper()
	screen := b.Screen()
	for _, text := range texts {
		if !strings.Contains(screen, text) {
			b.t.Fatalf("%q is not on the screen:\n%s", text, screen)
		}
	}
	return b
}

// Miss fails when a text is on the screen.
func (b *robot) Miss(texts ...string) *robot {
	b.t.Helper()
	screen := b.Screen()
	for _, text := range texts {
		if strings.Contains(screen, text) {
			b.t.Fatalf("%q is on the screen:\n%s", text, screen)
		}
	}
	return b
}

// Line gives the first line that holds a text.
func (b *robot) Line(text string) string {
	b.t.Helper()
	for l := range strings.SplitSeq(b.Screen(), "\n") {
		if strings.Contains(l, text) {
			return l
		}
	}
	b.t.Fatalf("no line holds %q:\n%s", text, b.Screen())
	return ""
}

// Goto runs a command from the palette.
func (b *robot) Goto(command string) *robot {
	return b.Press(":").Type(command).Press("enter")
}

func (b *robot) String() string { return fmt.Sprintf("robot at %s", b.clock.now) }
