package views

import (
	"time"

	"github.com/strongroom/strongroom/internal/secret"
	"github.com/strongroom/strongroom/keys"
)

// OpenObject shows an object with its versions.
type OpenObject struct {
	Vault VaultRow
	Kind  Kind
	Name  string
}

// OpenNewSecret shows the form for a secret, or for a new version when Name is set.
type OpenNewSecret struct {
	Vault VaultRow
	Name  string
}

// OpenNewKey shows the form for a key.
type OpenNewKey struct{ Vault VaultRow }

// OpenNewCertificate shows the form for a self-signed certificate.
type OpenNewCertificate struct{ Vault VaultRow }

// OpenSign shows the panel that signs with a key.
type OpenSign struct {
	Vault VaultRow
	Key   ObjectDetail
}

// OpenVerify shows the panel that checks a signature.
type OpenVerify struct {
	Vault VaultRow
	Key   ObjectDetail
}

// LoadObjects asks for a page of a vault's objects; the answer is [ObjectsLoaded].
type LoadObjects struct {
	Vault string
	Kind  Kind
	Query Query
}

// ObjectsLoaded answers [LoadObjects].
type ObjectsLoaded struct {
	Kind    Kind
	Request uint64
	Page    Page[ObjectRow]
}

// LoadObject asks for an object with its versions; the answer is [ObjectLoaded].
type LoadObject struct{ Ref Ref }

// ObjectLoaded answers [LoadObject].
type ObjectLoaded struct{ Object ObjectDetail }

// SetSecret writes a secret or a new version of one; the answer is
// [ObjectSaved]. Either Value or File is set.
type SetSecret struct {
	Ref         Ref
	Value       *secret.Bytes
	File        string
	ContentType string
	NotBefore   time.Time
	Expires     time.Time
	Disabled    bool
}

// GenerateSecret is [SetSecret] with a value that is made on the way in and
// shown to nobody; the answer is [ObjectSaved].
type GenerateSecret struct {
	Ref         Ref
	Recipe      Recipe
	ContentType string
	Expires     time.Time
	Disabled    bool
}

// Recipe says how a value is made: words with a separator between them, or
// else characters of the chosen classes.
type Recipe struct {
	Length                        int
	Lower, Upper, Digits, Symbols bool
	Words                         int
	Separator                     string
}

// CreateKey makes a key; the answer is [ObjectSaved].
type CreateKey struct {
	Ref      Ref
	Spec     keys.Spec
	Expires  time.Time
	Disabled bool
}

// CreateCertificate makes a self-signed certificate with its key; the answer is [ObjectSaved].
type CreateCertificate struct {
	Ref      Ref
	Subject  string
	DNSNames []string
	Spec     keys.Spec
	Months   int
}

// ObjectSaved answers the intents that write an object.
type ObjectSaved struct {
	Ref Ref
	// New is false when a version was added to what was there.
	New bool
	// Bits is the entropy of a value that was generated, else 0.
	Bits float64
}

// Reveal asks for a secret's value, to show it for a while; the answer is [Revealed].
type Reveal struct{ Ref Ref }

// Revealed carries a value. The screen that gets it wipes it.
type Revealed struct {
	Ref   Ref
	Value *secret.Bytes
	Now   time.Time
}

// CopyValue puts a secret's value on the clipboard of the person's terminal
// without showing it; the answer is [Copied].
type CopyValue struct{ Ref Ref }

// CopyText puts text that is no secret on the clipboard.
type CopyText struct{ What, Text string }

// Copied says that the terminal was asked to take a copy; whether it did,
// nobody can know.
type Copied struct {
	What string
	// Clears is how long until it is overwritten; 0 is never.
	Clears time.Duration
}

// SaveText writes text that is no secret into a new file; the answer is [FileSaved].
type SaveText struct{ Path, Text string }

// FileSaved answers [SaveText].
type FileSaved struct{ Path string }

// Sign asks for a signature over a text or a file; the answer is [Signed].
type Sign struct {
	Ref       Ref
	Algorithm keys.Algorithm
	Text      *secret.Bytes
	File      string
}

// Signed answers [Sign]. Signature is base64url without padding.
type Signed struct {
	Ref       Ref
	Algorithm keys.Algorithm
	Signature string
}

// Verify asks whether a signature is valid; the answer is [Verified].
type Verify struct {
	Ref       Ref
	Algorithm keys.Algorithm
	Text      *secret.Bytes
	File      string
	Signature string
}

// Verified answers [Verify].
type Verified struct {
	Ref       Ref
	Algorithm keys.Algorithm
	Valid     bool
}

func (OpenObject) intent()         {}
func (OpenNewSecret) intent()      {}
func (OpenNewKey) intent()         {}
func (OpenNewCertificate) intent() {}
func (OpenSign) intent()           {}
func (OpenVerify) intent()         {}
func (LoadObjects) intent()        {}
func (LoadObject) intent()         {}
func (SetSecret) intent()          {}
func (GenerateSecret) intent()     {}
func (CreateKey) intent()          {}
func (CreateCertificate) intent()  {}
func (Reveal) intent()             {}
func (CopyValue) intent()          {}
func (CopyText) intent()           {}
func (SaveText) intent()           {}
func (Sign) intent()               {}
func (Verify) intent()             {}
