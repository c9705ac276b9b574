package vault

import (
	"testing"
)

// Before a key leaves the HSM for good the gate asks whether anything still
// needs it, whatever a row elsewhere claims.
func TestAKeyThatIsNeededIsKnown(t *testing.T) {
	db := newDB(t, Options{})
	home := makeInstallation()
	write(t, db, func(tx *Tx) error { return tx.CreateInstallation(home) })
	v := addVault(t, db, "pay-dev")
	write(t, db, func(tx *Tx) error {
		if _, err := tx.AddMaster(v.ID, "c1"); err != nil {
			return err
		}
		_, err := tx.AddMaster(v.ID, "c2") // retires c1, which old records need
		return err
	})
	object := Object{VaultID: v.ID, Kind: KindKey, Name: "signing"}
	version := add(t, db, object, Version{Protection: "hsm", KeyType: "EC-HSM", Curve: "P-256", Bits: 256, HSMKeyID: "d1"}, nil)
	for id, want := range map[string]bool{
		home.LogKeyID: true, home.IdentityMaster: true, "c1": true, "c2": true, "d1": true, "D1": true, "e1": false, "": false,
	} {
		if got, err := db.KeyReferenced(t.Context(), id); err != nil || got != want {
			t.Errorf("KeyReferenced(%q) = %v, %v; want %v", id, got, err, want)
		}
	}
	write(t, db, func(tx *Tx) error {
		item, err := tx.Object(t.Context(), v.ID, KindKey, "signing")
		if err != nil {
			return err
		}
		return tx.Delete(item.Object, tx.Now())
	})
	if got, err := db.KeyReferenced(t.Context(), "d1"); err != nil || !got {
		t.Errorf("the key of a deleted object, which may be recovered: %v, %v", got, err)
	}
	write(t, db, func(tx *Tx) error {
		item, err := tx.DeletedObject(t.Context(), v.ID, KindKey, "signing")
		if err != nil {
			return err
		}
		return tx.Purge(item.Object)
	})
	if got, err := db.KeyReferenced(t.Context(), version.HSMKeyID); err != nil || got {
		t.Errorf("the key of a purged object: %v, %v", got, err)
	}
}
