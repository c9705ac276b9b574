package tui

import (
	"testing"
	"time"

	"github.com/strongroom/strongroom/gate"
	"github.com/strongroom/strongroom/internal/secret"
)

// The list of vaults says what ends soon and what has ended.
func TestTheListOfVaultsCountsWhatEnds(t *testing.T) {
	w := furnished(t)
	s := w.signIn(sam)
	for name, left := range map[string]time.Duration{"over": time.Minute, "soon": 20 * 24 * time.Hour, "later": 90 * 24 * time.Hour} {
		_, err := w.inst.Gate.SetSecret(t.Context(), s, gate.SetSecretRequest{
			Vault: "pay-dev", Name: name, Value: secret.FromString("x"), Expires: w.clock.now.Add(left),
		})
		must(t, err)
	}
	w.clock.now = w.clock.now.Add(time.Hour)
	w.enter(w.robot(), sam).See("attention", "1 soon, 1 expired").Miss("master key")
}
