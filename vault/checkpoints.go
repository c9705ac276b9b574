package vault

import (
	"context"
	"time"

	"github.com/strongroom/strongroom/audit"
	"github.com/strongroom/strongroom/internal/fault"
)

// Checkpoint is a signed head of the log.
type Checkpoint struct {
	Size    int64
	Root    audit.Hash
	Note    []byte // the signed note, as it was made
	Created time.Time
}

// ErrNoCheckpoint says that the log was never signed.
var ErrNoCheckpoint = fault.New(fault.NotFound, "the log has no checkpoint yet", "one is made when an owner or a secret owner acts")

const checkpointColumns = `SELECT size, root, note, created FROM checkpoints `

// LastCheckpoint gives the checkpoint of the largest size, or
// [ErrNoCheckpoint].
func (r Reader) LastCheckpoint(ctx context.Context) (Checkpoint, error) {
	return one(ctx, r, scanCheckpoint, ErrNoCheckpoint, checkpointColumns+`ORDER BY size DESC LIMIT 1`)
}

// Checkpoints gives all checkpoints by size.
func (r Reader) Checkpoints(ctx context.Context) ([]Checkpoint, error) {
	return many(ctx, r, scanCheckpoint, checkpointColumns+`ORDER BY size`)
}

// PutCheckpoint stores a checkpoint. A second one of the same size and root
// changes nothing; one with another root is Tampered: the log forked.
func (tx *Tx) PutCheckpoint(c Checkpoint) error {
	if c.Created.IsZero() {
		c.Created = tx.Now()
	}
	// A trigger lets the first of a size stay.
	err := tx.exec(`INSERT INTO checkpoints (size, root, note, created) VALUES (?, ?, ?, ?)`, c.Size, c.Root[:], c.Note, stamp(c.Created))
	if err != nil {
		return err
	}
	stored, err := one(tx.ctx, tx.Reader, scanCheckpoint, ErrNoCheckpoint, checkpointColumns+`WHERE size = ?`, c.Size)
	if err == nil && stored.Root != c.Root {
		return fault.New(fault.Tampered, "two checkpoints of the same size disagree", "run strongroom audit verify")
	}
	return err
}

func scanCheckpoint(s scanner) (Checkpoint, error) {
	var c Checkpoint
	var root []byte
	if err := s.Scan(&c.Size, &root, &c.Note, when(&c.Created)); err != nil {
		return Checkpoint{}, err
	}
	copy(c.Root[:], root)
	return c, nil
}
