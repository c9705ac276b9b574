package views

import (
	"fmt"
	"time"
)

const day = 24 * time.Hour

// minuteLayout is a moment to the minute.
const minuteLayout = "2006-01-02 15:04"

// soon is how long before its end something is shown as about to expire.
const soon = 30 * day

// date writes a day in UTC, or a dash for none.
func date(t time.Time) string {
	if t.IsZero() {
		return "–"
	}
	return t.UTC().Format(time.DateOnly)
}

// moment writes a time to the minute in UTC, or a dash for none.
func moment(t time.Time) string {
	if t.IsZero() {
		return "–"
	}
	return t.UTC().Format(minuteLayout)
}

// relative writes how far t is from now: "in 12 days", "3 hours ago".
func relative(t, now time.Time) string {
	if t.IsZero() {
		return "never"
	}
	d := t.Sub(now)
	if d < 0 {
		return span(-d) + " ago"
	}
	return "in " + span(d)
}

func span(d time.Duration) string {
	switch {
	case d < 2*time.Minute:
		return fmt.Sprintf("%d s", int(d/time.Second))
	case d < 2*time.Hour:
		return fmt.Sprintf("%d min", int(d/time.Minute))
	case d < 2*day:
		return fmt.Sprintf("%d hours", int(d/time.Hour))
	default:
		return fmt.Sprintf("%d days", int(d/day))
	}
}

// State says in one word what a version's life allows at now.
func (l Life) State(now time.Time) (word string, tone Tone) {
	switch {
	case !l.Enabled:
		return "disabled", Muted
	case !l.Expires.IsZero() && !now.Before(l.Expires):
		return "expired", Danger
	case now.Before(l.NotBefore):
		return "not yet", Warning
	case !l.Expires.IsZero() && l.Expires.Sub(now) < soon:
		return "expiring", Warning
	default:
		return "enabled", Good
	}
}

// expiry writes an end as a date and as a distance.
func expiry(t, now time.Time) (string, Tone) {
	switch {
	case t.IsZero():
		return "never", Muted
	case !now.Before(t):
		return date(t) + " (" + relative(t, now) + ")", Danger
	case t.Sub(now) < soon:
		return date(t) + " (" + relative(t, now) + ")", Warning
	default:
		return date(t) + " (" + relative(t, now) + ")", Plain
	}
}
