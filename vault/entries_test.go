package vault

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/strongroom/strongroom/audit"
)

// twelve makes a log of twelve entries, a minute apart: four each of mara,
// noor and the machine.
func twelve(t *testing.T) (*DB, time.Time) {
	c := newClock()
	db := newDB(t, Options{Now: c.now})
	begin := c.at
	for i := range 12 {
		d := draft([]string{"secrets/get", "secrets/set", "keys/sign"}[i%3])
		d.Actor = audit.Party{ID: []string{"p-mara", "p-noor", ""}[i/4]}
		d.Resource = audit.Target{Vault: "Payments-Prod", Kind: "secret", Name: fmt.Sprintf("Card-%d", i%2)}
		if i == 7 {
			d.Outcome, d.Resource = audit.Refused, audit.Target{}
		}
		write(t, db, func(tx *Tx) error { _, err := tx.Append(d); return err })
		c.at = c.at.Add(time.Minute)
	}
	return db, begin
}

func TestEntries(t *testing.T) {
	db, begin := twelve(t)
	tests := []struct {
		name string
		q    EntryQuery
		want []int64
		more bool
	}{
		{"all", EntryQuery{}, []int64{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}, false},
		{"newest first", EntryQuery{NewestFirst: true, Limit: 3}, []int64{11, 10, 9}, true},
		{"next page", EntryQuery{NewestFirst: true, Limit: 3, Before: 9}, []int64{8, 7, 6}, true},
		{"page before", EntryQuery{Since: 9, Limit: 3}, []int64{9, 10, 11}, false},
		{"actor", EntryQuery{Actor: "p-noor"}, []int64{4, 5, 6, 7}, false},
		{"action prefix", EntryQuery{Action: "keys/"}, []int64{2, 5, 8, 11}, false},
		{"action", EntryQuery{Action: "secrets/get", Before: 5}, []int64{0, 3}, false},
		{"vault", EntryQuery{Vault: "PAYMENTS-prod", Since: 6, Before: 9}, []int64{6, 8}, false},
		{"object", EntryQuery{Object: "card-1"}, []int64{1, 3, 5, 9, 11}, false},
		{"object is no pattern", EntryQuery{Object: "card%"}, nil, false},
		{"outcome", EntryQuery{Outcome: audit.Refused}, []int64{7}, false},
		{"time", EntryQuery{From: begin.Add(2 * time.Minute), To: begin.Add(4 * time.Minute)}, []int64{2, 3}, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			page, err := db.Entries(t.Context(), test.q)
			if err != nil {
				t.Fatal(err)
			}
			var got []int64
			for _, item := range page.Items {
				if item.Damaged || item.Entry.Seq != item.Seq {
					t.Errorf("entry %d: %+v", item.Seq, item)
				}
				got = append(got, item.Seq)
			}
			if !slices.Equal(got, test.want) || page.More != test.more {
				t.Errorf("got %v, more %v; want %v, %v", got, page.More, test.want, test.more)
			}
		})
	}
	verifyLog(t, db)
}

// The log that a reader holds does not grow under it, and the tree made from
// its stored hashes is the one that verification computes.
func TestLogIsASnapshot(t *testing.T) {
	db, _ := twelve(t)
	log, err := db.Log(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	before := verifyLog(t, db)
	fillLog(t, db, 5)
	count := 0
	err = log.Walk(t.Context(), 3, func(int64, []byte, []byte) error { count++; return nil })
	if err != nil || count != 9 {
		t.Fatalf("walked %d entries, %v", count, err)
	}
	tree, err := log.Tree(t.Context())
	if err != nil || tree.Size() != 12 || tree.Root() != before.Root {
		t.Fatal(tree, err)
	}
	stop := fmt.Errorf("enough")
	if err := log.Walk(t.Context(), 0, func(int64, []byte, []byte) error { return stop }); err != stop {
		t.Fatalf("got %v", err)
	}
}
