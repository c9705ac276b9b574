package vault

import (
	"context"
	"database/sql"
	"errors"
	"sync"

	"github.com/strongroom/strongroom/assets"
	"github.com/strongroom/strongroom/internal/fault"
)

// DB is an open vault file. It is safe for concurrent use, also by several
// processes on one file.
type DB struct {
	Reader
	path  string
	pool  *sql.DB
	w     *writer
	close func() error
}

// Create makes the database file at path, mode 0600, with the newest schema
// and nothing in it, and opens it. A file left behind by a Create that was
// interrupted is completed; any other file is a Conflict.
func Create(ctx context.Context, path string, o Options) (*DB, error) {
	if err := makeFile(path); err != nil {
		return nil, err
	}
	steps, err := loadMigrations(assets.Migrations)
	if err != nil {
		return nil, err
	}
	w, err := startWriter(ctx, path, o.withDefaults())
	if err != nil {
		return nil, err
	}
	if err := w.initialise(ctx, steps); err != nil {
		return nil, errors.Join(err, w.shut())
	}
	return serve(path, w)
}

// Open opens the database file at path and brings its schema up to date. It
// refuses a file that others may read (Forbidden), one that is no vault or is
// damaged (Unavailable), one made by a newer program (Unsupported), and one
// whose schema is not exactly the program's own (Tampered); each leaves the
// file as it was.
func Open(ctx context.Context, path string, o Options) (*DB, error) {
	steps, err := loadMigrations(assets.Migrations)
	if err != nil {
		return nil, err
	}
	return open(ctx, path, o.withDefaults(), steps)
}

func open(ctx context.Context, path string, o Options, steps []migration) (*DB, error) {
	if err := checkFile(path); err != nil {
		return nil, err
	}
	rules := newSchemaGuard(steps)
	version, err := inspect(ctx, path, rules)
	if err != nil {
		return nil, err
	}
	w, err := startWriter(ctx, path, o)
	if err != nil {
		return nil, err
	}
	w.rules = rules
	if version < len(steps) {
		err = w.migrate(ctx, path, steps)
	}
	if err != nil {
		return nil, errors.Join(err, w.shut())
	}
	return serve(path, w)
}

// serve adds the readers and starts the writer's goroutine.
func serve(path string, w *writer) (*DB, error) {
	pool, err := openReaders(path)
	if err != nil {
		return nil, errors.Join(err, w.shut())
	}
	db := &DB{Reader: Reader{newPoolSource(pool)}, path: path, pool: pool, w: w}
	db.close = sync.OnceValue(db.shut)
	go w.run()
	return db, nil
}

// Close waits for the changes that were already asked for, then closes the
// file. Later calls do nothing.
func (db *DB) Close() error { return db.close() }

func (db *DB) shut() error {
	db.w.stop()
	// The writer closes last: the last connection folds the write-ahead log
	// into the file, which a read-only one cannot.
	return errors.Join(mapError(db.pool.Close()), db.w.shut())
}

// IntegrityCheck looks for structural damage in the whole file. It reads
// everything once: about half a second for 30 MB.
func (db *DB) IntegrityCheck(ctx context.Context) error {
	verdict, err := one(ctx, db.Reader, func(s scanner) (v string, err error) {
		err = s.Scan(&v)
		return v, err
	}, errors.New("no verdict"), sqlCheck)
	if err != nil {
		return err
	}
	if verdict != "ok" {
		return fault.Wrap(errors.New(verdict), fault.Unavailable, "the database is damaged", "put a backup in its place")
	}
	return nil
}
