package hsm

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/miekg/pkcs11"

	"github.com/strongroom/strongroom/internal/fault"
)

// LoadOptions say how to load a module. The zero value is good for a module
// that needs no configuration.
type LoadOptions struct {
	// SoftHSMConf is the path of a SoftHSM2 configuration file. It is put into
	// this process's environment before C_Initialize and counts for the whole
	// process; loading the same module with another one meanwhile is refused.
	SoftHSMConf string
	// Now gives the time for the pauses between re-initialisations; nil is the
	// system's clock.
	Now func() time.Time
}

// Module is a loaded PKCS#11 module. Several may share one library.
type Module struct {
	lib   *library
	close func() error // once; later calls give the first one's answer
	gone  chan struct{}
}

// Load examines, loads and initialises the module at path. A file that is no
// PKCS#11 module is an Invalid fault; one that cannot start is [ErrDevice].
func Load(path string, opts LoadOptions) (*Module, error) {
	lib, err := loaded.acquire(path, opts)
	if err != nil {
		return nil, err
	}
	m := &Module{lib: lib, gone: make(chan struct{})}
	m.close = sync.OnceValue(m.shut)
	return m, nil
}

// Path gives the resolved path of the module's file.
func (m *Module) Path() string { return m.lib.path }

// Close closes the tokens opened through this module, waiting for what they
// are doing, and finalises the library when nobody else uses it. When a token
// cannot be drained the library stays as it is: finalising it would crash.
func (m *Module) Close() error { return m.close() }

func (m *Module) shut() error {
	close(m.gone)
	if err := m.lib.closeTokens(m); err != nil {
		return err
	}
	return explain(loaded.release(m.lib))
}

func (l *library) closeTokens(m *Module) error {
	l.openMu.Lock()
	var mine []*Token
	for _, t := range l.open {
		if t.module == m {
			mine = append(mine, t)
		}
	}
	l.openMu.Unlock()
	var errs []error
	for _, t := range mine {
		errs = append(errs, t.Close())
	}
	return errors.Join(errs...)
}

// Tokens lists the initialised tokens that the module shows. Tokens made by
// another process since this one loaded the module may be missing.
func (m *Module) Tokens(ctx context.Context) ([]TokenInfo, error) {
	return request(ctx, m, func() ([]TokenInfo, error) {
		found, err := m.lib.tokens()
		if err != nil {
			return nil, err
		}
		infos := make([]TokenInfo, 0, len(found))
		for _, f := range found {
			infos = append(infos, m.lib.describe(f.info))
		}
		return infos, nil
	})
}

// request runs module-level work that needs no session, with the library held
// against re-initialisation.
func request[T any](ctx context.Context, m *Module, run func() (T, error)) (T, error) {
	return await(ctx, m, func() (T, error) {
		if err := m.lib.ensureUp(); err != nil {
			var none T
			return none, err
		}
		m.lib.calls.RLock()
		defer m.lib.calls.RUnlock()
		return run()
	})
}

// await runs work beside the caller, who leaves when its context ends; the
// work goes on to its own end, because a C call cannot be stopped.
func await[T any](ctx context.Context, m *Module, run func() (T, error)) (T, error) {
	type answer struct {
		value T
		err   error
	}
	var none T
	if m.closed() {
		return none, ErrClosed
	}
	done := make(chan answer, 1)
	go func() {
		var a answer
		a.err = guard(func() (err error) {
			a.value, err = run()
			return err
		})
		done <- a
	}()
	select {
	case a := <-done:
		return a.value, explain(a.err)
	case <-ctx.Done():
		return none, ended(ctx)
	}
}

func (m *Module) closed() bool {
	select {
	case <-m.gone:
		return true
	default:
		return false
	}
}

// ended explains why a caller left early.
func ended(ctx context.Context) error {
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return because(ErrTimeout, ctx.Err())
	}
	return explain(ctx.Err())
}

// slotToken is a token in its slot of the moment.
type slotToken struct {
	slot uint
	info pkcs11.TokenInfo
}

func (s slotToken) id() TokenID {
	return TokenID{Label: clean(s.info.Label), Serial: clean(s.info.SerialNumber)}
}

// tokens gives the initialised tokens; the caller holds calls. A slot that
// cannot be read is left out: one broken reader must not hide the others.
func (l *library) tokens() ([]slotToken, error) {
	slots, err := l.ctx.GetSlotList(true)
	if err != nil {
		return nil, call("C_GetSlotList", err)
	}
	var found []slotToken
	for _, slot := range slots {
		info, err := l.ctx.GetTokenInfo(slot)
		if err == nil && info.Flags&pkcs11.CKF_TOKEN_INITIALIZED != 0 {
			found = append(found, slotToken{slot, info})
		}
	}
	return found, nil
}

// locate finds the one token with that label and serial; the caller holds calls.
func (l *library) locate(id TokenID) (slotToken, error) {
	all, err := l.tokens()
	if err != nil {
		return slotToken{}, err
	}
	var match []slotToken
	for _, t := range all {
		got := t.id()
		if (id.Label == "" || id.Label == got.Label) && (id.Serial == "" || id.Serial == got.Serial) {
			match = append(match, t)
		}
	}
	switch len(match) {
	case 0:
		return slotToken{}, because(ErrTokenAbsent, fmt.Errorf("no token with label %q, serial %q", id.Label, id.Serial))
	case 1:
		return match[0], nil
	default:
		return slotToken{}, fault.New(fault.Conflict, fmt.Sprintf("%d HSM tokens are labelled %q", len(match), id.Label),
			"Name the token by its serial as well; `strongroom doctor` lists them.")
	}
}
