package gate

import (
	"context"

	"github.com/strongroom/strongroom/hsm"
	"github.com/strongroom/strongroom/roles"
)

// Permissions says for every action whether the person may do it in a vault
// (or, with an empty name, on the installation), with the reason. It serves to
// grey out what the gate would refuse; it is no act and decides nothing.
func (g *Gate) Permissions(ctx context.Context, s *Session, vaultName string) (map[roles.Action]roles.Decision, error) {
	actor, err := g.actor(ctx, s.personID)
	if err != nil {
		return nil, err
	}
	all := map[roles.Action]roles.Decision{}
	for _, action := range roles.Actions() {
		all[action] = roles.Decide(actor, action, roles.Resource{Vault: vaultName}, g.now())
	}
	return all, nil
}

// RolesOf gives the roles that a signed-in person holds at this moment, for
// the line that says who one is. It is no act.
func (g *Gate) RolesOf(ctx context.Context, s *Session) ([]roles.Assignment, error) {
	actor, err := g.actor(ctx, s.personID)
	if err != nil {
		return nil, err
	}
	now := g.now()
	var held []roles.Assignment
	for _, a := range actor.Assignments {
		if a.Active(now) {
			held = append(held, a)
		}
	}
	return held, nil
}

// HSMAnswers reports whether the token answers now, for a status line. It is
// no act.
func (g *Gate) HSMAnswers(ctx context.Context) error {
	token, err := g.hsm(ctx)
	if err != nil {
		return err
	}
	_, err = token.Info(ctx)
	return err
}

// HSM is the state of the token.
type HSM struct {
	Token        hsm.TokenInfo
	Capabilities hsm.Capabilities
	Objects      []hsm.ObjectInfo
	// Unfinished names keys that a stopped program may have left in the token
	// and that could not be destroyed yet.
	Unfinished []string
}

// ShowHSM gives the token's facts, what it can do, and its objects.
func (g *Gate) ShowHSM(ctx context.Context, s *Session) (HSM, error) {
	return carry(ctx, g, s, on(roles.HSMRead, "", "hsm", "", ""), func(ctx context.Context, a *act) (HSM, change, error) {
		token, err := g.hsm(ctx)
		if err != nil {
			return HSM{}, nil, err
		}
		var h HSM
		if h.Token, err = token.Info(ctx); err != nil {
			return HSM{}, nil, err
		}
		a.target.Name = h.Token.Serial
		if h.Capabilities, err = token.Capabilities(ctx); err != nil {
			return HSM{}, nil, err
		}
		if h.Objects, err = token.Objects(ctx); err != nil {
			return HSM{}, nil, err
		}
		left, err := g.leftIntents(ctx)
		for _, i := range left {
			h.Unfinished = append(h.Unfinished, i.KeyID)
		}
		return h, nil, err
	})
}
