package vault

import (
	"context"

	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/roles"
)

// ErrNoAssignment says that there is no such assignment.
var ErrNoAssignment = fault.New(fault.NotFound, "there is no such assignment", "the list of assignments shows their ids")

const assignmentColumns = `SELECT id, person_id, role, vault, prefix, not_before, expires, granted_by, granted_at
	FROM assignments `

// Assignment gives the assignment with this id, or [ErrNoAssignment].
func (r Reader) Assignment(ctx context.Context, id string) (roles.Assignment, error) {
	return one(ctx, r, scanAssignment, ErrNoAssignment, assignmentColumns+`WHERE id = ?`, id)
}

// AssignmentsOf gives a person's assignments, ended ones too, oldest first.
func (r Reader) AssignmentsOf(ctx context.Context, personID string) ([]roles.Assignment, error) {
	return many(ctx, r, scanAssignment, assignmentColumns+`WHERE person_id = ? ORDER BY granted_at, id`, personID)
}

// Assignments gives all assignments, ended ones too, oldest first.
func (r Reader) Assignments(ctx context.Context) ([]roles.Assignment, error) {
	return many(ctx, r, scanAssignment, assignmentColumns+`ORDER BY granted_at, id`)
}

// CreateAssignment stores an assignment; an empty ID gets a fresh UUID, a zero
// GrantedAt the current time. Whether it may be given is roles' to say.
func (tx *Tx) CreateAssignment(a roles.Assignment) (roles.Assignment, error) {
	if err := tx.identify(&a.ID, &a.GrantedAt); err != nil {
		return roles.Assignment{}, err
	}
	err := tx.exec(`INSERT INTO assignments (id, person_id, role, vault, prefix, not_before, expires, granted_by,
		granted_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`, a.ID, a.Person, a.Role, a.Scope.Vault, a.Scope.Prefix,
		stamp(a.NotBefore), stamp(a.Expires), a.GrantedBy, stamp(a.GrantedAt))
	return a, err
}

// DeleteAssignment takes an assignment away.
func (tx *Tx) DeleteAssignment(id string) error {
	return tx.changeOne(ErrNoAssignment, `DELETE FROM assignments WHERE id = ?`, id)
}

func scanAssignment(s scanner) (roles.Assignment, error) {
	var a roles.Assignment
	err := s.Scan(&a.ID, &a.Person, &a.Role, &a.Scope.Vault, &a.Scope.Prefix, when(&a.NotBefore), when(&a.Expires),
		&a.GrantedBy, when(&a.GrantedAt))
	return a, err
}
