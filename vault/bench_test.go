package vault

import (
	"context"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/strongroom/strongroom/roles"
)

// appendRate gives acknowledged changes a second, each with one log entry,
// for a number of writers.
func appendRate(b *testing.B, db *DB, writers, each int) float64 {
	b.Helper()
	begin := time.Now()
	var group sync.WaitGroup
	for range writers {
		group.Go(func() {
			for range each {
				err := db.Write(context.Background(), func(tx *Tx) error {
					_, err := tx.Append(draft("secrets/get"))
					return err
				})
				if err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	group.Wait()
	return float64(writers*each) / time.Since(begin).Seconds()
}

// BenchmarkGroupCommit compares 8 writers with one. The goal is a ratio of at
// least 2.5.
func BenchmarkGroupCommit(b *testing.B) {
	db := newDB(b, Options{})
	const each = 500
	var one, eight float64
	for b.Loop() {
		one += appendRate(b, db, 1, each)
		eight += appendRate(b, db, 8, each)
	}
	b.ReportMetric(one/float64(b.N), "1-writer/s")
	b.ReportMetric(eight/float64(b.N), "8-writers/s")
	b.ReportMetric(eight/one, "ratio")
}

// BenchmarkBusyNeighbour writes while 8 writers behind another handle on the
// same file write without a pause. It reports the worst wait.
func BenchmarkBusyNeighbour(b *testing.B) {
	busy := newDB(b, Options{})
	quiet, err := Open(b.Context(), busy.path, Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = quiet.Close() }()
	done := make(chan struct{})
	go func() {
		defer close(done)
		appendRate(b, busy, 8, 3000)
	}()
	var worst time.Duration
	for b.Loop() {
		begin := time.Now()
		appendRate(b, quiet, 1, 1)
		worst = max(worst, time.Since(begin))
	}
	b.ReportMetric(float64(worst.Milliseconds()), "worst-ms")
	<-done
}

// fillSecrets stores n secrets with one version each and gives their vault.
func fillSecrets(t testing.TB, db *DB, n int) Vault {
	t.Helper()
	var v Vault
	write(t, db, func(tx *Tx) (err error) {
		if v, err = tx.CreateVault(Vault{Name: "payments-prod", Environment: roles.Prod}); err != nil {
			return err
		}
		for i := range n {
			if err := addSecret(tx, v.ID, fmt.Sprintf("secret-%06d", i*7919%n), i); err != nil {
				return err
			}
		}
		return nil
	})
	return v
}

// addSecret stores a secret of which every second expires, some days after
// the clock's start.
func addSecret(tx *Tx, vaultID, name string, i int) error {
	made := newClock().at.Add(time.Duration(i) * time.Second)
	o, err := tx.CreateObject(Object{VaultID: vaultID, Kind: KindSecret, Name: name, Created: made})
	if err != nil {
		return err
	}
	v := Version{ObjectID: o.ID, Created: made, Protection: "software", Attributes: Attributes{Enabled: true}}
	if i%2 == 0 {
		v.Expires = made.Add(time.Duration(i%97) * 24 * time.Hour).Add(time.Hour)
	}
	_, err = tx.AddVersion(v, make([]byte, 200))
	return err
}

// BenchmarkObjects reads pages of 50 out of 100,000 secrets. The goal is 2 ms.
func BenchmarkObjects(b *testing.B) {
	db := newDB(b, Options{})
	v := fillSecrets(b, db, 100_000)
	base := ObjectQuery{VaultID: v.ID, Kind: KindSecret}
	for name, change := range map[string]func(*ObjectQuery){
		"first":   func(*ObjectQuery) {},
		"last":    func(q *ObjectQuery) { q.Last = true },
		"middle":  func(q *ObjectQuery) { q.After = "name/secret-050000" },
		"updated": func(q *ObjectQuery) { q.Sort, q.Desc = SortUpdated, true },
		"expires": func(q *ObjectQuery) { q.Sort = SortExpires },
		"filter":  func(q *ObjectQuery) { q.Filter = "9999" },
	} {
		q := base
		change(&q)
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if page, err := db.Objects(b.Context(), q); err != nil || len(page.Items) == 0 {
					b.Fatal(len(page.Items), err)
				}
			}
		})
	}
}

// BenchmarkEntries reads the newest page of a log of 20,000 entries.
func BenchmarkEntries(b *testing.B) {
	db := newDB(b, Options{})
	fillLog(b, db, 20_000)
	for name, q := range map[string]EntryQuery{
		"newest": {NewestFirst: true},
		"actor":  {NewestFirst: true, Actor: "p1"},
		"object": {NewestFirst: true, Object: "card"},
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := db.Entries(b.Context(), q); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkWalk reads a whole log, as verification does.
func BenchmarkWalk(b *testing.B) {
	db := newDB(b, Options{})
	const entries = 50_000
	fillLog(b, db, entries)
	log, err := db.Log(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if err := log.Walk(b.Context(), 0, func(int64, []byte, []byte) error { return nil }); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(entries*float64(b.N)/b.Elapsed().Seconds(), "entries/s")
}

func fillLog(t testing.TB, db *DB, n int) {
	t.Helper()
	write(t, db, func(tx *Tx) error {
		for range n {
			if _, err := tx.Append(draft("secrets/get")); err != nil {
				return err
			}
		}
		return nil
	})
}

// BenchmarkOpen opens and closes a vault of 10,000 objects.
func BenchmarkOpen(b *testing.B) {
	path := filepath.Join(b.TempDir(), "vault.db")
	db, err := Create(b.Context(), path, Options{})
	if err != nil {
		b.Fatal(err)
	}
	fillSecrets(b, db, 10_000)
	if err := db.Close(); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		db, err := Open(b.Context(), path, Options{})
		if err != nil {
			b.Fatal(err)
		}
		if err := db.Close(); err != nil {
			b.Fatal(err)
		}
	}
}
