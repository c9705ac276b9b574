package gate_test

import (
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	_ "modernc.org/sqlite"

	"github.com/strongroom/strongroom/audit"
	"github.com/strongroom/strongroom/gate"
	"github.com/strongroom/strongroom/hsm"
	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/internal/secret"
	"github.com/strongroom/strongroom/keys"
	"github.com/strongroom/strongroom/vault"
)

// raw does to the database file what its owner can do without the program.
func (w *world) raw(statements ...string) {
	w.t.Helper()
	db, err := sql.Open("sqlite", "file:"+w.path())
	w.must(err)
	defer db.Close()
	guards := triggers(w, db)
	for _, s := range statements {
		if _, err := db.Exec(s); err != nil {
			w.t.Fatalf("%s: %v", s, err)
		}
	}
	// Who is not to be noticed puts back what was in the way.
	left := triggers(w, db)
	for name, text := range guards {
		if left[name] == "" {
			_, err := db.Exec(text)
			w.must(err)
		}
	}
}

// triggers gives the database's triggers by name.
func triggers(w *world, db *sql.DB) map[string]string {
	w.t.Helper()
	rows, err := db.Query(`SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'`)
	w.must(err)
	defer rows.Close()
	all := map[string]string{}
	for rows.Next() {
		var name, text string
		w.must(rows.Scan(&name, &text))
		all[name] = text
	}
	w.must(rows.Err())
	return all
}

// leaveIntent leaves what a program that died between intent and outcome
// leaves: the row and its entry in the log.
func (w *world) leaveIntent(i vault.Intent, action string, target audit.Target) {
	w.t.Helper()
	i.Created = w.clock.Add(-time.Hour)
	w.must(w.db.Write(w.ctx(), func(tx *vault.Tx) error {
		if err := tx.OpenIntent(i); err != nil {
			return err
		}
		_, err := tx.Append(audit.Draft{
			ID: i.ID, Installation: w.gate.Installation(), Source: audit.SourceSystem, Action: action, Resource: target,
			Outcome: audit.Intent, Params: map[string]string{"hsm_key": i.KeyID},
		})
		return err
	}))
}

// breakLog makes every new entry fail, by a rule of somebody else's in the
// file.
func (w *world) breakLog() {
	w.raw(`CREATE TRIGGER broken BEFORE INSERT ON log BEGIN SELECT RAISE(ABORT, 'no space left'); END`)
}

// An older copy of the database is put in place of the real one, so that what
// was logged since is forgotten. The HSM and the keyring remember.
func TestAnOlderDatabaseIsNoticed(t *testing.T) {
	for _, story := range []string{"by the keyring, when it opens", "by the HSM, when somebody signs in"} {
		t.Run(story, func(t *testing.T) {
			w := furnished(t)
			old := filepath.Join(w.dir, "old.db")
			w.copyDatabase(old)
			s := w.signIn(sam)
			_, err := w.gate.SetSecret(w.ctx(), s, set("pay-dev", "embarrassing", "x"))
			w.must(err)
			w.must(w.gate.SignOut(w.ctx(), s)) // leaves the anchors
			w.must(w.db.Close())
			w.replaceDatabase(old)
			if strings.Contains(story, "HSM") {
				w.forgetAnchor()
			}
			w.restart()
			_, err = w.gate.SignIn(w.ctx(), w.request(sam))
			w.wantKind(err, fault.Tampered)
			if !strings.Contains(fault.Problem(err), "entries") {
				t.Errorf("the error does not say how far it goes back: %q", fault.Problem(err))
			}
			w.wantKind(w.gate.Alarm(), fault.Tampered)
			if strings.Contains(story, "keyring") {
				check, err := w.gate.VerifyOffline(w.ctx(), nil)
				w.must(err)
				w.wantKind(check.Problem, fault.Tampered)
			}
		})
	}
}

func (w *world) replaceDatabase(with string) {
	w.t.Helper()
	b, err := os.ReadFile(with)
	w.must(err)
	for _, end := range []string{"-wal", "-shm"} {
		_ = os.Remove(w.path() + end)
	}
	w.must(os.WriteFile(w.path(), b, 0o600))
	w.db, err = vault.Open(w.ctx(), w.path(), vault.Options{Now: w.now})
	w.must(err)
}

