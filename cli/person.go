package cli

import (
	"context"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/strongroom/strongroom/gate"
	"github.com/strongroom/strongroom/roles"
)

type heldBody struct {
	Role    roles.Role `json:"role"`
	Scope   string     `json:"scope"`
	Expires *time.Time `json:"expires,omitempty"`
}

type personBody struct {
	ID          string           `json:"id"`
	Name        string           `json:"name"`
	DisplayName string           `json:"displayName,omitempty"`
	State       gate.PersonState `json:"state"`
	Created     *time.Time       `json:"created"`
	Roles       []heldBody       `json:"roles"`
}

func bodyOfPerson(p *gate.Person) personBody {
	return personBody{ID: p.ID, Name: p.Name, DisplayName: p.Display, State: p.State, Created: moment(p.Created), Roles: held(p.Roles)}
}

func held(assignments []roles.Assignment) []heldBody {
	out := make([]heldBody, 0, len(assignments))
	for _, a := range assignments {
		out = append(out, heldBody{a.Role, a.Scope.String(), moment(a.Expires)})
	}
	return out
}

func heldText(assignments []roles.Assignment) string {
	var list []string
	for _, a := range assignments {
		text := a.Role.Title() + " on " + a.Scope.String()
		if !a.Expires.IsZero() {
			text += " until " + stamp(a.Expires)
		}
		list = append(list, text)
	}
	return strings.Join(list, ", ")
}

func (a *app) personCommands() *cobra.Command {
	return group("person", "People", a.personList(), a.personCreate())
}

func (a *app) personList() *cobra.Command {
	return a.command("list", "List everybody with their roles", func(ctx context.Context, _ []string) error {
		return a.act(ctx, func(g *gate.Gate, s *gate.Session) error {
			all, err := g.ListPeople(ctx, s)
			if err != nil {
				return err
			}
			bodies := make([]personBody, 0, len(all))
			v := view{head: []string{"NAME", "DISPLAY NAME", "STATE", "CREATED", "ROLES"}}
			for i := range all {
				p := &all[i]
				bodies = append(bodies, bodyOfPerson(p))
				v.add(p.Name, p.Display, string(p.State), stamp(p.Created), heldText(p.Roles))
			}
			return a.print(bodies, v)
		})
	})
}

type invitationBody struct {
	personBody
	EnrolmentCode string     `json:"enrolmentCode"`
	CodeExpires   *time.Time `json:"enrolmentCodeExpires"`
}

func (a *app) personCreate() *cobra.Command {
	var r gate.CreatePersonRequest
	cmd := a.command("create", "Bring somebody in and print the code for their first sign-in, once", func(ctx context.Context, _ []string) error {
		return a.act(ctx, func(g *gate.Gate, s *gate.Session) error {
			invitation, err := g.CreatePerson(ctx, s, r)
			if err != nil {
				return err
			}
			defer invitation.Wipe()
			return a.printInvitation(invitation)
		})
	})
	cmd.Flags().StringVarP(&r.Name, "name", "n", "", "the `name` that they sign in with")
	cmd.Flags().StringVar(&r.Display, "display-name", "", "their `name` in full")
	require(cmd, "name")
	return cmd
}

func (a *app) printInvitation(i *gate.Invitation) error {
	body := invitationBody{personBody: bodyOfPerson(&i.Person), CodeExpires: moment(i.Expires)}
	i.Code.Reveal(func(b []byte) { body.EnrolmentCode = string(b) })
	var v view
	v.add("name", i.Person.Name)
	v.addSet("display name", i.Person.Display)
	v.add("enrolment code", body.EnrolmentCode)
	v.add("good until", stamp(i.Expires))
	v.add("first sign-in", "strongroom login "+i.Person.Name+" --enrol")
	return a.print(body, v)
}
