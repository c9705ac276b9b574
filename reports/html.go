package reports

import (
	"bufio"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"html/template"
	"io"
	"iter"
	"strings"
	"unicode/utf8"

	"github.com/strongroom/strongroom/internal/fault"
)

//go:embed page/page.html.tmpl
var pageTemplate string

//go:embed page/page.css
var pageStyle string

const (
	// openSubjects is the most subjects that an observation shows unasked.
	openSubjects = 12
	// longWord is the length from which a word stands in a fixed-width face.
	longWord = 24
)

// HTML writes the report as one page that needs nothing else: no script, no
// font, no picture from elsewhere. Its own content security policy forbids all
// but the one style sheet, named by its hash; charts are inline SVG. It prints
// on A4 and follows the reader's choice of light or dark.
func HTML(w io.Writer, r Report) error {
	page, err := template.New("page").Parse(pageTemplate)
	if err != nil {
		return fault.Wrap(err, fault.Internal, "the report's page cannot be read", "report this as an error of the program")
	}
	out := bufio.NewWriter(w)
	failed := page.Execute(out, pageOf(r))
	// A place that takes no bytes stops the page too; the writer knows.
	if err := out.Flush(); err != nil {
		return written(err)
	}
	if failed != nil {
		return fault.Wrap(failed, fault.Internal, "the report's page cannot be made", "report this as an error of the program")
	}
	return nil
}

// The page's view of a report: every text as it is shown.
type (
	page struct {
		ID, Title, Brand, Evidence, Installation, Generator, AsOf string

		Style        template.CSS
		StyleHash    template.HTMLAttr
		Facts        []pageFact
		Figures      []Figure
		Observations []pageObservation
		Charts       []pageChart
		Tables       []pageTable
		Sentences    []pageList
	}
	pageFact struct {
		Label, Value string
		Code         bool
	}
	pageObservation struct {
		Observation
		Open bool
	}
	pageTable struct {
		Table
		// Cells gives the rows one after the other; a large table is never
		// held as a page.
		Cells iter.Seq[iter.Seq[pageCell]]
	}
	pageCell struct {
		Text, Class, Moment, Date, Clock string
		Tone                             Tone
	}
	pageList struct {
		Label string
		Texts []string
	}
)

func pageOf(r Report) page {
	sum := sha256.Sum256([]byte(pageStyle))
	p := page{
		ID: r.ID, Title: r.Title, Evidence: r.Evidence, Installation: r.Scope.Installation,
		Brand: r.Generator.Name, Generator: generatorText(r.Generator), AsOf: readable(stamp(r.Scope.AsOf)),
		// The style sheet is the program's own and holds nothing of the input.
		Style:     template.CSS(pageStyle),
		StyleHash: template.HTMLAttr("sha256-" + base64.StdEncoding.EncodeToString(sum[:])),
		Figures:   r.Figures,
		Charts:    each(r.Charts, pageChartOf),
		Tables:    each(r.Tables, pageTableOf),
		Sentences: each(sentences(r.Frame), func(l list) pageList { return pageList{l.label, l.texts} }),
	}
	for _, f := range frameFacts(r.Frame) {
		if f.name != "id" && f.name != "title" && f.name != "evidence" {
			p.Facts = append(p.Facts, pageFact{f.label, readable(f.value), f.name == "log_root"})
		}
	}
	for _, o := range r.Observations {
		p.Observations = append(p.Observations, pageObservation{o, len(o.Subjects) <= openSubjects})
	}
	return p
}

func pageTableOf(t Table) pageTable {
	row := func(cells []Cell) iter.Seq[pageCell] {
		return func(yield func(pageCell) bool) {
			for i, c := range cells {
				if !yield(pageCellOf(t.Columns[i].Kind, c)) {
					return
				}
			}
		}
	}
	return pageTable{t, func(yield func(iter.Seq[pageCell]) bool) {
		for _, cells := range t.Rows {
			if !yield(row(cells)) {
				return
			}
		}
	}}
}

func pageCellOf(kind Kind, c Cell) pageCell {
	out := pageCell{Text: c.text, Class: string(kind)}
	switch {
	case kind == KindTime && c.full:
		out.Moment = c.text
		out.Date, out.Clock, _ = strings.Cut(readable(c.text), " ")
	case kind == KindState:
		out.Tone = wordTones[c.text]
	case kind == KindText && utf8.RuneCountInString(c.text) >= longWord && !strings.Contains(c.text, " "):
		out.Class = "long"
	}
	return out
}

// wordTones gives the words that are shown as a tag their tone. A word that is
// not here is shown plain.
var wordTones = map[string]Tone{
	string(StateEnabled):  ToneGood,
	string(StateNotYet):   ToneFirst,
	string(StateExpired):  ToneDanger,
	string(StateDisabled): ToneMuted,
	string(AccessActive):  ToneGood,
	string(AccessNotYet):  ToneFirst,
	string(AccessEnded):   ToneMuted,
	"prod":                ToneDanger,
	"staging":             ToneWarn,
	"uat":                 ToneWarn,
	"test":                ToneMuted,
	"dev":                 ToneMuted,
}
