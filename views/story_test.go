package views

import (
	"strings"
	"testing"
	"time"

	"github.com/strongroom/strongroom/keys"
	"github.com/strongroom/strongroom/roles"
)

func TestStorySecretOwnerReadsAndChangesAPassword(t *testing.T) {
	b := newRobot(t, roles.SecretOwner)
	b.Sees("Vaults", "payments-prod", "█ PROD █")

	b.Press("enter").Sees("Vaults › payments-prod", "db-password", "hook-signing-key")
	b.Press("/").Type("db-p").Press("enter").Sees("filter: db-p", "1 of 1")
	b.Press("enter").Sees("payments-prod › db-password", "••••••••", "a1b2c301").SeesNo(canary)

	b.Press("v").Sees(canary, "hidden again in 0:30")
	b.Wait(29*time.Second).Sees(canary, "hidden again in 0:01")
	b.Wait(time.Second).SeesNo(canary)
	b.Press("c").Sees("Asked the terminal to copy db-password", "Cleared in 30 s").SeesNo(canary)

	b.Press("n").Sees("New version").Press("tab").Type("a better one").Press("ctrl+s")
	b.Sees("A new version of db-password was made", "payments-prod › db-password")
	if got := b.world.values["db-password"]; got != "a better one" {
		t.Errorf("the vault holds %q", got)
	}
	b.Press("esc").Sees("filter: db-p") // the way back keeps the filter
}

func TestStorySecretOwnerMakesAKeyAndSigns(t *testing.T) {
	b := newRobot(t, roles.SecretOwner)
	b.Press("enter", "tab").Sees("[Keys]", "settlement-signing", "HSM")
	b.Press("n").Sees("takes keys of the HSM only").Type("release-signing").Press("ctrl+s")
	b.Sees("Key release-signing was made")
	made, ok := findAsked[CreateKey](b)
	if !ok || made.Ref.Name != "release-signing" || made.Spec != (keys.Spec{Type: keys.EC, Curve: keys.P256}).Hardware() {
		t.Errorf("asked for %+v", made)
	}
	b.Press("enter").Sees("used        inside the HSM")
	b.Press("x").Type("hello").Press("ctrl+s").Sees("✓ Signed", "c2lnbmF0dXJl")
	b.Press("w").Sees("Save the signature").Press("enter").Sees("Written to settlement-signing.sig")
	b.Press("esc", "esc").Sees("used        inside the HSM")
	b.Press("v").Type("hello").Press("tab").Type("c2lnbmF0dXJl").Press("ctrl+s").Sees("✓ VALID")
	b.Press("esc", "backspace").Type("y").Press("ctrl+s").Sees("✗ NOT VALID")
}

func TestStoryOwnerGivesAndTakesARole(t *testing.T) {
	b := newRobot(t, roles.VaultOwner)
	b.Press("a").Sees("[Assignments]", "carol", "auditor")
	b.Press("a").Sees("Give a role").Press("ctrl+s").Sees("this is needed")
	b.Type("carol").Press("tab").Type("secret o").Press("tab").Type("payments-prod").Press("ctrl+s")
	b.Sees("an auditor holds no other role", "give the role to somebody else")
	b.Press("shift+tab", "shift+tab").Type("dave").Press("ctrl+s").Sees("dave is now secret owner on vault payments-prod")
	b.Press("G", "X").Sees("dave stops being secret owner", "[n] No, go back")
	b.Press("enter").Sees("dave") // enter is No
	b.Press("X", "y").Sees("dave is no longer secret owner").Press("g")
	if len(b.world.given) != 4 {
		t.Errorf("%d assignments are left", len(b.world.given))
	}
	b.Press("X").Sees("nobody takes a role from themselves")
}

func TestStoryAuditorProvesTheLogAndTakesAReport(t *testing.T) {
	b := newRobot(t, roles.Auditor)
	b.Press("l").Sees("1042 entries", "secrets/get")
	b.Press("o", "o").Sees("only refused", "alice").SeesNo("keys/sign")
	b.Press("enter").Sees("✓ in the log of 1042 entries").Press("esc").Sees("only refused")
	b.Press("v").Sees("THE LOG IS COMPLETE AND UNCHANGED").Press("esc", "esc")
	b.Press("r", "enter").Sees("Inventory and access").Press("tab").Type("/tmp/q4").Press("enter")
	b.Sees("was written and signed", "/tmp/q4.html.sig")
	run, _ := findAsked[RunReport](b)
	if run.Path != "/tmp/q4.html" || run.Format != "html" {
		t.Errorf("asked for %+v", run)
	}
}

