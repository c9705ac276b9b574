package gate

import (
	"context"
	"crypto/ecdsa"
	"fmt"
	"slices"

	"github.com/strongroom/strongroom/audit"
	"github.com/strongroom/strongroom/hsm"
	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/internal/secret"
	"github.com/strongroom/strongroom/keys"
	"github.com/strongroom/strongroom/vault"
)

// The anchors' names as the subject of a sentence.
const (
	hsmAnchor     = "the HSM's anchor"
	keyringAnchor = "this computer's keyring"
)

// origin is the log's name in its checkpoints.
func origin(installation string) string { return "strongroom/" + installation }

// LogKey gives the log's public key as a signed-note verifier key.
func (g *Gate) LogKey() (string, error) { return verifierKey(g.installation.ID, g.logKey) }

func verifierKey(installation string, key *ecdsa.PublicKey) (string, error) {
	return audit.VerifierKey(origin(installation), key)
}

// anchorLabel names the data object in the HSM, and the entry in the keyring.
func anchorLabel(installation string) string { return "strongroom-anchor-" + installation }

// logSigner signs with the log key in the HSM.
type logSigner struct {
	token Token
	key   hsm.KeyID
	pub   *ecdsa.PublicKey
}

func (s logSigner) Public() *ecdsa.PublicKey { return s.pub }

func (s logSigner) SignDigest(ctx context.Context, digest []byte) ([]byte, error) {
	raw, err := s.token.Sign(ctx, hsm.SignRequest{Key: s.key, Mechanism: hsm.ECDSA, Hash: sha256Hash, Digest: digest})
	if err != nil {
		return nil, err
	}
	return keys.ASN1Signature(keys.P256, raw)
}

func (g *Gate) signer(token Token) logSigner {
	return logSigner{token, hsm.KeyID(g.installation.LogKeyID), g.logKey}
}

