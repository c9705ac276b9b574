package hsm

import (
	"errors"
	"fmt"

	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/keys"
)

// provePair has a key pair sign or decrypt, and checks with the public key,
// outside the token, that both are halves of one key.
func (s *session) provePair(e *entry) error {
	if e.info.Usage.Has(UsageSign) {
		return s.proveSignature(e, keys.DefaultSignature(e.info.Type.spec()))
	}
	pub, err := e.rsaKey()
	if err != nil {
		return err
	}
	c, _ := RSA15.spec()
	return s.tryRSA(e, c, pub)
}

// proveSignature signs a sample by an algorithm of package keys, and has that
// package verify it.
func (s *session) proveSignature(e *entry, a keys.Algorithm) error {
	info, ok := a.Info()
	if !ok {
		return fault.New(fault.Internal, fmt.Sprintf("a key of type %q has no signature algorithm", e.info.Type), "")
	}
	size := info.DigestSize()
	if info.TakesMessage() {
		size = 32
	}
	sample, err := s.sample(size)
	if err != nil {
		return fault.Wrap(err, fault.Unavailable, "no random bytes for a trial", "")
	}
	req := SignRequest{Mechanism: mechanismOf(info.Scheme), Hash: info.Hash, Digest: sample}
	spec, err := req.checkHash()
	if err != nil {
		return err
	}
	signature, err := s.signWith(e, req, spec)
	if err != nil || info.Scheme == keys.SchemeHMAC {
		return err
	}
	pub, err := keys.ParsePublic(e.info.Public)
	if err != nil {
		return because(ErrDevice, err)
	}
	if valid, err := keys.Verify(pub, a, sample, signature); err != nil || !valid {
		return because(ErrAttributes, errors.Join(errors.New("the key's signature is not that of its public key"), err))
	}
	return nil
}

func mechanismOf(s keys.Scheme) SignMechanism {
	switch s {
	case keys.SchemePKCS1:
		return RSAPKCS1
	case keys.SchemePSS:
		return RSAPSS
	case keys.SchemeECDSA:
		return ECDSA
	case keys.SchemeEd25519:
		return EdDSA
	default:
		return HMAC
	}
}
