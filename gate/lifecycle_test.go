package gate_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/strongroom/strongroom/audit"
	"github.com/strongroom/strongroom/certs"
	"github.com/strongroom/strongroom/gate"
	"github.com/strongroom/strongroom/hsm"
	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/keys"
	"github.com/strongroom/strongroom/vault"
)

var (
	softP256 = keys.Spec{Type: keys.EC, Curve: keys.P256}
	hsmP256  = keys.Spec{Type: keys.ECHSM, Curve: keys.P256}
)

func kinds() []gate.Kind { return []gate.Kind{gate.KindSecret, gate.KindKey, gate.KindCertificate} }

// make stores an object of a kind in pay-dev.
func (w *world) make(s *gate.Session, kind gate.Kind, name string, spec keys.Spec) error {
	var err error
	switch kind {
	case gate.KindSecret:
		_, err = w.gate.SetSecret(w.ctx(), s, set("pay-dev", name, "value of "+name))
	case gate.KindKey:
		_, err = w.gate.CreateKey(w.ctx(), s, gate.CreateKeyRequest{Vault: "pay-dev", Name: name, Spec: spec})
	default:
		_, err = w.gate.CreateCertificate(w.ctx(), s, gate.CreateCertificateRequest{
			Vault: "pay-dev", Name: name, Policy: certs.Policy{Subject: "CN=" + name, Key: spec},
		})
	}
	return err
}

// fillBin deletes an object of each kind.
func (w *world) fillBin(s *gate.Session) {
	w.t.Helper()
	for _, kind := range kinds() {
		name := "gone"
		if kind == gate.KindCertificate {
			name = "gone-web"
		}
		w.must(w.make(s, kind, name, softP256))
		_, err := w.gate.Delete(w.ctx(), s, kind, gate.Ref{Vault: "pay-dev", Name: name})
		w.must(err)
	}
}

// What is deleted is not there for anything, keeps its name, can be seen in the
// bin, and comes back as it was.
func TestDeleteAndRecover(t *testing.T) {
	w := furnished(t)
	s := w.signIn(sam)
	for _, kind := range kinds() {
		ref := gate.Ref{Vault: "pay-dev", Name: "a-" + string(kind)}
		w.must(w.make(s, kind, ref.Name, softP256))
		d, err := w.gate.Delete(w.ctx(), s, kind, ref)
		w.must(err)
		if !d.DeletedAt.Equal(w.clock) || !d.ScheduledPurge.Equal(w.clock.AddDate(0, 0, 90)) || d.RecoveryID != "pay-dev/deleted"+string(kind)+"s/"+ref.Name {
			t.Errorf("%s: %+v", kind, d)
		}
		_, err = w.gate.Delete(w.ctx(), s, kind, ref)
		w.wantKind(err, fault.NotFound)
		if !strings.Contains(fault.Problem(err), "is deleted") {
			t.Errorf("%s: the error says %q", kind, fault.Problem(err))
		}
		err = w.make(s, kind, ref.Name, softP256)
		w.wantKind(err, fault.Conflict)
		if !strings.Contains(fault.Problem(err), "2027-02-21") || !strings.Contains(fault.Hint(err), "recover") || !strings.Contains(fault.Hint(err), "purge") {
			t.Errorf("%s: the conflict says %q, %q", kind, fault.Problem(err), fault.Hint(err))
		}
		page, err := w.gate.ListDeleted(w.ctx(), s, kind, gate.ListRequest{Vault: "pay-dev", Sort: gate.SortPurge})
		w.must(err)
		shown, err := w.gate.ShowDeleted(w.ctx(), s, kind, ref)
		w.must(err)
		if page.Total == 0 || shown.Name != ref.Name || shown.Version != d.Version {
			t.Errorf("%s: the bin shows %+v, %+v", kind, page, shown)
		}
		back, err := w.gate.Recover(w.ctx(), s, kind, ref)
		w.must(err)
		if back.Version != d.Version {
			t.Errorf("%s: recovered as %+v", kind, back)
		}
		_, err = w.gate.Recover(w.ctx(), s, kind, ref)
		w.wantKind(err, fault.NotFound)
	}
	value, err := w.gate.GetSecret(w.ctx(), s, gate.Ref{Vault: "pay-dev", Name: "a-secret"}, gate.PurposeShow)
	w.must(err)
	if text(value.Value) != "value of a-secret" {
		t.Error("the secret came back as another")
	}
}

