package views

import (
	"strings"

	"github.com/strongroom/strongroom/internal/fault"
)

// truths is what the token said of a key's versions, since the screen was opened.
type truths map[string]truth

type truth struct {
	KeyTruth
	err error // it could not be read
}

// differs reports whether any version is not what was recorded.
func (t KeyTruth) differs() bool { return len(t.Differences) > 0 }

// facts is the label of one version: where it was made, what the token says of
// it, and what that was compared with.
func (t truth) facts(p Paint) []Fact {
	switch {
	case t.err != nil:
		return []Fact{{"token says", "nothing: " + fault.Problem(t.err), Warning}}
	case !t.Found:
		return []Fact{{"token says", "it has no such key", Danger}}
	}
	made, tone := "inside the token ", Good
	if !t.Local {
		made, tone = "elsewhere, then brought into the token ", Warning
	}
	says, marks := t.marks()
	return []Fact{
		{"made", made + t.Serial + ", firmware " + orDash(t.Firmware), tone},
		{"token says", says, marks},
		t.compared(p),
	}
}

// marks writes the token's claims with a sign each, so that they show without
// colour.
func (t truth) marks() (string, Tone) {
	tone := Good
	var parts []string
	for _, claim := range []struct {
		name string
		so   bool
	}{{"LOCAL", t.Local}, {"SENSITIVE", t.Sensitive}, {"ALWAYS_SENSITIVE", t.AlwaysSensitive}, {"NEVER_EXTRACTABLE", t.NeverExtractable}} {
		mark := "✓ "
		if !claim.so {
			mark, tone = "✗ ", Warning
		}
		parts = append(parts, mark+claim.name)
	}
	return strings.Join(parts, "  "), tone
}

func (t truth) compared(p Paint) Fact {
	switch {
	case t.differs():
		return Fact{"compared", "not as it was recorded", Danger}
	case t.Recorded.IsZero():
		return Fact{"compared", "with nothing: nothing was recorded when it was made", Warning}
	default:
		return Fact{"compared", "as it was recorded " + ago(t.Recorded, p.Now), Good}
	}
}

// differ reports whether any version is not what was recorded.
func (ts truths) differ() bool {
	for _, t := range ts {
		if t.differs() {
			return true
		}
	}
	return false
}

// alarmLines say at the top of a screen that a key is not what it was.
func (ts truths) alarmLines(p Paint, versions []VersionRow, w int) []string {
	var out []string
	for _, v := range versions {
		t := ts[v.Version]
		if !t.differs() {
			continue
		}
		out = append(out, p.Bold(Danger, "!! ALARM: the version "+short(v.Version)+" is not what was recorded when it was made"))
		for _, d := range t.Differences {
			for _, l := range wrap(clean(d.What+": recorded "+d.Recorded+", now "+d.Now), w-3) {
				out = append(out, "   "+p.Text(Danger, l))
			}
		}
	}
	if out == nil {
		return nil
	}
	return append(out, "   Use it no more, and tell an auditor: the log has an entry.")
}
