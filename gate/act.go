package gate

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/strongroom/strongroom/audit"
	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/roles"
	"github.com/strongroom/strongroom/vault"
)

// logPatience is how long the entry of a refused or failed act may take to be
// written after its caller has gone.
const logPatience = 10 * time.Second

// act is one requested operation on its way through the gate.
type act struct {
	id     string
	action roles.Action
	target audit.Target
	params map[string]string
	// system marks what falls due by itself: nobody asked, so there is no
	// login session and nothing to decide.
	system bool
}

// errOvertaken says that what fell due was settled by somebody else before it
// was done. Nobody asked for it, so it leaves no entry.
var errOvertaken = fault.New(fault.Conflict, "this was settled meanwhile", "nothing is left to do")

// systemActor is who acts when nobody does.
const systemActor = "strongroom"

// change is what an act does to the database, inside the transaction of its
// log entry. Nil changes nothing.
type change func(*vault.Tx) error

// performer does an act and gives its result with the change that goes into
// the entry's transaction. It may complete the act's target and params.
type performer[T any] func(ctx context.Context, a *act) (T, change, error)

// Rules that the gate itself refuses by; [roles] has the others.
const (
	ruleSession  = "login-session"
	ruleFactor   = "second-factor-age"
	ruleSignIn   = "sign-in"
	ruleThrottle = "throttle"
	ruleHardware = "hardware-only"
	ruleDates    = "outside-dates"
	ruleDisabled = "object-disabled"
	ruleKeyOps   = "key-ops"
	ruleLogState = "log-integrity"
	rulePurge    = "purge-protection"
)

// refusal is an error with the name of the rule behind it, for the log.
type refusal struct {
	rule string
	err  error
}

func (r *refusal) Error() string { return r.err.Error() }
func (r *refusal) Unwrap() error { return r.err }

func refuse(rule string, err error) error { return &refusal{rule, err} }

// carry is the door. Every act of a signed-in person goes through it.
func carry[T any](ctx context.Context, g *Gate, s *Session, a act, perform performer[T]) (T, error) {
	var none T
	var err error
	if a.id, err = g.newID(); err != nil {
		return none, err
	}
	if err := g.admit(ctx, s, &a); err != nil {
		return none, g.logUndone(ctx, s, &a, err)
	}
	result, ch, err := guarded(ctx, &a, perform)
	if err != nil {
		return none, g.logUndone(ctx, s, &a, err)
	}
	if err := g.commit(ctx, s, &a, ch); err != nil {
		discard(result)
		return none, g.logUndone(ctx, s, &a, err)
	}
	return result, nil
}

// carryInto is carry for an act whose result is known only inside its change,
// which writes it into result.
func carryInto[T any](ctx context.Context, g *Gate, s *Session, a act, result *T, perform func(context.Context, *act) (change, error)) (T, error) {
	_, err := carry(ctx, g, s, a, func(ctx context.Context, a *act) (struct{}, change, error) {
		ch, err := perform(ctx, a)
		return struct{}{}, ch, err
	})
	if err != nil {
		var none T
		return none, err
	}
	return *result, nil
}

// admit answers whether the act may be performed: steps 1 to 3 of the door.
// Approvals (step 4) come here as well, when a vault's policy can demand them.
func (g *Gate) admit(ctx context.Context, s *Session, a *act) error {
	if a.system {
		return g.admitSystem()
	}
	actor, err := g.alive(ctx, s)
	if err != nil {
		return err
	}
	now := g.now()
	d := roles.Decide(actor, a.action, a.resource(), now)
	if !d.Allowed {
		return refuse(d.Rule, fault.New(fault.Forbidden, fmt.Sprintf("%s may not %s: %s", actor.Name, a.action.Means(), d.Why),
			"ask somebody who holds the role for it"))
	}
	if age := a.action.FactorAge(); age > 0 && now.Sub(s.factorTime()) > age {
		return refuse(ruleFactor, fault.New(fault.StepUp, "this needs a one-time code younger than "+age.String(),
			"confirm with a fresh code; on the command line, sign in again"))
	}
	return nil
}

// admitSystem lets a due act pass unless the log is in doubt.
func (g *Gate) admitSystem() error {
	if err := g.tampered(); err != nil {
		return refuse(ruleLogState, err)
	}
	return nil
}

// guarded performs and turns a panic into a failed act: it must be logged, and
// no panic may reach a person.
func guarded[T any](ctx context.Context, a *act, perform performer[T]) (result T, ch change, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fault.New(fault.Internal, "the program made a mistake while it carried out "+string(a.action), "report it with the entry "+a.id)
		}
	}()
	return perform(ctx, a)
}

