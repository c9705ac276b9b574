package vault

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/strongroom/strongroom/internal/fault"
)

// Attributes are what may change on a version after it was made.
type Attributes struct {
	Enabled     bool
	NotBefore   time.Time // zero: at once
	Expires     time.Time // zero: never
	ContentType string
	Tags        map[string]string
}

// Version is one version of an object, without its sealed record. Fields that
// a kind has no use for are empty.
type Version struct {
	ID       string // 32 lower-case hex digits
	ObjectID string
	Ordinal  int // counts from 1 within the object
	Created  time.Time
	Updated  time.Time
	Attributes
	Protection  string   // software, hsm, or empty where nothing is kept
	KeyType     string   // a key's kty, as Azure writes it
	Bits        int      // an RSA or oct key's size
	Curve       string   // an EC or OKP key's curve
	Operations  []string // a key's key_ops
	PublicKey   []byte   // DER SubjectPublicKeyInfo
	HSMKeyID    string   // the HSM's id of a key that is used in place
	Master      int      // the vault's master key that wraps the record; 0 where there is none
	Certificate []byte   // DER
	Thumbprint  string
	KeyVersion  string // a certificate's key: the id of its version
}

// ErrNoVersion and ErrNoRecord say what is absent.
var (
	ErrNoVersion = fault.New(fault.NotFound, "there is no such version", "list-versions shows the versions")
	ErrNoRecord  = fault.New(fault.NotFound, "this version keeps no value here", "its key lies in the HSM and never leaves it")
)

const versionColumns = `v.id, v.object_id, v.ordinal, v.created, v.updated, v.enabled, v.not_before, v.expires,
	v.content_type, v.tags, v.protection, v.kty, v.bits, v.curve, v.key_ops, v.hsm_key_id, v.master, v.thumbprint,
	v.key_version, v.public_key, v.certificate`

const versionSelect = `SELECT ` + versionColumns + ` FROM versions v `

// Version gives one version of an object, or [ErrNoVersion].
func (r Reader) Version(ctx context.Context, objectID, versionID string) (Version, error) {
	return one(ctx, r, scanVersion, ErrNoVersion, versionSelect+`WHERE v.id = ? AND v.object_id = ?`,
		versionID, objectID)
}

// VersionByID gives a version wherever it is, or [ErrNoVersion]: the key of a
// certificate, for one.
func (r Reader) VersionByID(ctx context.Context, versionID string) (Version, error) {
	return one(ctx, r, scanVersion, ErrNoVersion, versionSelect+`WHERE v.id = ?`, versionID)
}

// Versions gives an object's versions, newest first: at most limit of those
// with an ordinal below before; 0 means from the newest, and [DefaultPage].
func (r Reader) Versions(ctx context.Context, objectID string, before, limit int) ([]Version, error) {
	return many(ctx, r, scanVersion, versionSelect+`WHERE v.object_id = ? AND (? = 0 OR v.ordinal < ?)
		ORDER BY v.ordinal DESC LIMIT ?`, objectID, before, before, pageSize(limit))
}

// Record gives a version's sealed record, for [Unseal]; [ErrNoRecord] where
// there is none.
func (r Reader) Record(ctx context.Context, versionID string) ([]byte, error) {
	record, err := one(ctx, r, scanBlob, ErrNoVersion, `SELECT record FROM versions WHERE id = ?`, versionID)
	if err == nil && len(record) == 0 {
		return nil, ErrNoRecord
	}
	return record, err
}

// NewVersionID gives a fresh version id: 32 random hex digits. A record is
// sealed to it before the version is stored.
func (db *DB) NewVersionID() (string, error) { return db.w.newVersionID() }

func (w *writer) newVersionID() (string, error) {
	w.random.Lock()
	defer w.random.Unlock()
	var id [16]byte
	if _, err := io.ReadFull(w.options.Rand, id[:]); err != nil {
		return "", fault.Wrap(err, fault.Unavailable, "there is no randomness", "check the system's random source")
	}
	return hex.EncodeToString(id[:]), nil
}

// AddVersion stores a version with its sealed record (nil for none) and makes
// it the object's current one. Ordinal and Updated are set here; an empty ID
// gets a fresh one, a zero Created the current time.
func (tx *Tx) AddVersion(v Version, record []byte) (Version, error) {
	if err := v.check(); err != nil {
		return Version{}, err
	}
	if err := tx.place(&v); err != nil {
		return Version{}, err
	}
	if err := tx.insertVersion(v, record); err != nil {
		return Version{}, taken(err, "there is already a version with this id", "try again")
	}
	return v, tx.showCurrent(v.ObjectID, v.ID, v.Expires, v.Updated)
}

