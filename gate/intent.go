package gate

import (
	"context"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"slices"
	"time"

	"github.com/strongroom/strongroom/audit"
	"github.com/strongroom/strongroom/hsm"
	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/internal/secret"
	"github.com/strongroom/strongroom/keys"
	"github.com/strongroom/strongroom/roles"
	"github.com/strongroom/strongroom/vault"
)

// An act that makes a key in the HSM cannot share a transaction with it. It
// logs an intent with the key's id first; then the token makes the key; then
// the outcome closes the intent, in the transaction that stores what belongs
// to the key. An intent that nobody closed is what a crash left; reconcile
// closes it.

// making is a key on its way into the HSM.
type making struct {
	request hsm.GenerateKeyRequest
	what    string
	// material is the key itself where it was made elsewhere, else nil. Who
	// prepared the making wipes it.
	material *secret.Bytes
}

// in has the token make the key, or take it.
func (m making) in(ctx context.Context, token Token) (hsm.KeyInfo, error) {
	if m.material == nil {
		return token.GenerateKey(ctx, m.request)
	}
	r := m.request
	return token.ImportKey(ctx, hsm.ImportKeyRequest{ID: r.ID, Label: r.Label, Type: r.Type, Usage: r.Usage, Material: m.material})
}

// createInHSM carries an act that makes a key in the HSM, or puts an imported
// one there, and stores f with it. prepare looks everything up; finish gives
// the change that stores it.
func (g *Gate) createInHSM(ctx context.Context, s *Session, a act, f *found, prepare func(context.Context, *act) error, imported *keys.Private,
	finish func(context.Context, hsm.KeyInfo) (change, error),
) (Object, error) {
	var m making
	defer func() { m.material.Wipe() }()
	_, err := carryHSM(ctx, g, s, a,
		func(ctx context.Context, a *act) (making, error) {
			err := prepare(ctx, a)
			if err == nil {
				m, err = g.makingOf(f)
			}
			if err == nil && imported != nil {
				m.material, err = imported.Encode()
			}
			return m, err
		},
		func(ctx context.Context, info hsm.KeyInfo) (struct{}, change, error) {
			f.version.HSMKeyID, f.version.PublicKey = string(info.ID), info.Public
			facts, err := g.factsOf(ctx, f.version.ID, info)
			if err != nil {
				return struct{}{}, nil, err
			}
			ch, err := finish(ctx, info)
			return struct{}{}, inOrder(ch, func(tx *vault.Tx) error { return tx.RecordKeyFacts(facts) }), err
		})
	if err != nil {
		return Object{}, err
	}
	return present(*f)
}

func (g *Gate) makingOf(f *found) (making, error) {
	spec, err := keys.ParseSpec(f.version.KeyType, f.version.Bits, f.version.Curve)
	if err != nil {
		return making{}, err
	}
	ops, err := keys.ParseOperations(spec, f.version.Operations)
	if err != nil {
		return making{}, err
	}
	kind, usage, err := inToken(spec, ops)
	if err != nil {
		return making{}, err
	}
	if f.object.Managed {
		usage |= hsm.UsageSign // its first certificate is signed with the key itself
	}
	return g.newMaking(kind, usage, keyLabel(f), "key")
}

func (g *Gate) newMaking(kind hsm.KeyType, usage hsm.Usage, label, what string) (making, error) {
	id, err := newKeyID(g.rand)
	if err != nil {
		return making{}, err
	}
	return making{request: hsm.GenerateKeyRequest{ID: id, Label: label, Type: kind, Usage: usage}, what: what}, nil
}

// newKeyID chooses a key's id before the key is there, so that the intent can
// name it: 16 random bytes.
func newKeyID(rand io.Reader) (hsm.KeyID, error) {
	var b [16]byte
	if _, err := io.ReadFull(rand, b[:]); err != nil {
		return "", fault.Wrap(err, fault.Unavailable, "there is no randomness", "check the system's random source")
	}
	return hsm.KeyID(hex.EncodeToString(b[:])), nil
}

