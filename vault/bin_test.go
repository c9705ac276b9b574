package vault

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/roles"
	"pgregory.net/rapid"
)

// secretIn stores a secret and gives it back as it lies there.
func secretIn(t *testing.T, db *DB, v Vault, name string) Item {
	t.Helper()
	add(t, db, Object{VaultID: v.ID, Kind: KindSecret, Name: name}, Version{Attributes: Attributes{Enabled: true}}, []byte{1})
	item, err := db.Object(t.Context(), v.ID, KindSecret, name)
	if err != nil {
		t.Fatal(err)
	}
	return item
}

func TestADeletedObjectKeepsItsNameAndNothingElse(t *testing.T) {
	c := newClock()
	db := newDB(t, Options{Now: c.now})
	v := addVault(t, db, "pay-dev")
	item := secretIn(t, db, v, "db")
	write(t, db, func(tx *Tx) error { return tx.Delete(item.Object, c.at.AddDate(0, 0, 7)) })

	if _, err := db.Object(t.Context(), v.ID, KindSecret, "db"); !errors.Is(err, ErrNoObject) {
		t.Errorf("it is found: %v", err)
	}
	if _, _, err := db.ObjectIn(t.Context(), v.Name, KindSecret, "db"); !errors.Is(err, ErrNoObject) {
		t.Errorf("it is found: %v", err)
	}
	bin, err := db.DeletedObject(t.Context(), v.ID, KindSecret, "DB")
	if err != nil || !bin.DeletedAt.Equal(c.at) || !bin.PurgeAt.Equal(c.at.AddDate(0, 0, 7)) || bin.Current.ID != item.Current.ID {
		t.Fatalf("%+v, %v", bin, err)
	}
	again := db.Write(t.Context(), create(Object{VaultID: v.ID, Kind: KindSecret, Name: "Db"}))
	wantKind(t, again, fault.Conflict)
	if !strings.Contains(fault.Problem(again), "db") || !strings.Contains(fault.Problem(again), "2026-11-30") || fault.Hint(again) == "" {
		t.Errorf("the conflict says %q, %q", fault.Problem(again), fault.Hint(again))
	}
	wantKind(t, db.Write(t.Context(), func(tx *Tx) error { return tx.Delete(item.Object, c.at) }), fault.NotFound)
	write(t, db, func(tx *Tx) error { return tx.Recover(item.Object) })
	wantKind(t, db.Write(t.Context(), func(tx *Tx) error { return tx.Recover(item.Object) }), fault.NotFound)
	wantKind(t, db.Write(t.Context(), func(tx *Tx) error { return tx.Purge(item.Object) }), fault.NotFound)
	if back, err := db.Object(t.Context(), v.ID, KindSecret, "db"); err != nil || !back.DeletedAt.IsZero() || !back.PurgeAt.IsZero() {
		t.Errorf("%+v, %v", back, err)
	}
}

// A purge leaves no row and no byte of the record, and frees the name.
func TestAPurgeRemovesEverything(t *testing.T) {
	db := newDB(t, Options{})
	v := addVault(t, db, "pay-dev")
	item := secretIn(t, db, v, "db")
	write(t, db, func(tx *Tx) error {
		return errors.Join(
			tx.PutRotationPolicy(item.ID, "{}"), tx.RecordKeyFacts(KeyFacts{VersionID: item.Current.ID}),
			tx.Delete(item.Object, tx.Now()))
	})
	write(t, db, func(tx *Tx) error {
		if free, err := tx.ClaimDue(Claim{VersionID: item.Current.ID, What: DueNotify}, nobodyAlive); err != nil || !free {
			return fmt.Errorf("claim: %v, %w", free, err)
		}
		return tx.Purge(item.Object)
	})
	for _, table := range []string{"objects", "versions", "rotation_policies", "due_acts", "hsm_facts"} {
		if n, err := db.number(t.Context(), `SELECT count(*) FROM `+table); err != nil || n != 0 {
			t.Errorf("%s still has %d rows, %v", table, n, err)
		}
	}
	if err := db.Write(t.Context(), create(Object{VaultID: v.ID, Kind: KindSecret, Name: "db"})); err != nil {
		t.Errorf("the name is not free: %v", err)
	}
}

func nobodyAlive(int, int64) bool    { return false }
func everybodyAlive(int, int64) bool { return true }

