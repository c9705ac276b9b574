package gate

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/strongroom/strongroom/audit"
	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/internal/secret"
	"github.com/strongroom/strongroom/mfa"
	"github.com/strongroom/strongroom/roles"
	"github.com/strongroom/strongroom/vault"
)

// Actions on login sessions. No role grants them: whoever shows both factors
// may.
const (
	actionSignIn = roles.Action("sessions/create")
	actionStepUp = roles.Action("sessions/step-up")
	actionEnrol  = roles.Action("people/enrol")
)

// SignInRequest is what a person types. The caller wipes Password and Code.
type SignInRequest struct {
	Name     string
	Password *secret.Bytes
	// Code is the one-time code, or a recovery code.
	Code   *secret.Bytes
	Source Source
	// Life shortens the login session; zero is the source's default.
	Life time.Duration
}

// factors is what checking a person's two factors gives: the HSM's PIN and
// what must be written when the sign-in is committed.
type factors struct {
	person vault.Person
	pin    *secret.Bytes
	// accept marks the code as used; it refuses a code that was used
	// meanwhile.
	accept change
	// rehash stores a password hash of higher cost, or is nil.
	rehash change
	note   string
}

// SignIn checks both factors and opens a login session. Every failure looks
// and costs the same: an unknown person, a wrong password, a wrong, old or
// used code. Five failures of one person lock their sign-in for a time.
func (g *Gate) SignIn(ctx context.Context, r SignInRequest) (*Session, error) {
	a := act{action: actionSignIn, target: audit.Target{Kind: "session"}, params: map[string]string{}}
	var err error
	if a.id, err = g.newID(); err != nil {
		return nil, err
	}
	s := &Session{source: r.Source}
	began := g.now()
	f, err := g.checkFactors(ctx, s, r)
	if err != nil {
		return nil, g.refuseSignIn(ctx, s, &a, began, err)
	}
	return g.openSession(ctx, s, &a, f, r.Life)
}

// answerEvery is the grid on which failed sign-ins are answered: a wrong
// password is known a few milliseconds sooner than a wrong code.
const answerEvery = 500 * time.Millisecond

// refuseSignIn logs why a sign-in failed and answers without saying it: what
// went wrong behind a right password would tell that it was right.
func (g *Gate) refuseSignIn(ctx context.Context, s *Session, a *act, began time.Time, cause error) error {
	var behind *behindPassword
	err := g.logUndone(ctx, s, a, cause)
	if errors.As(cause, &behind) && fault.KindOf(err) != fault.Unavailable {
		err = refuse(ruleSignIn, errSignIn())
	}
	if spent := g.now().Sub(began); spent > 0 {
		g.pause(ctx, answerEvery-spent%answerEvery)
	}
	return err
}

// behindPassword marks a failure that only a right password can meet.
type behindPassword struct{ err error }

func (b *behindPassword) Error() string { return b.err.Error() }
func (b *behindPassword) Unwrap() error { return b.err }

// checkFactors is the order of a sign-in: nothing is asked of the person's
// factors before the token answers and the throttle agrees, so that neither
// tells whether a factor was right.
func (g *Gate) checkFactors(ctx context.Context, s *Session, r SignInRequest) (*factors, error) {
	if err := g.tampered(); err != nil {
		return nil, refuse(ruleLogState, err)
	}
	token, err := g.hsm(ctx)
	if err != nil {
		return nil, err
	}
	if _, err := token.Info(ctx); err != nil {
		return nil, err
	}
	device, err := g.deviceKey(ctx)
	if err != nil {
		return nil, err
	}
	defer device.Wipe()
	person, known, err := g.lookUp(ctx, s, r.Name)
	if err != nil {
		return nil, err
	}
	claimed, err := g.claimAttempt(ctx, subjectOf(person, r.Name, device))
	if err != nil {
		return nil, err
	}
	f, err := g.checkBoth(ctx, token, r, person, known, device)
	if err != nil {
		return nil, g.excuse(ctx, claimed, err)
	}
	return f, nil
}

// subjectOf names the throttle's counter: the person, or a name that nobody
// bears, so that both are throttled alike. Of such a name the database keeps 16
// bits under the device key: neither the name, which may be a password typed
// into the wrong field, nor more rows than a table can bear.
func subjectOf(p vault.Person, name string, device *secret.Bytes) string {
	if p.ID != "" {
		return p.ID
	}
	var sum []byte
	device.Reveal(func(key []byte) {
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte("strongroom unknown name\x00" + strings.ToLower(name)))
		sum = mac.Sum(nil)
	})
	return "unknown-" + hex.EncodeToString(sum[:2])
}

