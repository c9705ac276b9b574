package gate

import (
	"context"
	"errors"
	"fmt"
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
	f, err := g.checkFactors(ctx, s, r)
	if err != nil {
		return nil, g.logUndone(ctx, s, &a, err)
	}
	return g.openSession(ctx, s, &a, f, r.Life)
}

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
	device, err := g.deviceKey(ctx)
	if err != nil {
		return nil, err
	}
	defer device.Wipe()
	person, known, err := g.lookUp(ctx, s, r.Name)
	if err != nil {
		return nil, err
	}
	if err := g.claimAttempt(ctx, person.ID); err != nil {
		return nil, err
	}
	f, err := g.checkBoth(ctx, token, r, person, known, device)
	if err != nil {
		return nil, g.excuse(ctx, person.ID, err)
	}
	return f, nil
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
	if err := g.claimAttempt(ctx, s.personID); err != nil {
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

// claimAttempt counts a sign-in as failed before its factors are looked at, in
// one transaction with the question whether it may be tried at all: of many
// attempts at the same moment, in many processes, one gets through. A success
// clears the count, see [Gate.settleAttempt].
func (g *Gate) claimAttempt(ctx context.Context, personID string) error {
	now := g.now()
	return g.db.Write(ctx, func(tx *vault.Tx) error {
		next := map[string]vault.Throttle{}
		var wait time.Duration
		for subject, rules := range throttles(personID) {
			t, err := tx.Throttle(ctx, subject)
			if err != nil {
				return err
			}
			wait = max(wait, mfa.Throttle(t).Wait(rules, now))
			next[subject] = vault.Throttle(mfa.Throttle(t).Fail(rules, now))
		}
		if wait > 0 {
			return refuse(ruleThrottle, fault.New(fault.Throttled, "too many failed sign-ins", fmt.Sprintf("wait %s and try again", roundUp(wait))))
		}
		for subject, t := range next {
			if err := tx.PutThrottle(subject, t); err != nil {
				return err
			}
		}
		return nil
	})
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
// that went away, a full disk.
func (g *Gate) excuse(ctx context.Context, personID string, cause error) error {
	switch fault.KindOf(cause) {
	case fault.Unauthenticated, fault.Throttled:
		return cause
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), logPatience)
	defer cancel()
	err := g.db.Write(ctx, func(tx *vault.Tx) error {
		for subject := range throttles(personID) {
			t, err := tx.Throttle(ctx, subject)
			if err != nil {
				return err
			}
			if t.Failures--; t.Failures <= 0 {
				t = vault.Throttle{}
			}
			if err := tx.PutThrottle(subject, t); err != nil {
				return err
			}
		}
		return nil
	})
	return errors.Join(cause, err)
}

// throttles names the counters of a sign-in. Names that nobody bears share
// one, so that trying many names is as slow as trying many passwords.
func throttles(personID string) map[string]mfa.ThrottleRules {
	if personID == "" {
		personID = "unknown"
	}
	return map[string]mfa.ThrottleRules{personID: mfa.PersonThrottle(), vault.Everybody: mfa.OverallThrottle()}
}

func roundUp(d time.Duration) time.Duration {
	return (d + time.Second - 1).Truncate(time.Second)
}

func errSignIn() error {
	return fault.New(fault.Unauthenticated, "the sign-in failed", "check name, password and code; a code works once")
}
