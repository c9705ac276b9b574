package audit

import (
	"context"
	"crypto/sha256"
	"math/bits"
	"slices"

	"github.com/strongroom/strongroom/internal/fault"
	"github.com/transparency-dev/merkle/compact"
	"golang.org/x/mod/sumdb/tlog"
)

// HashSize is the length of every hash in the log: SHA-256.
const HashSize = 32

// Hash is a node or root of the tree.
type Hash = [HashSize]byte

// LeafHash is the hash of an entry's bytes: SHA-256(0x00 || line), RFC 6962
// section 2.1.
func LeafHash(line []byte) Hash { return tlog.RecordHash(line) }

// nodeHash is SHA-256(0x01 || left || right), RFC 6962 section 2.1.
func nodeHash(left, right []byte) []byte {
	var in [1 + 2*HashSize]byte
	in[0] = 1
	copy(in[1:], left)
	copy(in[1+HashSize:], right)
	sum := sha256.Sum256(in[:])
	return sum[:]
}

// ranges is the one factory of compact ranges; ranges of different factories
// cannot be merged. It is never changed.
var ranges = &compact.RangeFactory{Hash: nodeHash}

// Tree is the state needed to append to a log: the roots of the perfect
// subtrees that cover it, at most 63 hashes. It is not safe for concurrent
// use; the log's single writer owns it. [Tree.Clone] is its savepoint.
type Tree struct {
	r *compact.Range
}

// NewTree gives the tree of an empty log.
func NewTree() *Tree { return &Tree{r: ranges.NewEmptyRange(0)} }

// Size is the number of entries.
func (t *Tree) Size() int64 { return int64(t.r.End()) }

// Append adds an entry's bytes and returns the hashes to store in its row:
// the leaf hash, then those of the subtrees that this entry completes, from
// the lowest level up, 32 bytes each. Row seq holds [HashesLen](seq) bytes.
func (t *Tree) Append(line []byte) ([]byte, error) { return t.appendHash(LeafHash(line)) }

func (t *Tree) appendHash(leaf Hash) ([]byte, error) {
	stored := make([]byte, 0, HashesLen(t.Size()))
	err := t.r.Append(leaf[:], func(_ compact.NodeID, hash []byte) {
		stored = append(stored, hash...)
	})
	if err != nil {
		return nil, fault.Wrap(err, fault.Internal, "the log's tree is inconsistent", "Open the installation again.")
	}
	return stored, nil
}

// Root is the root hash, RFC 6962 section 2.1; SHA-256 of nothing for an
// empty log.
func (t *Tree) Root() Hash {
	if t.r.End() == 0 {
		return sha256.Sum256(nil)
	}
	// The only error of GetRootHash is a range that does not begin at 0,
	// which no Tree has.
	root, _ := t.r.GetRootHash(nil)
	return Hash(root)
}

// Clone gives an independent copy: the state to return to when the
// transaction that appended is rolled back.
func (t *Tree) Clone() *Tree {
	r, err := ranges.NewRange(0, t.r.End(), slices.Clone(t.r.Hashes()))
	if err != nil {
		// The hashes are those of a range of the same size.
		panic("audit: impossible compact range: " + err.Error())
	}
	return &Tree{r: r}
}

// HashesLen is the number of bytes that row seq stores: one hash for the leaf
// and one for each subtree that it completes.
func HashesLen(seq int64) int {
	return HashSize * (1 + bits.TrailingZeros64(uint64(seq)+1))
}

// Restore rebuilds the tree of the first size entries from their stored
// hashes. It reads at most 63 rows and does not check them against the
// entries; [Verify] does.
func Restore(ctx context.Context, size int64, store HashStore) (*Tree, error) {
	if size < 0 {
		return nil, fault.New(fault.Invalid, "a log cannot have a negative size", "")
	}
	nodes := compact.RangeNodes(0, uint64(size), nil)
	places := make([]place, len(nodes))
	for i, n := range nodes {
		places[i] = placeOf(int(n.Level), int64(n.Index))
	}
	hashes, err := readPlaces(ctx, store, places)
	if err != nil {
		return nil, err
	}
	r, err := ranges.NewRange(0, uint64(size), asSlices(hashes))
	if err != nil {
		return nil, fault.Wrap(err, fault.Internal, "the log's tree is inconsistent", "")
	}
	return &Tree{r: r}, nil
}

func asSlices(hashes []tlog.Hash) [][]byte {
	out := make([][]byte, len(hashes))
	for i := range hashes {
		out[i] = hashes[i][:]
	}
	return out
}
