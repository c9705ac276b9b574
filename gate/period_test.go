package gate_test

import (
	"testing"
	"time"

	"github.com/strongroom/strongroom/gate"
	"github.com/strongroom/strongroom/internal/fault"
)

func TestParsePeriod(t *testing.T) {
	for text, want := range map[string]gate.Period{
		"P7D": {Days: 7}, "P2W": {Days: 14}, "P1Y6M": {Years: 1, Months: 6}, "P1W1D": {Days: 8}, "P90D": {Days: 90}, "P0Y3M": {Months: 3},
	} {
		got, err := gate.ParsePeriod(text)
		if err != nil || got != want {
			t.Errorf("%s: %+v, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "P", "7D", "P7", "P-7D", "P7D ", "p7d", "PT1H", "P1DT1H", "P1D1Y", "P0D", "P12345D", "P1.5D", "P٧D", "P7D\n"} {
		if _, err := gate.ParsePeriod(text); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%q was read: %v", text, err)
		}
	}
}

// A period counts by the calendar: a month is a month, in summer and winter.
func TestPeriodsCountByTheCalendar(t *testing.T) {
	start := time.Date(2027, 1, 15, 23, 0, 0, 0, time.FixedZone("far", 5*3600))
	for text, want := range map[string]string{"P1M": "2027-02-15T18:00:00Z", "P1Y": "2028-01-15T18:00:00Z", "P30D": "2027-02-14T18:00:00Z"} {
		p, err := gate.ParsePeriod(text)
		if err != nil {
			t.Fatal(err)
		}
		if got := p.After(start).Format(time.RFC3339); got != want {
			t.Errorf("%s after is %s, want %s", text, got, want)
		}
		if back := p.Before(p.After(start)); !back.Equal(start) {
			t.Errorf("%s back is %s", text, back)
		}
	}
}

// FuzzParsePeriod: what is read is written so that it reads the same.
func FuzzParsePeriod(f *testing.F) {
	for _, s := range []string{"P7D", "P1Y2M3W4D", "P9999Y9999M9999W9999D", "PT1S", "P0D", ""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		p, err := gate.ParsePeriod(s)
		if err != nil {
			return
		}
		again, err := gate.ParsePeriod(p.String())
		if p.Days > 9999 {
			return // weeks and days together may need five digits
		}
		if err != nil || again != p {
			t.Fatalf("%q is %+v, written %q, read %+v, %v", s, p, p.String(), again, err)
		}
	})
}

func yearly() gate.RotationPolicy {
	return gate.RotationPolicy{ExpiryTime: gate.Period{Years: 1}, Rotate: &gate.Trigger{BeforeExpiry: gate.Period{Days: 30}}}
}

func TestRotationPolicyRules(t *testing.T) {
	days := func(n int) gate.Period { return gate.Period{Days: n} }
	for story, tc := range map[string]struct {
		policy gate.RotationPolicy
		want   fault.Kind
	}{
		"yearly":                       {yearly(), ""},
		"only an expiry":               {gate.RotationPolicy{ExpiryTime: days(28)}, ""},
		"only a notice":                {gate.RotationPolicy{Notify: &gate.Trigger{BeforeExpiry: days(30)}}, ""},
		"both":                         {gate.RotationPolicy{ExpiryTime: days(90), Rotate: &gate.Trigger{AfterCreate: days(60)}, Notify: &gate.Trigger{BeforeExpiry: days(7)}}, ""},
		"7 days before, exactly":       {gate.RotationPolicy{ExpiryTime: days(14), Rotate: &gate.Trigger{AfterCreate: days(7)}}, ""},
		"nothing":                      {gate.RotationPolicy{}, fault.Invalid},
		"a trigger of nothing":         {gate.RotationPolicy{Rotate: &gate.Trigger{}}, fault.Invalid},
		"a trigger of two":             {gate.RotationPolicy{Rotate: &gate.Trigger{AfterCreate: days(9), BeforeExpiry: days(9)}}, fault.Invalid},
		"6 days after creation":        {gate.RotationPolicy{Rotate: &gate.Trigger{AfterCreate: days(6)}}, fault.Invalid},
		"6 days before expiry":         {gate.RotationPolicy{Rotate: &gate.Trigger{BeforeExpiry: days(6)}}, fault.Invalid},
		"6 days of life":               {gate.RotationPolicy{ExpiryTime: days(6)}, fault.Invalid},
		"a negative period":            {gate.RotationPolicy{ExpiryTime: gate.Period{Years: 1, Days: -1}}, fault.Invalid},
		"rotates 6 days before expiry": {gate.RotationPolicy{ExpiryTime: days(30), Rotate: &gate.Trigger{AfterCreate: days(24)}}, fault.Invalid},
		"before expiry, before birth":  {gate.RotationPolicy{ExpiryTime: days(30), Rotate: &gate.Trigger{BeforeExpiry: days(24)}}, fault.Invalid},
	} {
		if got := fault.KindOf(tc.policy.Check()); got != tc.want {
			t.Errorf("%s: %q, want %q", story, got, tc.want)
		}
	}
}
