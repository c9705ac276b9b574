package reports

import (
	"bufio"
	"bytes"
	_ "embed"
	"encoding/json"
	"io"

	"github.com/strongroom/strongroom/internal/fault"
)

// SchemaName is the value of the JSON form's member "format".
const SchemaName = "strongroom-report/v1"

//go:embed schema/report-v1.schema.json
var schema []byte

// Schema gives the JSON Schema (draft 2020-12) of what [JSON] writes.
func Schema() []byte { return append([]byte(nil), schema...) }

// The JSON form, in the order in which it is written. Lists are never null.
type (
	jsonReport struct {
		Format       string            `json:"format"`
		ID           string            `json:"id"`
		Title        string            `json:"title"`
		Evidence     string            `json:"evidence"`
		Scope        jsonScope         `json:"scope"`
		Generator    jsonGenerator     `json:"generator"`
		RunBy        jsonPerson        `json:"run_by"`
		Log          jsonLog           `json:"log"`
		Population   []jsonFigure      `json:"population"`
		Method       []string          `json:"method"`
		Limits       []string          `json:"limits"`
		Verify       []string          `json:"verify"`
		Figures      []jsonFigure      `json:"figures"`
		Observations []jsonObservation `json:"observations"`
		Charts       []jsonChart       `json:"charts"`
		// The tables follow, written row by row.
	}
	jsonScope struct {
		Installation string   `json:"installation"`
		Vaults       []string `json:"vaults"`
		From         Cell     `json:"from"`
		To           Cell     `json:"to"`
		AsOf         Cell     `json:"as_of"`
	}
	jsonGenerator struct {
		Name    string `json:"name"`
		Version string `json:"version"`
		Build   string `json:"build"`
	}
	jsonPerson struct {
		Name string `json:"name"`
		Role string `json:"role"`
	}
	jsonLog struct {
		First int64  `json:"first"`
		Last  int64  `json:"last"`
		Size  int64  `json:"size"`
		Root  string `json:"root"`
	}
	jsonFigure struct {
		ID    string `json:"id"`
		Label string `json:"label"`
		Value int64  `json:"value"`
	}
	jsonObservation struct {
		ID        string   `json:"id"`
		Statement string   `json:"statement"`
		Count     int      `json:"count"`
		Of        int      `json:"of"`
		Subjects  []string `json:"subjects"`
	}
	jsonChart struct {
		ID      string    `json:"id"`
		Title   string    `json:"title"`
		Caption string    `json:"caption"`
		Series  []string  `json:"series"`
		Bars    []jsonBar `json:"bars"`
	}
	jsonBar struct {
		Label  string `json:"label"`
		Values []int  `json:"values"`
	}
	jsonTable struct {
		ID      string       `json:"id"`
		Title   string       `json:"title"`
		Note    string       `json:"note"`
		Columns []jsonColumn `json:"columns"`
		// The rows follow.
	}
	jsonColumn struct {
		ID    string `json:"id"`
		Title string `json:"title"`
		Kind  Kind   `json:"kind"`
	}
)

// JSON writes the report as one JSON document after [Schema], ended by a line
// break: the frame indented, each row of a table on a line of its own.
// Characters special to HTML are escaped, so that the text may stand inside a
// page. Rows are written one after the other, so that a large report takes no
// more memory than it has.
func JSON(w io.Writer, r Report) error {
	out := bufio.NewWriter(w)
	frame, err := json.MarshalIndent(jsonOf(r), "", "  ")
	if err != nil {
		return notEncoded(err)
	}
	// A bufio.Writer keeps its first error for Flush.
	_, _ = out.Write(bytes.TrimSuffix(frame, []byte("\n}")))
	_, _ = out.WriteString(",\n  \"tables\": [")
	for i, t := range r.Tables {
		_, _ = out.WriteString(separator(i, "\n    "))
		if err := writeTable(out, t); err != nil {
			return notEncoded(err)
		}
	}
	_, _ = out.WriteString("\n  ]\n}\n")
	return written(out.Flush())
}

func writeTable(out *bufio.Writer, t Table) error {
	head, err := json.Marshal(jsonTable{t.ID, t.Title, t.Note, each(t.Columns, func(c Column) jsonColumn { return jsonColumn(c) })})
	if err != nil {
		return err
	}
	_, _ = out.Write(bytes.TrimSuffix(head, []byte("}")))
	_, _ = out.WriteString(`,"rows":[`)
	for i, row := range t.Rows {
		_, _ = out.WriteString(separator(i, "\n      "))
		if err := writeRow(out, t.Columns, row); err != nil {
			return err
		}
	}
	_, _ = out.WriteString("]}")
	return nil
}

// writeRow writes an object with the columns as members, in their order.
func writeRow(out *bufio.Writer, columns []Column, cells []Cell) error {
	_ = out.WriteByte('{')
	for i, c := range columns {
		value, err := cells[i].MarshalJSON()
		if err != nil {
			return err
		}
		// A column's id is one of the program's own names, plain ASCII.
		_, _ = out.WriteString(separator(i, "") + `"` + c.ID + `":`)
		_, _ = out.Write(value)
	}
	_ = out.WriteByte('}')
	return nil
}

// separator gives what stands before the i-th element of a list.
func separator(i int, space string) string {
	if i == 0 {
		return space
	}
	return "," + space
}

func notEncoded(err error) error {
	return fault.Wrap(err, fault.Internal, "the report cannot be encoded", "report this as an error of the program")
}

func jsonOf(r Report) jsonReport {
	s := r.Scope
	return jsonReport{
		Format: SchemaName, ID: r.ID, Title: r.Title, Evidence: r.Evidence,
		Scope:      jsonScope{s.Installation, full(s.Vaults), Time(s.From), Time(s.To), Time(s.AsOf)},
		Generator:  jsonGenerator(r.Generator),
		RunBy:      jsonPerson(r.RunBy),
		Log:        jsonLog{r.Log.First, r.Log.Last, r.Log.Size, rootText(r.Log)},
		Population: each(r.Population, func(f Figure) jsonFigure { return jsonFigure(f) }),
		Method:     full(r.Method), Limits: full(r.Limits), Verify: full(r.Verify),
		Figures: each(r.Figures, func(f Figure) jsonFigure { return jsonFigure(f) }),
		Observations: each(r.Observations, func(o Observation) jsonObservation {
			return jsonObservation{o.ID, o.Statement, o.Count, o.Of, full(o.Subjects)}
		}),
		Charts: each(r.Charts, jsonChartOf),
	}
}

func jsonChartOf(c Chart) jsonChart {
	return jsonChart{
		c.ID, c.Title, c.Caption,
		each(c.Series, func(s Series) string { return s.Label }),
		each(c.Bars, func(b Bar) jsonBar { return jsonBar{b.Label, full(b.Values)} }),
	}
}

// each maps a list and never gives nil.
func each[A, B any](list []A, f func(A) B) []B {
	out := make([]B, len(list))
	for i, a := range list {
		out[i] = f(a)
	}
	return out
}

// full turns nil into an empty list.
func full[A any](list []A) []A { return append(make([]A, 0, len(list)), list...) }
