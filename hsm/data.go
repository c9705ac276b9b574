package hsm

import (
	"context"
	"errors"
	"fmt"

	"github.com/miekg/pkcs11"

	"github.com/strongroom/strongroom/internal/fault"
)

// dataApplication marks the data objects that are ours (CKA_APPLICATION).
const dataApplication = "strongroom"

// PutData keeps a value (1 to 65536 bytes) under a label, in place of what was
// there. The new object is written before the old ones go, so that a reader
// never finds none; a crash between the two leaves both, and [Token.Data]
// gives both.
func (t *Token) PutData(ctx context.Context, label string, value []byte) error {
	if !validLabel(label) {
		return badLabel
	}
	if len(value) < 1 || len(value) > maxData {
		return fault.New(fault.Invalid, fmt.Sprintf("a data object in the HSM has 1 to %d bytes", maxData), "")
	}
	kept := append([]byte(nil), value...) // the caller may leave before the worker is done
	_, err := perform(ctx, t, func(s *session) (struct{}, error) {
		t.data.Lock()
		defer t.data.Unlock()
		return struct{}{}, s.replaceData(label, kept)
	})
	return err
}

func dataTemplate(label string) []*pkcs11.Attribute {
	return []*pkcs11.Attribute{
		pkcs11.NewAttribute(pkcs11.CKA_CLASS, pkcs11.CKO_DATA),
		pkcs11.NewAttribute(pkcs11.CKA_TOKEN, true),
		pkcs11.NewAttribute(pkcs11.CKA_PRIVATE, true),
		pkcs11.NewAttribute(pkcs11.CKA_APPLICATION, dataApplication),
		pkcs11.NewAttribute(pkcs11.CKA_LABEL, label),
	}
}

func (s *session) replaceData(label string, value []byte) error {
	old, err := s.findData(label)
	if err != nil {
		return err
	}
	_, err = s.ctx().CreateObject(s.handle, append(dataTemplate(label), pkcs11.NewAttribute(pkcs11.CKA_VALUE, value)))
	err = call("C_CreateObject", err)
	s.mutated(err)
	if err != nil {
		return err
	}
	for _, h := range old {
		err := call("C_DestroyObject", s.ctx().DestroyObject(s.handle, h))
		if err != nil && !handleDead(err) {
			return err
		}
	}
	return nil
}

// Data gives every value kept under a label, none when there is none. More
// than one means that a replacement was cut short; which one counts is for the
// caller to tell from the contents.
func (t *Token) Data(ctx context.Context, label string) ([][]byte, error) {
	if !validLabel(label) {
		return nil, badLabel
	}
	return perform(ctx, t, func(s *session) ([][]byte, error) {
		t.data.RLock()
		defer t.data.RUnlock()
		return s.data(label)
	})
}

// A search is no snapshot: while another process replaces the object, it can
// miss the old one, just gone, and the new one, not yet listed. So a reader
// who finds nothing looks again, a few times for a search that was empty and
// more often for objects that vanished between the search and the reading.
const (
	emptySearches = 3
	dataReads     = 16
)

func (s *session) data(label string) ([][]byte, error) {
	empty := 0
	for range dataReads {
		handles, err := s.findData(label)
		if err != nil {
			return nil, err
		}
		values, err := s.readData(handles)
		if err != nil || len(values) > 0 {
			return values, err
		}
		if len(handles) == 0 {
			empty++
		}
		if empty == emptySearches {
			return nil, nil
		}
	}
	return nil, because(ErrDevice, fmt.Errorf("the data object %q keeps changing", label))
}

func (s *session) readData(handles []pkcs11.ObjectHandle) ([][]byte, error) {
	var values [][]byte
	for _, h := range handles {
		a, err := s.read(h, pkcs11.CKA_VALUE)
		switch {
		case err != nil && handleDead(err):
		case err != nil:
			return nil, err
		case len(a[pkcs11.CKA_VALUE]) > 0:
			values = append(values, a[pkcs11.CKA_VALUE])
		}
	}
	return values, nil
}

// findData looks for our private objects. An empty answer is believed only
// from a token that is there and logged in.
func (s *session) findData(label string) ([]pkcs11.ObjectHandle, error) {
	found, err := s.find(dataTemplate(label)...)
	if err != nil || len(found) > 0 {
		return found, err
	}
	if err := s.present(); err != nil || s.refreshed {
		return nil, err
	}
	return nil, s.stale(because(ErrDevice, errors.New("no such data object")))
}
