package gate

import (
	"context"

	"github.com/strongroom/strongroom/vault"
)

// DeletedPage is one page of deleted objects.
type DeletedPage struct {
	Items []Deleted
	// Next and Previous are cursors; empty at the ends.
	Next, Previous string
	// Total counts what the filter lets through.
	Total int
}

// ListDeleted gives a page of a vault's deleted objects of one kind, by name
// or by [SortPurge]. Whoever may list the kind may see its bin.
func (g *Gate) ListDeleted(ctx context.Context, s *Session, kind Kind, r ListRequest) (DeletedPage, error) {
	v, err := verbsOf(kind)
	if err != nil {
		return DeletedPage{}, err
	}
	a := on(v.list, r.Vault, kind, "", "")
	a.params["deleted"] = "true"
	r.note(a.params)
	return carry(ctx, g, s, a, func(ctx context.Context, a *act) (DeletedPage, change, error) {
		v, err := g.openVault(ctx, a)
		if err != nil {
			return DeletedPage{}, nil, err
		}
		q := r.query(v, kind)
		q.Deleted = true
		rows, err := g.db.Objects(ctx, q)
		if err != nil {
			return DeletedPage{}, nil, err
		}
		page := DeletedPage{Next: string(rows.Next), Previous: string(rows.Prev), Total: rows.Total}
		for _, item := range rows.Items {
			d, err := presentDeleted(v, item)
			if err != nil {
				return DeletedPage{}, nil, err
			}
			page.Items = append(page.Items, d)
		}
		return page, nil, nil
	})
}

// ShowDeleted gives a deleted object's attributes and dates.
func (g *Gate) ShowDeleted(ctx context.Context, s *Session, kind Kind, r Ref) (Deleted, error) {
	v, err := verbsOf(kind)
	if err != nil {
		return Deleted{}, err
	}
	a := on(v.show, r.Vault, kind, r.Name, r.Version)
	a.params["deleted"] = "true"
	return carry(ctx, g, s, a, func(ctx context.Context, a *act) (Deleted, change, error) {
		f, err := g.findDeleted(ctx, a)
		if err != nil {
			return Deleted{}, nil, err
		}
		d, err := presentDeleted(f.vault, vault.Item{Object: f.object, Current: f.version})
		return d, nil, err
	})
}

// query is the request as the store takes it.
func (r ListRequest) query(v vault.Vault, kind Kind) vault.ObjectQuery {
	limit := r.Limit
	if limit <= 0 {
		limit = defaultLimit
	}
	return vault.ObjectQuery{
		VaultID: v.ID, Kind: vault.Kind(kind), Filter: r.Filter, Sort: vault.ObjectSort(r.Sort), Desc: r.Descending,
		After: vault.Cursor(r.After), Before: vault.Cursor(r.Before), Last: r.Last, Limit: min(limit, maxLimit),
	}
}

func (r ListRequest) note(params map[string]string) {
	if r.Filter != "" {
		params["filter"] = loggable(r.Filter)
	}
}
