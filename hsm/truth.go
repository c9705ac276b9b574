package hsm

import (
	"context"

	"github.com/miekg/pkcs11"
)

// Truth is everything that the token says of a key, and the token that says
// so, read in one request and never from memory or a database.
type Truth struct {
	KeyInfo

	// Rights are the key's rights by PKCS#11's names: "decrypt", "sign".
	Rights []string
	// Mechanisms are the only ones that the key works with, by their names;
	// none: the token sets no limit, or does not tell.
	Mechanisms []string
	// Generation is the mechanism that made the key inside this token; empty
	// for an imported key, and where the token does not tell.
	Generation string
	// CheckValue is CKA_CHECK_VALUE, three bytes by which a secret key is
	// recognised; nothing where the token does not tell.
	CheckValue []byte
	// Copyable and Destroyable are as the token says; by the standard both
	// are true where it says nothing.
	Copyable, Destroyable bool

	Token TokenInfo
}

// Truth reads what the token says of a key now.
func (t *Token) Truth(ctx context.Context, id KeyID) (Truth, error) {
	if _, err := id.bytes(); err != nil {
		return Truth{}, err
	}
	return perform(ctx, t, func(s *session) (Truth, error) {
		e, err := s.load(id)
		if err != nil {
			return Truth{}, err
		}
		info, err := s.ctx().GetTokenInfo(s.slot)
		if err != nil {
			return Truth{}, call("C_GetTokenInfo", err)
		}
		truth := Truth{KeyInfo: e.info, Token: t.lib.describe(info)}
		for _, m := range e.allowed {
			truth.Mechanisms = append(truth.Mechanisms, mechanismName(m))
		}
		err = s.fillTruth(&truth, e.secret)
		return truth, err
	})
}

func (s *session) fillTruth(t *Truth, h pkcs11.ObjectHandle) error {
	rights, err := s.read(h, pkcs11.CKA_ENCRYPT, pkcs11.CKA_DECRYPT, pkcs11.CKA_SIGN, pkcs11.CKA_VERIFY,
		pkcs11.CKA_WRAP, pkcs11.CKA_UNWRAP, pkcs11.CKA_DERIVE)
	if err != nil {
		return err
	}
	for _, r := range []struct {
		attribute uint
		name      string
	}{
		{pkcs11.CKA_ENCRYPT, "encrypt"},
		{pkcs11.CKA_DECRYPT, "decrypt"},
		{pkcs11.CKA_SIGN, "sign"},
		{pkcs11.CKA_VERIFY, "verify"},
		{pkcs11.CKA_WRAP, "wrap"},
		{pkcs11.CKA_UNWRAP, "unwrap"},
		{pkcs11.CKA_DERIVE, "derive"},
	} {
		if rights.is(r.attribute) {
			t.Rights = append(t.Rights, r.name)
		}
	}
	a, err := s.read(h, pkcs11.CKA_KEY_GEN_MECHANISM, pkcs11.CKA_CHECK_VALUE, pkcs11.CKA_COPYABLE, pkcs11.CKA_DESTROYABLE)
	if err != nil {
		return err
	}
	unless := func(attribute uint) bool { return len(a[attribute]) == 0 || a.is(attribute) }
	t.Copyable, t.Destroyable = unless(pkcs11.CKA_COPYABLE), unless(pkcs11.CKA_DESTROYABLE)
	t.CheckValue = a[pkcs11.CKA_CHECK_VALUE]
	if m, told := a.number(pkcs11.CKA_KEY_GEN_MECHANISM); told && t.Local && reported(m) != -1 {
		t.Generation = mechanismName(m)
	}
	return nil
}
