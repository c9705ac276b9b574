package audit_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"fmt"
	"time"

	"github.com/strongroom/strongroom/audit"
)

// memory is the smallest storage a log can have.
type memory struct{ entries, hashes [][]byte }

func (m *memory) Size(context.Context) (int64, error) { return int64(len(m.entries)), nil }

func (m *memory) Walk(_ context.Context, from int64, f func(seq int64, entry, hashes []byte) error) error {
	for seq := from; seq < int64(len(m.entries)); seq++ {
		if err := f(seq, m.entries[seq], m.hashes[seq]); err != nil {
			return err
		}
	}
	return nil
}

func (m *memory) Hashes(_ context.Context, seqs []int64) ([][]byte, error) {
	rows := make([][]byte, len(seqs))
	for i, seq := range seqs {
		rows[i] = m.hashes[seq]
	}
	return rows, nil
}

// token stands for the HSM.
type token struct{ key *ecdsa.PrivateKey }

func (t token) Public() *ecdsa.PublicKey { return &t.key.PublicKey }

func (t token) SignDigest(_ context.Context, digest []byte) ([]byte, error) {
	return ecdsa.SignASN1(rand.Reader, t.key, digest)
}

// A log is written, its head signed, one entry proven to a stranger, and then
// somebody changes a byte.
func Example() {
	ctx := context.Background()
	const origin = "strongroom.example/5f0c1a52"
	at := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)

	store, tree := &memory{}, audit.NewTree()
	for i := range 5 {
		line, entry, _ := audit.Encode(tree.Size(), at.Add(time.Duration(i)*time.Minute), audit.Draft{
			ID: fmt.Sprintf("act-%d", i), Installation: "5f0c1a52", Actor: audit.Party{Name: "mira"},
			Source: audit.SourceCLI, Action: "secrets/get", Outcome: audit.Done,
		})
		hashes, _ := tree.Append(line)
		store.entries, store.hashes = append(store.entries, line), append(store.hashes, hashes)
		fmt.Println(entry.Seq, entry.Time, entry.Action)
	}

	key, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	note, _ := audit.SignCheckpoint(ctx, origin, tree.Size(), tree.Root(), token{key})
	checkpoint, _ := audit.OpenCheckpoint(note, origin, &key.PublicKey)
	proof, _ := audit.ProveInclusion(ctx, store, checkpoint.Size, 3)
	fmt.Println("entry 3 is in the log:", audit.CheckInclusion(proof, checkpoint.Size, checkpoint.Root, 3, store.entries[3]) == nil)

	want := audit.Expect{Origin: origin, Key: &key.PublicKey, Checkpoints: [][]byte{note}}
	result, err := audit.Verify(ctx, store, want, nil)
	fmt.Println(result.Size, "entries,", result.Signed, "signed, error:", err)

	store.entries[3][len(store.entries[3])/2] ^= 1
	_, err = audit.Verify(ctx, store, want, nil)
	fmt.Println(err)
	// Output:
	// 0 2026-11-23T08:00:00.000000000Z secrets/get
	// 1 2026-11-23T08:01:00.000000000Z secrets/get
	// 2 2026-11-23T08:02:00.000000000Z secrets/get
	// 3 2026-11-23T08:03:00.000000000Z secrets/get
	// 4 2026-11-23T08:04:00.000000000Z secrets/get
	// entry 3 is in the log: true
	// 5 entries, 5 signed, error: <nil>
	// entry 3 was changed
}
