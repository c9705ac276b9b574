package gate

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/strongroom/strongroom/audit"
	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/internal/secret"
	"github.com/strongroom/strongroom/roles"
	"github.com/strongroom/strongroom/vault"
)

// Session is a login session of this process: a person who showed both
// factors. It is safe for concurrent use.
type Session struct {
	id         string
	personID   string
	personName string
	source     Source
	expires    time.Time

	mu       sync.Mutex
	factorAt time.Time
	lastSeen time.Time
	touched  time.Time     // when the use was last written down
	pin      *secret.Bytes // the HSM's PIN, wiped when the session ends
	ended    bool
}

// Person is the name that the person signed in with.
func (s *Session) Person() string { return s.personName }

// PersonID is the person's id.
func (s *Session) PersonID() string { return s.personID }

// ID is the login session's id, as in the log.
func (s *Session) ID() string { return s.id }

// Expires is when the login session ends whatever happens.
func (s *Session) Expires() time.Time { return s.expires }

// Grace is how long the second factor still counts as fresh for acts that
// need a fresh one; zero when a new code is needed.
func (s *Session) Grace(now time.Time) time.Duration {
	return max(0, roles.SecretsGet.FactorAge()-now.Sub(s.factorTime()))
}

func (s *Session) factorTime() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.factorAt
}

func (s *Session) setFactorTime(t time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.factorAt = t
}

// used gives when the session was last used, here or, as the database has it,
// elsewhere.
func (s *Session) used(elsewhere time.Time) time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.lastSeen.After(elsewhere) {
		return s.lastSeen
	}
	return elsewhere
}

// use notes the session's use and reports whether it is time to write it down.
func (s *Session) use(now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lastSeen = now
	if now.Sub(s.touched) < touchEvery {
		return false
	}
	s.touched = now
	return true
}

// borrowPIN gives a copy of the PIN that the caller wipes.
func (s *Session) borrowPIN() *secret.Bytes {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.pin.Clone()
}

func (s *Session) end() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ended = true
	s.pin.Wipe()
}

func (s *Session) hasEnded() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ended
}

// alive is step 1 of the door: the login session is there, not ended here or
// elsewhere, not idle, not over. It gives the actor as the database has them
// at this moment, so that a role taken away counts at once.
func (g *Gate) alive(ctx context.Context, s *Session) (*roles.Actor, error) {
	if s == nil || s.hasEnded() {
		return nil, refuse(ruleSession, errNotSignedIn())
	}
	if err := g.tampered(); err != nil {
		return nil, refuse(ruleLogState, err)
	}
	row, person, err := g.db.SessionPerson(ctx, s.id)
	if err != nil {
		return nil, err
	}
	switch why := ended(s, row, g.now()); {
	case why != "":
		return nil, g.expire(ctx, s, why)
	case s.source == FromConsole && g.now().Sub(s.used(row.LastSeen)) > g.limits.Idle:
		return nil, g.expire(ctx, s, "the login session was idle for too long")
	case person.ID != s.personID || person.Name != s.personName:
		return nil, refuse(ruleSession, fault.New(fault.Tampered, "the login session in the database belongs to somebody else",
			"somebody changed the database; run strongroom audit verify"))
	}
	return g.actorOf(ctx, person)
}

// backwards is how far a clock may go back, as clocks do when they are set by
// a network, before that ends login sessions.
const backwards = 2 * time.Minute

// ended says why a login session is over, or nothing. The row can end it
// sooner than the session itself knows, never later; and a clock that was set
// back must not make it last longer.
func ended(s *Session, row vault.Session, now time.Time) string {
	switch {
	case !row.EndedAt.IsZero():
		return "the login session was ended"
	case !now.Before(row.Expires) || !now.Before(s.expires):
		return "the login session is over"
	case now.Before(s.used(row.LastSeen).Add(-backwards)):
		return "the clock was set back since the login session was last used"
	default:
		return ""
	}
}

// actor reads a person with the assignments that reach them.
func (g *Gate) actor(ctx context.Context, personID string) (*roles.Actor, error) {
	person, err := g.db.Person(ctx, personID)
	if err != nil {
		return nil, err
	}
	return g.actorOf(ctx, person)
}

func (g *Gate) actorOf(ctx context.Context, person vault.Person) (*roles.Actor, error) {
	assignments, err := g.db.AssignmentsOf(ctx, person.ID)
	if err != nil {
		return nil, err
	}
	return &roles.Actor{ID: person.ID, Name: person.Name, Disabled: person.Disabled, Assignments: assignments}, nil
}

// expire ends a login session whose time is over and gives the refusal for
// the act that noticed. What the process holds for the person is wiped, and the
// token is logged out when nobody else needs it.
func (g *Gate) expire(ctx context.Context, s *Session, why string) error {
	cause := refuse(ruleSession, fault.New(fault.Unauthenticated, why, "sign in again"))
	err := g.endSession(ctx, s, "sessions/expire", why)
	_ = g.closeDown(ctx) // an alarm that it raises stays; a token that is away is no reason to answer otherwise
	return withLogError(cause, err)
}

// touchEvery is how often the use of a login session is written down: the
// idle limit of another process is off by no more.
const touchEvery = 10 * time.Second

// touch records that the login session was used.
func (g *Gate) touch(tx *vault.Tx, s *Session) error {
	if s == nil {
		return nil // a due act has no session
	}
	now := g.now()
	if !s.use(now) {
		return nil
	}
	return tx.TouchSession(s.id, now, s.expires)
}

// SignOut ends the login session, signs a checkpoint over the log and wipes
// what the process holds for the person.
func (g *Gate) SignOut(ctx context.Context, s *Session) error {
	return g.leave(ctx, s, "sessions/delete")
}

// Lock is SignOut for a screen that nobody watches. The person signs in again
// to go on.
func (g *Gate) Lock(ctx context.Context, s *Session) error {
	return g.leave(ctx, s, "sessions/lock")
}

func (g *Gate) leave(ctx context.Context, s *Session, action roles.Action) error {
	if s == nil || s.hasEnded() {
		return nil
	}
	if err := g.endSession(ctx, s, action, ""); err != nil {
		return err
	}
	return g.closeDown(ctx)
}

// endSession writes the end of a login session with its entry, and wipes the
// session whether that worked or not.
func (g *Gate) endSession(ctx context.Context, s *Session, action roles.Action, why string) error {
	defer g.forget(s)
	id, err := g.newID()
	if err != nil {
		return err
	}
	draft := g.draft(s, &act{id: id, action: action, target: audit.Target{Kind: "session"}}, audit.Done)
	draft.Reason = why
	return g.db.Write(ctx, func(tx *vault.Tx) error {
		if err := tx.EndSession(s.id, tx.Now()); errors.Is(err, vault.ErrNoSession) {
			return nil // ended elsewhere, with an entry there
		} else if err != nil {
			return err
		}
		_, err := tx.Append(draft)
		return err
	})
}

func errNotSignedIn() error {
	return fault.New(fault.Unauthenticated, "nobody is signed in", "sign in first: strongroom login NAME")
}
