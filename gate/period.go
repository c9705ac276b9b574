package gate

import (
	"fmt"
	"regexp"
	"strconv"
	"time"

	"github.com/strongroom/strongroom/internal/fault"
)

// Period is a length of time in the calendar: an ISO 8601 duration of years,
// months and days, as in P90D, P1Y or P1Y6M. The zero Period is none.
type Period struct {
	Years, Months, Days int
}

// periodForm bounds each number to four digits. Hours and less are left out on
// purpose: nothing here is shorter than a week.
var periodForm = regexp.MustCompile(`^P(?:(\d{1,4})Y)?(?:(\d{1,4})M)?(?:(\d{1,4})W)?(?:(\d{1,4})D)?$`)

var errPeriod = fault.New(fault.Invalid, "this is no period", "write it as ISO 8601 in years, months, weeks or days: P90D, P6M, P1Y")

// ParsePeriod reads a period; weeks become days. A period of nothing is
// refused.
func ParsePeriod(s string) (Period, error) {
	m := periodForm.FindStringSubmatch(s)
	if m == nil {
		return Period{}, errPeriod
	}
	var n [4]int
	for i, digits := range m[1:] {
		if digits == "" {
			continue
		}
		var err error
		if n[i], err = strconv.Atoi(digits); err != nil {
			return Period{}, errPeriod
		}
	}
	p := Period{Years: n[0], Months: n[1], Days: 7*n[2] + n[3]}
	if p.IsZero() {
		return Period{}, errPeriod
	}
	return p, nil
}

// IsZero reports whether the period is none.
func (p Period) IsZero() bool { return p == Period{} }

// String writes the period so that [ParsePeriod] reads it; none is empty.
func (p Period) String() string {
	if p.IsZero() {
		return ""
	}
	out := "P"
	for _, part := range []struct {
		n    int
		unit string
	}{{p.Years, "Y"}, {p.Months, "M"}, {p.Days, "D"}} {
		if part.n != 0 {
			out += fmt.Sprintf("%d%s", part.n, part.unit)
		}
	}
	return out
}

// After gives the moment this long after t, by the calendar in UTC.
func (p Period) After(t time.Time) time.Time { return t.UTC().AddDate(p.Years, p.Months, p.Days) }

// Before gives the moment this long before t.
func (p Period) Before(t time.Time) time.Time { return t.UTC().AddDate(-p.Years, -p.Months, -p.Days) }

// MarshalText writes the period.
func (p Period) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// UnmarshalText reads a period; empty text is none.
func (p *Period) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*p = Period{}
		return nil
	}
	var err error
	*p, err = ParsePeriod(string(text))
	return err
}
