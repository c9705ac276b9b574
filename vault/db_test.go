package vault

import (
	"context"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"github.com/strongroom/strongroom/audit"
	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/roles"
)

const testInstallation = "0b7d8a0e-8c1b-4f0e-9a53-1d2f3c4b5a69"

// clock is a clock that a test moves by hand.
type clock struct{ at time.Time }

func (c *clock) now() time.Time { return c.at }

func newClock() *clock { return &clock{time.Date(2026, 11, 23, 15, 0, 0, 0, time.UTC)} }

// newDB makes an empty vault in a folder of its own.
func newDB(t testing.TB, o Options) *DB {
	t.Helper()
	db, err := Create(t.Context(), filepath.Join(t.TempDir(), "vault.db"), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

func write(t testing.TB, db *DB, fn func(*Tx) error) {
	t.Helper()
	if err := db.Write(context.Background(), fn); err != nil {
		t.Fatal(err)
	}
}

func draft(action string) audit.Draft {
	return audit.Draft{
		ID: "9d3f2b1c-0000-4000-8000-000000000000", Installation: testInstallation,
		Actor: audit.Party{ID: "p1", Name: "mara"}, Source: audit.SourceCLI, Action: action, Outcome: audit.Done,
	}
}

func wantKind(t testing.TB, err error, kind fault.Kind) {
	t.Helper()
	if fault.KindOf(err) != kind {
		t.Fatalf("got %v (kind %q), want kind %q", err, fault.KindOf(err), kind)
	}
}

func makeInstallation() Installation {
	return Installation{
		ID: testInstallation, Created: newClock().at, LogKeyID: "aa", LogKey: []byte{1}, IdentityMaster: "bb",
		TokenLabel: "strongroom", TokenSerial: "0011",
	}
}

func TestInstallationIsFixed(t *testing.T) {
	db := newDB(t, Options{})
	if _, err := db.Installation(t.Context()); !errors.Is(err, ErrNoInstallation) {
		t.Fatalf("an empty database says %v", err)
	}
	want := makeInstallation()
	want.Demo = true
	write(t, db, func(tx *Tx) error { return tx.CreateInstallation(want) })
	got, err := db.Installation(t.Context())
	if err != nil || got.ID != want.ID || !got.Demo || !got.Created.Equal(want.Created) {
		t.Fatalf("got %+v, %v", got, err)
	}
	again := db.Write(t.Context(), func(tx *Tx) error { return tx.CreateInstallation(want) })
	wantKind(t, again, fault.Conflict)
	for _, attack := range []string{
		`UPDATE installation SET demo = 0`, `DELETE FROM installation`,
		`INSERT OR REPLACE INTO installation SELECT one, id, created, 0, log_key_id, log_key, identity_master,
			token_label, token_serial FROM installation`,
	} {
		wantKind(t, db.Write(t.Context(), func(tx *Tx) error { return tx.exec(attack) }), fault.Conflict)
	}
}

func TestVaultsAndMasters(t *testing.T) {
	db := newDB(t, Options{})
	var v Vault
	write(t, db, func(tx *Tx) (err error) {
		v, err = tx.CreateVault(Vault{Name: "payments-prod", Environment: roles.Prod, HardwareOnly: true})
		return err
	})
	taken := db.Write(t.Context(), func(tx *Tx) error {
		_, err := tx.CreateVault(Vault{Name: "Payments-PROD", Environment: roles.Dev})
		return err
	})
	wantKind(t, taken, fault.Conflict)
	byName, err := db.VaultByName(t.Context(), "PAYMENTS-prod")
	if err != nil || byName != v || !byName.HardwareOnly {
		t.Fatalf("got %+v, %v; want %+v", byName, err, v)
	}
	write(t, db, func(tx *Tx) error {
		if _, err := tx.AddMaster(v.ID, "k1"); err != nil {
			return err
		}
		_, err := tx.AddMaster(v.ID, "k2")
		return err
	})
	masters, err := db.Masters(t.Context(), v.ID)
	if err != nil || len(masters) != 2 || masters[0].State != MasterRetired {
		t.Fatalf("got %+v, %v", masters, err)
	}
	active, err := db.ActiveMaster(t.Context(), v.ID)
	if err != nil || active.N != 2 || active.KeyID != "k2" {
		t.Fatalf("got %+v, %v", active, err)
	}
}
