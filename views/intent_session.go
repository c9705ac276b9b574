package views

import "github.com/strongroom/strongroom/internal/secret"

// OpenSignIn shows the sign-in screen.
type OpenSignIn struct{}

// SignIn asks for a login session. Whoever carries it out wipes the secrets.
type SignIn struct {
	Name           string
	Password, Code *secret.Bytes
}

// Unlock asks to go on with a locked session.
type Unlock struct{ Password, Code *secret.Bytes }

// StepUp asks for a fresh second factor, then to do what was refused for want of it.
type StepUp struct {
	Code *secret.Bytes
	Then Intent
}

// OpenEnrolment begins the first sign-in.
type OpenEnrolment struct{ Name string }

// BeginEnrolment spends the enrolment code and sets the password; the answer
// is [EnrolmentBegun].
type BeginEnrolment struct {
	Name           string
	Code, Password *secret.Bytes
}

// EnrolmentBegun carries the new TOTP secret.
type EnrolmentBegun struct {
	QR QR
	// Groups is the secret in groups of four; URL the otpauth address.
	Groups, URL *secret.Bytes
}

// ConfirmEnrolment proves that the authenticator works; the answer is [Enrolled].
type ConfirmEnrolment struct{ Code *secret.Bytes }

// Enrolled carries the recovery codes, which are shown once.
type Enrolled struct{ RecoveryCodes []*secret.Bytes }

// FinishEnrolment says that the recovery codes are kept; a sign-in follows.
type FinishEnrolment struct{}

// DemoPeople updates what a demo's sign-in screen shows.
type DemoPeople struct{ People []DemoPerson }

func (OpenSignIn) intent()       {}
func (SignIn) intent()           {}
func (Unlock) intent()           {}
func (StepUp) intent()           {}
func (OpenEnrolment) intent()    {}
func (BeginEnrolment) intent()   {}
func (ConfirmEnrolment) intent() {}
func (FinishEnrolment) intent()  {}
