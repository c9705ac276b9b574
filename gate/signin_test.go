package gate_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/strongroom/strongroom/audit"
	"github.com/strongroom/strongroom/gate"
	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/internal/secret"
	"github.com/strongroom/strongroom/mfa"
	"github.com/strongroom/strongroom/roles"
	"github.com/strongroom/strongroom/vault"
)

// Somebody looks over the shoulder and types the same code again.
func TestACodeWorksOnce(t *testing.T) {
	w := newWorld(t)
	r := w.request(olivia)
	s, err := w.gate.SignIn(w.ctx(), r)
	w.must(err)
	w.must(w.gate.SignOut(w.ctx(), s))
	entries := w.logged(func() {
		_, err := w.gate.SignIn(w.ctx(), r)
		w.wantKind(err, fault.Unauthenticated)
	})
	if len(entries) != 1 || entries[0].Outcome != audit.Refused || entries[0].Actor.Name != olivia {
		t.Errorf("the replay left %+v", entries)
	}
}

// The same code at the same moment, in two processes: one gets in.
func TestOfTwoSignInsWithOneCodeOneGetsIn(t *testing.T) {
	w := newWorld(t)
	r := w.request(olivia)
	var got [4]error
	var wg sync.WaitGroup
	for i := range got {
		wg.Go(func() { _, got[i] = w.gate.SignIn(w.ctx(), r) })
	}
	wg.Wait()
	in := 0
	for _, err := range got {
		if err == nil {
			in++
		} else if k := fault.KindOf(err); k != fault.Unauthenticated && k != fault.Throttled {
			t.Errorf("a loser got %v", err)
		}
	}
	if in != 1 {
		t.Errorf("%d sign-ins succeeded with one code", in)
	}
}

// Nobody learns from the answer whether a name exists or which factor was
// wrong.
func TestAllWrongSignInsLookAlike(t *testing.T) {
	w := newWorld(t)
	wrong := map[string]func(*gate.SignInRequest){
		"unknown person":            func(r *gate.SignInRequest) { r.Name = "nobody" },
		"no name at all":            func(r *gate.SignInRequest) { r.Name = "" },
		"hostile name":              func(r *gate.SignInRequest) { r.Name = "a'; DROP TABLE people; --\x00" },
		"wrong password":            func(r *gate.SignInRequest) { r.Password = secret.FromString("wrong horse battery") },
		"empty password":            func(r *gate.SignInRequest) { r.Password = secret.FromString("") },
		"wrong code":                func(r *gate.SignInRequest) { r.Code = secret.FromString("000000") },
		"no code":                   func(r *gate.SignInRequest) { r.Code = secret.FromString("") },
		"long code":                 func(r *gate.SignInRequest) { r.Code = secret.FromString(strings.Repeat("1", 10000)) },
		"another's recovery code":   func(r *gate.SignInRequest) { r.Code = w.people[ada].recovery[0] },
		"another's code":            func(r *gate.SignInRequest) { r.Code = w.code(ada) },
		"a code of two minutes ago": func(r *gate.SignInRequest) { w.pass(2 * time.Minute) },
	}
	var problem, hint string
	for story, spoil := range wrong {
		w.pass(mfa.PersonThrottle().LockFor) // no wait is left over
		r := w.request(olivia)
		spoil(&r)
		_, err := w.gate.SignIn(w.ctx(), r)
		if fault.KindOf(err) != fault.Unauthenticated {
			t.Errorf("%s: %v", story, err)
			continue
		}
		if problem == "" {
			problem, hint = fault.Problem(err), fault.Hint(err)
		}
		if fault.Problem(err) != problem || fault.Hint(err) != hint {
			t.Errorf("%s says %q / %q; another failure said %q / %q", story, fault.Problem(err), fault.Hint(err), problem, hint)
		}
	}
	// The log names only people who exist: a stranger's text may be a
	// password typed into the wrong field.
	for _, e := range w.entries() {
		if e.Actor.Name == "nobody" || strings.Contains(e.Actor.Name, "DROP") {
			t.Errorf("the log keeps a name that nobody bears: %+v", e.Actor)
		}
	}
}

// Guessing is slow, stays slow after a restart, and ends by itself.
func TestFailuresLockForAWhile(t *testing.T) {
	w := newWorld(t)
	fail := func() error {
		r := w.request(olivia)
		r.Password = secret.FromString("wrong horse battery")
		_, err := w.gate.SignIn(w.ctx(), r)
		return err
	}
	for range mfa.PersonThrottle().LockAfter {
		w.wantKind(fail(), fault.Unauthenticated)
	}
	w.restart()
	_, err := w.gate.SignIn(w.ctx(), w.request(olivia))
	w.wantKind(err, fault.Throttled)
	w.wantKind(fail(), fault.Throttled)
	w.must(w.gate.SignOut(w.ctx(), w.signIn(ada))) // nobody else is locked out
	w.pass(mfa.PersonThrottle().LockFor)
	w.must(w.gate.SignOut(w.ctx(), w.signIn(olivia)))
}

