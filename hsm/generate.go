package hsm

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"slices"
	"unicode/utf8"

	"github.com/miekg/pkcs11"

	"github.com/strongroom/strongroom/internal/fault"
)

// rsaExponent is 65537 (FIPS 186-5 section 5.1 (e) and common practice).
var rsaExponent = []byte{1, 0, 1}

// GenerateKey makes a key or key pair that cannot leave the token, with every
// attribute set explicitly, and reads the attributes back. When the token
// ignored one, the key is destroyed and the answer is [ErrAttributes].
//
// A failure after the token was asked is not tried again, and the caller who
// chose the identifier can look for what was left. When the caller's context
// ends first, the key is destroyed again.
func (t *Token) GenerateKey(ctx context.Context, req GenerateKeyRequest) (KeyInfo, error) {
	req, err := t.completeRequest(req)
	if err != nil {
		return KeyInfo{}, err
	}
	generate := func(s *session) (KeyInfo, error) { return s.generate(req) }
	undo := func(s *session, info KeyInfo) { s.discard(info.ID) }
	return submit(ctx, t, t.jobs, generate, undo)
}

func (t *Token) completeRequest(req GenerateKeyRequest) (GenerateKeyRequest, error) {
	switch {
	case !req.Type.known():
		return req, fault.New(fault.Invalid, fmt.Sprintf("%q is not a key type that an HSM key can have", req.Type), "")
	case !req.Type.fits(req.Usage):
		return req, fault.New(fault.Invalid, fmt.Sprintf("an HSM key of type %s cannot be for %s", req.Type, req.Usage), "")
	case !validLabel(req.Label):
		return req, badLabel
	}
	if req.ID == "" {
		raw := make([]byte, keyIDSize)
		if _, err := io.ReadFull(t.opts.Rand, raw); err != nil {
			return req, fault.Wrap(err, fault.Unavailable, "no random bytes for a key identifier", "")
		}
		req.ID = KeyID(hex.EncodeToString(raw))
	}
	_, err := req.ID.bytes()
	return req, err
}

var badLabel = fault.New(fault.Invalid, fmt.Sprintf("a label in the HSM has 1 to %d printable bytes", maxObjectLabel), "")

func validLabel(s string) bool {
	return len(s) > 0 && len(s) <= maxObjectLabel && utf8.ValidString(s) && clean(s) == s
}

func (s *session) generate(req GenerateKeyRequest) (KeyInfo, error) {
	if err := s.vacant(req.ID); err != nil {
		return KeyInfo{}, err
	}
	var err error
	if req.Type.secretBytes() > 0 {
		err = s.generateSecret(req)
	} else {
		err = s.generatePair(req)
	}
	if err != nil {
		return KeyInfo{}, err
	}
	e, err := s.load(req.ID)
	if err != nil {
		s.discard(req.ID)
		return KeyInfo{}, err
	}
	return e.info, nil
}

// vacant refuses an identifier that is taken, on a token that proves to be
// there: a search in a token that went away finds nothing either.
func (s *session) vacant(id KeyID) error {
	for _, class := range []uint{pkcs11.CKO_SECRET_KEY, pkcs11.CKO_PRIVATE_KEY, pkcs11.CKO_PUBLIC_KEY} {
		found, err := s.findKey(id, class)
		if err != nil {
			return err
		}
		if len(found) > 0 {
			return fault.New(fault.Conflict, fmt.Sprintf("the HSM token already has a key with identifier %s", id), "")
		}
	}
	return s.present()
}

// discard removes a key that must not stay. It is best effort: the caller
// already has the error that matters.
func (s *session) discard(id KeyID) {
	s.token.keys.drop()
	_, _ = s.destroyKey(id)
}

// wish is an attribute to set and to read back.
type wish struct {
	attribute uint
	value     any
}

func template(wishes []wish) []*pkcs11.Attribute {
	t := make([]*pkcs11.Attribute, 0, len(wishes))
	for _, w := range wishes {
		t = append(t, pkcs11.NewAttribute(w.attribute, w.value))
	}
	return t
}

// optional are the attributes that some tokens refuse to take in a template.
// None of them opens a key; without them a token says less and guards less.
func optional() [][]uint {
	return [][]uint{
		nil,
		{pkcs11.CKA_MODIFIABLE},
		{pkcs11.CKA_ALLOWED_MECHANISMS},
		{pkcs11.CKA_MODIFIABLE, pkcs11.CKA_ALLOWED_MECHANISMS},
	}
}

