package tui

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/strongroom/strongroom/audit"
	"github.com/strongroom/strongroom/gate"
	"github.com/strongroom/strongroom/views"
)

func TestTheTimelinesFilter(t *testing.T) {
	for typed, want := range map[string]gate.LogRequest{
		"":                      {},
		"   ":                   {},
		"who:sam":               {Actor: "sam"},
		"act:secrets/":          {Action: "secrets/"},
		"secrets/get":           {Action: "secrets/get"},
		"sess":                  {Action: "sess"},
		"db-password":           {Object: "db-password"},
		"on:key/":               {Object: "key/"},
		"vault:pay-prod keys/s": {Vault: "pay-prod", Action: "keys/s"},
		"who:sam who:":          {Actor: "sam"}, // the last word is still being typed
		"colour:red":            {Object: "colour:red"},
		"olga":                  {Actor: "olga"},
		"olga secrets/":         {Actor: "olga", Action: "secrets/"},
		"olg":                   {Object: "olg"},
	} {
		var got gate.LogRequest
		applyFilter(&got, typed, func(name string) bool { return name == "olga" })
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", typed, diff)
		}
	}
}

// Whatever is typed becomes conditions, and never a bound or an order.
func FuzzTheTimelinesFilter(f *testing.F) {
	for _, seed := range []string{"who:sam act:secrets/", "::", "who::", "\x00 \u202e", "on:a on:b"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		var r gate.LogRequest
		applyFilter(&r, typed, func(string) bool { return len(typed)%2 == 0 })
		if r.After != nil || r.Before != nil || r.NewestFirst || r.Limit != 0 || r.Outcome != "" {
			t.Errorf("%q became %+v", typed, r)
		}
	})
}

// A page of the timeline stands newest first; its cursors are entry numbers.
func TestPagesOfTheTimeline(t *testing.T) {
	line := func(seq int64) gate.LogLine { return gate.LogLine{Entry: audit.Entry{Seq: seq}} }
	p := gate.LogPage{Lines: []gate.LogLine{line(9), line(8), line(7)}, More: true}
	for seek, want := range map[views.Seek][2]string{
		views.First: {"", "7"}, views.Next: {"9", "7"}, views.Previous: {"9", "7"}, views.Last: {"9", ""},
	} {
		got := entryPage(p, seek)
		if len(got.Rows) != 3 || got.Prev != want[0] || got.Next != want[1] {
			t.Errorf("seek %d: before %q, after %q, want %q", seek, got.Prev, got.Next, want)
		}
	}
	if got := entryPage(gate.LogPage{}, views.Next); len(got.Rows)+len(got.Prev)+len(got.Next) != 0 {
		t.Errorf("an empty page: %+v", got)
	}
}

func TestTheSummaryCountsByTheHour(t *testing.T) {
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	at := func(seq int64, ago time.Duration) gate.LogLine {
		return gate.LogLine{Entry: audit.Entry{Seq: seq, Time: now.Add(-ago).Format("2006-01-02T15:04:05.000000000Z")}}
	}
	s := logSummary([]gate.LogLine{at(5, time.Minute), at(4, 59*time.Minute), at(3, 61*time.Minute), at(2, 30*time.Hour), {Damaged: true}}, now)
	if s.Size != 6 || s.Hours[23] != 2 || s.Hours[22] != 1 || s.Hours[0] != 0 {
		t.Errorf("%+v", s)
	}
}

// An entry is called proved only when a verification covered it.
func TestWhatIsSaidOfAnEntrysProof(t *testing.T) {
	seen := verified{size: 10, root: "00112233445566778899", at: time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)}
	for name, c := range map[string]struct {
		line       gate.LogLine
		good, open bool
	}{
		"covered":  {gate.LogLine{Entry: audit.Entry{Seq: 9}}, true, false},
		"newer":    {gate.LogLine{Entry: audit.Entry{Seq: 10}}, false, true},
		"damaged":  {gate.LogLine{Entry: audit.Entry{Seq: 3}, Damaged: true}, false, false},
		"not read": {gate.LogLine{Entry: audit.Entry{Seq: 11}, Damaged: true}, false, false},
	} {
		d := entryDetail(&c.line, seen)
		if d.ProofGood != c.good || d.ProofOpen != c.open || d.Proof == "" {
			t.Errorf("%s: %+v", name, d)
		}
	}
}
