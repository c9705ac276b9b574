package vault

import (
	"context"
	"time"

	"github.com/strongroom/strongroom/internal/fault"
)

// Installation is what one home directory is. ID, Created and Demo are set
// once and never change.
type Installation struct {
	ID             string // UUID
	Created        time.Time
	Demo           bool
	LogKeyID       string // the HSM's id of the key that signs checkpoints
	LogKey         []byte // its public half, DER SubjectPublicKeyInfo
	IdentityMaster string // the HSM's id of the master key that seals TOTP seeds
	TokenLabel     string
	TokenSerial    string
}

// ErrNoInstallation says that the database was made but not set up.
var ErrNoInstallation = fault.New(fault.NotFound, "this installation is not set up yet", "finish the set-up first")

// Installation gives the installation's facts, or [ErrNoInstallation].
func (r Reader) Installation(ctx context.Context) (Installation, error) {
	return one(ctx, r, scanInstallation, ErrNoInstallation, `SELECT id, created, demo, log_key_id, log_key,
		identity_master, token_label, token_serial FROM installation WHERE one = 1`)
}

// CreateInstallation records the installation's facts, once.
func (tx *Tx) CreateInstallation(i Installation) error {
	err := tx.exec(`INSERT INTO installation (one, id, created, demo, log_key_id, log_key, identity_master,
		token_label, token_serial) VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?)`,
		i.ID, stamp(i.Created), i.Demo, i.LogKeyID, i.LogKey, i.IdentityMaster, i.TokenLabel, i.TokenSerial)
	return taken(err, "this installation is already set up", "open it instead")
}

func scanInstallation(s scanner) (Installation, error) {
	var i Installation
	err := s.Scan(&i.ID, when(&i.Created), &i.Demo, &i.LogKeyID, &i.LogKey, &i.IdentityMaster,
		&i.TokenLabel, &i.TokenSerial)
	return i, err
}