// checkpoint signs the log's head in the HSM and leaves copies of it in the
// database, the HSM and the keyring. A checkpoint says something about the log
// and is not an act: it has no entry, or no checkpoint could ever cover the
// whole log.
//
// Before it signs it holds the log against every head that is remembered
// outside the database, and against the last one that this process saw: a log
// that was rewritten while the program ran must not be signed into truth.
func (g *Gate) checkpoint(ctx context.Context, token Token) (head, error) {
	log, err := g.db.Log(ctx)
	if err != nil {
		return head{}, err
	}
	known, err := g.knownHeads(ctx, token)
	if err == nil {
		err = holdAgainstAll(ctx, log, known)
	}
	if err != nil {
		g.raise(err)
		return head{}, err
	}
	now, err := headOf(ctx, log)
	if err != nil {
		return head{}, err
	}
	if err := g.signHead(ctx, token, now); err != nil {
		return head{}, err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.seen = &now
	return now, nil
}

// head is the log's size and root at a moment.
type head struct {
	size int64
	root audit.Hash
}

// knownHeads gives every head of the log that is remembered outside it.
func (g *Gate) knownHeads(ctx context.Context, token Token) ([]audit.Anchor, error) {
	known, err := g.hsmAnchors(ctx, token)
	if err != nil {
		return nil, err
	}
	kept, err := g.keyringAnchors(ctx)
	if err != nil {
		return nil, err
	}
	known = append(known, kept...)
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.seen != nil {
		known = append(known, audit.Anchor{Where: "this process", Size: g.seen.size, Root: g.seen.root})
	}
	return known, nil
}

// signHead stores the head's checkpoint, unless it is stored, and anchors it.
func (g *Gate) signHead(ctx context.Context, token Token, now head) error {
	last, err := g.db.LastCheckpoint(ctx)
	if err != nil && fault.KindOf(err) != fault.NotFound {
		return err
	}
	note := last.Note
	if err != nil || last.Size != now.size || last.Root != now.root {
		note, err = audit.SignCheckpoint(ctx, origin(g.installation.ID), now.size, now.root, g.signer(token))
		if err != nil {
			return err
		}
	}
	return g.anchor(ctx, token, vault.Checkpoint{Size: now.size, Root: now.root, Note: note})
}

// anchor stores a checkpoint and leaves copies outside the database, where an
// older copy of the database does not reach. It does so under the database's
// write lock, so that of two processes the slower one cannot put an older
// anchor in place of a newer one. The head was committed before: should the
// transaction fail, no anchor is ahead of the log.
func (g *Gate) anchor(ctx context.Context, token Token, c vault.Checkpoint) error {
	return g.db.Write(ctx, func(tx *vault.Tx) error {
		if err := tx.PutCheckpoint(c); err != nil {
			return err
		}
		anchors, err := g.hsmAnchors(ctx, token)
		if err != nil {
			return err
		}
		if !coveredBy(anchors, c.Size) {
			if err := token.PutData(ctx, anchorLabel(g.installation.ID), c.Note); err != nil {
				return err
			}
		}
		if anchors, err = g.keyringAnchors(ctx); err != nil || coveredBy(anchors, c.Size) {
			return err
		}
		return g.keyring.Set(ctx, anchorLabel(g.installation.ID), secret.Copy(c.Note))
	})
}

// coveredBy reports whether an anchor is as far as size.
func coveredBy(anchors []audit.Anchor, size int64) bool {
	return slices.ContainsFunc(anchors, func(a audit.Anchor) bool { return a.Size >= size })
}

func headOf(ctx context.Context, log *vault.Log) (head, error) {
	tree, err := log.Tree(ctx)
	if err != nil {
		return head{}, err
	}
	return head{tree.Size(), tree.Root()}, nil
}

// hsmAnchors reads the anchors in the HSM. It takes a token that is logged in.
func (g *Gate) hsmAnchors(ctx context.Context, token Token) ([]audit.Anchor, error) {
	notes, err := token.Data(ctx, anchorLabel(g.installation.ID))
	if err != nil {
		return nil, err
	}
	anchors := make([]audit.Anchor, 0, len(notes))
	for _, note := range notes {
		a, err := g.openAnchor(hsmAnchor, note)
		if err != nil {
			return nil, err
		}
		anchors = append(anchors, a)
	}
	return anchors, nil
}

// keyringAnchors reads the anchor in the keyring. None is no error: another
// computer may never have seen this log.
func (g *Gate) keyringAnchors(ctx context.Context) ([]audit.Anchor, error) {
	note, err := g.keyring.Get(ctx, anchorLabel(g.installation.ID))
	if fault.KindOf(err) == fault.NotFound {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var a audit.Anchor
	err = note.RevealErr(func(b []byte) (err error) {
		a, err = g.openAnchor(keyringAnchor, b)
		return err
	})
	return []audit.Anchor{a}, err
}

func (g *Gate) openAnchor(where string, note []byte) (audit.Anchor, error) {
	c, err := audit.OpenCheckpoint(note, origin(g.installation.ID), g.logKey)
	if err != nil {
		return audit.Anchor{}, fault.Wrap(err, fault.Tampered, where+" is not signed by the log's key", "somebody changed it; run strongroom audit verify")
	}
	return audit.Anchor{Where: where, Size: c.Size, Root: c.Root}, nil
}

// holdAgainst compares the log with an anchor: it may have grown since, and
// must not have changed or shrunk. It reads the anchor's size of the tree, not
// the entries; a whole verification is [Gate.VerifyLog].
func holdAgainst(ctx context.Context, log *vault.Log, a audit.Anchor) error {
	size, err := log.Size(ctx)
	if err != nil {
		return err
	}
	if size < a.Size {
		return fault.New(fault.Tampered, fmt.Sprintf("the log has %d entries, but %s says %d", size, a.Where, a.Size),
			"this is an older copy of the database, or its end was cut; nothing is carried out until it is restored")
	}
	root, err := audit.RootAt(ctx, log, a.Size)
	if err != nil {
		return err
	}
	if root != a.Root {
		return fault.New(fault.Tampered, fmt.Sprintf("the first %d entries of the log are not those that %s knows", a.Size, a.Where),
			"the log was rewritten; nothing is carried out until it is restored")
	}
	return nil
}

func holdAgainstAll(ctx context.Context, log *vault.Log, anchors []audit.Anchor) error {
	for _, a := range anchors {
		if err := holdAgainst(ctx, log, a); err != nil {
			return err
		}
	}
	return nil
}

// checkKeyringAnchor runs when the installation opens.
func (g *Gate) checkKeyringAnchor(ctx context.Context) {
	anchors, err := g.keyringAnchors(ctx)
	g.raise(g.compare(ctx, anchors, err))
}

// guardLog checks the HSM's anchor once in each process, as soon as somebody
// is logged in to the token. An installation is born with an anchor: none is as
// bad as one that does not fit.
func (g *Gate) guardLog(ctx context.Context) error {
	g.mu.Lock()
	done := g.anchored
	g.mu.Unlock()
	if done {
		return g.tampered()
	}
	token, err := g.hsm(ctx)
	if err != nil {
		return err
	}
	anchors, err := g.hsmAnchors(ctx, token)
	if err == nil && len(anchors) == 0 {
		err = fault.New(fault.Tampered, "the HSM's anchor of the log is gone", "somebody removed it; compare the log with a checkpoint that was kept elsewhere")
	}
	err = g.compare(ctx, anchors, err)
	g.raise(err)
	if err == nil {
		g.mu.Lock()
		g.anchored = true
		g.mu.Unlock()
	}
	return err
}

func (g *Gate) compare(ctx context.Context, anchors []audit.Anchor, err error) error {
	if err != nil {
		return err
	}
	log, err := g.db.Log(ctx)
	if err != nil {
		return err
	}
	return holdAgainstAll(ctx, log, anchors)
}

// raise remembers an error that says the log was tampered with. Others, such
// as a keyring that does not answer, are no proof of anything.
func (g *Gate) raise(err error) {
	if fault.KindOf(err) != fault.Tampered {
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.alarm = err
}
