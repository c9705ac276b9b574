package tui

import (
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/strongroom/strongroom/views"
)

const hidden = "never let this be seen"

// atSecret is a console where sam looks at the secret.
func (w *world) atSecret() *robot {
	w.t.Helper()
	b := w.enter(w.robot(), sam)
	return b.See("pay-dev", "pay-prod").Press("enter", "enter").See("secret api-token")
}

func TestAnIdleConsoleLocksAndHidesEverything(t *testing.T) {
	w := furnished(t)
	b := w.atSecret()
	b.Wait(4*time.Minute + 40*time.Second).Press("v")
	b.See(hidden) // the code from the sign-in was still fresh
	held := b.lastValue

	b.Wait(5 * time.Minute)
	b.See("Locked at", "idle for 5 minutes").Miss(hidden, "api-token")
	if held.Len() != 0 {
		t.Error("the value was not wiped")
	}
	if b.model.session != nil {
		t.Error("the login session outlives the lock")
	}

	t.Log("esc does not open it, nor does a wrong password.")
	b.Press("esc").See("Locked at")
	b.Fill("not the password").Type(w.code(sam)).Press("ctrl+s").See("the sign-in failed", "Locked at").Miss("api-token")

	t.Log("The same person goes on where they were; the value has to be asked for again.")
	b.Wait(30 * time.Second)
	b.Fill(password).Type(w.code(sam)).Press("ctrl+s")
	b.See("Vaults › pay-dev › api-token", "••••").Miss(hidden)
}

func TestAnotherPersonBeginsAfreshAfterALock(t *testing.T) {
	w := furnished(t)
	b := w.atSecret()
	b.Press("ctrl+l").See("Locked at", "it was asked for").Press("ctrl+o").See("Sign in").Miss(sam)
	w.enter(b, ada)
	b.See("ada · auditor").Miss("api-token")
	if d := b.model.screens.Depth(); d != 1 {
		t.Errorf("the auditor begins %d screens deep", d)
	}
}

func TestALockForgetsWhatIsTyped(t *testing.T) {
	w := furnished(t)
	b := w.atSecret()
	b.Press("n").See("New version").Press("tab").Type("half a secret").Press("ctrl+t").See("half a secret")
	b.Wait(5 * time.Minute).See("Locked at")
	b.Wait(30 * time.Second)
	b.Fill(password).Type(w.code(sam)).Press("ctrl+s").See("New version").Miss("half a secret")
}

// A late answer must not bring a value onto a locked screen, or onto the
// screen that came after.
func TestAnAnswerThatComesAfterALockIsDroppedAndWiped(t *testing.T) {
	w := furnished(t)
	b := w.atSecret()
	b.hold = true
	b.Press("v")
	value := b.held[0].(answer).msg.(views.Revealed).Value
	b.hold = false
	b.Press("ctrl+l").See("Locked at")
	b.hold = true
	b.Release().See("Locked at").Miss(hidden)
	if value.Len() != 0 {
		t.Error("the late value was not wiped")
	}
}

func TestAValueNeverComesToAScreenThatWasLeftOrCovered(t *testing.T) {
	w := furnished(t)
	for _, away := range []string{"esc", "n"} {
		b := w.atSecret()
		b.hold = true
		b.Press("v")
		value := b.held[0].(answer).msg.(views.Revealed).Value
		b.Press(away).Release().Miss(hidden)
		if value.Len() != 0 {
			t.Errorf("after %s the late value was not wiped", away)
		}
		b.Press("esc").Miss(hidden)
		b.Press("ctrl+c")
	}
}

func TestAValueLeavesTheScreenWithTheScreen(t *testing.T) {
	w := furnished(t)
	b := w.atSecret()
	b.Press("v").See(hidden).Press("n").Miss(hidden).Press("esc").See("secret api-token").Miss(hidden)
	b.Press("v").See(hidden).Press("?").Press("esc").See(hidden) // a dialog covers a part only, and was asked for
	b.Press("esc", "enter").See("secret api-token").Miss(hidden)
}

func TestSuspendGivesTheShellNoSecret(t *testing.T) {
	w := furnished(t)
	b := w.atSecret()
	b.Press("c").wantClipboard(hidden)
	b.Press("v").See(hidden).Press("ctrl+z")
	if !b.suspended {
		t.Fatal("ctrl+z does not suspend")
	}
	b.wantClipboard("")
	if frame := b.Screen(); strings.TrimSpace(frame) != "" {
		t.Errorf("the frame under the shell is not blank:\n%s", frame)
	}
	b.send(tea.ResumeMsg{})
	b.See("secret api-token", "••••").Miss(hidden)

	t.Log("Hours in the background count as idle.")
	b.Press("ctrl+z")
	b.clock.now = b.clock.now.Add(3 * time.Hour)
	b.send(tea.ResumeMsg{})
	b.See("Locked at").Miss("api-token")
}

