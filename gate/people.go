package gate

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/internal/secret"
	"github.com/strongroom/strongroom/mfa"
	"github.com/strongroom/strongroom/roles"
	"github.com/strongroom/strongroom/vault"
)

// maxDisplay bounds a person's display name, in characters.
const maxDisplay = 100

// ListPeople gives everybody with their roles.
func (g *Gate) ListPeople(ctx context.Context, s *Session) ([]Person, error) {
	return carry(ctx, g, s, on(roles.PeopleList, "", "person", "", ""), func(ctx context.Context, _ *act) ([]Person, change, error) {
		people, err := g.people(ctx)
		if err != nil {
			return nil, nil, err
		}
		sees, err := g.reach(ctx, s, roles.PeopleList)
		if err != nil {
			return nil, nil, err
		}
		for i := range people {
			people[i].Roles = slices.DeleteFunc(people[i].Roles, func(a roles.Assignment) bool { return !sees(a.Scope) })
		}
		return people, nil, nil
	})
}

// reach gives the test whether an assignment's scope lies where the person may
// do the action: the owner of one vault sees who may use that vault, and not
// the rest of the installation.
func (g *Gate) reach(ctx context.Context, s *Session, action roles.Action) (func(roles.Scope) bool, error) {
	held, err := g.RolesOf(ctx, s)
	if err != nil {
		return nil, err
	}
	held = slices.DeleteFunc(held, func(a roles.Assignment) bool { return !roles.At(a.Role, action).Allowed })
	return func(scope roles.Scope) bool {
		return slices.ContainsFunc(held, func(a roles.Assignment) bool { return a.Scope.Overlaps(scope) })
	}, nil
}

func (g *Gate) people(ctx context.Context) ([]Person, error) {
	rows, err := g.db.People(ctx)
	if err != nil {
		return nil, err
	}
	held, err := g.db.Assignments(ctx)
	if err != nil {
		return nil, err
	}
	byPerson := map[string][]roles.Assignment{}
	for _, a := range held {
		byPerson[a.Person] = append(byPerson[a.Person], a)
	}
	people := make([]Person, 0, len(rows))
	for _, row := range rows {
		people = append(people, presentPerson(row, byPerson[row.ID]))
	}
	return people, nil
}

func presentPerson(row vault.Person, held []roles.Assignment) Person {
	p := Person{ID: row.ID, Name: row.Name, Display: row.Display, State: PersonState(row.State), Created: row.Created, Roles: held}
	if row.Disabled {
		p.State = PersonDisabled
	}
	return p
}

// CreatePersonRequest brings somebody in.
type CreatePersonRequest struct {
	Name    string // what they sign in with: a-z, 0-9, dot, underscore, hyphen
	Display string
}

// CreatePerson makes a person who can do nothing yet, and the one-time code
// for their first sign-in. The code opens the HSM's PIN for them, so it is as
// good as a password until it is used or its time is over.
func (g *Gate) CreatePerson(ctx context.Context, s *Session, r CreatePersonRequest) (*Invitation, error) {
	return carry(ctx, g, s, on(roles.PeopleCreate, "", "person", r.Name, ""), func(ctx context.Context, _ *act) (*Invitation, change, error) {
		if utf8.RuneCountInString(r.Display) > maxDisplay || strings.ContainsFunc(r.Display, isControl) {
			return nil, nil, fault.New(fault.Invalid, "the display name is too long or no plain text", "use at most 100 characters")
		}
		pin := s.borrowPIN()
		defer pin.Wipe()
		return g.invite(ctx, vault.Person{Name: r.Name, Display: r.Display}, pin)
	})
}

// Wipe wipes the enrolment code.
func (i *Invitation) Wipe() {
	if i != nil {
		i.Code.Wipe()
	}
}

