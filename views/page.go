package views

// Seek says which page of a list is asked for.
type Seek uint8

// The seeks. Next and Previous begin at a cursor that an answer gave.
const (
	First Seek = iota
	Next
	Previous
	Last
)

// Query asks for one page of a list. Lists are read by keyset, so a page is
// found by the row it begins after, never by its number.
type Query struct {
	// Request comes back with the answer; answers to older requests are
	// dropped.
	Request uint64
	Filter  string
	// Sort is a column's sort key; "" is the list's own order.
	Sort string
	Desc bool
	Seek Seek
	// Cursor is a Page's Prev or Next, as it came.
	Cursor string
	Limit  int

	// keep reads a page again that begins at index at.
	keep bool
	at   int
}

// Page is one page of rows, in the order of the query.
type Page[T any] struct {
	Rows []T
	// Prev and Next are cursors for the neighbouring pages; "" means none.
	Prev, Next string
	// Total counts all rows that pass the filter.
	Total int
}
