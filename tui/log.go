package tui

import (
	"context"
	"encoding/hex"
	"slices"
	"strconv"

	tea "charm.land/bubbletea/v2"

	"github.com/strongroom/strongroom/audit"
	"github.com/strongroom/strongroom/gate"
	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/views"
)

// loadEntries reads a page of the timeline, newest first. An entry's number is
// its place, so a cursor is a number: entries before it are older.
func (d door) loadEntries(ctx context.Context, in views.LoadEntries) (tea.Msg, error) {
	r, err := logRequest(in, d.seen.somebody)
	if err != nil {
		return nil, err
	}
	page, err := d.gate.ListLog(ctx, d.session, r)
	if err != nil {
		return nil, err
	}
	d.seen.note(page.Lines)
	if !r.NewestFirst {
		slices.Reverse(page.Lines)
	}
	out := views.EntriesLoaded{Request: in.Query.Request, Page: entryPage(page, in.Query.Seek)}
	if !filtered(r) {
		out.Page.Total = d.logSize(page.Lines)
	}
	return out, nil
}

// logSize is how many entries the log has, as far as was seen: the number of
// the newest entry tells. What a filter lets through nobody has counted.
func (d door) logSize(lines []gate.LogLine) int {
	if len(lines) > 0 && d.newest != nil {
		for seen := d.newest.Load(); lines[0].Seq > seen && !d.newest.CompareAndSwap(seen, lines[0].Seq); {
			seen = d.newest.Load()
		}
		return int(d.newest.Load()) + 1
	}
	return len(lines)
}

func logRequest(in views.LoadEntries, somebody func(string) bool) (gate.LogRequest, error) {
	q := in.Query
	r := gate.LogRequest{Outcome: audit.Outcome(in.Outcome), NewestFirst: true, Limit: q.Limit}
	applyFilter(&r, q.Filter, somebody)
	switch q.Seek {
	case views.Next, views.Previous:
		n, err := strconv.ParseInt(q.Cursor, 10, 64)
		if err != nil {
			return r, fault.Wrap(err, fault.Internal, "the list lost its place", "read it again with ctrl+r")
		}
		if q.Seek == views.Next {
			r.Before = &n
		} else {
			r.After, r.NewestFirst = &n, false
		}
	case views.Last:
		r.NewestFirst = false
	}
	return r, nil
}

// loadEntry reads one entry and proves what can be proved of it alone.
func (d door) loadEntry(ctx context.Context, in views.LoadEntry) (tea.Msg, error) {
	after, before := in.Seq-1, in.Seq+1
	page, err := d.gate.ListLog(ctx, d.session, gate.LogRequest{After: &after, Before: &before, Limit: 1})
	if err != nil {
		return nil, err
	}
	if len(page.Lines) == 0 {
		return nil, fault.New(fault.NotFound, "there is no entry "+itoa(in.Seq), "verify the log: an entry that is missing shows there")
	}
	return views.EntryLoaded{Entry: entryDetail(&page.Lines[0], d.verified)}, nil
}

// loadLogSummary counts the newest entries by the hour.
func (d door) loadLogSummary(ctx context.Context, _ views.LoadLogSummary) (tea.Msg, error) {
	page, err := d.gate.ListLog(ctx, d.session, gate.LogRequest{NewestFirst: true, Limit: summaryEntries})
	if err != nil {
		return nil, err
	}
	d.seen.note(page.Lines)
	return views.LogSummarised{Log: logSummary(page.Lines, wall(d.clock()))}, nil
}

func (d door) verifyLog(ctx context.Context, _ views.VerifyLog) (tea.Msg, error) {
	began := d.clock()
	check, err := d.gate.VerifyLog(ctx, d.session, d.report)
	if err != nil {
		return nil, err
	}
	verdict := views.LogVerdict{
		Good: check.Problem == nil, Size: check.Size, Root: hex.EncodeToString(check.Root[:]), Checkpoints: check.Checkpoints,
		Anchors: check.Against, Took: d.clock().Sub(began),
	}
	if check.Problem != nil {
		verdict.Problem, verdict.Hint = fault.Problem(check.Problem), fault.Hint(check.Problem)
	}
	return views.LogVerified{Verdict: verdict}, nil
}
