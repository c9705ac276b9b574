package reports

import (
	"strings"

	"github.com/strongroom/strongroom/roles"
)

func vaultTable(in Input, items []*item) Table {
	t := Table{
		ID: "vaults", Title: "Vaults", Note: "Objects of each vault by kind and by state.",
		Columns: []Column{
			{"vault", "Vault", KindText},
			{"environment", "Environment", KindState},
			{"keys", "Keys", KindNumber},
			{"secrets", "Secrets", KindNumber},
			{"certificates", "Certificates", KindNumber},
			{"enabled", "Enabled", KindNumber},
			{"not_yet_valid", "Not yet valid", KindNumber},
			{"expired", "Expired", KindNumber},
			{"disabled", "Disabled", KindNumber},
		},
	}
	for i, held := range perVault(in, items) {
		v := in.Vaults[i]
		row := []Cell{Text(v.Name), Text(string(v.Environment))}
		for _, kind := range []ObjectKind{KindKey, KindSecret, KindCertificate} {
			row = append(row, Number(count(held, func(it *item) bool { return it.Kind == kind })))
		}
		for _, state := range states {
			row = append(row, Number(count(held, func(it *item) bool { return it.state == state })))
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

func objectTable(items []*item) Table {
	t := Table{
		ID: "objects", Title: "Objects", Note: "Every object by its newest version. An empty cell means that there is none.",
		Columns: []Column{
			{"vault", "Vault", KindText},
			{"environment", "Environment", KindState},
			{"kind", "Kind", KindState},
			{"name", "Name", KindText},
			{"state", "State", KindState},
			{"protection", "Protection", KindState},
			{"type", "Type", KindText},
			{"expires", "Expires", KindTime},
			{"days_left", "Days left", KindNumber},
			{"created", "Created", KindTime},
			{"age_days", "Age in days", KindNumber},
			{"updated", "Updated", KindTime},
			{"not_before", "Not before", KindTime},
			{"versions", "Versions", KindNumber},
			{"version", "Version", KindText},
		},
	}
	for _, it := range items {
		left := Cell{}
		if it.expires() {
			left = Number(int64(it.daysLeft))
		}
		t.Rows = append(t.Rows, []Cell{
			Text(it.vault), Text(string(it.env)), Text(string(it.Kind)), Text(it.Name), Text(string(it.state)), Text(string(it.Protection)), Text(it.Type),
			Time(it.Expires), left, Time(it.Created), Number(int64(it.age)), Time(it.Updated), Time(it.NotBefore),
			Number(int64(it.Versions)), Text(it.Version),
		})
	}
	return t
}

func accessTable(in Input) Table {
	t := Table{
		ID: "access", Title: "Access", Note: "Every assignment of a role to a person, and where it reaches.",
		Columns: []Column{
			{"person", "Person", KindText},
			{"role", "Role", KindState},
			{"scope", "Scope", KindText},
			{"reaches", "Reaches", KindText},
			{"since", "Since", KindTime},
			{"until", "Until", KindTime},
			{"granted_by", "Granted by", KindText},
			{"status", "Status", KindState},
		},
	}
	for _, a := range in.Access {
		t.Rows = append(t.Rows, []Cell{
			Text(a.Person), Text(roleTitle(a.Role)), Text(a.Scope.String()), Text(reaches(a.Scope, in.Vaults)),
			Time(a.Since), Time(a.Until), Text(a.GrantedBy), Text(string(a.Status(in.AsOf))),
		})
	}
	return t
}

// reaches says in words what a scope covers.
func reaches(s roles.Scope, vaults []Vault) string {
	switch {
	case s.Vault == "":
		return "the installation, " + plural(len(vaults), "vault")
	case s.Prefix == "":
		return "all of " + s.Vault
	}
	covered := 0
	for _, v := range vaults {
		for _, o := range v.Objects {
			if s.Covers(roles.Resource{Vault: v.Name, Environment: v.Environment, Name: o.Name}) {
				covered++
			}
		}
	}
	return plural(covered, "object") + " of " + s.Vault
}

func peopleTable(in Input) Table {
	t := Table{
		ID: "people", Title: "People",
		Columns: []Column{
			{"person", "Person", KindText},
			{"state", "State", KindState},
			{"one_time_code", "One-time code", KindState},
			{"created", "Created", KindTime},
			{"active_assignments", "Active assignments", KindNumber},
		},
	}
	for _, p := range in.People {
		active := int64(0)
		for _, a := range in.Access {
			if a.Person == p.Name && a.Status(in.AsOf) == AccessActive {
				active++
			}
		}
		t.Rows = append(t.Rows, []Cell{
			Text(p.Name), Text(either(p.Enabled, "enabled", "disabled")), Text(either(p.SecondFactor, "enrolled", "none")), Time(p.Created), Number(active),
		})
	}
	return t
}

func either(is bool, yes, no string) string {
	if is {
		return yes
	}
	return no
}

// permissionTable shows what each role that somebody was given may do, so that
// the access table means something without the program at hand.
func permissionTable(in Input) Table {
	t := Table{
		ID: "permissions", Title: "What the roles may do", Note: "Only roles that somebody was given. What is not listed is refused.",
		Columns: []Column{
			{"role", "Role", KindState},
			{"action", "Action", KindText},
			{"means", "Means", KindText},
		},
	}
	given := map[roles.Role]bool{}
	for _, a := range in.Access {
		given[a.Role] = true
	}
	for _, r := range roles.All() {
		for _, a := range roles.Actions() {
			if given[r] && roles.At(r, a).Allowed {
				t.Rows = append(t.Rows, []Cell{Text(strings.TrimSpace(r.Title())), Text(string(a)), Text(a.Means())})
			}
		}
	}
	return t
}
