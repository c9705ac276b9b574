package roles_test

import (
	"strings"
	"testing"
	"time"

	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/roles"
)

// Every cell of role x action, written out a second time by hand: a change in
// the code's table that is not meant shows up here.
//
//	O = vault owner   S = secret owner   A = auditor   . = refused
var wantTable = map[roles.Action]string{
	"vaults/read":        "OSA",
	"vaults/create":      "O..",
	"vaults/update":      "O..",
	"people/list":        "O.A",
	"people/create":      "O..",
	"assignments/list":   "O.A",
	"assignments/create": "O..",
	"assignments/delete": "O..",
	"hsm/read":           "O.A",
	"secrets/list":       "OSA",
	"secrets/get":        ".S.",
	"secrets/set":        ".S.",

	"secrets/setAttributes": ".S.",
	"secrets/delete":        ".S.",
	"secrets/recover":       ".S.",
	"secrets/backup":        ".S.",
	"secrets/restore":       ".S.",
	"secrets/purge":         "O..",
	"secrets/compare":       ".S.",
	"secrets/export":        ".S.",

	"keys/setAttributes": ".S.",
	"keys/delete":        ".S.",
	"keys/recover":       ".S.",
	"keys/backup":        ".S.",
	"keys/restore":       ".S.",
	"keys/purge":         "O..",

	"keys/rotate":            ".S.",
	"keys/getRotationPolicy": "OSA",
	"keys/setRotationPolicy": ".S.",

	"certificates/setAttributes": ".S.",
	"certificates/delete":        ".S.",
	"certificates/recover":       ".S.",
	"certificates/backup":        ".S.",
	"certificates/restore":       ".S.",
	"certificates/purge":         "O..",

	"keys/list":           "OSA",
	"keys/get":            "OSA",
	"keys/create":         ".S.",
	"keys/sign":           ".S.",
	"keys/verify":         ".SA",
	"keys/encrypt":        ".S.",
	"keys/decrypt":        ".S.",
	"keys/wrapKey":        ".S.",
	"keys/unwrapKey":      ".S.",
	"keys/import":         ".S.",
	"certificates/list":   "OSA",
	"certificates/get":    "OSA",
	"certificates/create": ".S.",
	"audit/list":          "..A",
	"audit/verify":        "..A",
	"reports/list":        "..A",
	"reports/run":         "..A",
}

var now = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func holding(role roles.Role, scope roles.Scope) *roles.Actor {
	return &roles.Actor{ID: "p1", Name: "ada", Assignments: []roles.Assignment{{ID: "a1", Person: "p1", Role: role, Scope: scope}}}
}

func TestEveryCellOfRoleAndAction(t *testing.T) {
	if len(wantTable) != len(roles.Actions()) {
		t.Fatalf("the table here has %d actions, the code %d", len(wantTable), len(roles.Actions()))
	}
	letters := map[roles.Role]string{roles.VaultOwner: "O", roles.SecretOwner: "S", roles.Auditor: "A"}
	if len(letters) != len(roles.All()) {
		t.Fatalf("the table here has %d roles, the code %d", len(letters), len(roles.All()))
	}
	for _, action := range roles.Actions() {
		want, ok := wantTable[action]
		if !ok {
			t.Errorf("%s is missing here", action)
			continue
		}
		for _, role := range roles.All() {
			allowed := strings.Contains(want, letters[role])
			for _, r := range []roles.Resource{{}, {Vault: "payments-prod", Environment: roles.Prod}, {Vault: "payments-dev", Environment: roles.Dev, Name: "db"}} {
				d := roles.Decide(holding(role, roles.Scope{}), action, r, now)
				if d.Allowed != allowed {
					t.Errorf("%s, %s on %+v: allowed = %t, want %t", role, action, r, d.Allowed, allowed)
				}
				checkDecision(t, d)
			}
			if cell := roles.At(role, action); cell.Allowed != allowed || cell.Why == "" {
				t.Errorf("At(%s, %s) = %+v, want allowed = %t and a reason", role, action, cell, allowed)
			}
		}
	}
}

