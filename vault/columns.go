package vault

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/strongroom/strongroom/audit"
	"github.com/strongroom/strongroom/internal/fault"
)

// filed is a log entry with the columns that lists filter by.
type filed struct {
	LogEntry
	at                           time.Time
	actor, action, vault, object string
	outcome                      audit.Outcome
}

// CheckColumns proves that what lists filter by is what the entries say:
// otherwise an entry could be hidden from a search without being changed. The
// first disagreement is Tampered and names the entry.
func (l *Log) CheckColumns(ctx context.Context) error {
	rows, err := l.r.q.query(ctx, `SELECT seq, entry, time, actor_id, action, vault, object, outcome
		FROM log WHERE seq < ? ORDER BY seq`, l.size)
	if err != nil {
		return l.r.q.failed(err)
	}
	for rows.Next() && err == nil {
		var f filed
		if f, err = scanFiled(rows); err == nil {
			err = f.check()
		}
	}
	return l.r.q.failed(errors.Join(err, rows.Err(), rows.Close()))
}

func scanFiled(s scanner) (filed, error) {
	var f filed
	err := s.Scan(&f.Seq, &f.Line, when(&f.at), &f.actor, &f.action, &f.vault, &f.object, &f.outcome)
	return f, err
}

func (f *filed) check() error {
	e, err := audit.Decode(f.Line)
	if err != nil {
		return fault.Wrap(err, fault.Tampered, fmt.Sprintf("entry %d was changed", f.Seq), "run strongroom audit verify")
	}
	if e.Seq == f.Seq && e.At().Equal(f.at) && e.Actor.ID == f.actor && e.Action == f.action &&
		fold(e.Resource.Vault) == f.vault && objectOf(e.Resource) == f.object && e.Outcome == f.outcome {
		return nil
	}
	return fault.New(fault.Tampered, fmt.Sprintf("entry %d is filed under something it does not say", f.Seq),
		"the entry itself may be sound: run strongroom audit verify")
}