func without(wishes []wish, attributes []uint) []wish {
	return slices.DeleteFunc(slices.Clone(wishes), func(w wish) bool { return slices.Contains(attributes, w.attribute) })
}

// humoured runs make with the whole template and, while the token refuses it,
// without what is optional.
func humoured(make func(leave []uint) error) error {
	var err error
	for _, leave := range optional() {
		if err = make(leave); err == nil || !templateRefused(err) {
			return err
		}
	}
	return err
}

func (s *session) generateSecret(req GenerateKeyRequest) error {
	var method WrapMethod
	if req.Usage == UsageWrap {
		var err error
		if method, err = s.wrappingFor(req.Type); err != nil {
			return err
		}
	}
	var h pkcs11.ObjectHandle
	wishes := secretWishes(req, method)
	err := humoured(func(leave []uint) (err error) {
		h, err = s.generateSecretObject(req.Type, without(wishes, leave))
		return err
	})
	if err != nil {
		return err
	}
	return s.confirm(req.ID, h, wishes)
}

func (s *session) generateSecretObject(t KeyType, wishes []wish) (pkcs11.ObjectHandle, error) {
	h, err := s.ctx().GenerateKey(s.handle, []*pkcs11.Mechanism{pkcs11.NewMechanism(t.generation(), nil)}, template(wishes))
	err = naming(t.generation(), call("C_GenerateKey", err))
	s.mutated(err)
	return h, err
}

func (s *session) generatePair(req GenerateKeyRequest) error {
	public, private, err := pairWishes(req)
	if err != nil {
		return err
	}
	var pub, priv pkcs11.ObjectHandle
	err = humoured(func(leave []uint) (err error) {
		pub, priv, err = s.generatePairObjects(req.Type, without(public, leave), without(private, leave))
		return err
	})
	if err != nil {
		return err
	}
	if err := s.confirm(req.ID, priv, private); err != nil {
		return err
	}
	return s.confirm(req.ID, pub, public)
}

func (s *session) generatePairObjects(t KeyType, public, private []wish) (pub, priv pkcs11.ObjectHandle, err error) {
	mechanism := []*pkcs11.Mechanism{pkcs11.NewMechanism(t.generation(), nil)}
	pub, priv, err = s.ctx().GenerateKeyPair(s.handle, mechanism, template(public), template(private))
	err = naming(t.generation(), call("C_GenerateKeyPair", err))
	s.mutated(err)
	return pub, priv, err
}

// templateRefused reports the answers of tokens that dislike the template.
// Each says that no key was made.
func templateRefused(err error) bool {
	switch rv, _ := returned(err); rv {
	case pkcs11.CKR_ATTRIBUTE_READ_ONLY, pkcs11.CKR_ATTRIBUTE_TYPE_INVALID,
		pkcs11.CKR_ATTRIBUTE_VALUE_INVALID, pkcs11.CKR_TEMPLATE_INCONSISTENT:
		return true
	default:
		return false
	}
}

// confirm reads a new object back and destroys it when it is not what was
// wished. It also destroys it when it cannot be read: nothing unconfirmed stays.
func (s *session) confirm(id KeyID, h pkcs11.ObjectHandle, wishes []wish) error {
	types := make([]uint, 0, len(wishes))
	for _, w := range wishes {
		types = append(types, w.attribute)
	}
	got, err := s.read(h, types...)
	if err == nil {
		err = compare(wishes, got)
	}
	if err != nil {
		s.discard(id)
	}
	return err
}

func compare(wishes []wish, got attributes) error {
	for _, w := range wishes {
		want, read := pkcs11.NewAttribute(w.attribute, w.value).Value, got[w.attribute]
		if !granted(w, want, read) {
			return because(ErrAttributes, fmt.Errorf("attribute %s reads %x, %x was set", hexNumber(w.attribute), read, want))
		}
	}
	return nil
}

