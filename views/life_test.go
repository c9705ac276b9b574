package views

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/roles"
)

// at is a vault's screen with its secrets.
func atVault(r roles.Role) *VaultScreen {
	s := NewVault(prod, refusalsOf(r))
	s.SetSize(80, 20)
	s.Update(Tick{noon})
	s.Start()
	s.Update(secretsLoaded())
	return s
}

// confirmed presses a key, then y in the box that opens.
func confirmed(t *testing.T, s Screen, key string) []Intent {
	t.Helper()
	in := s.Update(keyPress(key))
	if len(in) != 1 {
		t.Fatalf("%s does %v", key, in)
	}
	box, ok := in[0].(OpenDialog)
	if !ok {
		t.Fatalf("%s does %v without asking", key, in)
	}
	if out, done := box.Dialog.Update(keyPress("enter")); !done || out != nil {
		t.Errorf("enter does %v; it has to mean no", out)
	}
	out, _ := box.Dialog.Update(keyPress("y"))
	return out
}

func changeOf(t *testing.T, in []Intent) (Verb, []string) {
	t.Helper()
	c, ok := in[0].(ChangeObjects)
	if !ok {
		t.Fatalf("does %v", in)
	}
	return c.Verb, namesOf(c.Refs)
}

// What is selected is what an act is meant for; without a selection it is the
// row under the cursor.
func TestLifeActsOnTheSelectedRows(t *testing.T) {
	s := atVault(roles.SecretOwner)
	if verb, names := changeOf(t, confirmed(t, s, "D")); verb != Delete || !slices.Equal(names, []string{"db-password"}) {
		t.Errorf("deletes %v", names)
	}
	for _, k := range []string{"down", "space", "down", "space"} {
		s.Update(keyPress(k))
	}
	want := []string{"fraud-score-token", "ledger-api-token"}
	if verb, names := changeOf(t, confirmed(t, s, "-")); verb != Disable || !slices.Equal(names, want) {
		t.Errorf("disables %v", names)
	}
	if verb, names := changeOf(t, s.Update(keyPress("+"))); verb != Enable || !slices.Equal(names, want) {
		t.Errorf("enables %v", names)
	}

	t.Log("What was done is no longer selected; what was not still is, and is named.")
	refs := refsOf(prod.Name, Secrets, want)
	in := s.Update(ObjectsChanged{Verb: Delete, Done: refs[:1], Failed: []Unchanged{{refs[1], unavailable}}, Until: days(90)})
	box := in[0].(OpenDialog).Dialog.View(Paint{NewTheme(Mono), noon}, 80, 24)
	for _, text := range []string{"fraud-score-token is in the bin until 2027-02-21", "✗ ledger-api-token: " + fault.Problem(unavailable), "What to do"} {
		if !strings.Contains(box, text) {
			t.Errorf("%q is not in the box:\n%s", text, box)
		}
	}
	if got := s.table().Chosen(); !slices.Equal(got, want[1:]) {
		t.Errorf("still selected: %v", got)
	}
	if _, again := in[1].(LoadObjects); !again {
		t.Error("the list is not read again")
	}
}

// An answer that comes when another tab is looked at belongs to its own list.
func TestAChangeIsToldToItsOwnTab(t *testing.T) {
	s := atVault(roles.SecretOwner)
	s.Update(keyPress("space"))
	s.Update(keyPress("tab"))
	in := s.Update(ObjectsChanged{Verb: Disable, Done: refsOf(prod.Name, Secrets, []string{"db-password"})})
	if load := in[1].(LoadObjects); load.Kind != Secrets || len(s.tables[Secrets].Marked()) != 0 {
		t.Errorf("reads %v again", load.Kind)
	}
}

func TestADialogNamesFiveAndCountsTheOthers(t *testing.T) {
	s := atVault(roles.SecretOwner)
	for range 7 {
		s.Update(keyPress("space"))
	}
	box := s.Update(keyPress("D"))[0].(OpenDialog).Dialog.View(Paint{NewTheme(Mono), noon}, 80, 24)
	if !strings.Contains(box, "and 2 more") || !strings.Contains(box, "Delete 7 secrets") {
		t.Errorf("the box says:\n%s", box)
	}
}

