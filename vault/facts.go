package vault

import (
	"context"
	"time"

	"github.com/strongroom/strongroom/internal/fault"
)

// KeyFacts is what a token said of a key when it was made. They are stored
// once and never changed: what the token says later is held against them.
type KeyFacts struct {
	VersionID        string
	Recorded         time.Time
	TokenSerial      string
	Firmware         string
	KeyType          string // as package hsm names it
	Local            bool
	Private          bool
	Sensitive        bool
	AlwaysSensitive  bool
	Extractable      bool
	NeverExtractable bool
	Modifiable       bool
}

// ErrNoFacts says that nothing was recorded of a key: it was made before facts
// were kept, or is no HSM key.
var ErrNoFacts = fault.New(fault.NotFound, "nothing was recorded of this key when it was made", "a new version is recorded")

// KeyFacts gives what was recorded of a key's version, or [ErrNoFacts].
func (r Reader) KeyFacts(ctx context.Context, versionID string) (KeyFacts, error) {
	return one(ctx, r, func(s scanner) (f KeyFacts, err error) {
		err = s.Scan(&f.VersionID, when(&f.Recorded), &f.TokenSerial, &f.Firmware, &f.KeyType, &f.Local, &f.Private,
			&f.Sensitive, &f.AlwaysSensitive, &f.Extractable, &f.NeverExtractable, &f.Modifiable)
		return f, err
	}, ErrNoFacts, `SELECT version_id, recorded, token_serial, firmware, key_type, local, private, sensitive,
		always_sensitive, extractable, never_extractable, modifiable FROM hsm_facts WHERE version_id = ?`, versionID)
}

// RecordKeyFacts stores what the token said of a new key, once; a zero Recorded
// gets the current time.
func (tx *Tx) RecordKeyFacts(f KeyFacts) error {
	if f.Recorded.IsZero() {
		f.Recorded = tx.Now()
	}
	err := tx.exec(`INSERT INTO hsm_facts (version_id, recorded, token_serial, firmware, key_type, local, private,
		sensitive, always_sensitive, extractable, never_extractable, modifiable)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, f.VersionID, stamp(f.Recorded), f.TokenSerial, f.Firmware, f.KeyType,
		f.Local, f.Private, f.Sensitive, f.AlwaysSensitive, f.Extractable, f.NeverExtractable, f.Modifiable)
	return taken(err, "the facts of this key are recorded already", "")
}
