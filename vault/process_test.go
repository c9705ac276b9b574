package vault

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// The tests of this file run this test binary again as a second process: a
// real one, that can be killed.
const (
	childPath    = "STRONGROOM_TEST_CHILD_PATH"
	childName    = "STRONGROOM_TEST_CHILD_NAME"
	childChanges = "STRONGROOM_TEST_CHILD_CHANGES"
	childWriters = 3
)

func TestMain(m *testing.M) {
	if path := os.Getenv(childPath); path != "" {
		if err := runChild(path, os.Getenv(childName), os.Getenv(childChanges)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// runChild writes people from several goroutines, each with its log entry, and
// prints a person's name once the change was acknowledged.
func runChild(path, name, changes string) error {
	most, err := strconv.Atoi(changes)
	if err != nil {
		return err
	}
	db, err := Open(context.Background(), path, Options{})
	if err != nil {
		return err
	}
	var group sync.WaitGroup
	failures := make(chan error, childWriters)
	for w := range childWriters {
		group.Go(func() {
			for i := range most {
				if err := writePerson(db, fmt.Sprintf("%s-%d-%d", name, w, i)); err != nil {
					failures <- err
					return
				}
			}
		})
	}
	group.Wait()
	close(failures)
	for err := range failures {
		return err
	}
	return db.Close()
}

func writePerson(db *DB, name string) error {
	err := db.Write(context.Background(), func(tx *Tx) error {
		p, err := tx.CreatePerson(Person{Name: name})
		if err != nil {
			return err
		}
		d := draft("people/create")
		d.Actor.ID = p.ID
		d.Actor.Name = name
		_, err = tx.Append(d)
		return err
	})
	if err == nil {
		// One write call a line: a killed process leaves whole lines.
		_, err = io.WriteString(os.Stdout, name+"\n")
	}
	return err
}

func child(t *testing.T, path, name string, changes int) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), childPath+"="+path, childName+"="+name, childChanges+"="+strconv.Itoa(changes))
	cmd.Stderr = os.Stderr
	return cmd
}

// killAfter runs a child until it has acknowledged n changes, kills it at
// once, and gives all it acknowledged.
func killAfter(t *testing.T, path, name string, n int) []string {
	t.Helper()
	cmd := child(t, path, name, 1_000_000)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var names []string
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		names = append(names, lines.Text())
		if len(names) == n {
			if err := cmd.Process.Kill(); err != nil { // SIGKILL
				t.Fatal(err)
			}
		}
	}
	if err := cmd.Wait(); err == nil {
		t.Fatal("the child ended by itself")
	}
	return names
}

// A process is killed in the middle of writing, over and over. Whatever it
// acknowledged is there; each person has exactly one entry, and each entry its
// person; the log verifies.
func TestKilledWriterLosesNothingAcknowledged(t *testing.T) {
	path := makeFileWith(t)
	acknowledged := 0
	for round := range 6 {
		names := killAfter(t, path, "r"+strconv.Itoa(round), 5+17*round)
		acknowledged += len(names)
		db, err := Open(t.Context(), path, Options{})
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			if _, err := db.PersonByName(t.Context(), name); err != nil {
				t.Errorf("round %d lost %s: %v", round, name, err)
			}
		}
		changesMatchEntries(t, db, 2)
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("%d acknowledged changes survived 6 kills", acknowledged)
}

// changesMatchEntries proves no change without its entry and no entry without
// its change, but for the entries that were there before.
func changesMatchEntries(t *testing.T, db *DB, before int64) {
	t.Helper()
	people, err := db.People(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if size := verifyLog(t, db).Size; size != int64(len(people))+before {
		t.Fatalf("%d people, but %d entries", len(people), size-before)
	}
	matched, err := db.number(t.Context(), `SELECT count(*) FROM people p JOIN log l ON l.actor_id = p.id`)
	if err != nil || matched != int64(len(people)) {
		t.Fatalf("%d of %d people have their entry, %v", matched, len(people), err)
	}
}

// Two processes and this one append to one file: nobody fails, and the log is
// one log.
func TestSeveralProcessesAppendToOneLog(t *testing.T) {
	path := makeFileWith(t)
	db := reopen(t, path)
	const each = 25
	var outs [2]strings.Builder
	var group sync.WaitGroup
	for i, name := range []string{"left", "right"} {
		cmd := child(t, path, name, each)
		cmd.Stdout = &outs[i]
		group.Go(func() {
			if err := cmd.Run(); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		})
	}
	for range each {
		fillLog(t, db, 1)
	}
	group.Wait()
	changesMatchEntries(t, db, 2+each)
	for i := range outs {
		if got := strings.Count(outs[i].String(), "\n"); got != each*childWriters {
			t.Errorf("child %d acknowledged %d changes, want %d", i, got, each*childWriters)
		}
	}
	if page, err := db.Entries(t.Context(), EntryQuery{Limit: MaxPage}); err != nil || len(page.Items) != 2+each+2*each*childWriters {
		t.Errorf("%d entries, %v", len(page.Items), err)
	}
}

// Two handles in one process share the file as two processes do: closing one
// must not drop the other's locks.
func TestTwoHandlesInOneProcess(t *testing.T) {
	path := filepath.Clean(makeFileWith(t))
	one, two := reopen(t, path), reopen(t, path)
	for range 5 {
		fillLog(t, one, 1)
		fillLog(t, two, 1)
	}
	if err := two.Close(); err != nil {
		t.Fatal(err)
	}
	fillLog(t, one, 1)
	if got := verifyLog(t, one); got.Size != 13 {
		t.Fatal(got)
	}
}