// A deleted object gives no value and no signature, by name or by version.
func TestADeletedObjectIsOfNoUse(t *testing.T) {
	w := furnished(t)
	s := w.signIn(sam)
	w.must(w.make(s, gate.KindSecret, "a", softP256))
	w.must(w.make(s, gate.KindKey, "a", softP256))
	secret, err := w.gate.Delete(w.ctx(), s, gate.KindSecret, gate.Ref{Vault: "pay-dev", Name: "a"})
	w.must(err)
	key, err := w.gate.Delete(w.ctx(), s, gate.KindKey, gate.Ref{Vault: "pay-dev", Name: "a"})
	w.must(err)
	for _, version := range []string{"", secret.Version} {
		value, err := w.gate.GetSecret(w.ctx(), s, gate.Ref{Vault: "pay-dev", Name: "a", Version: version}, gate.PurposeShow)
		w.wantKind(err, fault.NotFound)
		if value != nil {
			t.Error("a value left")
		}
	}
	for _, version := range []string{"", key.Version} {
		_, err := w.gate.Sign(w.ctx(), s, gate.SignRequest{Ref: gate.Ref{Vault: "pay-dev", Name: "a", Version: version}, Algorithm: keys.ES256, Digest: make([]byte, 32)})
		w.wantKind(err, fault.NotFound)
	}
	_, err = w.gate.Delete(w.ctx(), s, gate.KindKey, gate.Ref{Vault: "pay-dev", Name: "a", Version: key.Version})
	w.wantKind(err, fault.Invalid)
}

// The certificate decides for its key: the key goes and comes with it and does
// neither alone.
func TestACertificateAndItsKeyLiveAndDieTogether(t *testing.T) {
	w := furnished(t)
	s := w.signIn(sam)
	ref := gate.Ref{Vault: "pay-dev", Name: "web"}
	w.must(w.make(s, gate.KindCertificate, "web", softP256))
	off, tags := false, map[string]string{"a": "b"}
	_, err := w.gate.Delete(w.ctx(), s, gate.KindKey, ref)
	w.wantKind(err, fault.Conflict)
	_, err = w.gate.SetAttributes(w.ctx(), s, gate.KindKey, ref, gate.AttributesRequest{Tags: &tags})
	w.wantKind(err, fault.Conflict)
	_, err = w.gate.SetAttributes(w.ctx(), s, gate.KindCertificate, ref, gate.AttributesRequest{Enabled: &off})
	w.must(err)
	key, err := w.gate.ShowKey(w.ctx(), s, ref)
	w.must(err)
	if key.Enabled {
		t.Error("the key of a disabled certificate is enabled")
	}
	_, err = w.gate.Delete(w.ctx(), s, gate.KindCertificate, ref)
	w.must(err)
	_, err = w.gate.ShowKey(w.ctx(), s, ref)
	w.wantKind(err, fault.NotFound)
	_, err = w.gate.Recover(w.ctx(), s, gate.KindKey, ref)
	w.wantKind(err, fault.Conflict)
	w.wantKind(w.make(s, gate.KindKey, "web", softP256), fault.Conflict)
	_, err = w.gate.Recover(w.ctx(), s, gate.KindCertificate, ref)
	w.must(err)
	_, err = w.gate.ShowKey(w.ctx(), s, ref)
	w.must(err)
	_, err = w.gate.Delete(w.ctx(), s, gate.KindCertificate, ref)
	w.must(err)
	owner := w.signIn(olivia)
	w.wantKind(w.gate.Purge(w.ctx(), owner, gate.KindKey, ref), fault.Conflict)
	w.must(w.gate.Purge(w.ctx(), owner, gate.KindCertificate, ref))
	w.must(w.make(s, gate.KindKey, "web", softP256))
}

// An HSM key that is purged is gone from the token, and the log has the intent
// before the outcome.
func TestAPurgedHSMKeyIsGoneFromTheToken(t *testing.T) {
	w := furnished(t)
	s := w.signIn(sam)
	ref := gate.Ref{Vault: "pay-dev", Name: "k"}
	w.must(w.make(s, gate.KindKey, "k", hsmP256))
	w.must(w.make(s, gate.KindKey, "k", hsmP256))
	id := hsm.KeyID(w.stored(vault.KindKey, "k").Current.HSMKeyID)
	_, err := w.gate.Delete(w.ctx(), s, gate.KindKey, ref)
	w.must(err)
	owner := w.signIn(olivia)
	entries := w.logged(func() { w.must(w.gate.Purge(w.ctx(), owner, gate.KindKey, ref)) })
	want := []string{"hsm/destroyKey intent", "hsm/destroyKey intent", "keys/purge done", "hsm/destroyKey done", "hsm/destroyKey done"}
	if len(entries) != len(want) {
		t.Fatalf("%d entries, want %d", len(entries), len(want))
	}
	for i, e := range entries {
		if e.Action+" "+string(e.Outcome) != want[i] || e.Actor.Name != olivia || e.Resource.Vault != "pay-dev" {
			t.Errorf("entry %d is %+v, want %s", i, e, want[i])
		}
	}
	if entries[3].Ref != entries[0].ID || entries[4].Ref != entries[1].ID {
		t.Error("the outcomes do not close the intents")
	}
	if _, err := w.token.Token.Key(w.ctx(), id); fault.KindOf(err) != fault.NotFound {
		t.Errorf("the key is still there: %v", err)
	}
	w.must(w.make(s, gate.KindKey, "k", hsmP256))
}

