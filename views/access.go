package views

import (
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/strongroom/strongroom/roles"
)

// AccessScreen shows who there is and who may do what, where, until when.
type AccessScreen struct {
	base
	tab         int
	vaults      []string
	people      *Table[PersonRow]
	assignments *Table[AssignmentRow]
	known       []PersonRow
}

const (
	tabAssignments = iota
	tabPeople
)

// NewAccess makes the access screen.
func NewAccess(refused Refusals) *AccessScreen {
	return &AccessScreen{
		base: base{refused: refused},
		people: NewTable(TableSpec[PersonRow]{
			Name: "people", Columns: personColumns(),
			Key:   func(r *PersonRow) string { return r.Name },
			Empty: says("There is nobody yet.", "", "Press n to bring the first person in."),
		}),
		assignments: NewTable(TableSpec[AssignmentRow]{
			Name: "assignments", Columns: assignmentColumns(),
			Key:   func(r *AssignmentRow) string { return r.ID },
			Empty: says("Nobody has a role yet.", "", "Press a to give somebody one."),
		}),
	}
}

func personColumns() []Column[PersonRow] {
	return []Column[PersonRow]{
		{Title: "name", Min: 14, Sort: "name", Cell: func(r *PersonRow, _ time.Time) Cell { return Cell{r.Name, Strong} }},
		{Title: "state", Min: 9, Sort: "state", Cell: personState},
		{Title: "roles", Min: 30, Flex: true, Cell: func(r *PersonRow, _ time.Time) Cell { return Cell{orDash(strings.Join(r.Roles, ", ")), Plain} }},
		{Title: "full name", Min: 20, Priority: 2, Cell: func(r *PersonRow, _ time.Time) Cell { return Cell{orDash(r.Display), Plain} }},
		{
			Title: "since", Min: 10, Priority: 1, Sort: "since", Cell: func(r *PersonRow, _ time.Time) Cell { return Cell{date(r.Created), Muted} },
			Less: func(a, b *PersonRow) bool { return a.Created.Before(b.Created) },
		},
	}
}

func personState(r *PersonRow, _ time.Time) Cell {
	tone := Muted
	switch r.State {
	case "active":
		tone = Good
	case "invited":
		tone = Warning
	}
	return Cell{r.State, tone}
}

func assignmentColumns() []Column[AssignmentRow] {
	return []Column[AssignmentRow]{
		{Title: "person", Min: 14, Sort: "person", Cell: func(r *AssignmentRow, _ time.Time) Cell { return Cell{r.Person, Strong} }},
		{Title: "role", Min: 12, Sort: "role", Cell: func(r *AssignmentRow, _ time.Time) Cell { return Cell{r.Role.Title(), Plain} }},
		{Title: "where", Min: 20, Flex: true, Sort: "where", Cell: func(r *AssignmentRow, _ time.Time) Cell { return Cell{scopeText(r.Scope), Plain} }},
		{Title: "until", Min: 24, Sort: "until", Cell: assignmentUntil, Less: func(a, b *AssignmentRow) bool { return a.Expires.Before(b.Expires) }},
		{Title: "given by", Min: 12, Priority: 1, Cell: func(r *AssignmentRow, _ time.Time) Cell { return Cell{orDash(r.GrantedBy), Muted} }},
		{
			Title: "on", Min: 16, Priority: 2, Sort: "on", Cell: func(r *AssignmentRow, _ time.Time) Cell { return Cell{moment(r.GrantedAt), Muted} },
			Less: func(a, b *AssignmentRow) bool { return a.GrantedAt.Before(b.GrantedAt) },
		},
	}
}

func assignmentUntil(r *AssignmentRow, now time.Time) Cell {
	switch {
	case now.Before(r.NotBefore):
		return Cell{"from " + date(r.NotBefore), Warning}
	case r.Expires.IsZero():
		return Cell{"no end", Muted}
	case !now.Before(r.Expires):
		return Cell{"ended " + date(r.Expires), Muted}
	default:
		text, tone := expiry(r.Expires, now)
		return Cell{text, tone}
	}
}