func (w *world) forgetAnchor() {
	w.t.Helper()
	err := w.keyring.Delete(w.ctx(), "strongroom-anchor-"+w.gate.Installation())
	if fault.KindOf(err) != fault.NotFound {
		w.must(err)
	}
}

// One byte of one entry is changed in the file, with the triggers that forbid
// it out of the way.
func TestAChangedEntryIsNamed(t *testing.T) {
	w := furnished(t)
	w.raw(`DROP TRIGGER log_no_update`,
		`UPDATE log SET entry = CAST(replace(CAST(entry AS TEXT), 'olivia', 'olivix') AS BLOB) WHERE seq = 5`)
	check, err := w.gate.VerifyOffline(w.ctx(), nil)
	w.must(err)
	w.wantKind(check.Problem, fault.Tampered)
	if !strings.Contains(fault.Problem(check.Problem), "entry 5") {
		t.Errorf("the verdict is %q, want it to name entry 5", fault.Problem(check.Problem))
	}
}

// A filter column is changed beside an entry that stays as it is, to hide it
// from a search.
func TestAHiddenEntryIsNamed(t *testing.T) {
	w := furnished(t)
	w.raw(`DROP TRIGGER log_no_update`, `UPDATE log SET action = 'secrets/list' WHERE seq = 7`)
	check, err := w.gate.VerifyOffline(w.ctx(), nil)
	w.must(err)
	w.wantKind(check.Problem, fault.Tampered)
	if !strings.Contains(fault.Problem(check.Problem), "7") {
		t.Errorf("the verdict is %q, want it to name entry 7", fault.Problem(check.Problem))
	}
}

// A trigger in the file takes the entries of one act away as they are written,
// so that values would leave without a trace. Nothing leaves, the person hears
// that it is no matter of the disk, and the file does not open again.
func TestATriggerThatHidesAnActIsNoticed(t *testing.T) {
	w := furnished(t)
	s := w.signIn(sam)
	_, err := w.gate.SetSecret(w.ctx(), s, set("pay-dev", "thing", "v"))
	w.must(err)
	before := len(w.entries())
	w.raw(`DROP TRIGGER log_no_delete`,
		`CREATE TRIGGER quiet AFTER INSERT ON log WHEN NEW.action = 'secrets/get' BEGIN DELETE FROM log WHERE seq = NEW.seq; END`,
		`CREATE TRIGGER log_no_delete BEFORE DELETE ON log WHEN OLD.action <> 'secrets/get' BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END`)
	value, err := w.gate.GetSecret(w.ctx(), s, gate.Ref{Vault: "pay-dev", Name: "thing"}, gate.PurposeShow)
	if value != nil {
		t.Error("a value left without its entry")
	}
	w.wantKind(err, fault.Tampered)
	if n := len(w.entries()); n != before {
		t.Errorf("the log has %d entries, had %d", n, before)
	}
	w.must(w.db.Close())
	_, err = vault.Open(w.ctx(), w.path(), vault.Options{Now: w.now})
	w.wantKind(err, fault.Tampered)
}

// The log's key in the database is replaced by the attacker's own, whose
// signatures would then verify.
func TestASwappedLogKeyIsNoticed(t *testing.T) {
	w := newWorld(t)
	private, err := keys.Generate(keys.Spec{Type: keys.EC, Curve: keys.P256}, strings.NewReader(strings.Repeat("seed", 4096)))
	w.must(err)
	vkey, err := w.gate.LogKey()
	w.must(err)
	w.must(w.db.Close())
	db, err := sql.Open("sqlite", "file:"+w.path())
	w.must(err)
	_, err = db.Exec(`UPDATE installation SET log_key = ?`, private.Public().DER())
	w.must(err)
	w.must(db.Close())
	w.db, err = vault.Open(w.ctx(), w.path(), vault.Options{Now: w.now})
	w.must(err)
	_, err = gate.Open(w.ctx(), gate.Config{DB: w.db, Keyring: w.keyring, Now: w.now, LogKey: vkey})
	w.wantKind(err, fault.Tampered)
}

