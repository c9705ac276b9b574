package audit

import (
	"bytes"
	"encoding/json"
	"time"

	"github.com/strongroom/strongroom/internal/fault"
)

// errNotEntry is what every malformed entry is reported as.
func errNotEntry(err error) error {
	return fault.Wrap(err, fault.Tampered, "these bytes are not a log entry",
		"The log was damaged or changed; compare it with a backup.")
}

// Decode reads the bytes of one entry. It accepts exactly what [Encode]
// writes: field order, escapes, spacing and all.
func Decode(line []byte) (Entry, error) {
	if len(line) > MaxEntry {
		return Entry{}, errNotEntry(nil)
	}
	var e Entry
	d := json.NewDecoder(bytes.NewReader(line))
	d.DisallowUnknownFields()
	if err := d.Decode(&e); err != nil {
		return Entry{}, errNotEntry(err)
	}
	at, err := time.Parse(timeLayout, e.Time)
	if err != nil {
		return Entry{}, errNotEntry(err)
	}
	if err := e.check(at.Year()); err != nil {
		return Entry{}, errNotEntry(err)
	}
	again, err := e.line()
	if err != nil || !bytes.Equal(again, line) {
		return Entry{}, errNotEntry(err)
	}
	return e, nil
}
