package cli

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/strongroom/strongroom/gate"
	"github.com/strongroom/strongroom/internal/fault"
)

func days(n int) *gate.Trigger { return &gate.Trigger{AfterCreate: gate.Period{Days: n}} }

func TestRotationPoliciesAreReadAsTheRESTAPIHasThem(t *testing.T) {
	for in, want := range map[string]gate.RotationPolicy{
		`{"attributes":{"expiryTime":"P1Y"}}`: {ExpiryTime: gate.Period{Years: 1}},
		`{"lifetimeActions":[{"trigger":{"timeAfterCreate":"P90D"},"action":{"type":"Rotate"}},
			{"trigger":{"timeBeforeExpiry":"P1M"},"action":{"type":"notify"}}],
			"id":"https://v.example/keys/k/rotationpolicy","attributes":{"created":1,"updated":2}}`: {
			Rotate: days(90), Notify: &gate.Trigger{BeforeExpiry: gate.Period{Months: 1}},
		},
		`{"lifetimeActions":[],"attributes":{}}`: {},
	} {
		got, err := parsePolicy([]byte(in))
		if err != nil || !cmp.Equal(got, want) {
			t.Errorf("%s became %+v (%v)", in, got, err)
		}
	}
}

// What encoding/json would let pass in silence is refused: it may hide what
// somebody else was shown.
func TestRotationPoliciesAreReadStrictly(t *testing.T) {
	for _, in := range []string{
		``, `null x`, `[]`, `{`, `"P1Y"`, `{"attributes":{"expiryTime":"P1Y"}} {}`, `{"attributes":{"expiryTime":"1 year"}}`,
		`{"attributes":{"expiryTime":"P1Y","expiryTime":"P9Y"}}`, `{"attributes":{"expiryTime":"P1Y","EXPIRYTIME":"P9Y"}}`,
		`{"lifetimeaction":[]}`, `{"lifetimeActions":[{"trigger":{"timeAfterCreate":"P90D"},"action":{"type":"Explode"}}]}`,
		`{"lifetimeActions":[{"trigger":{},"action":{"type":"Rotate"}},{"trigger":{},"action":{"type":"rotate"}}]}`,
		`{"lifetimeActions":[{"trigger":{"timeAfterCreate":90},"action":{"type":"Rotate"}}]}`,
	} {
		if p, err := parsePolicy([]byte(in)); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s became %+v (%v)", in, p, err)
		}
	}
}

// Whatever is read is the same policy when it is written and read again.
func FuzzParsePolicy(f *testing.F) {
	for _, seed := range []string{
		`{"attributes":{"expiryTime":"P1Y"}}`, `{"lifetimeActions":[{"trigger":{"timeAfterCreate":"P90D"},"action":{"type":"Rotate"}}]}`,
		`{"id":"x","lifetimeActions":[{"trigger":{"timeBeforeExpiry":"P2W"},"action":{"type":"notify"}}],"attributes":{"created":1}}`, `{}`, `[[`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		first, err := parsePolicy(text)
		if err != nil {
			return
		}
		again, err := json.Marshal(bodyOfPolicy(&object{}, &first))
		if err != nil {
			t.Fatal(err)
		}
		second, err := parsePolicy(again)
		if err != nil || !cmp.Equal(first, second) {
			t.Errorf("%s became %s: %+v, %+v (%v)", text, again, first, second, err)
		}
	})
}

func TestRecoveryLevelsAreAzures(t *testing.T) {
	for _, c := range []struct {
		days      int
		protected bool
		want      string
	}{
		{90, false, "Recoverable+Purgeable"},
		{90, true, "Recoverable"},
		{7, false, "CustomizedRecoverable+Purgeable"},
		{89, true, "CustomizedRecoverable"},
	} {
		if got := recoveryIn(c.days, c.protected); got.level != c.want || got.days != c.days {
			t.Errorf("%d days, protected %v: %+v", c.days, c.protected, got)
		}
	}
}
