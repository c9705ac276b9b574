package vault

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/strongroom/strongroom/audit"
	"github.com/strongroom/strongroom/internal/fault"
)

// verifyLog has package audit prove the whole stored log.
func verifyLog(t testing.TB, db *DB) audit.Result {
	t.Helper()
	log, err := db.Log(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	result, err := audit.Verify(context.Background(), log, audit.Expect{}, nil)
	if err != nil {
		t.Fatalf("the log does not verify: %v", err)
	}
	if err := log.CheckColumns(context.Background()); err != nil {
		t.Fatal(err)
	}
	return result
}

// hold keeps the writer busy until the returned function is called, so that
// what is written meanwhile shares one group.
func hold(t *testing.T, db *DB) (release func() error) {
	t.Helper()
	began, end := make(chan struct{}), make(chan struct{})
	done := make(chan error, 1)
	go func() {
		done <- db.Write(context.Background(), func(*Tx) error {
			close(began)
			<-end
			return nil
		})
	}()
	<-began
	return func() error {
		close(end)
		return <-done
	}
}

// waitQueued waits until n changes wait behind the one that holds the writer.
func waitQueued(db *DB, n int) {
	for len(db.w.queue) < n {
		runtime.Gosched()
	}
}

// Three changes share a group; the second is refused by its own function
// after it appended, wrote a row and read it back. Its neighbours are kept
// whole, the log has no hole, and nothing of the second remains.
func TestOneBadChangeInAGroupHurtsNobody(t *testing.T) {
	db := newDB(t, Options{})
	release := hold(t, db)
	refused := errors.New("refused")
	verdicts := make([]error, 3)
	var group sync.WaitGroup
	for i, name := range []string{"ann", "bob", "cid"} {
		waitQueued(db, i)
		group.Go(func() {
			verdicts[i] = db.Write(context.Background(), func(tx *Tx) error {
				if _, err := tx.CreatePerson(Person{Name: name}); err != nil {
					return err
				}
				if _, err := tx.Append(draft("people/create")); err != nil {
					return err
				}
				if _, err := tx.PersonByName(context.Background(), name); err != nil {
					return err
				}
				if name == "bob" {
					return refused
				}
				return nil
			})
		})
	}
	waitQueued(db, 3)
	if err := release(); err != nil {
		t.Error(err)
	}
	group.Wait()
	if verdicts[0] != nil || !errors.Is(verdicts[1], refused) || verdicts[2] != nil {
		t.Fatalf("verdicts %v", verdicts)
	}
	people, err := db.People(t.Context())
	if err != nil || len(people) != 2 || people[0].Name != "ann" || people[1].Name != "cid" {
		t.Fatalf("people %+v, %v", people, err)
	}
	if got := verifyLog(t, db); got.Size != 2 {
		t.Fatalf("the log has %d entries, want 2", got.Size)
	}
}

// A change that panics, or ends its goroutine, leaves nothing and stops
// nobody.
func TestBrokenOffChanges(t *testing.T) {
	db := newDB(t, Options{})
	fillLog(t, db, 3)
	endings := map[string]func(){
		"panic":  func() { panic("a bug") },
		"goexit": runtime.Goexit,
	}
	for name, end := range endings {
		t.Run(name, func(t *testing.T) {
			done := make(chan struct{})
			go func() {
				defer close(done)
				defer func() { _ = recover() }()
				_ = db.Write(context.Background(), func(tx *Tx) error {
					if _, err := tx.Append(draft("secrets/set")); err != nil {
						t.Error(err)
					}
					end()
					return nil
				})
			}()
			<-done
			fillLog(t, db, 1)
		})
	}
	if got := verifyLog(t, db); got.Size != 5 {
		t.Fatalf("the log has %d entries, want 5", got.Size)
	}
}

// A function that hides the failure of its own Append still cannot leave the
// tree and the table apart.
func TestHiddenAppendFailure(t *testing.T) {
	db := newDB(t, Options{})
	write(t, db, func(tx *Tx) error {
		bad := draft("secrets/set")
		bad.Reason = "two\nlines"
		_, err := tx.Append(bad)
		wantKind(t, err, fault.Invalid)
		_, err = tx.Append(draft("secrets/set"))
		return err
	})
	if got := verifyLog(t, db); got.Size != 1 {
		t.Fatalf("the log has %d entries, want 1", got.Size)
	}
}

func TestChangeUsedAfterItsEnd(t *testing.T) {
	db := newDB(t, Options{})
	var kept *Tx
	write(t, db, func(tx *Tx) error { kept = tx; return nil })
	_, err := kept.CreatePerson(Person{Name: "late"})
	if !errors.Is(err, errOver) {
		t.Fatalf("got %v", err)
	}
	_, err = kept.Append(draft("secrets/set"))
	if !errors.Is(err, errOver) {
		t.Fatalf("got %v", err)
	}
	if _, err = kept.People(t.Context()); !errors.Is(err, errOver) {
		t.Fatalf("got %v", err)
	}
}

// Cancelling a change before its turn stops it; cancelling it later must not
// interrupt the statements of its group.
func TestCancel(t *testing.T) {
	db := newDB(t, Options{})
	release := hold(t, db)
	ctx, cancel := context.WithCancel(t.Context())
	verdict := make(chan error, 1)
	go func() {
		verdict <- db.Write(ctx, func(*Tx) error { t.Error("it had its turn"); return nil })
	}()
	waitQueued(db, 1)
	cancel()
	if err := release(); err != nil {
		t.Error(err)
	}
	wantKind(t, <-verdict, fault.Canceled)

	ctx, cancel = context.WithCancel(t.Context())
	err := db.Write(ctx, func(tx *Tx) error {
		cancel()
		_, err := tx.Append(draft("secrets/set"))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// Close lets those who were already waiting finish, and refuses the rest.
func TestCloseDrains(t *testing.T) {
	db := newDB(t, Options{})
	release := hold(t, db)
	verdicts := make(chan error, 5)
	for range cap(verdicts) {
		go func() {
			verdicts <- db.Write(context.Background(), func(tx *Tx) error {
				_, err := tx.Append(draft("secrets/set"))
				return err
			})
		}()
	}
	waitQueued(db, cap(verdicts))
	closed := make(chan error, 1)
	go func() { closed <- db.Close() }()
	if err := release(); err != nil {
		t.Error(err)
	}
	for range cap(verdicts) {
		if err := <-verdicts; err != nil {
			t.Error(err)
		}
	}
	if err := <-closed; err != nil {
		t.Fatal(err)
	}
	err := db.Write(context.Background(), func(*Tx) error { return nil })
	if !errors.Is(err, errClosed) {
		t.Fatalf("got %v", err)
	}
}

// A full disk fails the whole group, says so, and changes nothing; when there
// is room again, writing goes on and the log is whole.
func TestFullDisk(t *testing.T) {
	db := newDB(t, Options{})
	fillLog(t, db, 2)
	var ann Person
	write(t, db, func(tx *Tx) (err error) { ann, err = tx.CreatePerson(Person{Name: "ann"}); return err })
	limitPages(t, db, `PRAGMA max_page_count = 1`) // raised to what is in use
	big := func(tx *Tx) error {
		if _, err := tx.Append(draft("secrets/set")); err != nil {
			return err
		}
		// Ignoring the failure must not let a later statement commit alone.
		_ = tx.PutEnvelope(ann.ID, "0011", make([]byte, 1<<20))
		return tx.PutThrottle("left behind", Throttle{Failures: 1})
	}
	err := db.Write(t.Context(), big)
	wantKind(t, err, fault.Unavailable)
	if fault.Hint(err) == "" {
		t.Error("no hint")
	}
	limitPages(t, db, `PRAGMA max_page_count = 1000000`)
	fillLog(t, db, 1)
	if got, err := db.Throttle(t.Context(), "left behind"); err != nil || got.Failures != 0 {
		t.Fatalf("a part of the lost change remains: %+v, %v", got, err)
	}
	if got := verifyLog(t, db); got.Size != 3 {
		t.Fatalf("the log has %d entries, want 3", got.Size)
	}
}

// limitPages makes SQLite believe in a disk of another size.
func limitPages(t *testing.T, db *DB, pragma string) {
	t.Helper()
	if err := db.w.script(t.Context(), pragma); err != nil {
		t.Fatal(err)
	}
}

// COMMIT itself fails: nobody in the group is told that all is well, nothing
// remains, and the log goes on from what is on the disk.
func TestCommitFails(t *testing.T) {
	db := newDB(t, Options{})
	fillLog(t, db, 2)
	release := hold(t, db)
	verdicts := make([]error, 2)
	var group sync.WaitGroup
	for i := range verdicts {
		waitQueued(db, i)
		group.Go(func() {
			verdicts[i] = db.Write(context.Background(), func(tx *Tx) error {
				_, err := tx.Append(draft("secrets/set"))
				if i == 1 {
					// A broken reference that is looked at only by COMMIT.
					err = errors.Join(err, tx.exec(`PRAGMA defer_foreign_keys = ON`), tx.PutEnvelope("nobody", "0011", []byte{1}))
				}
				return err
			})
		})
	}
	waitQueued(db, 2)
	if err := release(); err == nil {
		t.Error("the change that opened the group was acknowledged")
	}
	group.Wait()
	for i, err := range verdicts {
		if err == nil {
			t.Errorf("change %d was acknowledged", i)
		}
	}
	fillLog(t, db, 1)
	if got := verifyLog(t, db); got.Size != 3 {
		t.Fatalf("the log has %d entries, want 3", got.Size)
	}
}

// Another program holds the file for longer than one waits.
func TestLockedFile(t *testing.T) {
	path := makeFileWith(t)
	one, two := reopen(t, path), reopen(t, path)
	two.w.tries = 3
	release := hold(t, one)
	err := two.Write(t.Context(), func(*Tx) error { return nil })
	wantKind(t, err, fault.Unavailable)
	if err := release(); err != nil {
		t.Error(err)
	}
	fillLog(t, two, 1)
}

// A view answers from one state; a question that nobody waits for ends.
func TestView(t *testing.T) {
	db := newDB(t, Options{})
	fillLog(t, db, 2)
	err := db.View(t.Context(), func(r Reader) error {
		for range 2 {
			size, err := r.LogSize(t.Context())
			if err != nil || size != 2 {
				t.Errorf("the view moved: %d, %v", size, err)
			}
			fillLog(t, db, 1)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if size, err := db.LogSize(t.Context()); err != nil || size != 4 {
		t.Fatal(size, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	err = db.View(ctx, func(r Reader) error {
		cancel()
		_, err := r.People(ctx)
		return err
	})
	wantKind(t, err, fault.Canceled)
	_, err = db.People(ctx)
	wantKind(t, err, fault.Canceled)
	for range 2 * readers { // no connection was lost, or kept its transaction
		if size, err := db.LogSize(t.Context()); err != nil || size != 4 {
			t.Fatal(size, err)
		}
	}
}

// A change sees the head that its own entry makes.
func TestHead(t *testing.T) {
	db := newDB(t, Options{})
	var size int64
	var root audit.Hash
	write(t, db, func(tx *Tx) error {
		_, err := tx.Append(draft("secrets/set"))
		size, root = tx.Head()
		return err
	})
	if got := verifyLog(t, db); got.Size != size || got.Root != root {
		t.Fatalf("the head is %d %x, the log's %d %x", size, root, got.Size, got.Root)
	}
}

// The log's time never goes back, though the clock does.
func TestTimeNeverGoesBack(t *testing.T) {
	c := newClock()
	db := newDB(t, Options{Now: c.now})
	noon := c.at
	fillLog(t, db, 1)
	c.at = noon.Add(-time.Hour)
	fillLog(t, db, 2)
	page, err := db.Entries(t.Context(), EntryQuery{})
	if err != nil || len(page.Items) != 3 {
		t.Fatal(page, err)
	}
	for _, item := range page.Items {
		if !item.Entry.At().Equal(noon) {
			t.Errorf("entry %d is of %s, want %s", item.Seq, item.Entry.At(), noon)
		}
	}
	verifyLog(t, db)
}
