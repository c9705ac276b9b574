package tui

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/vt"
)

// terminal is an emulator that the real program draws on.
type terminal struct {
	t     testing.TB
	keys  *io.PipeWriter
	ended chan error

	mu    sync.Mutex
	em    *vt.Emulator
	title string
	bytes bytes.Buffer // everything that was written
}

// patience of a test that waits for a frame: far more than a frame takes.
const frameLimit = 20 * time.Second

// start runs the program over a console's configuration.
func start(t testing.TB, c Config) *terminal {
	t.Helper()
	in, keys := io.Pipe()
	term := &terminal{t: t, keys: keys, em: vt.NewEmulator(80, 24), ended: make(chan error, 1)}
	term.em.SetCallbacks(vt.Callbacks{Title: func(s string) { term.title = s }})
	// Without a terminal's line discipline a bare line feed has to return
	// the carriage as well: LNM.
	_, err := term.em.Write([]byte("\x1b[20h"))
	must(t, err)
	go func() { _, _ = io.Copy(io.Discard, term.em) }() // its answers to questions; nobody asked
	c.In, c.Out = in, term
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		term.ended <- Run(ctx, c, tea.WithWindowSize(80, 24),
			tea.WithEnvironment([]string{"TERM=xterm-256color"}), tea.WithColorProfile(colorprofile.ANSI), tea.WithoutSignalHandler())
	}()
	t.Cleanup(func() {
		cancel()
		_ = keys.Close()
	})
	return term
}

// Write takes what the program draws.
func (term *terminal) Write(b []byte) (int, error) {
	term.mu.Lock()
	defer term.mu.Unlock()
	term.bytes.Write(b)
	return term.em.Write(b)
}

func (term *terminal) screen() string {
	term.mu.Lock()
	defer term.mu.Unlock()
	return term.em.String()
}

// wrote reports whether the program ever wrote a text.
func (term *terminal) wrote(text string) bool {
	term.mu.Lock()
	defer term.mu.Unlock()
	return strings.Contains(term.bytes.String(), text)
}

func (term *terminal) press(keys string) *terminal {
	term.t.Helper()
	_, err := term.keys.Write([]byte(keys))
	must(term.t, err)
	return term
}

// until waits for something to come true; it looks, and does not guess how
// long that takes.
func (term *terminal) until(what string, is func() bool) *terminal {
	term.t.Helper()
	deadline := time.After(frameLimit)
	for !is() {
		select {
		case <-deadline:
			term.t.Fatalf("never %s:\n%s", what, term.screen())
		case <-time.After(5 * time.Millisecond):
		}
	}
	return term
}

func (term *terminal) see(text string) *terminal {
	term.t.Helper()
	return term.until("seen: "+text, func() bool { return strings.Contains(term.screen(), text) })
}

func (term *terminal) miss(text string) *terminal {
	term.t.Helper()
	return term.until("gone: "+text, func() bool { return !strings.Contains(term.screen(), text) })
}

func (term *terminal) end() error {
	term.t.Helper()
	select {
	case err := <-term.ended:
		return err
	case <-time.After(frameLimit):
		term.t.Fatal("the program does not end")
		return nil
	}
}

// The real program on a terminal: sign in, look at a secret, copy it, leave.
func TestTheProgramOnATerminal(t *testing.T) {
	w := furnished(t)
	w.next()
	term := start(t, Config{Gate: w.inst.Gate, Clock: w.clock.Now})
	term.see("Sign in").see("HSM ready")
	term.until("in the alternate screen", func() bool { return term.alternate() })
	term.until("titled", func() bool { return term.named() == windowTitle })

	term.press(sam).see("sam").press("\t" + password + "\t" + w.code(sam) + "\x13").see("pay-dev")
	term.press("\r").see("api-token").press("\r").see("••••")
	term.press("v").see(hidden).press("h").miss(hidden)
	term.press("c").see("Asked the terminal to copy")
	osc52 := "\x1b]52;c;" + base64.StdEncoding.EncodeToString([]byte(hidden))
	term.until("copied", func() bool { return term.wrote(osc52) })

	term.press("\x03")
	must(t, term.end())
	if !term.wrote("\x1b]52;c;\x07") && !term.wrote("\x1b]52;c;\x1b\\") {
		t.Error("the clipboard was not cleared at the end")
	}
	if term.alternate() {
		t.Error("the alternate screen was not left")
	}
	if got := term.screen(); strings.Contains(got, hidden) || strings.Contains(got, "api-token") {
		t.Errorf("the shell's screen shows what was there:\n%s", got)
	}
}

func (term *terminal) alternate() bool {
	term.mu.Lock()
	defer term.mu.Unlock()
	return term.em.IsAltScreen()
}

func (term *terminal) named() string {
	term.mu.Lock()
	defer term.mu.Unlock()
	return term.title
}

// A program that is stopped from outside ends without an error for the person,
// and ends the login session.
func TestAProgramThatIsStoppedEndsTheSession(t *testing.T) {
	w := furnished(t)
	w.next()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	c := Config{Gate: w.inst.Gate, Clock: w.clock.Now}
	m := New(ctx, c)
	b := newRobot(t, m, w.clock)
	w.enter(b, sam)
	s := m.session
	stop()
	must(t, ending(ctx, errors.Join(tea.ErrProgramKilled, ctx.Err())))
	must(t, m.close(ctx))
	if _, err := w.inst.Gate.ListVaults(t.Context(), s); err == nil {
		t.Error("the login session outlives the program")
	}
	must(t, m.close(ctx)) // again does no harm
}
