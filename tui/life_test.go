package tui

import (
	"database/sql"
	"path/filepath"
	"testing"

	_ "modernc.org/sqlite" // a hand on the file, as an attacker has

	"github.com/strongroom/strongroom/views"
)

// The life of objects, from the generated value to the purge, on real parts.
func TestTheLifeOfObjects(t *testing.T) {
	w := furnished(t)
	b := w.enter(w.robot(), sam)
	t.Run("a value is made here, dated, tagged, disabled and enabled", func(t *testing.T) { w.with(t, b).attributesPart(b) })
	t.Run("two secrets go to the bin, one comes back", func(t *testing.T) { w.with(t, b).binPart(b) })
	t.Run("a key in the HSM says what it is, and rotates", func(t *testing.T) { w.with(t, b).keyPart(b) })
	t.Run("an owner purges, and then rules that nobody does", func(t *testing.T) { w.with(t, b).purgePart(b) })
	t.Run("a key that is not what was recorded is an alarm", func(t *testing.T) { w.with(t, b).alarmPart(b) })
}

func (w *world) attributesPart(b *robot) {
	b.Press("enter").See("api-token").Press("n").See("New secret").Fill("made").Press("right", "right", "tab")
	b.See("bits of entropy; nobody sees the value").Press("ctrl+s").See("Secret made was made, with", "nobody has seen it")

	b.Press("j", "enter").See("secret made", "● enabled").Press("e").See("Attributes", "The version")
	b.Press("tab", "tab").Fill("90d", "text/plain", "team=pay").Type("Sam's").Press("ctrl+s")
	b.See("The attributes of made were changed", "text/plain", "2027-02-21 (in 90 days)", "team=pay", "Sam's")

	b.Press("-").See("Disable made in pay-dev", "To undo: enable it again").Press("enter").See("● enabled")
	b.Press("-", "y").See("made is disabled", "● disabled")
	b.Press("v").See("That did not work").Wait(views.Grace).Press("enter")
	b.Press("+").See("made is enabled", "● enabled").Press("v").See("hidden again").Press("h", "esc")
}

func (w *world) binPart(b *robot) {
	b.See("api-token", "made").Press("g", "space", "space").See("2 selected", "- Disable 2")
	b.Press("D").See("Delete 2 secrets in pay-dev", "api-token, made go to the bin", "until 2027-02-21", "A vault owner can purge them")
	b.Press("y").See("2 secrets are in the bin until 2027-02-21", "There is no secret in this vault yet").Miss("selected")

	w.t.Log("A name in the bin is taken, and says so.")
	b.Press("n").Fill("made", "").Type("x").Press("ctrl+s").See("✗").Press("esc", "y")

	b.Press("b").See("Bin", "kept for 90 days", "api-token", "made", "2027-02-21 (in ", "(P Purge)")
	b.Press("P").See("a secret owner works inside a vault and decides nothing about it")
	b.Press("r").See("api-token is back, as it was").See("made")
	b.Press("esc").See("api-token").Press("enter", "v").See(hidden).Press("h", "esc")
}

func (w *world) keyPart(b *robot) {
	b.Press("tab", "n").See("New key").Type("hard").Press("ctrl+s").See("Key hard was made").Press("g", "enter")
	b.See("key hard", "made        inside the token", "✓ LOCAL  ✓ SENSITIVE  ✓ ALWAYS_SENSITIVE  ✓ NEVER_EXTRACTABLE", "as it was recorded").Miss("ALARM", "alarm")
	b.Press("r").See("Rotate hard in pay-dev", "(1 version)", "To undo").Press("y")
	b.See("hard has the new version", "1 of 2", "✓ NEVER_EXTRACTABLE")
	b.Press("down").See("2 of 2", "not asked yet about the version").Press("t").See("as it was recorded")

	w.t.Log("A software key makes no claim.")
	b.Press("esc", "j", "enter").See("key release", "in software").Miss("token says").Press("t").See("a software key is in no token")
	b.Press("esc", "esc", "ctrl+o").See("Sign in")
}