func checkDecision(t *testing.T, d roles.Decision) {
	t.Helper()
	if d.Rule == "" || d.Why == "" {
		t.Errorf("decision %+v does not say why", d)
	}
	if d.Allowed != (d.Assignment != "") || d.Allowed != (d.Role != "") {
		t.Errorf("decision %+v does not name what allowed it", d)
	}
}

// The auditor and the owner have no action that could show a value, whatever
// is added to the table later.
func TestNobodyButTheSecretOwnerReachesAValue(t *testing.T) {
	for _, role := range roles.All() {
		if role == roles.SecretOwner {
			continue
		}
		for _, action := range []roles.Action{roles.SecretsGet, roles.SecretsSet, roles.SecretsCompare, roles.SecretsExport, roles.SecretsBackup, roles.SecretsRestore, roles.KeysBackup, roles.KeysRestore, roles.SecretsSetAttributes, roles.KeysSign, roles.KeysDecrypt, roles.KeysUnwrapKey, roles.KeysImport, roles.KeysCreate, roles.KeysSetAttributes} {
			if roles.At(role, action).Allowed {
				t.Errorf("%s may %s", role, action)
			}
		}
	}
}

func TestScopeTimeAndState(t *testing.T) {
	dev := roles.Scope{Vault: "payments-dev"}
	in := roles.Resource{Vault: "payments-dev", Name: "db-password"}
	other := roles.Resource{Vault: "payments-prod", Name: "db-password"}
	hour := time.Hour
	for _, tc := range []struct {
		story  string
		change func(*roles.Actor)
		res    roles.Resource
		want   string // the rule
	}{
		{"inside the scope", nil, in, roles.RuleGranted},
		{"another vault", nil, other, roles.RuleNoAssignment},
		{"the vault's name in other case", nil, roles.Resource{Vault: "Payments-DEV"}, roles.RuleGranted},
		{"the installation is above a vault's scope", nil, roles.Resource{}, roles.RuleNoAssignment},
		{"not yet", func(a *roles.Actor) { a.Assignments[0].NotBefore = now.Add(hour) }, in, roles.RuleNoAssignment},
		{"from this very moment", func(a *roles.Actor) { a.Assignments[0].NotBefore = now }, in, roles.RuleGranted},
		{"until this very moment", func(a *roles.Actor) { a.Assignments[0].Expires = now }, in, roles.RuleNoAssignment},
		{"a nanosecond before the end", func(a *roles.Actor) { a.Assignments[0].Expires = now.Add(1) }, in, roles.RuleGranted},
		{"disabled", func(a *roles.Actor) { a.Disabled = true }, in, roles.RuleDisabled},
		{"nothing assigned", func(a *roles.Actor) { a.Assignments = nil }, in, roles.RuleNoAssignment},
		{"the prefix fits", func(a *roles.Actor) { a.Assignments[0].Scope.Prefix = "DB-" }, in, roles.RuleGranted},
		{"the prefix does not fit", func(a *roles.Actor) { a.Assignments[0].Scope.Prefix = "api-" }, in, roles.RuleNoAssignment},
		{"a prefix is not the vault", func(a *roles.Actor) { a.Assignments[0].Scope.Prefix = "db-" }, roles.Resource{Vault: "payments-dev"}, roles.RuleNoAssignment},
	} {
		actor := holding(roles.SecretOwner, dev)
		if tc.change != nil {
			tc.change(actor)
		}
		if d := roles.Decide(actor, roles.SecretsGet, tc.res, now); d.Rule != tc.want {
			t.Errorf("%s: rule %q, want %q", tc.story, d.Rule, tc.want)
		}
	}
}

func TestAnActionNobodyKnowsIsRefused(t *testing.T) {
	d := roles.Decide(holding(roles.VaultOwner, roles.Scope{}), "vaults/destroy", roles.Resource{}, now)
	if d.Allowed || d.Rule != roles.RuleUnknown {
		t.Errorf("decision %+v", d)
	}
}

