package cli

import (
	"context"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/strongroom/strongroom/gate"
	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/roles"
)

// assignmentBody has the names of Azure's role assignments.
type assignmentBody struct {
	ID            string     `json:"id"`
	PrincipalID   string     `json:"principalId"`
	PrincipalName string     `json:"principalName"`
	Role          roles.Role `json:"roleDefinitionName"`
	Scope         string     `json:"scope"`
	NotBefore     *time.Time `json:"notBefore,omitempty"`
	Expires       *time.Time `json:"expires,omitempty"`
	CreatedBy     string     `json:"createdBy"`
	CreatedOn     *time.Time `json:"createdOn"`
}

func bodyOfAssignment(x *gate.Assignment) assignmentBody {
	return assignmentBody{
		ID: x.ID, PrincipalID: x.Person, PrincipalName: x.PersonName, Role: x.Role, Scope: x.Scope.String(),
		NotBefore: moment(x.NotBefore), Expires: moment(x.Expires), CreatedBy: granter(x), CreatedOn: moment(x.GrantedAt),
	}
}

func granter(x *gate.Assignment) string {
	if x.GrantedByName != "" {
		return x.GrantedByName
	}
	return x.GrantedBy
}

func (a *app) roleCommands() *cobra.Command {
	return group("role", "Roles",
		group("assignment", "Who holds which role where", a.assignmentList(), a.assignmentCreate(), a.assignmentDelete()))
}

// grant are the flags that say who holds which role where.
type grant struct{ assignee, role, scope string }

func (f *grant) register(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.assignee, "assignee", "", "the person's `name`")
	cmd.Flags().StringVar(&f.role, "role", "", "vault-owner, secret-owner or `auditor`")
	cmd.Flags().StringVar(&f.scope, "scope", "", "where: /, /vaults/NAME or `/vaults/NAME/objects/PREFIX*`")
}

// roleName reads a role as it is written, or in words.
func (f *grant) roleName() (roles.Role, error) {
	r := roles.Role(strings.ReplaceAll(strings.ToLower(f.role), " ", "-"))
	if f.role != "" && !r.Known() {
		return "", fault.New(fault.Invalid, "there is no role "+quote(f.role), "use vault-owner, secret-owner or auditor")
	}
	return r, nil
}

// matches makes a filter of the flags that were given.
func (f *grant) matches() (func(*gate.Assignment) bool, error) {
	role, err := f.roleName()
	if err != nil {
		return nil, err
	}
	var scope roles.Scope
	if f.scope != "" {
		if scope, err = roles.ParseScope(f.scope); err != nil {
			return nil, err
		}
	}
	return func(x *gate.Assignment) bool {
		return (f.assignee == "" || strings.EqualFold(f.assignee, x.PersonName)) &&
			(role == "" || role == x.Role) &&
			(f.scope == "" || strings.EqualFold(scope.String(), x.Scope.String()))
	}, nil
}

func (f *grant) find(ctx context.Context, g *gate.Gate, s *gate.Session) ([]gate.Assignment, error) {
	matches, err := f.matches()
	if err != nil {
		return nil, err
	}
	all, err := g.ListAssignments(ctx, s, "")
	if err != nil {
		return nil, err
	}
	var found []gate.Assignment
	for i := range all {
		if matches(&all[i]) {
			found = append(found, all[i])
		}
	}
	return found, nil
}

func (a *app) assignmentList() *cobra.Command {
	var f grant
	cmd := a.command("list", "List who holds which role where", func(ctx context.Context, _ []string) error {
		return a.act(ctx, func(g *gate.Gate, s *gate.Session) error {
			found, err := f.find(ctx, g, s)
			if err != nil {
				return err
			}
			bodies := make([]assignmentBody, 0, len(found))
			v := view{head: []string{"PERSON", "ROLE", "SCOPE", "NOT BEFORE", "EXPIRES", "GIVEN BY", "ID"}}
			for i := range found {
				x := &found[i]
				bodies = append(bodies, bodyOfAssignment(x))
				v.add(x.PersonName, string(x.Role), x.Scope.String(), stamp(x.NotBefore), stamp(x.Expires), granter(x), x.ID)
			}
			return a.print(bodies, v)
		})
	})
	f.register(cmd)
	return cmd
}

func (a *app) assignmentCreate() *cobra.Command {
	var f grant
	var valid validity
	cmd := a.command("create", "Give a role to somebody else", func(ctx context.Context, _ []string) error {
		role, err := f.roleName()
		if err != nil {
			return err
		}
		scope, err := roles.ParseScope(f.scope)
		if err != nil {
			return err
		}
		r := gate.GrantRequest{Person: f.assignee, Role: role, Scope: scope, NotBefore: valid.from.Time, Expires: valid.until.Time}
		return a.act(ctx, func(g *gate.Gate, s *gate.Session) error {
			x, err := g.CreateAssignment(ctx, s, r)
			if err != nil {
				return err
			}
			return a.printAssignment(&x)
		})
	})
	f.register(cmd)
	valid.register(cmd)
	require(cmd, "assignee", "role", "scope")
	return cmd
}

func (a *app) printAssignment(x *gate.Assignment) error {
	var v view
	v.add("person", x.PersonName)
	v.add("role", string(x.Role))
	v.add("scope", x.Scope.String())
	v.addSet("not before", stamp(x.NotBefore))
	v.addSet("expires", stamp(x.Expires))
	v.add("given by", granter(x))
	v.add("id", x.ID)
	return a.print(bodyOfAssignment(x), v)
}

func (a *app) assignmentDelete() *cobra.Command {
	var f grant
	var id string
	cmd := a.command("delete", "Take a role from somebody else", func(ctx context.Context, _ []string) error {
		if id == "" && (f.assignee == "" || f.role == "" || f.scope == "") {
			return fault.New(fault.Usage, "which assignment is meant is not said", "give --id, or --assignee, --role and --scope")
		}
		return a.act(ctx, func(g *gate.Gate, s *gate.Session) error {
			if id == "" {
				found, err := f.find(ctx, g, s)
				if err != nil {
					return err
				}
				if len(found) != 1 {
					return fault.New(fault.NotFound, "there is no such assignment", "strongroom role assignment list shows those there are; name one with --id")
				}
				id = found[0].ID
			}
			if err := g.DeleteAssignment(ctx, s, id); err != nil {
				return err
			}
			return a.say("the assignment %s is taken away", id)
		})
	})
	f.register(cmd)
	cmd.Flags().StringVar(&id, "id", "", "the assignment's `id`")
	for _, other := range []string{"assignee", "role", "scope"} {
		cmd.MarkFlagsMutuallyExclusive("id", other)
	}
	return cmd
}