func (g *Gate) checkBoth(ctx context.Context, token Token, r SignInRequest, person vault.Person, known bool, device *secret.Bytes) (*factors, error) {
	check, err := g.checkPassword(ctx, person, known, r.Password)
	if err != nil {
		return nil, err
	}
	if !check.OK {
		return nil, refuse(ruleSignIn, errSignIn())
	}
	defer check.Stretched.Wipe()
	f, err := g.checkSecond(ctx, token, r, person, check, device)
	if err != nil {
		return nil, &behindPassword{err}
	}
	return f, nil
}

// checkSecond goes on where the password was right.
func (g *Gate) checkSecond(ctx context.Context, token Token, r SignInRequest, person vault.Person, check mfa.Check, device *secret.Bytes) (*factors, error) {
	pin, err := g.openPIN(ctx, person.ID, check.Stretched, device)
	if err != nil {
		return nil, err
	}
	f := &factors{person: person, pin: pin}
	err = g.checkCode(ctx, token, f, r.Code)
	if err == nil && check.Rehash {
		f.rehash, err = g.rehash(ctx, person.ID, r.Password, pin, device)
	}
	if err != nil {
		pin.Wipe()
		return nil, err
	}
	return f, nil
}

// lookUp finds the person who signs in. An unknown name has an id for the
// throttle all the same; the log never sees the name, which may be a password
// typed into the wrong field.
func (g *Gate) lookUp(ctx context.Context, s *Session, name string) (p vault.Person, known bool, err error) {
	p, err = g.db.PersonByName(ctx, name)
	if fault.KindOf(err) == fault.NotFound {
		return vault.Person{}, false, nil
	}
	if err != nil {
		return p, false, err
	}
	s.personID, s.personName = p.ID, p.Name
	return p, !p.Disabled && p.State == vault.Active, nil
}

func (g *Gate) checkPassword(ctx context.Context, p vault.Person, known bool, password *secret.Bytes) (mfa.Check, error) {
	if !known {
		return g.hasher.Decoy(ctx, password)
	}
	f, err := g.db.Factors(ctx, p.ID)
	if err != nil {
		return mfa.Check{}, err
	}
	return g.hasher.CheckPassword(ctx, f.Password, password)
}

func (g *Gate) openPIN(ctx context.Context, personID string, stretched *mfa.Stretched, device *secret.Bytes) (*secret.Bytes, error) {
	envelope, err := g.db.Envelope(ctx, personID, g.installation.TokenSerial)
	if err != nil {
		return nil, err
	}
	return mfa.OpenPIN(envelope, stretched, device, g.binding(personID))
}

func (g *Gate) binding(personID string) mfa.PINBinding {
	return mfa.PINBinding{Installation: g.installation.ID, Person: personID, TokenSerial: g.installation.TokenSerial}
}

// checkCode logs in to the token, unseals the person's seed there and checks
// the code, or takes a recovery code instead.
func (g *Gate) checkCode(ctx context.Context, token Token, f *factors, code *secret.Bytes) error {
	if err := token.Login(ctx, f.pin); err != nil {
		return err
	}
	stored, err := g.db.Factors(ctx, f.person.ID)
	if err != nil {
		return err
	}
	seed, err := g.unsealSeed(ctx, token, f.person.ID, stored.TOTP)
	if err != nil {
		return err
	}
	defer seed.Wipe()
	step, ok := int64(0), false
	code.Reveal(func(b []byte) { step, ok = mfa.CheckCode(seed, string(b), stored.LastStep, g.now()) })
	if ok {
		f.accept = func(tx *vault.Tx) error { return g.acceptStep(tx, f.person.ID, step) }
		return nil
	}
	return g.checkRecoveryCode(ctx, f, code)
}

func (g *Gate) acceptStep(tx *vault.Tx, personID string, step int64) error {
	fresh, err := tx.AcceptStep(personID, step)
	if err == nil && !fresh {
		err = refuse(ruleSignIn, errSignIn())
	}
	return err
}

