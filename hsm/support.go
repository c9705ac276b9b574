package hsm

import (
	"context"
	"errors"
	"slices"

	"github.com/miekg/pkcs11"

	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/keys"
)

// Act is what a row of [Token.Support] is about.
type Act string

// Acts.
const (
	ActGenerate Act = "generate"
	ActImport   Act = "import"
	ActSign     Act = "sign"    // and, by HMAC, verify
	ActEncrypt  Act = "encrypt" // encrypt and decrypt, wrap and unwrap; RSARaw: decrypt
)

// Support is one thing that a token can or cannot do.
type Support struct {
	Act       Act
	Algorithm string // a [keys.Algorithm] or [CipherMechanism]; empty for ActGenerate and ActImport
	Type      KeyType
	Mechanism string // PKCS#11's name; "CreateObject" for ActImport
	Able      bool
	Note      string // why not, or with what limit
}

// Support tells what the token can do for callers' keys. Every row is tried,
// with keys that live for one call and leave nothing behind, but for making
// RSA keys of more than 2048 bits, for which the token's list is believed. The
// table is made once for an open token, in a second or less.
func (t *Token) Support(ctx context.Context) ([]Support, error) {
	return perform(ctx, t, func(s *session) ([]Support, error) {
		t.probe.mu.Lock()
		table := t.probe.table
		t.probe.mu.Unlock()
		if table == nil {
			var err error
			if table, err = s.support(); err != nil {
				return nil, err
			}
			t.probe.mu.Lock()
			t.probe.table = table
			t.probe.mu.Unlock()
		}
		return slices.Clone(table), nil
	})
}

func (s *session) support() ([]Support, error) {
	var table []Support
	for _, t := range KeyTypes() {
		rows, err := s.supportOf(t)
		if err != nil {
			return nil, err
		}
		table = append(table, rows...)
	}
	return table, nil
}

// supportOf makes a key of the type and does with it all that the type can do.
func (s *session) supportOf(t KeyType) ([]Support, error) {
	if t == RSA3072 || t == RSA4096 {
		return s.supportByList(t)
	}
	e, made := s.trial(t)
	rows, err := s.row(nil, Support{Act: ActGenerate, Type: t, Mechanism: mechanismName(t.generation())}, made)
	if err != nil {
		return nil, err
	}
	if made == nil {
		defer s.removeTrial(e)
	}
	rows, err = s.row(rows, Support{Act: ActImport, Type: t, Mechanism: "CreateObject"}, s.tryImport(t))
	if err != nil {
		return nil, err
	}
	for _, a := range trials(t) {
		outcome := made
		if made == nil {
			outcome = a.try(s, e)
		}
		row := Support{Act: a.act, Algorithm: a.name, Type: t, Mechanism: mechanismName(s.knownAs(a.mechanism))}
		if rows, err = s.row(rows, row, outcome); err != nil {
			return nil, err
		}
	}
	return rows, nil
}

// knownAs gives the number that this token has for key wrap with padding.
func (s *session) knownAs(mechanism uint) uint {
	if mechanism == ckmKWP {
		if kind, err := s.kwpCipher(); err == nil {
			return kind.mechanism()
		}
	}
	return mechanism
}

func (s *session) supportByList(t KeyType) ([]Support, error) {
	able, err := s.able(t, "")
	if err != nil {
		return nil, err
	}
	row := Support{Act: ActGenerate, Type: t, Mechanism: mechanismName(t.generation()), Able: able, Note: "as the token lists it; used as RSA-2048 is"}
	return []Support{row}, nil
}

// row adds the outcome of a trial, or gives the error of a token that failed.
func (s *session) row(rows []Support, r Support, outcome error) ([]Support, error) {
	var limit limited
	if errors.As(outcome, &limit) {
		r.Note, outcome = string(limit), nil
	}
	able, err := s.settle(outcome)
	if err != nil {
		return nil, err
	}
	r.Able = able
	if outcome != nil {
		r.Note = note(outcome)
	}
	return append(rows, r), nil
}

// note gives the token's own words where there are any.
func note(err error) string {
	var f *fault.Error
	if errors.As(err, &f) && f.Err != nil {
		return f.Err.Error()
	}
	return err.Error()
}

// limited is the outcome of a trial that went well, but not for all lengths.
type limited string

