package views

import (
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/strongroom/strongroom/roles"
)

// Production is in capitals between solid blocks, in every mode; nothing else is.
func TestProdIsUnmistakableWithoutColour(t *testing.T) {
	for _, mode := range []Mode{Dark, Light, Mono} {
		th := NewTheme(mode)
		for _, e := range roles.Environments() {
			got := ansi.Strip(th.Badge(e))
			if (got == "█ PROD █") != (e == roles.Prod) {
				t.Errorf("%s looks like %q", e, got)
			}
			if e != roles.Prod && got != "["+string(e)+"]" {
				t.Errorf("%s looks like %q", e, got)
			}
		}
	}
}

func TestHeaderSaysWhatRunsOutAndWhatIsWrong(t *testing.T) {
	c := Chrome{Session: Session{
		Person: "bob", Role: "secret owner", Vault: prod.Name, Environment: roles.Prod,
		FactorUntil: noon.Add(65 * time.Second), Approvals: 2, Alarms: 1, HSM: "absent",
	}}
	w, h := BodySize(80, 24)
	got := plain(c.View(block(nil, w, h), Paint{NewTheme(Mono), noon}, 80, 24))
	for _, want := range []string{"█ PROD █ payments-prod", "bob · secret owner", "code fresh 1:05", "2 to approve", "!! 1 alarm", "!! HSM absent"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in the header:\n%s", want, got)
		}
	}
}

// A long way in must not push the person or the environment off the screen.
func TestHeaderCutsTheLeastImportant(t *testing.T) {
	long := strings.Repeat("very-long-name-", 12)
	c := Chrome{Session: Session{Person: "bob", Role: "secret owner", Vault: "payments-production-eu", Environment: roles.Prod, HSM: "ready", HSMOK: true}, Crumbs: []string{"Vaults", long, long}}
	w, h := BodySize(80, 24)
	got := plain(c.View(block(nil, w, h), Paint{NewTheme(Mono), noon}, 80, 24))
	for _, want := range []string{"PROD", "bob", "HSM ready", "…"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q:\n%s", want, got)
		}
	}
}

func TestStackKeepsTheWayAndForgetsWhatWasLeft(t *testing.T) {
	var st Stack
	home := st.Push(NewVaults(nil))
	inner := st.Push(NewVault(prod, nil))
	if st.Pop(); st.TopID() != home {
		t.Error("back does not lead home")
	}
	if _, found := st.Find(inner); found {
		t.Error("an answer could still reach a screen that was left")
	}
	if st.Pop() {
		t.Error("home was left")
	}
	if again := st.Push(NewVault(prod, nil)); again == inner {
		t.Error("a number was given twice: a late answer would reach the wrong screen")
	}
	if got := strings.Join(st.Crumbs(), " › "); got != "Vaults › payments-prod" {
		t.Errorf("crumbs %s", got)
	}
}

func TestProgressTellsTheTimeLeft(t *testing.T) {
	g := Progress{Name: "Verifying", Done: 25, Total: 100, Started: noon, Now: noon.Add(10 * time.Second)}
	if left, ok := g.Remaining(); !ok || left != 30*time.Second {
		t.Errorf("left %v %v", left, ok)
	}
	line := ansi.Strip(g.Line(Paint{NewTheme(Dark), noon}, 80))
	for _, want := range []string{"25%", "0:30 left", "░", "^X stops"} {
		if !strings.Contains(line, want) {
			t.Errorf("no %q in %q", want, line)
		}
	}
	if _, ok := (Progress{Total: 10, Started: noon, Now: noon}).Remaining(); ok {
		t.Error("the time left is guessed from nothing")
	}
}

func TestStatesOfALife(t *testing.T) {
	for _, tc := range []struct {
		life Life
		want string
	}{
		{Life{Enabled: true}, "enabled"},
		{Life{}, "disabled"},
		{Life{Enabled: true, Expires: noon}, "expired"},
		{Life{Enabled: true, Expires: noon.Add(time.Second)}, "expiring"},
		{Life{Enabled: true, NotBefore: noon.Add(time.Second)}, "not yet"},
		{Life{Enabled: true, Expires: days(31)}, "enabled"},
	} {
		if got, _ := tc.life.State(noon); got != tc.want {
			t.Errorf("%+v is %s, want %s", tc.life, got, tc.want)
		}
	}
}

// The code that is drawn is read back, module by module: dark on light where
// colours force it and on a light terminal, inverted on a dark one without.
func TestQRReadsBackInEveryMode(t *testing.T) {
	q := checkers(37)
	for _, tc := range []struct {
		mode           Mode
		dark, inverted bool
	}{{Dark, true, false}, {Light, false, false}, {Mono, false, false}, {Mono, true, true}} {
		lines := q.Render(Paint{NewTheme(tc.mode), noon}, tc.dark)
		for y := range q.Side {
			for x := range q.Side {
				if got := inkAt(lines, x+quiet, y+quiet) != tc.inverted; got != q.Black(x, y) {
					t.Fatalf("mode %d: module %d,%d reads %v", tc.mode, x, y, got)
				}
			}
		}
		if tc.mode != Mono && !strings.Contains(lines[0], "\x1b[30;107m") {
			t.Error("black on white is not forced")
		}
	}
	if w, h := q.Size(); w != 39 || h != 20 {
		t.Errorf("a code of 37 modules takes %d x %d cells", w, h)
	}
}

// inkAt reads a half block.
func inkAt(lines []string, x, y int) bool {
	cell := []rune(ansi.Strip(lines[y/2]))[x]
	return cell == '█' || (cell == '▀' && y%2 == 0) || (cell == '▄' && y%2 == 1)
}

// The QR code leaves for the secret in words when the window is too small.
func TestEnrolmentWithoutRoomForTheCode(t *testing.T) {
	s := newEnrol()
	s.SetSize(80, 20)
	s.Update(EnrolmentBegun{QR: checkers(41), Groups: begun().Groups, URL: begun().URL})
	got := plain(s.View(Paint{NewTheme(Dark), noon}))
	if strings.Contains(got, "▀") || !strings.Contains(got, "too small for the QR code") || !strings.Contains(got, "JBSW Y3DP") {
		t.Errorf("the body shows\n%s", got)
	}
	s.SetSize(120, 36)
	if got := plain(s.View(Paint{NewTheme(Dark), noon})); !strings.Contains(got, "▀") {
		t.Error("a larger window does not bring the code back")
	}
}

func FuzzClean(f *testing.F) {
	f.Add("plain")
	f.Add("\x1b]52;c;AAAA\x07\u202e\u2066漢\xff")
	f.Fuzz(func(t *testing.T, s string) {
		got := clean(s)
		if strings.ContainsAny(got, "\x1b\x07\r\n\u202e\u2066\u200b") {
			t.Errorf("%q became %q", s, got)
		}
		for _, w := range []int{0, 1, 7, 80} {
			if n := width(fit(got, w)); n != w {
				t.Errorf("%q fitted to %d has %d cells", s, w, n)
			}
		}
	})
}
