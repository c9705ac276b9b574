package views

import (
	"strings"
	"testing"
	"time"
)

func choiceForm(options ...string) *Form {
	f := Field{ID: "c", Label: "Choice", Kind: ChoiceField, Undecided: true, Required: true}
	for _, o := range options {
		f.Options = append(f.Options, Option{Value: o, Label: "the " + o})
	}
	form := NewForm(f)
	form.SetSize(80, 10)
	return form
}

func drawn(f *Form, now time.Time) string {
	return plain(strings.Join(f.View(Paint{NewTheme(Mono), now}), "\n"))
}

// A word chooses by all of its letters: "auditor" must not end on what begins
// with r, only because r was the last letter.
func TestAWordChoosesWhatBeginsWithAllOfIt(t *testing.T) {
	for typed, want := range map[string]string{
		"auditor": "auditor", "secret o": "secret owner", "secret r": "secret reader", "reader": "reader", "the reader": "reader",
		"auditorr": "auditor", "x": "", "xr": "",
	} {
		f := choiceForm("reader", "auditor", "secret owner", "secret reader")
		drawn(f, noon)
		typeInto(f, typed)
		if got := f.Text("c"); got != want {
			t.Errorf("%q chose %q, want %q", typed, got, want)
		}
	}
}

func TestAWordThatNothingBeginsWithIsSaid(t *testing.T) {
	f := choiceForm("reader", "auditor")
	drawn(f, noon)
	typeInto(f, "aux")
	if v := drawn(f, noon); !strings.Contains(v, "‹ the auditor ›") || !strings.Contains(v, "nothing begins with “aux”") {
		t.Errorf("a wrong letter is not said:\n%s", v)
	}
	if v := drawn(f, noon.Add(2*time.Second)); strings.Contains(v, "nothing begins") {
		t.Error("it is said for ever")
	}
}

func TestAPauseBeginsANewWord(t *testing.T) {
	f := choiceForm("reader", "auditor")
	drawn(f, noon)
	typeInto(f, "aud")
	drawn(f, noon.Add(wordPause))
	typeInto(f, "i")
	if got := f.Text("c"); got != "auditor" {
		t.Errorf("a slow word chose %q", got)
	}
	drawn(f, noon.Add(3*time.Second))
	typeInto(f, "re")
	if got := f.Text("c"); got != "reader" {
		t.Errorf("after a pause %q", got)
	}
}

func TestWhatIsRefusedIsNotChosenByAWord(t *testing.T) {
	f := sampleForm()
	f.Focus("kind")
	drawn(f, noon)
	typeInto(f, "beta")
	if got := f.Text("kind"); got != "a" {
		t.Errorf("chose %q", got)
	}
}

func TestAnUndecidedChoiceHasToBeMade(t *testing.T) {
	f := choiceForm("reader", "auditor")
	if ev, _ := pressForm(f, "ctrl+s"); ev != FormStays || !strings.Contains(drawn(f, noon), "this is needed") {
		t.Error("the form is done without a choice")
	}
	if pressForm(f, "left"); f.Text("c") != "auditor" {
		t.Errorf("left of nothing is %q", f.Text("c"))
	}
	f = choiceForm("reader", "auditor")
	if ev, _ := pressForm(f, "right", "ctrl+s"); ev != FormDone || f.Text("c") != "reader" {
		t.Errorf("right of nothing is %q", f.Text("c"))
	}
}

// A role is power: a grant says itself who gets what where.
func TestAGrantChoosesNothingByItself(t *testing.T) {
	s := NewGrantForm(OpenGrant{People: access().People, Vaults: access().Vaults}, owner)
	s.SetSize(80, 20)
	s.Update(keyPress("ctrl+s"))
	v := s.View(Paint{NewTheme(Mono), noon})
	if n := strings.Count(v, "this is needed"); n != 3 {
		t.Errorf("%d choices are asked for, want person, role and place:\n%s", n, v)
	}
}

func TestSigningBeginsAtTheText(t *testing.T) {
	for _, s := range []Screen{NewSign(prod, keyDetail(), user), NewVerify(prod, keyDetail(), user)} {
		s.SetSize(80, 20)
		if v := plain(s.View(Paint{NewTheme(Mono), noon})); !strings.Contains(v, "› Text *") {
			t.Errorf("%s begins elsewhere:\n%s", s.Title(), v)
		}
	}
}
