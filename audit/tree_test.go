package audit

import (
	"bytes"
	"context"
	"encoding/hex"
	"testing"

	"github.com/strongroom/strongroom/internal/fault"
	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
)

// The leaves and roots of Certificate Transparency's reference tree, as in
// transparency-dev/merkle testonly/constants.go.
var (
	referenceLeaves = []string{
		"", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
	}
	referenceRoots = []string{
		"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
		"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
		"fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
		"aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
		"d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
		"4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
		"76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
		"ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
		"5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
	}
)

func TestReferenceTree(t *testing.T) {
	tree := NewTree()
	for i, want := range referenceRoots {
		root := tree.Root()
		if got := hex.EncodeToString(root[:]); got != want || tree.Size() != int64(i) {
			t.Errorf("root of %d leaves: %s, want %s", i, got, want)
		}
		if i == len(referenceLeaves) {
			break
		}
		leaf, err := hex.DecodeString(referenceLeaves[i])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := tree.Append(leaf); err != nil {
			t.Fatal(err)
		}
	}
}

// A database transaction that is rolled back takes its entries out of the
// tree: the clone made before is as if they had never been.
func TestCloneIsASavepoint(t *testing.T) {
	for size := range 20 {
		c := newChain(t, size)
		tree, err := Restore(t.Context(), int64(size), c)
		if err != nil {
			t.Fatal(err)
		}
		saved := tree.Clone()
		for range 5 {
			if _, err := tree.Append([]byte("rolled back")); err != nil {
				t.Fatal(err)
			}
		}
		if saved.Size() != int64(size) || saved.Root() != c.rootAt(int64(size)) {
			t.Fatalf("the clone of %d entries changed", size)
		}
		stored, err := saved.Append([]byte("kept"))
		if err != nil || len(stored) != HashesLen(int64(size)) {
			t.Fatalf("%d hash bytes, %v", len(stored), err)
		}
	}
}

// A tree restored from stored hashes goes on exactly like the one that wrote
// them.
func TestRestoreContinuesTheTree(t *testing.T) {
	c := newChain(t, 70)
	for size := range int64(70) {
		tree, err := Restore(t.Context(), size, c)
		if err != nil {
			t.Fatal(err)
		}
		root, err := RootAt(t.Context(), c, size)
		if err != nil || root != tree.Root() || root != c.rootAt(size) {
			t.Fatalf("root at %d: %x, %v", size, root, err)
		}
		stored, err := tree.Append(c.rows[size].entry)
		if err != nil || !bytes.Equal(stored, c.rows[size].hashes) {
			t.Fatalf("hashes of entry %d differ: %v", size, err)
		}
	}
}

func TestRestoreRefuses(t *testing.T) {
	c := newChain(t, 9)
	if _, err := Restore(t.Context(), -1, c); fault.KindOf(err) != fault.Invalid {
		t.Errorf("negative size: %v", err)
	}
	if _, err := RootAt(t.Context(), c, -1); fault.KindOf(err) != fault.Invalid {
		t.Errorf("negative size: %v", err)
	}
	if _, err := Restore(t.Context(), 10, c); fault.KindOf(err) != fault.Tampered {
		t.Errorf("missing row: %v", err)
	}
	c.rows[7].hashes = c.rows[7].hashes[:HashSize]
	if _, err := Restore(t.Context(), 9, c); fault.Problem(err) != "the stored hashes of entry 7 are damaged" {
		t.Errorf("cut hashes: %v", err)
	}
	if _, err := Restore(t.Context(), 9, noRows{}); fault.KindOf(err) != fault.Internal {
		t.Errorf("store without rows: %v", err)
	}
}

type noRows struct{}

func (noRows) Hashes(context.Context, []int64) ([][]byte, error) { return nil, nil }

// Every proof of every log up to 40 entries, checked by this package and by
// an independent verifier.
func TestProofs(t *testing.T) {
	const n = 40
	c := newChain(t, n)
	for size := int64(1); size <= n; size++ {
		for seq := range size {
			p, err := ProveInclusion(t.Context(), c, size, seq)
			if err != nil {
				t.Fatal(err)
			}
			checkInclusionTwice(t, c, p, size, seq)
		}
		for old := int64(0); old <= size; old++ {
			p, err := ProveConsistency(t.Context(), c, old, size)
			if err != nil {
				t.Fatal(err)
			}
			checkConsistencyTwice(t, c, p, old, size)
		}
	}
}

