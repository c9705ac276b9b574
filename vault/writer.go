package vault

import (
	"context"
	"database/sql"
	"errors"
	"sync"
	"time"

	"github.com/strongroom/strongroom/audit"
	"github.com/strongroom/strongroom/internal/fault"
)

// writer owns the one connection that changes the file, and the state of the
// log's tree. Between start and stop, its goroutine owns every field below
// options; while a change runs, the change's goroutine borrows them.
type writer struct {
	queue chan *request
	gate  sync.RWMutex // held for reading while sending to queue
	ended bool         // guarded by gate
	done  chan struct{}

	random  sync.Mutex // guards options.Rand
	options Options
	tries   int // how often a busy file is tried

	db         *sql.DB
	conn       *sql.Conn
	statements map[string]*sql.Stmt
	tree       *audit.Tree // nil: read it from the file before use
	last       time.Time   // of the log's last entry
	rules      *schemaGuard
}

// request is one change on its way through the writer. The writer sends turn
// once or verdict at once; the caller runs the change and sends result; the
// writer sends verdict after COMMIT. All three have room for one.
type request struct {
	ctx     context.Context
	turn    chan *Tx
	result  chan error
	verdict chan error
}

var errClosed = fault.New(fault.Unavailable, "the database is closed", "open the installation again")

// errUnfinished is the result of a change that panicked or ended its
// goroutine.
var errUnfinished = fault.New(fault.Internal, "the change was broken off", "")

func startWriter(ctx context.Context, path string, o Options) (*writer, error) {
	db, err := openWriter(path)
	if err != nil {
		return nil, err
	}
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, errors.Join(mapError(err), db.Close())
	}
	w := &writer{
		queue: make(chan *request, o.MaxBatch), done: make(chan struct{}),
		options: o, tries: lockTries, db: db, conn: conn, statements: make(map[string]*sql.Stmt),
	}
	if err := w.script(ctx, sqlNoWait); err != nil {
		return nil, errors.Join(err, w.shut())
	}
	return w, nil
}

// Write runs fn as one change and returns nil when it is on disk. fn runs in
// the caller's goroutine, alone, while all other changes wait: it must be
// quick and must not call Write or wait for an HSM. What it did counts only
// once Write has returned nil. If fn fails or panics, nothing of it remains,
// and the changes beside it are not touched. If the disk fails, every change
// of the group fails. A ctx that ends before fn's turn gives Canceled; later
// it is ignored.
func (db *DB) Write(ctx context.Context, fn func(*Tx) error) error {
	r := &request{ctx: ctx, turn: make(chan *Tx, 1), result: make(chan error, 1), verdict: make(chan error, 1)}
	if err := db.w.submit(r); err != nil {
		return err
	}
	select {
	case tx := <-r.turn:
		r.run(tx, fn)
		return <-r.verdict
	case err := <-r.verdict:
		return err
	}
}

// run calls fn and reports how it ended even when it does not return.
func (r *request) run(tx *Tx, fn func(*Tx) error) {
	err := error(errUnfinished)
	defer func() { r.result <- err }()
	err = fn(tx)
}

func (w *writer) submit(r *request) error {
	w.gate.RLock()
	defer w.gate.RUnlock()
	if w.ended {
		return errClosed
	}
	select {
	case w.queue <- r:
		return nil
	case <-r.ctx.Done():
		return canceled(r.ctx)
	}
}

func canceled(ctx context.Context) error {
	return fault.Wrap(ctx.Err(), fault.Canceled, "the change was cancelled before it began", "")
}

// run serves the queue until it is closed and empty.
func (w *writer) run() {
	defer close(w.done)
	for first := range w.queue {
		w.group(first)
	}
}

// stop refuses new changes and waits for those in the queue.
func (w *writer) stop() {
	w.gate.Lock()
	w.ended = true
	close(w.queue)
	w.gate.Unlock()
	<-w.done
}

// shut closes the connection.
func (w *writer) shut() error {
	for _, stmt := range w.statements {
		_ = stmt.Close()
	}
	return mapError(errors.Join(w.conn.Close(), w.db.Close()))
}

// prepare gives the statement, prepared once.
func (w *writer) prepare(ctx context.Context, text string) (*sql.Stmt, error) {
	if stmt, ok := w.statements[text]; ok {
		return stmt, nil
	}
	stmt, err := w.conn.PrepareContext(ctx, text)
	if err != nil {
		return nil, err
	}
	if len(w.statements) >= maxStatements {
		w.forget()
	}
	w.statements[text] = stmt
	return stmt, nil
}

func (w *writer) forget() {
	for text, stmt := range w.statements {
		_ = stmt.Close()
		delete(w.statements, text)
	}
}

// command runs one statement on the writer's connection.
func (w *writer) command(text string) error {
	stmt, err := w.prepare(context.Background(), text)
	if err != nil {
		return mapError(err)
	}
	_, err = stmt.Exec()
	return mapError(err)
}
