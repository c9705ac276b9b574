package install

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"

	"github.com/strongroom/strongroom/gate"
	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/internal/home"
	"github.com/strongroom/strongroom/internal/secret"
)

// The command line's login session goes from one process to the next as a
// ticket: a sealed file in the home directory, whose key lies outside of it:
// in the operating system's keyring, or, where none answers, in a 0600 file
// that the system loses at logout or when it stops. Where there is no such
// place, there is no ticket.

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

// Resume goes on with the login session that SaveTicket kept. A ticket that is
// of no use any more, because its session is over or its key is gone, is
// destroyed: the HSM's PIN is in it.
func (i *Installation) Resume(ctx context.Context) (*gate.Session, error) {
	sealed, err := i.readTicket()
	if err != nil {
		return nil, err
	}
	s, err := i.open(ctx, sealed)
	if fault.KindOf(err) == fault.Unauthenticated {
		return nil, errors.Join(err, i.DropTicket(ctx))
	}
	return s, err
}

func (i *Installation) open(ctx context.Context, sealed []byte) (*gate.Session, error) {
	key, err := i.ticketKey(ctx)
	if err != nil {
		return nil, err
	}
	defer key.Wipe()
	return i.Gate.Resume(ctx, sealed, key)
}

// ticketKey gives the key, which the caller wipes, or Unauthenticated when it
// is gone.
func (i *Installation) ticketKey(ctx context.Context) (*secret.Bytes, error) {
	ring, err := i.ticketRing(ctx)
	if errors.Is(err, errNoTicketPlace) {
		return nil, errNobody()
	}
	if err != nil {
		return nil, err
	}
	defer ring.Close()
	key, err := ring.Get(ctx, i.ticketEntry())
	if fault.KindOf(err) == fault.NotFound {
		return nil, errNobody()
	}
	return key, err
}

// sweepTicket destroys a ticket whose key is gone, and reports whether there
// was one.
func (i *Installation) sweepTicket(ctx context.Context) (bool, error) {
	if _, err := i.readTicket(); err != nil {
		if fault.KindOf(err) == fault.Unauthenticated {
			err = nil
		}
		return false, err
	}
	key, err := i.ticketKey(ctx)
	key.Wipe()
	if fault.KindOf(err) != fault.Unauthenticated {
		return false, err
	}
	return true, i.DropTicket(ctx)
}

// DropTicket forgets the kept login session. It does not end it: the gate
// does.
func (i *Installation) DropTicket(ctx context.Context) error {
	err := i.removeTicket()
	ring, ringErr := i.ticketRing(ctx)
	if errors.Is(ringErr, errNoTicketPlace) {
		return err // there is no key either
	}
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

// writeTicket puts the ticket in place whole or not at all. A key that an
// earlier version of the program kept beside it is removed.
func (i *Installation) writeTicket(sealed []byte) (err error) {
	if err := makeRun(i.Home.Run()); err != nil {
		return err
	}
	root, err := openRun(i.Home.Run())
	if err != nil {
		return errTicketDisk(err)
	}
	defer func() { err = errors.Join(err, root.Close()) }()
	if err := remove(root, i.ticketEntry()+".key"); err != nil {
		return errTicketDisk(err)
	}
	fresh := ticketName + "-" + strconv.Itoa(os.Getpid())
	if err := remove(root, fresh); err != nil { // left by a crash
		return errTicketDisk(err)
	}
	err = writeNew(root, fresh, sealed)
	if err == nil {
		err = root.Rename(fresh, ticketName)
	}
	if err != nil {
		return errors.Join(errTicketDisk(err), remove(root, fresh))
	}
	return nil
}

func writeNew(root *os.Root, name string, content []byte) error {
	f, err := root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	return errors.Join(err, f.Close())
}

func remove(root *os.Root, name string) error {
	if err := root.Remove(name); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// removeTicket removes the ticket, and a key that an earlier version of the
// program kept beside it.
func (i *Installation) removeTicket() error {
	root, err := openRun(i.Home.Run())
	if fault.KindOf(err) == fault.NotFound {
		return nil
	}
	if err != nil {
		return err
	}
	err = errors.Join(remove(root, ticketName), remove(root, i.ticketEntry()+".key"))
	return errors.Join(err, root.Close())
}

func (i *Installation) readTicket() (sealed []byte, err error) {
	root, err := openRun(i.Home.Run())
	if fault.KindOf(err) == fault.NotFound {
		return nil, errNobody()
	}
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, root.Close()) }()
	path := filepath.Join(i.Home.Run(), ticketName)
	info, err := root.Lstat(ticketName)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, errNobody()
	case err != nil:
		return nil, errTicketDisk(err)
	case !info.Mode().IsRegular():
		return nil, fault.New(fault.Forbidden, path+" is not a plain file", "remove it, then sign in again")
	}
	if err := home.Private(path); err != nil {
		return nil, err
	}
	f, err := root.Open(ticketName)
	if err != nil {
		return nil, errTicketDisk(err)
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, maxTicketFile))
}

func errTicketDisk(err error) error {
	return fault.Wrap(err, fault.Unavailable, "the login ticket cannot be used", "check free space and permissions of the home directory, then sign in again")
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
