package cli

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/strongroom/strongroom/gate"
)

// attributes are a version's attributes as Azure's REST bodies have them:
// times in seconds since 1970.
type attributes struct {
	Enabled   bool   `json:"enabled"`
	NotBefore *int64 `json:"nbf,omitempty"`
	Expires   *int64 `json:"exp,omitempty"`
	Created   *int64 `json:"created,omitempty"`
	Updated   *int64 `json:"updated,omitempty"`
	// Of what is in the bin:
	RecoveryLevel   string `json:"recoveryLevel,omitempty"`
	RecoverableDays int    `json:"recoverableDays,omitempty"`
}

func attributesOf(o *gate.Object) attributes {
	return attributes{
		Enabled: o.Enabled, NotBefore: seconds(o.NotBefore), Expires: seconds(o.Expires),
		Created: seconds(o.Created), Updated: seconds(o.Updated),
	}
}

// identifier is an object's id: the path of Azure's identifiers below the
// vault's own address, which an installation without a network has not. In a
// list of objects the version is left out, as Azure does.
func identifier(o *gate.Object, kind gate.Kind, withVersion bool) string {
	id := "/vaults/" + o.Vault + "/" + string(kind) + "s/" + o.Name
	if withVersion {
		id += "/" + o.Version
	}
	return id
}

func tagText(tags map[string]string) string {
	var list []string
	for _, k := range slices.Sorted(maps.Keys(tags)) {
		list = append(list, k+"="+tags[k])
	}
	return strings.Join(list, " ")
}

// describe adds what every kind of object has.
func (a *app) describe(v *view, o *gate.Object) {
	v.add("name", o.Name)
	v.add("vault", o.Vault)
	v.add("version", o.Version+" (number "+strconv.Itoa(o.Versions)+")")
	v.add("state", string(o.StateAt(a.sys.Install.Now())))
	v.addSet("not before", stamp(o.NotBefore))
	v.addSet("expires", stamp(o.Expires))
	v.add("created", stamp(o.Created))
	v.addSet("tags", tagText(o.Tags))
	v.addSet("note", o.Note)
}

// pages reads a list of objects page by page, as far as is asked for.
func pages(f listing, next func(gate.ListRequest) (gate.Page, error)) ([]gate.Object, error) {
	return collect(f, func(r gate.ListRequest) ([]gate.Object, string, error) {
		page, err := next(r)
		return page.Items, page.Next, err
	})
}

// collect reads any list page by page; next gives a page and its cursor.
func collect[T any](f listing, next func(gate.ListRequest) ([]T, string, error)) ([]T, error) {
	all := []T{}
	r := gate.ListRequest{Vault: f.vault, Filter: f.filter, Limit: pageSize}
	for {
		if f.most > 0 {
			r.Limit = min(pageSize, f.most-len(all))
		}
		items, cursor, err := next(r)
		if err != nil {
			return nil, err
		}
		all = append(all, items...)
		if cursor == "" || f.most > 0 && len(all) >= f.most {
			return all, nil
		}
		r.After = cursor
	}
}

// each makes the JSON of a list; an empty list is [] and not null.
func each[T any](objects []gate.Object, present func(*gate.Object) T) []T {
	out := make([]T, 0, len(objects))
	for i := range objects {
		out = append(out, present(&objects[i]))
	}
	return out
}

// printVersions prints an object's versions, newest first.
func (a *app) printVersions(answer any, objects []gate.Object) error {
	v := view{head: []string{"VERSION", "STATE", "NOT BEFORE", "EXPIRES", "CREATED", "TAGS"}}
	now := a.sys.Install.Now()
	for i := range objects {
		o := &objects[i]
		v.add(o.Version, string(o.StateAt(now)), stamp(o.NotBefore), stamp(o.Expires), stamp(o.Created), tagText(o.Tags))
	}
	return a.print(answer, v)
}
