package views

import (
	"os"
	"strings"
	"testing"

	"github.com/strongroom/strongroom/roles"
)

// The action table is the one source: every action of every screen stands in
// it, no screen has two actions on one key, and none is forgotten.
func TestActionTable(t *testing.T) {
	ids := map[ActionID]bool{}
	for _, a := range Catalogue() {
		if ids[a.ID] {
			t.Errorf("%s stands there twice", a.ID)
		}
		ids[a.ID] = true
		if a.Key == "" || a.Label == "" || a.Help == "" || a.Where == "" {
			t.Errorf("%s is not complete", a.ID)
		}
		if a.Needs != "" && !a.Needs.Known() {
			t.Errorf("%s needs %q, which no role can grant", a.ID, a.Needs)
		}
	}
	used := map[ActionID]bool{}
	for _, sc := range scenes() {
		s := sc.build()
		s.SetSize(80, 20)
		for _, msg := range sc.feed {
			play(s, msg)
		}
		keys := map[string]ActionID{}
		for _, a := range s.Actions() {
			if !ids[a.ID] {
				t.Errorf("%s: %s is not in the table", sc.name, a.ID)
			}
			if other, twice := keys[a.Key]; twice && a.Key != "" {
				t.Errorf("%s: %s and %s are both on %s", sc.name, other, a.ID, a.Key)
			}
			keys[a.Key] = a.ID
			used[a.ID] = true
		}
	}
	for id := range ids {
		if !used[id] {
			t.Errorf("no screen has %s", id)
		}
	}
}

// A destructive key never stands beside a harmless one: it wants shift, and
// it asks.
func TestDangerousActionsAskAndWantShift(t *testing.T) {
	for _, a := range Catalogue() {
		if a.Dangerous && strings.ToLower(a.Key) == a.Key {
			t.Errorf("%s is on %s, which a slip of the finger finds", a.ID, a.Key)
		}
	}
	s := NewAccess(refusalsOf(roles.VaultOwner))
	s.SetSize(80, 20)
	s.Update(access())
	s.Update(keyPress("down"))
	in := s.Update(keyPress("X"))
	if _, asks := in[0].(OpenDialog); !asks {
		t.Errorf("taking a role does %v without asking", in)
	}
	for _, k := range []string{"x", "backspace", "delete", "d"} {
		if in := s.Update(keyPress(k)); in != nil {
			t.Errorf("%s does %v", k, in)
		}
	}
}

// What a role refuses says so, whichever way it is tried.
func TestRefusedActionsGiveTheReason(t *testing.T) {
	s := NewVaults(refusalsOf(roles.SecretOwner))
	s.SetSize(80, 20)
	s.Update(VaultsLoaded{[]VaultRow{prod}})
	why := roles.At(roles.SecretOwner, roles.VaultsCreate).Why
	for name, in := range map[string][]Intent{"by key": s.Update(keyPress("n")), "by name": Run(s, ActVaultNew)} {
		n, ok := in[0].(Notify)
		if !ok || !strings.Contains(n.Text, why) {
			t.Errorf("%s: %v", name, in)
		}
	}
}

func TestHelpSearchesAndRuns(t *testing.T) {
	s := NewVaults(nil)
	l := NewHelp(s.Actions())
	for _, r := range "lock" {
		l.Update(keyPress(string(r)))
	}
	in, done := l.Update(keyPress("enter"))
	if !done || in[0] != (RunAction{ActLock}) {
		t.Fatalf("gave %v", in)
	}
	if got := Run(s, in[0].(RunAction).ID); got[0] != (Lock{}) {
		t.Errorf("ran %v", got)
	}
	l = NewPalette(s.Actions())
	for _, k := range []string{"r", "e", "p", "tab", "enter"} {
		in, _ = l.Update(keyPress(k))
	}
	if in[0] != (RunAction{ActReports}) {
		t.Errorf("the palette ran %v", in)
	}
}

// The README's key reference is this text.
func TestKeyReference(t *testing.T) {
	got := KeyReference()
	for _, a := range Catalogue() {
		if !strings.Contains(got, "`:"+string(a.ID)+"`") {
			t.Errorf("%s is missing", a.ID)
		}
	}
	const path = "testdata/keys.md"
	if updating() {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	was, err := os.ReadFile(path)
	if err != nil || string(was) != got {
		t.Errorf("%s is not the action table (%v); run go test ./views -update", path, err)
	}
}

func TestFooterGreysWithBracketsToo(t *testing.T) {
	s := NewVaults(refusalsOf(roles.Auditor))
	s.SetSize(80, 20)
	s.Update(VaultsLoaded{[]VaultRow{prod}})
	got := Footer(s.Actions(), Paint{NewTheme(Mono), noon}, 80)
	if !strings.Contains(got, "(n New vault)") || strings.Contains(plain(got), "(l Log)") {
		t.Errorf("footer %q", plain(got))
	}
}