// carryHSM is the door for an act that makes a key in the HSM.
func carryHSM[T any](ctx context.Context, g *Gate, s *Session, a act,
	prepare func(context.Context, *act) (making, error),
	finish func(context.Context, hsm.KeyInfo) (T, change, error),
) (T, error) {
	var none T
	var err error
	if a.id, err = g.newID(); err != nil {
		return none, err
	}
	if err := g.admit(ctx, s, &a); err != nil {
		return none, g.logUndone(ctx, s, &a, err)
	}
	m, _, err := guarded(ctx, &a, func(ctx context.Context, a *act) (making, change, error) {
		m, err := prepare(ctx, a)
		return m, nil, err
	})
	if err != nil {
		return none, g.logUndone(ctx, s, &a, err)
	}
	intent := a.id
	if err := g.announce(ctx, s, &a, m); err != nil {
		return none, g.logUndone(ctx, s, &a, err)
	}
	if a.id, err = g.newID(); err != nil {
		return none, err
	}
	result, err := makeAndStore(ctx, g, s, &a, intent, m, finish)
	if err != nil {
		return none, g.giveUp(ctx, s, &a, intent, m, err)
	}
	return result, nil
}

// announce logs the intent before the token is touched.
func (g *Gate) announce(ctx context.Context, s *Session, a *act, m making) error {
	draft := g.draft(s, a, audit.Intent)
	draft.Params["hsm_key"] = string(m.request.ID)
	row := vault.Intent{
		ID: a.id, KeyID: string(m.request.ID), Label: m.request.Label, What: m.what,
		PID: os.Getpid(), PIDStart: processStart(os.Getpid()),
	}
	return g.db.Write(ctx, func(tx *vault.Tx) error {
		if err := tx.OpenIntent(row); err != nil {
			return err
		}
		_, err := tx.Append(draft)
		return err
	})
}

func makeAndStore[T any](ctx context.Context, g *Gate, s *Session, a *act, intent string, m making, finish func(context.Context, hsm.KeyInfo) (T, change, error)) (T, error) {
	var none T
	token, err := g.hsm(ctx)
	if err != nil {
		return none, err
	}
	result, ch, err := guarded(ctx, a, func(ctx context.Context, _ *act) (T, change, error) {
		info, err := m.in(ctx, token)
		if err != nil {
			return none, nil, err
		}
		return finish(ctx, info)
	})
	if err != nil {
		return none, err
	}
	a.params["hsm_key"] = string(m.request.ID)
	draft := g.draft(s, a, audit.Done)
	draft.Ref = intent
	err = g.db.Write(context.WithoutCancel(ctx), func(tx *vault.Tx) error {
		closed := func(tx *vault.Tx) error { return tx.CloseIntent(intent) }
		touched := func(tx *vault.Tx) error { return g.touch(tx, s) }
		if err := inOrder(ch, closed, touched)(tx); err != nil {
			return err
		}
		_, err := tx.Append(draft)
		return err
	})
	return result, err
}

// giveUp destroys what the token may have made and closes the intent as
// failed. A token or a database that does not answer leaves the intent open,
// for reconcile. A key that something refers to was stored after all.
func (g *Gate) giveUp(ctx context.Context, s *Session, a *act, intent string, m making, cause error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), logPatience)
	defer cancel()
	used, err := g.db.KeyReferenced(ctx, string(m.request.ID))
	if err == nil && used {
		return cause
	}
	gone := errors.Join(err, g.destroyUnless(ctx, err, m.request.ID, m.request.Label))
	draft := g.undone(s, a, cause)
	draft.Ref = intent
	err = g.db.Write(ctx, func(tx *vault.Tx) error {
		if gone == nil {
			if err := tx.CloseIntent(intent); err != nil && !errors.Is(err, vault.ErrNoIntent) {
				return err
			}
		}
		_, err := tx.Append(draft)
		return err
	})
	return withLogError(cause, err)
}

// destroyUnless is destroy, where nothing stands against it.
func (g *Gate) destroyUnless(ctx context.Context, against error, id hsm.KeyID, label string) error {
	if against != nil {
		return nil
	}
	return g.destroy(ctx, id, label)
}

// destroy removes a key that nothing refers to, if it bears the label. One that
// is not there is gone.
func (g *Gate) destroy(ctx context.Context, id hsm.KeyID, label string) error {
	token, err := g.hsm(ctx)
	if err != nil {
		return err
	}
	err = g.checkLabel(ctx, token, id, label)
	if err == nil {
		err = token.DestroyKey(ctx, id)
	}
	if errors.Is(err, hsm.ErrKeyAbsent) {
		return nil
	}
	return err
}

// unseenFor is how long an intent of a process that is not seen here is left
// alone: it may run in another container over the same files. No call to the
// HSM takes longer.
const unseenFor = 2 * time.Minute

