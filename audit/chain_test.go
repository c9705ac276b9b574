package audit

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/strongroom/strongroom/internal/fault"
)

const testOrigin = "strongroom.test/5f0c1a52-7c1e-4f0e-9d52-3a4b5c6d7e8f"

// softSigner is the log key in memory, where the product has an HSM.
type softSigner struct{ key *ecdsa.PrivateKey }

func newSigner(t testing.TB) softSigner {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return softSigner{key}
}

func (s softSigner) Public() *ecdsa.PublicKey { return &s.key.PublicKey }

func (s softSigner) SignDigest(_ context.Context, digest []byte) ([]byte, error) {
	return ecdsa.SignASN1(rand.Reader, s.key, digest)
}

// testDraft is the act number i of a small, plausible history.
func testDraft(i int) Draft {
	return Draft{
		ID:           fmt.Sprintf("018f3c1e-0000-7000-8000-%012d", i),
		Installation: "5f0c1a52-7c1e-4f0e-9d52-3a4b5c6d7e8f",
		Actor:        Party{ID: "7d1b", Name: "mira.lindqvist"},
		Session:      "s-41",
		Source:       SourceCLI,
		Action:       "secrets/set",
		Resource:     Target{Vault: "payments-prod", Kind: "secret", Name: "stripe-api-key", Version: "9f"},
		Outcome:      Done,
		Params:       map[string]string{"content-type": "text/plain", "tags": `{"team":"pay & go"}`},
	}
}

var testStart = time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)

type chainRow struct {
	seq           int64
	entry, hashes []byte
}

// chain is a log as it lies in a database, with what was signed of it. It is
// a Source and a HashStore.
type chain struct {
	t      testing.TB
	signer softSigner
	rows   []chainRow
	want   Expect
}

// newChain builds a log of n entries, one a second.
func newChain(t testing.TB, n int) *chain {
	t.Helper()
	s := newSigner(t)
	c := &chain{t: t, signer: s, want: Expect{Origin: testOrigin, Key: s.Public()}}
	for i := range n {
		c.put(int64(i), testStart.Add(time.Duration(i)*time.Second), testDraft(i))
	}
	c.rehash()
	return c
}

func (c *chain) put(seq int64, at time.Time, d Draft) {
	line, _, err := Encode(seq, at, d)
	if err != nil {
		c.t.Fatal(err)
	}
	c.rows = append(c.rows, chainRow{seq: seq, entry: line})
}

// rehash makes every stored hash fit the entries, as whoever may write to the
// database can.
func (c *chain) rehash() {
	tree := NewTree()
	for i := range c.rows {
		hashes, err := tree.Append(c.rows[i].entry)
		if err != nil {
			c.t.Fatal(err)
		}
		c.rows[i].hashes = hashes
	}
}

func (c *chain) rootAt(size int64) Hash {
	tree := NewTree()
	for _, r := range c.rows[:size] {
		if _, err := tree.Append(r.entry); err != nil {
			c.t.Fatal(err)
		}
	}
	return tree.Root()
}

// sign adds checkpoints at these sizes.
func (c *chain) sign(sizes ...int64) {
	for _, size := range sizes {
		note, err := SignCheckpoint(c.t.Context(), testOrigin, size, c.rootAt(size), c.signer)
		if err != nil {
			c.t.Fatal(err)
		}
		c.want.Checkpoints = append(c.want.Checkpoints, note)
	}
}

// anchor remembers the head at this size.
func (c *chain) anchor(size int64, where string) {
	c.want.Anchors = append(c.want.Anchors, Anchor{Where: where, Size: size, Root: c.rootAt(size)})
}

func (c *chain) Size(context.Context) (int64, error) {
	if len(c.rows) == 0 {
		return 0, nil
	}
	return c.rows[len(c.rows)-1].seq + 1, nil
}

// Walk hands out the same two buffers for every row, as a database driver may.
func (c *chain) Walk(ctx context.Context, from int64, f func(int64, []byte, []byte) error) error {
	var entry, hashes []byte
	for _, r := range c.rows {
		if r.seq < from {
			continue
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		entry, hashes = append(entry[:0], r.entry...), append(hashes[:0], r.hashes...)
		if err := f(r.seq, entry, hashes); err != nil {
			return err
		}
	}
	return nil
}

func (c *chain) Hashes(_ context.Context, seqs []int64) ([][]byte, error) {
	out := make([][]byte, len(seqs))
	for i, seq := range seqs {
		j := slices.IndexFunc(c.rows, func(r chainRow) bool { return r.seq == seq })
		if j < 0 {
			return nil, fault.New(fault.Tampered, fmt.Sprintf("entry %d is missing", seq), "")
		}
		out[i] = c.rows[j].hashes
	}
	return out, nil
}

// The tampers, each what somebody with write access to the file could do.

// editByte flips one bit of a stored entry, inside the actor's name.
func (c *chain) editByte(seq int) {
	line := bytes.Clone(c.rows[seq].entry)
	line[bytes.Index(line, []byte("lindqvist"))] ^= 1
	c.rows[seq].entry = line
}

// blame replaces an entry by a well-formed one that names somebody else.
func (c *chain) blame(seq int) {
	d := testDraft(seq)
	d.Actor = Party{ID: "0000", Name: "somebody.else"}
	line, _, err := Encode(int64(seq), testStart.Add(time.Duration(seq)*time.Second), d)
	if err != nil {
		c.t.Fatal(err)
	}
	c.rows[seq].entry = line
}

// fixLeaf stores the leaf hash that fits the entry, and leaves the rest.
func (c *chain) fixLeaf(seq int) {
	leaf := LeafHash(c.rows[seq].entry)
	c.rows[seq].hashes = append(leaf[:], c.rows[seq].hashes[HashSize:]...)
}

func (c *chain) drop(from, to int) { c.rows = slices.Delete(c.rows, from, to+1) }

func (c *chain) truncate(size int) { c.rows = c.rows[:size] }

// swapRows exchanges two rows whole, keeping their places.
func (c *chain) swapRows(a, b int) {
	c.swapEntries(a, b)
	c.rows[a].hashes, c.rows[b].hashes = c.rows[b].hashes, c.rows[a].hashes
}

func (c *chain) swapEntries(a, b int) {
	c.rows[a].entry, c.rows[b].entry = c.rows[b].entry, c.rows[a].entry
}