// stored gives an object of pay-dev as the database has it.
func (w *world) stored(kind vault.Kind, name string) vault.Item {
	w.t.Helper()
	item, err := w.db.Object(w.ctx(), vaultID(w, "pay-dev"), kind, name)
	w.must(err)
	return item
}

// The program dies after the purge and before the HSM destroyed the key. The
// next sign-in finishes it.
func TestAPurgeThatACrashCutShortIsFinished(t *testing.T) {
	w := furnished(t)
	s := w.signIn(sam)
	w.must(w.make(s, gate.KindKey, "k", hsmP256))
	item := w.stored(vault.KindKey, "k")
	id := item.Current.HSMKeyID
	w.must(w.db.Write(w.ctx(), func(tx *vault.Tx) error {
		return errors.Join(tx.Delete(item.Object, w.clock), tx.Purge(item.Object))
	}))
	w.leaveIntent(vault.Intent{ID: "11111111-2222-4333-8444-555555555555", KeyID: id, Label: "strongroom/pay-dev/k/" + item.Current.ID, What: "purged key", PID: 1},
		"hsm/destroyKey", audit.Target{Vault: "pay-dev", Kind: "hsm-key", Name: id})
	entries := w.logged(func() { w.signIn(sam) })
	last := entries[len(entries)-1]
	if last.Action != "hsm/reconcile" || last.Actor.Name != "strongroom" || last.Source != audit.SourceSystem {
		t.Errorf("the log ends with %+v", last)
	}
	if _, err := w.token.Token.Key(w.ctx(), hsm.KeyID(id)); fault.KindOf(err) != fault.NotFound {
		t.Errorf("the key is still there: %v", err)
	}
}

// Purge protection holds against the owner who switched it on, and cannot be
// switched off again.
func TestPurgeProtectionHoldsAgainstEverybody(t *testing.T) {
	w := furnished(t)
	owner, s := w.signIn(olivia), w.signIn(sam)
	yes, no := true, false
	v, err := w.gate.UpdateVault(w.ctx(), owner, "pay-dev", gate.VaultPolicyRequest{PurgeProtection: &yes})
	w.must(err)
	if !v.PurgeProtection || v.StrictExpiry || v.RetentionDays != 90 {
		t.Errorf("the vault is %+v", v)
	}
	ref := gate.Ref{Vault: "pay-dev", Name: "a"}
	w.must(w.make(s, gate.KindSecret, "a", softP256))
	d, err := w.gate.Delete(w.ctx(), s, gate.KindSecret, ref)
	w.must(err)
	entries := w.logged(func() { w.wantKind(w.gate.Purge(w.ctx(), owner, gate.KindSecret, ref), fault.Forbidden) })
	if len(entries) != 1 || entries[0].Outcome != audit.Refused || entries[0].Rule != "purge-protection" {
		t.Errorf("the log says %+v", entries)
	}
	_, err = w.gate.UpdateVault(w.ctx(), owner, "pay-dev", gate.VaultPolicyRequest{PurgeProtection: &no})
	w.wantKind(err, fault.Forbidden)
	w.pass(d.ScheduledPurge.Sub(w.clock))
	w.must(w.gate.Purge(w.ctx(), w.signIn(olivia), gate.KindSecret, ref))
}

func TestPurgeAsksForAFreshCode(t *testing.T) {
	w := furnished(t)
	s := w.signIn(sam)
	w.fillBin(s)
	owner := w.signIn(olivia)
	w.pass(4 * time.Minute)
	_, err := w.gate.ListVaults(w.ctx(), owner)
	w.must(err)
	w.pass(2 * time.Minute)
	w.wantKind(w.gate.Purge(w.ctx(), owner, gate.KindSecret, gate.Ref{Vault: "pay-dev", Name: "gone"}), fault.StepUp)
}

