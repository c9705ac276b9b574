package tui

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/strongroom/strongroom/gate"
	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/views"
)

// The token is pulled out while somebody works, and put back.
func TestAnHSMThatGoesAwayIsNoticedAndComesBack(t *testing.T) {
	w := furnished(t)
	b := w.atSecret()
	tokens, away := filepath.Join(w.dir, "token", "tokens"), filepath.Join(w.dir, "away")
	must(t, os.Rename(tokens, away))
	must(t, os.Mkdir(tokens, 0o700))
	b.Wait(pollEvery+time.Second).See("!! HSM", "The HSM does not answer")
	b.Press("v").See("That did not work").Miss(hidden)

	must(t, os.Remove(tokens))
	must(t, os.Rename(away, tokens))
	b.Wait(pollEvery + time.Second).Press("enter").See("HSM ready")
}

func TestALogThatWasChangedRaisesAnAlarm(t *testing.T) {
	b := bare(t, views.NewVaults(nil))
	alarm := fault.New(fault.Tampered, "the log is shorter than it was", "restore the last backup")
	b.send(hsmPolled{state: hsmState{"ready", true}, alarm: alarm})
	b.See("!! 1 alarm", "the log is shorter than it was", "restore the last backup")
	b.clock.now = b.clock.now.Add(views.Grace)
	b.Press("enter").send(hsmPolled{state: hsmState{"ready", true}, alarm: alarm})
	b.See("!! 1 alarm").Miss("shorter") // said once
}

// A role that is taken away counts at once, in open consoles too.
func TestARoleThatWasTakenAwayCountsAtOnce(t *testing.T) {
	w := furnished(t)
	b := w.atSecret()
	owner := w.signIn(olivia)
	held, err := w.inst.Gate.ListAssignments(t.Context(), owner, "pay-dev")
	must(t, err)
	for _, a := range held {
		if a.PersonName == sam {
			must(t, w.inst.Gate.DeleteAssignment(t.Context(), owner, a.ID))
		}
	}
	b.Press("v").See("no role here reaches this").Miss(hidden)
	b.Wait(time.Second).Press("enter").See("(v Reveal)") // greyed from now on
	b.Press("esc", "esc").See("pay-prod").Miss("pay-dev")
}

// What the console greys out the gate refuses too: the console's word is not
// what keeps anybody out.
func TestTheGateRefusesWhatIsGreyed(t *testing.T) {
	w := furnished(t)
	b := w.enter(w.robot(), ada)
	d := b.model.door()
	_, err := d.call(views.Reveal{Ref: views.Ref{Vault: "pay-dev", Kind: views.Secrets, Name: "api-token"}})(t.Context())
	if fault.KindOf(err) != fault.Forbidden {
		t.Errorf("the gate says %v", err)
	}
	page, err := w.inst.Gate.ListLog(t.Context(), b.model.session, gate.LogRequest{Action: "secrets/get", NewestFirst: true})
	must(t, err)
	if len(page.Lines) == 0 || page.Lines[0].Outcome != "refused" || page.Lines[0].Actor.Name != ada {
		t.Errorf("the log does not say so: %+v", page.Lines)
	}
}
