package gate

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/keys"
	"github.com/strongroom/strongroom/vault"
)

// AttributesRequest changes what may change on a version; nil leaves a part as
// it is. A zero time takes a date away. The note is on the object and not on
// the version.
type AttributesRequest struct {
	Enabled     *bool
	NotBefore   *time.Time
	Expires     *time.Time
	ContentType *string // secrets
	Tags        *map[string]string
	Operations  *[]keys.Operation // keys
	Note        *string
}

// SetAttributes changes attributes of a version; an empty one is the newest.
// A certificate's dates are in the certificate and cannot be changed here; its
// key is enabled and disabled with it.
func (g *Gate) SetAttributes(ctx context.Context, s *Session, kind Kind, r Ref, request AttributesRequest) (Object, error) {
	v, err := verbsOf(kind)
	if err != nil {
		return Object{}, err
	}
	a := on(v.setAttributes, r.Vault, kind, r.Name, r.Version)
	request.describe(a.params)
	f := &found{}
	return carryStored(ctx, g, s, a, f, func(ctx context.Context, a *act) (change, error) {
		if err := request.check(kind); err != nil {
			return nil, err
		}
		var err error
		if *f, err = g.find(ctx, a); err != nil {
			return nil, err
		}
		if err := checkOwnLife(f.object); err != nil {
			return nil, err
		}
		return func(tx *vault.Tx) error { return request.write(ctx, tx, f) }, nil
	})
}

// check refuses what a kind does not have.
func (r AttributesRequest) check(kind Kind) error {
	switch {
	case kind == KindCertificate && (r.NotBefore != nil || r.Expires != nil):
		return fault.New(fault.Invalid, "a certificate's dates are part of the certificate", "make a new version with other dates")
	case kind != KindSecret && r.ContentType != nil:
		return fault.New(fault.Invalid, "only a secret has a content type", "leave it out")
	case kind != KindKey && r.Operations != nil:
		return fault.New(fault.Invalid, "only a key has operations", "leave them out")
	}
	return nil
}

// write reads the version again, so that two changes at once both count.
func (r AttributesRequest) write(ctx context.Context, tx *vault.Tx, f *found) error {
	item, err := tx.Object(ctx, f.vault.ID, f.object.Kind, f.object.Name)
	if err != nil {
		return err
	}
	version, err := tx.Version(ctx, item.ID, f.version.ID)
	if err != nil {
		return err
	}
	if r.Note != nil {
		if err := tx.SetNote(item.ID, *r.Note); err != nil {
			return err
		}
		item.Note = *r.Note
	}
	if err := r.writeOperations(tx, version); err != nil {
		return err
	}
	f.object = item.Object
	f.version, err = tx.SetAttributes(version.ID, r.merge(version.Attributes))
	if err != nil || version.KeyVersion == "" || r.Enabled == nil {
		return err
	}
	key, err := tx.VersionByID(ctx, version.KeyVersion)
	if err != nil {
		return err
	}
	key.Enabled = *r.Enabled
	_, err = tx.SetAttributes(key.ID, key.Attributes)
	return err
}

func (r AttributesRequest) merge(a vault.Attributes) vault.Attributes {
	if r.Enabled != nil {
		a.Enabled = *r.Enabled
	}
	if r.NotBefore != nil {
		a.NotBefore = *r.NotBefore
	}
	if r.Expires != nil {
		a.Expires = *r.Expires
	}
	if r.ContentType != nil {
		a.ContentType = *r.ContentType
	}
	if r.Tags != nil {
		a.Tags = maps.Clone(*r.Tags)
	}
	return a
}

func (r AttributesRequest) writeOperations(tx *vault.Tx, v vault.Version) error {
	if r.Operations == nil {
		return nil
	}
	if len(*r.Operations) == 0 {
		return fault.New(fault.Invalid, "a key without operations is of no use", "disable it instead")
	}
	spec, err := keys.ParseSpec(v.KeyType, v.Bits, v.Curve)
	if err != nil {
		return err
	}
	ops, err := keys.ParseOperations(spec, words(*r.Operations))
	if err != nil {
		return err
	}
	return tx.SetOperations(v.ID, words(ops))
}

// words gives names as plain strings.
func words[T ~string](names []T) []string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = string(n)
	}
	return out
}

// describe writes what is asked for into the log entry's parameters. Of tags it
// says the names: their values may be anything.
func (r AttributesRequest) describe(params map[string]string) {
	if r.Enabled != nil {
		params["enabled"] = strconv.FormatBool(*r.Enabled)
	}
	for name, date := range map[string]*time.Time{"not_before": r.NotBefore, "expires": r.Expires} {
		if date != nil {
			params[name] = dateOrNone(*date)
		}
	}
	if r.ContentType != nil {
		params["content_type"] = loggable(*r.ContentType)
	}
	if r.Tags != nil {
		params["tags"] = loggable(strings.Join(slices.Sorted(maps.Keys(*r.Tags)), " "))
	}
	if r.Operations != nil {
		params["key_ops"] = loggable(strings.Join(words(*r.Operations), " "))
	}
	if r.Note != nil {
		params["note"] = "changed"
	}
}

func dateOrNone(t time.Time) string {
	if t.IsZero() {
		return "none"
	}
	return t.UTC().Format(time.RFC3339)
}
