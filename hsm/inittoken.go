package hsm

import (
	"context"
	"errors"
	"fmt"

	"github.com/miekg/pkcs11"

	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/internal/secret"
)

// InitToken initialises a token on a slot whose token is not initialised yet,
// sets both PINs, and initialises the module anew so that the token shows
// where it will be from now on. A token that is initialised is never touched:
// that would destroy its keys. A label in use is a Conflict, since labels are
// how people name tokens; no free slot is [ErrTokenAbsent].
func (m *Module) InitToken(ctx context.Context, req InitTokenRequest) (TokenInfo, error) {
	if err := req.check(); err != nil {
		return TokenInfo{}, err
	}
	if m.closed() {
		return TokenInfo{}, ErrClosed
	}
	so, user := req.SOPIN.Clone(), req.UserPIN.Clone() // the caller may leave and wipe his
	return await(ctx, m, func() (TokenInfo, error) {
		defer so.Wipe()
		defer user.Wipe()
		return m.lib.initToken(req.Label, so, user)
	})
}

func (r InitTokenRequest) check() error {
	if len(r.Label) < 1 || len(r.Label) > maxTokenLabel || clean(r.Label) != r.Label {
		return fault.New(fault.Invalid, fmt.Sprintf("an HSM token's label has 1 to %d printable bytes", maxTokenLabel),
			"Choose another label.")
	}
	for _, pin := range []*secret.Bytes{r.SOPIN, r.UserPIN} {
		if n := pin.Len(); n < minPIN || n > maxPIN {
			return badPINLength(minPIN, maxPIN)
		}
	}
	return nil
}

func badPINLength(least, most int) error {
	return fault.New(fault.Invalid, fmt.Sprintf("a PIN of this HSM token has %d to %d bytes", least, most),
		"Choose a PIN of that length.")
}

// initToken works alone in the library: it ends with a re-initialisation.
func (l *library) initToken(label string, so, user *secret.Bytes) (TokenInfo, error) {
	if err := l.ensureUp(); err != nil {
		return TokenInfo{}, err
	}
	l.calls.Lock()
	defer l.calls.Unlock()
	if !l.up {
		return TokenInfo{}, because(ErrDevice, errors.New("the module is not initialised"))
	}
	slot, err := l.freeSlot(label, so, user)
	if err != nil {
		return TokenInfo{}, err
	}
	serial, err := l.initialise(slot, label, so, user)
	if err != nil {
		return TokenInfo{}, err
	}
	if err := l.stop(); err != nil {
		return TokenInfo{}, err
	}
	if err := l.start(); err != nil {
		return TokenInfo{}, err
	}
	made, err := l.locate(TokenID{Label: label, Serial: serial})
	if err != nil {
		return TokenInfo{}, err
	}
	return l.describe(made.info), nil
}

// freeSlot finds a slot with a token that waits to be initialised, and makes
// sure that label and PINs are fit before anything changes.
func (l *library) freeSlot(label string, so, user *secret.Bytes) (uint, error) {
	taken, err := l.tokens()
	if err != nil {
		return 0, err
	}
	for _, t := range taken {
		if t.id().Label == label {
			return 0, fault.New(fault.Conflict, fmt.Sprintf("an HSM token labelled %q exists already", label), "Choose another label.")
		}
	}
	slots, err := l.ctx.GetSlotList(true)
	if err != nil {
		return 0, call("C_GetSlotList", err)
	}
	for _, slot := range slots {
		info, err := l.ctx.GetTokenInfo(slot)
		if err == nil && info.Flags&pkcs11.CKF_TOKEN_INITIALIZED == 0 {
			return slot, fitPINs(info, so, user)
		}
	}
	return 0, fault.Wrap(errors.New("no slot with an uninitialised token"), ErrTokenAbsent.Kind, ErrTokenAbsent.Problem,
		"Every token of this module is in use; a token is never initialised over another.")
}

func fitPINs(info pkcs11.TokenInfo, so, user *secret.Bytes) error {
	least, most := int(reported(info.MinPinLen)), int(reported(info.MaxPinLen))
	if most <= 0 {
		return nil // not told
	}
	for _, pin := range []*secret.Bytes{so, user} {
		if n := pin.Len(); n < least || n > most {
			return badPINLength(max(least, minPIN), min(most, maxPIN))
		}
	}
	return nil
}

// initialise gives the new token's serial.
func (l *library) initialise(slot uint, label string, so, user *secret.Bytes) (string, error) {
	err := so.RevealErr(func(pin []byte) error {
		return call("C_InitToken", l.ctx.InitToken(slot, view(pin), label))
	})
	if err != nil {
		return "", err
	}
	info, err := l.ctx.GetTokenInfo(slot)
	if err != nil {
		return "", call("C_GetTokenInfo", err)
	}
	return clean(info.SerialNumber), l.setUserPIN(slot, so, user)
}

func (l *library) setUserPIN(slot uint, so, user *secret.Bytes) error {
	h, err := l.ctx.OpenSession(slot, pkcs11.CKF_SERIAL_SESSION|pkcs11.CKF_RW_SESSION)
	if err != nil {
		return call("C_OpenSession", err)
	}
	defer func() { _ = l.ctx.CloseSession(h) }()
	err = so.RevealErr(func(pin []byte) error {
		return call("C_Login", l.ctx.Login(h, pkcs11.CKU_SO, view(pin)))
	})
	if err != nil {
		return err
	}
	defer func() { _ = l.ctx.Logout(h) }()
	return user.RevealErr(func(pin []byte) error {
		return call("C_InitPIN", l.ctx.InitPIN(h, view(pin)))
	})
}
