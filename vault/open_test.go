package vault

import (
	"database/sql"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"testing/fstest"

	"github.com/strongroom/strongroom/assets"
	"github.com/strongroom/strongroom/audit"
	"github.com/strongroom/strongroom/internal/fault"
)

// makeFileWith makes a closed vault with an installation and two entries.
func makeFileWith(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "vault.db")
	db, err := Create(t.Context(), path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	write(t, db, func(tx *Tx) error { return tx.CreateInstallation(makeInstallation()) })
	fillLog(t, db, 2)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

// edit changes a closed file behind the program's back.
func edit(t *testing.T, path string, statements ...string) {
	t.Helper()
	raw, err := sql.Open(driverName, path)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range statements {
		if _, err := raw.Exec(s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
	if err := raw.Close(); err != nil {
		t.Fatal(err)
	}
}

func reopen(t *testing.T, path string) *DB {
	t.Helper()
	db, err := Open(t.Context(), path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// Each file that cannot be used gives one clear fault with a hint, and is left
// exactly as it was.
func TestRefusedFiles(t *testing.T) {
	tests := []struct {
		name  string
		spoil func(t *testing.T, path string)
		want  fault.Kind
	}{
		{"absent", func(t *testing.T, path string) { remove(t, path) }, fault.NotFound},
		{"readable by the group", func(t *testing.T, path string) { chmod(t, path, 0o640) }, fault.Forbidden},
		{"readable by everybody", func(t *testing.T, path string) { chmod(t, path, 0o604) }, fault.Forbidden},
		{"a link", func(t *testing.T, path string) {
			move(t, path, path+".real")
			if err := os.Symlink(path+".real", path); err != nil {
				t.Fatal(err)
			}
		}, fault.Forbidden},
		{"a folder", func(t *testing.T, path string) {
			remove(t, path)
			if err := os.Mkdir(path, 0o700); err != nil {
				t.Fatal(err)
			}
		}, fault.Forbidden},
		{"of a newer program", func(t *testing.T, path string) { edit(t, path, `PRAGMA user_version = 9000`) }, fault.Unsupported},
		{"another program's database", func(t *testing.T, path string) { edit(t, path, `PRAGMA application_id = 7`) }, fault.Unavailable},
		{"a text", func(t *testing.T, path string) { fill(t, path, []byte("this is no database at all, only a text")) }, fault.Unavailable},
		{"cut short", func(t *testing.T, path string) { truncate(t, path, 5000) }, fault.Unavailable},
		{"empty", func(t *testing.T, path string) { truncate(t, path, 0) }, fault.NotFound},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			path := makeFileWith(t)
			test.spoil(t, path)
			before, _ := os.ReadFile(path)
			db, err := Open(t.Context(), path, Options{})
			if err == nil {
				_ = db.Close()
			}
			wantKind(t, err, test.want)
			if fault.Hint(err) == "" {
				t.Error("no hint")
			}
			after, _ := os.ReadFile(path)
			if string(before) != string(after) {
				t.Error("the file was changed")
			}
		})
	}
}

func remove(t *testing.T, path string) {
	t.Helper()
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
}

func move(t *testing.T, from, to string) {
	t.Helper()
	if err := os.Rename(from, to); err != nil {
		t.Fatal(err)
	}
}

func chmod(t *testing.T, path string, mode fs.FileMode) {
	t.Helper()
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
}

func fill(t *testing.T, path string, content []byte) {
	t.Helper()
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
}

func truncate(t *testing.T, path string, size int64) {
	t.Helper()
	if err := os.Truncate(path, size); err != nil {
		t.Fatal(err)
	}
}

// Damage inside the file that opening does not meet is found on demand.
func TestIntegrityCheck(t *testing.T) {
	path := makeFileWith(t)
	db := reopen(t, path)
	if err := db.IntegrityCheck(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for i := len(content) - 3*4096; i < len(content); i++ {
		content[i] ^= 0x5a
	}
	fill(t, path, content)
	db, err = Open(t.Context(), path, Options{})
	if err == nil {
		defer func() { _ = db.Close() }()
		err = db.IntegrityCheck(t.Context())
	}
	wantKind(t, err, fault.Unavailable)
}

func TestCreate(t *testing.T) {
	t.Run("closed to others, and odd names work", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "a b?c#d%41&mode=memory.db")
		db, err := Create(t.Context(), path, Options{})
		if err != nil {
			t.Fatal(err)
		}
		fillLog(t, db, 1)
		for _, p := range []string{path, path + "-wal", path + "-shm"} {
			info, err := os.Stat(p)
			if err != nil || info.Mode().Perm() != 0o600 {
				t.Errorf("%s: %v, %v", filepath.Base(p), info, err)
			}
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		if got := verifyLog(t, reopen(t, path)); got.Size != 1 {
			t.Fatal(got)
		}
	})
	t.Run("never over a database", func(t *testing.T) {
		path := makeFileWith(t)
		_, err := Create(t.Context(), path, Options{})
		wantKind(t, err, fault.Conflict)
		if got := verifyLog(t, reopen(t, path)); got.Size != 2 {
			t.Fatal(got)
		}
	})
	t.Run("completes what was broken off", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "vault.db")
		edit(t, path, `PRAGMA journal_mode = WAL`)
		chmod(t, path, 0o600)
		db, err := Create(t.Context(), path, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	})
	t.Run("not without a folder", func(t *testing.T) {
		_, err := Create(t.Context(), filepath.Join(t.TempDir(), "no", "vault.db"), Options{})
		wantKind(t, err, fault.NotFound)
	})
}

// withStep gives the schema with one step more, and that step's number.
func withStep(t *testing.T, script string) ([]migration, int) {
	t.Helper()
	steps, err := loadMigrations(assets.Migrations)
	if err != nil {
		t.Fatal(err)
	}
	return append(steps, migration{name: "9999_notes", script: script}), len(steps) + 1
}

// An older file is copied, then changed, with an entry in the log that says
// so; the second opening finds nothing to do.
func TestMigration(t *testing.T) {
	path := makeFileWith(t)
	steps, newest := withStep(t, `CREATE TABLE notes (id TEXT PRIMARY KEY) STRICT; CREATE INDEX notes_id ON notes (id);`)
	for range 2 {
		db, err := open(t.Context(), path, Options{}.withDefaults(), steps)
		if err != nil {
			t.Fatal(err)
		}
		version, err := db.SchemaVersion(t.Context())
		if err != nil || version != newest {
			t.Fatal(version, err)
		}
		if got := verifyLog(t, db); got.Size != 3 {
			t.Fatalf("the log has %d entries, want 3", got.Size)
		}
		page, err := db.Entries(t.Context(), EntryQuery{Action: ActionMigrate})
		if err != nil || len(page.Items) != 1 {
			t.Fatal(page, err)
		}
		entry := page.Items[0].Entry
		if entry.Params["from"] != strconv.Itoa(newest-1) || entry.Params["to"] != strconv.Itoa(newest) || entry.Outcome != audit.Done {
			t.Fatalf("%+v", entry)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if got := verifyLog(t, reopen(t, path+".before-"+strconv.Itoa(newest))); got.Size != 2 {
		t.Fatalf("the copy's log has %d entries, want 2", got.Size)
	}
}

// A step that fails in the middle leaves the old schema, whole, and no entry;
// it can be tried again.
func TestMigrationFails(t *testing.T) {
	path := makeFileWith(t)
	steps, newest := withStep(t, `CREATE TABLE notes (id TEXT PRIMARY KEY) STRICT; CREATE TABLE log (x TEXT);`)
	for range 2 {
		_, err := open(t.Context(), path, Options{}.withDefaults(), steps)
		if err == nil {
			t.Fatal("it opened")
		}
	}
	db := reopen(t, path)
	if version, err := db.SchemaVersion(t.Context()); err != nil || version != newest-1 {
		t.Fatal(version, err)
	}
	if got := verifyLog(t, db); got.Size != 2 {
		t.Fatal(got)
	}
	tables, err := db.number(t.Context(), `SELECT count(*) FROM sqlite_schema WHERE name = 'notes'`)
	if err != nil || tables != 0 {
		t.Fatal(tables, err)
	}
}

func TestMigrationsAreNumberedWithoutGaps(t *testing.T) {
	for _, names := range [][]string{{"0002_b.sql"}, {"0001_a.sql", "0003_c.sql"}, {"0001_a.txt"}, {"1_a.sql"}} {
		files := fstest.MapFS{}
		for _, n := range names {
			files["migrations/"+n] = &fstest.MapFile{}
		}
		if _, err := loadMigrations(files); err == nil {
			t.Errorf("%v was accepted", names)
		}
	}
	if _, err := loadMigrations(assets.Migrations); err != nil {
		t.Error(err)
	}
}

// The connection that the program uses cannot change the log, whatever
// statement it is given.
func TestLogIsAppendOnly(t *testing.T) {
	db := newDB(t, Options{})
	fillLog(t, db, 3)
	attacks := map[string]string{
		"update":       `UPDATE log SET outcome = 'done' WHERE seq = 1`,
		"delete":       `DELETE FROM log WHERE seq = 2`,
		"delete all":   `DELETE FROM log`,
		"replace":      `INSERT OR REPLACE INTO log SELECT seq, time, 'x', action, vault, object, outcome, entry, hashes FROM log WHERE seq = 1`,
		"gap":          `INSERT INTO log SELECT 9, time, actor_id, action, vault, object, outcome, entry, hashes FROM log WHERE seq = 1`,
		"schema":       `PRAGMA writable_schema = ON; DELETE FROM sqlite_schema WHERE name LIKE 'log_%'`,
		"upsert":       `INSERT INTO log SELECT * FROM log WHERE seq = 1 ON CONFLICT (seq) DO UPDATE SET outcome = 'done'`,
		"one row more": `INSERT INTO log SELECT seq + 1, time, actor_id, action, vault, object, outcome, entry, hashes FROM log`,
	}
	for name, attack := range attacks {
		t.Run(name, func(t *testing.T) {
			if err := db.Write(t.Context(), func(tx *Tx) error { return tx.exec(attack) }); err == nil {
				t.Error("it was accepted")
			}
		})
	}
	if got := verifyLog(t, db); got.Size != 3 {
		t.Fatalf("the log has %d entries, want 3", got.Size)
	}
	// Readers cannot write at all.
	_, err := db.number(t.Context(), `DELETE FROM people RETURNING 1`)
	wantKind(t, err, fault.Unavailable)
}

// What an intruder with the file can do, and how it is noticed.
func TestLogTamperedInTheFile(t *testing.T) {
	unlock := []string{`DROP TRIGGER log_no_update`, `DROP TRIGGER log_no_delete`}
	tests := []struct{ name, attack string }{
		{"a byte of an entry", `UPDATE log SET entry = CAST(replace(CAST(entry AS TEXT), 'mara', 'zara') AS BLOB) WHERE seq = 1`},
		{"a missing entry", `DELETE FROM log WHERE seq = 0`},
		{"a hash", `UPDATE log SET hashes = zeroblob(32) WHERE seq = 0`},
		{"a column", `UPDATE log SET actor_id = 'p2' WHERE seq = 1`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			path := makeFileWith(t)
			edit(t, path, slices.Concat(unlock, []string{test.attack}, relock(t))...)
			db := reopen(t, path)
			log, err := db.Log(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			_, err = audit.Verify(t.Context(), log, audit.Expect{}, nil)
			err = errors.Join(err, log.CheckColumns(t.Context()))
			wantKind(t, err, fault.Tampered)
			if _, err := db.Entries(t.Context(), EntryQuery{}); err != nil {
				t.Errorf("the timeline cannot be read: %v", err)
			}
		})
	}
}

// Somebody cuts the log's tail while the program runs: the next change is
// refused instead of growing a second history.
func TestLogCutWhileOpen(t *testing.T) {
	path := makeFileWith(t)
	db := reopen(t, path)
	fillLog(t, db, 2)
	edit(t, path, `DROP TRIGGER log_no_delete`, `DELETE FROM log WHERE seq >= 1`)
	err := db.Write(t.Context(), func(tx *Tx) error { return nil })
	wantKind(t, err, fault.Tampered)
}