// A hundred guesses at the same moment are no more than one.
func TestParallelGuessesCountBeforeTheyAreAnswered(t *testing.T) {
	w := newWorld(t)
	r := w.request(olivia)
	r.Code = secret.FromString("000000")
	var mu sync.Mutex
	kinds := map[fault.Kind]int{}
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			_, err := w.gate.SignIn(w.ctx(), r)
			mu.Lock()
			defer mu.Unlock()
			kinds[fault.KindOf(err)]++
		})
	}
	wg.Wait()
	if kinds[fault.Unauthenticated] != 1 || kinds[fault.Throttled] != 19 {
		t.Errorf("answers: %v; want one guess looked at", kinds)
	}
}

func TestARecoveryCodeWorksOnceAndIsNoted(t *testing.T) {
	w := newWorld(t)
	r := w.request(olivia)
	r.Code = w.people[olivia].recovery[3]
	entries := w.logged(func() {
		s, err := w.gate.SignIn(w.ctx(), r)
		w.must(err)
		w.must(w.gate.SignOut(w.ctx(), s))
	})
	if entries[0].Params["factor"] != "with a recovery code" {
		t.Errorf("the log does not tell that a recovery code was used: %+v", entries[0])
	}
	w.pass(time.Hour)
	_, err := w.gate.SignIn(w.ctx(), r)
	w.wantKind(err, fault.Unauthenticated)
}

func TestAnEnrolmentCodeOpensOneDoorOnce(t *testing.T) {
	w := newWorld(t)
	owner := w.signIn(olivia)
	i, err := w.gate.CreatePerson(w.ctx(), owner, gate.CreatePersonRequest{Name: "bob"})
	w.must(err)
	r := gate.EnrolRequest{Name: "bob", Code: i.Code, Password: secret.FromString("mellow tangerine"), Source: gate.FromConsole}

	weak := r
	weak.Password = secret.FromString("password1234")
	_, err = w.gate.BeginEnrolment(w.ctx(), weak)
	w.wantKind(err, fault.Invalid)
	guess := r
	guess.Code = secret.FromString("AAAA-AAAA-AAAA-AAAA")
	_, err = w.gate.BeginEnrolment(w.ctx(), guess)
	w.wantKind(err, fault.Unauthenticated)
	w.pass(time.Hour)

	// Two windows begin; only one can finish.
	one, err := w.gate.BeginEnrolment(w.ctx(), r)
	w.must(err)
	w.pass(time.Hour)
	two, err := w.gate.BeginEnrolment(w.ctx(), r)
	w.must(err)
	_, err = w.gate.ConfirmEnrolment(w.ctx(), one, secret.FromString("123"))
	w.wantKind(err, fault.Unauthenticated) // a slip of the finger may be mended
	_, err = w.gate.ConfirmEnrolment(w.ctx(), one, w.codeOf(&somebody{seed: seedOf(t, one)}))
	w.must(err)
	_, err = w.gate.ConfirmEnrolment(w.ctx(), two, w.codeOf(&somebody{seed: seedOf(t, two)}))
	w.wantKind(err, fault.NotFound)
	_, err = w.gate.BeginEnrolment(w.ctx(), r)
	w.wantKind(err, fault.Unauthenticated)
}

func TestAnEnrolmentCodeEnds(t *testing.T) {
	w := newWorld(t)
	i, err := w.gate.CreatePerson(w.ctx(), w.signIn(olivia), gate.CreatePersonRequest{Name: "bob"})
	w.must(err)
	w.pass(gate.DefaultLimits().Invitation)
	_, err = w.gate.BeginEnrolment(w.ctx(), gate.EnrolRequest{Name: "bob", Code: i.Code, Password: secret.FromString("mellow tangerine")})
	w.wantKind(err, fault.Unauthenticated)
}

