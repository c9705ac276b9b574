package gate

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/strongroom/strongroom/audit"
	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/roles"
	"github.com/strongroom/strongroom/vault"
)

// Who may do what lies in rows that anybody who can write the file can add.
// But every grant has its entry in the log, with everything that the row says,
// and so the rows can be held against the log.

// grantParams are the params of a grant's entry.
func grantParams(a roles.Assignment) map[string]string {
	params := map[string]string{"assignment": a.ID, "person": a.Person, "role": string(a.Role), "scope": a.Scope.String()}
	if !a.NotBefore.IsZero() {
		params["not_before"] = stampText(a.NotBefore)
	}
	if !a.Expires.IsZero() {
		params["expires"] = stampText(a.Expires)
	}
	return params
}

func stampText(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }

// ofRights recognises the few entries that are about assignments, without
// decoding the many that are not.
var ofRights = []byte(`"action":"assignments/`)

// checkRights holds the assignments in force against the log: each has been
// granted there, exactly so, and none that was granted and not taken away is
// missing. A difference is a Tampered fault that names the assignment.
func (g *Gate) checkRights(ctx context.Context) error {
	return g.db.View(ctx, func(r vault.Reader) error {
		rows, err := r.Assignments(ctx)
		if err != nil {
			return err
		}
		log, err := r.Log(ctx)
		if err != nil {
			return err
		}
		granted, err := replayRights(ctx, log)
		if err != nil {
			return err
		}
		return compareRights(rows, granted)
	})
}

// replayRights gives the grants in force by the log, by assignment.
func replayRights(ctx context.Context, log *vault.Log) (map[string]map[string]string, error) {
	granted := map[string]map[string]string{}
	err := log.Walk(ctx, 0, func(_ int64, line, _ []byte) error {
		if !bytes.Contains(line, ofRights) {
			return nil
		}
		e, err := audit.Decode(line)
		if err != nil || e.Outcome != audit.Done {
			return err
		}
		switch roles.Action(e.Action) {
		case roles.AssignmentsCreate:
			params := maps.Clone(e.Params)
			delete(params, "by")
			granted[params["assignment"]] = params
		case roles.AssignmentsDelete:
			delete(granted, e.Params["assignment"])
		}
		return nil
	})
	return granted, err
}

func compareRights(rows []roles.Assignment, granted map[string]map[string]string) error {
	for _, row := range rows {
		if !maps.Equal(grantParams(row), granted[row.ID]) {
			return fault.New(fault.Tampered, fmt.Sprintf("the database gives the role %s on %s in an assignment that the log does not grant so (%s)",
				row.Role, row.Scope, loggable(row.ID)), "somebody wrote it into the database; take it away, and find out who can write the file")
		}
		delete(granted, row.ID)
	}
	for _, id := range slices.Sorted(maps.Keys(granted)) {
		return fault.New(fault.Tampered, fmt.Sprintf("the log grants the role %s on %s, but the database does not have the assignment (%s)",
			granted[id]["role"], granted[id]["scope"], id), "somebody removed it from the database; restore it from a backup, or grant it anew")
	}
	return nil
}
