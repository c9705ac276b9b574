package hsm

import (
	"context"
	"crypto"
	"crypto/subtle"
	"errors"
	"io"
	"sync"

	"github.com/miekg/pkcs11"

	"github.com/strongroom/strongroom/internal/fault"
)

// prober remembers what trials on a token showed. Lists are not trusted: one
// token lists AES-GCM and cannot do it through this binding, another lists
// OAEP and refuses its hashes.
type prober struct {
	mu     sync.Mutex
	method WrapMethod
	cipher blobCipher
	proofs map[proof]error
	table  []Support
}

// proof is a mechanism that was tried, with the hash that is its variant.
type proof struct {
	mechanism uint
	hash      crypto.Hash
}

// proven runs a trial once and remembers what the token can and cannot do. A
// trial that failed for another reason says nothing about the token.
func (p *prober) proven(what proof, try func() error) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if outcome, known := p.proofs[what]; known {
		return outcome
	}
	err := try()
	if err == nil || errors.Is(err, ErrMechanismUnsupported) {
		if p.proofs == nil {
			p.proofs = map[proof]error{}
		}
		p.proofs[what] = err
	}
	return err
}

func (p *prober) oaep(try func() (blobCipher, error)) (blobCipher, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.cipher != 0 {
		return p.cipher, nil
	}
	c, err := try()
	p.cipher = c
	return c, err
}

func (p *prober) wrapping(try func() (WrapMethod, error)) (WrapMethod, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.method != "" {
		return p.method, nil
	}
	m, err := try()
	p.method = m
	return m, err
}

// Capabilities tells what Strongroom can do with the token. Where the token's
// lists cannot tell, it is tried with keys that live for one call and leave
// nothing behind.
func (t *Token) Capabilities(ctx context.Context) (Capabilities, error) {
	return perform(ctx, t, func(s *session) (Capabilities, error) {
		info, err := s.ctx().GetTokenInfo(s.slot)
		if err != nil {
			return Capabilities{}, call("C_GetTokenInfo", err)
		}
		c := Capabilities{Random: info.Flags&pkcs11.CKF_RNG != 0, Signing: s.signing()}
		if c.Wrapping, err = s.wrapping(); err != nil {
			return Capabilities{}, err
		}
		for _, kt := range KeyTypes() {
			able, err := s.able(kt, c.Wrapping)
			if err != nil {
				return Capabilities{}, err
			}
			if able {
				c.KeyTypes = append(c.KeyTypes, kt)
			}
		}
		return c, nil
	})
}

func (s *session) signing() []SignMechanism {
	var all []SignMechanism
	for _, m := range []struct {
		mechanism uint
		name      SignMechanism
	}{
		{pkcs11.CKM_ECDSA, ECDSA},
		{pkcs11.CKM_RSA_PKCS, RSAPKCS1},
		{pkcs11.CKM_RSA_PKCS_PSS, RSAPSS},
		{ckmEdDSA, EdDSA},
		{pkcs11.CKM_SHA256_HMAC, HMAC},
	} {
		if _, ok := s.can(m.mechanism, pkcs11.CKF_SIGN); ok {
			all = append(all, m.name)
		}
	}
	return all
}

func (s *session) able(t KeyType, method WrapMethod) (bool, error) {
	switch {
	case t.aesBytes() > 0:
		info, ok := s.can(pkcs11.CKM_AES_KEY_GEN, pkcs11.CKF_GENERATE)
		size := uint(t.aesBytes())
		// The unit is bytes by the standard and bits with some vendors.
		fits := within(size, info) || within(8*size, info)
		return ok && fits && (method == WrapAESGCM || method == WrapAESKWP), nil
	case t.rsaBits() > 0:
		info, ok := s.can(pkcs11.CKM_RSA_PKCS_KEY_PAIR_GEN, pkcs11.CKF_GENERATE_KEY_PAIR)
		return ok && within(uint(t.rsaBits()), info), nil
	case t.hmacBytes() > 0:
		_, made := s.can(pkcs11.CKM_GENERIC_SECRET_KEY_GEN, pkcs11.CKF_GENERATE)
		_, used := s.can(pkcs11.CKM_SHA256_HMAC, pkcs11.CKF_SIGN)
		return made && used, nil
	default:
		if _, ok := s.can(t.generation(), pkcs11.CKF_GENERATE_KEY_PAIR); !ok {
			return false, nil
		}
		return s.settle(s.tryCurve(t))
	}
}

func within(n uint, info pkcs11.MechanismInfo) bool {
	return n >= info.MinKeySize && n <= info.MaxKeySize
}

// settle turns the outcome of a trial into yes or no, or into an error when
// the token rather than the trial failed: that must not count as a no.
func (s *session) settle(err error) (bool, error) {
	switch {
	case err == nil:
		return true, nil
	case sessionDead(err) || errors.Is(err, errPanicked):
		return false, err
	case !s.healthy():
		return false, s.present()
	default:
		return false, nil
	}
}

// wrapping gives the method that new wrapping keys get.
func (s *session) wrapping() (WrapMethod, error) {
	if fixed := s.token.opts.Wrapping; fixed != "" {
		return fixed, nil
	}
	return s.token.probe.wrapping(func() (WrapMethod, error) {
		for _, m := range []struct {
			method WrapMethod
			try    func() error
		}{
			{WrapAESGCM, s.tryGCM},
			{WrapAESKWP, s.tryKWP},
			{WrapRSAOAEP, s.listsOAEP},
		} {
			if yes, err := s.settle(m.try()); yes || err != nil {
				return m.method, err
			}
		}
		return "", nil
	})
}

