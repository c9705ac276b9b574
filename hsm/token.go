package hsm

import (
	"context"
	"crypto/rand"
	"fmt"
	"sync"
	"time"

	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/internal/secret"
)

// Token is an open token: a pool of sessions and, after [Token.Login], a login
// that the pool keeps alive. It is safe for use by many goroutines.
type Token struct {
	module *Module
	lib    *library
	id     TokenID
	opts   Options

	// jobs goes to whichever worker is free, control to the one worker that
	// works alone: it holds login for writing while the others wait.
	// On Close the pool ends first, so that its last requests are still logged
	// in, and the lone worker, which logs out, after it.
	jobs    chan *job
	control chan *job
	quit    chan struct{}
	last    chan struct{}
	close   func() error // once; later calls give the first one's answer
	pool    sync.WaitGroup
	alone   sync.WaitGroup

	// login is held for reading by every request and for writing while the
	// login state changes, so that no request sees the state in between.
	login sync.RWMutex

	auth  credentials
	keys  keyCache
	data  sync.RWMutex // held for writing while a data object is replaced
	probe prober
}

// credentials keep the PIN that dead sessions are replaced with.
type credentials struct {
	mu  sync.Mutex
	pin *secret.Bytes // nil: not logged in
}

func (o Options) complete() (Options, error) {
	if o.MaxSessions == 0 {
		o.MaxSessions = defaultSessions
	}
	if o.Timeout == 0 {
		o.Timeout = defaultTimeout
	}
	if o.Rand == nil {
		o.Rand = rand.Reader
	}
	if o.MaxSessions < 1 || o.MaxSessions > maxSessions || o.Timeout < 0 {
		return o, fault.New(fault.Invalid, fmt.Sprintf("the HSM session pool takes 1 to %d sessions and a positive timeout", maxSessions), "")
	}
	switch o.Wrapping {
	case "", WrapAESGCM, WrapAESKWP, WrapRSAOAEP:
		return o, nil
	default:
		return o, fault.New(fault.Invalid, fmt.Sprintf("%q is not a wrapping method", o.Wrapping),
			"Use aes-gcm, aes-kwp or rsa-oaep, or leave it out.")
	}
}

// Open opens the token with that label, that serial, or both. A label that two
// tokens share is a Conflict that asks for the serial; no such token is
// [ErrTokenAbsent]. A process opens a token once: login state is the
// process's, so two owners would undo each other's.
func (m *Module) Open(ctx context.Context, id TokenID, opts Options) (*Token, error) {
	opts, err := opts.complete()
	if err != nil {
		return nil, err
	}
	if id.Label == "" && id.Serial == "" {
		return nil, fault.New(fault.Invalid, "an HSM token is named by its label or its serial", "")
	}
	found, err := m.locate(ctx, id)
	if err != nil {
		return nil, err
	}
	t := &Token{
		module: m, lib: m.lib, id: found, opts: opts,
		jobs: make(chan *job), control: make(chan *job),
		quit: make(chan struct{}), last: make(chan struct{}),
	}
	t.close = sync.OnceValue(t.shut)
	if err := m.lib.claim(found, t); err != nil {
		return nil, err
	}
	t.start()
	return t, nil
}

// locate resolves a name to label and serial. A token that another process
// made after this module was initialised becomes visible only by initialising
// it anew, and SoftHSM2's tokens vanish for moments while another process logs
// in, so an absent one is looked for again.
func (m *Module) locate(ctx context.Context, id TokenID) (TokenID, error) {
	for attempt := 1; ; attempt++ {
		var generation uint64
		found, err := request(ctx, m, func() (TokenID, error) {
			generation = m.lib.generation
			found, err := m.lib.locate(id)
			return found.id(), err
		})
		if err == nil {
			return found, nil
		}
		if fault.KindOf(err) != fault.Unavailable || ctx.Err() != nil || attempt == maxAttempts {
			return TokenID{}, err
		}
		_, err = await(ctx, m, func() (struct{}, error) { return struct{}{}, m.lib.renew(generation) })
		if err != nil && ctx.Err() != nil {
			return TokenID{}, err
		}
		rest(ctx, backoff(attempt))
	}
}

func (t *Token) start() {
	for range t.opts.MaxSessions {
		w := &worker{token: t, jobs: t.jobs, quit: t.quit}
		t.pool.Go(w.loop)
	}
	w := &worker{token: t, jobs: t.control, quit: t.last, exclusive: true}
	t.alone.Go(w.loop)
}

// ID gives the token's label and serial.
func (t *Token) ID() TokenID { return t.id }

// Close stops taking requests, lets the running ones end, logs out and wipes
// the PIN. Requests that have not started get [ErrClosed]. When a call does
// not come back within the token's timeout (at least 5 s), Close gives [ErrTimeout] and
// leaves that session behind.
func (t *Token) Close() error { return t.close() }

func (t *Token) shut() error {
	close(t.quit)
	done := make(chan struct{})
	go func() {
		t.pool.Wait()
		close(t.last)
		t.alone.Wait()
		close(done)
	}()
	limit := time.NewTimer(max(t.opts.Timeout, leastDrain))
	defer limit.Stop()
	defer t.auth.forget()
	select {
	case <-done:
		t.lib.unclaim(t.id, t)
		return nil
	case <-limit.C:
		return because(ErrTimeout, fmt.Errorf("a call into the token %q is still running", t.id.Label))
	}
}

// Info gives the token's facts of this moment.
func (t *Token) Info(ctx context.Context) (TokenInfo, error) {
	return perform(ctx, t, func(s *session) (TokenInfo, error) {
		info, err := s.ctx().GetTokenInfo(s.slot)
		if err != nil {
			return TokenInfo{}, call("C_GetTokenInfo", err)
		}
		return t.lib.describe(info), nil
	})
}

// Random gives n random bytes (1 to 65536) of the token's generator.
func (t *Token) Random(ctx context.Context, n int) ([]byte, error) {
	if n < 1 || n > maxRandom {
		return nil, fault.New(fault.Invalid, fmt.Sprintf("the HSM gives 1 to %d random bytes at a time", maxRandom), "")
	}
	return perform(ctx, t, func(s *session) ([]byte, error) {
		b, err := s.ctx().GenerateRandom(s.handle, n)
		if err == nil && len(b) != n {
			return nil, because(ErrDevice, fmt.Errorf("C_GenerateRandom gave %d bytes of %d", len(b), n))
		}
		return b, call("C_GenerateRandom", err)
	})
}
