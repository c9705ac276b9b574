package audit

import (
	"context"
	"crypto/ecdsa"
)

// Source reads a whole log in order, for [Verify].
type Source interface {
	// Size is the number of entries the log claims to have: one more than
	// its highest seq.
	Size(ctx context.Context) (int64, error)
	// Walk calls f for every row from seq from on, in ascending order, with
	// the exact bytes stored. The slices are valid until f returns. An error
	// of f ends the walk and is returned as it is.
	Walk(ctx context.Context, from int64, f func(seq int64, entry, hashes []byte) error) error
}

// Anchor is a head of the log that was kept where the database's owner could
// not change it.
type Anchor struct {
	// Where says who remembers it, as the subject of a sentence: "the HSM's
	// anchor", "this computer's keyring".
	Where string
	Size  int64
	Root  Hash
}

// Expect is what a log is held against. Read it before the log's size is
// read: a log may grow, but never behind its anchors.
type Expect struct {
	// Origin is the log's name in its checkpoints.
	Origin string
	// Key is the log's public key. It may be nil if there is no checkpoint.
	Key *ecdsa.PublicKey
	// Checkpoints are signed notes, in any order.
	Checkpoints [][]byte
	Anchors     []Anchor
}

// Finding is one thing that is wrong with a log.
type Finding struct {
	// Seq is the first entry concerned, or -1 where it is no entry's fault.
	Seq int64
	// Problem is one line for a person.
	Problem string
}

// Result is what a verification saw. It is filled in as far as the
// verification came, also when the log is not sound.
type Result struct {
	// Size and Root are those of the entries read.
	Size int64
	Root Hash
	// Signed is the size of the largest checkpoint that agrees with the log.
	// Entries from there on are not proven by a signature: not signed yet, or
	// behind a place where the log no longer is the one that was signed.
	Signed int64
	// Checkpoints and Anchors count those that agree with the log.
	Checkpoints int
	Anchors     int
	// First and Last are the times of the first and the last entry.
	First, Last string
	// Findings come in the order in which they showed while reading from the
	// first entry on, at most [MaxFindings] of them.
	Findings []Finding
}