// reconcile closes the intents of processes that are gone: the key that such
// an intent may have left in the HSM belongs to nothing, nobody was told of
// it, and it is destroyed. Each gets its entry. What cannot be closed now keeps
// nobody from signing in: it stays open, is shown with the HSM's state, and is
// tried again at the next sign-in.
//
// An intent is a row, and what it asks for cannot be undone. So the whole log
// is verified first, and only what it bears out is done.
func (g *Gate) reconcile(ctx context.Context) {
	left, err := g.leftIntents(ctx)
	if err != nil || len(left) == 0 {
		return
	}
	told, err := g.replayIntents(ctx)
	if err != nil {
		g.raise(err)
		return
	}
	for _, i := range left {
		if told.bears(i) {
			_ = g.reconcileOne(ctx, i) // it stays open, and is tried again
		}
	}
}

// toldIntents is what the log says of keys in the HSM.
type toldIntents struct {
	intents map[string]audit.Entry // by act, those that nothing closed
	made    map[string]bool        // keys that were made and acknowledged
}

// bears reports whether the log bears an intent out: it was announced there for
// just this key, nothing closed it, and the key was never acknowledged, or is an
// object's that was purged.
func (t toldIntents) bears(i vault.Intent) bool {
	e, ok := t.intents[i.ID]
	if !ok {
		return false
	}
	if roles.Action(e.Action) == destroyKey {
		return e.Resource.Name == i.KeyID && objectKeyLabel.MatchString(i.Label)
	}
	return e.Params["hsm_key"] == i.KeyID && !t.made[i.KeyID]
}

// replayIntents verifies the log and reads what it says of keys in the HSM.
func (g *Gate) replayIntents(ctx context.Context) (toldIntents, error) {
	told := toldIntents{map[string]audit.Entry{}, map[string]bool{}}
	expect, _, err := g.expectation(ctx)
	if err != nil {
		return told, err
	}
	check, err := g.verify(ctx, expect, nil)
	if err = errors.Join(err, check.Problem); err != nil {
		return told, err
	}
	log, err := g.db.Log(ctx)
	if err != nil {
		return told, err
	}
	return told, log.Walk(ctx, 0, func(_ int64, line, _ []byte) error {
		e, err := audit.Decode(line)
		if err != nil {
			return err
		}
		switch {
		case e.Outcome == audit.Intent:
			told.intents[e.ID] = e
		case e.Ref != "" && e.Outcome == audit.Done:
			delete(told.intents, e.Ref)
		}
		if e.Outcome == audit.Done && e.Params["hsm_key"] != "" {
			told.made[e.Params["hsm_key"]] = true
		}
		return nil
	})
}

// leftIntents gives the open intents of processes that are gone, and those of
// purged keys that the HSM did not destroy at once: nothing refers to these any
// more, so anybody may finish it.
func (g *Gate) leftIntents(ctx context.Context) ([]vault.Intent, error) {
	open, err := g.db.OpenIntents(ctx)
	return slices.DeleteFunc(open, func(i vault.Intent) bool { return i.What != whatDestroy && g.mayRun(i) }), err
}

// mayRun reports whether the process that announced an intent may still be at
// work on it.
func (g *Gate) mayRun(i vault.Intent) bool {
	return alive(i.PID, i.PIDStart) || g.now().Sub(i.Created) < unseenFor
}

func (g *Gate) reconcileOne(ctx context.Context, i vault.Intent) error {
	used, err := g.db.KeyReferenced(ctx, i.KeyID)
	if err != nil || used {
		return err
	}
	if err := g.destroy(ctx, hsm.KeyID(i.KeyID), i.Label); err != nil {
		return err
	}
	id, err := g.newID()
	if err != nil {
		return err
	}
	a := act{id: id, system: true, action: roles.Action("hsm/reconcile"), target: audit.Target{Kind: "hsm-key", Name: i.KeyID}, params: map[string]string{"label": i.Label, "what": i.What}}
	draft := g.draft(nil, &a, audit.Done)
	draft.Ref, draft.Reason = i.ID, "the program stopped between intent and outcome; what it left in the HSM was destroyed"
	if i.What == whatDestroy {
		draft.Reason = "the HSM did not destroy the key when its object was purged; it is destroyed now"
	}
	return g.db.Write(ctx, func(tx *vault.Tx) error {
		if err := tx.CloseIntent(i.ID); err != nil {
			return err
		}
		_, err := tx.Append(draft)
		return err
	})
}
