package hsm

import (
	"context"
	"time"

	"github.com/miekg/pkcs11"
)

// For the package's own tests, which live outside it to use the fixture.

// GenerateHeld is [Token.GenerateKey] with a pause, under the test's control,
// between the token's answer and the caller's.
func GenerateHeld(ctx context.Context, t *Token, req GenerateKeyRequest, made chan<- struct{}, release <-chan struct{}) (KeyInfo, error) {
	generate := func(s *session) (KeyInfo, error) {
		info, err := s.generate(req)
		close(made)
		<-release
		return info, err
	}
	undo := func(s *session, info KeyInfo) { s.discard(info.ID) }
	return submit(ctx, t, t.jobs, generate, undo)
}

// Hold keeps one worker busy until release is closed.
func Hold(ctx context.Context, t *Token, began chan<- struct{}, release <-chan struct{}) error {
	_, err := perform(ctx, t, func(*session) (struct{}, error) {
		close(began)
		<-release
		return struct{}{}, nil
	})
	return err
}

// Panic runs a request that panics, as the binding might.
func Panic(ctx context.Context, t *Token) error {
	_, err := perform(ctx, t, func(*session) (struct{}, error) { panic("as the binding might") })
	return err
}

// GenerateIgnoring makes a key as a token would that ignores what was asked:
// the key is sound, but it is compared with other wishes.
func GenerateIgnoring(ctx context.Context, t *Token, req GenerateKeyRequest) error {
	_, err := perform(ctx, t, func(s *session) (struct{}, error) {
		wishes := secretWishes(req, WrapAESGCM)
		h, err := s.generateSecretObject(req.Type, wishes)
		if err != nil {
			return struct{}{}, err
		}
		return struct{}{}, s.confirm(req.ID, h, append(wishes, wish{pkcs11.CKA_WRAP, true}))
	})
	return err
}

// ShortTimeout gives options whose timeout is over before any call returns.
func ShortTimeout() Options { return Options{MaxSessions: 1, Timeout: time.Nanosecond} }

// What the tests look into.
var (
	ParseBlob = parseBlob
	Explain   = explain
	Clean     = clean
	ECSPKI    = ecSPKI
	Examine   = examine
	Frame     = frame
	Unframe   = unframe

	DecodeMechanisms = decodeMechanisms
	EncodeMechanisms = encodeMechanisms
)

// Encode gives back what ParseBlob read.
func (b blob) Encode() []byte { return b.encode() }

// ImportAs imports a key as a token would that keeps another one: the public
// key that is due is changed before it is compared.
func ImportAs(ctx context.Context, t *Token, req GenerateKeyRequest, pkcs8, public []byte) error {
	_, err := perform(ctx, t, func(s *session) (struct{}, error) {
		m, err := parseMaterial(req.Type, pkcs8)
		if err != nil {
			return struct{}{}, err
		}
		if err := s.create(req, m); err != nil {
			return struct{}{}, err
		}
		e, err := s.load(req.ID)
		if err != nil {
			return struct{}{}, err
		}
		m.spki = public
		return struct{}{}, s.settleImport(e, m)
	})
	return err
}

// ParseMaterial reports whether the bytes are a key of the type.
func ParseMaterial(t KeyType, raw []byte) error {
	m, err := parseMaterial(t, raw)
	if err == nil {
		m.wipe()
	}
	return err
}