// Purge protection holds against this program and against plain SQL.
func TestPurgeProtectionIsNeverLifted(t *testing.T) {
	c := newClock()
	db := newDB(t, Options{Now: c.now})
	v := addVault(t, db, "pay-dev")
	item := secretIn(t, db, v, "db")
	write(t, db, func(tx *Tx) error { return tx.SetVaultPolicy(v.ID, VaultPolicy{PurgeProtection: true}) })
	write(t, db, func(tx *Tx) error { return tx.Delete(item.Object, c.at.AddDate(0, 0, 7)) })
	purge := func() error { return db.Write(t.Context(), func(tx *Tx) error { return tx.Purge(item.Object) }) }
	if err := purge(); !errors.Is(err, ErrProtected) {
		t.Errorf("purged: %v", err)
	}
	if err := db.Write(t.Context(), func(tx *Tx) error { return tx.SetVaultPolicy(v.ID, VaultPolicy{}) }); !errors.Is(err, ErrProtected) {
		t.Errorf("lifted: %v", err)
	}
	for _, attack := range []string{`UPDATE vaults SET purge_protection = 0`, `UPDATE vaults SET retention_days = 8`, `UPDATE hsm_facts SET local = 1`} {
		write(t, db, func(tx *Tx) error {
			_ = tx.RecordKeyFacts(KeyFacts{VersionID: item.Current.ID})
			return nil
		})
		wantKind(t, db.Write(t.Context(), func(tx *Tx) error { return tx.exec(attack) }), fault.Conflict)
	}
	c.at = c.at.AddDate(0, 0, 7)
	if err := purge(); err != nil {
		t.Errorf("its date has come: %v", err)
	}
}

func TestRetentionIsSevenToNinetyDays(t *testing.T) {
	db := newDB(t, Options{})
	for days, want := range map[int]fault.Kind{0: "", 7: "", 90: "", 6: fault.Invalid, 91: fault.Invalid, -1: fault.Invalid} {
		err := db.Write(t.Context(), func(tx *Tx) error {
			v, err := tx.CreateVault(Vault{Name: "v" + strings.ReplaceAll(fmt.Sprint(1000+days), "-", ""), Environment: roles.Dev, RetentionDays: days})
			if err == nil && days == 0 && v.RetentionDays != MaxRetention {
				t.Errorf("the default is %d", v.RetentionDays)
			}
			return err
		})
		wantKind(t, err, want)
	}
}

// Lists, the bin's lists and the counts agree with a model, whatever is deleted
// and recovered.
func TestTheBinAgainstAModel(t *testing.T) {
	c := newClock()
	db := newDB(t, Options{Now: c.now})
	v := fillSecrets(t, db, 12)
	page, err := db.Objects(t.Context(), ObjectQuery{VaultID: v.ID, Kind: KindSecret})
	if err != nil {
		t.Fatal(err)
	}
	all, deleted := page.Items, map[string]bool{}
	rapid.Check(t, func(r *rapid.T) {
		item := rapid.SampledFrom(all).Draw(r, "item")
		c.at = c.at.Add(time.Minute)
		write(t, db, func(tx *Tx) error {
			if deleted[item.Name] {
				return tx.Recover(item.Object)
			}
			return tx.Delete(item.Object, c.at.AddDate(0, 0, rapid.IntRange(7, 90).Draw(r, "days")))
		})
		deleted[item.Name] = !deleted[item.Name]
		maps.DeleteFunc(deleted, func(_ string, gone bool) bool { return !gone })
		bin := walkPages(r, db, ObjectQuery{VaultID: v.ID, Kind: KindSecret, Deleted: true, Limit: 5}, len(deleted))
		if !slices.Equal(bin, slices.Sorted(maps.Keys(deleted))) {
			r.Fatalf("the bin has %q, want %v", bin, deleted)
		}
		byDate := walkPages(r, db, ObjectQuery{VaultID: v.ID, Kind: KindSecret, Deleted: true, Sort: SortPurge, Limit: 5, Last: true}, len(deleted))
		if slices.Sort(byDate); !slices.Equal(byDate, bin) {
			r.Fatalf("by date the bin has %q", byDate)
		}
		living := walkPages(r, db, ObjectQuery{VaultID: v.ID, Kind: KindSecret, Limit: 5}, len(all)-len(deleted))
		if len(living)+len(bin) != len(all) {
			r.Fatalf("%d live, %d lie in the bin, of %d", len(living), len(bin), len(all))
		}
	})
	for _, q := range []ObjectQuery{{Deleted: true, Sort: SortUpdated}, {Sort: SortPurge}} {
		_, err := db.Objects(t.Context(), q)
		wantKind(t, err, fault.Invalid)
	}
}

