package tui

import (
	"context"
	"errors"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/strongroom/strongroom/gate"
	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/views"
)

// lifeCall is the part of the table of calls about the life of objects.
func (d door) lifeCall(in views.Intent) call {
	switch in := in.(type) {
	case views.LoadDeleted:
		return with(in, d.loadDeleted)
	case views.ChangeObjects:
		return with(in, d.changeObjects)
	case views.Purge:
		return with(in, d.purge)
	case views.SetAttributes:
		return with(in, d.setAttributes)
	case views.RotateKey:
		return with(in, d.rotateKey)
	case views.LoadKeyTruth:
		return with(in, d.loadKeyTruth)
	case views.GenerateSecret:
		return with(in, d.generateSecret)
	default:
		return nil
	}
}

func gateRef(r views.Ref) gate.Ref {
	return gate.Ref{Vault: r.Vault, Name: r.Name, Version: r.Version}
}

func listRequest(vault string, q views.Query) gate.ListRequest {
	r := gate.ListRequest{Vault: vault, Filter: q.Filter, Sort: gate.Sort(q.Sort), Descending: q.Desc, Limit: q.Limit}
	switch q.Seek {
	case views.Next:
		r.After = q.Cursor
	case views.Previous:
		r.Before = q.Cursor
	case views.Last:
		r.Last = true
	}
	return r
}

func (d door) loadDeleted(ctx context.Context, in views.LoadDeleted) (tea.Msg, error) {
	page, err := d.gate.ListDeleted(ctx, d.session, gate.Kind(in.Kind), listRequest(in.Vault, in.Query))
	if err != nil {
		return nil, err
	}
	loaded := views.DeletedLoaded{Kind: in.Kind, Request: in.Query.Request}
	loaded.Page = views.Page[views.DeletedRow]{Prev: page.Previous, Next: page.Next, Total: page.Total}
	for i := range page.Items {
		o := &page.Items[i]
		loaded.Page.Rows = append(loaded.Page.Rows, views.DeletedRow{
			ObjectRow: objectRow(&o.Object), Versions: o.Versions, DeletedAt: o.DeletedAt, ScheduledPurge: o.ScheduledPurge,
		})
	}
	return loaded, nil
}

// changeObjects does the same to each object. One that fails does not keep
// the others from it; the end of the login session and a stop do.
func (d door) changeObjects(ctx context.Context, in views.ChangeObjects) (tea.Msg, error) {
	out := views.ObjectsChanged{Verb: in.Verb}
	for _, ref := range in.Refs {
		until, err := d.change(ctx, in.Verb, ref)
		switch {
		case err == nil:
			out.Done = append(out.Done, ref)
			if out.Until.IsZero() || until.Before(out.Until) {
				out.Until = until
			}
		case len(in.Refs) == 1, fault.KindOf(err) == fault.Unauthenticated, errors.Is(err, context.Canceled):
			return nil, err
		default:
			out.Failed = append(out.Failed, views.Unchanged{Ref: ref, Err: err})
		}
	}
	return out, nil
}

// change does one thing to one object, and gives when what was deleted goes.
func (d door) change(ctx context.Context, verb views.Verb, ref views.Ref) (until time.Time, err error) {
	kind, r := gate.Kind(ref.Kind), gateRef(ref)
	switch verb {
	case views.Delete:
		gone, err := d.gate.Delete(ctx, d.session, kind, r)
		return gone.ScheduledPurge, err
	case views.Recover:
		_, err = d.gate.Recover(ctx, d.session, kind, r)
	default:
		on := verb == views.Enable
		_, err = d.gate.SetAttributes(ctx, d.session, kind, r, gate.AttributesRequest{Enabled: &on})
	}
	return time.Time{}, err
}

func (d door) purge(ctx context.Context, in views.Purge) (tea.Msg, error) {
	return views.Purged(in), d.gate.Purge(ctx, d.session, gate.Kind(in.Ref.Kind), gateRef(in.Ref))
}

func (d door) setAttributes(ctx context.Context, in views.SetAttributes) (tea.Msg, error) {
	_, err := d.gate.SetAttributes(ctx, d.session, gate.Kind(in.Ref.Kind), gateRef(in.Ref), gate.AttributesRequest{
		Enabled: in.Enabled, NotBefore: in.NotBefore, Expires: in.Expires, ContentType: in.ContentType, Tags: in.Tags, Note: in.Note,
	})
	return views.AttributesSet{Ref: in.Ref}, err
}

func (d door) rotateKey(ctx context.Context, in views.RotateKey) (tea.Msg, error) {
	o, err := d.gate.Rotate(ctx, d.session, gateRef(in.Ref))
	in.Ref.Version = o.Version
	return views.KeyRotated(in), err
}

func (d door) loadKeyTruth(ctx context.Context, in views.LoadKeyTruth) (tea.Msg, error) {
	t, err := d.gate.KeyTruth(ctx, d.session, gateRef(in.Ref))
	return views.KeyTruthLoaded{Ref: in.Ref, Truth: keyTruth(t)}, err
}

func keyTruth(t gate.Truth) views.KeyTruth {
	out := views.KeyTruth{}
	if is := t.Now; is != nil {
		out = views.KeyTruth{
			Found: true, Serial: is.TokenSerial, Firmware: is.Firmware, Local: is.Local, Sensitive: is.Sensitive,
			AlwaysSensitive: is.AlwaysSensitive, NeverExtractable: is.NeverExtractable,
		}
	}
	if t.Recorded != nil {
		out.Recorded = t.Recorded.Recorded
	}
	for _, d := range t.Differences {
		out.Differences = append(out.Differences, views.Difference(d))
	}
	return out
}

func (d door) generateSecret(ctx context.Context, in views.GenerateSecret) (tea.Msg, error) {
	o, err := d.gate.GenerateSecret(ctx, d.session, gate.SetSecretRequest{
		Vault: in.Ref.Vault, Name: in.Ref.Name, ContentType: in.ContentType, Expires: in.Expires, Disabled: in.Disabled,
	}, gate.Recipe(in.Recipe))
	made := saved(in.Ref, o.Object)
	made.Bits = o.Bits
	return made, err
}

// strength is what the gate says of a recipe.
func strength(r views.Recipe) (bits float64, err error) {
	recipe := gate.Recipe(r)
	if err := recipe.Check(); err != nil {
		return 0, err
	}
	return recipe.Entropy(), nil
}

// noteTruth counts a key that is not what was recorded as an alarm, for as
// long as the token says so.
func (m *Model) noteTruth(t views.KeyTruthLoaded) {
	if len(t.Truth.Differences) == 0 {
		delete(m.untrue, t.Ref)
		return
	}
	m.untrue[t.Ref] = true
}
