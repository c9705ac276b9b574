package vault

import (
	"os"
	"strings"
	"testing"

	"github.com/strongroom/strongroom/assets"
	"github.com/strongroom/strongroom/internal/fault"
)

// relock puts back the triggers that an intruder had out of the way.
func relock(t *testing.T) []string {
	t.Helper()
	var back []string
	for _, name := range []string{"log_no_update", "log_no_delete"} {
		back = append(back, definitionOf(t, "trigger "+name))
	}
	return back
}

// definitionOf gives an object's definition as the migrations make it.
func definitionOf(t *testing.T, key string) string {
	t.Helper()
	steps, err := loadMigrations(assets.Migrations)
	if err != nil {
		t.Fatal(err)
	}
	made, err := makeSchema(t.Context(), steps)
	if err != nil {
		t.Fatal(err)
	}
	if made[key].definition == "" {
		t.Fatalf("there is no %s", key)
	}
	return made[key].definition
}

// quiet takes the entry of one act out of the log as it is written.
const quiet = `CREATE TRIGGER quiet AFTER INSERT ON log WHEN NEW.action = 'secrets/get'
	BEGIN DELETE FROM log WHERE seq = NEW.seq; END`

// A trigger, or a rule that is gone, is code of somebody else's that runs in
// every change. The file is refused, stays as it was, and the error names what
// was changed.
func TestAChangedSchemaIsRefused(t *testing.T) {
	tests := []struct {
		name, want string
		edits      []string
	}{
		{"a trigger that hides acts", "trigger quiet", []string{`DROP TRIGGER log_no_delete`, quiet, definitionOf(t, "trigger log_no_delete")}},
		{"a rule is gone", "trigger log_no_delete", []string{`DROP TRIGGER log_no_delete`}},
		{"a rule without teeth", "trigger log_no_update", []string{
			`DROP TRIGGER log_no_update`, `CREATE TRIGGER log_no_update BEFORE UPDATE ON log BEGIN SELECT 1; END`,
		}},
		{"a table with a name of SQLite's own", "table sqlite_stat1", []string{
			`CREATE TABLE notes (x)`, `PRAGMA writable_schema = ON`,
			`UPDATE sqlite_schema SET name = 'sqlite_stat1', tbl_name = 'sqlite_stat1', sql = 'CREATE TABLE sqlite_stat1(x)' WHERE name = 'notes'`,
		}},
		{"a foreign table", "table notes", []string{`CREATE TABLE notes (x)`}},
		{"a view", "view grants", []string{`CREATE VIEW grants AS SELECT * FROM assignments`}},
		{"an index", "index fast", []string{`CREATE INDEX fast ON people (display)`}},
		{"a column more", "table people", []string{`ALTER TABLE people ADD COLUMN god INTEGER`}},
		{"the version of an older program", "index", []string{`PRAGMA user_version = 1`}},
		{"escape sequences in a name", "trigger ?[2Jx", []string{"CREATE TRIGGER \"\x1b[2Jx\" AFTER INSERT ON log BEGIN SELECT 1; END"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			path := makeFileWith(t)
			edit(t, path, test.edits...)
			before, _ := os.ReadFile(path)
			db, err := Open(t.Context(), path, Options{})
			if err == nil {
				_ = db.Close()
			}
			wantKind(t, err, fault.Tampered)
			if !strings.Contains(fault.Problem(err), test.want) || fault.Hint(err) == "" {
				t.Errorf("the problem %q (hint %q) does not name %q", fault.Problem(err), fault.Hint(err), test.want)
			}
			after, _ := os.ReadFile(path)
			if string(before) != string(after) {
				t.Error("the file was changed")
			}
		})
	}
}

// SQLite's own housekeeping is no tampering, not even while the file is open.
func TestHousekeepingIsNoTampering(t *testing.T) {
	path := makeFileWith(t)
	edit(t, path, `ANALYZE`, `VACUUM`)
	db := reopen(t, path)
	fillLog(t, db, 1)
	edit(t, path, `ANALYZE`, `VACUUM`)
	fillLog(t, db, 1)
	if got := verifyLog(t, db); got.Size != 4 {
		t.Fatal(got)
	}
}

// The trigger comes while the program runs. The next change meets it before
// anything is done.
func TestATriggerThatComesLaterIsNoticed(t *testing.T) {
	path := makeFileWith(t)
	db := reopen(t, path)
	fillLog(t, db, 1)
	edit(t, path, `DROP TRIGGER log_no_delete`, quiet)
	for range 2 { // and it does not get used to it
		ran := false
		err := db.Write(t.Context(), func(*Tx) error { ran = true; return nil })
		wantKind(t, err, fault.Tampered)
		if ran {
			t.Error("the change ran")
		}
	}
	edit(t, path, `DROP TRIGGER quiet`, definitionOf(t, "trigger log_no_delete"))
	fillLog(t, db, 1)
	if got := verifyLog(t, db); got.Size != 4 {
		t.Fatal(got)
	}
}

// Suppose that the comparison missed the trigger. The log's end then is not
// where the tree's is, and the whole group is taken back: the act of which an
// entry vanished, and those beside it.
func TestAnEntryThatVanishesTakesTheActWithIt(t *testing.T) {
	path := makeFileWith(t)
	db := reopen(t, path)
	fillLog(t, db, 1)
	edit(t, path, `DROP TRIGGER log_no_delete`, quiet)
	changes, err := db.number(t.Context(), sqlChanges)
	if err != nil {
		t.Fatal(err)
	}
	db.w.rules.checked = changes
	err = db.Write(t.Context(), func(tx *Tx) error {
		if _, err := tx.CreatePerson(Person{Name: "mara"}); err != nil {
			return err
		}
		_, err := tx.Append(draft("secrets/get"))
		return err
	})
	wantKind(t, err, fault.Tampered)
	if people, err := db.People(t.Context()); err != nil || len(people) != 0 {
		t.Errorf("the act remains without its entry: %v, %v", people, err)
	}
	if got := verifyLog(t, db); got.Size != 3 {
		t.Fatal(got)
	}
}

// A newer program migrates the file while this one has it open. This one stops
// instead of writing to what it does not know.
func TestAMigrationByANewerProgramIsNotTampering(t *testing.T) {
	path := makeFileWith(t)
	old := reopen(t, path)
	fillLog(t, old, 1)
	steps, _ := withStep(t, `CREATE TABLE notes (id TEXT PRIMARY KEY) STRICT;`)
	db, err := open(t.Context(), path, Options{}.withDefaults(), steps)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	fillLog(t, db, 1)
	wantKind(t, old.Write(t.Context(), func(*Tx) error { return nil }), fault.Unsupported)
}

func TestNormalise(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		{"CREATE  TABLE\n\ta (x)", "CREATE TABLE a (x)"},
		{" a ", "a"},
		{"SELECT 'a  b',  \"c  d\", [e  f],  `g  h`", "SELECT 'a  b', \"c  d\", [e  f], `g  h`"},
		{"SELECT 'it''s  so',  1", "SELECT 'it''s  so', 1"},
		{"a -- b\n  c", "a -- b\n  c"}, // on one line, c would be a comment
		{"a /* b\n  c */", "a /* b\n  c */"},
	} {
		if got := normalise(test.text); got != test.want {
			t.Errorf("normalise(%q) = %q, want %q", test.text, got, test.want)
		}
	}
}

func BenchmarkMakeSchema(b *testing.B) {
	steps, err := loadMigrations(assets.Migrations)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := makeSchema(b.Context(), steps); err != nil {
			b.Fatal(err)
		}
	}
}