func (g *Gate) checkRecoveryCode(ctx context.Context, f *factors, code *secret.Bytes) error {
	codes, err := g.db.RecoveryCodes(ctx, f.person.ID)
	if err != nil {
		return err
	}
	hashes := make([]string, len(codes))
	for i, c := range codes {
		if c.Used.IsZero() {
			hashes[i] = c.Hash
		}
	}
	i, ok, err := mfa.CheckRecoveryCode(f.person.ID, hashes, code)
	if err != nil {
		return err
	}
	if !ok {
		return refuse(ruleSignIn, errSignIn())
	}
	f.note = "with a recovery code"
	f.accept = func(tx *vault.Tx) error {
		fresh, err := tx.UseRecoveryCode(f.person.ID, codes[i].N)
		if err == nil && !fresh {
			err = refuse(ruleSignIn, errSignIn())
		}
		return err
	}
	return nil
}

// rehash prepares a password hash at today's cost, with the PIN sealed anew
// under it.
func (g *Gate) rehash(ctx context.Context, personID string, password, pin, device *secret.Bytes) (change, error) {
	phc, stretched, err := g.hasher.NewPassword(ctx, password)
	if err != nil {
		return nil, err
	}
	defer stretched.Wipe()
	envelope, err := mfa.SealPIN(pin, stretched, device, g.binding(personID), g.rand)
	if err != nil {
		return nil, err
	}
	return func(tx *vault.Tx) error {
		if err := tx.SetPassword(personID, phc); err != nil {
			return err
		}
		return tx.PutEnvelope(personID, g.installation.TokenSerial, envelope)
	}, nil
}

// openSession writes the login session, and only then is there one.
func (g *Gate) openSession(ctx context.Context, s *Session, a *act, f *factors, life time.Duration) (*Session, error) {
	now := g.now()
	s.expires = now.Add(g.life(s.source, life))
	s.factorAt, s.lastSeen, s.pin = now, now, f.pin
	if f.note != "" {
		a.params["factor"] = f.note
	}
	var err error
	if s.id, err = g.newID(); err != nil {
		return nil, err
	}
	if err := g.guardLog(ctx); err != nil {
		s.end()
		return nil, g.logUndone(ctx, s, a, refuse(ruleLogState, err))
	}
	err = g.db.Write(ctx, func(tx *vault.Tx) error { return g.writeSession(tx, s, a, f) })
	if err != nil {
		s.end()
		return nil, g.logUndone(ctx, s, a, err)
	}
	g.remember(s)
	g.reconcile(ctx)
	return s, nil
}

func (g *Gate) writeSession(tx *vault.Tx, s *Session, a *act, f *factors) error {
	for _, ch := range []change{f.accept, f.rehash} {
		if ch == nil {
			continue
		}
		if err := ch(tx); err != nil {
			return err
		}
	}
	if err := settleAttempt(context.Background(), tx, f.person.ID); err != nil {
		return err
	}
	row := vault.Session{ID: s.id, PersonID: s.personID, Created: s.factorAt, LastSeen: s.lastSeen, Expires: s.expires, FactorAt: s.factorAt, Source: string(s.source)}
	if _, err := tx.CreateSession(row); err != nil {
		return err
	}
	_, err := tx.Append(g.draft(s, a, audit.Done))
	return err
}

func (g *Gate) life(source Source, asked time.Duration) time.Duration {
	longest := g.limits.Life
	if source == FromCommand {
		longest = g.limits.CommandLife
	}
	if asked > 0 {
		return min(asked, longest)
	}
	return longest
}

// StepUp takes a fresh one-time code in an open login session, for the acts
// that need a recent one. A recovery code does not serve.
func (g *Gate) StepUp(ctx context.Context, s *Session, code *secret.Bytes) error {
	a := act{action: actionStepUp, target: audit.Target{Kind: "session"}, params: map[string]string{}}
	var err error
	if a.id, err = g.newID(); err != nil {
		return err
	}
	accept, err := g.checkStepUp(ctx, s, code)
	if err == nil {
		now := g.now()
		err = g.commit(ctx, s, &a, func(tx *vault.Tx) error {
			if err := accept(tx); err != nil {
				return err
			}
			return tx.FreshenFactor(s.id, now)
		})
		if err == nil {
			s.setFactorTime(now)
			return nil
		}
	}
	return g.logUndone(ctx, s, &a, err)
}

