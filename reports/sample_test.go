package reports_test

import (
	"fmt"
	"time"

	"github.com/strongroom/strongroom/keys"
	"github.com/strongroom/strongroom/reports"
	"github.com/strongroom/strongroom/roles"
)

var asOf = time.Date(2026, 11, 23, 15, 0, 0, 0, time.UTC)

func days(n int) time.Time { return asOf.AddDate(0, 0, n) }

// sample is an installation like the demo's, with something of everything.
func sample() reports.Input {
	in := reports.Input{
		Installation: "demo-installation",
		Demo:         true,
		AsOf:         asOf,
		RunBy:        reports.Person{Name: "Alma Audit", Role: "auditor"},
		Source:       reports.Generator{Name: "Strongroom", Version: "0.1.0", Build: "abcdef012345"},
		Log:          reports.Log{First: 0, Last: 56, Size: 57},
		People: []reports.Member{
			{Name: "vera", Enabled: true, SecondFactor: true, Created: days(-40)},
			{Name: "sam", Enabled: true, SecondFactor: true, Created: days(-39)},
			{Name: "alma", Enabled: true, SecondFactor: true, Created: days(-39)},
			{Name: "newcomer", Enabled: true, Created: days(-1)},
		},
		Access: []reports.Access{
			{Person: "vera", Role: roles.VaultOwner, Since: days(-40), GrantedBy: "strongroom"},
			{Person: "sam", Role: roles.SecretOwner, Scope: roles.Scope{Vault: "payments-prod"}, Since: days(-39), Until: days(50), GrantedBy: "vera"},
			{Person: "sam", Role: roles.SecretOwner, Scope: roles.Scope{Vault: "payments-dev", Prefix: "db-"}, Since: days(-39), Until: days(-2), GrantedBy: "vera"},
			{Person: "alma", Role: roles.Auditor, Since: days(-39), GrantedBy: "vera"},
			{Person: "newcomer", Role: roles.SecretOwner, Scope: roles.Scope{Vault: "payments-staging"}, Since: days(3), GrantedBy: "vera"},
		},
		Vaults: []reports.Vault{
			{Name: "payments-dev", Environment: roles.Dev},
			{Name: "payments-prod", Environment: roles.Prod},
			{Name: "payments-staging", Environment: roles.Staging},
		},
	}
	in.Log.Root[0] = 0x5a
	for i := range in.Vaults {
		in.Vaults[i].Objects = sampleObjects(i)
	}
	return in
}

func sampleObjects(seed int) []reports.Object {
	version := func(i int) string { return fmt.Sprintf("%032x", 0x9e3779b97f4a7c15*uint64(seed*100+i+1)) }
	var objects []reports.Object
	for i, name := range []string{"db-password", "api-token", "smtp-login", "webhook-secret", "backup-passphrase"} {
		o := reports.Object{
			Kind: reports.KindSecret, Name: name, Version: version(i), Versions: i + 1, Enabled: i != 3, Type: "text/plain",
			Created: days(-25 * (i + 1)), Updated: days(-10 * i),
		}
		if i%2 == 0 {
			o.Expires = days(20 + 90*i - 30*seed)
		}
		objects = append(objects, o)
	}
	for i, key := range []keys.Spec{
		{Type: keys.RSAHSM, Bits: 2048}, {Type: keys.ECHSM, Curve: keys.P256}, {Type: keys.EC, Curve: keys.P384}, {Type: keys.OKP, Curve: keys.Ed25519},
	} {
		objects = append(objects, reports.Object{
			Kind: reports.KindKey, Name: fmt.Sprintf("signing-%d", i+1), Version: version(10 + i), Versions: 1, Enabled: true,
			Type: key.String(), Protection: key.Protection(), Created: days(-200 * i), Updated: days(-200 * i), Expires: days(365 * (i - 1)),
		})
	}
	for i, left := range []int{12, -3, 300} {
		objects = append(objects, reports.Object{
			Kind: reports.KindCertificate, Name: []string{"api-tls", "legacy-tls", "client-auth"}[i], Version: version(20 + i), Versions: 2, Enabled: true,
			Type: "EC P-256", Protection: keys.ProtectionSoftware,
			Created: days(left - 365), Updated: days(left - 365), NotBefore: days(left - 365), Expires: days(left + seed),
		})
	}
	objects = append(objects, reports.Object{
		Kind: reports.KindSecret, Name: "next-quarter", Version: version(30), Versions: 1, Enabled: true,
		Created: days(-1), Updated: days(-1), NotBefore: days(30), Expires: days(120),
	})
	return objects
}
