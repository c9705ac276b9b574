package mfa

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/zalando/go-keyring"
)

// systemStore is the operating system's keyring through go-keyring.
type systemStore struct{}

func (systemStore) Get(service, user string) (string, error) { return keyring.Get(service, user) }
func (systemStore) Set(service, user, value string) error    { return keyring.Set(service, user, value) }

func (systemStore) Delete(service, user string) error { return keyring.Delete(service, user) }

// timedStore gives a Store, which knows no context and may wait for a person at
// a prompt, a time limit. One call runs at a time, so that a keyring that hangs
// holds one goroutine and not one for each try.
type timedStore struct {
	store   Store
	service string
	timeout time.Duration
	turn    chan struct{}
}

func newTimedStore(options KeyringOptions) *timedStore {
	s := &timedStore{store: options.Store, service: options.Service, timeout: options.Timeout, turn: make(chan struct{}, 1)}
	if s.store == nil {
		s.store = systemStore{}
	}
	if s.timeout <= 0 {
		s.timeout = keyringLimit
	}
	return s
}

func (s *timedStore) get(ctx context.Context, name string) (string, error) {
	return s.call(ctx, func() (string, error) { return s.store.Get(s.service, name) })
}

func (s *timedStore) set(ctx context.Context, name, value string) error {
	_, err := s.call(ctx, func() (string, error) { return "", s.store.Set(s.service, name, value) })
	return err
}

func (s *timedStore) delete(ctx context.Context, name string) error {
	_, err := s.call(ctx, func() (string, error) { return "", s.store.Delete(s.service, name) })
	return err
}

type storeAnswer struct {
	value string
	err   error
}

func (s *timedStore) call(parent context.Context, f func() (string, error)) (string, error) {
	ctx, cancel := context.WithTimeout(parent, s.timeout)
	defer cancel()
	select {
	case s.turn <- struct{}{}:
	case <-ctx.Done():
		return "", s.silent(parent)
	}
	answer := make(chan storeAnswer, 1)
	go func() {
		defer func() { <-s.turn }()
		answer <- guarded(f)
	}()
	select {
	case a := <-answer:
		return a.value, a.err
	case <-ctx.Done():
		return "", s.silent(parent)
	}
}

// silent says whether the caller or the clock ended a call.
func (s *timedStore) silent(parent context.Context) error {
	if err := parent.Err(); err != nil {
		return err
	}
	return fmt.Errorf("the keyring did not answer within %s", s.timeout)
}

// guarded turns a panic into an error: the library trusts the shape of what
// arrives over the bus.
func guarded(f func() (string, error)) (a storeAnswer) {
	defer func() {
		if p := recover(); p != nil {
			a = storeAnswer{err: fmt.Errorf("the keyring gave a malformed answer (%T)", p)}
		}
	}()
	value, err := f()
	return storeAnswer{value, err}
}

// sessionBus reports whether a session bus already runs, by looking where the
// D-Bus library looks. Where it finds none it would launch one, and a keyring
// daemon with it, that outlive this program. It does not follow
// $XDG_RUNTIME_DIR, so socket is the one under /run/user.
func sessionBus(getenv func(string) string, socket string) bool {
	switch runtime.GOOS {
	case "windows", "darwin":
		return true // their keyrings need no bus
	}
	if address := getenv("DBUS_SESSION_BUS_ADDRESS"); address != "" {
		return !strings.HasPrefix(address, "autolaunch:")
	}
	info, err := os.Stat(socket)
	return err == nil && info.Mode().Type() == os.ModeSocket
}

func userBusSocket() string {
	return filepath.Join("/run/user", strconv.Itoa(os.Getuid()), "bus")
}
