package audit

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/strongroom/strongroom/internal/fault"
	"golang.org/x/mod/sumdb/note"
)

// algECDSA is the signature type of a signed note's ECDSA keys (C2SP
// signed-note, "Signature types": 0x02).
const algECDSA = 0x02

// KeyID is the key ID of an ECDSA key in a signed note: the first four bytes
// of SHA-256 over its DER SubjectPublicKeyInfo (C2SP signed-note; unlike
// other types, the name is not part of it).
func KeyID(pub *ecdsa.PublicKey) (uint32, error) {
	der, err := spki(pub)
	if err != nil {
		return 0, err
	}
	return keyIDOf(der), nil
}

func keyIDOf(der []byte) uint32 {
	sum := sha256.Sum256(der)
	return binary.BigEndian.Uint32(sum[:4])
}

// spki is the key's DER form, and the place where other curves are refused.
func spki(pub *ecdsa.PublicKey) ([]byte, error) {
	if pub == nil || pub.Curve != elliptic.P256() {
		return nil, fault.New(fault.Invalid, "the log key is not a P-256 key", "")
	}
	der, err := x509.MarshalPKIXPublicKey(pub)
	if err != nil {
		return nil, fault.Wrap(err, fault.Invalid, "the log key is not a P-256 key", "")
	}
	return der, nil
}

// VerifierKey is the log's public key as other tools take it: name, key ID in
// hex and base64 of type and key, joined by "+" (C2SP signed-note, vkey).
func VerifierKey(name string, pub *ecdsa.PublicKey) (string, error) {
	if err := checkOrigin(name); err != nil {
		return "", err
	}
	der, err := spki(pub)
	if err != nil {
		return "", err
	}
	key := append([]byte{algECDSA}, der...)
	return fmt.Sprintf("%s+%08x+%s", name, keyIDOf(der), base64.StdEncoding.EncodeToString(key)), nil
}

// ParseVerifierKey reads what [VerifierKey] writes, and nothing else.
func ParseVerifierKey(vkey string) (name string, pub *ecdsa.PublicKey, err error) {
	name, pub, err = splitVerifierKey(vkey)
	if err != nil {
		return "", nil, badVerifierKey(err)
	}
	if again, err := VerifierKey(name, pub); err != nil || again != vkey {
		return "", nil, badVerifierKey(err)
	}
	return name, pub, nil
}

func badVerifierKey(err error) error {
	return fault.Wrap(err, fault.Invalid, "this is not a log's public key",
		"Expected NAME+8 hex digits+base64 of an ECDSA P-256 key.")
}

var errVerifierKey = errors.New("malformed verifier key")

func splitVerifierKey(vkey string) (string, *ecdsa.PublicKey, error) {
	parts := strings.Split(vkey, "+")
	if len(vkey) > MaxNote || len(parts) < 3 {
		return "", nil, errVerifierKey
	}
	// Base64 may hold a plus itself.
	key, err := base64.StdEncoding.Strict().DecodeString(strings.Join(parts[2:], "+"))
	if err != nil || len(key) < 2 || key[0] != algECDSA {
		return "", nil, errVerifierKey
	}
	if _, err := strconv.ParseUint(parts[1], 16, 32); err != nil {
		return "", nil, errVerifierKey
	}
	parsed, err := x509.ParsePKIXPublicKey(key[1:])
	if err != nil {
		return "", nil, err
	}
	pub, ok := parsed.(*ecdsa.PublicKey)
	if !ok {
		return "", nil, errVerifierKey
	}
	return parts[0], pub, nil
}

// noteKey adapts a key to the interfaces of package note, which itself only
// knows Ed25519.
type noteKey struct {
	name string
	id   uint32
	pub  *ecdsa.PublicKey
}

func newNoteKey(name string, pub *ecdsa.PublicKey) (noteKey, error) {
	id, err := KeyID(pub)
	return noteKey{name: name, id: id, pub: pub}, err
}

func (k noteKey) Name() string    { return k.name }
func (k noteKey) KeyHash() uint32 { return k.id }

func (k noteKey) Verify(msg, sig []byte) bool {
	digest := sha256.Sum256(msg)
	return ecdsa.VerifyASN1(k.pub, digest[:], sig)
}

// noteSigner is a noteKey that can sign.
type noteSigner struct {
	noteKey
	ctx context.Context // of the one call that made this value
	s   Signer
}

var errOwnSignature = errors.New("the signature does not fit the signer's own key")

// Sign checks the signature before it lets it go: a token that mixes up keys
// is noticed now, not by the auditor.
func (s noteSigner) Sign(msg []byte) ([]byte, error) {
	digest := sha256.Sum256(msg)
	sig, err := s.s.SignDigest(s.ctx, digest[:])
	if err != nil {
		return nil, err
	}
	if !s.Verify(msg, sig) {
		return nil, errOwnSignature
	}
	return sig, nil
}

// signNote signs text, whose every line ends in a newline.
func signNote(ctx context.Context, name, text string, s Signer) ([]byte, error) {
	key, err := newNoteKey(name, s.Public())
	if err != nil {
		return nil, err
	}
	signed, err := note.Sign(&note.Note{Text: text}, noteSigner{noteKey: key, ctx: ctx, s: s})
	if err != nil {
		return nil, signError(err)
	}
	return signed, nil
}

// signError keeps a fault of the signer, such as a token that is gone.
func signError(err error) error {
	if fault.KindOf(err) != fault.Internal {
		return err
	}
	return fault.Wrap(err, fault.Unavailable, "the log key did not sign", "Check that the HSM is connected: strongroom doctor.")
}

// openNote checks the key's signature and gives the text. Signatures of other
// keys (witnesses) are allowed beside it and not judged.
func openNote(signed []byte, name string, pub *ecdsa.PublicKey) (string, error) {
	key, err := newNoteKey(name, pub)
	if err != nil {
		return "", err
	}
	if len(signed) > MaxNote {
		return "", errors.New("note is too large")
	}
	n, err := note.Open(signed, note.VerifierList(key))
	if err != nil {
		return "", err
	}
	return n.Text, nil
}
