package hsm

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/miekg/pkcs11"

	"github.com/strongroom/strongroom/internal/fault"
)

// job is one request on its way to a worker. Whoever moves state away from
// pending, the worker with the answer or the caller who leaves, decides what
// becomes of the answer.
type job struct {
	ctx   context.Context
	run   func(*session) error
	undo  func(*session) // for an answer that nobody waits for; may be nil
	state atomic.Int32
	done  chan error // buffered: the worker never waits for a caller
}

const (
	pending int32 = iota
	answered
	abandoned
)

// perform runs one request on a free session.
func perform[T any](ctx context.Context, t *Token, run func(*session) (T, error)) (T, error) {
	return submit(ctx, t, t.jobs, run, nil)
}

// submit hands a request to the workers behind queue and waits for the answer,
// for the context's end, or for the token's timeout. When the caller has left,
// undo gets the answer of a request that succeeded.
func submit[T any](ctx context.Context, t *Token, queue chan *job, run func(*session) (T, error), undo func(*session, T)) (T, error) {
	ctx, cancel := context.WithTimeout(ctx, t.opts.Timeout)
	defer cancel()
	var answer, none T
	j := &job{ctx: ctx, done: make(chan error, 1)}
	j.run = func(s *session) (err error) {
		answer, err = run(s)
		return err
	}
	if undo != nil {
		j.undo = func(s *session) { undo(s, answer) }
	}
	select {
	case <-t.quit:
		return none, ErrClosed
	default:
	}
	select {
	case queue <- j:
	case <-t.quit:
		return none, ErrClosed
	case <-ctx.Done():
		return none, ended(ctx)
	}
	if err, left := j.wait(); left || err != nil {
		return none, err
	}
	return answer, nil
}

// wait gives the answer's error, or says that the caller left before it came.
func (j *job) wait() (err error, left bool) {
	select {
	case err := <-j.done:
		return err, false
	case <-j.ctx.Done():
		if j.state.CompareAndSwap(pending, abandoned) {
			return ended(j.ctx), true
		}
		return <-j.done, false
	}
}

// worker is the goroutine that owns one session. Nobody else ever touches it:
// two goroutines in one session corrupt the memory of the C library.
type worker struct {
	token     *Token
	jobs      chan *job
	quit      chan struct{}
	exclusive bool
	session   session
}

func (w *worker) loop() {
	w.session.token = w.token
	defer w.leave()
	for {
		select {
		case <-w.quit:
			return
		case j := <-w.jobs:
			w.serve(j)
		}
	}
}

func (w *worker) serve(j *job) {
	err := w.execute(j)
	if j.state.CompareAndSwap(pending, answered) {
		j.done <- err
		return
	}
	if err == nil && j.undo != nil {
		_ = w.locked(func() error {
			j.undo(&w.session)
			return nil
		})
	}
}

// execute meets the token until the request is answered, or until trying
// again would be unsafe or pointless.
func (w *worker) execute(j *job) error {
	w.session.refreshed = false
	for attempt := 1; ; attempt++ {
		if j.ctx.Err() != nil {
			return ended(j.ctx)
		}
		err := w.once(j.run)
		if err == nil {
			return nil
		}
		next := w.judge(err, attempt)
		if next == giveUp || attempt == maxAttempts {
			return explain(plain(err))
		}
		if next == renewModule {
			// When the module cannot start now, the next attempt finds it down
			// and says so.
			_ = w.token.lib.renew(w.session.generation)
			w.session.refreshed = true
		}
		if next != tryAgain && attempt > 1 || next == tryLater {
			rest(j.ctx, backoff(attempt))
		}
	}
}

// rest waits, but no longer than the caller does.
func rest(ctx context.Context, d time.Duration) {
	pause := time.NewTimer(d)
	defer pause.Stop()
	select {
	case <-pause.C:
	case <-ctx.Done():
	}
}

// once runs the request on a session that is open, of the current generation,
// and logged in if the token is.
func (w *worker) once(run func(*session) error) error {
	return w.locked(func() error {
		w.session.acted = false
		if err := w.session.ready(!w.exclusive); err != nil {
			return err
		}
		return run(&w.session)
	})
}

// locked holds the login state and the library still. Order: login, calls.
func (w *worker) locked(run func() error) error {
	if w.exclusive {
		w.token.login.Lock()
		defer w.token.login.Unlock()
	} else {
		w.token.login.RLock()
		defer w.token.login.RUnlock()
	}
	w.token.lib.calls.RLock()
	defer w.token.lib.calls.RUnlock()
	return guard(run)
}

func (w *worker) leave() {
	_ = w.locked(func() error {
		if w.exclusive && w.session.usable() {
			w.session.logout()
		}
		w.session.drop()
		return nil
	})
}

type verdict int

const (
	giveUp      verdict = iota
	tryAgain            // at once, on another session or with another handle
	tryLater            // after a pause
	renewModule         // after the module was initialised anew
)

// lost marks an error after which the module has to be initialised anew.
type lost struct{ err error }

func (l lost) Error() string { return l.err.Error() }
func (l lost) Unwrap() error { return l.err }

func plain(err error) error {
	var l lost
	if errors.As(err, &l) {
		return l.err
	}
	return err
}

// judge says what to do after a failure. Nothing that may already have changed
// the token is run again, except where the token says that it did nothing.
func (w *worker) judge(err error, attempt int) verdict {
	s := &w.session
	var f *fault.Error
	switch {
	case errors.Is(err, errPanicked):
		w.dropLocked()
		return giveUp
	case errors.As(err, &lost{}):
		w.dropLocked()
		w.token.keys.drop()
		return unless(s.acted, renewModule)
	case errors.As(err, &f):
		return giveUp
	case handleDead(err):
		w.token.keys.drop()
		return unless(s.acted, tryAgain)
	case sessionDead(err):
		return w.judgeSession(err)
	case deviceDoubt(err):
		return w.judgeDevice(attempt)
	default:
		return giveUp
	}
}

func unless(acted bool, v verdict) verdict {
	if acted {
		return giveUp
	}
	return v
}

func (w *worker) judgeSession(err error) verdict {
	rv, _ := returned(err)
	w.dropLocked()
	w.token.keys.drop()
	switch {
	case rv == pkcs11.CKR_CRYPTOKI_NOT_INITIALIZED:
		return unless(w.session.acted, renewModule)
	case rv == pkcs11.CKR_USER_NOT_LOGGED_IN && !w.token.LoggedIn():
		return giveUp
	default:
		return unless(w.session.acted, tryAgain)
	}
}

// judgeDevice asks the token itself whether it is still there. SoftHSM2 also
// answers 0x5 for a moment while another process writes, hence the pause.
func (w *worker) judgeDevice(attempt int) verdict {
	healthy := false
	_ = w.locked(func() error {
		healthy = w.session.healthy()
		w.session.drop()
		return nil
	})
	w.token.keys.drop()
	switch {
	case w.session.acted, healthy && attempt >= doubtAttempts:
		return giveUp
	case healthy:
		return tryLater
	default:
		return renewModule
	}
}

func (w *worker) dropLocked() {
	_ = w.locked(func() error {
		w.session.drop()
		return nil
	})
}
