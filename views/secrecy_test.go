package views

import (
	"strings"
	"testing"
	"time"

	"github.com/strongroom/strongroom/internal/secret"
	"github.com/strongroom/strongroom/roles"
)

// revealed is a secret's screen that shows its value since noon.
func revealed(t *testing.T) (*SecretScreen, *secret.Bytes) {
	t.Helper()
	s := NewSecret(prod, "db-password", refusalsOf(roles.SecretOwner))
	s.SetSize(80, 20)
	s.Update(ObjectLoaded{secretDetail()})
	in := s.Update(keyPress("v"))
	ref := in[0].(Reveal).Ref
	value := secret.FromString(canary)
	s.Update(Revealed{Ref: ref, Value: value, Now: noon})
	if !strings.Contains(s.View(Paint{NewTheme(Mono), noon}), canary) {
		t.Fatal("the value is not shown")
	}
	return s, value
}

// However a revealed value leaves the screen, it is in no later frame, and
// its memory is wiped.
func TestARevealedValueGoesAway(t *testing.T) {
	for name, leave := range map[string]func(*SecretScreen, *Stack){
		"after its time":          func(s *SecretScreen, _ *Stack) { s.Update(Tick{noon.Add(RevealFor)}) },
		"by pressing h":           func(s *SecretScreen, _ *Stack) { s.Update(keyPress("h")) },
		"on lock":                 func(_ *SecretScreen, st *Stack) { st.LeaveAll() },
		"on the way back":         func(_ *SecretScreen, st *Stack) { st.Pop() },
		"under another screen":    func(_ *SecretScreen, st *Stack) { st.Push(NewVaults(nil)) },
		"when the role is lost":   func(s *SecretScreen, _ *Stack) { s.Update(RefusalsChanged{refusalsOf(roles.Auditor)}) },
		"with another version":    func(s *SecretScreen, _ *Stack) { s.Update(keyPress("down")) },
		"when signing out resets": func(_ *SecretScreen, st *Stack) { st.Reset(NewSignIn(SignInData{})) },
	} {
		t.Run(name, func(t *testing.T) {
			s, value := revealed(t)
			var st Stack
			st.Push(NewVaults(nil))
			st.entries = append(st.entries, entry{9, s})
			leave(s, &st)
			for _, when := range []time.Duration{0, time.Second, RevealFor, time.Hour} {
				if strings.Contains(s.View(Paint{NewTheme(Mono), noon.Add(when)}), canary) {
					t.Errorf("still shown %v later", when)
				}
			}
			if value.Len() != 0 {
				t.Error("the memory was not wiped")
			}
		})
	}
}

// A frame drawn too late shows nothing, though no tick came to hide it.
func TestALateFrameShowsNothing(t *testing.T) {
	s, _ := revealed(t)
	if strings.Contains(s.View(Paint{NewTheme(Mono), noon.Add(RevealFor)}), canary) {
		t.Error("the value outlived its time")
	}
}

func TestTheCountdownIsInView(t *testing.T) {
	s, _ := revealed(t)
	if v := s.View(Paint{NewTheme(Mono), noon.Add(12 * time.Second)}); !strings.Contains(v, "hidden again in 0:18") {
		t.Error("the time left is not shown")
	}
}

// An answer that comes after the person looked elsewhere is wiped unseen.
func TestAValueForAnotherVersionIsNotShown(t *testing.T) {
	s, _ := revealed(t)
	s.Update(keyPress("down"))
	late := secret.FromString(canary)
	s.Update(Revealed{Ref: Ref{Vault: prod.Name, Kind: Secrets, Name: "db-password", Version: version(1)}, Value: late, Now: noon})
	if strings.Contains(s.View(Paint{NewTheme(Mono), noon}), canary) || late.Len() != 0 {
		t.Error("the late value was taken")
	}
}

// Whoever may not read a value gets a screen that cannot hold one: even when
// a value is forced on it, nothing shows.
func TestThoseWhoMayNotReadHaveNothingToRender(t *testing.T) {
	for _, r := range []roles.Role{roles.VaultOwner, roles.Auditor} {
		s := NewSecret(prod, "db-password", refusalsOf(r))
		s.SetSize(80, 20)
		s.Update(ObjectLoaded{secretDetail()})
		if in := s.Update(keyPress("v")); len(in) != 1 || in[0].(Notify).Tone != Warning {
			t.Errorf("%s: v gave %v", r, in)
		}
		forced := secret.FromString(canary)
		s.Update(Revealed{Ref: s.ref(), Value: forced, Now: noon})
		if strings.Contains(s.View(Paint{NewTheme(Mono), noon}), canary) || forced.Len() != 0 {
			t.Errorf("%s sees the value", r)
		}
	}
}

// Everything typed or shown once is gone after a screen was left.
func TestLeavingAScreenWipesWhatItHeld(t *testing.T) {
	code := secret.FromString(canary)
	person := NewPersonForm(nil)
	person.SetSize(80, 20)
	person.Update(PersonCreated{"dave", code, days(3)})
	groups, url, recovery := secret.FromString(canary), secret.FromString(canary), secret.FromString(canary)
	enrol := newEnrol()
	enrol.SetSize(80, 20)
	enrol.Update(EnrolmentBegun{QR: checkers(37), Groups: groups, URL: url})
	enrol.Update(Enrolled{[]*secret.Bytes{recovery}})
	for _, s := range []Screen{person, enrol} {
		Leave(s)
		if strings.Contains(s.View(Paint{NewTheme(Mono), noon}), canary) {
			t.Errorf("%s still shows it", s.Title())
		}
	}
	for _, b := range []*secret.Bytes{code, groups, url, recovery} {
		if b.Len() != 0 {
			t.Error("a secret was not wiped")
		}
	}
}

// Nothing that is typed into a masked field is in any frame unless asked for.
func TestTypedSecretsAreMasked(t *testing.T) {
	for name, s := range map[string]Screen{
		"sign-in": NewSignIn(SignInData{Name: "bob"}), "lock": NewLocked("bob", "idle", noon),
	} {
		s.SetSize(80, 20)
		for _, r := range canary {
			s.Update(keyPress(string(r)))
		}
		if strings.Contains(s.View(Paint{NewTheme(Mono), noon}), canary) {
			t.Errorf("%s shows the password", name)
		}
		s.Update(keyPress("ctrl+t"))
		if !strings.Contains(s.View(Paint{NewTheme(Mono), noon}), canary) {
			t.Errorf("%s: ctrl+t does not show it", name)
		}
	}
}

func TestTitlesCarryNoSecret(t *testing.T) {
	s, _ := revealed(t)
	if strings.Contains(s.Title(), canary) {
		t.Error("the title shows the value")
	}
}
