package tui_test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// pane is a real terminal in tmux with the real program in it.
type pane struct {
	t      testing.TB
	socket string
	dir    string
}

const (
	// paneLimit is far more than a frame takes, on a busy computer too.
	paneLimit = 60 * time.Second
	look      = 40 * time.Millisecond
)

// program builds the real binary.
func program(t testing.TB) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "strongroom")
	out, err := exec.Command("go", "build", "-o", path, "github.com/strongroom/strongroom").CombinedOutput()
	if err != nil {
		t.Fatalf("the program does not build: %v\n%s", err, out)
	}
	return path
}

func newPane(t testing.TB, width, height int, command ...string) *pane {
	t.Helper()
	if _, err := exec.LookPath("tmux"); err != nil {
		t.Fatal("tmux is not installed; scripts/deps --test installs what the tests drive")
	}
	dir, err := os.MkdirTemp("", "sr") // a socket's path has to be short
	if err != nil {
		t.Fatal(err)
	}
	p := &pane{t: t, socket: filepath.Join(dir, "tmux"), dir: t.TempDir()}
	t.Cleanup(func() {
		_ = exec.Command("tmux", "-S", p.socket, "kill-server").Run() // it may have ended
		_ = os.RemoveAll(dir)
	})
	quoted := make([]string, len(command))
	for i, word := range command {
		quoted[i] = "'" + word + "'"
	}
	// The shell takes the program back after a suspension, and stays, so that
	// what the program leaves behind can be seen.
	shell := "set -m; " + strings.Join(quoted, " ") + "; echo suspended; read go; fg; echo ended with $?; exec sleep 600"
	p.tmux("-f", "/dev/null", "new-session", "-d", "-x", fmt.Sprint(width), "-y", fmt.Sprint(height), shell)
	return p
}

func (p *pane) tmux(args ...string) string {
	p.t.Helper()
	out, err := exec.Command("tmux", append([]string{"-S", p.socket}, args...)...).CombinedOutput()
	if err != nil {
		p.t.Fatalf("tmux %v: %v\n%s", args, err, out)
	}
	return string(out)
}

func (p *pane) screen() string { return p.tmux("capture-pane", "-p") }

// keys presses keys by tmux's names.
func (p *pane) keys(names ...string) *pane {
	p.t.Helper()
	p.tmux(append([]string{"send-keys"}, names...)...)
	return p
}

// text types a text as it is.
func (p *pane) text(text string) *pane {
	p.t.Helper()
	p.tmux("send-keys", "-l", text)
	return p.see(text)
}

func (p *pane) see(text string) *pane {
	p.t.Helper()
	return p.until("shows "+text, func(screen string) bool { return strings.Contains(screen, text) })
}

func (p *pane) miss(text string) *pane {
	p.t.Helper()
	return p.until("hides "+text, func(screen string) bool { return !strings.Contains(screen, text) })
}

// until looks at the screen until it is as it should be.
func (p *pane) until(what string, is func(screen string) bool) *pane {
	p.t.Helper()
	deadline := time.Now().Add(paneLimit)
	for screen := p.screen(); !is(screen); screen = p.screen() {
		if time.Now().After(deadline) {
			p.t.Fatalf("the terminal never %s:\n%s", what, screen)
		}
		time.Sleep(look)
	}
	return p
}

// clean fails when the screen or what scrolled off it holds a text.
func (p *pane) clean(texts ...string) {
	p.t.Helper()
	screen := p.tmux("capture-pane", "-p", "-S", "-")
	for _, text := range texts {
		if strings.Contains(screen, text) {
			p.t.Errorf("the scroll-back keeps %q:\n%s", text, screen)
		}
	}
}

// signIn fills in one of the demo's people with the code that is shown; a
// code that a sign-in used up makes it wait for the next.
func (p *pane) signIn(name string) *pane {
	p.t.Helper()
	for attempt := 0; ; attempt++ {
		for !strings.Contains(p.field("Name *"), name) {
			before := p.field("Name *")
			p.keys("C-d").until("fills in somebody else", func(string) bool { return p.field("Name *") != before })
		}
		p.keys("C-s").until("answers", func(s string) bool {
			return strings.Contains(s, name+" ·") || strings.Contains(s, "the sign-in failed")
		})
		if strings.Contains(p.screen(), name+" ·") {
			return p
		}
		if attempt == 3 {
			p.t.Fatalf("%s cannot sign in:\n%s", name, p.screen())
		}
		row := p.field("  " + name)
		p.until("shows the next code", func(string) bool { return code(p.field("  "+name)) != code(row) })
		p.keys("C-u") // the name is filled in anew, with the new code
		for range 3 {
			p.keys("C-d")
		}
	}
}

