package views

import (
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/strongroom/strongroom/internal/fault"
)

func typeInto(f *Form, text string) {
	for _, r := range text {
		f.Update(keyPress(strings.ReplaceAll(string(r), " ", "space")))
	}
}

func pressForm(f *Form, keys ...string) (ev FormEvent, out []Intent) {
	for _, k := range keys {
		ev, out = f.Update(keyPress(k))
	}
	return ev, out
}

func sampleForm() *Form {
	f := NewForm(
		nameField("secret"),
		Field{ID: "kind", Label: "Kind", Kind: ChoiceField, Options: []Option{{Value: "a", Label: "alpha"}, {Value: "b", Label: "beta", Refused: "not here"}, {Value: "c", Label: "gamma"}}},
		Field{ID: "value", Label: "Value", Kind: ValueField, Required: true, Shown: func(f *Form) bool { return f.Text("kind") == "a" }},
		Field{ID: "on", Label: "On", Kind: CheckField, Value: yes},
	)
	f.SetSize(80, 20)
	return f
}

func TestFormMovesAndSubmits(t *testing.T) {
	f := sampleForm()
	typeInto(f, "db-password")
	pressForm(f, "tab", "tab")
	if f.Focused() != "value" {
		t.Fatalf("the focus is on %s", f.Focused())
	}
	typeInto(f, "one")
	pressForm(f, "enter") // a line of the value, not the end of the form
	typeInto(f, "two")
	if ev, _ := pressForm(f, "ctrl+s"); ev != FormDone {
		t.Fatalf("ctrl+s gave %v", ev)
	}
	s := f.Secret("value")
	s.Reveal(func(b []byte) {
		if string(b) != "one\ntwo" {
			t.Errorf("value %q", b)
		}
	})
	if f.Text("name") != "db-password" || !f.Checked("on") {
		t.Error("the other fields are lost")
	}
	if f.Text("value") != "" {
		t.Error("a secret field gives its text as a string")
	}
}

func TestFormStopsAtTheFirstProblem(t *testing.T) {
	f := sampleForm()
	typeInto(f, "no spaces")
	pressForm(f, "tab", "tab")
	if ev, _ := pressForm(f, "ctrl+s"); ev != FormStays || f.Focused() != "name" {
		t.Errorf("event %v, focus on %s", ev, f.Focused())
	}
	v := strings.Join(f.View(Paint{NewTheme(Mono), noon}), "\n")
	for _, want := range []string{"is not allowed", "this is needed"} {
		if !strings.Contains(v, want) {
			t.Errorf("no %q beside a field:\n%s", want, v)
		}
	}
}

func TestAnEmptyFieldIsNotWrongBeforeItWasLeft(t *testing.T) {
	f := sampleForm()
	if v := strings.Join(f.View(Paint{NewTheme(Mono), noon}), "\n"); strings.Contains(v, "✗") {
		t.Errorf("a fresh form complains:\n%s", v)
	}
}

func TestAFieldThatDoesNotApplyIsGone(t *testing.T) {
	f := sampleForm()
	typeInto(f, "name")
	pressForm(f, "tab", "right") // alpha, past beta which is refused, to gamma
	if f.Text("kind") != "c" {
		t.Errorf("chosen %q", f.Text("kind"))
	}
	pressForm(f, "tab")
	if f.Focused() != "on" {
		t.Errorf("the focus is on %s", f.Focused())
	}
	if ev, _ := pressForm(f, "ctrl+s"); ev != FormDone {
		t.Error("a hidden field that is empty holds the form back")
	}
}

func TestPastedTextIsNeverAKey(t *testing.T) {
	f := sampleForm()
	ev, out := f.Update(tea.PasteMsg{Content: "\x13\x1bq\nX"})
	if ev != FormStays || out != nil {
		t.Errorf("a paste did %v %v", ev, out)
	}
	if got := f.Text("name"); strings.ContainsAny(got, "\x13\x1b\n") {
		t.Errorf("control characters came into the field: %q", got)
	}
}

func TestEscAsksBeforeAnythingIsLost(t *testing.T) {
	f := sampleForm()
	if ev, _ := pressForm(f, "esc"); ev != FormLeft {
		t.Error("an untouched form asks")
	}
	typeInto(f, "x")
	ev, out := pressForm(f, "esc")
	if ev != FormStays || len(out) != 1 {
		t.Fatalf("esc gave %v %v", ev, out)
	}
	d := out[0].(OpenDialog).Dialog
	if in, done := d.Update(keyPress("enter")); !done || in != nil {
		t.Error("enter, the default, loses the input")
	}
	if in, done := d.Update(keyPress("y")); !done || len(in) != 1 || in[0] != (Back{}) {
		t.Error("y does not leave")
	}
}

func TestPathsAreSuggestedForWhatIsTypedNow(t *testing.T) {
	f := NewForm(Field{ID: "file", Label: "File", Kind: PathField})
	f.SetSize(80, 10)
	typeInto(f, "/tm")
	_, out := pressForm(f, "p")
	if len(out) != 1 || out[0] != (SuggestPaths{Field: "file", Prefix: "/tmp"}) {
		t.Fatalf("asked %v", out)
	}
	f.Update(PathsSuggested{Field: "file", Prefix: "/t", Paths: []string{"/tricks"}}) // late
	f.Update(PathsSuggested{Field: "file", Prefix: "/tmp", Paths: []string{"/tmp/"}})
	pressForm(f, "right")
	if f.Text("file") != "/tmp/" {
		t.Errorf("took %q", f.Text("file"))
	}
}

