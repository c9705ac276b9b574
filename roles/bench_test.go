package roles_test

import (
	"fmt"
	"testing"

	"github.com/strongroom/strongroom/roles"
)

func BenchmarkDecide(b *testing.B) {
	for _, n := range []int{1, 20, 1000} {
		actor := holding(roles.SecretOwner, roles.Scope{Vault: "the-last-one"})
		for i := 1; i < n; i++ {
			extra := roles.Assignment{ID: "x", Role: roles.SecretOwner, Scope: roles.Scope{Vault: fmt.Sprintf("vault-%d", i)}}
			actor.Assignments = append([]roles.Assignment{extra}, actor.Assignments...)
		}
		r := roles.Resource{Vault: "the-last-one", Name: "db"}
		b.Run(fmt.Sprintf("assignments=%d", n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				roles.Decide(actor, roles.SecretsGet, r, now)
			}
		})
	}
}
