package hsm

import (
	"errors"
	"fmt"

	"github.com/miekg/pkcs11"

	"github.com/strongroom/strongroom/internal/secret"
)

// session is one PKCS#11 session with its owner, a worker. Its methods are
// called by that worker only, with the library held (see [worker.locked]).
type session struct {
	token      *Token
	handle     pkcs11.SessionHandle
	slot       uint
	generation uint64
	open       bool
	acted      bool // the running request may have changed the token
	refreshed  bool // the running request has had the module initialised anew
}

func (s *session) ctx() *pkcs11.Ctx { return s.token.lib.ctx }

// usable reports that the handle belongs to the module as it is initialised now.
func (s *session) usable() bool {
	return s.open && s.token.lib.up && s.generation == s.token.lib.generation
}

// ready opens the session if need be and, with restore, logs a token in again
// whose login went away with its sessions.
func (s *session) ready(restore bool) error {
	lib := s.token.lib
	if s.usable() {
		return nil
	}
	s.open = false
	s.generation = lib.generation
	if !lib.up {
		return lost{because(ErrDevice, errors.New("the module is not initialised"))}
	}
	where, err := lib.locate(s.token.id)
	if err != nil {
		if errors.Is(err, ErrTokenAbsent) {
			return lost{err}
		}
		return err
	}
	s.slot = where.slot
	s.handle, err = s.ctx().OpenSession(s.slot, pkcs11.CKF_SERIAL_SESSION|pkcs11.CKF_RW_SESSION)
	if err != nil {
		return call("C_OpenSession", err)
	}
	s.open = true
	if restore {
		return s.token.restoreLogin(s)
	}
	return nil
}

// drop closes the session, if it can still be closed, and forgets it.
func (s *session) drop() {
	if s.usable() {
		_ = s.ctx().CloseSession(s.handle)
	}
	s.open = false
}

// healthy asks whether this slot still holds this token. It is the one
// question to which SoftHSM2 gives the truth after its directory went away:
// searches then find nothing, without an error.
func (s *session) healthy() bool {
	if !s.usable() {
		return false
	}
	info, err := s.ctx().GetTokenInfo(s.slot)
	return err == nil && slotToken{info: info}.id() == s.token.id
}

// userState is CKS_RW_USER_FUNCTIONS: our sessions are all read-write.
const userState = 3

func (s *session) loggedIn() bool {
	info, err := s.ctx().GetSessionInfo(s.handle)
	return err == nil && info.State == userState
}

func (s *session) logout() {
	if s.loggedIn() {
		_ = s.ctx().Logout(s.handle)
	}
}

func (s *session) authenticate(pin *secret.Bytes) error {
	err := pin.RevealErr(func(b []byte) error {
		return call("C_Login", s.ctx().Login(s.handle, pkcs11.CKU_USER, view(b)))
	})
	if rv, _ := returned(err); rv == pkcs11.CKR_USER_PIN_NOT_INITIALIZED {
		// SoftHSM2 says so for a moment, too, while another process logs in.
		// No PIN was tried.
		return lost{err}
	}
	return err
}

// find gives the handles of the objects that match the template; an empty one
// matches all that the login state shows.
func (s *session) find(template ...*pkcs11.Attribute) ([]pkcs11.ObjectHandle, error) {
	if err := s.ctx().FindObjectsInit(s.handle, template); err != nil {
		return nil, call("C_FindObjectsInit", err)
	}
	var all []pkcs11.ObjectHandle
	for len(all) < maxObjects {
		some, _, err := s.ctx().FindObjects(s.handle, findBatch)
		if err != nil {
			_ = s.ctx().FindObjectsFinal(s.handle)
			return nil, call("C_FindObjects", err)
		}
		if len(some) == 0 {
			break
		}
		all = append(all, some...)
	}
	return all, call("C_FindObjectsFinal", s.ctx().FindObjectsFinal(s.handle))
}

// present checks that an empty search can be believed: the token proves to be
// there and logged in. After a reset searches come back empty without an error.
func (s *session) present() error {
	if !s.healthy() {
		return lost{because(ErrTokenAbsent, errors.New("the token stopped answering"))}
	}
	if !s.token.LoggedIn() {
		return ErrNotLoggedIn
	}
	if !s.loggedIn() {
		return call("search", pkcs11.Error(pkcs11.CKR_USER_NOT_LOGGED_IN))
	}
	return nil
}

// missing judges a search for a key that found nothing.
func (s *session) missing(id KeyID) error {
	if err := s.present(); err != nil {
		return err
	}
	return s.stale(because(ErrKeyAbsent, fmt.Errorf("no key with identifier %s", id)))
}

// stale has a request look once more with a module initialised anew before it
// says that something is not there. SoftHSM2 never looks again at an object
// that it met half written by another process.
func (s *session) stale(err error) error {
	if s.refreshed {
		return err
	}
	return lost{err}
}

// mutated notes that a call may have changed the token, so that the request is
// not run again, unless the token says that the call did nothing.
func (s *session) mutated(err error) {
	if err == nil || !sessionDead(err) {
		s.acted = true
	}
}
