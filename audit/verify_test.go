package audit

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/strongroom/strongroom/internal/fault"
)

// Every way of changing the log that we could think of, with the exact
// sentence that the auditor reads. All logs have 57 entries, checkpoints at
// 16, 32 and 57, and the HSM's anchor at 57.
func TestTamperedLogIsNamed(t *testing.T) {
	for _, tt := range []struct {
		name    string
		tamper  func(*chain)
		verdict string
		signed  int64 // how far the log is still proven
	}{
		{
			"one byte of one entry is changed",
			func(c *chain) { c.editByte(17) },
			"entry 17 was changed", 57,
		},
		{
			"two entries are changed: the first is named",
			func(c *chain) { c.editByte(40); c.editByte(3) },
			"entry 3 was changed", 57,
		},
		{
			"an entry is replaced by one that is well-formed",
			func(c *chain) { c.blame(17) },
			"entry 17 was changed", 57,
		},
		{
			"an entry is changed together with its leaf hash",
			func(c *chain) { c.blame(17); c.fixLeaf(17) },
			"entries 16 to 17 do not match their stored hash", 16,
		},
		{
			"an entry is changed and every hash is made to fit: only a signature tells",
			func(c *chain) { c.blame(17); c.rehash() },
			"entries 16 to 31 are not those that a signed checkpoint at size 32 covers", 16,
		},
		{
			"the last entry is changed and every hash is made to fit",
			func(c *chain) { c.sign(56); c.blame(56); c.rehash() },
			"entry 56 is not the one that a signed checkpoint at size 57 covers", 56,
		},
		{
			"only the anchor is left to tell that history was rewritten",
			func(c *chain) { c.want.Checkpoints = nil; c.blame(17); c.rehash() },
			"entries 0 to 56 are not those that the HSM's anchor at size 57 covers", 0,
		},
		{
			"a row is deleted",
			func(c *chain) { c.drop(17, 17) },
			"entry 17 is missing", 16,
		},
		{
			"several rows are deleted",
			func(c *chain) { c.drop(17, 19) },
			"entries 17 to 19 are missing", 16,
		},
		{
			"the first row is deleted",
			func(c *chain) { c.drop(0, 0) },
			"entry 0 is missing", 0,
		},
		{
			"a row is deleted, the others move up and every hash is made to fit",
			func(c *chain) {
				c.drop(17, 17)
				for i := range c.rows {
					c.rows[i].seq = int64(i)
				}
				c.rehash()
			},
			"entry 17 was replaced by entry 18", 16,
		},
		{
			"two rows change places",
			func(c *chain) { c.swapRows(3, 7) },
			"entry 3 was replaced by entry 7", 0,
		},
		{
			"two entries change places, their hashes do not",
			func(c *chain) { c.swapEntries(3, 7) },
			"entry 3 was changed", 57,
		},
		{
			"a row is there twice",
			func(c *chain) { c.rows = append(c.rows[:18], c.rows[17:]...) },
			"entry 17 is there twice", 16,
		},
		{
			"the tail is cut",
			func(c *chain) { c.truncate(40) },
			"the log has 40 entries, but a signed checkpoint says 57", 32,
		},
		{
			"the database is rolled back to an older copy, checkpoints and all",
			func(c *chain) { c.truncate(40); c.want.Checkpoints = c.want.Checkpoints[:2] },
			"the log has 40 entries, but the HSM's anchor says 57", 32,
		},
		{
			"nothing but the first entry is left",
			func(c *chain) { c.truncate(1); c.want.Checkpoints = nil },
			"the log has 1 entry, but the HSM's anchor says 57", 0,
		},
		{
			"the log is emptied",
			func(c *chain) { c.truncate(0); c.want.Checkpoints = nil },
			"the log has 0 entries, but the HSM's anchor says 57", 0,
		},
		{
			"the log is forked: another history is written and signed after a roll-back",
			func(c *chain) {
				c.want.Checkpoints = c.want.Checkpoints[:2]
				for i := 40; i < 57; i++ {
					c.blame(i)
				}
				c.rehash()
				c.sign(57)
			},
			"entries 32 to 56 are not those that the HSM's anchor at size 57 covers", 32,
		},
		{
			"the log's key signed two histories: the other one was shown to somebody",
			func(c *chain) {
				other := *c
				other.rows = append([]chainRow(nil), c.rows...)
				other.blame(50)
				other.rehash()
				other.sign(57)
				c.want.Checkpoints = other.want.Checkpoints
			},
			"the log's key signed two different logs of 57 entries", 32,
		},
		{
			"a checkpoint is forged with another key",
			func(c *chain) {
				real := c.signer
				c.signer = newSigner(c.t)
				c.sign(20)
				c.signer = real
			},
			"checkpoint 4 of 4 is not signed by this log's key", 57,
		},
		{
			"a checkpoint's size is changed",
			func(c *chain) {
				forged := strings.Replace(string(c.want.Checkpoints[1]), "\n32\n", "\n33\n", 1)
				c.want.Checkpoints[1] = []byte(forged)
			},
			"checkpoint 2 of 3 is not signed by this log's key", 57,
		},
		{
			"the hashes of a row are cut",
			func(c *chain) { c.rows[7].hashes = c.rows[7].hashes[:HashSize] },
			"the stored hashes of entry 7 are damaged", 57,
		},
		{
			"the hashes of a row are gone",
			func(c *chain) { c.rows[7].hashes = nil },
			"the stored hashes of entry 7 are damaged", 57,
		},
		{
			"an inner stored hash is changed",
			func(c *chain) { c.rows[7].hashes[2*HashSize] ^= 1 },
			"entries 4 to 7 do not match their stored hash", 0,
		},
		{
			"a leaf hash is changed",
			func(c *chain) { c.rows[9].hashes[0] ^= 1 },
			"entry 9 was changed", 0,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := newChain(t, 57)
			c.sign(16, 32, 57)
			c.anchor(57, "the HSM's anchor")
			tt.tamper(c)
			got, err := Verify(t.Context(), c, c.want, nil)
			wantVerdict(t, got, err, tt.verdict)
			if got.Signed != tt.signed {
				t.Errorf("proven up to %d, want %d; findings: %v", got.Signed, tt.signed, got.Findings)
			}
		})
	}
}

