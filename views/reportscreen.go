package views

import (
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"
)

// ReportsScreen is the auditor's desk: which reports there are, and what each
// is evidence for.
type ReportsScreen struct {
	base
	table *Table[ReportRow]
}

// NewReports makes the desk.
func NewReports(refused Refusals) *ReportsScreen {
	return &ReportsScreen{
		base: base{refused: refused},
		table: NewTable(TableSpec[ReportRow]{
			Name: "reports", Key: func(r *ReportRow) string { return r.ID },
			Empty: says("There is no report that you can run."),
			Columns: []Column[ReportRow]{
				{Title: "report", Min: 24, Flex: true, Sort: "title", Cell: func(r *ReportRow, _ time.Time) Cell { return Cell{r.Title, Strong} }},
				{Title: "formats", Min: 18, Cell: func(r *ReportRow, _ time.Time) Cell { return Cell{strings.Join(r.Formats, ", "), Plain} }},
				{Title: "id", Min: 20, Priority: 1, Cell: func(r *ReportRow, _ time.Time) Cell { return Cell{r.ID, Muted} }},
			},
		}),
	}
}

// Title is the breadcrumb.
func (s *ReportsScreen) Title() string { return "Reports" }

// Start reads the catalogue.
func (s *ReportsScreen) Start() []Intent { return []Intent{LoadReports{}} }

// InputMode is on while the filter is typed.
func (s *ReportsScreen) InputMode() bool { return s.table.Typing() }

// Actions run the report under the cursor.
func (s *ReportsScreen) Actions() []Action {
	row, some := s.table.Current()
	return append([]Action{
		bind(ActReportRun, s.refused, emit(OpenRunReport{row})).unless(!some, "there is no report"),
	}, globals(s.refused, bind(ActRefresh, nil, s.Start))...)
}

// evidenceRows is the room below the table for what the report is evidence for.
const evidenceRows = 5

// SetSize sizes the table.
func (s *ReportsScreen) SetSize(w, h int) {
	s.w, s.h = w, h
	s.table.SetSize(w, h-evidenceRows)
}

// Update takes the catalogue.
func (s *ReportsScreen) Update(msg tea.Msg) []Intent {
	s.common(msg)
	switch msg := msg.(type) {
	case ReportsLoaded:
		s.table.SetRows(msg.Reports)
		return nil
	case Failed:
		s.table.Failed(msg.Err)
		return nil
	}
	return tableOr(s.table, s.Actions(), msg)
}

// View draws the table, and below it what the report is evidence for.
func (s *ReportsScreen) View(p Paint) string {
	lines := s.table.View(p)
	if row, ok := s.table.Current(); ok {
		lines = append(lines, "", " "+heading(p, "Evidence for"))
		lines = append(lines, indent(wrapAll([]string{row.Evidence}, s.w-4), 2)...)
	}
	return block(lines, s.w, s.h)
}

// verifyKeyHint says where the verification takes the log's public key from.
const verifyKeyHint = "Here it finds the log's public key by itself, or with --home FOLDER of the installation. Anywhere else, add --log-key KEY, as strongroom.yaml has it."

// ReportForm runs a report and says what was written.
type ReportForm struct {
	formScreen
	saved *ReportSaved
}

// NewReportForm makes the form for a report.
func NewReportForm(r ReportRow, refused Refusals) *ReportForm {
	s := &ReportForm{}
	s.base, s.title, s.submit = base{refused: refused}, r.Title, "Run"
	s.intro = []string{r.Evidence, "", "The report names the log's size and root. A signature made in the HSM is written beside it, as FILE.sig; `strongroom report verify FILE` checks both."}
	var formats []Option
	for _, f := range r.Formats {
		formats = append(formats, Option{Value: f, Label: f})
	}
	s.form = NewForm(
		Field{ID: "format", Label: "Format", Kind: ChoiceField, Options: formats, Required: true, Hint: "← and → choose; HTML is for reading, JSON and CSV are for programs"},
		Field{ID: "path", Label: "File", Kind: PathField, Required: true, Hint: "a path that does not exist yet; its ending may be left out"},
	)
	s.do = func() []Intent {
		return []Intent{RunReport{ID: r.ID, Title: r.Title, Format: s.form.Text("format"), Path: withEnding(s.form.Text("path"), s.form.Text("format"))}}
	}
	s.answer = func(msg tea.Msg) ([]Intent, bool) {
		done, ok := msg.(ReportDone)
		if ok {
			s.saved = &done.Report
		}
		return nil, ok
	}
	return s
}

// withEnding adds the format's ending to a path without one.
func withEnding(path, format string) string {
	file := path[strings.LastIndexByte(path, '/')+1:]
	if strings.Contains(file, ".") || format == "" {
		return path
	}
	return path + "." + format
}

// InputMode is on until the report was written.
func (s *ReportForm) InputMode() bool { return s.saved == nil }

// Actions are the form's, then only back.
func (s *ReportForm) Actions() []Action {
	if s.saved == nil {
		return s.formScreen.Actions()
	}
	return globals(s.refused)
}

// Update routes to the form, or to the actions once the report is written.
func (s *ReportForm) Update(msg tea.Msg) []Intent {
	if k, ok := msg.(tea.KeyPressMsg); ok && s.saved != nil {
		return press(s.Actions(), k)
	}
	return s.formScreen.Update(msg)
}

// View draws the form, or what was written.
func (s *ReportForm) View(p Paint) string {
	if s.saved == nil {
		return s.formScreen.View(p)
	}
	r := s.saved
	facts := []Fact{
		{"report", r.Path, Plain},
		{"signature", r.Signature, Plain},
		{"size", numeral(int(r.Size)) + " bytes", Muted},
		{"log", numeral(int(r.LogSize)) + " entries, root " + r.Root, Muted},
	}
	lines := []string{"", "  " + p.Bold(Good, "✓ "+clean(r.Title)+" was written and signed"), ""}
	lines = append(lines, indent(factLines(p, append(facts, r.Counts...), s.w-6), 2)...)
	lines = append(lines, "", "  Check it: strongroom report verify "+clean(r.Path))
	return block(append(lines, indent(wrapAll([]string{verifyKeyHint}, s.w-4), 2)...), s.w, s.h)
}

// Cursor is the form's while there is one.
func (s *ReportForm) Cursor() (x, y int, shown bool) {
	if s.saved != nil {
		return 0, 0, false
	}
	return s.formScreen.Cursor()
}
