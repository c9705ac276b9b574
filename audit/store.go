package audit

import (
	"context"
	"fmt"

	"github.com/strongroom/strongroom/internal/fault"
	"golang.org/x/mod/sumdb/tlog"
)

// HashStore reads the hashes that [Tree.Append] returned.
type HashStore interface {
	// Hashes returns for each seq the bytes stored in that row, in the same
	// order. A seq may occur more than once. A row that is absent is an
	// error, fault.Tampered where the row should be there.
	Hashes(ctx context.Context, seqs []int64) ([][]byte, error)
}

// place is where a stored hash lies: the node at (level, index) was completed
// by, and is stored in, row ((index+1)<<level)-1, as its level-th hash.
type place struct {
	seq    int64
	offset int
}

func placeOf(level int, index int64) place {
	return place{seq: (index+1)<<level - 1, offset: HashSize * level}
}

func readPlaces(ctx context.Context, store HashStore, places []place) ([]tlog.Hash, error) {
	if len(places) == 0 {
		return nil, nil
	}
	seqs := make([]int64, len(places))
	for i, p := range places {
		seqs[i] = p.seq
	}
	rows, err := store.Hashes(ctx, seqs)
	if err != nil {
		return nil, err
	}
	if len(rows) != len(places) {
		return nil, fault.New(fault.Internal, "the log's storage gave the wrong number of rows", "")
	}
	hashes := make([]tlog.Hash, len(places))
	for i, p := range places {
		if len(rows[i]) != HashesLen(p.seq) {
			return nil, badHashes(p.seq)
		}
		hashes[i] = tlog.Hash(rows[i][p.offset : p.offset+HashSize])
	}
	return hashes, nil
}

func badHashes(seq int64) error {
	return fault.New(fault.Tampered, fmt.Sprintf("the stored hashes of entry %d are damaged", seq),
		"Run strongroom audit verify.")
}

// hashReader feeds the proof algorithms of package tlog from a store.
func hashReader(ctx context.Context, store HashStore) tlog.HashReader {
	return tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		places := make([]place, len(indexes))
		for i, x := range indexes {
			places[i] = placeOf(tlog.SplitStoredHashIndex(x))
		}
		return readPlaces(ctx, store, places)
	})
}
