package reports

import (
	"io"
	"strings"

	"github.com/strongroom/strongroom/internal/fault"
)

// Format is a way to write a report.
type Format string

// The formats.
const (
	FormatHTML Format = "html"
	FormatCSV  Format = "csv"
	FormatJSON Format = "json"
)

// Formats gives all formats, the one for reading first.
func Formats() []Format { return []Format{FormatHTML, FormatCSV, FormatJSON} }

// ParseFormat reads a format's name, without regard to case.
func ParseFormat(s string) (Format, error) {
	for _, f := range Formats() {
		if strings.EqualFold(s, string(f)) {
			return f, nil
		}
	}
	return "", fault.New(fault.Invalid, `there is no report format "`+Clean(s)+`"`, "use html, csv or json")
}

// Extension gives the ending of a file's name, with its dot.
func (f Format) Extension() string { return "." + string(f) }

// MediaType gives the format's media type.
func (f Format) MediaType() string {
	switch f {
	case FormatHTML:
		return "text/html; charset=utf-8"
	case FormatCSV:
		return "text/csv; charset=utf-8; header=absent"
	default:
		return "application/json"
	}
}

// Render writes the report in a format. The same report gives the same bytes.
func Render(w io.Writer, r Report, f Format) error {
	switch f {
	case FormatHTML:
		return HTML(w, r)
	case FormatCSV:
		return CSV(w, r)
	case FormatJSON:
		return JSON(w, r)
	default:
		_, err := ParseFormat(string(f))
		return err
	}
}

// written wraps a failure to write.
func written(err error) error {
	if err == nil {
		return nil
	}
	return fault.Wrap(err, fault.Unavailable, "the report could not be written", "check that the place is writable and has room")
}
