package reports_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/reports"
	"github.com/strongroom/strongroom/roles"
)

var update = flag.Bool("update", false, "write the golden files")

func render(t testing.TB, r reports.Report, f reports.Format) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := reports.Render(&out, r, f); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// inputs are the installations whose reports lie in testdata.
func inputs() map[string]reports.Input {
	return map[string]reports.Input{"sample": sample(), "empty": {AsOf: asOf}, "hostile": hostile()}
}

func TestGolden(t *testing.T) {
	for name, in := range inputs() {
		for _, f := range reports.Formats() {
			got := render(t, reports.Inventory(in), f)
			path := filepath.Join("testdata", name+f.Extension())
			if *update {
				if err := os.WriteFile(path, got, 0o600); err != nil {
					t.Fatal(err)
				}
				continue
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got, want) {
				t.Errorf("%s differs; look at it with go test ./reports -update and git diff", path)
			}
		}
	}
}

// The order in which the rows come from the database does not show, nor does
// building the report change the input.
func TestSameInputsSameBytes(t *testing.T) {
	want := map[reports.Format][]byte{}
	for _, f := range reports.Formats() {
		want[f] = render(t, reports.Inventory(sample()), f)
	}
	random := rand.New(rand.NewPCG(1, 2))
	for range 5 {
		in := sample()
		random.Shuffle(len(in.Vaults), func(i, j int) { in.Vaults[i], in.Vaults[j] = in.Vaults[j], in.Vaults[i] })
		random.Shuffle(len(in.Access), func(i, j int) { in.Access[i], in.Access[j] = in.Access[j], in.Access[i] })
		random.Shuffle(len(in.People), func(i, j int) { in.People[i], in.People[j] = in.People[j], in.People[i] })
		for _, v := range in.Vaults {
			random.Shuffle(len(v.Objects), func(i, j int) { v.Objects[i], v.Objects[j] = v.Objects[j], v.Objects[i] })
		}
		first := in.Vaults[0].Objects[0].Name
		report := reports.Inventory(in)
		for _, f := range reports.Formats() {
			if !bytes.Equal(render(t, report, f), want[f]) {
				t.Errorf("%s: another order gives other bytes", f)
			}
		}
		if in.Vaults[0].Objects[0].Name != first {
			t.Error("the report sorted the caller's objects")
		}
	}
}

func TestJSONFollowsItsSchema(t *testing.T) {
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(reports.Schema()))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	if err := compiler.AddResource("report.json", doc); err != nil {
		t.Fatal(err)
	}
	schema, err := compiler.Compile("report.json")
	if err != nil {
		t.Fatal(err)
	}
	for name, in := range inputs() {
		text := render(t, reports.Inventory(in), reports.FormatJSON)
		value, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(value); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		value.(map[string]any)["compliant"] = true
		if schema.Validate(value) == nil {
			t.Errorf("%s: the schema takes an unknown member", name)
		}
	}
}

// Every record has the same number of fields, so that strict readers read on,
// and every table is there with all its rows.
func TestCSVIsRectangular(t *testing.T) {
	report := reports.Inventory(sample())
	reader := csv.NewReader(bytes.NewReader(render(t, report, reports.FormatCSV)))
	records, err := reader.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, table := range report.Tables {
		rows := 0
		for _, record := range records {
			if record[0] == table.ID {
				rows++
			}
		}
		if rows != len(table.Rows)+1 {
			t.Errorf("%s has %d records, want %d rows and a head", table.ID, rows, len(table.Rows))
		}
	}
}

func TestStatesAndDays(t *testing.T) {
	object := func(enabled bool, from, to time.Time) reports.Object {
		return reports.Object{Kind: reports.KindSecret, Name: "s", Enabled: enabled, NotBefore: from, Expires: to, Created: asOf.Add(-47 * time.Hour)}
	}
	never := time.Time{}
	for _, tc := range []struct {
		name           string
		object         reports.Object
		state, age, dl string
	}{
		{"plain", object(true, never, never), "enabled", "1", ""},
		{"disabled beats expired", object(false, never, days(-1)), "disabled", "1", "-1"},
		{"expired to the second", object(true, never, asOf), "expired", "1", "0"},
		{"one second left", object(true, never, asOf.Add(time.Second)), "enabled", "1", "0"},
		{"an hour over", object(true, never, asOf.Add(-time.Hour)), "expired", "1", "-1"},
		{"not yet", object(true, asOf.Add(time.Second), never), "not yet valid", "1", ""},
		{"just valid", object(true, asOf, never), "enabled", "1", ""},
		{"three days", object(true, never, asOf.Add(73*time.Hour)), "enabled", "1", "3"},
	} {
		in := reports.Input{AsOf: asOf, Vaults: []reports.Vault{{Name: "v", Environment: roles.Dev, Objects: []reports.Object{tc.object}}}}
		objects := table(t, reports.Inventory(in), "objects")
		got := [3]string{cell(t, objects, 0, "state"), cell(t, objects, 0, "age_days"), cell(t, objects, 0, "days_left")}
		if want := [3]string{tc.state, tc.age, tc.dl}; got != want {
			t.Errorf("%s: state, age, days left = %q, want %q", tc.name, got, want)
		}
	}
}