func TestWhatIsTypedInASecretFieldIsMaskedAndWiped(t *testing.T) {
	f := NewForm(Field{ID: "p", Label: "Password", Kind: PasswordField})
	f.SetSize(80, 10)
	typeInto(f, canary)
	p := Paint{NewTheme(Mono), noon}
	if v := strings.Join(f.View(p), "\n"); strings.Contains(v, canary) || !strings.Contains(v, "••••") {
		t.Errorf("the field shows %s", v)
	}
	kept := f.find("p").edit.text // the very memory
	f.Leave()
	for _, r := range kept {
		if r != 0 {
			t.Fatal("the password is still in memory")
		}
	}
}

func TestGrowingAnEditorWipesWhatItMovesOutOf(t *testing.T) {
	e := &editor{lines: true}
	e.insert("first ")
	old := e.text
	e.insert(strings.Repeat("x", 4000))
	for _, r := range old {
		if r != 0 {
			t.Fatal("the smaller memory still holds the text")
		}
	}
}

func TestEditorCommands(t *testing.T) {
	for _, tc := range []struct {
		keys string
		want string
	}{
		{"a b c backspace", "ab"},
		{"a b left c", "acb"},
		{"a b home c end d", "cabd"},
		{"a b left delete", "a"},
		{"a space b ctrl+w c", "a c"},
		{"a b ctrl+u c", "c"},
		{"a b home ctrl+k c", "c"},
		{"a enter b up c", "ac\nb"},
		{"a enter b up home down d", "a\ndb"},
	} {
		e := &editor{lines: true}
		for _, k := range strings.Fields(tc.keys) {
			e.Update(keyPress(k))
		}
		if got := e.String(); got != tc.want {
			t.Errorf("%s: %q, want %q", tc.keys, got, tc.want)
		}
	}
}

func TestAVeryLongLineIsDrawnAroundItsCursor(t *testing.T) {
	e := &editor{}
	e.insert(strings.Repeat("0123456789", 2600))
	lines, x, _ := e.area(20, 1)
	if x != 19 || width(lines[0]) > 20 {
		t.Errorf("cursor in cell %d of %q", x, lines[0])
	}
}

func TestEndsAreDaysOrDistances(t *testing.T) {
	for _, tc := range []struct {
		in   string
		want time.Time
	}{
		{"", time.Time{}},
		{"2027-01-31", time.Date(2027, 1, 31, 0, 0, 0, 0, time.UTC)},
		{" 90d ", days(90)},
		{"12m", noon.AddDate(1, 0, 0)},
	} {
		got, err := parseEnd(tc.in, noon)
		if err != nil || !got.Equal(tc.want) {
			t.Errorf("%q: %v, %v", tc.in, got, err)
		}
	}
	for _, bad := range []string{"tomorrow", "0d", "-3d", "9999999d", "2026-13-01", "2026-01-01", "d", "5y", "1e3d"} {
		if _, err := parseEnd(bad, noon); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func FuzzEnd(f *testing.F) {
	for _, s := range []string{"", "2027-01-31", "90d", "12m", "x", "日"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		end, err := parseEnd(s, noon)
		if err == nil && !end.IsZero() && !end.After(noon) {
			t.Errorf("%q ends before now", s)
		}
	})
}

// Whatever is typed or pasted, the editor stays within its bounds and what it
// draws cannot drive the terminal.
func FuzzEditor(f *testing.F) {
	f.Add("hello\nworld", "left backspace enter")
	f.Add("\x1b[2J\u202e漢字e\u0301", "ctrl+w up down")
	f.Fuzz(func(t *testing.T, text, keys string) {
		e := &editor{lines: true}
		e.insert(text)
		for i, k := range strings.Fields(keys) {
			if i > 50 {
				break
			}
			e.command(k)
		}
		if e.pos < 0 || e.pos > len(e.text) || len(e.text) > maxTyped {
			t.Fatalf("cursor at %d of %d", e.pos, len(e.text))
		}
		lines, x, y := e.area(20, 3)
		if x > 20 || y > 3 {
			t.Errorf("cursor drawn at %d,%d", x, y)
		}
		for _, l := range lines {
			if strings.ContainsAny(l, "\x1b\r\n\u202e") || width(l) > 20 {
				t.Errorf("drawn %q", l)
			}
		}
	})
}

// The terminal's own cursor stands where the next letter goes, in cells.
func TestCursorStandsBehindWhatWasTyped(t *testing.T) {
	for _, typed := range []string{"", "bob", "漢字", "caf\u00e9"} {
		s := NewSignIn(SignInData{Installation: "x"})
		s.SetSize(80, 20)
		s.Update(tea.PasteMsg{Content: typed})
		lines := strings.Split(plain(s.View(Paint{NewTheme(Mono), noon})), "\n")
		x, y, shown := s.Cursor()
		if !shown || !strings.HasPrefix(lines[y], "› Name") || x != 2+labels+width(typed) {
			t.Errorf("%q: cursor at %d,%d (%v) in %q", typed, x, y, shown, lines[y])
		}
	}
}

func TestAFormThatWorksIsPatient(t *testing.T) {
	s := NewVaultForm(nil)
	s.SetSize(80, 20)
	for _, r := range "payments-uat" {
		s.Update(keyPress(string(r)))
	}
	if in := s.Update(keyPress("ctrl+s")); len(in) != 1 {
		t.Fatalf("ctrl+s gave %v", in)
	}
	if in := s.Update(keyPress("ctrl+s")); in != nil {
		t.Error("a second ctrl+s does it twice")
	}
	if in := s.Update(keyPress("esc")); in[0] == (Back{}) {
		t.Error("esc leaves before the end is known")
	}
}