func (w *world) purgePart(b *robot) {
	w.enter(b, olivia)
	b.Press("enter").See("api-token", "(- Disable)").Press("b").See("made", "(r Recover)")
	b.Press("P").See("Purge made in pay-dev", "cannot be undone").Type("api-token").Press("enter").See("Purge made in pay-dev")
	b.Press("esc", "P").Type("made").Press("enter").See("made is gone for good", "No secret of this vault is in the bin")

	b.Press("esc", "esc", "p").See("The policy of the vault pay-dev").Press("right", "ctrl+s")
	b.See("Purge protection for pay-dev", "Nobody can ever turn it off again").Type("pay-dev").Press("enter")
	b.See("The policy of pay-dev was changed").Press("p").See("on: deleted objects stay").Press("left").See("on: deleted objects stay").Press("esc")
	b.Press("ctrl+o")

	w.enter(b, sam)
	b.Press("enter").See("purge protection").Press("D").See("Purge protection: nobody can purge it").Press("y").See("api-token is in the bin")
	b.Press("esc", "ctrl+o")
	w.enter(b, olivia)
	b.Press("enter", "b").See("api-token", "(P Purge)").Press("P").See("purge protection keeps it until 2027-02-21")
	b.Press("esc", "esc", "ctrl+o")
}

func (w *world) alarmPart(b *robot) {
	w.loosen()
	w.enter(b, sam)
	b.Press("enter", "tab", "g", "enter").See("!! ALARM: the version", "CKA_NEVER_EXTRACTABLE: recorded false, now true", "1 alarm", "tell an auditor")
	b.Press("esc").See("1 alarm").Press("esc", "ctrl+o").See("Sign in").Miss("alarm")

	w.t.Log("The auditor finds it in the log.")
	w.enter(b, ada)
	b.Press("l").See("hsm/difference", "hard")
}

// loosen says in the file that the keys of the HSM were once extractable. Who
// is not to be noticed puts back the trigger that was in the way.
func (w *world) loosen() {
	w.t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(w.dir, "vault.db"))
	must(w.t, err)
	defer db.Close()
	var guard string
	must(w.t, db.QueryRowContext(w.t.Context(), "SELECT sql FROM sqlite_master WHERE name = 'hsm_facts_fixed'").Scan(&guard))
	for _, s := range []string{"DROP TRIGGER hsm_facts_fixed", "UPDATE hsm_facts SET never_extractable = 0", guard} {
		_, err := db.ExecContext(w.t.Context(), s)
		must(w.t, err)
	}
}

// Of several objects each is an act of its own: one that is refused does not
// keep the others from it, and is named.
func TestWhatIsRefusedAmongSeveralIsNamed(t *testing.T) {
	w := furnished(t)
	b := w.enter(w.robot(), sam)
	b.Press("enter", "tab", "tab").See("There is no certificate").Press("n").Fill("api", "CN=api.example.org", "").Press("ctrl+s").See("Certificate api was made")
	b.Press("shift+tab").See("api", "release").Press("g").See("(D Delete)").Press("D").See("it lives and dies with the certificate of its name")

	b.Press("space", "space", "D").See("api, release go to the bin").Press("y")
	b.See("1 not done", "release is in the bin", "✗ api: the key api belongs to a certificate of that name", "do it to the certificate")
	b.Wait(views.Grace).Press("enter").See("1 selected", "api").Miss("release")

	t.Log("With the certificate it goes, and comes back.")
	b.Press("esc", "tab", "D").See("Its key goes with").Press("y").See("api is in the bin").Press("shift+tab").See("There is no key")
	b.Press("b", "tab").See("api", "release", "(r Recover)").Press("tab", "r").See("api is back, as it was")
	b.Press("esc").See("api")
}

// What cannot be undone, and a vault's rules, want a fresh code, and say what
// for.
func TestPurgeAndPolicyAskForAFreshCode(t *testing.T) {
	w := furnished(t)
	b := w.enter(w.robot(), sam)
	b.Press("enter", "D", "y").See("api-token is in the bin").Press("esc", "ctrl+o")

	w.enter(b, olivia)
	b.Press("enter", "b").See("api-token")
	stale(b).Press("P").Type("api-token").Press("enter").See("fresh code", "purge api-token in pay-dev (dev) for good")
	b.Wait(views.Grace).Press("esc").See("api-token")
	b.Press("P").Type("api-token").Press("enter").answerCode(w.code(olivia)).See("api-token is gone for good")

	b.Press("esc", "esc")
	stale(b).Press("p").Press("tab", "space", "ctrl+s").See("fresh code", "change the policy of pay-dev (dev)")
	b.Wait(views.Grace).Press("esc").See("no code was given, so nothing was done").Press("ctrl+s").answerCode(w.code(olivia))
	b.See("The policy of pay-dev was changed")
}