// wrappingFor gives the method for a new AES wrapping key.
func (s *session) wrappingFor(t KeyType) (WrapMethod, error) {
	method, err := s.wrapping()
	if err == nil && method != WrapAESGCM && method != WrapAESKWP {
		err = fault.Wrap(errors.New("neither AES-GCM nor AES key wrap with padding"), ErrMechanismUnsupported.Kind,
			ErrMechanismUnsupported.Problem, "This token cannot wrap with "+string(t)+"; ask for an RSA wrapping key.")
	}
	return method, err
}

func (s *session) listsOAEP() error {
	_, opens := s.can(pkcs11.CKM_RSA_PKCS_OAEP, pkcs11.CKF_DECRYPT)
	_, makes := s.can(pkcs11.CKM_RSA_PKCS_KEY_PAIR_GEN, pkcs11.CKF_GENERATE_KEY_PAIR)
	if !opens || !makes {
		return because(ErrMechanismUnsupported, errors.New("no RSA-OAEP"))
	}
	return nil
}

// trialKey makes an AES key that lives in this session only.
func (s *session) trialKey(encrypt bool) (pkcs11.ObjectHandle, error) {
	h, err := s.ctx().GenerateKey(s.handle, []*pkcs11.Mechanism{pkcs11.NewMechanism(pkcs11.CKM_AES_KEY_GEN, nil)},
		[]*pkcs11.Attribute{
			pkcs11.NewAttribute(pkcs11.CKA_CLASS, pkcs11.CKO_SECRET_KEY),
			pkcs11.NewAttribute(pkcs11.CKA_KEY_TYPE, pkcs11.CKK_AES),
			pkcs11.NewAttribute(pkcs11.CKA_VALUE_LEN, 32),
			pkcs11.NewAttribute(pkcs11.CKA_TOKEN, false),
			pkcs11.NewAttribute(pkcs11.CKA_PRIVATE, s.loggedIn()),
			pkcs11.NewAttribute(pkcs11.CKA_SENSITIVE, true),
			pkcs11.NewAttribute(pkcs11.CKA_EXTRACTABLE, false),
			pkcs11.NewAttribute(pkcs11.CKA_ENCRYPT, encrypt),
			pkcs11.NewAttribute(pkcs11.CKA_DECRYPT, encrypt),
			pkcs11.NewAttribute(pkcs11.CKA_WRAP, !encrypt),
			pkcs11.NewAttribute(pkcs11.CKA_UNWRAP, !encrypt),
		})
	return h, call("C_GenerateKey", err)
}

func (s *session) sample(n int) ([]byte, error) {
	b := make([]byte, n)
	_, err := io.ReadFull(s.token.opts.Rand, b)
	return b, err
}

func (s *session) tryGCM() error {
	key, err := s.trialKey(true)
	if err != nil {
		return err
	}
	defer s.remove(key)
	random, err := s.sample(gcmNonceSize + 32)
	if err != nil {
		return err
	}
	nonce, data, aad := random[:gcmNonceSize], random[gcmNonceSize:], []byte("trial")
	body, err := s.sealGCM(key, nonce, aad, data)
	if err != nil {
		return err
	}
	got, err := s.openGCM(key, aad, body)
	return sameAs(data, got, err)
}

func (s *session) tryKWP() error {
	c, err := s.kwpCipher()
	if err != nil {
		return err
	}
	key, err := s.trialKey(false)
	if err != nil {
		return err
	}
	defer s.remove(key)
	data, err := s.sample(32)
	if err != nil {
		return err
	}
	body, err := s.sealKWP(c, key, data)
	if err != nil {
		return err
	}
	got, err := s.unwrapKWP(key, blob{cipher: c, body: body})
	return sameAs(data, got, err)
}

func sameAs(want, got []byte, err error) error {
	if err == nil && subtle.ConstantTimeCompare(want, got) != 1 {
		err = because(ErrDevice, errors.New("a trial came back as something else"))
	}
	return err
}

// tryCurve makes a session key pair: mechanism lists give a range of sizes,
// not the curves.
func (s *session) tryCurve(t KeyType) error {
	params, err := t.parameters()
	if err != nil {
		return err
	}
	mechanism := []*pkcs11.Mechanism{pkcs11.NewMechanism(t.generation(), nil)}
	pub, priv, err := s.ctx().GenerateKeyPair(s.handle, mechanism,
		[]*pkcs11.Attribute{
			pkcs11.NewAttribute(pkcs11.CKA_TOKEN, false),
			pkcs11.NewAttribute(pkcs11.CKA_PRIVATE, false),
			pkcs11.NewAttribute(pkcs11.CKA_EC_PARAMS, params),
		},
		[]*pkcs11.Attribute{
			pkcs11.NewAttribute(pkcs11.CKA_TOKEN, false),
			pkcs11.NewAttribute(pkcs11.CKA_PRIVATE, s.loggedIn()),
			pkcs11.NewAttribute(pkcs11.CKA_SIGN, true),
		})
	if err != nil {
		return call("C_GenerateKeyPair", err)
	}
	s.remove(priv)
	if s.usable() {
		s.remove(pub)
	}
	return nil
}