// commit writes the change and the entry of a done act in one transaction. It
// does not stop halfway for a caller that has gone: an entry whose act is then
// called failed would be a second one.
func (g *Gate) commit(ctx context.Context, s *Session, a *act, ch change) error {
	draft := g.draft(s, a, audit.Done)
	return g.db.Write(context.WithoutCancel(ctx), func(tx *vault.Tx) error {
		if ch != nil {
			if err := ch(tx); err != nil {
				return err
			}
		}
		if err := g.touch(tx, s); err != nil {
			return err
		}
		// The change may have completed target and params.
		draft.Resource, draft.Params = fitTarget(a.target), fitParams(a.params)
		_, err := tx.Append(draft)
		return err
	})
}

// logUndone writes the one entry of an act that was refused or failed, and
// gives back its error. When even that cannot be written the caller learns it:
// nothing happens without the log.
func (g *Gate) logUndone(ctx context.Context, s *Session, a *act, cause error) error {
	if a.system && errors.Is(cause, errOvertaken) {
		return cause
	}
	draft := g.undone(s, a, cause)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), logPatience)
	defer cancel()
	err := g.db.Write(ctx, func(tx *vault.Tx) error {
		_, err := tx.Append(draft)
		return err
	})
	return withLogError(cause, err)
}

func (g *Gate) undone(s *Session, a *act, cause error) audit.Draft {
	draft := g.draft(s, a, audit.Failed)
	var r *refusal
	if errors.As(cause, &r) {
		draft.Outcome, draft.Rule = audit.Refused, r.rule
	}
	draft.Reason = reason(cause)
	return draft
}

func withLogError(cause, logErr error) error {
	if logErr == nil {
		return cause
	}
	if fault.KindOf(logErr) == fault.Tampered { // the disk is not to blame
		return fault.Wrap(errors.Join(cause, logErr), fault.Tampered, fault.Problem(logErr), fault.Hint(logErr))
	}
	return fault.Wrap(errors.Join(cause, logErr), fault.Unavailable, "the log cannot be written, so nothing was done",
		"check the disk and run strongroom doctor")
}

func (g *Gate) draft(s *Session, a *act, outcome audit.Outcome) audit.Draft {
	d := audit.Draft{
		ID:           a.id,
		Installation: g.installation.ID,
		Source:       audit.SourceSystem,
		Action:       string(a.action),
		Resource:     fitTarget(a.target),
		Outcome:      outcome,
		Params:       fitParams(a.params),
	}
	if a.system {
		d.Actor.Name = systemActor
	}
	if s != nil {
		d.Actor = audit.Party{ID: s.personID, Name: s.personName}
		d.Session = s.id
		if s.source != "" {
			d.Source = string(s.source)
		}
	}
	return d
}

// reason is the line that the log keeps of an error: its problem, never its
// causes, which may quote input.
func reason(err error) string {
	var f *fault.Error
	if errors.As(err, &f) {
		return f.Problem
	}
	return "an unexpected failure"
}

// discard wipes a result that may not leave.
func discard(result any) {
	if w, ok := result.(interface{ Wipe() }); ok {
		w.Wipe()
	}
}

func (g *Gate) newID() (string, error) {
	id, err := uuid.NewRandomFromReader(g.rand)
	if err != nil {
		return "", fault.Wrap(err, fault.Unavailable, "there is no randomness", "check the system's random source")
	}
	return id.String(), nil
}

// resource is what the decision is about. Only objects have names that a scope
// can reach; a person's or a token's name is none.
func (a *act) resource() roles.Resource {
	r := roles.Resource{Vault: a.target.Vault}
	switch Kind(a.target.Kind) {
	case KindSecret, KindKey, KindCertificate:
		r.Name = a.target.Name
	}
	return r
}

// on names what an act is aimed at. What was typed is made fit for the log
// here: a name that is not fit for it is no object's name either.
func on(action roles.Action, vaultName string, kind Kind, name, version string) act {
	return act{action: action, params: map[string]string{}, target: audit.Target{
		Vault: loggable(vaultName), Kind: string(kind), Name: loggable(name), Version: loggable(version),
	}}
}

// loggable makes text that anybody may have typed fit for an entry.
func loggable(s string) string { return audit.Line(s, audit.MaxToken) }

// fitTarget and fitParams make what anybody may have typed fit for an entry, in
// the one place that every entry passes: an act whose entry does not fit would
// be refused without one.
func fitTarget(t audit.Target) audit.Target {
	return audit.Target{Vault: audit.Line(t.Vault, audit.MaxName), Kind: asToken(t.Kind), Name: audit.Line(t.Name, audit.MaxName), Version: asToken(t.Version)}
}

func fitParams(params map[string]string) map[string]string {
	fit := make(map[string]string, len(params))
	for k, v := range params {
		fit[k] = audit.Line(v, audit.MaxParamValue)
	}
	return fit
}

// asToken makes text fit for a field of printable ASCII without spaces.
func asToken(s string) string {
	return strings.Map(func(r rune) rune {
		if r <= ' ' || r > '~' {
			return '?'
		}
		return r
	}, audit.Line(s, audit.MaxToken))
}
