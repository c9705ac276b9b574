package audit

import (
	"bytes"
	"encoding/json"
	"maps"
	"time"

	"github.com/strongroom/strongroom/internal/fault"
)

// The years an entry may carry: what 64-bit Unix nanoseconds hold without
// overflow, starting where no clock of this product can have been.
const (
	firstYear = 2000
	lastYear  = 2261
)

// Encode gives the draft its place and time and returns the exact bytes to
// store, hash and export: one line of JSON in UTF-8 without a line end, the
// fields in the order of [Entry], parameters sorted by key, absent optional
// fields left out, and nothing escaped but quote and backslash (so `<` stays
// `<`; text with control characters is refused, see [Line]). at is converted
// to UTC. The returned entry is what [Decode] makes of the bytes.
//
// A draft outside the limits is fault.Invalid and names the field.
func Encode(seq int64, at time.Time, d Draft) ([]byte, Entry, error) {
	e := Entry{V: EntryVersion, Seq: seq, Time: at.UTC().Format(timeLayout), Draft: d}
	e.Params = maps.Clone(d.Params)
	if len(e.Params) == 0 {
		e.Params = nil
	}
	if err := e.check(at.UTC().Year()); err != nil {
		return nil, Entry{}, err
	}
	line, err := e.line()
	if err != nil {
		return nil, Entry{}, err
	}
	if len(line) > MaxEntry {
		return nil, Entry{}, fault.New(fault.Invalid,
			"this act is too large for the log", "Shorten its parameters; an entry holds 16 KiB.")
	}
	return line, e, nil
}

// line marshals without the HTML escapes that json.Marshal adds, so that
// other programs' plain JSON writers give the same bytes.
func (e Entry) line() ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(e); err != nil {
		return nil, fault.Wrap(err, fault.Internal, "the act cannot be written as a log entry", "")
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

func invalidField(field, why string) error {
	return fault.New(fault.Invalid, "a log entry's "+field+" "+why,
		"Nothing was done; this is a fault in the program or in the name it was given.")
}

// check holds an entry to the rules that make its line unambiguous.
func (e Entry) check(year int) error {
	switch {
	case e.V != EntryVersion:
		return invalidField("version", "is unknown")
	case e.Seq < 0:
		return invalidField("number", "is negative")
	case year < firstYear || year > lastYear:
		return invalidField("time", "is outside 2000 to 2261")
	case !validSource(e.Source):
		return invalidField("source", "is unknown")
	case !e.Outcome.Valid():
		return invalidField("outcome", "is unknown")
	}
	if err := e.checkTokens(); err != nil {
		return err
	}
	if err := e.checkTexts(); err != nil {
		return err
	}
	return checkParams(e.Params)
}

func (e Entry) checkTokens() error {
	tokens := [...]struct {
		field, value string
		required     bool
	}{
		{"id", e.ID, true},
		{"installation", e.Installation, true},
		{"actor id", e.Actor.ID, false},
		{"session", e.Session, false},
		{"action", e.Action, true},
		{"kind", e.Resource.Kind, false},
		{"version id", e.Resource.Version, false},
		{"rule", e.Rule, false},
		{"ref", e.Ref, false},
	}
	for _, t := range tokens {
		if t.required && t.value == "" {
			return invalidField(t.field, "is empty")
		}
		if !isToken(t.value, MaxToken) {
			return invalidField(t.field, "has a space or a sign that is not ASCII, or is longer than 128 bytes")
		}
	}
	return nil
}

func (e Entry) checkTexts() error {
	texts := [...]struct {
		field, value string
		limit        int
	}{
		{"actor name", e.Actor.Name, MaxName},
		{"vault", e.Resource.Vault, MaxName},
		{"object name", e.Resource.Name, MaxName},
		{"reason", e.Reason, MaxReason},
	}
	for _, t := range texts {
		if !isText(t.value, t.limit) {
			return invalidField(t.field, "is too long or has control characters")
		}
	}
	return nil
}

func checkParams(params map[string]string) error {
	if len(params) > MaxParams {
		return invalidField("parameters", "are more than 32")
	}
	for k, v := range params {
		if k == "" || !isToken(k, MaxParamKey) {
			return invalidField("parameter name", "is empty, too long or not plain ASCII")
		}
		if !isText(v, MaxParamValue) {
			return invalidField("parameter "+k, "is too long or has control characters")
		}
	}
	return nil
}
