package hsm

import (
	"crypto"
	"encoding/hex"
	"io"
	"time"

	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/internal/secret"
)

// KeyID names a key inside a token: 32 lower-case hex digits, the 16 bytes of
// CKA_ID. A key pair shares one.
type KeyID string

func (id KeyID) bytes() ([]byte, error) {
	b, err := hex.DecodeString(string(id))
	if err != nil || len(b) != keyIDSize || hex.EncodeToString(b) != string(id) {
		return nil, fault.New(fault.Invalid, "the HSM key identifier is not 32 lower-case hex digits", "")
	}
	return b, nil
}

// GenerateKeyRequest asks for a new key or key pair.
type GenerateKeyRequest struct {
	ID    KeyID  // empty: a random one is chosen
	Label string // at most 255 bytes, for people
	Type  KeyType
	Usage Usage
}

// KeyInfo is what the token itself says of a key. For a pair the attributes
// are those of the private key.
type KeyInfo struct {
	ID    KeyID
	Label string
	Type  KeyType
	// Usage is what the token lets the key do: 0 when that fits none, and more
	// than was asked where the token does not know CKA_ALLOWED_MECHANISMS, so
	// ask with Has and not with ==.
	Usage Usage

	// Read back, never assumed. A token that does not know an attribute
	// reads as false.
	Local            bool // CKA_LOCAL: made inside this token
	Private          bool // CKA_PRIVATE: visible only after login
	Sensitive        bool // CKA_SENSITIVE
	AlwaysSensitive  bool // CKA_ALWAYS_SENSITIVE
	Extractable      bool // CKA_EXTRACTABLE
	NeverExtractable bool // CKA_NEVER_EXTRACTABLE
	Modifiable       bool // CKA_MODIFIABLE

	// Public is the public key as a DER SubjectPublicKeyInfo (RFC 5280
	// section 4.1), nil for a secret key.
	Public []byte
}

// SignMechanism is how [Token.Sign] signs.
type SignMechanism string

// Signature mechanisms.
const (
	// ECDSA gives r||s, each as long as the curve's order (RFC 7518 section 3.4).
	ECDSA SignMechanism = "ecdsa"
	// RSAPKCS1 is RSASSA-PKCS1-v1_5 (RFC 8017 section 8.2).
	RSAPKCS1 SignMechanism = "rsa-pkcs1"
	// RSAPSS is RSASSA-PSS with MGF1 on the same hash (RFC 8017 section 8.1).
	RSAPSS SignMechanism = "rsa-pss"
	// EdDSA is Ed25519 in its pure form (RFC 8032 section 5.1); it gives 64
	// bytes.
	EdDSA SignMechanism = "eddsa"
	// HMAC is RFC 2104 in full length.
	HMAC SignMechanism = "hmac"
)

// SignRequest asks for a signature over a digest made by the caller, or over
// a message where the mechanism takes one.
type SignRequest struct {
	Key       KeyID
	Mechanism SignMechanism
	Hash      crypto.Hash // SHA-256, SHA-384 or SHA-512; 0 for EdDSA
	Digest    []byte      // exactly Hash.Size() bytes; for EdDSA and HMAC the message, at most 1 MiB
	Salt      int         // RSAPSS: salt length in bytes; 0 is the hash's length
}

// VerifyRequest asks whether Signature is the key's HMAC of Message. What a
// key pair signed is verified with its public key, outside the token.
type VerifyRequest struct {
	Key       KeyID
	Hash      crypto.Hash // SHA-256, SHA-384 or SHA-512
	Message   []byte      // at most 1 MiB
	Signature []byte
}

// WrapMethod is how data keys are wrapped.
type WrapMethod string