// place gives a new version its id, its time and its number.
func (tx *Tx) place(v *Version) (err error) {
	if v.ID == "" {
		if v.ID, err = tx.w.newVersionID(); err != nil {
			return err
		}
	}
	if v.Created.IsZero() {
		v.Created = tx.Now()
	}
	v.Updated = v.Created
	n, err := tx.number(`SELECT coalesce(max(ordinal), 0) + 1 FROM versions WHERE object_id = ?`, v.ObjectID)
	v.Ordinal = int(n)
	return err
}

func (tx *Tx) insertVersion(v Version, record []byte) error {
	tags, err := json.Marshal(v.tagsOrNone())
	if err != nil {
		return fault.Wrap(err, fault.Invalid, "the tags cannot be stored", "use plain text")
	}
	return tx.exec(`INSERT INTO versions (id, object_id, ordinal, created, updated, enabled, not_before, expires,
		content_type, tags, protection, kty, bits, curve, key_ops, hsm_key_id, master, thumbprint, key_version,
		public_key, certificate, record) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		v.ID, v.ObjectID, v.Ordinal, stamp(v.Created), stamp(v.Updated), v.Enabled, stamp(v.NotBefore),
		stamp(v.Expires), v.ContentType, string(tags), v.Protection, v.KeyType, v.Bits, v.Curve,
		strings.Join(v.Operations, " "), v.HSMKeyID, v.Master, v.Thumbprint, textOrNull(v.KeyVersion),
		v.PublicKey, v.Certificate, record)
}

// SetAttributes replaces a version's attributes.
func (tx *Tx) SetAttributes(versionID string, a Attributes) (Version, error) {
	if err := a.check(); err != nil {
		return Version{}, err
	}
	tags, err := json.Marshal(a.tagsOrNone())
	if err != nil {
		return Version{}, fault.Wrap(err, fault.Invalid, "the tags cannot be stored", "use plain text")
	}
	now := tx.Now()
	err = tx.changeOne(ErrNoVersion, `UPDATE versions SET enabled = ?, not_before = ?, expires = ?, content_type = ?,
		tags = ?, updated = ? WHERE id = ?`, a.Enabled, stamp(a.NotBefore), stamp(a.Expires), a.ContentType,
		string(tags), stamp(now), versionID)
	if err != nil {
		return Version{}, err
	}
	err = tx.exec(`UPDATE objects SET expires_key = ?, updated = ? WHERE current_version = ?`,
		expiresKey(a.Expires), stamp(now), versionID)
	if err != nil {
		return Version{}, err
	}
	return tx.VersionByID(tx.ctx, versionID)
}

func (v *Version) check() error {
	if raw, err := hex.DecodeString(v.ID); v.ID != "" && (err != nil || len(raw) != 16 || strings.ToLower(v.ID) != v.ID) {
		return fault.New(fault.Invalid, "the version's id is not 32 lower-case hex digits", "")
	}
	return v.Attributes.check()
}

func (a *Attributes) check() error {
	if len(a.Tags) > MaxTags {
		return fault.New(fault.Invalid, "there are more than 15 tags", "take some away")
	}
	for name, value := range a.Tags {
		if name == "" || tooLong(name, MaxTagLength) || tooLong(value, MaxTagLength) {
			return fault.New(fault.Invalid, "a tag is longer than 256 characters, has no name or is no text", "shorten the tag")
		}
	}
	if tooLong(a.ContentType, MaxContentType) {
		return fault.New(fault.Invalid, "the content type is longer than 255 characters or is no text", "shorten it")
	}
	if !a.NotBefore.IsZero() && !a.Expires.IsZero() && !a.NotBefore.Before(a.Expires) {
		return fault.New(fault.Invalid, "the version would expire before it begins", "let the expiry be after the not-before date")
	}
	return nil
}

func tooLong(s string, limit int) bool {
	return !utf8.ValidString(s) || utf8.RuneCountInString(s) > limit
}

func (a *Attributes) tagsOrNone() map[string]string {
	if a.Tags == nil {
		return map[string]string{}
	}
	return a.Tags
}

func textOrNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// SetOperations replaces a key version's key_ops; the caller has checked them.
func (tx *Tx) SetOperations(versionID string, ops []string) error {
	return tx.changeOne(ErrNoVersion, `UPDATE versions SET key_ops = ? WHERE id = ?`, strings.Join(ops, " "), versionID)
}
