package vault

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/strongroom/strongroom/assets"
	"github.com/strongroom/strongroom/roles"
)

// makeVersion1 makes a closed file as the first release wrote it: its schema,
// an installation, a vault, a secret with two versions, and a log.
func makeVersion1(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "vault.db")
	steps, err := loadMigrations(assets.Migrations)
	if err != nil {
		t.Fatal(err)
	}
	if err := makeFile(path); err != nil {
		t.Fatal(err)
	}
	w, err := startWriter(t.Context(), path, Options{}.withDefaults())
	if err != nil {
		t.Fatal(err)
	}
	if err := w.initialise(t.Context(), steps[:1]); err != nil {
		t.Fatal(err)
	}
	db, err := serve(path, w)
	if err != nil {
		t.Fatal(err)
	}
	write(t, db, func(tx *Tx) error { return tx.CreateInstallation(makeInstallation()) })
	fillLog(t, db, 2)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	const a, b = `'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'`, `'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb'`
	version := func(id, n string) string {
		return `INSERT INTO versions (id, object_id, ordinal, created, updated, enabled, content_type, tags, protection, kty, bits,
			curve, key_ops, hsm_key_id, master, thumbprint, record) VALUES (` + id + `, 'o1', ` + n + `, 1, 1, 1, '', '{}', '', '', 0, '', '', '', 1, '', x'07')`
	}
	edit(t, path,
		`INSERT INTO vaults (id, name, name_key, environment, created, hardware_only) VALUES ('v1', 'Pay-Prod', 'pay-prod', 'prod', 1, 1)`,
		`INSERT INTO objects (id, vault_id, kind, name, name_key, created, updated, expires_key, managed)
			VALUES ('o1', 'v1', 'secret', 'db', 'db', 1, 1, 9223372036854775807, 0)`,
		version(a, "1"), version(b, "2"), `UPDATE objects SET current_version = `+b+` WHERE id = 'o1'`,
		`INSERT INTO object_counts (vault_id, kind, objects) VALUES ('v1', 'secret', 1)`)
	return path
}

// A file of the first release opens with everything that was in it; what is
// new takes its defaults. The file as it was stays beside it.
func TestAFileOfTheFirstReleaseOpens(t *testing.T) {
	path := makeVersion1(t)
	db := reopen(t, path)
	v, item, err := db.ObjectIn(t.Context(), "pay-prod", KindSecret, "DB")
	if err != nil || item.Current.Ordinal != 2 || !item.DeletedAt.IsZero() || item.Note != "" {
		t.Fatalf("%+v, %v", item, err)
	}
	want := Vault{ID: "v1", Name: "Pay-Prod", Environment: roles.Prod, Created: v.Created, HardwareOnly: true, RetentionDays: 90}
	if v != want {
		t.Errorf("the vault is %+v, want %+v", v, want)
	}
	page, err := db.Objects(t.Context(), ObjectQuery{VaultID: "v1", Kind: KindSecret})
	if err != nil || page.Total != 1 || len(page.Items) != 1 {
		t.Fatalf("%+v, %v", page, err)
	}
	if got := verifyLog(t, db); got.Size != 3 {
		t.Errorf("the log has %d entries, want the two old ones and the migration's", got.Size)
	}
	entries, err := db.Entries(t.Context(), EntryQuery{Action: ActionMigrate})
	if err != nil || len(entries.Items) != 1 || entries.Items[0].Entry.Params["copy"] != "vault.db.before-2" {
		t.Fatalf("%+v, %v", entries, err)
	}
	info, err := os.Stat(path + ".before-2")
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("the copy: %v, %v", info, err)
	}
	steps, err := loadMigrations(assets.Migrations)
	if err != nil {
		t.Fatal(err)
	}
	version, err := inspect(t.Context(), path+".before-2", newSchemaGuard(steps))
	if err != nil || version != 1 {
		t.Errorf("the copy has version %d, %v", version, err)
	}
	write(t, db, func(tx *Tx) error { return tx.Delete(item.Object, tx.Now()) })
	write(t, db, func(tx *Tx) error { return tx.Purge(item.Object) })
}
