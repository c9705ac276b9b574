package gate

import (
	"context"
	"sync"

	"github.com/strongroom/strongroom/audit"
	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/internal/secret"
	"github.com/strongroom/strongroom/mfa"
	"github.com/strongroom/strongroom/vault"
)

// recoveryCodes is how many a person gets.
const recoveryCodes = 10

// issuer names the program in an authenticator.
const issuer = "Strongroom"

// Enrolment is a first sign-in under way: the one-time enrolment code was
// right, and the second factor waits to be confirmed. Nothing is stored yet.
// Wipe it when it is given up.
type Enrolment struct {
	person   vault.Person
	source   Source
	mu       sync.Mutex
	seed     *secret.Bytes
	pin      *secret.Bytes
	envelope []byte
	phc      string
	// invitation is the stored hash of the enrolment code that was shown.
	invitation string
}

// Person is the name of the person who enrols.
func (e *Enrolment) Person() string { return e.person.Name }

// URL is the otpauth URL for an authenticator, to be shown as a QR code. The
// caller wipes it.
func (e *Enrolment) URL() (*secret.Bytes, error) {
	return mfa.EnrolmentURL(issuer, e.person.Name, e.seed)
}

// Seed is the secret in groups of four, for typing. The caller wipes it.
func (e *Enrolment) Seed() *secret.Bytes { return mfa.Groups(e.seed) }

// QR is the URL as a QR code. The caller wipes it.
func (e *Enrolment) QR() (mfa.Matrix, error) {
	url, err := e.URL()
	if err != nil {
		return mfa.Matrix{}, err
	}
	defer url.Wipe()
	return mfa.QR(url)
}

// Wipe forgets the enrolment.
func (e *Enrolment) Wipe() {
	if e == nil {
		return
	}
	e.seed.Wipe()
	e.pin.Wipe()
}

// EnrolRequest begins a first sign-in. The caller wipes Code and Password.
type EnrolRequest struct {
	Name     string
	Code     *secret.Bytes // the enrolment code
	Password *secret.Bytes // the new password
	Source   Source
}

// BeginEnrolment checks the enrolment code, and the new password against the
// rules, and makes a fresh second factor. A wrong code counts as a failed
// sign-in and looks like one.
func (g *Gate) BeginEnrolment(ctx context.Context, r EnrolRequest) (*Enrolment, error) {
	if err := mfa.CheckPasswordRules(r.Password, r.Name); err != nil {
		return nil, err
	}
	s := &Session{source: r.Source}
	e, err := g.beginEnrolment(ctx, s, r)
	if err == nil {
		return e, nil
	}
	a := act{action: actionEnrol, target: audit.Target{Kind: "person", Name: s.personName}, params: map[string]string{}}
	var idErr error
	if a.id, idErr = g.newID(); idErr != nil {
		return nil, idErr
	}
	return nil, g.logUndone(ctx, s, &a, err)
}

func (g *Gate) beginEnrolment(ctx context.Context, s *Session, r EnrolRequest) (*Enrolment, error) {
	if err := g.tampered(); err != nil {
		return nil, refuse(ruleLogState, err)
	}
	device, err := g.deviceKey(ctx)
	if err != nil {
		return nil, err
	}
	defer device.Wipe()
	person, _, err := g.lookUp(ctx, s, r.Name)
	if err != nil {
		return nil, err
	}
	claimed, err := g.claimAttempt(ctx, subjectOf(person, r.Name, device))
	if err != nil {
		return nil, err
	}
	e := &Enrolment{person: person, source: r.Source}
	if err := g.openInvitation(ctx, e, r.Code, device); err != nil {
		return nil, g.excuse(ctx, claimed, err)
	}
	if err := g.newFactors(ctx, e, r.Password, device); err != nil {
		e.Wipe()
		return nil, g.excuse(ctx, claimed, err)
	}
	return e, nil
}

// openInvitation opens the PIN that lies under the enrolment code.
func (g *Gate) openInvitation(ctx context.Context, e *Enrolment, code, device *secret.Bytes) error {
	typed, err := mfa.EnrolmentPassword(code)
	if err != nil {
		typed = code.Clone() // not a code at all: as wrong as any other
	}
	defer typed.Wipe()
	invitation, err := g.db.Enrolment(ctx, e.person.ID)
	if fault.KindOf(err) == fault.NotFound || (err == nil && !g.invites(e.person, invitation)) {
		_, err := g.hasher.Decoy(ctx, typed)
		return orSignIn(err)
	}
	if err != nil {
		return err
	}
	check, err := g.hasher.CheckPassword(ctx, invitation.Hash, typed)
	if err != nil || !check.OK {
		return orSignIn(err)
	}
	defer check.Stretched.Wipe()
	e.invitation = invitation.Hash
	e.pin, err = mfa.OpenPIN(invitation.Envelope, check.Stretched, device, g.binding(e.person.ID))
	return err
}

// invites reports whether an enrolment is still good for the person.
func (g *Gate) invites(p vault.Person, e vault.Enrolment) bool {
	return !p.Disabled && g.now().Before(e.Expires)
}

