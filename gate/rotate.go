package gate

import (
	"context"
	"errors"
	"maps"

	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/keys"
	"github.com/strongroom/strongroom/roles"
	"github.com/strongroom/strongroom/vault"
)

// Rotate gives a key a new version with the type, the operations, the tags and
// the length of life of the newest one; its rotation policy may say another
// length. A certificate's key rotates with its certificate only.
func (g *Gate) Rotate(ctx context.Context, s *Session, r Ref) (Object, error) {
	return g.rotate(ctx, s, on(roles.KeysRotate, r.Vault, KindKey, r.Name, r.Version), nil)
}

// rotate carries a rotation; also goes into its transaction.
func (g *Gate) rotate(ctx context.Context, s *Session, a act, also change) (Object, error) {
	// Where the key is made decides which door the act takes, so the type is
	// looked up before. Who may not rotate is refused by either; what is not
	// there, or not the same any more, is found again inside.
	spec := g.specOf(ctx, &a)
	f, from := &found{}, &found{}
	prepare := func(ctx context.Context, a *act) error {
		var err error
		if *from, err = g.findWhole(ctx, a); err != nil {
			return err
		}
		return g.succeed(ctx, a, f, *from, spec)
	}
	unchanged := func(tx *vault.Tx) error { return stillNewest(ctx, tx, a.system, *from) }
	return g.makeKey(ctx, s, a, f, spec, prepare, inOrder(unchanged, also))
}

// specOf gives the newest version's spec, or the zero Spec.
func (g *Gate) specOf(ctx context.Context, a *act) keys.Spec {
	_, item, err := g.db.ObjectIn(ctx, a.target.Vault, vault.KindKey, a.target.Name)
	if err != nil {
		return keys.Spec{}
	}
	spec, err := keys.ParseSpec(item.Current.KeyType, item.Current.Bits, item.Current.Curve)
	if err != nil {
		return keys.Spec{}
	}
	return spec
}

// succeed prepares the version that follows from.
func (g *Gate) succeed(ctx context.Context, a *act, f *found, from found, spec keys.Spec) error {
	key, err := present(from)
	if err != nil {
		return err
	}
	if key.Spec != spec {
		return errChanged
	}
	policy, err := g.policyOfKey(ctx, from.object.ID)
	if err != nil {
		return err
	}
	a.params["from"], a.params["spec"] = from.version.ID, spec.String()
	*f, err = g.begin(ctx, a, vault.Attributes{
		Enabled: true, Tags: maps.Clone(from.version.Tags), Expires: policy.expiryOf(from.version, g.now()),
	})
	if err != nil {
		return err
	}
	return g.describeKey(f, spec, key.Operations)
}

// policyOfKey gives a key's rotation policy; one that says nothing where it has
// none.
func (g *Gate) policyOfKey(ctx context.Context, objectID string) (RotationPolicy, error) {
	row, err := g.db.RotationPolicy(ctx, objectID)
	if errors.Is(err, vault.ErrNoPolicy) {
		return RotationPolicy{}, nil
	}
	if err != nil {
		return RotationPolicy{}, err
	}
	return parsePolicy(row)
}

var errChanged = fault.New(fault.Conflict, "the key changed while it was rotated", "look at its newest version, then rotate again if it is still wanted")

// stillNewest makes sure that of two rotations at once one counts.
func stillNewest(ctx context.Context, tx *vault.Tx, system bool, from found) error {
	item, err := tx.Object(ctx, from.vault.ID, from.object.Kind, from.object.Name)
	if err != nil && !errors.Is(err, vault.ErrNoObject) {
		return err
	}
	if err == nil && item.Current.ID == from.version.ID {
		return nil
	}
	if system {
		return errOvertaken
	}
	return errChanged
}
