package views

import (
	"strconv"
	"strings"
	"time"

	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/keys"
	"github.com/strongroom/strongroom/roles"
)

// Fields that several forms share.

func nameField(what string) Field {
	return Field{
		ID: "name", Label: "Name", Required: true, Check: roles.CheckObjectName,
		Hint: "The " + what + "'s name: 1 to 127 letters, digits and hyphens. It cannot be changed later.",
	}
}

func endField(now func() time.Time) Field {
	return Field{
		ID: "expires", Label: "Expires",
		Hint:  "A day such as 2027-01-31, or a distance such as 90d or 12m. Empty: never.",
		Check: func(s string) error { _, err := parseEnd(s, now()); return err },
	}
}

func enabledField() Field {
	return Field{ID: "enabled", Label: "Enabled", Kind: CheckField, Value: yes, Hint: "space turns it on or off"}
}

var errEnd = fault.New(fault.Invalid, "that is no day and no distance", "write 2027-01-31, 90d or 12m")

// parseEnd reads when something ends, which is not in the past. Empty is the
// zero time: never.
func parseEnd(s string, now time.Time) (time.Time, error) {
	end, err := parseMoment(s, now)
	if err != nil || end.IsZero() {
		return end, err
	}
	if !end.After(now) {
		return time.Time{}, fault.New(fault.Invalid, "that is in the past", "take a later day")
	}
	return end, nil
}

// parseMoment reads a day (its beginning, UTC), a day with a time, or a number
// of days (d) or months (m) from now. Empty is the zero time.
func parseMoment(s string, now time.Time) (time.Time, error) {
	s = strings.TrimSpace(s)
	if s == "" {
		return time.Time{}, nil
	}
	for _, layout := range []string{time.DateOnly, minuteLayout} {
		if t, err := time.ParseInLocation(layout, s, time.UTC); err == nil {
			return t, nil
		}
	}
	return fromDistance(s, now)
}

// momentText writes a moment so that parseMoment reads it, to the minute.
func momentText(t time.Time) string {
	t = t.UTC()
	switch {
	case t.IsZero():
		return ""
	case t.Equal(t.Truncate(day)):
		return t.Format(time.DateOnly)
	default:
		return t.Format(minuteLayout)
	}
}

func fromDistance(s string, now time.Time) (time.Time, error) {
	number, unit := s[:len(s)-1], s[len(s)-1]
	n, err := strconv.Atoi(number)
	if err != nil || n < 1 || n > 36500 {
		return time.Time{}, errEnd
	}
	switch unit {
	case 'd':
		return now.AddDate(0, 0, n), nil
	case 'm':
		return now.AddDate(0, n, 0), nil
	default:
		return time.Time{}, errEnd
	}
}

// specOptions lists key specs as options; refused says why one cannot be
// chosen, or "".
func specOptions(specs []keys.Spec, refused func(keys.Spec) string) []Option {
	out := make([]Option, 0, len(specs))
	for _, s := range specs {
		o := Option{Value: s.String(), Label: s.String()}
		if refused != nil {
			o.Refused = refused(s)
		}
		out = append(out, o)
	}
	return out
}

func specOf(value string) keys.Spec {
	for _, s := range keys.Specs() {
		if s.String() == value {
			return s
		}
	}
	return keys.Spec{}
}
