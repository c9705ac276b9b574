package gate

import (
	"context"
	"errors"
	"os"
	"strconv"
	"time"

	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/roles"
	"github.com/strongroom/strongroom/vault"
)

// What falls due by itself is claimed in a transaction before it is done, so
// that of two processes one does it. What fails is tried again after a while.
const (
	// duePage is how much of each sort one tick looks at, at a time.
	duePage = 100
	// maxDue bounds what one tick does of each sort; the rest waits.
	maxDue = 1000
	// nearExpiry is when notice is given where no policy says otherwise.
	nearExpiry = 30 * 24 * time.Hour
	// dueRetry is how long what failed waits.
	dueRetry = time.Hour
)

// DueItem is something that fell due.
type DueItem struct {
	Ref
	Kind Kind
	// Act is notify, rotate or purge.
	Act string
	// Err says why it failed; nil otherwise.
	Err error
}

// TickReport says what a tick did.
type TickReport struct {
	Done []DueItem
	// Waiting is due and needs the HSM, to which nobody is logged in here.
	Waiting []DueItem
	// Failed is tried again in an hour.
	Failed []DueItem
}

// Tick carries out what is due: notices of near expiry, rotations and purges,
// each logged with the actor strongroom. It may run any time, in several
// processes at once: each due act happens once. What needs the HSM waits until
// somebody is signed in to the process that ticks.
func (g *Gate) Tick(ctx context.Context) (TickReport, error) {
	var report TickReport
	for _, step := range []func(context.Context, *TickReport) error{g.tickNotices, g.tickPolicies, g.tickPurges} {
		if err := step(ctx, &report); err != nil {
			return report, err
		}
	}
	return report, nil
}

// tickNotices tells of what expires soon and has no policy of its own. Each
// notice takes its object off the list, so the first page is always the next.
func (g *Gate) tickNotices(ctx context.Context, r *TickReport) error {
	for range maxDue / duePage {
		page, err := g.db.Expiring(ctx, g.now().Add(nearExpiry), duePage)
		if err != nil {
			return err
		}
		before := len(r.Done)
		for _, d := range page {
			if err := g.notify(ctx, r, d); err != nil {
				return err
			}
		}
		if len(page) < duePage || len(r.Done) == before {
			return nil
		}
	}
	return nil
}

// tickPolicies looks at every key with a rotation policy.
func (g *Gate) tickPolicies(ctx context.Context, r *TickReport) error {
	after := ""
	for {
		page, err := g.db.ScheduledObjects(ctx, after, duePage)
		if err != nil {
			return err
		}
		for _, p := range page {
			if err := g.tickPolicy(ctx, r, p); err != nil {
				return err
			}
			after = p.ID
		}
		if len(page) < duePage {
			return nil
		}
	}
}

func (g *Gate) tickPolicy(ctx context.Context, r *TickReport, p vault.Scheduled) error {
	policy, err := parsePolicy(vault.RotationPolicy{Policy: p.Policy})
	if err != nil {
		r.Failed = append(r.Failed, dueItem(p.Due, vault.DueRotate, err))
		return nil
	}
	if !p.Current.Enabled {
		return nil
	}
	if at := policy.Notify.due(p.Current); !at.IsZero() && !g.now().Before(at) {
		if err := g.notify(ctx, r, p.Due); err != nil {
			return err
		}
	}
	if at := policy.Rotate.due(p.Current); at.IsZero() || g.now().Before(at) {
		return nil
	}
	return g.dueWithHSM(ctx, r, p.Due, vault.DueRotate, func(ctx context.Context) error {
		finish := func(tx *vault.Tx) error { return tx.FinishDue(p.Current.ID, vault.DueRotate) }
		_, err := g.rotate(ctx, nil, dueAct(roles.KeysRotate, p.Due), finish)
		return err
	})
}

// notify gives notice once for each version.
func (g *Gate) notify(ctx context.Context, r *TickReport, d vault.Due) error {
	a := dueAct(roles.Action(string(d.Kind)+"s/nearExpiry"), d)
	a.target.Version = d.Current.ID
	if !d.Current.Expires.IsZero() {
		a.params["expires"] = d.Current.Expires.Format(time.RFC3339)
		a.params["days"] = strconv.Itoa(int(d.Current.Expires.Sub(g.now()) / (24 * time.Hour)))
	}
	return g.dueOnce(ctx, r, d, vault.DueNotify, func(ctx context.Context) error {
		_, err := carry(ctx, g, nil, a, func(context.Context, *act) (struct{}, change, error) {
			return struct{}{}, func(tx *vault.Tx) error { return tx.FinishDue(d.Current.ID, vault.DueNotify) }, nil
		})
		return err
	})
}