// invite prepares a new person with an enrolment code that opens the PIN.
func (g *Gate) invite(ctx context.Context, p vault.Person, pin *secret.Bytes) (*Invitation, change, error) {
	if err := vault.CheckPersonName(p.Name); err != nil {
		return nil, nil, err
	}
	var err error
	if p.ID, err = g.newID(); err != nil {
		return nil, nil, err
	}
	p.Created, p.State = g.now(), vault.Invited
	code, enrolment, err := g.newEnrolment(ctx, p.ID, pin)
	if err != nil {
		return nil, nil, err
	}
	invitation := &Invitation{Person: presentPerson(p, nil), Code: code, Expires: enrolment.Expires}
	return invitation, func(tx *vault.Tx) error {
		if _, err := tx.CreatePerson(p); err != nil {
			return err
		}
		return tx.PutEnrolment(enrolment)
	}, nil
}

func (g *Gate) newEnrolment(ctx context.Context, personID string, pin *secret.Bytes) (*secret.Bytes, vault.Enrolment, error) {
	var none vault.Enrolment
	device, err := g.deviceKey(ctx)
	if err != nil {
		return nil, none, err
	}
	defer device.Wipe()
	code, err := mfa.NewEnrolmentCode(g.rand)
	if err != nil {
		return nil, none, err
	}
	typed, err := mfa.EnrolmentPassword(code)
	if err != nil {
		return nil, none, err
	}
	defer typed.Wipe()
	hash, stretched, err := g.hasher.NewPassword(ctx, typed)
	if err != nil {
		return nil, none, err
	}
	defer stretched.Wipe()
	envelope, err := mfa.SealPIN(pin, stretched, device, g.binding(personID), g.rand)
	if err != nil {
		return nil, none, err
	}
	now := g.now()
	return code, vault.Enrolment{PersonID: personID, Hash: hash, Envelope: envelope, Created: now, Expires: now.Add(g.limits.Invitation)}, nil
}

// ListAssignments gives who holds which role where: on one vault, or, with an
// empty name, everywhere.
func (g *Gate) ListAssignments(ctx context.Context, s *Session, vaultName string) ([]Assignment, error) {
	return carry(ctx, g, s, on(roles.AssignmentsList, vaultName, "", "", ""), func(ctx context.Context, a *act) ([]Assignment, change, error) {
		if vaultName != "" {
			if _, err := g.openVault(ctx, a); err != nil {
				return nil, nil, err
			}
		}
		all, err := g.assignments(ctx)
		if err != nil {
			return nil, nil, err
		}
		sees, err := g.reach(ctx, s, roles.AssignmentsList)
		if err != nil {
			return nil, nil, err
		}
		asked := roles.Scope{Vault: vaultName}
		return slices.DeleteFunc(all, func(as Assignment) bool { return !as.Scope.Overlaps(asked) || !sees(as.Scope) }), nil, nil
	})
}

func (g *Gate) assignments(ctx context.Context) ([]Assignment, error) {
	rows, err := g.db.Assignments(ctx)
	if err != nil {
		return nil, err
	}
	people, err := g.db.People(ctx)
	if err != nil {
		return nil, err
	}
	names := map[string]string{}
	for _, p := range people {
		names[p.ID] = p.Name
	}
	all := make([]Assignment, 0, len(rows))
	for _, row := range rows {
		all = append(all, Assignment{Assignment: row, PersonName: names[row.Person], GrantedByName: names[row.GrantedBy]})
	}
	return all, nil
}

// CreateAssignment gives a role to somebody else, where the conflict rules
// allow it.
func (g *Gate) CreateAssignment(ctx context.Context, s *Session, r GrantRequest) (Assignment, error) {
	a := on(roles.AssignmentsCreate, r.Scope.Vault, "assignment", r.Person, "")
	a.params["role"], a.params["scope"] = string(r.Role), r.Scope.String()
	return carry(ctx, g, s, a, func(ctx context.Context, a *act) (Assignment, change, error) {
		person, err := g.db.PersonByName(ctx, r.Person)
		if err != nil {
			return Assignment{}, nil, err
		}
		if r.Scope.Vault != "" {
			v, err := g.openVault(ctx, a)
			if err != nil {
				return Assignment{}, nil, err
			}
			r.Scope.Vault = v.Name
		}
		id, err := g.newID()
		if err != nil {
			return Assignment{}, nil, err
		}
		grant := roles.Assignment{
			ID: id, Person: person.ID, Role: r.Role, Scope: r.Scope, NotBefore: r.NotBefore, Expires: r.Expires,
			GrantedBy: s.personID, GrantedAt: g.now(),
		}
		a.params = grantParams(grant)
		answer := Assignment{Assignment: grant, PersonName: person.Name, GrantedByName: s.personName}
		return answer, func(tx *vault.Tx) error { return g.writeGrant(ctx, tx, grant) }, nil
	})
}

