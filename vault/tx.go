package vault

import (
	"context"
	"database/sql"
	"time"

	"github.com/google/uuid"
	"github.com/strongroom/strongroom/audit"
	"github.com/strongroom/strongroom/internal/fault"
)

// Tx is one change in progress. It reads its own writes. It belongs to the
// function that [DB.Write] called, in that goroutine, until it returns.
type Tx struct {
	Reader
	w *writer
	// ctx carries the caller's values but not their cancellation: SQLite
	// answers an interrupted write by rolling back the whole transaction,
	// other people's changes included.
	ctx context.Context
	// before is the tree as it was when the change began, set by the first
	// Append.
	before *audit.Tree
	last   time.Time
	// broken is set when SQLite may have ended the transaction by itself, or
	// when the change is over: no statement runs any more.
	broken error
}

var errOver = fault.New(fault.Internal, "a change was used after it was over", "")

func newTx(ctx context.Context, w *writer) *Tx {
	tx := &Tx{w: w, ctx: context.WithoutCancel(ctx), last: w.last}
	tx.Reader = Reader{tx}
	return tx
}

// Now is the present time, in UTC.
func (tx *Tx) Now() time.Time { return tx.w.options.Now().UTC() }

// query implements source with the change's own context.
func (tx *Tx) query(_ context.Context, text string, args ...any) (*sql.Rows, error) {
	if tx.broken != nil {
		return nil, tx.broken
	}
	stmt, err := tx.w.prepare(tx.ctx, text)
	if err != nil {
		return nil, err
	}
	return stmt.QueryContext(tx.ctx, args...)
}

func (tx *Tx) failed(err error) error {
	mapped := mapError(err)
	if tx.broken == nil && fatal(err) {
		tx.broken = mapped
	}
	return mapped
}

// change runs a statement and gives the number of rows it changed.
func (tx *Tx) change(text string, args ...any) (int64, error) {
	if tx.broken != nil {
		return 0, tx.broken
	}
	stmt, err := tx.w.prepare(tx.ctx, text)
	if err != nil {
		return 0, tx.failed(err)
	}
	result, err := stmt.ExecContext(tx.ctx, args...)
	if err != nil {
		return 0, tx.failed(err)
	}
	n, err := result.RowsAffected()
	return n, tx.failed(err)
}

// exec runs a statement.
func (tx *Tx) exec(text string, args ...any) error {
	_, err := tx.change(text, args...)
	return err
}

// changeOne runs a statement that must change a row, or gives missing.
func (tx *Tx) changeOne(missing error, text string, args ...any) error {
	n, err := tx.change(text, args...)
	if err == nil && n == 0 {
		return missing
	}
	return err
}

// number gives a single integer.
func (tx *Tx) number(text string, args ...any) (int64, error) {
	return tx.Reader.number(tx.ctx, text, args...)
}

// identify fills in an empty id and a zero time.
func (tx *Tx) identify(id *string, at *time.Time) error {
	if at.IsZero() {
		*at = tx.Now()
	}
	if *id != "" {
		return nil
	}
	fresh, err := tx.w.newID()
	*id = fresh
	return err
}

// NewID gives a fresh UUID from the database's source of randomness.
func (db *DB) NewID() (string, error) { return db.w.newID() }

func (w *writer) newID() (string, error) {
	w.random.Lock()
	defer w.random.Unlock()
	id, err := uuid.NewRandomFromReader(w.options.Rand)
	if err != nil {
		return "", fault.Wrap(err, fault.Unavailable, "there is no randomness", "check the system's random source")
	}
	return id.String(), nil
}
