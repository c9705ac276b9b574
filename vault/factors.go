package vault

import (
	"context"
	"time"

	"github.com/strongroom/strongroom/internal/fault"
)

// Factors are what a person signs in with. Nothing in it is usable by itself:
// the password is a slow hash and the seed is sealed under the identity master.
type Factors struct {
	PersonID string
	Password string // PHC string
	TOTP     []byte // record sealed with Kind "totp"
	LastStep int64  // the last time step whose code was accepted; 0 for none
}

// Enrolment is a person's first way in: a one-time code, and the PIN sealed
// under it.
type Enrolment struct {
	PersonID string
	Hash     string // PHC string of the code
	Envelope []byte
	Created  time.Time
	Expires  time.Time
}

// RecoveryCode is one stored recovery code.
type RecoveryCode struct {
	N    int
	Hash string
	Used time.Time // zero: not yet
}

// What is absent.
var (
	ErrNoFactors   = fault.New(fault.NotFound, "the person has not enrolled yet", "sign in with the enrolment code")
	ErrNoEnvelope  = fault.New(fault.NotFound, "the person has no PIN envelope for this token", "an owner enrols the person again")
	ErrNoEnrolment = fault.New(fault.NotFound, "the person has no open enrolment", "an owner makes a new enrolment code")
)

// Factors gives a person's factors, or [ErrNoFactors].
func (r Reader) Factors(ctx context.Context, personID string) (Factors, error) {
	return one(ctx, r, scanFactors, ErrNoFactors,
		`SELECT person_id, password, totp, last_step FROM factors WHERE person_id = ?`, personID)
}

// PutFactors stores a person's factors, replacing those before.
func (tx *Tx) PutFactors(f Factors) error {
	return tx.exec(`INSERT INTO factors (person_id, password, totp, last_step) VALUES (?, ?, ?, ?)
		ON CONFLICT (person_id) DO UPDATE SET password = excluded.password, totp = excluded.totp,
		last_step = excluded.last_step`, f.PersonID, f.Password, f.TOTP, f.LastStep)
}

// SetPassword replaces a person's password hash.
func (tx *Tx) SetPassword(personID, phc string) error {
	return tx.changeOne(ErrNoFactors, `UPDATE factors SET password = ? WHERE person_id = ?`, phc, personID)
}

// AcceptStep records that the code of a time step was used. It reports false
// when that step, or a later one, was used before: a replay.
func (tx *Tx) AcceptStep(personID string, step int64) (bool, error) {
	n, err := tx.change(`UPDATE factors SET last_step = ? WHERE person_id = ? AND last_step < ?`, step, personID, step)
	return n == 1, err
}

// Envelope gives a person's PIN envelope for a token, or [ErrNoEnvelope].
func (r Reader) Envelope(ctx context.Context, personID, tokenSerial string) ([]byte, error) {
	return one(ctx, r, scanBlob, ErrNoEnvelope,
		`SELECT envelope FROM pin_envelopes WHERE person_id = ? AND token_serial = ?`, personID, tokenSerial)
}

// PutEnvelope stores a person's PIN envelope for a token, replacing the one
// before.
func (tx *Tx) PutEnvelope(personID, tokenSerial string, envelope []byte) error {
	return tx.exec(`INSERT INTO pin_envelopes (person_id, token_serial, envelope) VALUES (?, ?, ?)
		ON CONFLICT (person_id, token_serial) DO UPDATE SET envelope = excluded.envelope`,
		personID, tokenSerial, envelope)
}

// DeleteEnvelopes removes all of a person's PIN envelopes.
func (tx *Tx) DeleteEnvelopes(personID string) error {
	return tx.exec(`DELETE FROM pin_envelopes WHERE person_id = ?`, personID)
}

// Enrolment gives a person's enrolment, expired or not, or [ErrNoEnrolment].
func (r Reader) Enrolment(ctx context.Context, personID string) (Enrolment, error) {
	return one(ctx, r, scanEnrolment, ErrNoEnrolment,
		`SELECT person_id, hash, envelope, created, expires FROM enrolments WHERE person_id = ?`, personID)
}

// PutEnrolment stores a person's enrolment, replacing the one before.
func (tx *Tx) PutEnrolment(e Enrolment) error {
	if e.Created.IsZero() {
		e.Created = tx.Now()
	}
	return tx.exec(`INSERT INTO enrolments (person_id, hash, envelope, created, expires) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (person_id) DO UPDATE SET hash = excluded.hash, envelope = excluded.envelope,
		created = excluded.created, expires = excluded.expires`,
		e.PersonID, e.Hash, e.Envelope, stamp(e.Created), stamp(e.Expires))
}

// DeleteEnrolment removes a person's enrolment. It is [ErrNoEnrolment] when
// there is none, so that one code opens one door once.
func (tx *Tx) DeleteEnrolment(personID string) error {
	return tx.changeOne(ErrNoEnrolment, `DELETE FROM enrolments WHERE person_id = ?`, personID)
}

// RecoveryCodes gives a person's recovery codes, used ones too.
func (r Reader) RecoveryCodes(ctx context.Context, personID string) ([]RecoveryCode, error) {
	return many(ctx, r, scanRecoveryCode,
		`SELECT n, hash, used_at FROM recovery_codes WHERE person_id = ? ORDER BY n`, personID)
}

// SetRecoveryCodes replaces a person's recovery codes by these hashes.
func (tx *Tx) SetRecoveryCodes(personID string, hashes []string) error {
	if err := tx.exec(`DELETE FROM recovery_codes WHERE person_id = ?`, personID); err != nil {
		return err
	}
	for n, hash := range hashes {
		err := tx.exec(`INSERT INTO recovery_codes (person_id, n, hash) VALUES (?, ?, ?)`, personID, n, hash)
		if err != nil {
			return err
		}
	}
	return nil
}

// UseRecoveryCode marks code n as used. It reports false when it was used
// before, or is not there.
func (tx *Tx) UseRecoveryCode(personID string, n int) (bool, error) {
	rows, err := tx.change(`UPDATE recovery_codes SET used_at = ? WHERE person_id = ? AND n = ? AND used_at IS NULL`,
		stamp(tx.Now()), personID, n)
	return rows == 1, err
}

func scanFactors(s scanner) (Factors, error) {
	var f Factors
	err := s.Scan(&f.PersonID, &f.Password, &f.TOTP, &f.LastStep)
	return f, err
}

func scanEnrolment(s scanner) (Enrolment, error) {
	var e Enrolment
	err := s.Scan(&e.PersonID, &e.Hash, &e.Envelope, when(&e.Created), when(&e.Expires))
	return e, err
}

func scanRecoveryCode(s scanner) (RecoveryCode, error) {
	var c RecoveryCode
	err := s.Scan(&c.N, &c.Hash, when(&c.Used))
	return c, err
}

func scanBlob(s scanner) ([]byte, error) {
	var b []byte
	err := s.Scan(&b)
	return b, err
}
