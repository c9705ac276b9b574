package vault

import (
	"context"
	"regexp"
	"time"

	"github.com/strongroom/strongroom/internal/fault"
)

// PersonState says how far a person has come.
type PersonState string

// The states of a person.
const (
	Invited PersonState = "invited" // has an enrolment code, no factors yet
	Active  PersonState = "active"
)

// Person is somebody who can sign in.
type Person struct {
	ID       string
	Name     string // what they type; compared without case
	Display  string
	Created  time.Time
	Disabled bool
	State    PersonState
}

// ErrNoPerson says that there is no such person.
var ErrNoPerson = fault.New(fault.NotFound, "there is no such person", "check the name")

var personName = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,62}$`)

// CheckPersonName refuses a name outside ^[a-z0-9][a-z0-9._-]{0,62}$.
func CheckPersonName(name string) error {
	if !personName.MatchString(name) {
		return fault.New(fault.Invalid, "the person's name is not allowed",
			"use 1 to 63 of a-z, 0-9, dot, underscore and hyphen, beginning with a letter or digit")
	}
	return nil
}

const personColumns = `SELECT id, name, display, created, disabled, state FROM people `

// Person gives the person with this id, or [ErrNoPerson].
func (r Reader) Person(ctx context.Context, id string) (Person, error) {
	return one(ctx, r, scanPerson, ErrNoPerson, personColumns+`WHERE id = ?`, id)
}

// PersonByName gives the person with this name, compared without case, or
// [ErrNoPerson].
func (r Reader) PersonByName(ctx context.Context, name string) (Person, error) {
	return one(ctx, r, scanPerson, ErrNoPerson, personColumns+`WHERE name_key = ?`, fold(name))
}

// People gives everybody by name.
func (r Reader) People(ctx context.Context) ([]Person, error) {
	return many(ctx, r, scanPerson, personColumns+`ORDER BY name_key`)
}

// CreatePerson stores a new person; an empty ID gets a fresh UUID, a zero
// Created the current time, an empty State Invited.
func (tx *Tx) CreatePerson(p Person) (Person, error) {
	if err := CheckPersonName(p.Name); err != nil {
		return Person{}, err
	}
	if err := tx.identify(&p.ID, &p.Created); err != nil {
		return Person{}, err
	}
	if p.State == "" {
		p.State = Invited
	}
	err := tx.exec(`INSERT INTO people (id, name, name_key, display, created, disabled, state)
		VALUES (?, ?, ?, ?, ?, ?, ?)`, p.ID, p.Name, fold(p.Name), p.Display, stamp(p.Created), p.Disabled, p.State)
	return p, taken(err, "there is already a person with this name", "choose another name")
}

// UpdatePerson stores a person's Display, Disabled and State.
func (tx *Tx) UpdatePerson(p Person) error {
	return tx.changeOne(ErrNoPerson, `UPDATE people SET display = ?, disabled = ?, state = ? WHERE id = ?`,
		p.Display, p.Disabled, p.State, p.ID)
}

func scanPerson(s scanner) (Person, error) {
	var p Person
	err := s.Scan(p.into()...)
	return p, err
}

// into gives where the columns of a person go, in their order.
func (p *Person) into() []any {
	return []any{&p.ID, &p.Name, &p.Display, when(&p.Created), &p.Disabled, &p.State}
}
