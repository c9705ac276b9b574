package vault

import (
	"context"
	"database/sql"
	"errors"

	"github.com/strongroom/strongroom/audit"
	"github.com/strongroom/strongroom/internal/fault"
)

// Log is the stored log as it was when it was asked for: entries that come
// later are not in it. It is the source and the hash store of package audit.
type Log struct {
	r    Reader
	size int64
}

var (
	_ audit.Source    = (*Log)(nil)
	_ audit.HashStore = (*Log)(nil)
)

// Log gives the log up to its present end.
func (r Reader) Log(ctx context.Context) (*Log, error) {
	size, err := r.LogSize(ctx)
	return &Log{r, size}, err
}

// LogSize gives one more than the log's highest number.
func (r Reader) LogSize(ctx context.Context) (int64, error) {
	return r.number(ctx, `SELECT coalesce(max(seq) + 1, 0) FROM log`)
}

// Size implements [audit.Source].
func (l *Log) Size(context.Context) (int64, error) { return l.size, nil }

// Hashes implements [audit.HashStore].
func (l *Log) Hashes(ctx context.Context, seqs []int64) ([][]byte, error) {
	return hashStore{l.r}.Hashes(ctx, seqs)
}

// Tree gives the log's tree, restored from the stored hashes.
func (l *Log) Tree(ctx context.Context) (*audit.Tree, error) { return audit.Restore(ctx, l.size, l) }

// Walk implements [audit.Source]. The slices are valid until f returns.
func (l *Log) Walk(ctx context.Context, from int64, f func(seq int64, entry, hashes []byte) error) error {
	rows, err := l.r.q.query(ctx, `SELECT seq, entry, hashes FROM log WHERE seq >= ? AND seq < ? ORDER BY seq`,
		from, l.size)
	if err != nil {
		return l.r.q.failed(err)
	}
	stop, err := walk(rows, f)
	err = errors.Join(err, rows.Close())
	if stop != nil {
		return stop
	}
	return l.r.q.failed(err)
}

// walk calls f for every row. stop is f's own error.
func walk(rows *sql.Rows, f func(seq int64, entry, hashes []byte) error) (stop, err error) {
	var seq int64
	var entry, hashes sql.RawBytes
	for rows.Next() {
		if err := rows.Scan(&seq, &entry, &hashes); err != nil {
			return nil, err
		}
		if stop := f(seq, entry, hashes); stop != nil {
			return stop, nil
		}
	}
	return nil, rows.Err()
}

// hashStore reads the tree's hashes beside the entries.
type hashStore struct{ r Reader }

// Hashes implements [audit.HashStore].
func (h hashStore) Hashes(ctx context.Context, seqs []int64) ([][]byte, error) {
	all := make([][]byte, len(seqs))
	for i, seq := range seqs {
		missing := fault.New(fault.Tampered, "an entry of the log is missing", "run strongroom audit verify")
		hashes, err := one(ctx, h.r, scanBlob, missing, `SELECT hashes FROM log WHERE seq = ?`, seq)
		if err != nil {
			return nil, err
		}
		all[i] = hashes
	}
	return all, nil
}
