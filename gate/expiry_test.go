package gate_test

import (
	"testing"
	"time"

	"github.com/strongroom/strongroom/certs"
	"github.com/strongroom/strongroom/gate"
	"github.com/strongroom/strongroom/internal/secret"
	"github.com/strongroom/strongroom/keys"
)

// The list of vaults says where something has expired or is about to.
func TestVaultsSayWhatExpires(t *testing.T) {
	w := furnished(t)
	s := w.signIn(sam)
	day := 24 * time.Hour
	for name, expires := range map[string]time.Duration{"never": 0, "later": 31 * day, "soon": 29 * day, "over": time.Second} {
		r := gate.SetSecretRequest{Vault: "pay-dev", Name: name, Value: secret.FromString("x")}
		if expires > 0 {
			r.Expires = w.clock.Add(expires)
		}
		_, err := w.gate.SetSecret(w.ctx(), s, r)
		w.must(err)
	}
	_, err := w.gate.SetSecret(w.ctx(), s, gate.SetSecretRequest{Vault: "pay-dev", Name: "off", Value: secret.FromString("x"), Expires: w.clock.Add(time.Second), Disabled: true})
	w.must(err)
	_, err = w.gate.CreateCertificate(w.ctx(), s, gate.CreateCertificateRequest{Vault: "pay-dev", Name: "web", Policy: certs.Policy{Subject: "CN=x", ValidityMonths: 1, Key: keys.Spec{Type: keys.EC, Curve: keys.P256}}})
	w.must(err)
	w.pass(2 * day)
	v, err := w.gate.ShowVault(w.ctx(), w.signIn(sam), "pay-dev")
	w.must(err)
	if v.Expired != 1 || v.Expiring != 3 {
		t.Errorf("%d expired, %d expiring; want 1 (over) and 3 (soon, later, web with its key)", v.Expired, v.Expiring)
	}
}
