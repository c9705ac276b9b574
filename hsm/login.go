package hsm

import (
	"context"
	"fmt"
	"unsafe"

	"github.com/miekg/pkcs11"

	"github.com/strongroom/strongroom/internal/secret"
)

// view shows bytes as a string without a copy, because the binding takes PINs
// as strings and a string of its own could not be wiped. The string must not
// outlive the call it is made for.
func view(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// Login checks the PIN with the token itself and logs this process in. When it
// is logged in already, it is logged out first: otherwise tokens accept any
// PIN. A refused PIN ([ErrPINIncorrect], [ErrPINLocked]) leaves the login that
// was there before. The token keeps a copy of the PIN, until Logout or Close,
// to log replaced sessions in.
func (t *Token) Login(ctx context.Context, pin *secret.Bytes) error {
	if err := checkPINLength(pin); err != nil {
		return err
	}
	check := func(s *session) (struct{}, error) { return struct{}{}, t.checkPIN(s, pin) }
	undo := func(s *session, _ struct{}) { t.end(s) }
	_, err := submit(ctx, t, t.control, check, undo)
	return err
}

// checkPINLength spares the token a PIN that none accepts: an empty one would
// ask for a PIN pad, and a failed try counts.
func checkPINLength(pin *secret.Bytes) error {
	if n := pin.Len(); n < minPIN || n > maxPIN {
		return because(ErrPINIncorrect, fmt.Errorf("a PIN has %d to %d bytes", minPIN, maxPIN))
	}
	return nil
}

// checkPIN runs on the exclusive worker, while no request is in flight. A
// caller who left may have wiped the PIN meanwhile; then the token is not asked.
func (t *Token) checkPIN(s *session, pin *secret.Bytes) error {
	mine := pin.Clone()
	if err := checkPINLength(mine); err != nil {
		return err
	}
	t.auth.mu.Lock()
	defer t.auth.mu.Unlock()
	s.logout()
	t.keys.drop()
	err := s.authenticate(mine)
	if err == nil {
		t.auth.replace(mine)
		return nil
	}
	mine.Wipe()
	if t.auth.pin != nil && refused(err) {
		if s.authenticate(t.auth.pin) != nil {
			t.auth.replace(nil)
		}
	}
	return err
}

// refused reports that the token judged the PIN, rather than failed.
func refused(err error) bool {
	s := sentinel(err)
	return s == ErrPINIncorrect || s == ErrPINLocked
}

// restoreLogin logs in a session's token again after its sessions died. A PIN
// that is refused now is forgotten at once, so that the other workers do not
// try it too and lock the token.
func (t *Token) restoreLogin(s *session) error {
	t.auth.mu.Lock()
	defer t.auth.mu.Unlock()
	if t.auth.pin == nil || s.loggedIn() {
		return nil
	}
	t.keys.drop()
	err := s.authenticate(t.auth.pin)
	if rv, _ := returned(err); rv == pkcs11.CKR_USER_ALREADY_LOGGED_IN {
		return nil
	}
	if err != nil && refused(err) {
		t.auth.replace(nil)
		s.drop()
		return explain(err)
	}
	return err
}

// Logout ends the login and wipes the PIN.
func (t *Token) Logout(ctx context.Context) error {
	end := func(s *session) (struct{}, error) {
		t.end(s)
		return struct{}{}, nil
	}
	_, err := submit(ctx, t, t.control, end, nil)
	return err
}

func (t *Token) end(s *session) {
	t.auth.forget()
	t.keys.drop()
	s.logout()
}

// LoggedIn reports whether a checked PIN is held. The token itself may be gone
// all the same.
func (t *Token) LoggedIn() bool {
	t.auth.mu.Lock()
	defer t.auth.mu.Unlock()
	return t.auth.pin != nil
}

// replace wipes the old PIN; the caller holds mu.
func (c *credentials) replace(pin *secret.Bytes) {
	c.pin.Wipe()
	c.pin = pin
}

func (c *credentials) forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.replace(nil)
}