func TestLeavingWipesAndEndsTheLoginSession(t *testing.T) {
	w := furnished(t)
	b := w.atSecret()
	s := b.model.session
	b.Press("c", "v").See(hidden).Press("ctrl+c")
	if !b.gone {
		t.Fatal("ctrl+c does not leave")
	}
	b.wantClipboard("")
	if b.lastValue.Len() != 0 {
		t.Error("the value was not wiped")
	}
	if _, err := w.inst.Gate.ListVaults(t.Context(), s); err == nil {
		t.Error("the login session outlives the console")
	}
}

// A login session that ended elsewhere is noticed at the next act.
func TestAnEndedLoginSessionLocks(t *testing.T) {
	w := furnished(t)
	b := w.atSecret()
	must(t, w.inst.Gate.SignOut(t.Context(), b.model.session))
	b.Press("v").See("Locked at", "nobody is signed in").Miss("api-token", hidden)
}

func TestACodeWorksOnce(t *testing.T) {
	w := furnished(t)
	b := w.enter(w.robot(), sam)
	code := w.code(sam)
	b.Press("ctrl+o").See("Sign in")
	b.Fill(sam, password).Type(code).Press("ctrl+s").See("the sign-in failed", "a code works once")
	if b.model.session != nil {
		t.Error("a used code opened a login session")
	}
}

// A login session has an end, also for somebody who never stops typing.
func TestALoginSessionEndsWhateverHappens(t *testing.T) {
	w := furnished(t)
	b := w.enter(w.robot(), sam)
	end := b.model.session.Expires()
	b.clock.now = end.Add(-6 * time.Minute)
	b.model.touched = b.clock.now // as if there had been keys all day
	b.Press("j").Wait(4 * time.Minute).Press("j").Miss("Locked").Wait(2 * time.Minute)
	b.See("Locked at", "the login session is over")
}

func TestTheWindowTitleSaysNothing(t *testing.T) {
	w := furnished(t)
	b := w.atSecret()
	b.Press("v").See(hidden)
	v := b.model.View()
	if v.WindowTitle != "Strongroom" || !v.AltScreen || v.MouseMode != tea.MouseModeNone {
		t.Errorf("title %q, alternate screen %v, mouse %v", v.WindowTitle, v.AltScreen, v.MouseMode)
	}
}

// Whoever goes away at the door leaves nothing there.
func TestAnIdleDoorForgetsWhatWasTyped(t *testing.T) {
	w := newWorld(t)
	b := w.robot()
	b.Fill(olivia).Type("half a password").Press("ctrl+t").See("half a password")
	b.Wait(5 * time.Minute).Miss("half a password").See(olivia)

	b.Press("ctrl+n", "tab").Type(w.codes[olivia]).Press("ctrl+s").Fill(password).Type(password).Press("ctrl+s").See("Step 3 of 4")
	seed := b.model.enrolment.begun.Seed()
	b.See(text(seed)[:19])
	b.Wait(5*time.Minute).See("Sign in", "begin again").Miss(text(seed)[:19])
	if b.model.enrolment != nil {
		t.Error("the first sign-in is still under way")
	}

	t.Log("The enrolment code was not used up.")
	w.firstSignIn(b, olivia, w.codes[olivia])
}

func TestAFirstSignInIsFinishedBeforeSuspending(t *testing.T) {
	w := newWorld(t)
	b := w.robot()
	b.Press("ctrl+n", "ctrl+z").See("Finish the first sign-in")
	if b.suspended {
		t.Error("what is shown only once would be lost")
	}
}

// A demo that locked itself shows how to go on, as its sign-in screen does.
func TestTheLockScreenOfADemoFillsItselfIn(t *testing.T) {
	w := furnished(t)
	code := func(now time.Time) (string, time.Time) {
		return w.code(sam), now.Truncate(30 * time.Second).Add(30 * time.Second)
	}
	m := New(t.Context(), Config{Gate: w.inst.Gate, Clock: w.clock.Now, Folder: w.dir, Demo: []DemoPerson{
		{Name: olivia, Role: "vault owner", Password: "not this one", Code: code},
		{Name: sam, Role: "secret owner", Password: password, Code: code},
	}})
	m.about.demo = true
	b := w.enter(newRobot(t, m, w.clock), sam)
	b.Press("ctrl+l").See("Locked at", "Demo: nothing here is secret", "^D fills in sam", password)
	b.Wait(31*time.Second).Press("ctrl+d", "enter").See("sam ·", "Vaults")
}