func TestGrants(t *testing.T) {
	root, prod, dev := roles.Scope{}, roles.Scope{Vault: "pay-prod"}, roles.Scope{Vault: "pay-dev"}
	held := func(role roles.Role, s roles.Scope) []roles.Assignment {
		return []roles.Assignment{{ID: "a1", Person: "bob", Role: role, Scope: s}}
	}
	for _, tc := range []struct {
		story    string
		existing []roles.Assignment
		role     roles.Role
		scope    roles.Scope
		kind     fault.Kind // "" = allowed
	}{
		{"first role", nil, roles.SecretOwner, prod, ""},
		{"the same role on a second vault", held(roles.SecretOwner, prod), roles.SecretOwner, dev, ""},
		{"owner here, secrets there", held(roles.VaultOwner, dev), roles.SecretOwner, prod, ""},
		{"owner and secrets of one vault", held(roles.VaultOwner, prod), roles.SecretOwner, prod, fault.Forbidden},
		{"the same, the other way round", held(roles.SecretOwner, prod), roles.VaultOwner, prod, fault.Forbidden},
		{"the vault's name in other case does not slip by", held(roles.VaultOwner, prod), roles.SecretOwner, roles.Scope{Vault: "PAY-Prod"}, fault.Forbidden},
		{"owner of everything owns this vault too", held(roles.VaultOwner, root), roles.SecretOwner, prod, fault.Forbidden},
		{"a prefix lies inside the vault", held(roles.VaultOwner, prod), roles.SecretOwner, roles.Scope{Vault: "pay-prod", Prefix: "db"}, fault.Forbidden},
		{"auditor first, anything after", held(roles.Auditor, dev), roles.SecretOwner, prod, fault.Forbidden},
		{"anything first, auditor after", held(roles.VaultOwner, dev), roles.Auditor, prod, fault.Forbidden},
		{"auditor of two vaults", held(roles.Auditor, dev), roles.Auditor, prod, ""},
		{"no such role", nil, "emperor", prod, fault.Invalid},
	} {
		err := roles.CheckGrant("ada", tc.existing, roles.Assignment{Person: "bob", Role: tc.role, Scope: tc.scope}, now)
		if got := fault.KindOf(err); got != tc.kind {
			t.Errorf("%s: kind %q (%v), want %q", tc.story, got, err, tc.kind)
		}
		if err != nil && fault.Hint(err) == "" {
			t.Errorf("%s: no hint", tc.story)
		}
	}
}

func TestGrantsToOneselfAndPastRoles(t *testing.T) {
	grant := roles.Assignment{Person: "ada", Role: roles.SecretOwner, Scope: roles.Scope{Vault: "pay-prod"}}
	if err := roles.CheckGrant("ada", nil, grant, now); fault.KindOf(err) != fault.Forbidden {
		t.Errorf("a self-grant gives %v", err)
	}
	past := []roles.Assignment{{Role: roles.VaultOwner, Scope: roles.Scope{}, Expires: now}}
	if err := roles.CheckGrant("bob", past, grant, now); err != nil {
		t.Errorf("a role that has ended still conflicts: %v", err)
	}
	future := []roles.Assignment{{Role: roles.VaultOwner, Scope: roles.Scope{}, NotBefore: now.Add(time.Hour)}}
	if err := roles.CheckGrant("bob", future, grant, now); fault.KindOf(err) != fault.Forbidden {
		t.Errorf("a role that begins later does not conflict: %v", err)
	}
}

func TestDecideDoesNotAllocate(t *testing.T) {
	actor := holding(roles.SecretOwner, roles.Scope{Vault: "payments-dev"})
	r := roles.Resource{Vault: "payments-dev", Name: "db"}
	if n := testing.AllocsPerRun(100, func() { roles.Decide(actor, roles.SecretsGet, r, now) }); n != 0 {
		t.Errorf("Decide allocates %v times", n)
	}
}