func TestALoginSessionEnds(t *testing.T) {
	list := func(w *world, s *gate.Session) error {
		_, err := w.gate.ListVaults(w.ctx(), s)
		return err
	}
	for story, end := range map[string]func(w *world, s *gate.Session){
		"idle":       func(w *world, _ *gate.Session) { w.pass(gate.DefaultLimits().Idle + 1) },
		"signed out": func(w *world, s *gate.Session) { w.must(w.gate.SignOut(w.ctx(), s)) },
		"locked":     func(w *world, s *gate.Session) { w.must(w.gate.Lock(w.ctx(), s)) },
		"ended elsewhere": func(w *world, s *gate.Session) {
			w.must(w.db.Write(w.ctx(), func(tx *vault.Tx) error { return tx.EndSession(s.ID(), w.clock) }))
		},
		"its life is over": func(w *world, s *gate.Session) {
			for w.clock.Before(s.Expires()) {
				w.must(list(w, s))
				w.pass(4 * time.Minute)
			}
		},
	} {
		t.Run(story, func(t *testing.T) {
			w := newWorld(t)
			s := w.signIn(olivia)
			w.must(list(w, s))
			end(w, s)
			w.wantKind(list(w, s), fault.Unauthenticated)
			w.wantKind(list(w, s), fault.Unauthenticated)
		})
	}
	t.Run("there was none", func(t *testing.T) {
		w := newWorld(t)
		entries := w.logged(func() { w.wantKind(list(w, nil), fault.Unauthenticated) })
		if len(entries) != 1 || entries[0].Outcome != audit.Refused {
			t.Errorf("left %+v", entries)
		}
	})
}

// A value and a grant need a recent code, however long the session lasts.
func TestStepUp(t *testing.T) {
	w := furnished(t)
	s := w.signIn(sam)
	_, err := w.gate.SetSecret(w.ctx(), s, set("pay-dev", "a", "x"))
	w.must(err)
	reveal := func() error {
		_, err := w.gate.GetSecret(w.ctx(), s, gate.Ref{Vault: "pay-dev", Name: "a"}, gate.PurposeReveal)
		return err
	}
	w.pass(roles.SecretsGet.FactorAge())
	w.must(reveal()) // to the very second
	w.pass(1)
	w.wantKind(reveal(), fault.StepUp)
	if s.Grace(w.clock) != 0 {
		t.Errorf("grace left: %s", s.Grace(w.clock))
	}
	w.wantKind(w.gate.StepUp(w.ctx(), s, secret.FromString("000000")), fault.Unauthenticated)
	w.pass(time.Minute)
	w.must(w.gate.StepUp(w.ctx(), s, w.code(sam)))
	w.must(reveal())
	w.pass(time.Second)
	w.wantKind(w.gate.StepUp(w.ctx(), s, w.code(sam)), fault.Unauthenticated) // the same code again
}

// A role that is taken away counts at the next act, not at the next sign-in.
func TestARoleTakenAwayCountsAtOnce(t *testing.T) {
	w := furnished(t)
	s, owner := w.signIn(sam), w.signIn(olivia)
	_, err := w.gate.ListSecrets(w.ctx(), s, gate.ListRequest{Vault: "pay-dev"})
	w.must(err)
	held, err := w.gate.ListAssignments(w.ctx(), owner, "pay-dev")
	w.must(err)
	for _, a := range held {
		if a.PersonName == sam {
			w.must(w.gate.DeleteAssignment(w.ctx(), owner, a.ID))
		}
	}
	_, err = w.gate.ListSecrets(w.ctx(), s, gate.ListRequest{Vault: "pay-dev"})
	w.wantKind(err, fault.Forbidden)
}

func TestATicketCarriesALoginSessionToTheNextProcess(t *testing.T) {
	w := newWorld(t)
	r := w.request(olivia)
	r.Source = gate.FromCommand
	s, err := w.gate.SignIn(w.ctx(), r)
	w.must(err)
	key := secret.New(make([]byte, gate.TicketKeySize))
	ticket, err := w.gate.Ticket(s, key)
	w.must(err)
	if strings.Contains(string(ticket), w.token.PIN) || strings.Contains(string(ticket), s.ID()) {
		t.Error("the ticket shows what it carries")
	}
	w.restart()
	again, err := w.gate.Resume(w.ctx(), ticket, key)
	w.must(err)
	_, err = w.gate.ListVaults(w.ctx(), again)
	w.must(err)

	for i := range ticket {
		bad := append([]byte(nil), ticket...)
		bad[i] ^= 1
		_, err := w.gate.Resume(w.ctx(), bad, key)
		w.wantKind(err, fault.Unauthenticated)
	}
	for _, bad := range [][]byte{nil, {1}, ticket[:len(ticket)-1], append(ticket, 0), make([]byte, 5000)} {
		_, err := w.gate.Resume(w.ctx(), bad, key)
		w.wantKind(err, fault.Unauthenticated)
	}
	other := secret.New(append(make([]byte, gate.TicketKeySize-1), 1))
	_, err = w.gate.Resume(w.ctx(), ticket, other)
	w.wantKind(err, fault.Unauthenticated)

	w.pass(gate.DefaultLimits().CommandLife)
	_, err = w.gate.Resume(w.ctx(), ticket, key)
	w.wantKind(err, fault.Unauthenticated)
}