func TestObservationsCountAndName(t *testing.T) {
	report := reports.Inventory(sample())
	want := map[string]struct {
		count, of int
		names     string
	}{
		"expiring":             {4, 39, "payments-prod / certificate / api-tls, 13 days left"},
		"disabled":             {3, 39, "payments-prod / secret / webhook-secret"},
		"software_keys_prod":   {2, 4, "payments-prod / key / signing-3, EC P-384"},
		"access_without_end":   {2, 3, "alma: auditor on /"},
		"access_ended":         {1, 5, "sam: secret owner on /vaults/payments-dev/objects/db-*, ended 2026-11-21 15:00 UTC"},
		"people_without_role":  {1, 4, "newcomer"},
		"people_without_code":  {1, 4, "newcomer"},
		"disabled_with_access": {0, 4, ""},
	}
	for _, o := range report.Observations {
		if o.Count != len(o.Subjects) {
			t.Errorf("%s: counts %d and names %d", o.ID, o.Count, len(o.Subjects))
		}
		w, ok := want[o.ID]
		if !ok {
			continue
		}
		delete(want, o.ID)
		if o.Count != w.count || o.Of != w.of || (w.names != "" && !slices.Contains(o.Subjects, w.names)) {
			t.Errorf("%s: %d of %d %q, want %d of %d with %q", o.ID, o.Count, o.Of, o.Subjects, w.count, w.of, w.names)
		}
	}
	if len(want) != 0 {
		t.Errorf("no observation for %v", want)
	}
}

// The parts agree with each other: figures, charts and tables count the same
// objects.
func TestPartsAgree(t *testing.T) {
	report := reports.Inventory(sample())
	objects, access := len(table(t, report, "objects").Rows), len(table(t, report, "access").Rows)
	for _, c := range report.Charts {
		sum := 0
		for _, b := range c.Bars {
			if len(b.Values) != len(c.Series) {
				t.Errorf("%s: %s has %d values for %d series", c.ID, b.Label, len(b.Values), len(c.Series))
			}
			for _, v := range b.Values {
				sum += v
			}
		}
		want := objects
		if c.ID == "access-by-role" {
			want = access
		}
		if sum != want {
			t.Errorf("%s shows %d of %d", c.ID, sum, want)
		}
	}
	for _, table := range report.Tables {
		for _, row := range table.Rows {
			if len(row) != len(table.Columns) {
				t.Errorf("%s: a row of %d cells under %d columns", table.ID, len(row), len(table.Columns))
			}
		}
	}
}

// No report judges: that is the reader's part.
func TestNothingIsJudged(t *testing.T) {
	for name, in := range inputs() {
		for _, f := range reports.Formats() {
			text := strings.ToLower(string(render(t, reports.Inventory(in), f)))
			for _, word := range []string{"complian", "secure", "violation", "passed", "failed"} {
				if strings.Contains(text, word) {
					t.Errorf("%s as %s says %q", name, f, word)
				}
			}
		}
	}
}

func TestAReportThatCannotBeWrittenSaysSo(t *testing.T) {
	full := errors.New("no space left")
	for _, f := range reports.Formats() {
		err := reports.Render(failing{full}, reports.Inventory(sample()), f)
		if fault.KindOf(err) != fault.Unavailable || !errors.Is(err, full) {
			t.Errorf("%s: %v, want Unavailable with its cause", f, err)
		}
	}
	if err := reports.Render(io.Discard, reports.Report{}, "pdf"); fault.KindOf(err) != fault.Invalid {
		t.Errorf("pdf: %v, want Invalid", err)
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

func TestCatalogueAndFormats(t *testing.T) {
	for _, info := range reports.Catalogue() {
		found, err := reports.Find(info.ID)
		if err != nil || found != info || info.Title == "" || info.Evidence == "" {
			t.Errorf("%s: %+v, %v", info.ID, found, err)
		}
	}
	if _, err := reports.Find("no\nsuch"); fault.KindOf(err) != fault.NotFound || strings.Contains(fault.Problem(err), "\n") {
		t.Errorf("an unknown report: %v", err)
	}
	for _, f := range reports.Formats() {
		if got, err := reports.ParseFormat(strings.ToUpper(string(f))); err != nil || got != f || f.MediaType() == "" {
			t.Errorf("%s: %s, %v", f, got, err)
		}
	}
}

func TestJSONCellsKeepTheirTypes(t *testing.T) {
	for _, tc := range []struct {
		cell reports.Cell
		want string
	}{
		{reports.Cell{}, "null"},
		{reports.Text(""), "null"},
		{reports.Time(time.Time{}), "null"},
		{reports.Number(-5), "-5"},
		{reports.Text("-5"), `"-5"`},
		{reports.Time(asOf.In(time.FixedZone("", 3600))), `"2026-11-23T15:00:00Z"`},
	} {
		if got, err := json.Marshal(tc.cell); err != nil || string(got) != tc.want {
			t.Errorf("%s, %v, want %s", got, err, tc.want)
		}
	}
}

func table(t *testing.T, r reports.Report, id string) reports.Table {
	t.Helper()
	i := slices.IndexFunc(r.Tables, func(t reports.Table) bool { return t.ID == id })
	if i < 0 {
		t.Fatalf("no table %s", id)
	}
	return r.Tables[i]
}

func cell(t *testing.T, table reports.Table, row int, column string) string {
	t.Helper()
	i := slices.IndexFunc(table.Columns, func(c reports.Column) bool { return c.ID == column })
	return table.Rows[row][i].String()
}

// BenchmarkRender makes and writes the report over 100,000 objects.
func BenchmarkRender(b *testing.B) {
	in := sample()
	for len(in.Vaults[0].Objects) < 100_000 {
		in.Vaults[0].Objects = append(in.Vaults[0].Objects, in.Vaults[0].Objects...)
	}
	in.Vaults[0].Objects = in.Vaults[0].Objects[:100_000]
	for _, f := range reports.Formats() {
		b.Run(string(f), func(b *testing.B) {
			for b.Loop() {
				if err := reports.Render(io.Discard, reports.Inventory(in), f); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
