package cli

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/strongroom/strongroom/audit"
	"github.com/strongroom/strongroom/gate"
	"github.com/strongroom/strongroom/install"
	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/roles"
)

func (a *app) auditCommands() *cobra.Command {
	return group("audit", "The log", a.auditList(), a.auditVerify())
}

func (a *app) auditList() *cobra.Command {
	var r gate.LogRequest
	var after, before int64
	var outcome string
	var oldestFirst bool
	var cmd *cobra.Command
	cmd = a.command("list", "List entries of the log, newest first", func(ctx context.Context, _ []string) error {
		r.Outcome, r.NewestFirst = audit.Outcome(outcome), !oldestFirst
		if cmd.Flags().Changed("after") {
			r.After = &after
		}
		if cmd.Flags().Changed("before") {
			r.Before = &before
		}
		return a.act(ctx, func(g *gate.Gate, s *gate.Session) error {
			page, err := g.ListLog(ctx, s, r)
			if err != nil {
				return err
			}
			return a.printLog(page)
		})
	})
	f := cmd.Flags()
	f.StringVar(&r.Actor, "actor", "", "only what this `person` did")
	f.StringVar(&r.Action, "action", "", "only actions that begin with this `text`, such as secrets/")
	f.StringVar(&r.Vault, "vault-name", "", "only what concerns this `vault`")
	f.StringVar(&r.Object, "object", "", "only objects whose kind/name contains this `text`")
	f.StringVar(&outcome, "outcome", "", "only this `outcome`: done, refused, failed or intent")
	f.Int64Var(&after, "after", 0, "only entries behind this `number`")
	f.Int64Var(&before, "before", 0, "only entries before this `number`")
	f.IntVar(&r.Limit, "maxresults", 50, "at most this `many`, up to 500")
	f.BoolVar(&oldestFirst, "oldest-first", false, "begin with the oldest")
	return cmd
}

// printLog prints entries; as JSON they are the exact bytes that are hashed,
// but for the indentation.
func (a *app) printLog(page gate.LogPage) error {
	lines := make([]any, 0, len(page.Lines))
	v := view{head: []string{"ENTRY", "TIME", "WHO", "ACTION", "ON", "OUTCOME", "WHY"}}
	for i := range page.Lines {
		e := &page.Lines[i]
		number := strconv.FormatInt(e.Seq, 10)
		if e.Damaged {
			lines = append(lines, map[string]any{"seq": e.Seq, "damaged": true})
			v.add(number, "", "", "", "", "damaged", "this entry cannot be read")
			continue
		}
		lines = append(lines, json.RawMessage(e.Line))
		who := e.Actor.Name
		if who == "" {
			who = "-"
		}
		v.add(number, stamp(e.At()), who, e.Action, targetText(e.Resource), string(e.Outcome), e.Reason)
	}
	return a.print(lines, v)
}

func targetText(t audit.Target) string {
	var parts []string
	for _, part := range []string{t.Vault, t.Kind, t.Name} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, "/")
}

type findingBody struct {
	Seq     int64  `json:"seq"`
	Problem string `json:"problem"`
}

type checkBody struct {
	Value       bool          `json:"value"`
	Size        int64         `json:"size"`
	Root        string        `json:"root"`
	Signed      int64         `json:"signed"`
	Checkpoints int           `json:"checkpoints"`
	Against     []string      `json:"against"`
	HSMAsked    bool          `json:"hsmAsked"`
	Findings    []findingBody `json:"findings"`
}

func (a *app) auditVerify() *cobra.Command {
	cmd := a.command("verify", "Verify the whole log", func(ctx context.Context, _ []string) error {
		return a.with(ctx, func(i *install.Installation) error {
			check, asked, err := a.verifyLog(ctx, i)
			a.clearProgress()
			if err != nil {
				return err
			}
			return a.printCheck(&check, asked)
		})
	})
	cmd.Long = "Verify the whole log: every entry, every hash, every signed checkpoint, and the\ncopies of its head elsewhere. It works with nobody signed in; the copy inside the\nHSM is asked only for an auditor, because reading it takes the PIN. The exit code\nis 0 for a log that is whole and 4 for one that is not."
	return cmd
}

// verifyLog verifies as the auditor who is signed in, else from outside. A
// log that was changed keeps everybody from going on with a login session, and
// is verified all the same.
func (a *app) verifyLog(ctx context.Context, i *install.Installation) (check gate.LogCheck, hsmAsked bool, err error) {
	progress := func(done, total int64) { a.progress("verifying", done, total) }
	s, err := i.Resume(ctx)
	if err == nil && mayVerify(ctx, i.Gate, s) {
		check, err = i.Gate.VerifyLog(ctx, s, progress)
		return check, true, err
	}
	check, err = i.Gate.VerifyOffline(ctx, progress)
	if err == nil && check.Problem == nil {
		check.Problem = i.Gate.Alarm()
	}
	return check, false, err
}

func mayVerify(ctx context.Context, g *gate.Gate, s *gate.Session) bool {
	all, err := g.Permissions(ctx, s, "")
	return err == nil && all[roles.AuditVerify].Allowed
}

func (a *app) printCheck(c *gate.LogCheck, hsmAsked bool) error {
	body := checkBody{
		Value: c.Problem == nil, Size: c.Size, Root: hex.EncodeToString(c.Root[:]), Signed: c.Signed, Checkpoints: c.Checkpoints,
		Against: append([]string{}, c.Against...), HSMAsked: hsmAsked, Findings: []findingBody{},
	}
	var v view
	v.add("entries", strconv.FormatInt(c.Size, 10))
	v.add("signed", strconv.FormatInt(c.Signed, 10)+" of them, by "+strconv.Itoa(c.Checkpoints)+" checkpoints")
	v.add("root", body.Root)
	v.add("held against", strings.Join(append([]string{"its own hashes"}, c.Against...), ", "))
	if !hsmAsked {
		v.add("not asked", "the HSM's anchor; sign in as auditor to hold the log against it")
	}
	for _, f := range c.Findings {
		body.Findings = append(body.Findings, findingBody{f.Seq, f.Problem})
		v.add("finding", f.Problem)
	}
	verdict := "the log is whole"
	if c.Problem != nil {
		verdict = "THE LOG IS NOT WHOLE"
	}
	v.add("verdict", verdict)
	if err := a.print(body, v); err != nil {
		return err
	}
	return tampered(c.Problem)
}

// tampered makes sure that a log that is not whole ends with exit code 4.
func tampered(err error) error {
	if err == nil || fault.KindOf(err) == fault.Tampered {
		return err
	}
	return fault.Wrap(err, fault.Tampered, fault.Problem(err), fault.Hint(err))
}
