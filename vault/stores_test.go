package vault

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/strongroom/strongroom/audit"
	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/roles"
)

func addPerson(t *testing.T, db *DB, name string) Person {
	t.Helper()
	var p Person
	write(t, db, func(tx *Tx) (err error) {
		p, err = tx.CreatePerson(Person{Name: name, Display: "Mara Ruiz"})
		return err
	})
	return p
}

func TestPeople(t *testing.T) {
	c := newClock()
	db := newDB(t, Options{Now: c.now})
	p := addPerson(t, db, "mara")
	if p.State != Invited || !p.Created.Equal(c.at) || len(p.ID) != 36 {
		t.Fatalf("%+v", p)
	}
	p.State, p.Disabled = Active, true
	write(t, db, func(tx *Tx) error { return tx.UpdatePerson(p) })
	for _, find := range []func() (Person, error){
		func() (Person, error) { return db.Person(t.Context(), p.ID) },
		func() (Person, error) { return db.PersonByName(t.Context(), "MARA") },
	} {
		if got, err := find(); err != nil || got != p {
			t.Errorf("got %+v, %v; want %+v", got, err, p)
		}
	}
	if _, err := db.PersonByName(t.Context(), "nobody"); !errors.Is(err, ErrNoPerson) {
		t.Errorf("got %v", err)
	}
	for name, want := range map[string]fault.Kind{"mara": fault.Conflict, "Mara": fault.Invalid, "": fault.Invalid, ".m": fault.Invalid, "m\n": fault.Invalid} {
		wantKind(t, db.Write(t.Context(), func(tx *Tx) error {
			_, err := tx.CreatePerson(Person{Name: name})
			return err
		}), want)
	}
	ghost := db.Write(t.Context(), func(tx *Tx) error { return tx.UpdatePerson(Person{ID: "ghost", State: Active}) })
	if !errors.Is(ghost, ErrNoPerson) {
		t.Errorf("got %v", ghost)
	}
}

// A code's step is accepted once; the same one, and any before it, never
// again. The stored step survives a new password.
func TestStepsGoForwardOnly(t *testing.T) {
	db := newDB(t, Options{})
	p := addPerson(t, db, "mara")
	if _, err := db.Factors(t.Context(), p.ID); !errors.Is(err, ErrNoFactors) {
		t.Fatalf("got %v", err)
	}
	write(t, db, func(tx *Tx) error {
		return tx.PutFactors(Factors{PersonID: p.ID, Password: "$argon2id$a", TOTP: []byte{1}})
	})
	for _, step := range []struct {
		n    int64
		want bool
	}{{100, true}, {100, false}, {99, false}, {101, true}} {
		write(t, db, func(tx *Tx) error {
			got, err := tx.AcceptStep(p.ID, step.n)
			if got != step.want {
				t.Errorf("step %d accepted: %v", step.n, got)
			}
			return err
		})
	}
	write(t, db, func(tx *Tx) error { return tx.SetPassword(p.ID, "$argon2id$b") })
	f, err := db.Factors(t.Context(), p.ID)
	if err != nil || f.LastStep != 101 || f.Password != "$argon2id$b" {
		t.Fatalf("%+v, %v", f, err)
	}
}

func TestEnvelopesAndEnrolment(t *testing.T) {
	c := newClock()
	db := newDB(t, Options{Now: c.now})
	p := addPerson(t, db, "mara")
	want := Enrolment{PersonID: p.ID, Hash: "$argon2id$", Envelope: []byte{7}, Created: c.at, Expires: c.at.Add(time.Hour)}
	write(t, db, func(tx *Tx) error {
		return errors.Join(tx.PutEnvelope(p.ID, "0011", []byte{1}), tx.PutEnvelope(p.ID, "0011", []byte{2}), tx.PutEnrolment(want))
	})
	if got, err := db.Envelope(t.Context(), p.ID, "0011"); err != nil || !slices.Equal(got, []byte{2}) {
		t.Errorf("%v, %v", got, err)
	}
	if _, err := db.Envelope(t.Context(), p.ID, "other token"); !errors.Is(err, ErrNoEnvelope) {
		t.Errorf("got %v", err)
	}
	got, err := db.Enrolment(t.Context(), p.ID)
	if err != nil || !got.Expires.Equal(want.Expires) || got.Hash != want.Hash {
		t.Errorf("%+v, %v", got, err)
	}
	write(t, db, func(tx *Tx) error { return errors.Join(tx.DeleteEnrolment(p.ID), tx.DeleteEnvelopes(p.ID)) })
	again := db.Write(t.Context(), func(tx *Tx) error { return tx.DeleteEnrolment(p.ID) })
	if !errors.Is(again, ErrNoEnrolment) {
		t.Errorf("one code, two doors: %v", again)
	}
}