func wantVerdict(t *testing.T, got Result, err error, verdict string) {
	t.Helper()
	if fault.KindOf(err) != fault.Tampered || fault.Problem(err) != verdict {
		t.Fatalf("verdict: %v\nwant: %s", err, verdict)
	}
	if fault.Hint(err) == "" {
		t.Error("the verdict has no hint")
	}
	if len(got.Findings) == 0 || got.Findings[0].Problem != verdict {
		t.Errorf("findings: %v", got.Findings)
	}
}

// Faults that nobody could have put into a signed log but its own writer.
func TestUnsoundButConsistentLogIsNamed(t *testing.T) {
	for _, tt := range []struct {
		name    string
		tamper  func(*chain)
		verdict string
	}{
		{
			"the clock went back and the writer let it",
			func(c *chain) {
				line, _, _ := Encode(5, testStart, testDraft(5))
				c.rows[5].entry = line
			},
			"entry 5 is older than the entry before it",
		},
		{
			"a line that is no entry was appended",
			func(c *chain) { c.rows[5].entry = []byte(`{"hello":"world"}`) },
			"entry 5 is not a log entry",
		},
		{
			"an entry of another size than any can have",
			func(c *chain) { c.rows[5].entry = []byte(strings.Repeat("x", 1<<20)); c.rehash(); c.fixLeaf(5) },
			"entry 5 was changed",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := newChain(t, 9)
			tt.tamper(c)
			c.rehash()
			got, err := Verify(t.Context(), c, c.want, nil)
			wantVerdict(t, got, err, tt.verdict)
		})
	}
}

func TestSoundLogVerifies(t *testing.T) {
	for _, n := range []int{0, 1, 2, 3, 57, batchRows - 1, batchRows, batchRows + 1, 3*batchRows + 5} {
		c := newChain(t, n)
		c.sign(0, int64(n/2), int64(n))
		c.anchor(int64(n), "the HSM's anchor")
		c.anchor(int64(n/3), "this computer's keyring")
		var last int64
		got, err := Verify(t.Context(), c, c.want, func(done, total int64) {
			if done <= last || total != int64(n) {
				t.Errorf("progress %d of %d after %d", done, total, last)
			}
			last = done
		})
		if err != nil {
			t.Fatalf("%d entries: %v", n, err)
		}
		if got.Size != int64(n) || got.Root != c.rootAt(int64(n)) || got.Signed != int64(n) ||
			got.Checkpoints != 3 || got.Anchors != 2 || last != int64(n) {
			t.Errorf("%d entries: %+v, progress ended at %d", n, got, last)
		}
		if n == 57 && (got.First != "2026-11-23T08:00:00.000000000Z" || got.Last != "2026-11-23T08:00:56.000000000Z") {
			t.Errorf("times: %s to %s", got.First, got.Last)
		}
	}
}

