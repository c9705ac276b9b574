package reports

import (
	_ "embed"
	"encoding/json"
	"io"
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
		Tables       []jsonTable       `json:"tables"`
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
		Rows    []jsonRow    `json:"rows"`
	}
	jsonColumn struct {
		ID    string `json:"id"`
		Title string `json:"title"`
		Kind  Kind   `json:"kind"`
	}
	// jsonRow is an object whose members are the columns, in their order.
	jsonRow struct {
		columns []Column
		cells   []Cell
	}
)

// JSON writes the report as one JSON document after [Schema], indented, ended
// by a line break. Characters special to HTML are escaped, so that the text
// may stand inside a page.
func JSON(w io.Writer, r Report) error {
	out := json.NewEncoder(w)
	out.SetIndent("", "  ")
	return written(out.Encode(jsonOf(r)))
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
		Tables: each(r.Tables, jsonTableOf),
	}
}

func jsonChartOf(c Chart) jsonChart {
	return jsonChart{
		c.ID, c.Title, c.Caption,
		each(c.Series, func(s Series) string { return s.Label }),
		each(c.Bars, func(b Bar) jsonBar { return jsonBar{b.Label, full(b.Values)} }),
	}
}

func jsonTableOf(t Table) jsonTable {
	return jsonTable{
		t.ID, t.Title, t.Note,
		each(t.Columns, func(c Column) jsonColumn { return jsonColumn(c) }),
		each(t.Rows, func(row []Cell) jsonRow { return jsonRow{t.Columns, row} }),
	}
}

// MarshalJSON writes the members in the columns' order, which a map would not.
func (r jsonRow) MarshalJSON() ([]byte, error) {
	text := []byte{'{'}
	for i, c := range r.columns {
		if i > 0 {
			text = append(text, ',')
		}
		name, err := json.Marshal(c.ID)
		if err != nil {
			return nil, err
		}
		value, err := r.cells[i].MarshalJSON()
		if err != nil {
			return nil, err
		}
		text = append(append(append(text, name...), ':'), value...)
	}
	return append(text, '}'), nil
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
