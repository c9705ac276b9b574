package reports

import (
	"time"

	"github.com/strongroom/strongroom/audit"
)

// Report is a finished report, ready to be rendered.
type Report struct {
	Frame
	// Figures are the numbers to see first.
	Figures []Figure
	// Observations are facts that a reader looks for, with the objects that
	// they are about.
	Observations []Observation
	Charts       []Chart
	Tables       []Table
}

// Frame is what every report says of itself.
type Frame struct {
	ID    string
	Title string
	// Evidence says what the report is evidence for.
	Evidence string
	Scope    Scope
	// Generator is the program and its version.
	Generator Generator
	RunBy     Person
	Log       Log
	// Population says how many of what the report looked at; nothing is
	// sampled.
	Population []Figure
	// Method says what was computed and how, Limits what was not, and Verify
	// how a reader checks the report; each is a list of sentences.
	Method, Limits, Verify []string
}

// Scope says what the report covers, and when.
type Scope struct {
	Installation string
	Vaults       []string
	// From and To bound the period; both are zero in a report on one moment.
	From, To time.Time
	// AsOf is the moment that states, ages and access were computed for.
	AsOf time.Time
}

// Generator names the program that made the report.
type Generator struct{ Name, Version, Build string }

// Person names who ran the report, and in which role.
type Person struct{ Name, Role string }

// Log is the head of the log when the report was made.
type Log struct {
	// First and Last are the sequence numbers of the range that the report
	// rests on.
	First, Last int64
	// Size and Root are the tree's (RFC 6962 section 2.1).
	Size int64
	Root audit.Hash
}

// Figure is one number with its name.
type Figure struct {
	ID, Label string
	Value     int64
}

// Observation is a fact, how often it holds, and where.
type Observation struct {
	ID, Statement string
	// Count of Of: "3 of 40".
	Count, Of int
	// Subjects name what the fact holds for, one line each.
	Subjects []string
}

// Chart is a set of stacked bars.
type Chart struct {
	ID, Title, Caption string
	// Series name the parts of a bar, in order.
	Series []Series
	Bars   []Bar
}

// Series is one part of each bar. Tone chooses its colour.
type Series struct {
	Label string
	Tone  Tone
}

// Tone is a colour by its meaning; the renderer's theme decides which.
type Tone string

// The tones.
const (
	ToneGood   Tone = "good"
	ToneWarn   Tone = "warn"
	ToneDanger Tone = "danger"
	ToneMuted  Tone = "muted"
	ToneFirst  Tone = "first"
	ToneSecond Tone = "second"
	ToneThird  Tone = "third"
)

// Bar is one bar: a value for each series.
type Bar struct {
	Label  string
	Values []int
}

// Table is a table with typed columns.
type Table struct {
	ID, Title, Note string
	Columns         []Column
	Rows            [][]Cell
}

// Column is a column of a table.
type Column struct {
	ID, Title string
	Kind      Kind
}

// Kind says what a column's cells are.
type Kind string

// The kinds. A cell of any kind may be empty.
const (
	KindText   Kind = "text"
	KindState  Kind = "state"  // text, of a small set of words
	KindNumber Kind = "number" // a whole number
	KindTime   Kind = "time"   // RFC 3339, UTC, whole seconds
)