// Rows are swapped inside the database: the value of a secret that one may
// read for one that one may not.
func TestASwappedRecordDoesNotOpen(t *testing.T) {
	w := furnished(t)
	s := w.signIn(sam)
	mine, err := w.gate.SetSecret(w.ctx(), s, set("pay-dev", "mine", "boring"))
	w.must(err)
	theirs, err := w.gate.SetSecret(w.ctx(), s, set("pay-dev", "theirs", "exciting"))
	w.must(err)
	w.raw(`UPDATE versions SET record = (SELECT record FROM versions WHERE id = '` + theirs.Version + `') WHERE id = '` + mine.Version + `'`)
	value, err := w.gate.GetSecret(w.ctx(), s, gate.Ref{Vault: "pay-dev", Name: "mine"}, gate.PurposeShow)
	if value != nil {
		t.Error("a swapped record was opened")
	}
	w.wantKind(err, fault.Tampered)
}

// The program dies after the HSM made a key and before that was written down.
// The next sign-in finds the intent, destroys the key and says so in the log.
func TestAKeyThatACrashLeftBehindIsDestroyed(t *testing.T) {
	w := furnished(t)
	pin := secret.FromString(w.token.PIN)
	w.must(w.token.Token.Login(w.ctx(), pin))
	id := hsm.KeyID("00112233445566778899aabbccddeeff")
	_, err := w.token.Token.GenerateKey(w.ctx(), hsm.GenerateKeyRequest{ID: id, Label: "left behind", Type: hsm.ECP256, Usage: hsm.UsageSign})
	w.must(err)
	w.must(w.token.Token.Logout(w.ctx()))
	const dead = 1 << 30 // more than any process number
	w.leaveIntent(vault.Intent{ID: "11111111-2222-4333-8444-555555555555", KeyID: string(id), Label: "left behind", What: "key", PID: dead, PIDStart: 1},
		"keys/create", audit.Target{Vault: "pay-dev", Kind: "key", Name: "k"})
	entries := w.logged(func() { w.signIn(sam) })
	last := entries[len(entries)-1]
	if last.Action != "hsm/reconcile" || last.Ref != "11111111-2222-4333-8444-555555555555" || last.Resource.Name != string(id) {
		t.Errorf("the log ends with %+v", last)
	}
	if _, err := w.token.Token.Key(w.ctx(), id); fault.KindOf(err) != fault.NotFound {
		t.Errorf("the key is still there: %v", err)
	}
	if len(w.logged(func() { w.signIn(sam) })) != 1 {
		t.Error("it is reconciled a second time")
	}
}

// An intent of a process that is still at work is left alone.
func TestAKeyThatIsBeingMadeIsLeftAlone(t *testing.T) {
	w := furnished(t)
	w.must(w.db.Write(w.ctx(), func(tx *vault.Tx) error {
		return tx.OpenIntent(vault.Intent{ID: "11111111-2222-4333-8444-555555555555", KeyID: "00112233445566778899aabbccddeeff", What: "key", PID: os.Getpid()})
	}))
	if n := len(w.logged(func() { w.signIn(sam) })); n != 1 {
		t.Errorf("%d entries, want the sign-in alone", n)
	}
}

// The file holds no value, no private key, no PIN, no seed, no password.
func TestNothingInTheFileIsReadable(t *testing.T) {
	w := furnished(t)
	s := w.signIn(sam)
	_, err := w.gate.SetSecret(w.ctx(), s, set("pay-dev", "a", "correct-horse-battery"))
	w.must(err)
	_, err = w.gate.GetSecret(w.ctx(), s, gate.Ref{Vault: "pay-dev", Name: "a"}, gate.PurposeShow)
	w.must(err)
	w.must(w.gate.SignOut(w.ctx(), s))
	for _, end := range []string{"", "-wal"} {
		b, err := os.ReadFile(w.path() + end)
		w.must(err)
		seed := text(w.people[sam].seed)
		for what, needle := range map[string]string{"the value": "correct-horse-battery", "the PIN": w.token.PIN, "a password": w.people[sam].password, "a seed": seed} {
			if strings.Contains(string(b), needle) {
				t.Errorf("vault.db%s holds %s", end, what)
			}
		}
	}
}
