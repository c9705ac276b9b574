package hsm

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/miekg/pkcs11"

	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/internal/secret"
)

// ImportKeyRequest asks to bring a key made elsewhere into the token.
type ImportKeyRequest struct {
	ID    KeyID  // empty: a random one is chosen
	Label string // at most 255 bytes, for people
	Type  KeyType
	Usage Usage // not UsageWrap: keys that open data keys are made inside
	// Material is an unencrypted PKCS #8 key (RFC 5958), or for AES and HMAC
	// the bytes of the key. The caller wipes it.
	Material *secret.Bytes
}

// ImportKey makes a key of existing material. From then on it is as locked in
// as one made by [Token.GenerateKey], but it says of itself that it was not
// made here: a token that claims otherwise loses the key again, with
// [ErrAttributes]. The public key is read back and compared, and a key pair
// proves itself by a signature or a decryption before it stays.
func (t *Token) ImportKey(ctx context.Context, req ImportKeyRequest) (KeyInfo, error) {
	if req.Usage.Has(UsageWrap) {
		return KeyInfo{}, fault.New(fault.Invalid, "a wrapping key is made inside the HSM and never imported", "")
	}
	made, err := t.completeRequest(GenerateKeyRequest{ID: req.ID, Label: req.Label, Type: req.Type, Usage: req.Usage})
	if err != nil {
		return KeyInfo{}, err
	}
	if n := req.Material.Len(); n < 1 || n > maxImport {
		return KeyInfo{}, fault.New(fault.Invalid, fmt.Sprintf("a key to import has 1 to %d bytes, not %d", maxImport, n), "")
	}
	put := func(s *session) (KeyInfo, error) {
		var info KeyInfo
		err := req.Material.RevealErr(func(b []byte) (err error) {
			info, err = s.importKey(made, b)
			return err
		})
		return info, err
	}
	undo := func(s *session, info KeyInfo) { s.discard(info.ID) }
	return submit(ctx, t, t.jobs, put, undo)
}

func (s *session) importKey(req GenerateKeyRequest, raw []byte) (KeyInfo, error) {
	m, err := parseMaterial(req.Type, raw)
	if err != nil {
		return KeyInfo{}, err
	}
	defer m.wipe()
	if err := s.vacant(req.ID); err != nil {
		return KeyInfo{}, err
	}
	if err := s.create(req, m); err != nil {
		return KeyInfo{}, err
	}
	e, err := s.load(req.ID)
	if err != nil {
		s.discard(req.ID)
		return KeyInfo{}, err
	}
	return e.info, s.settleImport(e, m)
}

// settleImport keeps a key that is what was imported, and no other.
func (s *session) settleImport(e *entry, m *material) error {
	err := s.accept(e, m)
	if err != nil {
		s.discard(e.info.ID)
	}
	return err
}

// create puts the one or two objects into the token and confirms them.
func (s *session) create(req GenerateKeyRequest, m *material) error {
	if req.Type.secretBytes() > 0 {
		return s.createObject(req.ID, secretRights(req, ""), m.private)
	}
	public, private := pairRights(req)
	if err := s.createObject(req.ID, private, m.private); err != nil {
		return err
	}
	return s.createObject(req.ID, public, m.public)
}

// createObject sets rights and values, and reads back the rights: values that
// are secret cannot be read, and those that are not show in the public key.
func (s *session) createObject(id KeyID, rights, values []wish) error {
	var h pkcs11.ObjectHandle
	err := humoured(func(leave []uint) (err error) {
		h, err = s.ctx().CreateObject(s.handle, append(template(without(rights, leave)), template(values)...))
		err = call("C_CreateObject", err)
		return err
	})
	s.mutated(err)
	if err != nil {
		s.discard(id)
		return importRefused(err)
	}
	return s.confirm(id, h, rights)
}

// importRefused: there is no mechanism to name when a token takes no key from
// outside.
func importRefused(err error) error {
	if _, ok := returned(err); !ok || sentinel(err) != ErrMechanismUnsupported {
		return err
	}
	return fault.Wrap(err, ErrMechanismUnsupported.Kind, ErrMechanismUnsupported.Problem,
		"The token does not take such a key from outside (C_CreateObject); make the key inside it.")
}

// accept checks what the token made of the key.
func (s *session) accept(e *entry, m *material) error {
	switch {
	case e.info.Local || e.info.AlwaysSensitive || e.info.NeverExtractable:
		return because(ErrAttributes, errors.New("the token says of an imported key that it was never outside"))
	case !bytes.Equal(e.info.Public, m.spki):
		return because(ErrAttributes, errors.New("the token shows another public key than was imported"))
	case m.spki == nil:
		return nil
	}
	return s.provePair(e)
}
