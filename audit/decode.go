package audit

import (
	"time"

	"github.com/strongroom/strongroom/internal/fault"
)

// errNotEntry is what every malformed entry is reported as.
func errNotEntry(err error) error {
	return fault.Wrap(err, fault.Tampered, "these bytes are not a log entry",
		"The log was damaged or changed; compare it with a backup.")
}

// Decode reads the bytes of one entry. It accepts exactly what [Encode]
// writes, field order, escapes and spacing included, so that one act has one
// line and one hash; anything else is fault.Tampered.
func Decode(line []byte) (Entry, error) {
	if len(line) > MaxEntry {
		return Entry{}, errNotEntry(nil)
	}
	e, ok := scanEntry(string(line))
	if !ok {
		return Entry{}, errNotEntry(nil)
	}
	at, ok := parseTime(e.Time)
	if !ok {
		return Entry{}, errNotEntry(nil)
	}
	if err := e.check(at.Year()); err != nil {
		return Entry{}, errNotEntry(err)
	}
	return e, nil
}

// parseTime is strict where time.Parse is not: it also takes a comma.
func parseTime(s string) (time.Time, bool) {
	if len(s) != len(timeLayout) || s[19] != '.' {
		return time.Time{}, false
	}
	t, err := time.Parse(timeLayout, s)
	return t, err == nil
}
