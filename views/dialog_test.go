package views

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/internal/secret"
)

func TestConfirmDefaultsToNo(t *testing.T) {
	for _, k := range []string{"enter", "esc", "n"} {
		c := &Confirm{Then: []Intent{Quit{}}}
		if in, done := c.Update(keyPress(k)); !done || in != nil {
			t.Errorf("%s: %v %v", k, in, done)
		}
	}
	c := &Confirm{Then: []Intent{Quit{}}}
	for _, k := range []string{"Y", "space", "x", "backspace", "delete"} {
		if in, done := c.Update(keyPress(k)); done || in != nil {
			t.Errorf("%s answers", k)
		}
	}
	if in, _ := c.Update(keyPress("y")); len(in) != 1 {
		t.Error("y does nothing")
	}
}

// A box that pops up under somebody's typing must not be answered by it.
func TestADialogThatOpensByItselfIsDeafForAMoment(t *testing.T) {
	var ds Dialogs
	ds.PushUnasked(&Confirm{Title: "The HSM is gone", Then: []Intent{Lock{}}}, noon)
	if in := ds.Update(keyPress("y"), noon.Add(Grace-time.Millisecond)); in != nil || !ds.Open() {
		t.Error("the key meant for the screen below answered the box")
	}
	if in := ds.Update(keyPress("y"), noon.Add(Grace)); len(in) != 1 || ds.Open() {
		t.Error("after the moment the box does not answer")
	}
}

func TestOnlyTheTopDialogTakesKeys(t *testing.T) {
	var ds Dialogs
	ds.Push(&Confirm{Title: "below", Then: []Intent{Quit{}}})
	ds.Push(&Message{Title: "above"})
	ds.Update(keyPress("enter"), noon)
	if top, _ := ds.Top(); top.(*Confirm).Title != "below" {
		t.Error("the wrong box closed")
	}
}

func TestIrreversibleActsWantTheNameTyped(t *testing.T) {
	d := &TypeName{Name: "payments-prod", Then: []Intent{Quit{}}}
	for _, r := range "payments-pro" {
		d.Update(keyPress(string(r)))
	}
	if in, done := d.Update(keyPress("enter")); done || in != nil {
		t.Error("half the name was enough")
	}
	d.Update(keyPress("d"))
	if in, done := d.Update(keyPress("enter")); !done || len(in) != 1 {
		t.Error("the whole name was not enough")
	}
}

func TestStepUpCarriesTheCodeAndTheAct(t *testing.T) {
	d := &StepUpPrompt{Act: "reveal db-password", Then: Reveal{}}
	for _, r := range "123456" {
		d.Update(keyPress(string(r)))
	}
	in, done := d.Update(keyPress("enter"))
	if !done || len(in) != 1 {
		t.Fatal("enter does not go on")
	}
	up := in[0].(StepUp)
	if !up.Code.Equal(secret.FromString("123456")) || up.Then != (Reveal{}) {
		t.Error("the code or the act is lost")
	}
}

func TestErrorsSayWhatToDo(t *testing.T) {
	m := NewError("Title", fault.Wrap(errors.New("0x30 at /dev/x"), fault.Unavailable, "the HSM does not answer", "plug it in"))
	v := m.View(Paint{NewTheme(Mono), noon}, 76, 20)
	if !strings.Contains(v, "the HSM does not answer") || !strings.Contains(v, "plug it in") {
		t.Errorf("the box says\n%s", v)
	}
	if strings.Contains(v, "0x30") {
		t.Error("the cause is shown unasked")
	}
}

func TestPromptChecksBeforeItGoesOn(t *testing.T) {
	d := NewPrompt(Prompt{Label: "Path", Check: checkSignature, Then: func(s string) []Intent { return []Intent{SaveText{Path: s}} }}, "")
	if _, done := d.Update(keyPress("enter")); done {
		t.Error("an empty prompt was accepted")
	}
	d.Update(keyPress("!"))
	if _, done := d.Update(keyPress("enter")); done {
		t.Error("a wrong text was accepted")
	}
}