func TestStoryAuditorIsToldWhyAValueStaysHidden(t *testing.T) {
	b := newRobot(t, roles.Auditor)
	b.Press("enter", "enter").Sees("not shown:", "(v Reveal)")
	b.Press("v").Sees("Reveal: an auditor looks at everything")
	b.Press("?").Sees("not now: an auditor").Type("copy").Press("enter").Sees("Copy: an auditor looks")
	if _, ok := findAsked[Reveal](b); ok {
		t.Error("the value was asked for")
	}
	b.Press(":").Type("log").Press("enter").Sees("1042 entries").Press("esc").Sees("not shown:")
	b.Press(":").Type("back").Press("enter").Sees("[Secrets]")
}

func TestStoryQuitOnlyFromTheTop(t *testing.T) {
	b := newRobot(t, roles.SecretOwner)
	b.Press("enter", "q", "enter", "q")
	if b.gone {
		t.Fatal("q deep in the console left it")
	}
	b.Press("esc", "esc", "/").Type("q")
	if b.gone {
		t.Fatal("q in a filter left the console")
	}
	b.Press("esc", "q")
	if !b.gone {
		t.Error("q at the top does not leave")
	}
}

func TestStoryFirstSignIn(t *testing.T) {
	s := newEnrol()
	s.SetSize(80, 20)
	b := &robot{t: t, now: noon, world: newWorld(roles.SecretOwner)}
	b.stack.Push(s)
	b.Sees("[Who]").Type("dave").Press("tab").Type("7KQ2-M9XD").Press("enter")
	b.Sees("[Password]", "at least 12 characters").Type("short").Sees("✗ a password has at least 12 characters")
	b.Type(" but longer now").Press("tab").Type("something else").Press("enter").Sees("✗ this is not the same password")
	b.Press("ctrl+u").Type("short but longer now").Press("enter")
	begin, ok := findAsked[BeginEnrolment](b)
	if !ok || begin.Name != "dave" || begin.Password.Len() != len("short but longer now") {
		t.Fatalf("asked for %+v", begin)
	}
	b.send(begun())
	b.Sees("Step 3 of 4", "JBSW Y3DP EHPK 3PXP", "▀").Type("12345").Press("enter").Sees("✗ a code has")
	b.Type("6").Press("enter")
	if c, ok := findAsked[ConfirmEnrolment](b); !ok || c.Code.Len() != 6 {
		t.Fatal("the code was not sent")
	}
	b.send(Enrolled{recoveryCodes()})
	b.Sees("k7q2-m9xd-4ttb-0000", "k7q2-m9xd-4ttb-9999").Press("ctrl+s").Sees("shown only now")
	b.Press("space", "ctrl+s")
	if _, ok := findAsked[FinishEnrolment](b); !ok {
		t.Error("the enrolment does not end")
	}
}

func TestStoryDemoSignIn(t *testing.T) {
	s := NewSignIn(SignInData{Installation: "demo", Demo: demoPeople()})
	b := &robot{t: t, now: noon, world: newWorld(roles.SecretOwner)}
	b.stack.Push(s)
	b.Sees("Demo: nothing here is secret", "118 204", "0:17")
	b.Press("ctrl+d", "ctrl+d", "enter")
	in, ok := findAsked[SignIn](b)
	if !ok || in.Name != "bob" {
		t.Fatalf("signs in %q", in.Name)
	}
	in.Code.Reveal(func(c []byte) {
		if string(c) != "118204" {
			t.Errorf("code %q", c)
		}
	})
	b.send(Failed{in, errAgain})
	b.Sees("✗").SeesNo("•")
}

func TestStoryAFormThatWasRefusedKeepsWhatWasTyped(t *testing.T) {
	b := newRobot(t, roles.VaultOwner)
	b.Press("n").Type("payments-uat").Press("ctrl+s")
	b.send(Failed{CreateVault{}, errEnd})
	b.Sees("payments-uat", "✗")
	if !strings.Contains(strings.Join(b.stack.Crumbs(), " "), "New vault") {
		t.Error("the form was left")
	}
}

// findAsked gives the last intent of a type that reached the world.
func findAsked[T Intent](b *robot) (T, bool) {
	for i := len(b.world.asked) - 1; i >= 0; i-- {
		if found, ok := b.world.asked[i].(T); ok {
			return found, true
		}
	}
	var none T
	return none, false
}