func (l limited) Error() string { return string(l) }

// trialOf is one thing to try with a key.
type trialOf struct {
	act       Act
	name      string
	mechanism uint
	try       func(*session, *entry) error
}

func trials(t KeyType) []trialOf {
	var all []trialOf
	for _, a := range keys.Algorithms() {
		if a.Fits(t.trialSpec()) {
			all = append(all, trialOf{ActSign, string(a.Name), signMechanism(a), func(s *session, e *entry) error {
				return s.proveSignature(e, a.Name)
			}})
		}
	}
	for _, m := range CipherMechanisms() {
		c, err := m.spec()
		if err != nil || c.rsa != (t.rsaBits() > 0) || !c.rsa && t.aesBytes() == 0 {
			continue
		}
		all = append(all, trialOf{ActEncrypt, string(m), c.mechanism, func(s *session, e *entry) error {
			return s.tryCipher(e, m, c)
		}})
	}
	if t.rsaBits() > 0 {
		all = append(all, trialOf{ActEncrypt, string(RSAOAEP256), pkcs11.CKM_RSA_X_509, (*session).tryOAEPHere})
	}
	return all
}

// trialSpec is the type for package keys' table of signatures. An AES key
// signs nothing in a token.
func (t KeyType) trialSpec() keys.Spec {
	switch {
	case t.hmacBytes() > 0:
		return keys.Spec{Type: keys.Oct, Bits: 256} // the table knows no longer one
	case t.aesBytes() > 0:
		return keys.Spec{}
	default:
		return t.spec()
	}
}

func signMechanism(a keys.AlgorithmInfo) uint {
	spec, _ := hashes(a.Hash)
	t := map[keys.Scheme]KeyType{
		keys.SchemeECDSA: ECP256, keys.SchemeEd25519: Ed25519, keys.SchemeHMAC: HMAC256,
		keys.SchemePKCS1: RSA2048, keys.SchemePSS: RSA2048,
	}[a.Scheme]
	p, err := plan(SignRequest{Mechanism: mechanismOf(a.Scheme), Hash: a.Hash}, spec, t)
	if err != nil {
		return 0
	}
	return p.mechanism.Mechanism
}

// tryCipher goes there and back, with a short text and a whole block.
func (s *session) tryCipher(e *entry, m CipherMechanism, c cipher) error {
	if m == RSARaw {
		return s.tryRaw(e, c)
	}
	if c.rsa {
		pub, err := e.rsaKey()
		if err != nil {
			return err
		}
		return s.proveRSA(e, c, pub)
	}
	for _, n := range []int{32, 20} {
		if c.block > 0 && n%c.block != 0 {
			continue
		}
		data, err := s.sample(n)
		if err != nil {
			return fault.Wrap(err, fault.Unavailable, "no random bytes for a trial", "")
		}
		sealed, err := s.encrypt(e, c, EncryptRequest{}, data)
		if c.mechanism == ckmKWP && n%kwpBlock != 0 && errors.Is(err, ErrMechanismUnsupported) {
			return limited("wraps lengths that are multiples of 8 only; unwraps any")
		}
		if err != nil {
			return err
		}
		got, err := s.decrypt(e, c, DecryptRequest{Ciphertext: sealed})
		if err := sameAs(data, got, err); err != nil {
			return err
		}
	}
	return nil
}

// tryOAEPHere opens with the padding taken off outside the token.
func (s *session) tryOAEPHere(e *entry) error {
	c, _ := RSAOAEP256.spec()
	pub, err := e.rsaKey()
	if err != nil {
		return err
	}
	data, err := s.sample(32)
	if err != nil {
		return fault.Wrap(err, fault.Unavailable, "no random bytes for a trial", "")
	}
	sealed, err := s.sealRSA(c, pub, data)
	if err != nil {
		return err
	}
	got, err := s.openOAEPHere(e, c, sealed)
	if err := sameAs(data, got, err); err != nil {
		return err
	}
	return limited("for keys made for raw operations; the padding is taken off outside the token")
}

// tryRaw opens 1, which is its own power whatever the key.
func (s *session) tryRaw(e *entry, c cipher) error {
	one := make([]byte, e.info.Type.rsaBits()/8)
	one[len(one)-1] = 1
	got, err := s.decryptRSA(e, c, one)
	return sameAs(one, got, err)
}
