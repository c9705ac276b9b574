package tui

import (
	"strings"
	"testing"
	"time"

	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/views"
)

// stale lets the second factor grow old without the console locking.
func stale(b *robot) *robot {
	return b.Wait(4 * time.Minute).Press("ctrl+r").Wait(2 * time.Minute)
}

// answer gives a code once the dialog listens: one that opens by itself
// ignores keys for a moment.
func (b *robot) answerCode(code string) *robot {
	return b.Wait(views.Grace).Type(code).Press("enter")
}

func TestRevealAsksForAFreshCodeAndNamesWhatItIsFor(t *testing.T) {
	w := furnished(t)
	b := stale(w.atSecret())
	b.See("code asked again").Press("v")
	b.See("fresh code", "reveal api-token in pay-dev (dev)").Miss(hidden)

	t.Log("Keys that were meant for the screen below do not answer it.")
	b.Press("enter").See("reveal api-token")

	t.Log("A wrong code is asked for again; so is one that was used.")
	b.answerCode("000000").See("that code was not taken", "reveal api-token").Miss(hidden)
	b.Wait(2*time.Second).answerCode(w.code(sam)).See(hidden, "code fresh")

	b.Press("h", "v").See(hidden) // within the grace nothing is asked

	t.Log("A code that was given is used up, for step-up as for sign-in.")
	used := w.code(sam)
	b.Press("h", "esc", "esc", "ctrl+o").See("Sign in")
	b.Fill(sam, password).Type(used).Press("ctrl+s").See("the sign-in failed")
}

func TestGivingUpTheCodeDoesNothing(t *testing.T) {
	w := furnished(t)
	b := stale(w.atSecret())
	b.Press("v").See("fresh code").Wait(time.Second).Press("esc").Miss("fresh code", hidden).See("secret api-token")

	t.Log("A form that waited for it can be sent again.")
	b.Press("esc", "esc", "ctrl+o")
	w.enter(b, olivia)
	stale(b).Press("a").See("Access").Press("n").Fill("newcomer").Press("ctrl+s")
	b.See("make the person newcomer").Wait(time.Second).Press("esc").See("no code was given")
	b.Press("ctrl+s").See("make the person newcomer").answerCode(w.code(olivia)).See("newcomer was made")
}

func TestAGrantNamesItsScopeBeforeTheCode(t *testing.T) {
	w := furnished(t)
	b := w.enter(w.robot(), olivia)
	stale(b).Press("a").See("sam").Press("a").See("Give a role")
	b.Fill("sam", "secret owner", "pay-dev").Type("api-").Press("ctrl+s")
	b.See("fresh code", "on pay-dev (dev), names", "beginning with api-")
}

func TestTakingARoleAsksTwice(t *testing.T) {
	w := furnished(t)
	b := w.enter(w.robot(), olivia)
	b.Press("a").See("Access")
	for !strings.Contains(b.Screen(), "› sam") {
		b.Press("j")
	}
	b.Press("X").See("Take a role away", "[n] No").Press("enter").See("sam")
	b.Press("X", "y").See("sam is no longer secret owner")
}

// Only the acts of today's table ask for a fresh code; every one of them is
// described in words.
func TestEveryActThatWantsACodeIsNamed(t *testing.T) {
	m := &Model{}
	for _, in := range []views.Intent{views.Reveal{}, views.CopyValue{}, views.CreatePerson{}, views.Grant{}, views.Revoke{}} {
		if m.describe(in) == m.describe(views.LoadVaults{}) {
			t.Errorf("%T is not described", in)
		}
	}
	if fault.KindOf(errNoCode) != fault.Canceled {
		t.Error("giving up is not a failure")
	}
}
