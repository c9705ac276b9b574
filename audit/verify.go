package audit

import (
	"bytes"
	"context"
	"fmt"
	"slices"

	"github.com/strongroom/strongroom/internal/fault"
)

// Verify reads the whole log once and proves it against itself and against
// what was expected: every entry decodes, carries the number of its row and
// no earlier time than the one before; every stored hash follows from the
// entries; every checkpoint is signed by the log's key; and the log had the
// root of every checkpoint and anchor at its size and is no shorter.
//
// A log that does not hold is fault.Tampered, naming the first entry
// concerned; the result lists up to [MaxFindings] findings. Errors of the
// source are returned as they are. Entries that are appended during the
// verification are not looked at. progress, which may be nil, is called from
// this goroutine with the number of entries done.
func Verify(ctx context.Context, src Source, want Expect, progress func(done, total int64)) (Result, error) {
	heads, findings, err := readHeads(ctx, want)
	if err != nil {
		return Result{}, err
	}
	size, err := src.Size(ctx)
	if err != nil {
		return Result{}, err
	}
	v := &verifier{size: size, tree: NewTree(), heads: heads, progress: progress}
	v.checkHeads()
	if err := v.readAll(ctx, src); err != nil {
		return v.result(), err
	}
	v.findings = append(v.findings, cutTail(heads, size)...)
	v.findings = append(v.findings, findings...)
	return v.result(), v.verdict()
}

// verifier takes rows in order and remembers what it must compare them with.
type verifier struct {
	size     int64
	tree     *Tree
	heads    []head // not yet reached, ordered by size
	agreed   int64  // the largest size at which a head agreed
	lost     bool   // the tree no longer is the one that was signed
	found    Result // counts and times
	findings []Finding
	progress func(done, total int64)
}

func (v *verifier) readAll(ctx context.Context, src Source) error {
	rows := readRows(ctx, src, v.size)
	whole := true
	for b := range rows.order {
		<-b.ready
		var err error
		if whole, err = v.takeBatch(b); err != nil {
			_ = rows.close() // stopped on purpose
			return err
		}
		if !whole {
			break
		}
		rows.recycle(b)
		v.report()
	}
	err := rows.close()
	if c := canceled(ctx); c != nil {
		return c
	}
	if !whole {
		return nil // the walk was stopped on purpose
	}
	if err == nil {
		v.missing(v.size)
	}
	return err
}

func (v *verifier) report() {
	if v.progress != nil {
		v.progress(v.tree.Size(), v.size)
	}
}

// takeBatch gives false when a row is not where it must be: nothing behind it
// can be judged.
func (v *verifier) takeBatch(b *batch) (bool, error) {
	for i := range b.rows {
		r := &b.rows[i]
		switch next := v.tree.Size(); {
		case r.seq > next:
			v.missing(r.seq)
			return false, nil
		case r.seq < next:
			v.add(r.seq, "entry %d is there twice", r.seq)
			return false, nil
		}
		if err := v.take(r, b.hashes(r)); err != nil {
			return false, err
		}
	}
	return true, nil
}

// missing records that the rows up to, not including, seq are absent.
func (v *verifier) missing(seq int64) {
	switch next := v.tree.Size(); {
	case seq == next:
	case seq == next+1:
		v.add(next, "entry %d is missing", next)
	default:
		v.add(next, "entries %d to %d are missing", next, seq-1)
	}
}

// take judges one row and appends it to the tree. Where the entry does not
// have the hash that was stored for it, the stored one is appended: if that
// still leads to the signed roots, it is proven that this entry was changed
// and that the others were not.
func (v *verifier) take(r *row, stored []byte) error {
	leaf := r.leaf
	if len(stored) >= HashSize {
		leaf = Hash(stored[:HashSize])
	}
	v.judge(r, leaf, len(stored))
	computed, err := v.tree.appendHash(leaf)
	if err != nil {
		return err
	}
	if len(stored) == len(computed) && !v.lost {
		v.compare(r.seq, computed, stored)
	}
	v.checkHeads()
	return nil
}

