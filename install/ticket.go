package install

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"

	"github.com/strongroom/strongroom/gate"
	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/internal/secret"
	"github.com/strongroom/strongroom/mfa"
)

// The command line's login session goes from one process to the next as a
// ticket: a sealed file in the home directory, whose key lies in the operating
// system's keyring, or, where none answers, in a 0600 file in
// $XDG_RUNTIME_DIR, which the system clears at logout. Without that variable
// the key lies in the home directory too, and doctor says so.

const (
	ticketName = "ticket"
	// maxTicketFile bounds what is read back.
	maxTicketFile = 4 << 10
)

// SaveTicket keeps a login session for the commands that follow. An earlier
// ticket is replaced.
func (i *Installation) SaveTicket(ctx context.Context, s *gate.Session) error {
	ring, err := i.ticketRing(ctx)
	if err != nil {
		return err
	}
	defer ring.Close()
	key, err := newTicketKey(i.system.Rand)
	if err != nil {
		return err
	}
	defer key.Wipe()
	sealed, err := i.Gate.Ticket(s, key)
	if err != nil {
		return err
	}
	if err := ring.Set(ctx, i.ticketEntry(), key); err != nil {
		return err
	}
	return i.writeTicket(sealed)
}

// Resume goes on with the login session that SaveTicket kept.
func (i *Installation) Resume(ctx context.Context) (*gate.Session, error) {
	sealed, err := i.readTicket()
	if err != nil {
		return nil, err
	}
	ring, err := i.ticketRing(ctx)
	if err != nil {
		return nil, err
	}
	defer ring.Close()
	key, err := ring.Get(ctx, i.ticketEntry())
	if fault.KindOf(err) == fault.NotFound {
		return nil, errNobody()
	}
	if err != nil {
		return nil, err
	}
	defer key.Wipe()
	return i.Gate.Resume(ctx, sealed, key)
}

// DropTicket forgets the kept login session. It does not end it: the gate
// does.
func (i *Installation) DropTicket(ctx context.Context) error {
	err := os.Remove(i.ticketPath())
	if errors.Is(err, os.ErrNotExist) {
		err = nil
	}
	ring, ringErr := i.ticketRing(ctx)
	if ringErr != nil {
		return errors.Join(err, ringErr)
	}
	defer ring.Close()
	if deleteErr := ring.Delete(ctx, i.ticketEntry()); fault.KindOf(deleteErr) != fault.NotFound {
		err = errors.Join(err, deleteErr)
	}
	return err
}

func (i *Installation) ticketEntry() string { return "ticket-key-" + i.Gate.Installation() }

func (i *Installation) ticketPath() string { return filepath.Join(i.Home.Run(), ticketName) }

// ticketRing is the keyring of ticket keys. Its files lie where they are lost
// at logout, if the system has such a place.
func (i *Installation) ticketRing(ctx context.Context) (*mfa.Keyring, error) {
	folder := i.Home.Run()
	if dir := i.system.Getenv("XDG_RUNTIME_DIR"); filepath.IsAbs(dir) {
		if info, err := os.Stat(dir); err == nil && info.IsDir() {
			folder = filepath.Join(dir, "strongroom-"+i.Gate.Installation())
		}
	}
	return openKeyring(ctx, folder, i.system)
}

func (i *Installation) writeTicket(sealed []byte) error {
	bad := func(err error) error {
		return fault.Wrap(err, fault.Unavailable, "the login ticket cannot be written", "check free space and permissions of the home directory")
	}
	if err := os.MkdirAll(i.Home.Run(), 0o700); err != nil {
		return bad(err)
	}
	f, err := os.CreateTemp(i.Home.Run(), ticketName+"-*") // mode 0600
	if err != nil {
		return bad(err)
	}
	_, err = f.Write(sealed)
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), i.ticketPath())
	}
	if err != nil {
		return errors.Join(bad(err), os.Remove(f.Name()))
	}
	return nil
}

func (i *Installation) readTicket() ([]byte, error) {
	f, err := os.Open(i.ticketPath())
	if errors.Is(err, os.ErrNotExist) {
		return nil, errNobody()
	}
	if err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, "the login ticket cannot be read", "sign in again: strongroom login NAME")
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, maxTicketFile))
}

func newTicketKey(rand io.Reader) (*secret.Bytes, error) {
	b := make([]byte, gate.TicketKeySize)
	if _, err := io.ReadFull(rand, b); err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, "there is no randomness", "check the system's random source")
	}
	return secret.New(b), nil
}

func errNobody() error {
	return fault.New(fault.Unauthenticated, "nobody is signed in here", "sign in first: strongroom login NAME")
}
