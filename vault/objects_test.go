package vault

import (
	"errors"
	"maps"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/roles"
)

func addVault(t *testing.T, db *DB, name string) Vault {
	t.Helper()
	var v Vault
	write(t, db, func(tx *Tx) (err error) {
		v, err = tx.CreateVault(Vault{Name: name, Environment: roles.Dev})
		return err
	})
	return v
}

// add stores a version of an object, which it makes when it is not there.
func add(t *testing.T, db *DB, o Object, v Version, record []byte) Version {
	t.Helper()
	write(t, db, func(tx *Tx) error {
		item, err := tx.Object(t.Context(), o.VaultID, o.Kind, o.Name)
		if errors.Is(err, ErrNoObject) {
			item.Object, err = tx.CreateObject(o)
		}
		if err != nil {
			return err
		}
		v.ObjectID = item.ID
		v, err = tx.AddVersion(v, record)
		return err
	})
	return v
}

func TestVersionsKeepEverything(t *testing.T) {
	c := newClock()
	db := newDB(t, Options{Now: c.now})
	home := addVault(t, db, "payments-dev")
	id, err := db.NewVersionID()
	if err != nil {
		t.Fatal(err)
	}
	key := add(t, db, Object{VaultID: home.ID, Kind: KindKey, Name: "Card-Key", Managed: true}, Version{
		ID: id, Protection: "hsm", KeyType: "EC-HSM", Curve: "P-256", Bits: 256, Operations: []string{"sign", "verify"},
		PublicKey: []byte{4}, HSMKeyID: "00ff", Attributes: Attributes{
			Enabled: true, NotBefore: c.at, Expires: c.at.Add(time.Hour), ContentType: "x/y", Tags: map[string]string{"team": "ünï"},
		},
	}, nil)
	if key.ID != id || key.Ordinal != 1 || !key.Created.Equal(c.at) {
		t.Fatalf("%+v", key)
	}
	item, err := db.Object(t.Context(), home.ID, KindKey, "card-key")
	if err != nil || item.Name != "Card-Key" || !item.Managed || !reflect.DeepEqual(item.Current, key) {
		t.Fatalf("got %+v, %v; want %+v", item, err, key)
	}
	if _, err := db.Record(t.Context(), id); !errors.Is(err, ErrNoRecord) {
		t.Errorf("got %v", err)
	}
	certificate := add(t, db, Object{VaultID: home.ID, Kind: KindCertificate, Name: "card-key"}, Version{
		Certificate: []byte{0x30}, Thumbprint: "ab", KeyVersion: key.ID, Attributes: Attributes{Enabled: true},
	}, nil)
	got, err := db.VersionByID(t.Context(), certificate.ID)
	if err != nil || !reflect.DeepEqual(got, certificate) {
		t.Fatalf("got %+v, %v; want %+v", got, err, certificate)
	}
}

func TestANewVersionBecomesTheCurrentOne(t *testing.T) {
	c := newClock()
	db := newDB(t, Options{Now: c.now})
	home := addVault(t, db, "payments-dev")
	o := Object{VaultID: home.ID, Kind: KindSecret, Name: "api"}
	var ids []string
	for range 5 {
		c.at = c.at.Add(time.Minute)
		v := add(t, db, o, Version{Master: 1, Attributes: Attributes{Enabled: true}}, []byte{byte(len(ids))})
		ids = append(ids, v.ID)
	}
	item, err := db.Object(t.Context(), home.ID, KindSecret, "API")
	if err != nil || item.Current.ID != ids[4] || item.Current.Ordinal != 5 || !item.Updated.Equal(c.at) {
		t.Fatalf("%+v, %v", item, err)
	}
	page, err := db.Versions(t.Context(), item.ID, 0, 2)
	if err != nil || len(page) != 2 || page[0].ID != ids[4] || page[1].ID != ids[3] {
		t.Fatalf("%+v, %v", page, err)
	}
	page, err = db.Versions(t.Context(), item.ID, page[1].Ordinal, 10)
	if err != nil || len(page) != 3 || page[2].ID != ids[0] {
		t.Fatalf("%+v, %v", page, err)
	}
	old, err := db.Version(t.Context(), item.ID, ids[1])
	if err != nil || old.Ordinal != 2 {
		t.Fatalf("%+v, %v", old, err)
	}
	if record, err := db.Record(t.Context(), ids[1]); err != nil || record[0] != 1 {
		t.Fatal(record, err)
	}
	if _, err := db.Version(t.Context(), "another object", ids[1]); !errors.Is(err, ErrNoVersion) {
		t.Errorf("got %v", err)
	}
	if counts, err := db.Counts(t.Context(), home.ID); err != nil || !maps.Equal(counts, map[Kind]int{KindSecret: 1}) {
		t.Errorf("%v, %v", counts, err)
	}
}