// judge looks at the row alone and at the time of the last sound one before.
func (v *verifier) judge(r *row, kept Hash, stored int) {
	switch {
	case r.leaf != kept:
		v.add(r.seq, "entry %d was changed", r.seq)
	case !r.decoded:
		v.add(r.seq, "entry %d is not a log entry", r.seq)
	case r.says != r.seq:
		v.add(r.seq, "entry %d was replaced by entry %d", r.seq, r.says)
	case stored != HashesLen(r.seq):
		v.add(r.seq, "the stored hashes of entry %d are damaged", r.seq)
	case r.time < v.found.Last:
		v.add(r.seq, "entry %d is older than the entry before it", r.seq)
	default:
		v.sound(r)
	}
}

func (v *verifier) sound(r *row) {
	if r.seq == 0 {
		v.found.First = r.time
	}
	v.found.Last = r.time
}

// compare holds the hashes that follow from the entries against those that
// were stored with the row, from the lowest level up.
func (v *verifier) compare(seq int64, computed, stored []byte) {
	if bytes.Equal(computed, stored) {
		return
	}
	level := 0
	for bytes.Equal(computed[level*HashSize:][:HashSize], stored[level*HashSize:][:HashSize]) {
		level++
	}
	v.lost = true
	first := seq + 1 - 1<<level
	// An entry that was swapped in already has its finding.
	if !v.blamed(first, seq) {
		v.add(first, "entries %d to %d do not match their stored hash", first, seq)
	}
}

// blamed reports whether an entry from first to last already has a finding.
func (v *verifier) blamed(first, last int64) bool {
	return slices.ContainsFunc(v.findings, func(f Finding) bool {
		return f.Seq >= first && f.Seq <= last
	})
}

// checkHeads compares the tree's root with every head of its size. Only if
// all of them agree is the log taken for proven up to here.
func (v *verifier) checkHeads() {
	var here []head
	for len(v.heads) > 0 && v.heads[0].size == v.tree.Size() {
		here, v.heads = append(here, v.heads[0]), v.heads[1:]
	}
	if len(here) == 0 || v.lost {
		return
	}
	root := v.tree.Root()
	for _, h := range here {
		if h.root != root {
			v.rewritten(h)
			return
		}
	}
	for _, h := range here {
		v.agree(h)
	}
}

func (v *verifier) agree(h head) {
	v.agreed = h.size
	if !h.checkpoint {
		v.found.Anchors++
		return
	}
	v.found.Checkpoints++
	v.found.Signed = h.size
}

// rewritten records that the entries since the last head that agreed are not
// those that h covers, though their hashes were made to fit.
func (v *verifier) rewritten(h head) {
	v.lost = true
	switch last := h.size - 1; {
	case h.size == 0:
		v.add(0, "%s at size 0 is not that of an empty log", h.by)
	case v.agreed == last:
		v.add(last, "entry %d is not the one that %s at size %d covers", last, h.by, h.size)
	default:
		v.add(v.agreed, "entries %d to %d are not those that %s at size %d covers", v.agreed, last, h.by, h.size)
	}
}

// add records a finding about an entry. Entries come in order, so the ones
// left out beyond the limit are the later ones.
func (v *verifier) add(seq int64, format string, args ...any) {
	if len(v.findings) >= MaxFindings {
		return
	}
	v.findings = append(v.findings, Finding{Seq: seq, Problem: fmt.Sprintf(format, args...)})
}

func (v *verifier) result() Result {
	r := v.found
	r.Size, r.Root = v.tree.Size(), v.tree.Root()
	r.Findings = slices.Clone(v.findings[:min(len(v.findings), MaxFindings)])
	return r
}

func (v *verifier) verdict() error {
	if len(v.findings) == 0 {
		return nil
	}
	return fault.New(fault.Tampered, v.findings[0].Problem,
		"Keep this database as evidence, and compare it with a backup or an exported copy of the log.")
}
