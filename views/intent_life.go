package views

import "time"

// OpenBin shows a vault's deleted objects.
type OpenBin struct{ Vault VaultRow }

// OpenAttributes shows the form for what may change on a version.
type OpenAttributes struct {
	Vault   VaultRow
	Object  ObjectDetail
	Version VersionRow
}

// Verb is what can be done to several objects at once.
type Verb uint8

// The verbs.
const (
	Delete Verb = iota
	Recover
	Enable
	Disable
)

// ChangeObjects does the same to each of some objects of one kind; the answer
// is [ObjectsChanged]. To enable and to disable takes a version, and the
// newest where there is none; to delete and to recover takes all versions.
type ChangeObjects struct {
	Verb Verb
	Refs []Ref
}

// ObjectsChanged answers [ChangeObjects]. Each object is an act of its own,
// so some may be done and others not.
type ObjectsChanged struct {
	Verb   Verb
	Done   []Ref
	Failed []Unchanged
	// Until is when what was deleted goes for good, the first of them.
	Until time.Time
}

// kind is that of the objects.
func (c ObjectsChanged) kind() Kind {
	if len(c.Done) > 0 {
		return c.Done[0].Kind
	}
	return c.Failed[0].Ref.Kind
}

// Unchanged is an object to which something was not done, and why.
type Unchanged struct {
	Ref Ref
	Err error
}

// LoadDeleted asks for a page of a vault's bin; the answer is [DeletedLoaded].
type LoadDeleted struct {
	Vault string
	Kind  Kind
	Query Query
}

// DeletedLoaded answers [LoadDeleted].
type DeletedLoaded struct {
	Kind    Kind
	Request uint64
	Page    Page[DeletedRow]
}

// Purge removes a deleted object for good; the answer is [Purged].
type Purge struct{ Ref Ref }

// Purged answers [Purge].
type Purged struct{ Ref Ref }

// SetAttributes changes attributes of a version; nil leaves a part as it is,
// and a zero time takes a date away. The answer is [AttributesSet].
type SetAttributes struct {
	Ref                Ref
	Enabled            *bool
	NotBefore, Expires *time.Time
	ContentType, Note  *string
	Tags               *map[string]string
}

// AttributesSet answers [SetAttributes].
type AttributesSet struct{ Ref Ref }

// RotateKey makes a new version like the newest one; the answer is [KeyRotated].
type RotateKey struct{ Ref Ref }

// KeyRotated answers [RotateKey]; Ref names the new version.
type KeyRotated struct{ Ref Ref }

// LoadKeyTruth asks the token what a key's version is; the answer is [KeyTruthLoaded].
type LoadKeyTruth struct{ Ref Ref }

// KeyTruthLoaded answers [LoadKeyTruth].
type KeyTruthLoaded struct {
	Ref   Ref
	Truth KeyTruth
}

func (OpenBin) intent()        {}
func (OpenAttributes) intent() {}
func (ChangeObjects) intent()  {}
func (LoadDeleted) intent()    {}
func (Purge) intent()          {}
func (SetAttributes) intent()  {}
func (RotateKey) intent()      {}
func (LoadKeyTruth) intent()   {}
