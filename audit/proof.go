package audit

import (
	"context"
	"fmt"

	"github.com/strongroom/strongroom/internal/fault"
	"golang.org/x/mod/sumdb/tlog"
)

// Proof is a list of hashes from the lowest level up: an audit path (RFC 6962
// section 2.1.1) or a consistency proof (section 2.1.2).
type Proof []Hash

// RootAt computes the root of the first size entries from stored hashes.
func RootAt(ctx context.Context, store HashStore, size int64) (Hash, error) {
	if size < 0 {
		return Hash{}, fault.New(fault.Invalid, "a log cannot have a negative size", "")
	}
	root, err := tlog.TreeHash(size, hashReader(ctx, store))
	if err != nil {
		return Hash{}, storeError(err)
	}
	return Hash(root), nil
}

// ProveInclusion proves that entry seq is in the log of the given size.
func ProveInclusion(ctx context.Context, store HashStore, size, seq int64) (Proof, error) {
	if seq < 0 || seq >= size {
		return nil, fault.New(fault.Invalid, fmt.Sprintf("entry %d is not in a log of %d entries", seq, size),
			fmt.Sprintf("Entries are numbered from 0 to %d.", size-1))
	}
	p, err := tlog.ProveRecord(size, seq, hashReader(ctx, store))
	if err != nil {
		return nil, storeError(err)
	}
	return fromTlog(p), nil
}

// CheckInclusion checks that the entry with these bytes is number seq of the
// log with this size and root. A proof that fails is fault.Tampered.
func CheckInclusion(p Proof, size int64, root Hash, seq int64, line []byte) error {
	if err := tlog.CheckRecord(toTlog(p), size, tlog.Hash(root), seq, tlog.Hash(LeafHash(line))); err != nil {
		return fault.Wrap(err, fault.Tampered, fmt.Sprintf("entry %d is not proven to be in the log", seq),
			"The entry, the proof or the checkpoint was changed, or they do not belong together.")
	}
	return nil
}

// ProveConsistency proves that the log of size newSize begins with the log of
// size oldSize. The proof from an empty log is empty.
func ProveConsistency(ctx context.Context, store HashStore, oldSize, newSize int64) (Proof, error) {
	if oldSize < 0 || oldSize > newSize {
		return nil, fault.New(fault.Invalid,
			fmt.Sprintf("a log of %d entries cannot begin with %d entries", newSize, oldSize), "Give the smaller size first.")
	}
	if oldSize == 0 {
		return nil, nil
	}
	p, err := tlog.ProveTree(newSize, oldSize, hashReader(ctx, store))
	if err != nil {
		return nil, storeError(err)
	}
	return fromTlog(p), nil
}

// CheckConsistency checks that the log with newSize and newRoot begins with
// the log with oldSize and oldRoot: nothing was changed or removed since. A
// proof that fails is fault.Tampered.
func CheckConsistency(p Proof, newSize int64, newRoot Hash, oldSize int64, oldRoot Hash) error {
	if oldSize == 0 && newSize >= 0 {
		if len(p) == 0 && oldRoot == NewTree().Root() {
			return nil
		}
		return notConsistent(nil, oldSize, newSize)
	}
	err := tlog.CheckTree(toTlog(p), newSize, tlog.Hash(newRoot), oldSize, tlog.Hash(oldRoot))
	if err != nil {
		return notConsistent(err, oldSize, newSize)
	}
	return nil
}

func notConsistent(err error, oldSize, newSize int64) error {
	return fault.Wrap(err, fault.Tampered,
		fmt.Sprintf("the log of %d entries does not continue the log of %d entries", newSize, oldSize),
		"The log was rewritten, or the proof and the checkpoints do not belong together.")
}

// storeError keeps a fault of the store and dresses what package tlog says.
func storeError(err error) error {
	if k := fault.KindOf(err); k != fault.Internal {
		return err
	}
	return fault.Wrap(err, fault.Internal, "the log's hashes cannot be read", "")
}

func fromTlog(hashes []tlog.Hash) Proof {
	p := make(Proof, len(hashes))
	for i, h := range hashes {
		p[i] = Hash(h)
	}
	return p
}

func toTlog(p Proof) []tlog.Hash {
	hashes := make([]tlog.Hash, len(p))
	for i, h := range p {
		hashes[i] = tlog.Hash(h)
	}
	return hashes
}
