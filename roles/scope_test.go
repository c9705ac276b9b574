package roles_test

import (
	"strings"
	"testing"

	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/roles"
)

func TestParseScope(t *testing.T) {
	for in, want := range map[string]roles.Scope{
		"/":                              {},
		"/vaults/pay-prod":               {Vault: "pay-prod"},
		"/vaults/pay-prod/objects/db-*":  {Vault: "pay-prod", Prefix: "db-"},
		"/vaults/Pay-Prod/objects/DB-1*": {Vault: "Pay-Prod", Prefix: "DB-1"},
	} {
		got, err := roles.ParseScope(in)
		if err != nil || got != want {
			t.Errorf("ParseScope(%q) = %+v, %v; want %+v", in, got, err, want)
		}
		if got.String() != in {
			t.Errorf("String() = %q, want %q", got.String(), in)
		}
	}
	for _, in := range []string{
		"", "//", "/vaults", "/vaults/", "/vaults/a", "/vaults/-ab", "/vaults/ab-", "/vaults/a--b", "/vaults/1ab",
		"/vaults/pay-prod/", "/vaults/pay-prod/objects", "/vaults/pay-prod/objects/", "/vaults/pay-prod/objects/*",
		"/vaults/pay-prod/objects/db", "/vaults/pay-prod/objects/d*b*", "/vaults/pay-prod/keys/db*", "pay-prod",
		"/vaults/pay-prod\n", "/vaults/../etc", "/VAULTS/pay-prod", "/vaults/" + strings.Repeat("a", 25),
	} {
		if s, err := roles.ParseScope(in); fault.KindOf(err) != fault.Invalid {
			t.Errorf("ParseScope(%q) = %+v, %v; want an Invalid fault", in, s, err)
		}
	}
}

func FuzzParseScope(f *testing.F) {
	for _, s := range []string{"/", "/vaults/pay-prod", "/vaults/pay-prod/objects/db*", "/vaults/é", "/vaults/a/objects/*"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, in string) {
		s, err := roles.ParseScope(in)
		if err != nil {
			if strings.ContainsAny(err.Error(), "\n\x1b") {
				t.Errorf("the error for %q carries control characters: %q", in, err)
			}
			return
		}
		if s.String() != in {
			t.Errorf("ParseScope(%q).String() = %q", in, s.String())
		}
		if !s.Overlaps(s) || !s.Covers(roles.Resource{Vault: s.Vault, Name: s.Prefix}) {
			t.Errorf("%q does not cover itself", in)
		}
	})
}

func TestNames(t *testing.T) {
	for name, ok := range map[string]bool{
		"db-password": true, "A": true, "0": true, "-": true, strings.Repeat("x", 127): true,
		"": false, strings.Repeat("x", 128): false, "db_password": false, "db password": false,
		"dé": false, "a/b": false, "..": false, "a\n": false, "a\x00": false,
	} {
		if err := roles.CheckObjectName(name); (err == nil) != ok {
			t.Errorf("CheckObjectName(%q) = %v", name, err)
		}
	}
	for name, ok := range map[string]bool{
		"abc": true, "payments-prod": true, "a1-b2-c3": true, strings.Repeat("x", 24): true,
		"ab": false, strings.Repeat("x", 25): false, "1ab": false, "-ab": false, "ab-": false, "a--b": false, "a_b": false, "abc\n": false,
	} {
		if err := roles.CheckVaultName(name); (err == nil) != ok {
			t.Errorf("CheckVaultName(%q) = %v", name, err)
		}
	}
}
