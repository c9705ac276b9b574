package gate

import (
	"bytes"
	"context"
	"encoding/json"
	"time"

	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/roles"
	"github.com/strongroom/strongroom/vault"
)

// leastPeriod is the shortest time, in days, between a version's making and
// what its policy does, and between that and its expiry, as in Azure Key Vault.
const leastPeriod = 7

// RotationPolicy says when a key gets a new version by itself and when notice
// is given. There is at most one of each.
type RotationPolicy struct {
	// ExpiryTime is how long a new version is good; zero keeps the last
	// version's own length.
	ExpiryTime Period   `json:"expiry_time,omitzero"`
	Rotate     *Trigger `json:"rotate,omitempty"`
	Notify     *Trigger `json:"notify,omitempty"`

	Created time.Time `json:"-"`
	Updated time.Time `json:"-"`
}

// Trigger says when: so long after a version was made, or so long before it
// expires. Exactly one of the two is set.
type Trigger struct {
	AfterCreate  Period `json:"after_create,omitzero"`
	BeforeExpiry Period `json:"before_expiry,omitzero"`
}

// Check refuses a policy outside the rules.
func (p RotationPolicy) Check() error {
	if err := p.ExpiryTime.check(); err != nil {
		return err
	}
	for _, t := range []*Trigger{p.Rotate, p.Notify} {
		if t == nil {
			continue
		}
		if err := t.check(p.ExpiryTime); err != nil {
			return err
		}
	}
	if p.Rotate == nil && p.Notify == nil && p.ExpiryTime.IsZero() {
		return fault.New(fault.Invalid, "the rotation policy says nothing", "set when to rotate, when to give notice, or how long a version is good")
	}
	return nil
}

// reference is a date without leap days near it, by which periods compare.
var reference = time.Date(2001, 3, 1, 0, 0, 0, 0, time.UTC)

func (p Period) check() error {
	if p.Years < 0 || p.Months < 0 || p.Days < 0 || !p.IsZero() && p.After(reference).Before(reference.AddDate(0, 0, leastPeriod)) {
		return fault.New(fault.Invalid, "a rotation policy's periods are at least 7 days", "use P7D or longer")
	}
	return nil
}

func (t Trigger) check(expiry Period) error {
	if t.AfterCreate.IsZero() == t.BeforeExpiry.IsZero() {
		return fault.New(fault.Invalid, "a trigger is either a time after creation or a time before expiry", "set exactly one of the two")
	}
	span := t.AfterCreate
	if span.IsZero() {
		span = t.BeforeExpiry
	}
	if err := span.check(); err != nil || expiry.IsZero() {
		return err
	}
	if span.After(reference).AddDate(0, 0, leastPeriod).After(expiry.After(reference)) {
		return fault.New(fault.Invalid, "the trigger leaves less than 7 days between a version's making and its expiry", "shorten the trigger or lengthen the expiry time")
	}
	return nil
}

// due gives the moment of the trigger for a version; zero is never.
func (t *Trigger) due(v vault.Version) time.Time {
	switch {
	case t == nil:
		return time.Time{}
	case !t.AfterCreate.IsZero():
		return t.AfterCreate.After(v.Created)
	case v.Expires.IsZero():
		return time.Time{}
	}
	return t.BeforeExpiry.Before(v.Expires)
}

// expiryOf gives the expiry of a version made at now after from.
func (p RotationPolicy) expiryOf(from vault.Version, now time.Time) time.Time {
	switch {
	case !p.ExpiryTime.IsZero():
		return p.ExpiryTime.After(now)
	case from.Expires.IsZero():
		return time.Time{}
	}
	return now.Add(from.Expires.Sub(from.Created))
}

// parsePolicy reads a stored policy and nothing else.
func parsePolicy(row vault.RotationPolicy) (RotationPolicy, error) {
	bad := func(err error) error {
		return fault.Wrap(err, fault.Tampered, "a stored rotation policy is damaged", "set it anew")
	}
	if len(row.Policy) > vault.MaxPolicy {
		return RotationPolicy{}, bad(nil)
	}
	p := RotationPolicy{Created: row.Created, Updated: row.Updated}
	d := json.NewDecoder(bytes.NewReader([]byte(row.Policy)))
	d.DisallowUnknownFields()
	if err := d.Decode(&p); err != nil {
		return RotationPolicy{}, bad(err)
	}
	if d.More() {
		return RotationPolicy{}, bad(nil)
	}
	if err := p.Check(); err != nil {
		return RotationPolicy{}, bad(err)
	}
	return p, nil
}

// GetRotationPolicy gives a key's rotation policy; NotFound where it has none.
func (g *Gate) GetRotationPolicy(ctx context.Context, s *Session, r Ref) (RotationPolicy, error) {
	a := on(roles.KeysGetRotationPolicy, r.Vault, KindKey, r.Name, r.Version)
	return carry(ctx, g, s, a, func(ctx context.Context, a *act) (RotationPolicy, change, error) {
		f, err := g.findWhole(ctx, a)
		if err != nil {
			return RotationPolicy{}, nil, err
		}
		row, err := g.db.RotationPolicy(ctx, f.object.ID)
		if err != nil {
			return RotationPolicy{}, nil, err
		}
		p, err := parsePolicy(row)
		return p, nil, err
	})
}

// SetRotationPolicy says when a key rotates and when notice is given. It takes
// the place of what was said before.
func (g *Gate) SetRotationPolicy(ctx context.Context, s *Session, r Ref, p RotationPolicy) (RotationPolicy, error) {
	a := on(roles.KeysSetRotationPolicy, r.Vault, KindKey, r.Name, r.Version)
	var stored RotationPolicy
	return carryInto(ctx, g, s, a, &stored, func(ctx context.Context, a *act) (change, error) {
		if err := p.Check(); err != nil {
			return nil, err
		}
		f, err := g.findWhole(ctx, a)
		if err != nil {
			return nil, err
		}
		text, err := json.Marshal(p)
		if err != nil {
			return nil, err
		}
		a.params["policy"] = string(text)
		return func(tx *vault.Tx) error {
			if err := tx.PutRotationPolicy(f.object.ID, string(text)); err != nil {
				return err
			}
			row, err := tx.RotationPolicy(ctx, f.object.ID)
			if err == nil {
				stored, err = parsePolicy(row)
			}
			return err
		}, nil
	})
}
