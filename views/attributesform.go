package views

import (
	"maps"
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/strongroom/strongroom/internal/fault"
)

// maxTags is how many tags a version has, as in Azure Key Vault.
const maxTags = 15

var (
	errTag      = fault.New(fault.Invalid, "a tag is a name, an equals sign and a value", "one to a line, such as team=payments")
	errTagTwice = fault.New(fault.Invalid, "a tag stands there twice", "each name once")
	errTags     = fault.New(fault.Invalid, "there are more than 15 tags", "take some away")
)

// NewAttributesForm makes the form for what may change on a version. What is
// not touched is not sent, so that two people may change different parts.
func NewAttributesForm(o OpenAttributes, refused Refusals) Screen {
	s := &formScreen{base: base{refused: refused}, place: place{o.Vault}, title: "Attributes", submit: "Save"}
	s.intro = []string{"The version " + short(o.Version.Version) + " of " + o.Object.Name + " in " + o.Vault.Name + " (" + string(o.Vault.Environment) + ")."}
	s.form = NewForm(attributeFields(o, func() time.Time { return s.now })...)
	was := map[string]string{}
	for _, id := range []string{"enabled", "not-before", "expires", "content-type", "tags", "note"} {
		was[id] = s.form.Text(id)
	}
	s.do = func() []Intent { return changedAttributes(s, o, was) }
	s.answer = func(msg tea.Msg) ([]Intent, bool) {
		if _, ok := msg.(AttributesSet); !ok {
			return nil, false
		}
		return []Intent{Notify{Good, "The attributes of " + o.Object.Name + " were changed"}, Back{}}, true
	}
	return s
}

func attributeFields(o OpenAttributes, now func() time.Time) []Field {
	enabled := enabledField()
	if !o.Version.Enabled {
		enabled.Value = ""
	}
	fields := []Field{enabled}
	if o.Object.Kind != Certificates {
		const hint = "A day such as 2027-01-31, with a time or without, or a distance such as 90d or 12m. Empty: none."
		fields = append(
			fields,
			momentField("not-before", "Not before", o.Version.NotBefore, hint, func(text string) error { _, err := parseMoment(text, now()); return err }),
			momentField("expires", "Expires", o.Version.Expires, hint, func(text string) error { _, err := parseEnd(text, now()); return err }),
		)
	}
	if o.Object.Kind == Secrets {
		fields = append(fields, Field{ID: "content-type", Label: "Content type", Value: o.Version.Type, Check: checkContentType, Hint: "such as text/plain or application/json"})
	}
	return append(
		fields,
		Field{
			ID: "tags", Label: "Tags", Kind: AreaField, Rows: 3, Value: tagLines(o.Version.Tags), Hint: "one to a line, such as team=payments; tab leaves the field",
			Check: func(text string) error { _, err := parseTags(text); return err },
		},
		Field{ID: "note", Label: "Note", Value: o.Object.Note, Hint: "who owns it, for people; it belongs to all versions"},
	)
}

// momentField is a field for a date that may be there already: as it is, it
// may lie in the past.
func momentField(id, label string, was time.Time, hint string, check func(string) error) Field {
	text := momentText(was)
	return Field{ID: id, Label: label, Value: text, Hint: hint, Check: func(typed string) error {
		if typed == text {
			return nil
		}
		return check(typed)
	}}
}

func tagLines(tags map[string]string) string {
	lines := make([]string, 0, len(tags))
	for _, name := range slices.Sorted(maps.Keys(tags)) {
		lines = append(lines, name+"="+tags[name])
	}
	return strings.Join(lines, "\n")
}

// parseTags reads a tag from each line that is not empty.
func parseTags(text string) (map[string]string, error) {
	tags := map[string]string{}
	for line := range strings.SplitSeq(text, "\n") {
		if strings.TrimSpace(line) == "" {
			continue
		}
		name, value, ok := strings.Cut(line, "=")
		name, value = strings.TrimSpace(name), strings.TrimSpace(value)
		if !ok || name == "" {
			return nil, errTag
		}
		if _, twice := tags[name]; twice {
			return nil, errTagTwice
		}
		tags[name] = value
	}
	if len(tags) > maxTags {
		return nil, errTags
	}
	return tags, nil
}

// changedAttributes sends the fields that are not what they were.
func changedAttributes(s *formScreen, o OpenAttributes, was map[string]string) []Intent {
	in := SetAttributes{Ref: Ref{Vault: s.vault.Name, Kind: o.Object.Kind, Name: o.Object.Name, Version: o.Version.Version}}
	touched := false
	changed := func(id string) bool {
		is := s.form.Text(id) != was[id]
		touched = touched || is
		return is
	}
	text := func(id string) *string { v := s.form.Text(id); return &v }
	date := func(id string) *time.Time { t, _ := parseMoment(s.form.Text(id), s.now); return &t } // checked by the field
	if changed("enabled") {
		on := s.form.Checked("enabled")
		in.Enabled = &on
	}
	if changed("not-before") {
		in.NotBefore = date("not-before")
	}
	if changed("expires") {
		in.Expires = date("expires")
	}
	if changed("content-type") {
		in.ContentType = text("content-type")
	}
	if changed("note") {
		in.Note = text("note")
	}
	if changed("tags") {
		tags, _ := parseTags(s.form.Text("tags")) // checked by the field
		in.Tags = &tags
	}
	if !touched {
		return []Intent{Notify{Muted, "Nothing was changed"}, Back{}}
	}
	return []Intent{in}
}
