package hsm

import (
	"context"

	"github.com/miekg/pkcs11"
)

// Verify reports whether the signature is the key's HMAC of the message. One
// that is wrong in any way, its length included, is false and no error. The
// comparison is the token's.
func (t *Token) Verify(ctx context.Context, req VerifyRequest) (bool, error) {
	spec, err := checkHash(req.Hash)
	if err == nil {
		err = checkMessage(req.Message)
	}
	if err == nil {
		_, err = req.Key.bytes()
	}
	if err != nil {
		return false, err
	}
	return perform(ctx, t, func(s *session) (bool, error) { return s.verifyMAC(req, spec) })
}

func (s *session) verifyMAC(req VerifyRequest, spec hashSpec) (bool, error) {
	e, err := s.signingKey(req.Key)
	if err != nil {
		return false, err
	}
	// The same refusals as for making one.
	if _, err := plan(SignRequest{Mechanism: HMAC, Hash: req.Hash}, spec, e.info.Type); err != nil {
		return false, err
	}
	if err := s.ctx().VerifyInit(s.handle, []*pkcs11.Mechanism{pkcs11.NewMechanism(spec.hmac, nil)}, e.secret); err != nil {
		return false, naming(spec.hmac, call("C_VerifyInit", err))
	}
	if len(req.Signature) > req.Hash.Size() {
		req.Signature = nil // wrong, but the token has to end what it began
	}
	err = call("C_Verify", s.ctx().Verify(s.handle, req.Message, req.Signature))
	switch rv, _ := returned(err); rv {
	case pkcs11.CKR_SIGNATURE_INVALID, pkcs11.CKR_SIGNATURE_LEN_RANGE:
		return false, nil
	}
	return err == nil, naming(spec.hmac, err)
}