func checkInclusionTwice(t *testing.T, c *chain, p Proof, size, seq int64) {
	t.Helper()
	root, line := c.rootAt(size), c.rows[seq].entry
	if err := CheckInclusion(p, size, root, seq, line); err != nil {
		t.Fatal(err)
	}
	leaf := LeafHash(line)
	err := proof.VerifyInclusion(rfc6962.DefaultHasher, uint64(seq), uint64(size), leaf[:], slicesOf(p), root[:])
	if err != nil {
		t.Fatal(err)
	}
}

func checkConsistencyTwice(t *testing.T, c *chain, p Proof, old, size int64) {
	t.Helper()
	oldRoot, root := c.rootAt(old), c.rootAt(size)
	if err := CheckConsistency(p, size, root, old, oldRoot); err != nil {
		t.Fatal(err)
	}
	err := proof.VerifyConsistency(rfc6962.DefaultHasher, uint64(old), uint64(size), slicesOf(p), oldRoot[:], root[:])
	if err != nil {
		t.Fatal(err)
	}
}

func slicesOf(p Proof) [][]byte {
	out := make([][]byte, len(p))
	for i := range p {
		out[i] = p[i][:]
	}
	return out
}

func TestFalseProofsAreRefused(t *testing.T) {
	c := newChain(t, 13)
	ctx := t.Context()
	in, err := ProveInclusion(ctx, c, 13, 5)
	if err != nil {
		t.Fatal(err)
	}
	con, err := ProveConsistency(ctx, c, 6, 13)
	if err != nil {
		t.Fatal(err)
	}
	root, line := c.rootAt(13), c.rows[5].entry
	changed := func(p Proof) Proof {
		q := append(Proof(nil), p...)
		q[1][0] ^= 1
		return q
	}
	for name, err := range map[string]error{
		"another entry":           CheckInclusion(in, 13, root, 5, c.rows[6].entry),
		"another place":           CheckInclusion(in, 13, root, 6, line),
		"another size":            CheckInclusion(in, 7, root, 5, line),
		"another root":            CheckInclusion(in, 13, c.rootAt(12), 5, line),
		"changed hash":            CheckInclusion(changed(in), 13, root, 5, line),
		"short":                   CheckInclusion(in[1:], 13, root, 5, line),
		"outside":                 CheckInclusion(in, 13, root, 13, line),
		"negative":                CheckInclusion(in, 13, root, -1, line),
		"consistency, other old":  CheckConsistency(con, 13, root, 6, c.rootAt(5)),
		"consistency, other new":  CheckConsistency(con, 13, c.rootAt(12), 6, c.rootAt(6)),
		"consistency, changed":    CheckConsistency(changed(con), 13, root, 6, c.rootAt(6)),
		"consistency, backwards":  CheckConsistency(con, 6, c.rootAt(6), 13, root),
		"consistency, empty root": CheckConsistency(nil, 13, root, 0, root),
		"consistency, extra hash": CheckConsistency(con, 13, root, 0, c.rootAt(0)),
		"consistency, negative":   CheckConsistency(con, 13, root, -1, root),
	} {
		if fault.KindOf(err) != fault.Tampered {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestProofsOfWhatIsNotThereAreRefused(t *testing.T) {
	c := newChain(t, 3)
	for _, tt := range []struct{ size, seq int64 }{{3, 3}, {3, -1}, {0, 0}, {-1, -2}} {
		if _, err := ProveInclusion(t.Context(), c, tt.size, tt.seq); fault.KindOf(err) != fault.Invalid {
			t.Errorf("inclusion %v: %v", tt, err)
		}
	}
	for _, tt := range []struct{ old, size int64 }{{3, 2}, {-1, 2}} {
		if _, err := ProveConsistency(t.Context(), c, tt.old, tt.size); fault.KindOf(err) != fault.Invalid {
			t.Errorf("consistency %v: %v", tt, err)
		}
	}
	if _, err := ProveInclusion(t.Context(), c, 5, 1); fault.KindOf(err) != fault.Tampered {
		t.Errorf("missing rows: %v", err)
	}
	if _, err := ProveInclusion(t.Context(), noRows{}, 5, 1); fault.KindOf(err) != fault.Internal {
		t.Errorf("broken store: %v", err)
	}
}

func BenchmarkAppend(b *testing.B) {
	tree, line := NewTree(), []byte("entry")
	for b.Loop() {
		if _, err := tree.Append(line); err != nil {
			b.Fatal(err)
		}
	}
}
