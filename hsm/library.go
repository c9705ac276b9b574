package hsm

import (
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/miekg/pkcs11"

	"github.com/strongroom/strongroom/internal/fault"
)

// initAttempts bounds C_Initialize: SoftHSM2 fails with 0x5 for a moment while
// another process writes its token directory.
const (
	initAttempts = 3
	initPause    = 10 * time.Millisecond
)

// registry knows the modules that this process has loaded. It is the one
// package-level variable here, because what it guards is process-wide by the
// standard: C_Initialize may run once per library, whoever asks.
type registry struct {
	mu   sync.Mutex
	libs []*library
}

var loaded registry

// library is one module file in this process. It is never unloaded, because
// libraries with threads of their own crash in dlclose; after the last user
// left it is finalised and can be initialised again.
type library struct {
	path string
	file os.FileInfo
	ctx  *pkcs11.Ctx

	// users and conf belong to registry.mu.
	users int
	conf  string

	// calls is held for reading by every call into the module, and for writing
	// by whoever initialises or finalises it. The fields below belong to it.
	calls      sync.RWMutex
	up         bool
	wanted     bool   // somebody uses the module; without, nothing initialises it
	generation uint64 // counts initialisations; a session remembers its own
	renewed    time.Time
	now        func() time.Time

	openMu sync.Mutex
	open   map[TokenID]*Token
}

// acquire gives the library of that file, loaded and initialised.
func (r *registry) acquire(path string, opts LoadOptions) (*library, error) {
	resolved, info, err := examine(path)
	if err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	lib, err := r.library(resolved, info)
	if err != nil {
		return nil, err
	}
	if lib.users > 0 {
		if opts.SoftHSMConf != "" && opts.SoftHSMConf != lib.conf {
			return nil, fault.New(fault.Conflict, "the PKCS#11 module is already loaded with another SoftHSM2 configuration",
				"One process works with one SoftHSM2 directory at a time; close the other installation first.")
		}
		lib.users++
		return lib, nil
	}
	if err := lib.begin(opts); err != nil {
		return nil, err
	}
	lib.users = 1
	return lib, nil
}

// library finds a loaded file by identity, not by name: the same file under two
// names must not be initialised twice.
func (r *registry) library(path string, info os.FileInfo) (*library, error) {
	for _, lib := range r.libs {
		if os.SameFile(lib.file, info) {
			return lib, nil
		}
	}
	if err := loadable(path); err != nil {
		return nil, badModule(path, "cannot be loaded as a PKCS#11 module", err)
	}
	ctx := pkcs11.New(path)
	if ctx == nil {
		return nil, badModule(path, "cannot be loaded as a PKCS#11 module", nil)
	}
	lib := &library{path: path, file: info, ctx: ctx, open: map[TokenID]*Token{}}
	r.libs = append(r.libs, lib)
	return lib, nil
}

// release finalises the library when its last user leaves.
func (r *registry) release(lib *library) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	lib.users--
	if lib.users > 0 {
		return nil
	}
	lib.calls.Lock()
	defer lib.calls.Unlock()
	lib.wanted = false
	return lib.stop()
}

func (l *library) begin(opts LoadOptions) error {
	if opts.SoftHSMConf != "" {
		if err := os.Setenv(softHSMEnv, opts.SoftHSMConf); err != nil {
			return fault.Wrap(err, fault.Internal, "the SoftHSM2 configuration cannot be set", "")
		}
	}
	l.calls.Lock()
	defer l.calls.Unlock()
	l.conf = opts.SoftHSMConf
	l.renewed = time.Time{}
	l.now = opts.Now
	if l.now == nil {
		l.now = time.Now
	}
	err := l.start()
	l.wanted = err == nil
	return err
}

// start initialises the module; the caller holds calls for writing.
func (l *library) start() error {
	var err error
	for attempt := 1; attempt <= initAttempts; attempt++ {
		err = guard(func() error { return call("C_Initialize", l.ctx.Initialize()) })
		if err == nil {
			l.up = true
			l.generation++
			return nil
		}
		if !deviceDoubt(err) {
			break
		}
		time.Sleep(initPause)
	}
	if rv, _ := returned(err); rv == pkcs11.CKR_CRYPTOKI_ALREADY_INITIALIZED {
		return fault.Wrap(err, fault.Conflict, "other code in this process already uses the PKCS#11 module", "")
	}
	return because(ErrDevice, err)
}

// stop finalises the module; the caller holds calls for writing.
func (l *library) stop() error {
	if !l.up {
		return nil
	}
	l.up = false
	return guard(func() error { return call("C_Finalize", l.ctx.Finalize()) })
}

// renew initialises the module anew, for who saw the given generation fail. It
// waits until no call is in flight; finalising under a running call crashes
// the process. Callers hold neither calls nor a token's login lock for reading.
func (l *library) renew(seen uint64) error {
	l.calls.Lock()
	defer l.calls.Unlock()
	if !l.wanted {
		return ErrClosed
	}
	if l.up && l.generation != seen {
		return nil // somebody else has done it
	}
	now := l.now()
	// A clock that was set back makes the difference negative, and must not
	// stop repairs until it has caught up.
	if since := now.Sub(l.renewed); l.up && l.crowded() && since >= 0 && since < renewPause {
		return nil // it has been tried a moment ago
	}
	l.renewed = now
	_ = l.stop() // the library is broken; its opinion about the end does not matter
	return l.start()
}

// ensureUp initialises a module that an earlier renewal left down.
func (l *library) ensureUp() error {
	l.calls.RLock()
	up, generation := l.up, l.generation
	l.calls.RUnlock()
	if up {
		return nil
	}
	return l.renew(generation)
}

// crowded reports that other tokens would lose their sessions in a renewal.
func (l *library) crowded() bool {
	l.openMu.Lock()
	defer l.openMu.Unlock()
	return len(l.open) > 1
}

// claim makes t the one owner of a token in this process: login state is the
// process's, so two owners would log each other out.
func (l *library) claim(id TokenID, t *Token) error {
	l.openMu.Lock()
	defer l.openMu.Unlock()
	if l.open[id] != nil {
		return fault.New(fault.Conflict, fmt.Sprintf("the HSM token %q is already open in this process", id.Label),
			"Close it first, or use the token that is open.")
	}
	l.open[id] = t
	return nil
}

func (l *library) unclaim(id TokenID, t *Token) {
	l.openMu.Lock()
	defer l.openMu.Unlock()
	if l.open[id] == t {
		delete(l.open, id)
	}
}

// errPanicked marks a panic of the binding itself; the session it happened in
// is not trusted any more.
var errPanicked = errors.New("the PKCS#11 binding panicked")

// guard runs calls into the binding and turns a Go panic into an error. A crash
// inside the C library cannot be caught; that is why the rules about sessions
// and finalising exist.
func guard(run func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%w: %v", errPanicked, r)
		}
	}()
	return run()
}
