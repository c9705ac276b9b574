package cli_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/creack/pty"
	"golang.org/x/term"

	"github.com/strongroom/strongroom/mfa"
)

// patience is how long a program may take to answer on a busy machine.
const patience = 30 * time.Second

// session is the program on a terminal with somebody who reads and types.
type session struct {
	t      *testing.T
	cmd    *exec.Cmd
	screen *os.File // the terminal's other end
	tty    *os.File
	heard  chan string
	seen   string // everything that stood on the screen
	read   int    // how far expect came
}

func (w *world) onTerminal(t *testing.T, args ...string) *session {
	t.Helper()
	screen, tty, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	s := &session{t: t, screen: screen, tty: tty, heard: make(chan string, 64)}
	s.cmd = exec.Command("strongroom", args...)
	s.cmd.Env = w.environ()
	s.cmd.Stdin, s.cmd.Stdout, s.cmd.Stderr = tty, tty, tty
	ownTerminal(s.cmd)
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go s.listen()
	t.Cleanup(func() {
		_ = s.cmd.Process.Kill() // it is gone, unless the test failed
		tty.Close()
		screen.Close()
	})
	return s
}

func (s *session) listen() {
	b := make([]byte, 4096)
	for {
		n, err := s.screen.Read(b)
		if n > 0 {
			s.heard <- string(b[:n])
		}
		if err != nil {
			close(s.heard)
			return
		}
	}
}

// expect waits until the text stands on the screen behind what was expected
// before.
func (s *session) expect(text string) {
	s.t.Helper()
	deadline := time.After(patience)
	for {
		if at := strings.Index(s.seen[s.read:], text); at >= 0 {
			s.read += at + len(text)
			return
		}
		select {
		case more := <-s.heard:
			s.seen += more
		case <-deadline:
			s.t.Fatalf("waited for %q; the screen shows\n%s", text, s.seen)
		}
	}
}

func (s *session) types(text string) {
	s.t.Helper()
	if _, err := s.screen.WriteString(text); err != nil {
		s.t.Fatal(err)
	}
}

// ends waits for the program's end and gives its exit code.
func (s *session) ends() int {
	s.t.Helper()
	done := make(chan error, 1)
	go func() { done <- s.cmd.Wait() }()
	deadline := time.After(patience)
	for {
		select {
		case <-done:
			return s.cmd.ProcessState.ExitCode()
		case more := <-s.heard:
			s.seen += more
		case <-deadline:
			s.t.Fatalf("the program does not end; the screen shows\n%s", s.seen)
		}
	}
}

func (s *session) neverShowed(text string) {
	s.t.Helper()
	if strings.Contains(s.seen, text) {
		s.t.Errorf("%q stood on the screen:\n%s", text, s.seen)
	}
}