// A certificate goes with the key that it manages, and with no other of its
// name.
func TestWhatGoesTogether(t *testing.T) {
	db := newDB(t, Options{})
	v := addVault(t, db, "pay-dev")
	add(t, db, Object{VaultID: v.ID, Kind: KindKey, Name: "web", Managed: true}, Version{HSMKeyID: "aa"}, nil)
	add(t, db, Object{VaultID: v.ID, Kind: KindSecret, Name: "web"}, Version{}, []byte{1})
	add(t, db, Object{VaultID: v.ID, Kind: KindCertificate, Name: "Web"}, Version{}, nil)
	certificate, err := db.Object(t.Context(), v.ID, KindCertificate, "web")
	if err != nil {
		t.Fatal(err)
	}
	group, err := db.Together(t.Context(), certificate.Object)
	if err != nil || len(group) != 2 || group[0].Kind != KindCertificate || group[1].Kind != KindKey {
		t.Fatalf("%+v, %v", group, err)
	}
	if ids, err := db.HSMKeys(t.Context(), group[1].ID); err != nil || len(ids) != 1 || ids[0].ID != "aa" {
		t.Errorf("%v, %v", ids, err)
	}
}

// What is due once is claimed by one; a claim whose owner is gone, or whose
// retry date has come, is free again; what is done stays done.
func TestClaims(t *testing.T) {
	c := newClock()
	db := newDB(t, Options{Now: c.now})
	version := secretIn(t, db, addVault(t, db, "pay-dev"), "db").Current.ID
	claim := func(alive func(int, int64) bool) (free bool) {
		write(t, db, func(tx *Tx) (err error) {
			free, err = tx.ClaimDue(Claim{VersionID: version, What: DueRotate, PID: 1}, alive)
			return err
		})
		return free
	}
	if !claim(everybodyAlive) || claim(everybodyAlive) || !claim(nobodyAlive) {
		t.Error("a claim is not what its owner's life says")
	}
	write(t, db, func(tx *Tx) error { return tx.RetryDue(version, DueRotate, c.at.Add(time.Hour)) })
	if claim(nobodyAlive) {
		t.Error("tried again too early")
	}
	c.at = c.at.Add(time.Hour)
	if !claim(everybodyAlive) {
		t.Error("not tried again")
	}
	write(t, db, func(tx *Tx) error { return tx.FinishDue(version, DueRotate) })
	if claim(nobodyAlive) {
		t.Error("done twice")
	}
	wantKind(t, db.Write(t.Context(), func(tx *Tx) error { return tx.FinishDue(version, DueRotate) }), fault.Conflict)
}

// What is due is found in the order of its dates, and through an index.
func TestWhatIsDue(t *testing.T) {
	c := newClock()
	db := newDB(t, Options{Now: c.now})
	v := addVault(t, db, "pay-dev")
	for i, name := range []string{"late", "soon", "now"} {
		item := secretIn(t, db, v, name)
		write(t, db, func(tx *Tx) error {
			_, err := tx.SetAttributes(item.Current.ID, Attributes{Enabled: true, Expires: c.at.AddDate(0, 0, 60-29*i)})
			return errors.Join(err, tx.SetNote(item.ID, "team "+name))
		})
		gone := secretIn(t, db, v, "bin-"+name)
		write(t, db, func(tx *Tx) error { return tx.Delete(gone.Object, c.at.AddDate(0, 0, 2-i)) })
	}
	expiring, err := db.Expiring(t.Context(), c.at.AddDate(0, 0, 31), 0)
	if err != nil || len(expiring) != 2 || expiring[0].Name != "now" || expiring[0].Vault.Name != v.Name || expiring[1].Note != "team soon" {
		t.Fatalf("%+v, %v", expiring, err)
	}
	purges, err := db.DuePurges(t.Context(), c.at.AddDate(0, 0, 1), 1)
	if err != nil || len(purges) != 1 || purges[0].Name != "bin-now" {
		t.Fatalf("%+v, %v", purges, err)
	}
	write(t, db, func(tx *Tx) error { return tx.PutRotationPolicy(expiring[0].ID, `{"a":1}`) })
	scheduled, err := db.ScheduledObjects(t.Context(), "", 0)
	if err != nil || len(scheduled) != 1 || scheduled[0].Policy != `{"a":1}` || scheduled[0].Name != "now" {
		t.Fatalf("%+v, %v", scheduled, err)
	}
	if left, err := db.Expiring(t.Context(), c.at.AddDate(0, 0, 31), 0); err != nil || len(left) != 1 {
		t.Errorf("%+v, %v", left, err)
	}
}