// What a role may not do, and what has no sense on a row, is greyed with its
// reason, and does nothing.
func TestLifeIsGreyedWithReasons(t *testing.T) {
	reason := func(s Screen, id ActionID) string {
		for _, a := range s.Actions() {
			if a.ID == id {
				return a.Disabled
			}
		}
		t.Fatalf("no %s", id)
		return ""
	}
	ownersReason := roles.At(roles.VaultOwner, roles.SecretsDelete).Why
	if got := reason(atVault(roles.VaultOwner), ActDelete); got != ownersReason {
		t.Errorf("an owner is told %q", got)
	}
	managed := NewVault(prod, nil)
	managed.SetSize(80, 20)
	managed.Update(keyPress("tab"))
	rows := keyRows()
	rows[0].Managed = true
	managed.Update(ObjectsLoaded{Keys, 1, page(rows)})
	if got := reason(managed, ActDelete); got != withCertificate {
		t.Errorf("a certificate's key: %q", got)
	}

	bin := NewBin(prod, nil)
	bin.SetSize(80, 20)
	bin.Update(Tick{noon})
	if got := reason(bin, ActRecover); got == "" {
		t.Error("recovers nothing")
	}
	bin.Start()
	bin.Update(deletedLoaded())
	if got := reason(bin, ActPurge); got != "purge protection keeps it until 2026-12-22" {
		t.Errorf("purge: %q", got)
	}
	bin.Update(Tick{days(30)})
	if got := reason(bin, ActPurge); got != "" {
		t.Errorf("purge after its day: %q", got)
	}
	bin.Update(keyPress("space"))
	if got := reason(bin, ActPurge); !strings.HasPrefix(got, "one at a time") {
		t.Errorf("purge of a selection: %q", got)
	}
	if in := bin.Update(keyPress("P")); len(in) != 1 || in[0].(Notify).Tone != Warning {
		t.Errorf("P does %v", in)
	}
}

// A purge wants the name, exactly.
func TestPurgeAsksForTheName(t *testing.T) {
	s := NewBin(staging, nil)
	s.SetSize(80, 20)
	s.Start()
	s.Update(deletedLoaded())
	box := s.Update(keyPress("P"))[0].(OpenDialog).Dialog
	if _, done := box.Update(keyPress("enter")); done {
		t.Fatal("an empty name is taken")
	}
	for _, r := range "db-passwort" {
		box.Update(keyPress(string(r)))
	}
	if _, done := box.Update(keyPress("enter")); done {
		t.Fatal("another name is taken")
	}
	box.Update(keyPress("backspace"))
	box.Update(keyPress("d"))
	in, done := box.Update(keyPress("enter"))
	if want := (Purge{Ref{Vault: staging.Name, Kind: Secrets, Name: "db-password"}}); !done || in[0] != want {
		t.Errorf("gave %v", in)
	}
}

// A form sends what was touched and nothing else.
func TestAttributesSendWhatWasTouched(t *testing.T) {
	s := newAttributes(taggedDetail())().(*formScreen)
	s.SetSize(80, 20)
	s.Update(Tick{noon})
	in := s.Update(keyPress("ctrl+s"))
	if _, back := in[1].(Back); !back || in[0].(Notify).Text != "Nothing was changed" {
		t.Errorf("an untouched form gives %v", in)
	}

	s = newAttributes(taggedDetail())().(*formScreen)
	s.Update(Tick{noon})
	s.form.Set("expires", "90d")
	s.form.Set("not-before", "")
	s.form.Set("tags", "team=payments\n\n owner = ledger=a ")
	got := s.Update(keyPress("ctrl+s"))[0].(SetAttributes)
	if got.Enabled != nil || got.ContentType != nil || got.Note != nil {
		t.Errorf("untouched parts are sent: %+v", got)
	}
	if !got.Expires.Equal(days(90)) || !got.NotBefore.IsZero() || len(*got.Tags) != 2 || (*got.Tags)["owner"] != "ledger=a" {
		t.Errorf("sends %v %v %v", got.Expires, got.NotBefore, *got.Tags)
	}
	if got.Ref != passwordRef {
		t.Errorf("of %v", got.Ref)
	}
}

