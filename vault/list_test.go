package vault

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/strongroom/strongroom/internal/fault"
	"pgregory.net/rapid"
)

// expected is what a query should give, worked out from all items in memory.
func expected(all []Item, q ObjectQuery) []string {
	kept := slices.DeleteFunc(slices.Clone(all), func(i Item) bool {
		name := strings.ToLower(i.Name)
		under := len(q.Prefixes) == 0 || slices.ContainsFunc(q.Prefixes, func(p string) bool {
			return strings.HasPrefix(name, strings.ToLower(p))
		})
		return !under || !strings.Contains(name, strings.ToLower(q.Filter))
	})
	slices.SortFunc(kept, func(a, b Item) int {
		order := 0
		switch q.Sort {
		case SortUpdated:
			order = a.Updated.Compare(b.Updated)
		case SortExpires:
			order = cmp.Compare(expiresKey(a.Current.Expires), expiresKey(b.Current.Expires))
		}
		if order = cmp.Or(order, strings.Compare(fold(a.Name), fold(b.Name))); q.Desc {
			return -order
		}
		return order
	})
	return names(kept)
}

func names(items []Item) []string {
	out := make([]string, len(items))
	for i := range items {
		out[i] = items[i].Name
	}
	return out
}

// Whatever the filter, the order and the page size: walking all pages forward
// gives everything once, walking back from the last gives the same, and the
// total is right.
func TestPages(t *testing.T) {
	db := newDB(t, Options{})
	v := fillSecrets(t, db, 60)
	write(t, db, func(tx *Tx) error {
		for i, name := range []string{"Alpha-1", "alpha-2", "ALPHA-30", "z", "Z-alpha"} {
			if err := addSecret(tx, v.ID, name, i%3); err != nil {
				return err
			}
		}
		return nil
	})
	whole, err := db.Objects(t.Context(), ObjectQuery{VaultID: v.ID, Kind: KindSecret, Limit: MaxPage})
	if err != nil || len(whole.Items) != 65 || whole.Next != "" || whole.Prev != "" {
		t.Fatal(len(whole.Items), whole.Next, whole.Prev, err)
	}
	rapid.Check(t, func(t *rapid.T) {
		q := ObjectQuery{
			VaultID: v.ID, Kind: KindSecret,
			Filter:   rapid.SampledFrom([]string{"", "ALPHA", "secret-00001", "5", "-", "%", "_", "nothing"}).Draw(t, "filter"),
			Prefixes: rapid.SampledFrom([][]string{nil, {"alpha"}, {"SECRET-00000", "z"}, {"%"}}).Draw(t, "prefixes"),
			Sort:     rapid.SampledFrom([]ObjectSort{SortName, SortUpdated, SortExpires}).Draw(t, "sort"),
			Desc:     rapid.Bool().Draw(t, "desc"),
			Limit:    rapid.IntRange(1, 70).Draw(t, "limit"),
		}
		want := expected(whole.Items, q)
		if got := walkPages(t, db, q, len(want)); !slices.Equal(got, want) {
			t.Fatalf("forward %q, want %q", got, want)
		}
		q.Last = true
		if got := walkPages(t, db, q, len(want)); !slices.Equal(got, want) {
			t.Fatalf("backward %q, want %q", got, want)
		}
	})
}

// walkPages follows Next, or Prev from the last page.
func walkPages(t *rapid.T, db *DB, q ObjectQuery, total int) []string {
	var got []string
	backward := q.Last
	for range total + 2 {
		page, err := db.Objects(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		if page.Total != total {
			t.Fatalf("total %d, want %d", page.Total, total)
		}
		if backward {
			got = append(names(page.Items), got...)
			q.Last, q.Before = false, page.Prev
		} else {
			got = append(got, names(page.Items)...)
			q.After = page.Next
		}
		if q.After == "" && q.Before == "" {
			return got
		}
	}
	t.Fatal("the pages do not end")
	return nil
}

func TestPageRefusals(t *testing.T) {
	db := newDB(t, Options{})
	for name, q := range map[string]ObjectQuery{
		"two pages":          {After: "name/a", Last: true},
		"another sort":       {After: "updated/1/a"},
		"no number":          {Sort: SortUpdated, After: "updated/x/a"},
		"number not minimal": {Sort: SortUpdated, After: "updated/01/a"},
		"no name":            {After: "name/"},
		"SQL":                {After: "name/' OR 1=1"},
		"upper case":         {After: "name/A"},
		"unknown sort":       {Sort: "record"},
		"long filter":        {Filter: strings.Repeat("x", maxFilter+1)},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := db.Objects(t.Context(), q)
			wantKind(t, err, fault.Invalid)
		})
	}
}

// FuzzCursor: a cursor that is accepted is the one that would be made.
func FuzzCursor(f *testing.F) {
	for _, c := range []string{"name/a", "updated/1/a", "expires/9223372036854775807/z-9", "updated/-1/a", "name/", "/"} {
		f.Add(c)
	}
	f.Fuzz(func(t *testing.T, c string) {
		for _, sort := range []ObjectSort{SortName, SortUpdated, SortExpires, SortPurge} {
			keys, err := Cursor(c).keys(sort)
			if err != nil {
				continue
			}
			made := string(sort)
			for _, k := range keys {
				made += fmt.Sprintf("/%v", k)
			}
			if made != c {
				t.Fatalf("%q was read as %q", c, made)
			}
		}
	})
}

// A page of 50 is found through an index, whatever the order: SQLite sorts
// nothing and scans nothing.
func TestPagesUseAnIndex(t *testing.T) {
	db := newDB(t, Options{})
	v := fillSecrets(t, db, 10)
	for _, sort := range []ObjectSort{SortName, SortUpdated, SortExpires, SortPurge} {
		for _, last := range []bool{false, true} {
			q := ObjectQuery{VaultID: v.ID, Kind: KindSecret, Sort: sort, Last: last, Deleted: sort == SortPurge}
			text, args, err := q.page()
			if err != nil {
				t.Fatal(err)
			}
			plan, err := many(t.Context(), db.Reader, func(s scanner) (line string, err error) {
				var id, parent, unused int
				err = s.Scan(&id, &parent, &unused, &line)
				return line, err
			}, `EXPLAIN QUERY PLAN `+text, args...)
			if err != nil {
				t.Fatal(err)
			}
			if all := strings.Join(plan, "; "); strings.Contains(all, "SCAN") || strings.Contains(all, "TEMP B-TREE") {
				t.Errorf("%s: %s", sort, all)
			}
		}
	}
}