func granted(w wish, want, read []byte) bool {
	switch w.attribute {
	case pkcs11.CKA_MODIFIABLE:
		return true // not all tokens can freeze a key; KeyInfo tells which did
	case pkcs11.CKA_ALLOWED_MECHANISMS:
		return len(read) == 0 || sameMechanisms(want, read) // nor can all keep to a list
	case pkcs11.CKA_PUBLIC_EXPONENT:
		return bytes.Equal(bytes.TrimLeft(want, "\x00"), bytes.TrimLeft(read, "\x00"))
	case pkcs11.CKA_EXTRACTABLE, pkcs11.CKA_SENSITIVE:
		return bytes.Equal(want, read) // silence is not enough here
	}
	if b, is := w.value.(bool); is && !b && read == nil {
		return true // a right that the token does not know is a right it does not grant
	}
	return bytes.Equal(want, read)
}

// common are the attributes of every key.
func common(req GenerateKeyRequest, class uint) []wish {
	raw, _ := req.ID.bytes() // checked in completeRequest
	return []wish{
		{pkcs11.CKA_CLASS, class},
		{pkcs11.CKA_KEY_TYPE, req.Type.kind()},
		{pkcs11.CKA_ID, raw},
		{pkcs11.CKA_LABEL, req.Label},
		{pkcs11.CKA_TOKEN, true},
		{pkcs11.CKA_MODIFIABLE, false},
	}
}

// locked are those of a private or secret key: it stays inside.
func locked() []wish {
	return []wish{
		{pkcs11.CKA_PRIVATE, true},
		{pkcs11.CKA_SENSITIVE, true},
		{pkcs11.CKA_EXTRACTABLE, false},
		{pkcs11.CKA_DERIVE, false},
	}
}

// secretWishes gives a wrapping key either encryption or key wrapping, never
// both: a key that may wrap and decrypt opens whatever it wrapped. A caller's
// key has what the caller asked for; its data come out to him either way.
func secretWishes(req GenerateKeyRequest, method WrapMethod) []wish {
	return append(secretRights(req, method), wish{pkcs11.CKA_VALUE_LEN, req.Type.secretBytes()})
}

func secretRights(req GenerateKeyRequest, method WrapMethod) []wish {
	encrypt := req.Usage.Has(UsageEncrypt) || req.Usage == UsageWrap && method == WrapAESGCM
	wrap := req.Usage.Has(UsageWrapKeys) || req.Usage == UsageWrap && method != WrapAESGCM
	sign := req.Usage.Has(UsageSign)
	w := append(common(req, pkcs11.CKO_SECRET_KEY), locked()...)
	return append(w,
		wish{pkcs11.CKA_ENCRYPT, encrypt},
		wish{pkcs11.CKA_DECRYPT, encrypt},
		wish{pkcs11.CKA_WRAP, wrap},
		wish{pkcs11.CKA_UNWRAP, wrap},
		wish{pkcs11.CKA_SIGN, sign},
		wish{pkcs11.CKA_VERIFY, sign},
		wish{pkcs11.CKA_ALLOWED_MECHANISMS, encodeMechanisms(req.Type.mechanisms(req.Usage, method))},
	)
}

func pairWishes(req GenerateKeyRequest) (public, private []wish, err error) {
	public, private = pairRights(req)
	if bits := req.Type.rsaBits(); bits > 0 {
		public = append(public, wish{pkcs11.CKA_MODULUS_BITS, bits}, wish{pkcs11.CKA_PUBLIC_EXPONENT, rsaExponent})
		return public, private, nil
	}
	params, err := req.Type.parameters()
	if err != nil {
		return nil, nil, fault.Wrap(err, fault.Internal, "the curve cannot be encoded", "")
	}
	return append(public, wish{pkcs11.CKA_EC_PARAMS, params}), private, nil
}

func pairRights(req GenerateKeyRequest) (public, private []wish) {
	sign := req.Usage.Has(UsageSign)
	open := req.Usage&(UsageWrap|UsageEncrypt) != 0
	public = append(common(req, pkcs11.CKO_PUBLIC_KEY),
		wish{pkcs11.CKA_PRIVATE, false},
		wish{pkcs11.CKA_VERIFY, sign},
		wish{pkcs11.CKA_ENCRYPT, open},
		wish{pkcs11.CKA_WRAP, false},
	)
	private = append(append(common(req, pkcs11.CKO_PRIVATE_KEY), locked()...),
		wish{pkcs11.CKA_SIGN, sign},
		wish{pkcs11.CKA_DECRYPT, open},
		wish{pkcs11.CKA_UNWRAP, false},
		wish{pkcs11.CKA_ALLOWED_MECHANISMS, encodeMechanisms(req.Type.mechanisms(req.Usage, WrapRSAOAEP))},
	)
	return public, private
}
