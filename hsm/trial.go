package hsm

import (
	"github.com/miekg/pkcs11"

	"github.com/strongroom/strongroom/internal/secret"
	"github.com/strongroom/strongroom/keys"
)

// Keys for trials are the real ones in all but three things: they live in the
// session only, have no frozen attributes, and are as private as the login
// state allows, so that a token can be looked at before anybody logs in.

func (s *session) passingWishes(wishes []wish) []wish {
	kept := without(wishes, []uint{pkcs11.CKA_TOKEN, pkcs11.CKA_MODIFIABLE})
	for i, w := range kept {
		if w.attribute == pkcs11.CKA_PRIVATE && w.value == true {
			kept[i].value = s.loggedIn()
		}
	}
	return append(kept, wish{pkcs11.CKA_TOKEN, false})
}

// trialUsage is all that a key of the type can be for, but for master keys.
func (t KeyType) trialUsage() Usage {
	switch {
	case t.aesBytes() > 0:
		return UsageEncrypt | UsageWrapKeys
	case t.rsaBits() > 0:
		return UsageSign | UsageEncrypt | UsageRaw
	default:
		return UsageSign
	}
}

func (t KeyType) trialRequest() GenerateKeyRequest {
	return GenerateKeyRequest{ID: "00000000000000000000000000000000", Label: "trial", Type: t, Usage: t.trialUsage()}
}

// trial makes a key for the time of one request.
func (s *session) trial(t KeyType) (*entry, error) {
	req := t.trialRequest()
	e := &entry{generation: s.generation}
	err := humoured(func(leave []uint) (err error) {
		if t.secretBytes() > 0 {
			e.secret, err = s.generateSecretObject(t, without(s.passingWishes(secretWishes(req, "")), leave))
			return err
		}
		public, private, err := pairWishes(req)
		if err != nil {
			return err
		}
		e.hasPublic = true
		e.public, e.secret, err = s.generatePairObjects(t, without(s.passingWishes(public), leave), without(s.passingWishes(private), leave))
		return err
	})
	if err != nil {
		return nil, err
	}
	if err := s.describeKey(e, req.ID); err != nil {
		s.removeTrial(e)
		return nil, err
	}
	return e, nil
}

func (s *session) removeTrial(e *entry) {
	if s.usable() {
		s.remove(e.secret)
	}
	if e.hasPublic && s.usable() {
		s.remove(e.public)
	}
}

// tryImport makes a key here and puts it into the session.
func (s *session) tryImport(t KeyType) error {
	m, err := s.trialMaterial(t)
	if err != nil {
		return err
	}
	defer m.wipe()
	rights := secretRights(t.trialRequest(), "")
	if t.secretBytes() == 0 {
		_, rights = pairRights(t.trialRequest())
	}
	return humoured(func(leave []uint) error {
		wishes := without(s.passingWishes(rights), leave)
		h, err := s.ctx().CreateObject(s.handle, append(template(wishes), template(m.private)...))
		if err != nil {
			return call("C_CreateObject", err)
		}
		s.remove(h)
		return nil
	})
}

func (s *session) trialMaterial(t KeyType) (*material, error) {
	if size := t.secretBytes(); size > 0 {
		raw, err := s.sample(size)
		if err != nil {
			return nil, err
		}
		return parseMaterial(t, raw)
	}
	key, err := keys.Generate(t.spec(), s.token.opts.Rand)
	if err != nil {
		return nil, err
	}
	defer key.Wipe()
	der, err := key.PKCS8()
	if err != nil {
		return nil, err
	}
	defer der.Wipe()
	return revealMaterial(t, der)
}

func revealMaterial(t KeyType, der *secret.Bytes) (m *material, err error) {
	err = der.RevealErr(func(b []byte) (err error) {
		m, err = parseMaterial(t, b)
		return err
	})
	return m, err
}
