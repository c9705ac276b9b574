package gate_test

import (
	"strings"
	"testing"

	"github.com/strongroom/strongroom/gate"
	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/vault"
)

// The label of a key says what the token says now; a key that is not what was
// recorded is told, with an entry of its own.
func TestKeyTruth(t *testing.T) {
	w := furnished(t)
	s := w.signIn(sam)
	ref := gate.Ref{Vault: "pay-dev", Name: "k"}
	w.must(w.make(s, gate.KindKey, "k", hsmP256))
	var truth gate.Truth
	look := func() []string {
		return acts(w.logged(func() {
			var err error
			truth, err = w.gate.KeyTruth(w.ctx(), s, ref)
			w.must(err)
		}))
	}
	if got := look(); len(got) != 1 || got[0] != "keys/get done" {
		t.Errorf("the log has %v", got)
	}
	now := truth.Now
	if now == nil || truth.Recorded == nil || len(truth.Differences) != 0 {
		t.Fatalf("%+v", truth)
	}
	if !now.Local || !now.Sensitive || !now.AlwaysSensitive || !now.NeverExtractable || now.Extractable || now.TokenSerial != w.token.Token.ID().Serial || now.Firmware == "" {
		t.Errorf("the token says %+v", now)
	}

	// Somebody with the file says that the key was once extractable, and then
	// puts another key in its place.
	w.raw(`DROP TRIGGER hsm_facts_fixed`, `UPDATE hsm_facts SET never_extractable = 0`)
	got := look()
	if len(got) != 2 || got[0] != "hsm/difference done" || len(truth.Differences) != 1 || truth.Differences[0].What != "CKA_NEVER_EXTRACTABLE" {
		t.Errorf("the log has %v, the label %+v", got, truth.Differences)
	}
	w.must(w.make(s, gate.KindKey, "other", hsmP256))
	other := w.stored(vault.KindKey, "other").Current.HSMKeyID
	w.raw(`UPDATE versions SET hsm_key_id = '` + other + `' WHERE hsm_key_id <> '` + other + `'`)
	if look(); len(truth.Differences) != 2 || truth.Differences[0].What != "public key" {
		t.Errorf("the label says %+v", truth.Differences)
	}

	// The key is gone from the token, behind the program's back.
	w.raw(`UPDATE versions SET hsm_key_id = '00000000000000000000000000000000' WHERE kty = 'EC-HSM'`)
	if got := look(); len(got) != 2 || truth.Now != nil || !strings.Contains(truth.Differences[0].String(), "now no") {
		t.Errorf("the log has %v, the label %+v", got, truth)
	}
}

func TestASoftwareKeyMakesNoClaim(t *testing.T) {
	w := furnished(t)
	s := w.signIn(sam)
	w.must(w.make(s, gate.KindKey, "k", softP256))
	truth, err := w.gate.KeyTruth(w.ctx(), s, gate.Ref{Vault: "pay-dev", Name: "k"})
	w.must(err)
	if truth.Now != nil || truth.Recorded != nil || len(truth.Differences) != 0 || truth.Key.Protection != "software" {
		t.Errorf("%+v", truth)
	}
	_, err = w.gate.KeyTruth(w.ctx(), s, gate.Ref{Vault: "pay-dev", Name: "none"})
	w.wantKind(err, fault.NotFound)
}
