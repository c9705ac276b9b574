package tui

import (
	"context"
	"maps"

	tea "charm.land/bubbletea/v2"

	"github.com/strongroom/strongroom/roles"
	"github.com/strongroom/strongroom/views"
)

// rights is what the person may do, as far as the console has read it. It only
// greys out; the gate decides.
type rights struct {
	held []roles.Assignment
	// refused has a row for every vault that was looked at; "" is the
	// installation.
	refused map[string]views.Refusals
	// environments are those of the vaults that were listed.
	environments map[string]roles.Environment
}

// know remembers the environments of vaults.
func (r *rights) know(vaults []views.VaultRow) {
	r.environments = make(map[string]roles.Environment, len(vaults))
	for _, v := range vaults {
		r.environments[v.Name] = v.Environment
	}
}

func (r rights) environment(vault string) roles.Environment { return r.environments[vault] }

// at gives what is refused in a vault, or on the installation. Giving and
// taking roles, and a vault's policy, are offered on the installation's
// screens to whoever may do it in some vault.
func (r rights) at(vault string) views.Refusals {
	if vault != "" {
		return r.refused[vault]
	}
	all := maps.Clone(r.refused[""])
	for _, action := range []roles.Action{roles.AssignmentsCreate, roles.AssignmentsDelete, roles.VaultsUpdate} {
		for name, refused := range r.refused {
			if _, no := refused[action]; name != "" && !no {
				delete(all, action)
			}
		}
	}
	return all
}

// standing is what somebody may do at this moment.
type standing struct {
	vault   string
	session string
	held    []roles.Assignment
	refused map[string]views.Refusals
	err     error
}

// readRights reads what the person may do where the screen is.
func (m *Model) readRights(top views.Screen) tea.Cmd {
	if m.session == nil {
		return nil
	}
	vault := ""
	if l, ok := top.(views.Located); ok {
		vault = l.Vault().Name
	}
	d, ctx := m.door(), m.ctx
	return func() tea.Msg { return d.standing(ctx, vault) }
}

// standing reads roles and refusals; neither is an act.
func (d door) standing(ctx context.Context, vaults ...string) standing {
	st := standing{session: d.session.ID(), refused: map[string]views.Refusals{}}
	if len(vaults) > 0 {
		st.vault = vaults[0]
	}
	if st.held, st.err = d.gate.RolesOf(ctx, d.session); st.err != nil {
		return st
	}
	for _, v := range vaults {
		decisions, err := d.gate.Permissions(ctx, d.session, v)
		if err != nil {
			st.err = err
			return st
		}
		st.refused[v] = refusals(decisions)
	}
	return st
}

func refusals(decisions map[roles.Action]roles.Decision) views.Refusals {
	out := views.Refusals{}
	for action, d := range decisions {
		if !d.Allowed {
			out[action] = d.Why
		}
	}
	return out
}

// stand takes what was read and tells the screen that is shown. When it could
// not be read, what was known stays: the gate decides anyway.
func (m *Model) stand(st standing) tea.Cmd {
	if st.err != nil || m.session == nil || st.session != m.session.ID() {
		return nil
	}
	m.learn(st)
	top, ok := m.screens.Top()
	if !ok {
		return nil
	}
	vault := ""
	if l, located := top.(views.Located); located {
		vault = l.Vault().Name
	}
	if _, known := m.rights.refused[vault]; !known {
		return nil
	}
	from := origin{screen: m.screens.TopID(), unasked: true}
	return m.handle(from, top.Update(views.RefusalsChanged{Refused: m.rights.at(vault)}))
}

func (m *Model) learn(st standing) {
	m.rights.held = st.held
	if m.rights.refused == nil {
		m.rights.refused = map[string]views.Refusals{}
	}
	maps.Copy(m.rights.refused, st.refused)
}