// tickPurges removes what lay in the bin until its date.
func (g *Gate) tickPurges(ctx context.Context, r *TickReport) error {
	for range maxDue / duePage {
		page, err := g.db.DuePurges(ctx, g.now(), duePage)
		if err != nil {
			return err
		}
		before := len(r.Done)
		for _, d := range page {
			if err := g.tickPurge(ctx, r, d); err != nil {
				return err
			}
		}
		if len(page) < duePage || len(r.Done) == before {
			return nil
		}
	}
	return nil
}

func (g *Gate) tickPurge(ctx context.Context, r *TickReport, d vault.Due) error {
	v, err := verbsOf(Kind(d.Kind))
	if err != nil {
		return err
	}
	purge := func(ctx context.Context) error { return g.purge(ctx, nil, dueAct(v.purge, d)) }
	inHSM, err := g.hasHSMKeys(ctx, d.Object)
	if err != nil {
		return err
	}
	if inHSM {
		return g.dueWithHSM(ctx, r, d, vault.DuePurge, purge)
	}
	return g.dueOnce(ctx, r, d, vault.DuePurge, purge)
}

func (g *Gate) hasHSMKeys(ctx context.Context, o vault.Object) (bool, error) {
	group, err := g.db.Together(ctx, o)
	for _, member := range group {
		if err != nil {
			break
		}
		var ids []vault.HSMKey
		if ids, err = g.db.HSMKeys(ctx, member.ID); len(ids) > 0 {
			return true, err
		}
	}
	return false, err
}

// dueWithHSM is dueOnce for what needs the HSM.
func (g *Gate) dueWithHSM(ctx context.Context, r *TickReport, d vault.Due, what vault.DueAct, do func(context.Context) error) error {
	if len(g.openSessions()) == 0 {
		r.Waiting = append(r.Waiting, dueItem(d, what, nil))
		return nil
	}
	return g.dueOnce(ctx, r, d, what, do)
}

// dueOnce claims a due act, does it, and lets it be tried again later if it
// failed. The claim is no act and leaves no entry; what is done under it does.
func (g *Gate) dueOnce(ctx context.Context, r *TickReport, d vault.Due, what vault.DueAct, do func(context.Context) error) error {
	if err := ctx.Err(); err != nil {
		return fault.Wrap(err, fault.Canceled, "what is due was left for later", "it is done the next time")
	}
	claim := vault.Claim{VersionID: d.Current.ID, What: what, PID: os.Getpid(), PIDStart: processStart(os.Getpid())}
	free := false
	err := g.db.Write(ctx, func(tx *vault.Tx) (err error) {
		free, err = tx.ClaimDue(claim, alive)
		return err
	})
	if err != nil || !free {
		return err
	}
	err = do(ctx)
	if err == nil {
		r.Done = append(r.Done, dueItem(d, what, nil))
		return nil
	}
	if !errors.Is(err, errOvertaken) {
		r.Failed = append(r.Failed, dueItem(d, what, err))
	}
	return g.later(ctx, claim)
}

// later frees a claim for another try. One that is gone with its version, or
// was finished, stays so.
func (g *Gate) later(ctx context.Context, c vault.Claim) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), logPatience)
	defer cancel()
	err := g.db.Write(ctx, func(tx *vault.Tx) error { return tx.RetryDue(c.VersionID, c.What, g.now().Add(dueRetry)) })
	if errors.Is(err, vault.ErrNoClaim) {
		return nil
	}
	return err
}

func dueAct(action roles.Action, d vault.Due) act {
	a := on(action, d.Vault.Name, Kind(d.Kind), d.Name, "")
	a.system = true
	return a
}

func dueItem(d vault.Due, what vault.DueAct, err error) DueItem {
	return DueItem{Ref: Ref{Vault: d.Vault.Name, Name: d.Name, Version: d.Current.ID}, Kind: Kind(d.Kind), Act: string(what), Err: err}
}