// Wrapping methods, in order of preference.
const (
	// WrapAESGCM is AES-GCM with a 12-byte random nonce and a 128-bit tag.
	WrapAESGCM WrapMethod = "aes-gcm"
	// WrapAESKWP is AES key wrap with padding (RFC 5649).
	WrapAESKWP WrapMethod = "aes-kwp"
	// WrapRSAOAEP is RSAES-OAEP (RFC 8017 section 7.1).
	WrapRSAOAEP WrapMethod = "rsa-oaep"
)

// WrapRequest asks to wrap Data (1 to 4096 bytes; less for RSA-OAEP) under a
// key of [UsageWrap].
type WrapRequest struct {
	Key  KeyID
	Data *secret.Bytes
}

// UnwrapRequest asks for what [Token.Wrap] was given.
type UnwrapRequest struct {
	Key     KeyID
	Wrapped []byte
}

// TokenID names a token by label, by serial, or by both; never by slot.
type TokenID struct {
	Label  string
	Serial string
}

// Options tune an open token. The zero value is good.
type Options struct {
	// MaxSessions is how many sessions, and so how many calls at once
	// (1 to 64; 0 is 4). One more is kept for login.
	MaxSessions int
	// Timeout bounds a request whose context has no earlier end (0 is 60 s).
	Timeout time.Duration
	// Rand gives nonces and key identifiers; nil is crypto/rand.
	Rand io.Reader
	// Wrapping fixes the wrapping method for new keys; empty chooses by what
	// the token can do.
	Wrapping WrapMethod
}

// InitTokenRequest asks to initialise a token on a free slot.
type InitTokenRequest struct {
	Label   string // 1 to 32 printable bytes, not yet in use
	SOPIN   *secret.Bytes
	UserPIN *secret.Bytes
}

// TokenInfo is what a token says of itself. A number that the token does not
// report is -1.
type TokenInfo struct {
	Label        string
	Serial       string
	Manufacturer string
	Model        string
	Hardware     string // version, "2.6"
	Firmware     string

	Initialized    bool
	UserPINSet     bool
	WriteProtected bool
	LoginRequired  bool
	HasRNG         bool

	// Hints of the token about failed PINs. Some tokens never set them; only
	// [ErrPINLocked] is certain.
	PINCountLow bool
	PINFinalTry bool
	PINLocked   bool
	MinPIN      int
	MaxPIN      int

	Sessions      int64
	MaxSessions   int64 // 0: no limit
	FreePrivate   int64 // bytes
	TotalPrivate  int64
	FreePublic    int64
	TotalPublic   int64
	Module        string // path of the module that shows this token
	ModuleVersion string // manufacturer, description and version of the library
}

// ID gives the name under which [Module.Open] finds the token again.
func (t TokenInfo) ID() TokenID { return TokenID{Label: t.Label, Serial: t.Serial} }

// MechanismInfo is one mechanism of a token.
type MechanismInfo struct {
	Type   uint   // CKM number
	Name   string // "AES_GCM", or "0x80000001" when this program has no name for it
	MinKey uint   // in the mechanism's own unit: bits or bytes
	MaxKey uint
	Flags  []string // "encrypt", "sign", "generate-key-pair", ...
}

// Capabilities is what Strongroom can do with a token.
type Capabilities struct {
	Wrapping WrapMethod      // the method that new wrapping keys get; empty: none
	KeyTypes []KeyType       // what GenerateKey can make, tried where a list cannot tell
	Signing  []SignMechanism // what Sign can do
	Random   bool            // the token has a random number generator
}

// ObjectInfo is one object of a token, Strongroom's or not.
type ObjectInfo struct {
	Class   string // "secret-key", "private-key", "public-key", "certificate", "data", or a number
	Label   string
	ID      string // hex of CKA_ID, any length
	KeyType string // "AES", "RSA", "EC", "EC-Edwards", ...; empty for what is no key
	Bits    int    // size of the key, 0 when not told
	Size    int64  // bytes in the token, -1 when not told

	Token, Private                 bool
	Sensitive, Extractable         bool
	AlwaysSensitive, NeverExtract  bool
	Local, Modifiable, Destroyable bool
}
