package gate

import (
	"context"
	"errors"
	"os"

	"github.com/strongroom/strongroom/audit"
	"github.com/strongroom/strongroom/hsm"
	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/roles"
	"github.com/strongroom/strongroom/vault"
)

// A purge cannot share a transaction with the HSM. It removes the object and
// logs an intent for each of its HSM keys in one transaction, then destroys
// them, then logs the outcomes. A crash between leaves keys that nothing refers
// to and intents that say so: reconcile destroys them. The other order could
// leave an object whose key is gone.

// destroyKey is the log's action for an HSM key that goes for good.
const destroyKey = roles.Action("hsm/destroyKey")

// whatDestroy marks the intents of keys that are to go, whoever finds them.
const whatDestroy = "purged key"

// doomed is an HSM key that goes with its object.
type doomed struct {
	intent string
	key    hsm.KeyID
	label  string
}

// Purge removes a deleted object for good: all versions, and its keys in the
// HSM. Under purge protection nobody can, before its date.
func (g *Gate) Purge(ctx context.Context, s *Session, kind Kind, r Ref) error {
	v, err := verbsOf(kind)
	if err != nil {
		return err
	}
	return g.purge(ctx, s, on(v.purge, r.Vault, kind, r.Name, r.Version))
}

func (g *Gate) purge(ctx context.Context, s *Session, a act) error {
	var completed act
	keys, err := carry(ctx, g, s, a, func(ctx context.Context, a *act) ([]doomed, change, error) {
		f, err := g.findDeleted(ctx, a)
		if a.system && errors.Is(err, vault.ErrNotDeleted) {
			err = errOvertaken
		}
		if err != nil {
			return nil, nil, err
		}
		completed = *a
		if a.system && g.now().Before(f.object.PurgeAt) {
			return nil, nil, errOvertaken
		}
		if err := g.checkPurge(f); err != nil {
			return nil, nil, err
		}
		keys, err := g.doomedKeys(ctx, f)
		if err != nil {
			return nil, nil, err
		}
		// The log numbers entries within the transaction: the intents come
		// first, then the entry of the purge itself.
		return keys, func(tx *vault.Tx) error {
			if err := stillDue(ctx, tx, a, f); err != nil {
				return err
			}
			if err := together(ctx, tx, f.object, tx.Purge); err != nil {
				return err
			}
			return g.announceDoomed(tx, s, a, keys)
		}, nil
	})
	if err != nil {
		return err
	}
	var left error
	for _, k := range keys {
		left = errors.Join(left, g.destroyDoomed(ctx, s, &completed, k))
	}
	if left != nil {
		return fault.Wrap(left, fault.Unavailable, "the object is purged, but the HSM has not destroyed its key yet", "it is destroyed at the next sign-in")
	}
	return nil
}

// stillDue makes sure that what a due purge found was not recovered, and maybe
// deleted anew, in the meantime.
func stillDue(ctx context.Context, tx *vault.Tx, a *act, f found) error {
	if !a.system {
		return nil
	}
	item, err := tx.DeletedObject(ctx, f.vault.ID, f.object.Kind, f.object.Name)
	if errors.Is(err, vault.ErrNotDeleted) || err == nil && (item.ID != f.object.ID || tx.Now().Before(item.PurgeAt)) {
		return errOvertaken
	}
	return err
}

func (g *Gate) checkPurge(f found) error {
	if err := checkOwnLife(f.object); err != nil {
		return err
	}
	if f.vault.PurgeProtection && g.now().Before(f.object.PurgeAt) {
		return refuse(rulePurge, fault.New(fault.Forbidden, "purge protection keeps the "+string(f.object.Kind)+" "+f.object.Name+" until "+
			f.object.PurgeAt.Format("2006-01-02"), "nobody can purge it before; it goes by itself then"))
	}
	return nil
}

// doomedKeys gives the HSM keys that go with an object. The token must answer
// for each, so that nothing is removed while it is away.
func (g *Gate) doomedKeys(ctx context.Context, f found) ([]doomed, error) {
	group, err := g.db.Together(ctx, f.object)
	if err != nil {
		return nil, err
	}
	var all []doomed
	for _, member := range group {
		if member.Kind != vault.KindKey {
			continue
		}
		ids, err := g.db.HSMKeys(ctx, member.ID)
		if err != nil {
			return nil, err
		}
		for _, id := range ids {
			own := found{vault: f.vault, object: member, version: vault.Version{ID: id.Version}}
			k, err := g.doom(ctx, hsm.KeyID(id.ID), keyLabel(&own))
			if err != nil {
				return nil, err
			}
			all = append(all, k)
		}
	}
	return all, nil
}

// doom makes sure that the token would give up just this key: one that was made
// for something else is not destroyed because a row says so.
func (g *Gate) doom(ctx context.Context, id hsm.KeyID, label string) (doomed, error) {
	token, err := g.hsm(ctx)
	if err != nil {
		return doomed{}, err
	}
	if err := g.checkLabel(ctx, token, id, label); err != nil && !errors.Is(err, hsm.ErrKeyAbsent) {
		return doomed{}, err
	}
	intent, err := g.newID()
	return doomed{intent, id, label}, err
}

func (g *Gate) announceDoomed(tx *vault.Tx, s *Session, a *act, keys []doomed) error {
	for _, k := range keys {
		err := tx.OpenIntent(vault.Intent{
			ID: k.intent, KeyID: string(k.key), Label: k.label, What: whatDestroy,
			PID: os.Getpid(), PIDStart: processStart(os.Getpid()),
		})
		if err != nil {
			return err
		}
		if _, err := tx.Append(g.draft(s, doomedAct(a, k.intent, k.key), audit.Intent)); err != nil {
			return err
		}
	}
	return nil
}

func doomedAct(a *act, id string, key hsm.KeyID) *act {
	return &act{
		id: id, action: destroyKey, system: a.system, target: audit.Target{Vault: a.target.Vault, Kind: "hsm-key", Name: string(key)},
		params: map[string]string{"object": a.target.Kind + "/" + a.target.Name},
	}
}

// destroyDoomed destroys one key and logs how that went. A failure leaves the
// intent open.
func (g *Gate) destroyDoomed(ctx context.Context, s *Session, a *act, k doomed) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), logPatience)
	defer cancel()
	id, err := g.newID()
	if err != nil {
		return err
	}
	own := doomedAct(a, id, k.key)
	cause := g.destroy(ctx, k.key, k.label)
	draft := g.draft(s, own, audit.Done)
	if cause != nil {
		draft = g.undone(s, own, cause)
	}
	draft.Ref = k.intent
	err = g.db.Write(ctx, func(tx *vault.Tx) error {
		if cause == nil {
			if err := tx.CloseIntent(k.intent); err != nil {
				return err
			}
		}
		_, err := tx.Append(draft)
		return err
	})
	if errors.Is(err, vault.ErrNoIntent) {
		return nil // somebody else reconciled it meanwhile, with an entry
	}
	return errors.Join(cause, err)
}
