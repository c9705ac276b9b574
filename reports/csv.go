package reports

import (
	"encoding/csv"
	"io"
	"iter"
	"strconv"
	"strings"
	"unicode/utf8"
)

// CSV writes the report as one RFC 4180 file, UTF-8, lines ended by CRLF. Each
// record begins with a section: "report" for the frame as names and values,
// "figures" and "observations" likewise, then one section per table, whose
// first record holds the column names. All records have the same number of
// fields; the missing ones are empty.
//
// A spreadsheet runs a cell that begins like a formula, so such a text gets an
// apostrophe before it. Numbers stay as they are.
func CSV(w io.Writer, r Report) error {
	frame := frameRecords(r)
	width := len(frame[0])
	for _, t := range r.Tables {
		width = max(width, 1+len(t.Columns))
	}
	out := newCSV(w)
	for _, record := range frame {
		writePadded(out, record, width)
	}
	for _, t := range r.Tables {
		for record := range tableRecords(t) {
			writePadded(out, append([]string{t.ID}, record...), width)
		}
	}
	out.Flush()
	return written(out.Error())
}

// CSVTable writes one table alone, its column names first.
func CSVTable(w io.Writer, t Table) error {
	out := newCSV(w)
	for record := range tableRecords(t) {
		writePadded(out, record, len(record))
	}
	out.Flush()
	return written(out.Error())
}

func newCSV(w io.Writer) *csv.Writer {
	out := csv.NewWriter(w)
	out.UseCRLF = true
	return out
}

// writePadded fills the record up with empty fields. The writer keeps its
// error for Error.
func writePadded(out *csv.Writer, record []string, width int) {
	_ = out.Write(append(record, make([]string, width-len(record))...))
}

func frameRecords(r Report) [][]string {
	records := [][]string{{"section", "name", "value"}}
	add := func(section, name, value string) {
		records = append(records, []string{section, defuse(name), defuse(value)})
	}
	for _, p := range frameFacts(r.Frame) {
		add("report", p.name, p.value)
	}
	for _, list := range sentences(r.Frame) {
		for _, text := range list.texts {
			add("report", list.name, text)
		}
	}
	for _, f := range r.Population {
		add("population", f.ID, strconv.FormatInt(f.Value, 10))
	}
	for _, f := range r.Figures {
		add("figures", f.ID, strconv.FormatInt(f.Value, 10))
	}
	for _, o := range r.Observations {
		add("observations", o.ID, strconv.Itoa(o.Count)+" of "+strconv.Itoa(o.Of))
	}
	return records
}

// tableRecords gives the column names, then the rows.
func tableRecords(t Table) iter.Seq[[]string] {
	return func(yield func([]string) bool) {
		if !yield(each(t.Columns, func(c Column) string { return c.ID })) {
			return
		}
		for _, row := range t.Rows {
			if !yield(each(row, csvField)) {
				return
			}
		}
	}
}

func csvField(c Cell) string {
	if c.number {
		return c.text
	}
	return defuse(c.text)
}

// formulaStarts begin a formula in some spreadsheet; the wide forms do so in
// East Asian ones.
const formulaStarts = "=+-@\t\r＝＋－＠"

// defuse puts an apostrophe before a text that a spreadsheet would run, spaces
// before it or not.
func defuse(s string) string {
	first, _ := utf8.DecodeRuneInString(strings.TrimLeft(s, " \u3000"))
	if strings.ContainsRune(formulaStarts, first) {
		return "'" + s
	}
	return s
}