// Retention is chosen when a vault is made, within 7 to 90 days.
func TestRetentionIsTheVaults(t *testing.T) {
	w := furnished(t)
	owner := w.signIn(olivia)
	for _, days := range []int{-1, 6, 91} {
		entries := w.logged(func() {
			_, err := w.gate.CreateVault(w.ctx(), owner, gate.CreateVaultRequest{Name: "short-lived", Environment: "dev", RetentionDays: days})
			w.wantKind(err, fault.Invalid)
		})
		if len(entries) != 1 {
			t.Errorf("%d days: a key was announced for it", days)
		}
	}
	v, err := w.gate.CreateVault(w.ctx(), owner, gate.CreateVaultRequest{Name: "short-lived", Environment: "dev", RetentionDays: 7, PurgeProtection: true, StrictExpiry: true})
	w.must(err)
	shown, err := w.gate.ShowVault(w.ctx(), owner, "short-lived")
	w.must(err)
	if shown != v || v.RetentionDays != 7 || !v.PurgeProtection || !v.StrictExpiry {
		t.Errorf("made %+v, shown %+v", v, shown)
	}
}

// Dates of a secret inform; in a strict vault they refuse.
func TestStrictExpiry(t *testing.T) {
	w := furnished(t)
	s, owner := w.signIn(sam), w.signIn(olivia)
	late := set("pay-dev", "late", "x")
	late.Expires = w.clock.Add(time.Second)
	early := set("pay-dev", "early", "x")
	early.NotBefore = w.clock.Add(time.Hour)
	for _, r := range []gate.SetSecretRequest{late, early} {
		_, err := w.gate.SetSecret(w.ctx(), s, r)
		w.must(err)
	}
	w.pass(time.Second)
	read := func(name string) error {
		v, err := w.gate.GetSecret(w.ctx(), s, gate.Ref{Vault: "pay-dev", Name: name}, gate.PurposeShow)
		if (v == nil) != (err != nil) {
			t.Errorf("%s: %v with %v", name, v, err)
		}
		return err
	}
	w.must(read("late"))
	w.must(read("early"))
	strict := true
	_, err := w.gate.UpdateVault(w.ctx(), owner, "pay-dev", gate.VaultPolicyRequest{StrictExpiry: &strict})
	w.must(err)
	w.wantKind(read("late"), fault.Forbidden)
	w.wantKind(read("early"), fault.Forbidden)
}

func TestSetAttributes(t *testing.T) {
	w := furnished(t)
	s := w.signIn(sam)
	for _, kind := range kinds() {
		w.must(w.make(s, kind, "a-"+string(kind), softP256))
	}
	ref := func(kind gate.Kind) gate.Ref { return gate.Ref{Vault: "pay-dev", Name: "a-" + string(kind)} }
	off, expires, none := false, w.clock.AddDate(1, 0, 0), time.Time{}
	format, note, tags := "text/plain", "team payments", map[string]string{"owner": "sam"}
	o, err := w.gate.SetAttributes(w.ctx(), s, gate.KindSecret, ref(gate.KindSecret), gate.AttributesRequest{
		Enabled: &off, NotBefore: &none, Expires: &expires, ContentType: &format, Tags: &tags, Note: &note,
	})
	w.must(err)
	if o.Enabled || !o.Expires.Equal(expires) || o.ContentType != format || o.Tags["owner"] != "sam" || o.Note != note {
		t.Errorf("%+v", o)
	}
	o, err = w.gate.SetAttributes(w.ctx(), s, gate.KindSecret, ref(gate.KindSecret), gate.AttributesRequest{Expires: &none})
	w.must(err)
	if o.Enabled || !o.Expires.IsZero() || o.ContentType != format || o.Note != note {
		t.Errorf("what was not asked for changed: %+v", o)
	}
	_, err = w.gate.GetSecret(w.ctx(), s, ref(gate.KindSecret), gate.PurposeShow)
	w.wantKind(err, fault.Forbidden)
	ops := []keys.Operation{keys.OpVerify}
	o, err = w.gate.SetAttributes(w.ctx(), s, gate.KindKey, ref(gate.KindKey), gate.AttributesRequest{Operations: &ops})
	w.must(err)
	if fmt.Sprint(o.Operations) == "" {
		t.Errorf("%+v", o)
	}
	_, err = w.gate.Sign(w.ctx(), s, gate.SignRequest{Ref: ref(gate.KindKey), Algorithm: keys.ES256, Digest: make([]byte, 32)})
	w.wantKind(err, fault.Forbidden)

	nothing, wrap, long, early := []keys.Operation{}, []keys.Operation{keys.OpWrapKey}, strings.Repeat("x", 501), w.clock.AddDate(-1, 0, 0)
	for story, tc := range map[string]struct {
		kind gate.Kind
		gate.AttributesRequest
	}{
		"a certificate's date": {gate.KindCertificate, gate.AttributesRequest{Expires: &expires}},
		"a key's content type": {gate.KindKey, gate.AttributesRequest{ContentType: &format}},
		"a secret's key_ops":   {gate.KindSecret, gate.AttributesRequest{Operations: &ops}},
		"no operation at all":  {gate.KindKey, gate.AttributesRequest{Operations: &nothing}},
		"EC keys do not wrap":  {gate.KindKey, gate.AttributesRequest{Operations: &wrap}},
		"a note too long":      {gate.KindKey, gate.AttributesRequest{Note: &long}},
		"ends before it began": {gate.KindKey, gate.AttributesRequest{NotBefore: &expires, Expires: &early}},
		"no such kind":         {"note", gate.AttributesRequest{}},
	} {
		if _, err := w.gate.SetAttributes(w.ctx(), s, tc.kind, ref(tc.kind), tc.AttributesRequest); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: %v", story, err)
		}
	}
}

