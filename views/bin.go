package views

import (
	"time"

	tea "charm.land/bubbletea/v2"
)

// BinScreen is what was deleted in a vault, a tab for each kind, with the day
// on which each object goes for good.
type BinScreen struct {
	base
	place
	tab    int
	tables map[Kind]*Table[DeletedRow]
}

// NewBin makes a vault's bin.
func NewBin(v VaultRow, refused Refusals) *BinScreen {
	s := &BinScreen{base: base{refused: refused}, place: place{v}, tables: map[Kind]*Table[DeletedRow]{}}
	for _, k := range Kinds() {
		s.tables[k] = NewTable(TableSpec[DeletedRow]{
			Name: "deleted " + string(k), Columns: deletedColumns(k), Key: func(o *DeletedRow) string { return o.Name },
			Empty: says("No "+kindWords[k].one+" of this vault is in the bin.", "", "What is deleted stays here for "+numeral(v.RetentionDays)+" days and can be recovered."),
			Ask:   func(q Query) Intent { return LoadDeleted{Vault: v.Name, Kind: k, Query: q} },
		})
	}
	return s
}

func deletedColumns(k Kind) []Column[DeletedRow] {
	cols := []Column[DeletedRow]{
		{Title: "name", Min: 20, Flex: true, Sort: "name", Cell: func(o *DeletedRow, _ time.Time) Cell { return Cell{o.Name, Strong} }},
		{Title: "deleted", Min: 10, Cell: func(o *DeletedRow, _ time.Time) Cell { return Cell{date(o.DeletedAt), Plain} }},
		{Title: "purged on", Min: 24, Sort: "purge", Cell: func(o *DeletedRow, now time.Time) Cell {
			text, tone := expiry(o.ScheduledPurge, now)
			return Cell{text, tone}
		}},
		{Title: "versions", Min: 8, Right: true, Cell: func(o *DeletedRow, _ time.Time) Cell { return Cell{Text: numeral(o.Versions)} }},
	}
	if k == Keys {
		cols = append(cols, Column[DeletedRow]{Title: "where", Min: 8, Priority: 1, Cell: func(o *DeletedRow, now time.Time) Cell { return protectionCell(&o.ObjectRow, now) }})
	}
	typed := Column[DeletedRow]{Title: "type", Min: 16, Priority: 1, Cell: func(o *DeletedRow, _ time.Time) Cell { return Cell{orDash(o.Type), Muted} }}
	tags := Column[DeletedRow]{Title: "tags", Min: 16, Priority: 2, Cell: func(o *DeletedRow, _ time.Time) Cell { return Cell{tagText(o.Tags), Muted} }}
	return append(cols, typed, tags)
}

// Title is the breadcrumb.
func (s *BinScreen) Title() string { return "Bin" }

func (s *BinScreen) kind() Kind { return Kinds()[s.tab] }

func (s *BinScreen) table() *Table[DeletedRow] { return s.tables[s.kind()] }

// Start reads the tab that is shown.
func (s *BinScreen) Start() []Intent { return s.table().Load() }

// InputMode is on while a filter is typed.
func (s *BinScreen) InputMode() bool { return s.table().Typing() }

// Actions recover and purge.
func (s *BinScreen) Actions() []Action {
	verbs := lifeOf[s.kind()]
	row, some := s.table().Current()
	marked := len(s.table().Marked())
	restore := bindAs(ActRecover, verbs.recover, s.refused, s.recover).
		unless(!some, "there is nothing to recover").
		unless(marked == 0 && row.Managed, withCertificate)
	restore.Label = counted(restore.Label, marked)
	return append([]Action{
		restore,
		bindAs(ActPurge, verbs.purge, s.refused, func() []Intent { return s.purge(row) }).
			unless(!some, "there is nothing to purge").
			unless(marked > 0, "one at a time, by its name; esc clears the selection").
			unless(row.Managed, withCertificate).
			unless(s.vault.PurgeProtection && s.now.Before(row.ScheduledPurge), "purge protection keeps it until "+date(row.ScheduledPurge)),
		bind(ActNextTab, nil, func() []Intent { return s.show(s.tab + 1) }),
	}, globals(
		s.refused,
		bind(ActRefresh, nil, s.Start),
		bind(ActPrevTab, nil, func() []Intent { return s.show(s.tab - 1) }),
	)...)
}

// counted writes behind a label how many rows are selected.
func counted(label string, marked int) string {
	if marked == 0 {
		return label
	}
	return label + " " + numeral(marked)
}

func (s *BinScreen) show(tab int) []Intent {
	s.tab = (tab + len(Kinds())) % len(Kinds())
	return s.Start()
}

func (s *BinScreen) recover() []Intent {
	return []Intent{ChangeObjects{Recover, refsOf(s.vault.Name, s.kind(), s.table().Chosen())}}
}

func (s *BinScreen) purge(o DeletedRow) []Intent {
	return []Intent{OpenDialog{&TypeName{
		Title: "Purge " + o.Name + " in " + s.vault.Name, Lines: purgeWords(o), Name: o.Name, Do: "Purge it for good",
		Then: []Intent{Purge{Ref{Vault: s.vault.Name, Kind: o.Kind, Name: o.Name}}},
	}}}
}

// SetSize sizes the tables below the tabs.
func (s *BinScreen) SetSize(w, h int) {
	s.w, s.h = w, h
	for _, t := range s.tables {
		t.SetSize(w, h-1)
	}
}

// Update routes answers to the table that asked, and keys to the table shown.
func (s *BinScreen) Update(msg tea.Msg) []Intent {
	s.common(msg)
	switch msg := msg.(type) {
	case DeletedLoaded:
		return s.tables[msg.Kind].Loaded(msg.Request, msg.Page)
	case ObjectsChanged:
		t := s.tables[msg.kind()]
		t.Unmark(namesOf(msg.Done))
		return append([]Intent{changedNotice(msg)}, t.Load()...)
	case Purged:
		return append([]Intent{Notify{Good, msg.Ref.Name + " is gone for good"}}, s.tables[msg.Ref.Kind].Load()...)
	case Failed:
		if load, ok := msg.Intent.(LoadDeleted); ok {
			s.tables[load.Kind].FailedRequest(load.Query.Request, msg.Err)
			return nil
		}
		return append(failedElsewhere(msg), s.Start()...)
	case FilterDue:
		return s.filter(msg)
	}
	return tableOr(s.table(), s.Actions(), msg)
}

func (s *BinScreen) filter(due FilterDue) []Intent {
	for _, t := range s.tables {
		if out, mine := t.Update(due); mine {
			return out
		}
	}
	return nil
}

// View draws the tabs, the vault's rule, and the table.
func (s *BinScreen) View(p Paint) string {
	names := make([]string, len(Kinds()))
	for i, k := range Kinds() {
		names[i] = kindWords[k].title
	}
	rule := "  kept for " + numeral(s.vault.RetentionDays) + " days"
	if s.vault.PurgeProtection {
		rule += ", purge protection"
	}
	line := " " + tabs(p, names, s.tab) + p.Text(Muted, rule)
	return block(append([]string{line}, s.table().View(p)...), s.w, s.h)
}