// A date that is there may lie in the past, to the second that the store keeps;
// a new end may not.
func TestAnEndThatIsOverStaysAsItIs(t *testing.T) {
	d := secretDetail()
	d.Versions[0].Expires = days(-3).Add(7 * time.Second)
	s := newAttributes(d)().(*formScreen)
	s.Update(Tick{noon})
	s.form.Set("content-type", "text/html")
	got := s.Update(keyPress("ctrl+s"))[0].(SetAttributes)
	if got.Expires != nil || *got.ContentType != "text/html" {
		t.Errorf("sends %+v", got)
	}
	s.Update(Failed{got, unavailable})
	s.form.Set("expires", "2020-01-01")
	if in := s.Update(keyPress("ctrl+s")); in != nil {
		t.Errorf("an end in the past gives %v", in)
	}
}

func TestTagsAreRead(t *testing.T) {
	many := strings.Repeat("x", 1)
	for i := range 16 {
		many += "\n" + strings.Repeat("t", i+1) + "=v"
	}
	for text, ok := range map[string]bool{
		"": true, "a=b": true, "a=": true, "\n a = b=c \n": true, "a": false, "=b": false, "a=b\na=c": false, many[2:]: false,
	} {
		if _, err := parseTags(text); (err == nil) != ok {
			t.Errorf("%q: %v", text, err)
		}
	}
	if got, _ := parseTags(tagLines(map[string]string{"b": "2", "a": "1=x"})); got["a"] != "1=x" || got["b"] != "2" {
		t.Errorf("read back %v", got)
	}
}

func FuzzTags(f *testing.F) {
	for _, seed := range []string{"", "a=b", "a=b\nc", "=\n=", " a = b = c \r\n"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		tags, err := parseTags(text)
		if err != nil {
			return
		}
		again, err := parseTags(tagLines(tags))
		if err != nil || len(again) != len(tags) {
			t.Errorf("%q reads as %v, and then as %v (%v)", text, tags, again, err)
		}
	})
}

func TestMomentsAreRead(t *testing.T) {
	for text, want := range map[string]time.Time{
		"": {}, "2027-01-31": time.Date(2027, 1, 31, 0, 0, 0, 0, time.UTC), "2020-02-29 13:45": time.Date(2020, 2, 29, 13, 45, 0, 0, time.UTC), "10d": days(10),
	} {
		got, err := parseMoment(text, noon)
		if err != nil || !got.Equal(want) {
			t.Errorf("%q reads as %v, %v", text, got, err)
		}
		if again, err := parseMoment(momentText(got), noon); err != nil || !again.Equal(got) {
			t.Errorf("%q reads back as %v, %v", text, again, err)
		}
	}
	if _, err := parseMoment("2027-13-01", noon); err == nil {
		t.Error("a thirteenth month is taken")
	}
}

// Purge protection is for ever, so it asks for the vault's name; what can be
// taken back does not ask.
func TestPolicyAsksBeforeWhatIsForEver(t *testing.T) {
	policy := func(v VaultRow, ids ...string) []Intent {
		s := NewPolicyForm(v, nil).(*formScreen)
		for _, id := range ids {
			s.form.Set(id, yes)
		}
		return s.Update(keyPress("ctrl+s"))
	}
	got := policy(staging, "strict")[0].(UpdateVault)
	if got.Name != staging.Name || !*got.StrictExpiry || got.PurgeProtection != nil || got.HardwareOnly != nil {
		t.Errorf("sends %+v", got)
	}
	box := policy(staging, "strict", "protection")[0].(OpenDialog).Dialog.(*TypeName)
	got = box.Then[0].(UpdateVault)
	if box.Name != staging.Name || !*got.PurgeProtection || !*got.StrictExpiry {
		t.Errorf("asks for %q, then %+v", box.Name, got)
	}
	if in := policy(prod); in[0].(Notify).Text != "Nothing was changed" {
		t.Errorf("an untouched form gives %v", in)
	}

	t.Log("Where it is on, off cannot be chosen.")
	s := NewPolicyForm(prod, nil).(*formScreen)
	s.Update(keyPress("left"))
	s.Update(keyPress("right"))
	if s.form.Text("protection") != yes {
		t.Error("it was lifted")
	}
}

