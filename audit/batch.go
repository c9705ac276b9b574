package audit

import (
	"context"
	"crypto/sha256"
	"errors"
	"runtime"
	"sync"
)

// batchRows is how many rows travel together: enough that handing over costs
// nothing, few enough that progress is smooth and memory small.
const batchRows = 256

// batch is a run of rows on its way from the source through a worker, which
// hashes and decodes, to the verifier, which puts them in order.
type batch struct {
	rows []row
	// bytes holds the rows' bytes: for each its entry behind a zero byte,
	// which is the leaf hash's prefix, then its stored hashes.
	bytes []byte
	ready chan struct{}
}

// row is one row and what a worker found out about it.
type row struct {
	seq        int64
	start, mid int // in bytes: the zero byte, the first stored hash
	end        int
	leaf       Hash
	decoded    bool
	says       int64 // the seq inside the entry
	time       string
}

// add copies a row. Of an entry or hashes longer than any can be, one byte
// too many is enough to refuse them by, and memory stays bounded.
func (b *batch) add(seq int64, entry, hashes []byte) {
	entry = entry[:min(len(entry), MaxEntry+1)]
	hashes = hashes[:min(len(hashes), 64*HashSize+1)]
	start := len(b.bytes)
	b.bytes = append(b.bytes, 0)
	b.bytes = append(b.bytes, entry...)
	mid := len(b.bytes)
	b.bytes = append(b.bytes, hashes...)
	b.rows = append(b.rows, row{seq: seq, start: start, mid: mid, end: len(b.bytes)})
}

func (b *batch) hashes(r *row) []byte { return b.bytes[r.mid:r.end] }

// examine does what needs no other row.
func (b *batch) examine() {
	for i := range b.rows {
		r := &b.rows[i]
		r.leaf = sha256.Sum256(b.bytes[r.start:r.mid])
		e, err := Decode(b.bytes[r.start+1 : r.mid])
		r.decoded, r.says, r.time = err == nil, e.Seq, e.Time
	}
	close(b.ready)
}

var errEnough = errors.New("all rows were read")

// rowReader walks a source in one goroutine, lets the workers examine the
// rows in others, and hands out the batches in order.
type rowReader struct {
	order chan *batch
	work  chan *batch
	spare sync.Pool
	wg    sync.WaitGroup
	stop  context.CancelFunc
	err   error // of the walk; read it after order is closed
}

// readRows starts reading rows 0 to size-1. The caller ranges over order,
// waits for each batch's ready, gives it back with recycle, and calls close.
func readRows(ctx context.Context, src Source, size int64) *rowReader {
	ctx, stop := context.WithCancel(ctx)
	workers := runtime.GOMAXPROCS(0)
	r := &rowReader{
		order: make(chan *batch, 4*workers),
		work:  make(chan *batch, 4*workers),
		stop:  stop,
	}
	r.spare.New = func() any { return &batch{rows: make([]row, 0, batchRows)} }
	r.wg.Go(func() {
		defer close(r.order)
		defer close(r.work)
		r.err = r.walk(ctx, src, size)
	})
	for range workers {
		r.wg.Go(func() {
			for b := range r.work {
				b.examine()
			}
		})
	}
	return r
}

func (r *rowReader) walk(ctx context.Context, src Source, size int64) error {
	if size == 0 {
		return nil
	}
	b := r.fresh()
	err := src.Walk(ctx, 0, func(seq int64, entry, hashes []byte) error {
		if seq >= size {
			return errEnough
		}
		b.add(seq, entry, hashes)
		if len(b.rows) < batchRows && seq < size-1 {
			return nil
		}
		full := b
		b = r.fresh()
		return r.send(ctx, full)
	})
	if err == nil || errors.Is(err, errEnough) {
		return r.send(ctx, b)
	}
	return err
}

func (r *rowReader) send(ctx context.Context, b *batch) error {
	if len(b.rows) == 0 {
		return nil
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case r.order <- b:
	}
	// Never blocks for long: workers only stop when work is closed.
	r.work <- b
	return nil
}

func (r *rowReader) fresh() *batch {
	b := r.spare.Get().(*batch)
	b.rows, b.bytes, b.ready = b.rows[:0], b.bytes[:0], make(chan struct{})
	return b
}

func (r *rowReader) recycle(b *batch) { r.spare.Put(b) }

// close stops the walk if it still runs and waits for every goroutine.
func (r *rowReader) close() error {
	r.stop()
	for range r.order {
		// A walk that is sending goes on, and then sees that it is stopped.
	}
	r.wg.Wait()
	return r.err
}
