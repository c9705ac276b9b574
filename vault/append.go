package vault

import (
	"strings"

	"github.com/strongroom/strongroom/audit"
)

// Append adds an entry to the log within this change. It gives the entry its
// number and a time that never goes back, encodes it once, and stores the
// exact bytes with the tree's hashes.
func (tx *Tx) Append(d audit.Draft) (audit.Entry, error) {
	if tx.broken != nil {
		return audit.Entry{}, tx.broken
	}
	at := tx.Now()
	if at.Before(tx.w.last) {
		at = tx.w.last
	}
	seq := tx.w.tree.Size()
	line, entry, err := audit.Encode(seq, at, d)
	if err != nil {
		return audit.Entry{}, err
	}
	previous := tx.w.tree.Clone()
	hashes, err := tx.w.tree.Append(line)
	if err == nil {
		err = tx.exec(`INSERT INTO log (seq, time, actor_id, action, vault, object, outcome, entry, hashes)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`, seq, at.UnixNano(), d.Actor.ID, d.Action, fold(d.Resource.Vault),
			objectOf(d.Resource), d.Outcome, line, hashes)
	}
	if err != nil {
		tx.w.tree = previous
		return audit.Entry{}, err
	}
	if tx.before == nil {
		tx.before = previous
	}
	tx.w.last = at
	return entry, nil
}

// Head gives the log's size and root as this change sees them: what a
// checkpoint after it will say. It reads nothing from the disk.
func (tx *Tx) Head() (size int64, root audit.Hash) { return tx.w.tree.Size(), tx.w.tree.Root() }

// objectOf is the log's column for finding an object: kind/name, in the form
// by which names compare; empty for an act on no object.
func objectOf(t audit.Target) string {
	if t.Kind == "" && t.Name == "" {
		return ""
	}
	return strings.Join([]string{t.Kind, fold(t.Name)}, "/")
}