// signIn signs in on the terminal.
func (w *world) signInOnTerminal(t *testing.T, name string) {
	t.Helper()
	must(t, w.pass(mfa.Period))
	code, err := w.code(name, w.now)
	must(t, err)
	s := w.onTerminal(t, "login", name)
	s.expect("Password: ")
	s.types(password(name) + "\n")
	s.expect("One-time code: ")
	s.types(code + "\n")
	s.expect("signed in")
	if code := s.ends(); code != 0 {
		t.Fatalf("exit code %d", code)
	}
	s.neverShowed(password(name))
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// What is typed as a secret's value stands on no screen, and a typing error is
// noticed because it is asked for twice.
func TestAValueIsTypedTwiceWithoutEcho(t *testing.T) {
	w := newWorld(t)
	w.signInOnTerminal(t, sam)
	set := []string{"secret", "set", "--vault-name", "payments-dev", "-n", "typed"}

	s := w.onTerminal(t, set...)
	s.expect("Value: ")
	s.types("cinnamon\n")
	s.expect("Again: ")
	s.types("cinamon\n")
	s.expect("the two are not the same")
	if code := s.ends(); code != 2 {
		t.Errorf("exit code %d", code)
	}

	s = w.onTerminal(t, set...)
	s.expect("Value: ")
	s.types("cinnamon\n")
	s.expect("Again: ")
	s.types("cinnamon\n")
	s.expect("enabled")
	if code := s.ends(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	s.neverShowed("cinnamon")

	s = w.onTerminal(t, "secret", "show", "--vault-name", "payments-dev", "-n", "typed", "--value-only")
	s.expect("cinnamon\r\n")
	s.ends()
}

// Attack: a value holds escape sequences that would drive the terminal of
// whoever looks at it.
func TestAValueDoesNotDriveTheTerminal(t *testing.T) {
	w := newWorld(t)
	must(t, w.signIn(sam))
	must(t, w.json(nil, "\x1b]52;c;ZXZpbA==\a\u009b2J", "secret", "set", "--vault-name", "payments-dev", "-n", "evil"))
	for _, how := range [][]string{{}, {"--value-only"}, {"--json"}} {
		s := w.onTerminal(t, append([]string{"secret", "show", "--vault-name", "payments-dev", "-n", "evil"}, how...)...)
		s.ends()
		s.neverShowed("\x1b]52")
		s.neverShowed("\u009b")
	}
}

// What cannot be undone is done on a terminal only when the name was typed.
func TestWhatCannotBeUndoneAsksForTheName(t *testing.T) {
	w := newWorld(t)
	must(t, w.signIn(sam))
	must(t, w.json(nil, "nutmeg", "secret", "set", "--vault-name", "payments-dev", "-n", "token"))
	must(t, w.json(nil, "", "secret", "delete", "--vault-name", "payments-dev", "-n", "token"))
	must(t, w.signIn(olivia))
	for _, c := range []struct {
		typed, shows string
		code         int
		args         []string
	}{
		{"tokem", "nothing was done", 2, []string{"secret", "purge", "--vault-name", "payments-dev", "-n", "token"}},
		{"", "nothing was done", 2, []string{"secret", "purge", "--vault-name", "payments-dev", "-n", "token"}},
		{"Token", "token is purged", 0, []string{"secret", "purge", "--vault-name", "payments-dev", "-n", "token"}},
		{"yes", "nothing was done", 2, []string{"vault", "update", "-n", "payments-dev", "--enable-purge-protection", "true"}},
		{"payments-dev", "purge protection", 0, []string{"vault", "update", "-n", "payments-dev", "--enable-purge-protection", "true"}},
	} {
		s := w.onTerminal(t, c.args...)
		s.expect(" to go on: ")
		s.types(c.typed + "\n")
		s.expect(c.shows)
		if code := s.ends(); code != c.code {
			t.Errorf("%s, answered with %q: exit code %d", strings.Join(c.args, " "), c.typed, code)
		}
	}
}

// A first sign-in on a terminal: enrolment code, a new password, the second
// factor as QR code and text, a typing error in its first code, and the
// recovery codes.
func TestAFirstSignInOnATerminal(t *testing.T) {
	w := newWorld(t)
	must(t, w.signIn(olivia))
	var invited struct{ EnrolmentCode string }
	must(t, w.json(&invited, "", "person", "create", "--name", "eve"))

	s := w.onTerminal(t, "login", "eve", "--enrol")
	s.expect("Enrolment code: ")
	s.types(strings.ToLower(invited.EnrolmentCode) + "\n")
	s.expect("New password, at least 12 characters: ")
	s.types(password("eve") + "\n")
	s.expect("Again: ")
	s.types(password("eve") + "\n")
	s.expect("▀")
	s.expect("secret")
	s.expect("otpauth://totp/")
	s.expect("Code that it shows now: ")
	s.types("000000\n")
	s.expect("does not fit")
	w.seeds = map[string]string{"eve": groups(t, s.seen)}
	code, err := w.code("eve", w.now)
	must(t, err)
	s.expect("Code that it shows now: ")
	s.types(code + "\n")
	s.expect("recovery code")
	s.expect("strongroom login eve")
	if code := s.ends(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	s.neverShowed(password("eve"))
	w.signInOnTerminal(t, "eve")

	// The enrolment code opened its one door once.
	s = w.onTerminal(t, "login", "eve", "--enrol")
	s.expect("Enrolment code: ")
	s.types(invited.EnrolmentCode + "\n")
	s.expect("characters: ")
	s.types(password("eve") + "\n")
	s.expect("Again: ")
	s.types(password("eve") + "\n")
	s.expect("the sign-in failed")
	if code := s.ends(); code != 3 {
		t.Errorf("exit code %d", code)
	}
}

// groups finds the second factor's secret on the screen, as a person types it
// off.
func groups(t *testing.T, screen string) string {
	t.Helper()
	for line := range strings.Lines(screen) {
		if rest, ok := strings.CutPrefix(line, "secret "); ok {
			return strings.Join(strings.Fields(rest), "")
		}
	}
	t.Fatalf("there is no secret on the screen:\n%s", screen)
	return ""
}

// Somebody presses ctrl+c at the password prompt: the terminal shows again
// what is typed, and the log knows nothing.
func TestAnInterruptedPromptGivesTheTerminalBack(t *testing.T) {
	w := newWorld(t)
	s := w.onTerminal(t, "login", olivia)
	before, err := term.GetState(int(s.tty.Fd()))
	must(t, err)
	s.expect("Password: ")
	waitFor(t, func() bool { now, err := term.GetState(int(s.tty.Fd())); return err == nil && *now != *before })
	s.types("\x03")
	s.expect("the command was interrupted")
	if code := s.ends(); code != 1 {
		t.Errorf("exit code %d", code)
	}
	after, err := term.GetState(int(s.tty.Fd()))
	must(t, err)
	if *after != *before {
		t.Error("the terminal still hides what is typed")
	}
}

func waitFor(t *testing.T, holds func() bool) {
	t.Helper()
	deadline := time.Now().Add(patience)
	for !holds() {
		if time.Now().After(deadline) {
			t.Fatal("waited too long")
		}
		time.Sleep(time.Millisecond)
	}
}

// On a terminal the program alone opens the console, unless the terminal cannot
// show one; with no installation it says how to begin.
func TestTheConsoleOpensOnATerminal(t *testing.T) {
	w := newWorld(t)
	s := w.onTerminal(t)
	s.expect("console of ")
	s.expect("0 demo people")
	if code := s.ends(); code != 0 {
		t.Errorf("exit code %d", code)
	}

	s = w.onTerminal(t, "--home", filepath.Join(w.dir, "empty"))
	s.expect("there is no installation in")
	s.expect("strongroom init makes one, strongroom demo one to play with")
	s.ends()

	s = w.onTerminal(t, "demo", "--dir", filepath.Join(w.dir, "demo"))
	s.expect("3 demo people")
	s.ends()
	s = w.onTerminal(t, "--home", filepath.Join(w.dir, "demo"))
	s.expect("3 demo people")
	s.ends()

	w.term = "dumb"
	s = w.onTerminal(t, "console")
	s.expect("strongroom: the console needs a terminal")
	if code := s.ends(); code != 2 {
		t.Errorf("exit code %d", code)
	}
}
