package vault

import (
	"strconv"
	"strings"

	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/roles"
)

// ObjectSort names the order of a list of objects. Objects that compare equal
// are in the order of their names.
type ObjectSort string

// The orders of a list of objects.
const (
	SortName    ObjectSort = "name"
	SortUpdated ObjectSort = "updated"
	SortExpires ObjectSort = "expires" // those that never expire come last
	SortPurge   ObjectSort = "purge"   // by the date of the purge; in the bin only
)

var sortColumns = map[ObjectSort][]string{
	SortName:    {"o.name_key"},
	SortUpdated: {"o.updated", "o.name_key"},
	SortExpires: {"o.expires_key", "o.name_key"},
	SortPurge:   {"o.purge_at", "o.name_key"},
}

// Cursor is a place in a list, for the query that made it: the values that the
// list sorts by. It holds nothing that the list does not show.
type Cursor string

var errCursor = fault.New(fault.Invalid, "the place in the list cannot be read", "start from the first page")

// cursorOf gives the place of an item: sort/name, or sort/nanoseconds/name.
func cursorOf(sort ObjectSort, i *Item) Cursor {
	parts := []string{string(sort)}
	switch sort {
	case SortUpdated:
		parts = append(parts, strconv.FormatInt(i.Updated.UnixNano(), 10))
	case SortExpires:
		parts = append(parts, strconv.FormatInt(expiresKey(i.Current.Expires), 10))
	case SortPurge:
		parts = append(parts, strconv.FormatInt(i.PurgeAt.UnixNano(), 10))
	}
	return Cursor(strings.Join(append(parts, fold(i.Name)), "/"))
}

// keys gives the values of a cursor in the order of sortColumns.
func (c Cursor) keys(sort ObjectSort) ([]any, error) {
	rest, ok := strings.CutPrefix(string(c), string(sort)+"/")
	if !ok {
		return nil, errCursor
	}
	var keys []any
	if sort != SortName {
		number, name, _ := strings.Cut(rest, "/")
		n, err := strconv.ParseInt(number, 10, 64)
		if err != nil || strconv.FormatInt(n, 10) != number {
			return nil, errCursor
		}
		keys, rest = append(keys, n), name
	}
	if roles.CheckObjectName(rest) != nil || fold(rest) != rest {
		return nil, errCursor
	}
	return append(keys, rest), nil
}
