package gate

import (
	"bytes"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"encoding/json"
	"time"

	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/internal/secret"
)

// A ticket carries a command line's login session from one process to the
// next, sealed with AES-256-GCM under a key that lies elsewhere, and bound to
// the installation. What it says of person and times counts; the session's row
// in the database, which more people can write, can only end it sooner.
//
//	1 byte version | nonce and ciphertext of the JSON form of ticket

const (
	ticketVersion = 1
	// TicketKeySize is the size of a ticket's key in bytes.
	TicketKeySize = 32
	maxTicket     = 2 << 10
)

// ticket is what a ticket seals.
type ticket struct {
	Session  string    `json:"session"`
	Person   string    `json:"person"`
	Expires  time.Time `json:"expires"`
	FactorAt time.Time `json:"factor_at"`
	PIN      []byte    `json:"pin"`
}

// Ticket seals the login session under key.
func (g *Gate) Ticket(s *Session, key *secret.Bytes) ([]byte, error) {
	aead, err := ticketCipher(key)
	if err != nil {
		return nil, err
	}
	pin := s.borrowPIN()
	defer pin.Wipe()
	var plain []byte
	err = pin.RevealErr(func(b []byte) (err error) {
		plain, err = json.Marshal(ticket{s.id, s.personID, s.expires, s.factorTime(), b})
		return err
	})
	defer clear(plain)
	if err != nil {
		return nil, fault.Wrap(err, fault.Internal, "the login ticket cannot be made", "sign in again")
	}
	return aead.Seal([]byte{ticketVersion}, nil, plain, g.ticketBinding()), nil
}

// Resume opens a ticket and goes on with its login session, if that is still
// alive. A ticket that does not open is as good as none.
func (g *Gate) Resume(ctx context.Context, sealed []byte, key *secret.Bytes) (*Session, error) {
	t, err := g.openTicket(sealed, key)
	if err != nil {
		return nil, err
	}
	defer clear(t.PIN)
	s, err := g.resume(ctx, t)
	if err != nil {
		return nil, err
	}
	g.remember(s)
	g.reconcile(ctx)
	return s, nil
}

func (g *Gate) resume(ctx context.Context, t ticket) (*Session, error) {
	row, person, err := g.db.SessionPerson(ctx, t.Session)
	if err != nil {
		return nil, err
	}
	s := &Session{
		id: row.ID, personID: person.ID, personName: person.Name, source: Source(row.Source),
		expires: t.Expires, factorAt: t.FactorAt, lastSeen: row.LastSeen,
	}
	if person.ID != t.Person || ended(s, row, g.now()) != "" {
		return nil, fault.New(fault.Unauthenticated, "the login session is over", "sign in again: strongroom login NAME")
	}
	token, err := g.hsm(ctx)
	if err != nil {
		return nil, err
	}
	s.pin = secret.Copy(t.PIN)
	if err := token.Login(ctx, s.pin); err != nil {
		s.end()
		return nil, err
	}
	if err := g.guardLog(ctx); err != nil {
		s.end()
		return nil, err
	}
	return s, nil
}

func (g *Gate) openTicket(sealed []byte, key *secret.Bytes) (ticket, error) {
	bad := fault.New(fault.Unauthenticated, "nobody is signed in here", "sign in first: strongroom login NAME")
	if len(sealed) < 1 || len(sealed) > maxTicket || sealed[0] != ticketVersion {
		return ticket{}, bad
	}
	aead, err := ticketCipher(key)
	if err != nil {
		return ticket{}, bad
	}
	plain, err := aead.Open(nil, nil, sealed[1:], g.ticketBinding())
	if err != nil {
		return ticket{}, bad
	}
	defer clear(plain)
	var t ticket
	if err := json.Unmarshal(plain, &t); err != nil {
		return ticket{}, bad
	}
	return t, nil
}

func (g *Gate) ticketBinding() []byte {
	return bytes.Join([][]byte{[]byte("strongroom ticket v1"), []byte(g.installation.ID)}, []byte{0})
}

func ticketCipher(key *secret.Bytes) (aead cipher.AEAD, err error) {
	err = key.RevealErr(func(b []byte) error {
		if len(b) != TicketKeySize {
			return fault.New(fault.Internal, "a ticket's key has the wrong size", "sign in again")
		}
		block, err := aes.NewCipher(b)
		if err != nil {
			return err
		}
		aead, err = cipher.NewGCMWithRandomNonce(block)
		return err
	})
	return aead, err
}