func TestRecoveryCodesWorkOnce(t *testing.T) {
	c := newClock()
	db := newDB(t, Options{Now: c.now})
	p := addPerson(t, db, "mara")
	use := func(n int) (used bool) {
		write(t, db, func(tx *Tx) (err error) { used, err = tx.UseRecoveryCode(p.ID, n); return err })
		return used
	}
	write(t, db, func(tx *Tx) error { return tx.SetRecoveryCodes(p.ID, []string{"a", "b"}) })
	if !use(1) || use(1) || use(2) {
		t.Error("a code worked twice, or one that is not there")
	}
	codes, err := db.RecoveryCodes(t.Context(), p.ID)
	if err != nil || len(codes) != 2 || !codes[0].Used.IsZero() || !codes[1].Used.Equal(c.at) {
		t.Errorf("%+v, %v", codes, err)
	}
	write(t, db, func(tx *Tx) error { return tx.SetRecoveryCodes(p.ID, []string{"c"}) })
	if !use(0) {
		t.Error("a new code does not work")
	}
}

func TestThrottles(t *testing.T) {
	db := newDB(t, Options{})
	at := newClock().at
	want := Throttle{Failures: 5, LastFailure: at, LockedUntil: at.Add(time.Minute)}
	write(t, db, func(tx *Tx) error { return tx.PutThrottle(Everybody, want) })
	if got, err := db.Throttle(t.Context(), Everybody); err != nil || got != want {
		t.Errorf("%+v, %v", got, err)
	}
	write(t, db, func(tx *Tx) error { return tx.PutThrottle(Everybody, Throttle{}) })
	if got, err := db.Throttle(t.Context(), Everybody); err != nil || got != (Throttle{}) {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestAssignments(t *testing.T) {
	c := newClock()
	db := newDB(t, Options{Now: c.now})
	p := addPerson(t, db, "mara")
	var made roles.Assignment
	write(t, db, func(tx *Tx) (err error) {
		made, err = tx.CreateAssignment(roles.Assignment{
			Person: p.ID, Role: roles.SecretOwner, Scope: roles.Scope{Vault: "payments-prod", Prefix: "card-"},
			Expires: c.at.Add(time.Hour), GrantedBy: "boss",
		})
		return err
	})
	if got, err := db.Assignment(t.Context(), made.ID); err != nil || got != made {
		t.Errorf("got %+v, %v; want %+v", got, err, made)
	}
	of, err := db.AssignmentsOf(t.Context(), p.ID)
	all, err2 := db.Assignments(t.Context())
	if errors.Join(err, err2) != nil || len(of) != 1 || !slices.Equal(of, all) || !of[0].NotBefore.IsZero() {
		t.Errorf("%+v, %+v, %v, %v", of, all, err, err2)
	}
	write(t, db, func(tx *Tx) error { return tx.DeleteAssignment(made.ID) })
	gone := db.Write(t.Context(), func(tx *Tx) error { return tx.DeleteAssignment(made.ID) })
	if !errors.Is(gone, ErrNoAssignment) {
		t.Errorf("got %v", gone)
	}
	stranger := db.Write(t.Context(), func(tx *Tx) error {
		_, err := tx.CreateAssignment(roles.Assignment{Person: "nobody", Role: roles.Auditor})
		return err
	})
	wantKind(t, stranger, fault.Conflict)
}

func TestSessions(t *testing.T) {
	c := newClock()
	db := newDB(t, Options{Now: c.now})
	p := addPerson(t, db, "mara")
	var s Session
	write(t, db, func(tx *Tx) (err error) {
		s, err = tx.CreateSession(Session{PersonID: p.ID, Expires: c.at.Add(15 * time.Minute), Source: "cli"})
		return err
	})
	later := c.at.Add(time.Minute)
	write(t, db, func(tx *Tx) error {
		return errors.Join(tx.TouchSession(s.ID, later, later.Add(time.Hour)), tx.FreshenFactor(s.ID, later))
	})
	got, err := db.Session(t.Context(), s.ID)
	if err != nil || !got.LastSeen.Equal(later) || !got.FactorAt.Equal(later) || !got.EndedAt.IsZero() || !got.Created.Equal(c.at) {
		t.Fatalf("%+v, %v", got, err)
	}
	if open, err := db.OpenSessions(t.Context(), p.ID); err != nil || len(open) != 1 {
		t.Fatalf("%+v, %v", open, err)
	}
	write(t, db, func(tx *Tx) error { return tx.EndSession(s.ID, later) })
	for _, use := range []func(*Tx) error{
		func(tx *Tx) error { return tx.TouchSession(s.ID, later, later) },
		func(tx *Tx) error { return tx.FreshenFactor(s.ID, later) },
		func(tx *Tx) error { return tx.EndSession(s.ID, later) },
	} {
		if err := db.Write(t.Context(), use); !errors.Is(err, ErrNoSession) {
			t.Errorf("an ended session is used: %v", err)
		}
	}
	if open, err := db.OpenSessions(t.Context(), p.ID); err != nil || len(open) != 0 {
		t.Fatalf("%+v, %v", open, err)
	}
}

func TestIntentsStayOpenUntilClosed(t *testing.T) {
	c := newClock()
	db := newDB(t, Options{Now: c.now})
	want := Intent{ID: "act-1", KeyID: "00ff", Label: "payments-prod/card", What: "keys/create", Created: c.at, PID: 7, PIDStart: 99}
	write(t, db, func(tx *Tx) error { return tx.OpenIntent(want) })
	open, err := db.OpenIntents(t.Context())
	if err != nil || len(open) != 1 || open[0] != want {
		t.Fatalf("%+v, %v", open, err)
	}
	write(t, db, func(tx *Tx) error { return tx.CloseIntent("act-1") })
	if err := db.Write(t.Context(), func(tx *Tx) error { return tx.CloseIntent("act-1") }); !errors.Is(err, ErrNoIntent) {
		t.Errorf("got %v", err)
	}
	if open, err := db.OpenIntents(t.Context()); err != nil || len(open) != 0 {
		t.Fatalf("%+v, %v", open, err)
	}
}

// Checkpoints are kept. A second one for the same head changes nothing; one
// for another head of the same size shows a fork.
func TestCheckpoints(t *testing.T) {
	db := newDB(t, Options{})
	if _, err := db.LastCheckpoint(t.Context()); !errors.Is(err, ErrNoCheckpoint) {
		t.Fatalf("got %v", err)
	}
	first := Checkpoint{Size: 5, Root: audit.Hash{1}, Note: []byte("note"), Created: newClock().at}
	write(t, db, func(tx *Tx) error { return tx.PutCheckpoint(first) })
	write(t, db, func(tx *Tx) error {
		return tx.PutCheckpoint(Checkpoint{Size: 5, Root: audit.Hash{1}, Note: []byte("other")})
	})
	fork := db.Write(t.Context(), func(tx *Tx) error { return tx.PutCheckpoint(Checkpoint{Size: 5, Root: audit.Hash{2}}) })
	wantKind(t, fork, fault.Tampered)
	write(t, db, func(tx *Tx) error { return tx.PutCheckpoint(Checkpoint{Size: 7, Note: []byte("later")}) })
	all, err := db.Checkpoints(t.Context())
	if err != nil || len(all) != 2 || string(all[0].Note) != "note" || all[0].Root != first.Root {
		t.Fatalf("%+v, %v", all, err)
	}
	if last, err := db.LastCheckpoint(t.Context()); err != nil || last.Size != 7 {
		t.Fatalf("%+v, %v", last, err)
	}
	for _, attack := range []string{`DELETE FROM checkpoints`, `UPDATE checkpoints SET note = x'00'`} {
		wantKind(t, db.Write(t.Context(), func(tx *Tx) error { return tx.exec(attack) }), fault.Conflict)
	}
	write(t, db, func(tx *Tx) error {
		return tx.exec(`INSERT OR REPLACE INTO checkpoints SELECT size, root, x'00', created FROM checkpoints`)
	})
	if last, err := db.LastCheckpoint(t.Context()); err != nil || string(last.Note) != "later" {
		t.Fatalf("%+v, %v", last, err)
	}
}