// code is the one-time code in a row of the demo's people.
func code(row string) string {
	fields := strings.Fields(row)
	if len(fields) < 3 {
		return ""
	}
	return strings.Join(fields[len(fields)-3:len(fields)-1], "")
}

// field gives the first line with a label.
func (p *pane) field(label string) string {
	for l := range strings.SplitSeq(p.screen(), "\n") {
		if strings.Contains(l, label) {
			return l
		}
	}
	return ""
}

// The whole main job once with the real program on a real terminal: a demo is
// made; a secret owner writes and reveals a secret, signs in the HSM; an
// auditor verifies the log and writes a report.
func TestTheMainJobInARealTerminal(t *testing.T) {
	binary := program(t)
	home := filepath.Join(t.TempDir(), "demo")
	report := filepath.Join(t.TempDir(), "access")
	p := newPane(t, 80, 24, binary, "demo", "--dir", home)

	p.see("Demo: nothing here is secret").signIn("sam").see("payments-prod")
	p.keys("Enter").see("[Secrets]").keys("n").see("New secret")
	p.text("from-the-terminal").keys("Tab", "Tab")
	p.tmux("send-keys", "-l", "seen for thirty seconds")
	p.keys("C-s").see("was made")
	p.keys("/").text("from-the").see("1 of 1").keys("Enter", "Enter").see("••••").keys("v").see("seen for thirty seconds")

	t.Log("A window that changes its size keeps what is shown; the shell gets none of it.")
	p.tmux("resize-window", "-x", "60", "-y", "20")
	p.see("needs a terminal of").miss("seen for thirty seconds")
	p.tmux("resize-window", "-x", "120", "-y", "40")
	p.see("from-the-terminal").keys("h").miss("seen for thirty seconds")

	t.Log("The shell that gets the terminal for a while gets none of it either.")
	p.keys("v").see("seen for thirty seconds").keys("C-z").see("suspended")
	p.clean("seen for thirty seconds", "from-the-terminal")
	p.keys("Enter").see("from-the-terminal").see("••••")

	p.keys("Escape").see("[Secrets]").keys("Escape").see("1 of 5") // esc clears the filter
	p.keys("Tab").see("[Keys]").keys("n").see("New key").text("from-the-keyboard").keys("C-s").see("Key from-the-keyboard was made")
	p.keys("/").text("from-the").see("1 of 1").keys("Enter", "Enter").see("inside the HSM").keys("x").see("Sign with")
	p.text("signed in a terminal").keys("C-s").see("✓ Signed")
	p.keys("Escape").see("Text").keys("Escape").see("inside the HSM")
	p.keys("Escape").see("[Keys]").keys("Escape").miss("1 of 1").keys("Escape").see("attention").keys("C-o").see("Demo: nothing")

	p.signIn("ada").keys("l").see("Log").keys("v").see("THE LOG IS COMPLETE AND UNCHANGED")
	p.keys("Escape").see("busiest hour").keys("Escape").see("attention").keys("r").see("Evidence for").keys("Enter").see("Format")
	p.keys("Tab").text(report).keys("C-s").see("was written and signed")
	p.keys("C-c").see("ended with 0").miss("Strongroom")
	p.clean("thirty seconds", "payments-")
	verifyReport(t, binary, home, report)
}

// verifyReport checks the report as anybody would.
func verifyReport(t *testing.T, binary, home, path string) {
	t.Helper()
	found, err := filepath.Glob(path + ".*")
	if err != nil || len(found) != 2 {
		t.Fatalf("the report and its signature are %v, %v", found, err)
	}
	out, err := exec.Command(binary, "--home", home, "--json", "report", "verify", found[0]).CombinedOutput()
	if err != nil || !json.Valid(out) {
		t.Errorf("report verify: %v\n%s", err, out)
	}
}
