package mfa_test

import (
	"errors"
	"sync/atomic"

	"github.com/zalando/go-keyring"
)

// brokenStore is a keyring that a bus offers but nobody answers for.
type brokenStore struct{ err error }

func (s brokenStore) Get(string, string) (string, error) { return "", s.err }
func (s brokenStore) Set(string, string, string) error   { return s.err }
func (s brokenStore) Delete(string, string) error        { return s.err }

// hangingStore waits for a person at a prompt who never comes.
type hangingStore struct {
	calls   atomic.Int32
	release chan struct{}
}

func (s *hangingStore) wait() error {
	s.calls.Add(1)
	<-s.release
	return errors.New("too late")
}

func (s *hangingStore) Get(string, string) (string, error) { return "", s.wait() }
func (s *hangingStore) Set(string, string, string) error   { return s.wait() }
func (s *hangingStore) Delete(string, string) error        { return s.wait() }

// panickyStore meets an answer of a shape it does not expect.
type panickyStore struct{ brokenStore }

func (panickyStore) Get(string, string) (string, error) { panic("interface conversion") }

// switchedStore is empty until it begins to hang.
type switchedStore struct {
	hang    atomic.Bool
	hanging *hangingStore
}

func (s *switchedStore) Get(service, user string) (string, error) {
	if s.hang.Load() {
		return s.hanging.Get(service, user)
	}
	return "", keyring.ErrNotFound
}
func (s *switchedStore) Set(string, string, string) error { return nil }
func (s *switchedStore) Delete(string, string) error      { return nil }
