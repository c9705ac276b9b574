package tui

import (
	"image/color"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"

	"github.com/strongroom/strongroom/views"
)

// bare is a console without an installation: for the shell's own behaviour.
func bare(t testing.TB, screens ...views.Screen) *robot {
	t.Helper()
	c := newClock()
	m := shell(t.Context(), Config{Clock: c.Now, Demo: []DemoPerson{{Name: "olivia", Role: "vault owner", Password: "open sesame", Code: everyHalfMinute}}})
	m.about = installation{id: "0b5c", demo: true}
	m.showSignIn("")
	b := newRobot(t, m, c)
	for _, s := range screens {
		m.screens.Push(s)
		s.SetSize(views.BodySize(80, 24))
	}
	return b
}

// everyHalfMinute stands in for an authenticator.
func everyHalfMinute(now time.Time) (string, time.Time) {
	code := "111111"
	if now.Second() >= 30 {
		code = "222222"
	}
	return code, now.Truncate(30 * time.Second).Add(30 * time.Second)
}

func TestADemoShowsEverybodysPasswordAndCode(t *testing.T) {
	b := bare(t)
	b.See("Demo: nothing here is secret", "olivia", "open sesame", "111 111", "0:30")
	b.Wait(29*time.Second).See("111 111", "0:01").Wait(2*time.Second).See("222 222", "0:29")
}

func TestASmallTerminalGetsAMessageAndKeepsItsState(t *testing.T) {
	b := bare(t)
	b.Type("oliv")
	b.send(tea.WindowSizeMsg{Width: 60, Height: 20})
	b.See("80 x 24", "60 x 20", "nothing is lost").Miss("Password")
	b.Type("xxx") // nobody types into what they cannot see
	b.send(tea.WindowSizeMsg{Width: 120, Height: 40})
	b.See("oliv").Miss("oliv" + "xxx").Type("ia").See("olivia")
	for l := range strings.SplitSeq(b.Screen(), "\n") {
		if n := len([]rune(l)); n != 120 {
			t.Fatalf("a line of %d cells in a terminal of 120: %q", n, l)
		}
	}
}

func TestBeforeTheTerminalSaysItsSizeNothingIsDrawn(t *testing.T) {
	c := newClock()
	m := shell(t.Context(), Config{Clock: c.Now})
	m.showSignIn("")
	if v := m.View(); v.Content != "" || v.Cursor != nil {
		t.Errorf("a frame of no size: %q", v.Content)
	}
}

// Colours follow the terminal's answer; NO_COLOR and a terminal without
// colours leave bold, faint and reverse.
func TestTheThemeFollowsTheTerminal(t *testing.T) {
	for name, c := range map[string]struct {
		say  []tea.Msg
		want views.Mode
	}{
		"nothing said":      {nil, views.Dark},
		"a dark terminal":   {[]tea.Msg{tea.BackgroundColorMsg{Color: color.Black}}, views.Dark},
		"a light terminal":  {[]tea.Msg{tea.BackgroundColorMsg{Color: color.White}}, views.Light},
		"NO_COLOR":          {[]tea.Msg{tea.EnvMsg{"NO_COLOR=1"}, tea.BackgroundColorMsg{Color: color.White}}, views.Mono},
		"no colours at all": {[]tea.Msg{tea.ColorProfileMsg{Profile: colorprofile.ASCII}}, views.Mono},
	} {
		b := bare(t)
		for _, msg := range c.say {
			b.send(msg)
		}
		if got := b.model.looks.theme.Mode(); got != c.want {
			t.Errorf("%s: mode %d, want %d", name, got, c.want)
		}
	}
}

func TestTheCursorStandsWhereOneTypes(t *testing.T) {
	b := bare(t)
	before := b.model.View().Cursor
	if before == nil {
		t.Fatal("no cursor in a form")
	}
	b.Type("ab")
	if after := b.model.View().Cursor; after.X != before.X+2 || after.Y != before.Y {
		t.Errorf("the cursor went from %v to %v", before.Position, after.Position)
	}
	b.model.dialogs.Push(&views.Message{Title: "Hear"})
	if b.model.View().Cursor != nil {
		t.Error("a cursor shines through a dialog")
	}
}

// A paste is text, whatever keys it would be: into a field, or nowhere.
func TestAPasteIsNeverAKey(t *testing.T) {
	b := bare(t, views.NewVaults(nil))
	b.send(tea.PasteMsg{Content: "q"})
	if b.gone {
		t.Error("a pasted q left the console")
	}
	b.Press("/")
	b.send(tea.PasteMsg{Content: "q?:"})
	b.See("q?:")
	if b.gone || b.model.dialogs.Open() {
		t.Error("pasted text was taken for keys")
	}
}

// While a filter is typed every letter belongs to it; ctrl+c still leaves.
func TestTypingSwallowsTheGlobalKeys(t *testing.T) {
	b := bare(t, views.NewVaults(nil))
	b.Press("/").Type("q?:l").See("q?:l")
	if b.gone || b.model.dialogs.Open() {
		t.Error("a letter of the filter was taken for a key")
	}
	b.Press("ctrl+c")
	if !b.gone {
		t.Error("ctrl+c does not leave while something is typed")
	}
}

func TestHelpAndPaletteRunActions(t *testing.T) {
	b := bare(t, views.NewVaults(nil))
	b.Press("?").See("Help").Type("new vault").See("vault-create").Press("enter").See("New vault", "Environment")

	b = bare(t, views.NewVaults(nil))
	b.Press(":").See("Command").Type("vault-c").Press("enter").See("New vault")
}

func TestANoticeGoesAwayByItself(t *testing.T) {
	b := bare(t)
	b.model.notice(views.Good, "it was done")
	b.See("it was done").Wait(toastFor + time.Second).Miss("it was done")
}

// A key for the screen below must not close a dialog that just opened.
func TestAnErrorThatOpensByItselfIsDeafForAMoment(t *testing.T) {
	b := bare(t, views.NewVaults(nil))
	b.carry(b.model.handle(origin{screen: b.model.screens.TopID(), unasked: true}, []views.Intent{
		views.OpenDialog{Dialog: views.NewError("That did not work", errBusy)},
	}))
	b.Press("enter").See("other work is still running", "What to do")
	b.clock.now = b.clock.now.Add(views.Grace)
	b.Press("enter").Miss("other work")
}
