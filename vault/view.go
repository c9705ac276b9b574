package vault

import (
	"context"
	"database/sql"
	"errors"
)

// View lets fn ask several questions of one and the same state, whatever is
// written meanwhile: a report's objects, its assignments and its log size
// belong together. It takes one of the few reading connections until fn
// returns, so fn must ask through its Reader and not through the DB.
func (db *DB) View(ctx context.Context, fn func(Reader) error) (err error) {
	conn, err := db.pool.Conn(ctx)
	if err != nil {
		return mapError(err)
	}
	defer func() { err = errors.Join(err, mapError(conn.Close())) }()
	if _, err := conn.ExecContext(ctx, sqlView); err != nil {
		return mapError(err)
	}
	// The connection goes back to the pool: its transaction must end even
	// when the caller has stopped waiting.
	defer func() {
		_, end := conn.ExecContext(context.WithoutCancel(ctx), sqlRollback)
		err = errors.Join(err, mapError(end))
	}()
	return fn(Reader{viewSource{conn}})
}

// viewSource reads through one connection.
type viewSource struct{ conn *sql.Conn }

func (v viewSource) query(ctx context.Context, text string, args ...any) (*sql.Rows, error) {
	return v.conn.QueryContext(ctx, text, args...)
}

func (v viewSource) failed(err error) error { return mapError(err) }
