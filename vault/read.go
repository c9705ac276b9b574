package vault

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// Reader answers questions. [DB] answers them from the last committed state,
// [Tx] from inside its change. It is safe for concurrent use as far as its
// owner is.
type Reader struct{ q source }

// source is where a Reader's rows come from.
type source interface {
	query(ctx context.Context, text string, args ...any) (*sql.Rows, error)
	// failed turns a driver's error into a fault.
	failed(err error) error
}

type scanner interface{ Scan(dest ...any) error }

// one gives the first row, or missing when there is none.
func one[T any](ctx context.Context, r Reader, scan func(scanner) (T, error), missing error, text string, args ...any) (T, error) {
	var none T
	all, err := many(ctx, r, scan, text, args...)
	if err != nil {
		return none, err
	}
	if len(all) == 0 {
		return none, missing
	}
	return all[0], nil
}

// many gives all rows.
func many[T any](ctx context.Context, r Reader, scan func(scanner) (T, error), text string, args ...any) ([]T, error) {
	rows, err := r.q.query(ctx, text, args...)
	if err != nil {
		return nil, r.q.failed(err)
	}
	all, err := collect(rows, scan)
	return all, r.q.failed(err)
}

func collect[T any](rows *sql.Rows, scan func(scanner) (T, error)) (all []T, err error) {
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		item, err := scan(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, item)
	}
	return all, rows.Err()
}

// number gives a single integer.
func (r Reader) number(ctx context.Context, text string, args ...any) (int64, error) {
	return one(ctx, r, func(s scanner) (n int64, err error) {
		err = s.Scan(&n)
		return n, err
	}, errors.New("no row"), text, args...)
}

// stamp gives a time as it is stored: nanoseconds since 1970, or NULL for the
// zero time.
func stamp(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UnixNano()
}

// instant reads what stamp wrote.
type instant struct{ to *time.Time }

func when(t *time.Time) instant { return instant{t} }

// Scan implements sql.Scanner.
func (i instant) Scan(v any) error {
	switch n := v.(type) {
	case nil:
		*i.to = time.Time{}
	case int64:
		*i.to = time.Unix(0, n).UTC()
	default:
		return fmt.Errorf("a time is stored as %T", v)
	}
	return nil
}
