package gate

import (
	"bytes"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"

	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/internal/secret"
)

// A ticket carries a command line's login session from one process to the
// next: the session's id and the HSM's PIN, sealed with AES-256-GCM under a
// key that lies elsewhere, and bound to the installation.
//
//	1 byte version | nonce and ciphertext of ( 2 bytes length | id | PIN )

const (
	ticketVersion = 1
	// TicketKeySize is the size of a ticket's key in bytes.
	TicketKeySize = 32
	maxTicket     = 1 << 10
)

// Ticket seals the login session under key.
func (g *Gate) Ticket(s *Session, key *secret.Bytes) ([]byte, error) {
	aead, err := ticketCipher(key)
	if err != nil {
		return nil, err
	}
	pin := s.borrowPIN()
	defer pin.Wipe()
	plain := binary.BigEndian.AppendUint16(nil, uint16(len(s.id)))
	plain = append(plain, s.id...)
	pin.Reveal(func(b []byte) { plain = append(plain, b...) })
	defer clear(plain)
	return aead.Seal([]byte{ticketVersion}, nil, plain, g.ticketBinding()), nil
}

// Resume opens a ticket and goes on with its login session, if that is still
// alive. A ticket that does not open is as good as none.
func (g *Gate) Resume(ctx context.Context, ticket []byte, key *secret.Bytes) (*Session, error) {
	id, pin, err := g.openTicket(ticket, key)
	if err != nil {
		return nil, err
	}
	s, err := g.resume(ctx, id, pin)
	if err != nil {
		pin.Wipe()
		return nil, err
	}
	g.remember(s)
	g.reconcile(ctx)
	return s, nil
}

func (g *Gate) resume(ctx context.Context, id string, pin *secret.Bytes) (*Session, error) {
	row, err := g.db.Session(ctx, id)
	if err != nil {
		return nil, err
	}
	if !row.EndedAt.IsZero() || !g.now().Before(row.Expires) {
		return nil, fault.New(fault.Unauthenticated, "the login session is over", "sign in again: strongroom login NAME")
	}
	person, err := g.db.Person(ctx, row.PersonID)
	if err != nil {
		return nil, err
	}
	token, err := g.hsm(ctx)
	if err != nil {
		return nil, err
	}
	if err := token.Login(ctx, pin); err != nil {
		return nil, err
	}
	if err := g.guardLog(ctx); err != nil {
		return nil, err
	}
	return &Session{
		id: row.ID, personID: person.ID, personName: person.Name, source: Source(row.Source),
		expires: row.Expires, factorAt: row.FactorAt, lastSeen: row.LastSeen, pin: pin,
	}, nil
}

func (g *Gate) openTicket(ticket []byte, key *secret.Bytes) (string, *secret.Bytes, error) {
	bad := fault.New(fault.Unauthenticated, "nobody is signed in here", "sign in first: strongroom login NAME")
	if len(ticket) < 1 || len(ticket) > maxTicket || ticket[0] != ticketVersion {
		return "", nil, bad
	}
	aead, err := ticketCipher(key)
	if err != nil {
		return "", nil, bad
	}
	plain, err := aead.Open(nil, nil, ticket[1:], g.ticketBinding())
	if err != nil || len(plain) < 2 {
		return "", nil, bad
	}
	defer clear(plain)
	size := int(binary.BigEndian.Uint16(plain))
	if len(plain) < 2+size {
		return "", nil, bad
	}
	return string(plain[2 : 2+size]), secret.Copy(plain[2+size:]), nil
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
