package vault

import (
	"context"
	"strings"
	"time"

	"github.com/strongroom/strongroom/audit"
)

// EntryQuery asks for log entries. Zero values mean no condition; the order is
// oldest first unless NewestFirst.
type EntryQuery struct {
	Actor   string // a person's id
	Action  string // a prefix: "secrets/" or "secrets/get"
	Vault   string // a vault's name, without regard to case
	Object  string // a part of kind/name, without regard to case
	Outcome audit.Outcome
	// From and To bound the time, To excluded.
	From, To time.Time
	// Since and Before bound the number, Before excluded; 0 is no bound.
	Since, Before int64
	NewestFirst   bool
	// Limit is the page's size, up to [MaxPage]; 0 is [DefaultPage].
	Limit int
}

// LogEntry is one stored entry.
type LogEntry struct {
	Seq int64
	// Line is the exact bytes that were hashed.
	Line []byte
	// Entry is what Line says; it is empty when Damaged.
	Entry   audit.Entry
	Damaged bool
}

// EntryPage is one page of the log. More says that entries follow; the next
// page begins beside the last item's Seq.
type EntryPage struct {
	Items []LogEntry
	More  bool
}

// Entries gives one page of the log. The conditions look at columns that are
// copies of the entries; [Log.CheckColumns] proves that they agree.
func (r Reader) Entries(ctx context.Context, q EntryQuery) (EntryPage, error) {
	where, args := q.conditions()
	order := ` ORDER BY seq LIMIT ?`
	if q.NewestFirst {
		order = ` ORDER BY seq DESC LIMIT ?`
	}
	limit := pageSize(q.Limit)
	items, err := many(ctx, r, scanLogEntry, `SELECT seq, entry FROM log`+where+order, append(args, limit+1)...)
	if err != nil {
		return EntryPage{}, err
	}
	if len(items) > limit {
		return EntryPage{Items: items[:limit], More: true}, nil
	}
	return EntryPage{Items: items}, nil
}

func (q *EntryQuery) conditions() (string, []any) {
	var terms []string
	var args []any
	add := func(use bool, term string, arg ...any) {
		if use {
			terms, args = append(terms, term), append(args, arg...)
		}
	}
	add(q.Actor != "", `actor_id = ?`, q.Actor)
	add(q.Action != "", sqlBegins(`action`), q.Action, q.Action+lastRune)
	add(q.Vault != "", `vault = ?`, fold(q.Vault))
	add(q.Object != "", sqlContains(`object`), fold(q.Object))
	add(q.Outcome != "", `outcome = ?`, q.Outcome)
	add(!q.From.IsZero(), `time >= ?`, stamp(q.From))
	add(!q.To.IsZero(), `time < ?`, stamp(q.To))
	add(q.Since != 0, `seq >= ?`, q.Since)
	add(q.Before != 0, `seq < ?`, q.Before)
	if len(terms) == 0 {
		return "", nil
	}
	return ` WHERE ` + strings.Join(terms, ` AND `), args
}

func scanLogEntry(s scanner) (LogEntry, error) {
	var e LogEntry
	if err := s.Scan(&e.Seq, &e.Line); err != nil {
		return LogEntry{}, err
	}
	entry, err := audit.Decode(e.Line)
	if err != nil || entry.Seq != e.Seq {
		// A damaged entry is shown as such: hiding it would hide the damage.
		e.Damaged = true
		return e, nil
	}
	e.Entry = entry
	return e, nil
}