func orSignIn(err error) error {
	if err != nil {
		return err
	}
	return refuse(ruleSignIn, errSignIn())
}

func (g *Gate) newFactors(ctx context.Context, e *Enrolment, password, device *secret.Bytes) error {
	phc, stretched, err := g.hasher.NewPassword(ctx, password)
	if err != nil {
		return err
	}
	defer stretched.Wipe()
	if e.envelope, err = mfa.SealPIN(e.pin, stretched, device, g.binding(e.person.ID), g.rand); err != nil {
		return err
	}
	e.phc = phc
	e.seed, err = mfa.NewSeed(g.rand)
	return err
}

// ConfirmEnrolment takes the first code of the new second factor, stores both
// factors and gives the recovery codes, which are shown this once. A wrong
// code may be tried again.
func (g *Gate) ConfirmEnrolment(ctx context.Context, e *Enrolment, code *secret.Bytes) ([]*secret.Bytes, error) {
	if err := g.tampered(); err != nil {
		return nil, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	step, ok := int64(0), false
	code.Reveal(func(b []byte) { step, ok = mfa.CheckCode(e.seed, string(b), 0, g.now()) })
	if !ok {
		return nil, fault.New(fault.Unauthenticated, "the code does not fit the new second factor",
			"check that the authenticator's clock is right and type the code that it shows now")
	}
	codes, hashes, err := g.newRecoveryCodes(e.person.ID)
	if err != nil {
		return nil, err
	}
	if err := g.storeEnrolment(ctx, e, step, hashes); err != nil {
		for _, c := range codes {
			c.Wipe()
		}
		return nil, err
	}
	e.Wipe()
	return codes, nil
}

func (g *Gate) newRecoveryCodes(personID string) (codes []*secret.Bytes, hashes []string, err error) {
	codes, err = mfa.NewRecoveryCodes(g.rand, recoveryCodes)
	if err != nil {
		return nil, nil, err
	}
	for _, c := range codes {
		hash, err := mfa.HashRecoveryCode(personID, c)
		if err != nil {
			return nil, nil, err
		}
		hashes = append(hashes, hash)
	}
	return codes, hashes, nil
}

// storeEnrolment seals the seed in the HSM and writes everything at once. The
// enrolment code is used up in the same transaction, so that it opens one door
// once.
func (g *Gate) storeEnrolment(ctx context.Context, e *Enrolment, step int64, hashes []string) error {
	token, err := g.hsm(ctx)
	if err != nil {
		return err
	}
	if err := token.Login(ctx, e.pin); err != nil {
		return err
	}
	defer func() {
		if len(g.openSessions()) == 0 {
			_ = token.Logout(ctx) // nobody is signed in; a failure shows at the next log-in
		}
	}()
	if err := g.guardLog(ctx); err != nil {
		return err
	}
	sealed, err := g.sealSeed(ctx, token, e.person.ID, e.seed)
	if err != nil {
		return err
	}
	id, err := g.newID()
	if err != nil {
		return err
	}
	s := &Session{personID: e.person.ID, personName: e.person.Name, source: e.source}
	a := act{id: id, action: actionEnrol, target: audit.Target{Kind: "person", Name: e.person.Name}}
	return g.db.Write(ctx, func(tx *vault.Tx) error { return g.writeEnrolment(ctx, tx, s, &a, e, sealed, step, hashes) })
}

func (g *Gate) writeEnrolment(ctx context.Context, tx *vault.Tx, s *Session, a *act, e *Enrolment, seed []byte, step int64, hashes []string) error {
	person, err := g.stillInvited(ctx, tx, e)
	if err != nil {
		return err
	}
	if err := tx.DeleteEnrolment(person.ID); err != nil {
		return err
	}
	if err := tx.PutFactors(vault.Factors{PersonID: e.person.ID, Password: e.phc, TOTP: seed, LastStep: step}); err != nil {
		return err
	}
	if err := tx.PutEnvelope(e.person.ID, g.installation.TokenSerial, e.envelope); err != nil {
		return err
	}
	if err := tx.SetRecoveryCodes(e.person.ID, hashes); err != nil {
		return err
	}
	person.State = vault.Active
	if err := tx.UpdatePerson(person); err != nil {
		return err
	}
	if err := settleAttempt(ctx, tx, e.person.ID); err != nil {
		return err
	}
	_, err = tx.Append(g.draft(s, a, audit.Done))
	return err
}

// stillInvited reads the person anew, inside the transaction: between the code
// and its confirmation they may have been disabled, the code may have ended, or
// have been replaced by another.
func (g *Gate) stillInvited(ctx context.Context, tx *vault.Tx, e *Enrolment) (vault.Person, error) {
	person, err := tx.Person(ctx, e.person.ID)
	if err != nil {
		return person, err
	}
	now, err := tx.Enrolment(ctx, person.ID)
	if err != nil {
		return person, err
	}
	if !g.invites(person, now) || now.Hash != e.invitation {
		return person, vault.ErrNoEnrolment
	}
	return person, nil
}
