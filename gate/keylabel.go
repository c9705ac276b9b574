package gate

import (
	"context"
	"regexp"

	"github.com/strongroom/strongroom/hsm"
	"github.com/strongroom/strongroom/internal/fault"
)

// A row of the database says which key of the HSM belongs to a version, and a
// row can be changed by whoever can write the file. The token itself says under
// which label the key was made, and a label cannot be changed. So a key is used
// or destroyed for a version only when its label names just that version; the
// log key, the identity master and the vault masters have labels of another
// form and are never taken for an object's key.

// keyLabel is the label of the HSM key of an object's version.
func keyLabel(f *found) string {
	return "strongroom/" + f.vault.Name + "/" + f.object.Name + "/" + f.version.ID
}

// masterLabel is the label of a vault's n-th master key.
func masterLabel(vaultName, n string) string { return "strongroom/" + vaultName + "/master/" + n }

var objectKeyLabel = regexp.MustCompile(`^strongroom/[0-9a-zA-Z-]+/[0-9a-zA-Z-]+/[0-9a-f]{32}$`)

// checkLabel refuses an HSM key that was made for something else. The token is
// asked once in each process: the label of a key never changes.
func (g *Gate) checkLabel(ctx context.Context, token Token, id hsm.KeyID, want string) error {
	g.mu.Lock()
	label, known := g.labels[id]
	g.mu.Unlock()
	if !known {
		info, err := token.Key(ctx, id)
		if err != nil {
			return err
		}
		label = info.Label
		g.mu.Lock()
		if g.labels == nil {
			g.labels = map[hsm.KeyID]string{}
		}
		g.labels[id] = label
		g.mu.Unlock()
	}
	if label != want {
		return fault.New(fault.Tampered, "the database names an HSM key that was made for something else",
			"somebody changed the database; run strongroom audit verify")
	}
	return nil
}
