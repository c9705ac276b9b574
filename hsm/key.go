package hsm

import (
	"context"
	"errors"
	"fmt"
	"math/big"
	"sync"

	"github.com/miekg/pkcs11"

	"github.com/strongroom/strongroom/internal/fault"
)

// entry is a key as it was found: its handles, good for one generation of the
// module and one login, and what it is.
type entry struct {
	generation uint64
	secret     pkcs11.ObjectHandle // the secret or private key
	public     pkcs11.ObjectHandle
	hasPublic  bool
	info       KeyInfo
	encrypts   bool   // usage for wrapping goes through C_Encrypt, not C_WrapKey
	allowed    []uint // CKA_ALLOWED_MECHANISMS; none: the token does not tell
}

// keyCache spares a search per signature: a search costs more than an ECDSA
// signature in a full token.
type keyCache struct {
	mu      sync.RWMutex
	entries map[KeyID]*entry
}

func (c *keyCache) get(id KeyID, generation uint64) *entry {
	c.mu.RLock()
	defer c.mu.RUnlock()
	if e := c.entries[id]; e != nil && e.generation == generation {
		return e
	}
	return nil
}

func (c *keyCache) put(e *entry) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.entries == nil {
		c.entries = map[KeyID]*entry{}
	}
	c.entries[e.info.ID] = e
}

func (c *keyCache) drop() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.entries = nil
}

// Key gives what the token says of a key now; nothing is taken from memory.
func (t *Token) Key(ctx context.Context, id KeyID) (KeyInfo, error) {
	if _, err := id.bytes(); err != nil {
		return KeyInfo{}, err
	}
	return perform(ctx, t, func(s *session) (KeyInfo, error) {
		e, err := s.load(id)
		if err != nil {
			return KeyInfo{}, err
		}
		return e.info, nil
	})
}

// DestroyKey removes a key or both halves of a pair. A key that is not there
// is [ErrKeyAbsent].
func (t *Token) DestroyKey(ctx context.Context, id KeyID) error {
	if _, err := id.bytes(); err != nil {
		return err
	}
	removed := false // survives a second run after half of a pair is gone
	_, err := perform(ctx, t, func(s *session) (struct{}, error) {
		t.keys.drop()
		n, err := s.destroyKey(id)
		removed = removed || n > 0
		if err == nil && !removed {
			err = s.missing(id)
		}
		return struct{}{}, err
	})
	return err
}

// destroyKey removes every key object with that identifier, the private one
// first: a public key left over harms nobody.
func (s *session) destroyKey(id KeyID) (int, error) {
	removed := 0
	for _, class := range []uint{pkcs11.CKO_SECRET_KEY, pkcs11.CKO_PRIVATE_KEY, pkcs11.CKO_PUBLIC_KEY} {
		handles, err := s.findKey(id, class)
		if err != nil {
			return removed, err
		}
		for _, h := range handles {
			err := call("C_DestroyObject", s.ctx().DestroyObject(s.handle, h))
			if err != nil && !handleDead(err) {
				return removed, err
			}
			removed++
		}
	}
	return removed, nil
}

func (s *session) findKey(id KeyID, class uint) ([]pkcs11.ObjectHandle, error) {
	raw, err := id.bytes()
	if err != nil {
		return nil, err
	}
	return s.find(pkcs11.NewAttribute(pkcs11.CKA_CLASS, class), pkcs11.NewAttribute(pkcs11.CKA_ID, raw))
}

// key gives a key from the cache or from the token.
func (s *session) key(id KeyID) (*entry, error) {
	if e := s.token.keys.get(id, s.generation); e != nil {
		return e, nil
	}
	return s.load(id)
}

// load finds a key in the token and remembers it.
func (s *session) load(id KeyID) (*entry, error) {
	e := &entry{generation: s.generation}
	class := uint(pkcs11.CKO_SECRET_KEY)
	found, err := s.findKey(id, class)
	if err == nil && len(found) == 0 {
		class = pkcs11.CKO_PRIVATE_KEY
		found, err = s.findKey(id, class)
	}
	switch {
	case err != nil:
		return nil, err
	case len(found) == 0:
		return nil, s.missing(id)
	case len(found) > 1:
		return nil, fault.New(fault.Conflict, fmt.Sprintf("%d keys in the HSM token have the identifier %s", len(found), id),
			"Something else wrote to this token; `strongroom hsm objects` lists what it holds.")
	}
	e.secret = found[0]
	if class == pkcs11.CKO_PRIVATE_KEY {
		if err := s.loadPublic(e, id); err != nil {
			return nil, err
		}
	}
	if err := s.describeKey(e, id); err != nil {
		return nil, err
	}
	s.token.keys.put(e)
	return e, nil
}

