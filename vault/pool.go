package vault

import (
	"context"
	"database/sql"
	"sync"
)

// poolSource reads through the read-only connections. It keeps its statements
// prepared: parsing one takes as long as running it.
type poolSource struct {
	pool *sql.DB

	mu       sync.RWMutex
	prepared map[string]*sql.Stmt
}

func newPoolSource(pool *sql.DB) *poolSource {
	return &poolSource{pool: pool, prepared: map[string]*sql.Stmt{}}
}

func (p *poolSource) query(ctx context.Context, text string, args ...any) (*sql.Rows, error) {
	stmt, err := p.statement(ctx, text)
	if err != nil {
		return nil, err
	}
	if stmt == nil {
		return p.pool.QueryContext(ctx, text, args...)
	}
	return stmt.QueryContext(ctx, args...)
}

// statement gives the prepared statement, or nil when there is no room for
// another. The texts are the program's own and few; those of lists vary with
// their conditions. Closing the pool closes them.
func (p *poolSource) statement(ctx context.Context, text string) (*sql.Stmt, error) {
	p.mu.RLock()
	stmt, ok := p.prepared[text]
	full := len(p.prepared) >= maxStatements
	p.mu.RUnlock()
	if ok || full {
		return stmt, nil
	}
	made, err := p.pool.PrepareContext(ctx, text)
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if stmt, ok := p.prepared[text]; ok {
		return stmt, made.Close()
	}
	p.prepared[text] = made
	return made, nil
}

func (p *poolSource) failed(err error) error { return mapError(err) }
