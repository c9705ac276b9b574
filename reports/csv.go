package reports

import (
	"encoding/csv"
	"io"
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
	records := frameRecords(r)
	for _, t := range r.Tables {
		for _, record := range tableRecords(t) {
			records = append(records, append([]string{t.ID}, record...))
		}
	}
	return writeCSV(w, records)
}

// CSVTable writes one table alone, its column names first.
func CSVTable(w io.Writer, t Table) error { return writeCSV(w, tableRecords(t)) }

func writeCSV(w io.Writer, records [][]string) error {
	width := 0
	for _, record := range records {
		width = max(width, len(record))
	}
	out := csv.NewWriter(w)
	out.UseCRLF = true
	for _, record := range records {
		// Write keeps its error for Error below.
		_ = out.Write(append(record, make([]string, width-len(record))...))
	}
	out.Flush()
	return written(out.Error())
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

func tableRecords(t Table) [][]string {
	head := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		head[i] = c.ID
	}
	records := [][]string{head}
	for _, row := range t.Rows {
		record := make([]string, len(row))
		for i, cell := range row {
			record[i] = cell.text
			if !cell.number {
				record[i] = defuse(cell.text)
			}
		}
		records = append(records, record)
	}
	return records
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