func TestSetAttributes(t *testing.T) {
	c := newClock()
	db := newDB(t, Options{Now: c.now})
	home := addVault(t, db, "payments-dev")
	add(t, db, Object{VaultID: home.ID, Kind: KindSecret, Name: "later"}, Version{}, []byte{1})
	v := add(t, db, Object{VaultID: home.ID, Kind: KindSecret, Name: "sooner"}, Version{}, []byte{1})
	c.at = c.at.Add(time.Hour)
	want := Attributes{Enabled: true, Expires: c.at.Add(time.Hour), Tags: map[string]string{"a": "b"}}
	write(t, db, func(tx *Tx) error {
		got, err := tx.SetAttributes(v.ID, want)
		if err == nil && !reflect.DeepEqual(got.Attributes, want) {
			t.Errorf("got %+v", got.Attributes)
		}
		return err
	})
	page, err := db.Objects(t.Context(), ObjectQuery{VaultID: home.ID, Kind: KindSecret, Sort: SortExpires})
	if err != nil || page.Items[0].Name != "sooner" || !page.Items[0].Updated.Equal(c.at) {
		t.Fatalf("%+v, %v", page, err)
	}
}

func TestRefusedObjectsAndVersions(t *testing.T) {
	db := newDB(t, Options{})
	home := addVault(t, db, "payments-dev")
	o := Object{VaultID: home.ID, Kind: KindSecret, Name: "api"}
	v := add(t, db, o, Version{}, nil)
	tags := map[string]string{}
	for _, r := range "abcdefghijklmnop" {
		tags[string(r)] = "x"
	}
	late := newClock().at
	tests := []struct {
		name string
		fn   func(*Tx) error
		want fault.Kind
	}{
		{"name taken", create(Object{VaultID: home.ID, Kind: KindSecret, Name: "API"}), fault.Conflict},
		{"bad name", create(Object{VaultID: home.ID, Kind: KindSecret, Name: "a b"}), fault.Invalid},
		{"no such vault", create(Object{VaultID: "x", Kind: KindSecret, Name: "ab"}), fault.Conflict},
		{"no such kind", create(Object{VaultID: home.ID, Kind: "note", Name: "ab"}), fault.Conflict},
		{"id used twice", addTo(v.ObjectID, Version{ID: v.ID}), fault.Conflict},
		{"bad id", addTo(v.ObjectID, Version{ID: strings.Repeat("G", 32)}), fault.Invalid},
		{"upper-case id", addTo(v.ObjectID, Version{ID: strings.Repeat("A", 32)}), fault.Invalid},
		{"no such object", addTo("x", Version{}), fault.Conflict},
		{"no such key version", addTo(v.ObjectID, Version{KeyVersion: "x"}), fault.Conflict},
		{"16 tags", addTo(v.ObjectID, Version{Attributes: Attributes{Tags: tags}}), fault.Invalid},
		{"long tag", addTo(v.ObjectID, Version{Attributes: Attributes{Tags: map[string]string{"a": strings.Repeat("ü", 257)}}}), fault.Invalid},
		{"long type", addTo(v.ObjectID, Version{Attributes: Attributes{ContentType: strings.Repeat("x", 256)}}), fault.Invalid},
		{"ends before it begins", addTo(v.ObjectID, Version{Attributes: Attributes{NotBefore: late, Expires: late}}), fault.Invalid},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) { wantKind(t, db.Write(t.Context(), test.fn), test.want) })
	}
	counts, err := db.Counts(t.Context(), home.ID)
	if err != nil || counts[KindSecret] != 1 {
		t.Errorf("%v, %v", counts, err)
	}
}

func create(o Object) func(*Tx) error {
	return func(tx *Tx) error {
		_, err := tx.CreateObject(o)
		return err
	}
}

func addTo(objectID string, v Version) func(*Tx) error {
	v.ObjectID = objectID
	return func(tx *Tx) error {
		_, err := tx.AddVersion(v, nil)
		return err
	}
}