func scopeText(s roles.Scope) string {
	switch {
	case s.Vault == "":
		return "whole installation"
	case s.Prefix == "":
		return "vault " + s.Vault
	default:
		return s.Vault + ": " + s.Prefix + "*"
	}
}

// Title is the breadcrumb.
func (s *AccessScreen) Title() string { return "Access" }

// Start reads people and assignments.
func (s *AccessScreen) Start() []Intent { return []Intent{LoadAccess{}} }

// InputMode is on while a filter is typed.
func (s *AccessScreen) InputMode() bool { return s.people.Typing() || s.assignments.Typing() }

// Actions give and take roles.
func (s *AccessScreen) Actions() []Action {
	row, some := s.assignments.Current()
	some = some && s.tab == tabAssignments
	return append([]Action{
		bind(ActGrant, s.refused, s.grant),
		bind(ActPersonNew, s.refused, emit(OpenNewPerson{})),
		bind(ActRevoke, s.refused, func() []Intent { return revoke(row) }).
			unless(!some, "choose an assignment first").
			unless(row.Mine, "nobody takes a role from themselves"),
		bind(ActNextTab, nil, s.turn),
	}, globals(s.refused, bind(ActRefresh, nil, s.Start))...)
}

func (s *AccessScreen) turn() []Intent {
	s.tab = 1 - s.tab
	return nil
}

func (s *AccessScreen) grant() []Intent {
	in := OpenGrant{People: s.known, Vaults: s.vaults}
	if r, ok := s.people.Current(); ok && s.tab == tabPeople {
		in.Person = r.Name
	}
	return []Intent{in}
}

// revoke asks first, and says what is lost and how it comes back.
func revoke(a AssignmentRow) []Intent {
	return []Intent{OpenDialog{&Confirm{
		Title: "Take a role away",
		Lines: []string{
			a.Person + " stops being " + a.Role.Title() + " on " + scopeText(a.Scope) + ", at once, in open login sessions too.",
			"", "It can be given again, as a new assignment.",
		},
		Do: "Take the role away", Dangerous: true, Then: []Intent{Revoke{a}},
	}}}
}

// SetSize sizes the tables.
func (s *AccessScreen) SetSize(w, h int) {
	s.w, s.h = w, h
	s.people.SetSize(w, h-1)
	s.assignments.SetSize(w, h-1)
}

// Update routes to the table shown and to the actions.
func (s *AccessScreen) Update(msg tea.Msg) []Intent {
	s.common(msg)
	switch msg := msg.(type) {
	case AccessLoaded:
		s.known, s.vaults = msg.People, msg.Vaults
		s.people.SetRows(msg.People)
		s.assignments.SetRows(msg.Assignments)
		return nil
	case Revoked:
		return append([]Intent{Notify{Good, msg.Assignment.Person + " is no longer " + msg.Assignment.Role.Title() + " on " + scopeText(msg.Assignment.Scope)}}, s.Start()...)
	case Failed:
		if _, load := msg.Intent.(LoadAccess); load {
			s.people.Failed(msg.Err)
			s.assignments.Failed(msg.Err)
			return nil
		}
		return failedElsewhere(msg)
	}
	if s.tab == tabPeople {
		return tableOr(s.people, s.Actions(), msg)
	}
	return tableOr(s.assignments, s.Actions(), msg)
}

// View draws the tab's table.
func (s *AccessScreen) View(p Paint) string {
	lines := []string{" " + tabs(p, []string{"Assignments", "People"}, s.tab)}
	if s.tab == tabPeople {
		return block(append(lines, s.people.View(p)...), s.w, s.h)
	}
	return block(append(lines, s.assignments.View(p)...), s.w, s.h)
}