// state is where an object stands in the model of its life.
type state string

const (
	absent  state = "absent"
	enabled state = "enabled"
	off     state = "disabled"
	deleted state = "deleted"
)

// moves says what each act makes of each state; what is missing is refused
// with the kind in refusals, and changes nothing.
var moves = map[string]map[state]state{
	"create":  {absent: enabled, enabled: enabled, off: enabled},
	"disable": {enabled: off, off: off},
	"enable":  {enabled: enabled, off: enabled},
	"delete":  {enabled: deleted, off: deleted},
	"recover": {deleted: deleted}, // to what it was before
	"purge":   {deleted: absent},
	"use":     {enabled: enabled},
}

func refusalOf(move string, from state) fault.Kind {
	switch {
	case move == "create":
		return fault.Conflict
	case move == "use" && from == off:
		return fault.Forbidden
	default:
		return fault.NotFound
	}
}

// Create, disable, enable, delete, recover, purge and use, in any order, on
// every kind, on the real database and token: each does what the model says.
func TestTheLifeOfObjectsAgainstAModel(t *testing.T) {
	w := furnished(t)
	s, owner := w.signIn(sam), w.signIn(olivia)
	run := 0
	rapid.Check(t, func(r *rapid.T) {
		run++
		kind := rapid.SampledFrom(kinds()).Draw(r, "kind")
		ref := gate.Ref{Vault: "pay-dev", Name: fmt.Sprintf("o%d", run)}
		now, before := absent, absent
		for _, move := range rapid.SliceOfN(rapid.SampledFrom([]string{"create", "disable", "enable", "delete", "recover", "purge", "use"}), 1, 10).Draw(r, "moves") {
			to, allowed := moves[move][now]
			if move == "recover" && allowed {
				to = before
			}
			err := w.move(s, owner, move, kind, ref)
			switch {
			case allowed && err != nil:
				r.Fatalf("%s of a %s %s: %v", move, now, kind, err)
			case !allowed && fault.KindOf(err) != refusalOf(move, now):
				r.Fatalf("%s of a %s %s gives %v, want %s", move, now, kind, err, refusalOf(move, now))
			case allowed:
				before, now = now, to
			}
		}
	})
}

func (w *world) move(s, owner *gate.Session, move string, kind gate.Kind, ref gate.Ref) error {
	yes, no := true, false
	var err error
	switch move {
	case "create":
		return w.make(s, kind, ref.Name, softP256)
	case "disable":
		_, err = w.gate.SetAttributes(w.ctx(), s, kind, ref, gate.AttributesRequest{Enabled: &no})
	case "enable":
		_, err = w.gate.SetAttributes(w.ctx(), s, kind, ref, gate.AttributesRequest{Enabled: &yes})
	case "delete":
		_, err = w.gate.Delete(w.ctx(), s, kind, ref)
	case "recover":
		_, err = w.gate.Recover(w.ctx(), s, kind, ref)
	case "purge":
		return w.gate.Purge(w.ctx(), owner, kind, ref)
	default:
		return w.use(s, kind, ref)
	}
	return err
}

// use reads a secret, or signs with a key or a certificate's key.
func (w *world) use(s *gate.Session, kind gate.Kind, ref gate.Ref) error {
	if kind != gate.KindSecret {
		_, err := w.gate.Sign(w.ctx(), s, gate.SignRequest{Ref: ref, Algorithm: keys.ES256, Digest: make([]byte, 32)})
		return err
	}
	v, err := w.gate.GetSecret(w.ctx(), s, ref, gate.PurposeShow)
	v.Wipe()
	return err
}