func (s *session) loadPublic(e *entry, id KeyID) error {
	found, err := s.findKey(id, pkcs11.CKO_PUBLIC_KEY)
	if err != nil || len(found) == 0 {
		return err
	}
	e.public, e.hasPublic = found[0], true
	return nil
}

// describeKey reads the truth about a key into e.
func (s *session) describeKey(e *entry, id KeyID) error {
	a, err := s.read(e.secret,
		pkcs11.CKA_CLASS, pkcs11.CKA_KEY_TYPE, pkcs11.CKA_LABEL, pkcs11.CKA_LOCAL, pkcs11.CKA_PRIVATE,
		pkcs11.CKA_SENSITIVE, pkcs11.CKA_ALWAYS_SENSITIVE, pkcs11.CKA_EXTRACTABLE, pkcs11.CKA_NEVER_EXTRACTABLE,
		pkcs11.CKA_MODIFIABLE, pkcs11.CKA_ENCRYPT, pkcs11.CKA_DECRYPT, pkcs11.CKA_WRAP, pkcs11.CKA_UNWRAP, pkcs11.CKA_SIGN)
	if err != nil {
		return err
	}
	list, err := s.read(e.secret, pkcs11.CKA_ALLOWED_MECHANISMS)
	if err != nil {
		return err
	}
	e.allowed = decodeMechanisms(list[pkcs11.CKA_ALLOWED_MECHANISMS])
	e.info = KeyInfo{
		ID: id, Label: clean(string(a[pkcs11.CKA_LABEL])), Usage: usageOf(a, e.allowed),
		Local: a.is(pkcs11.CKA_LOCAL), Private: a.is(pkcs11.CKA_PRIVATE),
		Sensitive: a.is(pkcs11.CKA_SENSITIVE), AlwaysSensitive: a.is(pkcs11.CKA_ALWAYS_SENSITIVE),
		Extractable: a.is(pkcs11.CKA_EXTRACTABLE), NeverExtractable: a.is(pkcs11.CKA_NEVER_EXTRACTABLE),
		Modifiable: a.is(pkcs11.CKA_MODIFIABLE),
	}
	e.encrypts = a.is(pkcs11.CKA_DECRYPT)
	return s.describeMaterial(e, a)
}

// describeMaterial fills type and public key. Each kind is read with its own
// attributes, since asking an AES key for a curve is an error.
func (s *session) describeMaterial(e *entry, a attributes) error {
	kind, _ := a.number(pkcs11.CKA_KEY_TYPE)
	var err error
	switch kind {
	case pkcs11.CKK_AES, pkcs11.CKK_GENERIC_SECRET:
		e.info.Type, err = s.secretType(e.secret, kind)
	case pkcs11.CKK_EC, ckkEdwards:
		e.info.Type, e.info.Public, err = s.ecPublic(e)
	case pkcs11.CKK_RSA:
		e.info.Type, e.info.Public, err = s.rsaPublic(e)
	}
	return err
}

func (s *session) secretType(h pkcs11.ObjectHandle, kind uint) (KeyType, error) {
	a, err := s.read(h, pkcs11.CKA_VALUE_LEN)
	if err != nil {
		return "", err
	}
	size, _ := a.number(pkcs11.CKA_VALUE_LEN)
	return secretType(kind, size), nil
}

// publicHandle is where the public values are read: the public key object, or
// the private one on tokens that keep them there and make no pair.
func (e *entry) publicHandle() pkcs11.ObjectHandle {
	if e.hasPublic {
		return e.public
	}
	return e.secret
}

func (s *session) ecPublic(e *entry) (KeyType, []byte, error) {
	a, err := s.read(e.publicHandle(), pkcs11.CKA_EC_PARAMS, pkcs11.CKA_EC_POINT)
	if err != nil {
		return "", nil, err
	}
	t, known := curveType(a[pkcs11.CKA_EC_PARAMS])
	if !known {
		return "", nil, nil // a foreign key on a curve this program does not use
	}
	if a[pkcs11.CKA_EC_POINT] == nil {
		return "", nil, s.stale(because(ErrDevice, errors.New("the token shows no public key for a private one")))
	}
	der, err := ecSPKI(t, a[pkcs11.CKA_EC_POINT])
	return t, der, err
}

func (s *session) rsaPublic(e *entry) (KeyType, []byte, error) {
	a, err := s.read(e.publicHandle(), pkcs11.CKA_MODULUS, pkcs11.CKA_PUBLIC_EXPONENT)
	if err != nil {
		return "", nil, err
	}
	n := new(big.Int).SetBytes(a[pkcs11.CKA_MODULUS])
	for _, t := range []KeyType{RSA2048, RSA3072, RSA4096} {
		if t.rsaBits() == n.BitLen() {
			der, err := rsaSPKI(n, a[pkcs11.CKA_PUBLIC_EXPONENT])
			return t, der, err
		}
	}
	return "", nil, nil
}