// The token is asked each time a key is read; a difference stays in view
// whichever version is looked at.
func TestADifferenceStaysInView(t *testing.T) {
	s := NewKey(prod, "settlement-signing", nil)
	s.SetSize(80, 20)
	d := keyDetail()
	d.Versions = append(d.Versions, VersionRow{Version: version(1), Life: d.Life})
	ask, ok := s.Update(ObjectLoaded{d})[0].(LoadKeyTruth)
	if !ok || ask.Ref.Version != version(2) {
		t.Fatalf("asks for %v", ask)
	}
	s.Update(KeyTruthLoaded{ask.Ref, keyUntrue()})
	for _, k := range []string{"down", "up"} {
		s.Update(keyPress(k))
		v := s.View(Paint{NewTheme(Mono), noon})
		if !strings.Contains(v, "!! ALARM: the version a1b2c302") || strings.Contains(v, "it never leaves it") {
			t.Errorf("after %s:\n%s", k, v)
		}
	}
	s.Update(keyPress("down"))
	if in := s.Update(keyPress("t")); in[0].(LoadKeyTruth).Ref.Version != version(1) {
		t.Errorf("t asks for %v", in)
	}
	s.Update(KeyTruthLoaded{ask.Ref, keyTruth()})
	if v := s.View(Paint{NewTheme(Mono), noon}); strings.Contains(v, "ALARM") {
		t.Error("the alarm outlives the difference")
	}

	t.Log("What the token said before the key was read again is not shown as if it were said now.")
	s.Update(KeyTruthLoaded{Ref{Vault: prod.Name, Kind: Keys, Name: "settlement-signing", Version: version(1)}, keyTruth()})
	shows := func() bool { return strings.Contains(s.View(Paint{NewTheme(Mono), noon}), "✓ LOCAL") }
	if !shows() {
		t.Error("the label of the older version is not shown")
	}
	s.Update(ObjectLoaded{d})
	if shows() {
		t.Error("an old label is shown")
	}

	t.Log("A software key is in no token, and makes no claim.")
	d.Protection = "software"
	if in := s.Update(ObjectLoaded{d}); in != nil {
		t.Errorf("asks for %v", in)
	}
}

// A generated value is asked for by its recipe; the form has no value then.
func TestAGeneratedSecretIsARecipe(t *testing.T) {
	for source, want := range map[string]Recipe{
		fromSigns: {Length: 24, Lower: true, Upper: true, Digits: true, Symbols: true},
		fromWords: {Words: 6, Separator: "-"},
	} {
		s := NewSecretForm(prod, "", strengthOf, nil).(*formScreen)
		s.form.Set("name", "made")
		s.form.Set("from", source)
		got, ok := s.Update(keyPress("ctrl+s"))[0].(GenerateSecret)
		if !ok || got.Recipe != want || got.Ref.Name != "made" {
			t.Errorf("%s asks for %+v", source, got)
		}
		in := s.Update(ObjectSaved{Ref: got.Ref, New: true, Bits: 155.9})
		if n := in[0].(Notify); !strings.Contains(n.Text, "155 bits") {
			t.Errorf("says %q", n.Text)
		}
	}
	s := NewSecretForm(prod, "made", strengthOf, nil).(*formScreen)
	s.form.Set("from", fromSigns)
	s.form.Set("length", "7")
	if in := s.Update(keyPress("ctrl+s")); in != nil {
		t.Errorf("7 characters give %v", in)
	}
}