// A log without checkpoint or anchor can only be held against itself, and the
// result says so.
func TestUnsignedLogIsNotCalledSigned(t *testing.T) {
	c := newChain(t, 10)
	got, err := Verify(t.Context(), c, Expect{}, nil)
	if err != nil || got.Signed != 0 || got.Checkpoints != 0 {
		t.Errorf("%+v, %v", got, err)
	}
	c.sign(4)
	got, err = Verify(t.Context(), c, c.want, nil)
	if err != nil || got.Signed != 4 {
		t.Errorf("%+v, %v", got, err)
	}
}

// An anchor that was never right accuses nobody: it is named itself.
func TestAnchorOfAnEmptyLogMustBeThatOfNothing(t *testing.T) {
	c := newChain(t, 3)
	c.want.Anchors = []Anchor{{Where: "the HSM's anchor", Size: 0, Root: Hash{1}}}
	got, err := Verify(t.Context(), c, c.want, nil)
	wantVerdict(t, got, err, "the HSM's anchor at size 0 is not that of an empty log")
}

// growing is a log to which somebody appends while it is verified.
type growing struct{ *chain }

func (g growing) Size(context.Context) (int64, error) { return 10, nil }

func TestEntriesAppendedMeanwhileAreNotLookedAt(t *testing.T) {
	c := newChain(t, 30)
	c.editByte(12)
	c.sign(10)
	got, err := Verify(t.Context(), growing{c}, c.want, nil)
	if err != nil || got.Size != 10 || got.Signed != 10 {
		t.Errorf("%+v, %v", got, err)
	}
}

// shrunk claims more rows than it has.
type shrunk struct{ *chain }

func (s shrunk) Size(context.Context) (int64, error) { return 12, nil }

func TestRowsThatAreClaimedMustBeThere(t *testing.T) {
	got, err := Verify(t.Context(), shrunk{newChain(t, 10)}, Expect{}, nil)
	wantVerdict(t, got, err, "entries 10 to 11 are missing")
}

func TestFindingsAreBounded(t *testing.T) {
	c := newChain(t, 200)
	for i := range 200 {
		c.editByte(i)
	}
	for range 200 {
		c.want.Checkpoints = append(c.want.Checkpoints, []byte("forged"))
	}
	got, err := Verify(t.Context(), c, c.want, nil)
	wantVerdict(t, got, err, "entry 0 was changed")
	if len(got.Findings) != MaxFindings {
		t.Errorf("%d findings", len(got.Findings))
	}
}

// failing is a disk that gives up at row 300.
type failing struct {
	*chain
	err error
}

func (f failing) Walk(ctx context.Context, from int64, g func(int64, []byte, []byte) error) error {
	return f.chain.Walk(ctx, from, func(seq int64, entry, hashes []byte) error {
		if seq == 300 {
			return f.err
		}
		return g(seq, entry, hashes)
	})
}

func TestSourceErrorIsNotATamperVerdict(t *testing.T) {
	broken := fault.New(fault.Unavailable, "the disk does not answer", "")
	got, err := Verify(t.Context(), failing{newChain(t, 1000), broken}, Expect{}, nil)
	if !errors.Is(err, broken) || got.Size != batchRows {
		t.Errorf("%v after %d entries", err, got.Size)
	}
}

func TestVerificationCanBeStopped(t *testing.T) {
	c := newChain(t, 20*batchRows)
	ctx, stop := context.WithCancel(t.Context())
	got, err := Verify(ctx, c, Expect{}, func(int64, int64) { stop() })
	if fault.KindOf(err) != fault.Canceled || got.Size == 20*batchRows {
		t.Errorf("%v after %d entries", err, got.Size)
	}
}

func TestUnusableExpectationIsRefused(t *testing.T) {
	c := newChain(t, 3)
	c.sign(3)
	for name, want := range map[string]Expect{
		"no key":          {Origin: testOrigin, Checkpoints: c.want.Checkpoints},
		"no origin":       {Key: c.want.Key, Checkpoints: c.want.Checkpoints},
		"negative anchor": {Anchors: []Anchor{{Where: "the HSM's anchor", Size: -1}}},
	} {
		if _, err := Verify(t.Context(), c, want, nil); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func BenchmarkVerify(b *testing.B) {
	const n = 1 << 16
	c := newChain(b, n)
	c.sign(n)
	start := time.Now()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Verify(b.Context(), c, c.want, nil); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(n)*float64(b.N)/time.Since(start).Seconds(), "entries/s")
}
