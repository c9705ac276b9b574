package gate

import (
	"context"
	"encoding/hex"
	"strconv"
	"strings"

	"github.com/strongroom/strongroom/audit"
	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/roles"
	"github.com/strongroom/strongroom/vault"
)

// LogRequest asks for a page of the log. Empty fields mean no condition.
type LogRequest struct {
	Actor   string // a person's name
	Action  string // a prefix of an action: "secrets/"
	Vault   string
	Object  string // part of kind/name
	Outcome audit.Outcome
	// After and Before bound the entry's number, both excluded; nil is no
	// bound.
	After, Before *int64
	NewestFirst   bool
	Limit         int // 1 to 500, default 50
}

// LogLine is one entry with the exact bytes that are hashed.
type LogLine struct {
	audit.Entry
	Line []byte
	// Damaged says that the stored bytes cannot be read; only Seq and Line
	// are set.
	Damaged bool
}

// LogPage is one page of the log.
type LogPage struct {
	Lines []LogLine
	More  bool
}

// ListLog gives a page of the log.
func (g *Gate) ListLog(ctx context.Context, s *Session, r LogRequest) (LogPage, error) {
	return carry(ctx, g, s, on(roles.AuditList, "", "log", "", ""), func(ctx context.Context, a *act) (LogPage, change, error) {
		q, err := g.logQuery(ctx, a, r)
		if err != nil {
			return LogPage{}, nil, err
		}
		page, err := g.db.Entries(ctx, q)
		if err != nil {
			return LogPage{}, nil, err
		}
		answer := LogPage{More: page.More}
		for _, e := range page.Items {
			line := LogLine{Entry: e.Entry, Line: e.Line, Damaged: e.Damaged}
			line.Seq = e.Seq
			answer.Lines = append(answer.Lines, line)
		}
		return answer, nil, nil
	})
}

func (g *Gate) logQuery(ctx context.Context, a *act, r LogRequest) (vault.EntryQuery, error) {
	q := vault.EntryQuery{Action: r.Action, Vault: r.Vault, Object: r.Object, Outcome: r.Outcome, NewestFirst: r.NewestFirst, Limit: min(max(r.Limit, 0), maxLimit)}
	for name, value := range map[string]string{"actor": r.Actor, "action": r.Action, "vault": r.Vault, "object": r.Object, "outcome": string(r.Outcome)} {
		if value != "" {
			a.params[name] = loggable(value)
		}
	}
	if r.Outcome != "" && !r.Outcome.Valid() {
		return q, fault.New(fault.Invalid, "there is no such outcome", "use done, refused, failed or intent")
	}
	if r.Actor != "" {
		person, err := g.db.PersonByName(ctx, r.Actor)
		if err != nil {
			return q, err
		}
		q.Actor = person.ID
	}
	if r.After != nil {
		q.Since = *r.After + 1
	}
	if r.Before != nil {
		// The store takes 0 for "no bound", and nothing lies before entry 0.
		if q.Before = *r.Before; q.Before <= 0 {
			q.Before, q.Limit, q.Since = 1, 1, 1
		}
	}
	return q, nil
}

// LogCheck is what a verification of the log found.
type LogCheck struct {
	audit.Result
	// Against names the copies of the head that the log was held against.
	Against []string
	// NotAsked names the copies that could not be had: without them a log
	// that was cut or rolled back may pass.
	NotAsked []string
	// Problem is the error that a person is told; nil when the log is whole.
	Problem error
}

// VerifyLog verifies the whole log: every entry, every hash, every checkpoint,
// and the copies of its head in the HSM and the keyring. A log that fails is
// an answer in [LogCheck], not an error: the verification itself worked.
func (g *Gate) VerifyLog(ctx context.Context, s *Session, progress func(done, total int64)) (LogCheck, error) {
	return carry(ctx, g, s, on(roles.AuditVerify, "", "log", "", ""), func(ctx context.Context, a *act) (LogCheck, change, error) {
		expect, notAsked, err := g.expectation(ctx)
		if err != nil {
			return LogCheck{}, nil, err
		}
		token, err := g.hsm(ctx)
		if err != nil {
			return LogCheck{}, nil, err
		}
		anchors, err := g.hsmAnchors(ctx, token)
		if err != nil {
			return LogCheck{}, nil, err
		}
		expect.Anchors = append(expect.Anchors, anchors...)
		check, err := g.verify(ctx, expect, progress)
		check.NotAsked = notAsked
		a.params["against"] = loggable(strings.Join(check.Against, ", "))
		a.params["size"] = strconv.FormatInt(check.Size, 10)
		a.params["root"] = hex.EncodeToString(check.Root[:])
		a.params["whole"] = strconv.FormatBool(check.Problem == nil)
		return check, nil, err
	})
}

// VerifyOffline verifies the log without anybody signed in: it reads the file
// and the keyring, shows no entry, changes nothing, and so is no act. The copy
// of the head in the HSM is not asked, because that takes the PIN.
func (g *Gate) VerifyOffline(ctx context.Context, progress func(done, total int64)) (LogCheck, error) {
	expect, notAsked, err := g.expectation(ctx)
	if err != nil {
		return LogCheck{}, err
	}
	check, err := g.verify(ctx, expect, progress)
	check.NotAsked = append(notAsked, hsmAnchor)
	return check, err
}

// expectation gathers what the log is held against, and names what does not
// answer. It is read before the log, which may grow meanwhile but never falls
// behind.
func (g *Gate) expectation(ctx context.Context) (expect audit.Expect, notAsked []string, err error) {
	expect = audit.Expect{Origin: origin(g.installation.ID), Key: g.logKey}
	checkpoints, err := g.db.Checkpoints(ctx)
	if err != nil {
		return expect, nil, err
	}
	for _, c := range checkpoints {
		expect.Checkpoints = append(expect.Checkpoints, c.Note)
	}
	expect.Anchors, err = g.keyringAnchors(ctx)
	switch {
	case fault.KindOf(err) == fault.Tampered:
		return expect, nil, err
	case err != nil || len(expect.Anchors) == 0:
		notAsked = append(notAsked, keyringAnchor)
	}
	return expect, notAsked, nil
}

func (g *Gate) verify(ctx context.Context, expect audit.Expect, progress func(done, total int64)) (LogCheck, error) {
	log, err := g.db.Log(ctx)
	if err != nil {
		return LogCheck{}, err
	}
	check := LogCheck{}
	for _, a := range expect.Anchors {
		check.Against = append(check.Against, a.Where)
	}
	check.Result, err = audit.Verify(ctx, log, expect, progress)
	if err == nil {
		err = log.CheckColumns(ctx)
	}
	if err == nil {
		err = g.checkRights(ctx)
	}
	if fault.KindOf(err) == fault.Tampered {
		check.Problem, err = err, nil
	}
	return check, err
}
