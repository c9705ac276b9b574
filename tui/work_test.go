package tui

import (
	"os"
	"path/filepath"
	"testing"

	tea "charm.land/bubbletea/v2"

	"github.com/strongroom/strongroom/gate"
	"github.com/strongroom/strongroom/views"
)

// signFile opens the panel that signs, over a file.
func (w *world) signFile(b *robot, path string) *robot {
	w.t.Helper()
	b.See("Vaults").Press("enter", "tab", "enter").See("key release").Press("x").See("Sign with release")
	b.Press("shift+tab", "right", "tab").Type(path)
	return b
}

func TestAFileIsSignedAndVerified(t *testing.T) {
	w := furnished(t)
	must(t, os.WriteFile(filepath.Join(w.dir, "release.tar"), make([]byte, 3<<20), 0o600))
	b := w.enter(w.robot(), sam)
	w.signFile(b, "release.tar").Press("ctrl+s").See("✓ Signed")
	b.Press("c")
	signature := b.clipboard[len(b.clipboard)-1]
	b.Press("esc", "esc")
	b.Press("v").Press("shift+tab", "right", "tab").Type("release.tar").Press("tab").Type(signature).Press("ctrl+s").See("✓ VALID")
}

// While a large file is read the person sees how far it is and can stop it;
// what was stopped leaves nothing, and its late answer is dropped.
func TestWorkShowsProgressAndCanBeStopped(t *testing.T) {
	w := furnished(t)
	f, err := os.Create(filepath.Join(w.dir, "large"))
	must(t, err)
	must(t, f.Truncate(64<<20))
	must(t, f.Close())
	b := w.enter(w.robot(), sam)
	w.signFile(b, "large")
	b.hold = true
	b.Press("ctrl+s")
	b.model.work.done.Store(16 << 20) // as if a quarter was read
	b.Wait(progressEvery).See("Signing large", "25%", "^X stops")

	b.Press("ctrl+x").See("the work was stopped", "Sign with release").Miss("25%")
	b.Release().Miss("✓ Signed").See("the work was stopped")
	b.Press("ctrl+s").See("✓ Signed")
}

func TestStoppingEndsTheReading(t *testing.T) {
	w := furnished(t)
	f, err := os.Create(filepath.Join(w.dir, "endless"))
	must(t, err)
	must(t, f.Truncate(1<<40)) // sparse; nobody reads a terabyte in a test
	must(t, f.Close())
	b := w.enter(w.robot(), sam)
	w.signFile(b, "endless")
	_, cmd := b.model.Update(keyPress("ctrl+s"))
	done := make(chan tea.Msg, 1)
	go func() { done <- firstAnswer(cmd) }()
	b.Press("ctrl+x").See("the work was stopped")
	if a, ok := (<-done).(answer); !ok || a.err == nil {
		t.Errorf("the reading went on to %+v", a)
	}
}

// firstAnswer runs a command, and the commands in it, until one is answered.
func firstAnswer(cmd tea.Cmd) tea.Msg {
	if cmd == nil {
		return nil
	}
	batch, ok := cmd().(tea.BatchMsg)
	if !ok {
		return cmd()
	}
	for _, c := range batch {
		if msg := firstAnswer(c); msg != nil {
			return msg
		}
	}
	return nil
}

func TestLeavingAsksWhileWorkIsRunning(t *testing.T) {
	w := furnished(t)
	b := w.enter(w.robot(), ada)
	b.hold = true
	b.Press("l", "v")
	b.See("Verify log").Press("ctrl+c").See("Leave while work is running?", "Verifying the log")
	b.Press("n").Press("ctrl+c").Press("y")
	if !b.gone {
		t.Error("yes does not leave")
	}
}

// A verification goes on while its screen is left, and is there again when one
// comes back; a second work has to wait.
func TestAVerificationGoesOnElsewhere(t *testing.T) {
	w := furnished(t)
	b := w.enter(w.robot(), ada)
	b.Press("l").See("Log")
	b.hold = true
	b.Press("v").See("Verify log").Press("esc")
	b.Press("v").See("Verify log")
	if n := b.heldVerdicts(); n != 1 {
		t.Fatalf("it was started %d times", n)
	}
	b.Release().See("✓ THE LOG IS COMPLETE AND UNCHANGED")
	b.Press("esc")
	b.hold = true
	b.Press("v", "esc").Release().See("The log is complete and unchanged:")
}

func (b *robot) heldVerdicts() int {
	n := 0
	for _, msg := range b.held {
		if _, ok := msg.(answer).msg.(views.LogVerified); ok {
			n++
		}
	}
	return n
}

func TestFilesThatCannotBeUsedAreNamed(t *testing.T) {
	w := furnished(t)
	must(t, os.WriteFile(filepath.Join(w.dir, "big"), make([]byte, gate.MaxSecretSize+1), 0o600))
	b := w.enter(w.robot(), sam)
	w.signFile(b, "missing").Press("ctrl+s").See("missing is not there")
	b.Press("esc").See("Leave the form?").Press("y")
	b.Press("esc", "tab", "tab", "n").See("New secret")
	b.Fill("from-file").Press("right", "tab").Type("big").Press("ctrl+s").See("25601 bytes")
}