// writeGrant checks the conflict rules inside the transaction: of two grants
// at the same moment that do not go together, one is refused.
func (g *Gate) writeGrant(ctx context.Context, tx *vault.Tx, grant roles.Assignment) error {
	held, err := tx.AssignmentsOf(ctx, grant.Person)
	if err != nil {
		return err
	}
	if err := roles.CheckGrant(grant.GrantedBy, held, grant, g.now()); err != nil {
		return refuse("role-conflict", err)
	}
	_, err = tx.CreateAssignment(grant)
	return err
}

// DeleteAssignment takes a role from somebody. The last vault owner of the
// installation stays, and so does the only auditor.
func (g *Gate) DeleteAssignment(ctx context.Context, s *Session, id string) error {
	row, findErr := g.db.Assignment(ctx, id)
	a := on(roles.AssignmentsDelete, row.Scope.Vault, "assignment", "", "")
	a.params["assignment"] = loggable(id)
	_, err := carry(ctx, g, s, a, func(ctx context.Context, a *act) (struct{}, change, error) {
		if findErr != nil {
			return struct{}{}, nil, findErr
		}
		a.params["role"], a.params["scope"] = string(row.Role), row.Scope.String()
		if person, err := g.db.Person(ctx, row.Person); err == nil {
			a.target.Name = person.Name
		}
		return struct{}{}, func(tx *vault.Tx) error { return g.dropGrant(ctx, tx, row) }, nil
	})
	return err
}

func (g *Gate) dropGrant(ctx context.Context, tx *vault.Tx, row roles.Assignment) error {
	all, err := tx.Assignments(ctx)
	if err != nil {
		return err
	}
	people, err := tx.People(ctx)
	if err != nil {
		return err
	}
	able := map[string]bool{}
	for _, p := range people {
		able[p.ID] = p.State == vault.Active && !p.Disabled
	}
	if lastOfItsKind(all, able, row, g.now()) {
		return refuse("last-seat", fault.New(fault.Forbidden, "this is the last "+row.Role.Title()+" of the installation",
			"give the role to somebody else first, for as long, and let them enrol"))
	}
	return tx.DeleteAssignment(row.ID)
}

// lastOfItsKind reports whether nobody else holds the same seat: the vault
// owner of the whole installation, or an auditor anywhere. Somebody who cannot
// sign in, or whose seat ends before this one would, does not count.
func lastOfItsKind(all []roles.Assignment, able map[string]bool, row roles.Assignment, now time.Time) bool {
	if row.Role == roles.SecretOwner || (row.Role == roles.VaultOwner && row.Scope != (roles.Scope{})) {
		return false
	}
	for i := range all {
		other := &all[i]
		outlasts := other.Expires.IsZero() || !row.Expires.IsZero() && !other.Expires.Before(row.Expires)
		if other.Role == row.Role && other.Person != row.Person && able[other.Person] && other.Active(now) && outlasts &&
			(other.Scope == roles.Scope{} || row.Role == roles.Auditor) {
			return false
		}
	}
	return true
}

func isControl(r rune) bool { return r < ' ' || r == 0x7f }

// deviceKey gives this computer's key. One that had to be made now opens
// nothing: the envelopes were sealed with another.
func (g *Gate) deviceKey(ctx context.Context) (*secret.Bytes, error) {
	key, created, err := g.keyring.DeviceKey(ctx, g.installation.ID, g.rand)
	if err != nil {
		return nil, err
	}
	if created {
		key.Wipe()
		return nil, fault.New(fault.Unavailable, "this computer's device key is missing", "use the computer and the account where the installation was made")
	}
	return key, nil
}