func (g *Gate) checkStepUp(ctx context.Context, s *Session, code *secret.Bytes) (change, error) {
	if _, err := g.alive(ctx, s); err != nil {
		return nil, err
	}
	token, err := g.hsm(ctx)
	if err != nil {
		return nil, err
	}
	if _, err := g.claimAttempt(ctx, s.personID); err != nil {
		return nil, err
	}
	stored, err := g.db.Factors(ctx, s.personID)
	if err != nil {
		return nil, err
	}
	seed, err := g.unsealSeed(ctx, token, s.personID, stored.TOTP)
	if err != nil {
		return nil, err
	}
	defer seed.Wipe()
	step, ok := int64(0), false
	code.Reveal(func(b []byte) { step, ok = mfa.CheckCode(seed, string(b), stored.LastStep, g.now()) })
	if !ok {
		return nil, refuse(ruleSignIn, errSignIn())
	}
	return func(tx *vault.Tx) error {
		if err := settleAttempt(ctx, tx, s.personID); err != nil {
			return err
		}
		return g.acceptStep(tx, s.personID, step)
	}, nil
}

// claim is an attempt that was counted: what the counters were before, and
// what they are with it.
type claim struct{ before, with map[string]vault.Throttle }

// claimAttempt counts a sign-in as failed before its factors are looked at, in
// one transaction with the question whether it may be tried at all: of many
// attempts at the same moment, in many processes, one gets through. A success
// clears the count, see [settleAttempt].
func (g *Gate) claimAttempt(ctx context.Context, subject string) (claim, error) {
	now := g.now()
	c := claim{map[string]vault.Throttle{}, map[string]vault.Throttle{}}
	err := g.db.Write(ctx, func(tx *vault.Tx) error {
		var wait time.Duration
		for subject, rules := range throttles(subject) {
			t, err := tx.Throttle(ctx, subject)
			if err != nil {
				return err
			}
			wait = max(wait, mfa.Throttle(t).Wait(rules, now))
			c.before[subject], c.with[subject] = t, vault.Throttle(mfa.Throttle(t).Fail(rules, now))
		}
		if wait > 0 {
			return refuse(ruleThrottle, fault.New(fault.Throttled, "too many failed sign-ins", fmt.Sprintf("wait %s and try again", roundUp(wait))))
		}
		return putThrottles(tx, c.with)
	})
	return c, err
}

func putThrottles(tx *vault.Tx, all map[string]vault.Throttle) error {
	for subject, t := range all {
		if err := tx.PutThrottle(subject, t); err != nil {
			return err
		}
	}
	return nil
}

// settleAttempt takes back what claimAttempt counted: all of a person's
// failures, and this one of everybody's.
func settleAttempt(ctx context.Context, tx *vault.Tx, personID string) error {
	t, err := tx.Throttle(ctx, vault.Everybody)
	if err != nil {
		return err
	}
	if t.Failures--; t.Failures <= 0 {
		t = vault.Throttle{}
	}
	if err := tx.PutThrottle(vault.Everybody, t); err != nil {
		return err
	}
	return tx.PutThrottle(personID, vault.Throttle{})
}

// excuse takes an attempt back that failed for no fault of the person: a token
// that went away, a full disk. Counters that somebody else moved on meanwhile
// stay. A PIN that the token refuses counts like a wrong password: each attempt
// brings the token nearer to locking it.
func (g *Gate) excuse(ctx context.Context, c claim, cause error) error {
	if fault.KindOf(cause) == fault.Unauthenticated {
		return cause
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), logPatience)
	defer cancel()
	err := g.db.Write(ctx, func(tx *vault.Tx) error {
		for subject, before := range c.before {
			now, err := tx.Throttle(ctx, subject)
			if err != nil {
				return err
			}
			if !sameThrottle(now, c.with[subject]) {
				continue
			}
			if err := tx.PutThrottle(subject, before); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return errors.Join(cause, err)
	}
	return cause
}

func sameThrottle(a, b vault.Throttle) bool {
	return a.Failures == b.Failures && a.LastFailure.Equal(b.LastFailure) && a.LockedUntil.Equal(b.LockedUntil)
}

// throttles names the counters of a sign-in, with their rules.
func throttles(subject string) map[string]mfa.ThrottleRules {
	return map[string]mfa.ThrottleRules{subject: mfa.PersonThrottle(), vault.Everybody: mfa.OverallThrottle()}
}

func roundUp(d time.Duration) time.Duration {
	return (d + time.Second - 1).Truncate(time.Second)
}

func errSignIn() error {
	return fault.New(fault.Unauthenticated, "the sign-in failed", "check name, password and code; a code works once. An auditor finds the reason in the log")
}
