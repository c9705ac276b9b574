package gate_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/strongroom/strongroom/audit"
	"github.com/strongroom/strongroom/gate"
	"github.com/strongroom/strongroom/hsm"
	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/keys"
	"github.com/strongroom/strongroom/vault"
)

// A rotated key is like the one before: type, operations, tags, length of life.
func TestRotateKeepsWhatTheKeyIs(t *testing.T) {
	w := furnished(t)
	s := w.signIn(sam)
	for _, spec := range []keys.Spec{softP256, hsmP256} {
		ref := gate.Ref{Vault: "pay-dev", Name: "k-" + strings.ToLower(string(spec.Type))}
		first, err := w.gate.CreateKey(w.ctx(), s, gate.CreateKeyRequest{
			Vault: ref.Vault, Name: ref.Name, Spec: spec, Operations: []keys.Operation{keys.OpSign},
			Expires: w.clock.AddDate(0, 0, 10), Tags: map[string]string{"a": "b"},
		})
		w.must(err)
		w.pass(time.Minute)
		second, err := w.gate.Rotate(w.ctx(), s, ref)
		w.must(err)
		if second.Version == first.Version || second.Versions != 2 || second.Public.Equal(first.Public) {
			t.Errorf("%s: no new key: %+v", spec, second)
		}
		if second.Spec != spec || fmt.Sprint(second.Operations) != "[sign]" || second.Tags["a"] != "b" || !second.Expires.Equal(w.clock.AddDate(0, 0, 10)) {
			t.Errorf("%s: rotated to %+v", spec, second)
		}
		_, err = w.gate.SetRotationPolicy(w.ctx(), s, ref, yearly())
		w.must(err)
		third, err := w.gate.Rotate(w.ctx(), s, ref)
		w.must(err)
		if !third.Expires.Equal(w.clock.AddDate(1, 0, 0)) {
			t.Errorf("%s: the policy's expiry is not kept: %s", spec, third.Expires)
		}
	}
	_, err := w.gate.Rotate(w.ctx(), s, gate.Ref{Vault: "pay-dev", Name: "none"})
	w.wantKind(err, fault.NotFound)
	w.must(w.make(s, gate.KindCertificate, "web", softP256))
	_, err = w.gate.Rotate(w.ctx(), s, gate.Ref{Vault: "pay-dev", Name: "web"})
	w.wantKind(err, fault.Conflict)
}

func TestRotationPolicyIsKept(t *testing.T) {
	w := furnished(t)
	s := w.signIn(sam)
	ref := gate.Ref{Vault: "pay-dev", Name: "k"}
	w.must(w.make(s, gate.KindKey, "k", softP256))
	_, err := w.gate.GetRotationPolicy(w.ctx(), s, ref)
	w.wantKind(err, fault.NotFound)
	_, err = w.gate.SetRotationPolicy(w.ctx(), s, ref, gate.RotationPolicy{})
	w.wantKind(err, fault.Invalid)
	set, err := w.gate.SetRotationPolicy(w.ctx(), s, ref, yearly())
	w.must(err)
	got, err := w.gate.GetRotationPolicy(w.ctx(), s, ref)
	w.must(err)
	if fmt.Sprint(got.ExpiryTime, *got.Rotate, got.Notify) != fmt.Sprint(set.ExpiryTime, *set.Rotate, set.Notify) || !got.Created.Equal(w.clock) {
		t.Errorf("set %+v, got %+v", set, got)
	}
	w.raw(`UPDATE rotation_policies SET policy = '{"rotate":{"after_create":"P1D"}}'`)
	_, err = w.gate.GetRotationPolicy(w.ctx(), s, ref)
	w.wantKind(err, fault.Tampered)
}

// dueWorld has a secret that expires soon, a key in software and one in the HSM
// that are due to rotate, and a secret and an HSM key whose purge is due.
func dueWorld(t *testing.T) *world {
	w := furnished(t)
	s := w.signIn(sam)
	soon := set("pay-dev", "soon", "x")
	soon.Expires = w.clock.AddDate(0, 0, 100)
	_, err := w.gate.SetSecret(w.ctx(), s, soon)
	w.must(err)
	for name, spec := range map[string]keys.Spec{"soft": softP256, "hard": hsmP256} {
		w.must(w.make(s, gate.KindKey, name, spec))
		_, err := w.gate.SetRotationPolicy(w.ctx(), s, gate.Ref{Vault: "pay-dev", Name: name}, gate.RotationPolicy{Rotate: &gate.Trigger{AfterCreate: gate.Period{Days: 80}}})
		w.must(err)
		w.must(w.make(s, gate.KindKey, "old-"+name, spec))
		_, err = w.gate.Delete(w.ctx(), s, gate.KindKey, gate.Ref{Vault: "pay-dev", Name: "old-" + name})
		w.must(err)
	}
	w.must(w.gate.SignOut(w.ctx(), s))
	return w
}

func (w *world) tick() gate.TickReport {
	w.t.Helper()
	r, err := w.gate.Tick(w.ctx())
	w.must(err)
	for _, f := range r.Failed {
		w.t.Errorf("%s %s: %v", f.Act, f.Name, f.Err)
	}
	return r
}

// Nothing happens before its time; then what needs no HSM; then, with somebody
// signed in, the rest; each once.
func TestTick(t *testing.T) {
	w := dueWorld(t)
	if entries := w.logged(func() { w.tick() }); len(entries) != 0 {
		t.Fatalf("before its time: %+v", entries)
	}
	w.pass(90 * 24 * time.Hour)
	var r gate.TickReport
	entries := w.logged(func() { r = w.tick() })
	if len(r.Done) != 2 || len(r.Waiting) != 3 {
		t.Fatalf("without the HSM: %+v", r)
	}
	if fmt.Sprint(acts(entries)) != "[secrets/nearExpiry done keys/purge done]" || entries[0].Params["days"] != "10" {
		t.Fatalf("the log says %+v", entries)
	}
	for _, e := range entries {
		if e.Actor.Name != "strongroom" || e.Actor.ID != "" || e.Source != audit.SourceSystem || e.Session != "" {
			t.Errorf("the log says %+v", e)
		}
	}
	s := w.signIn(sam)
	r = w.tick()
	if len(r.Done) != 3 || len(r.Waiting) != 0 {
		t.Fatalf("with the HSM: %+v", r)
	}
	for _, name := range []string{"soft", "hard"} {
		o, err := w.gate.ShowKey(w.ctx(), s, gate.Ref{Vault: "pay-dev", Name: name})
		w.must(err)
		if o.Versions != 2 {
			t.Errorf("%s has %d versions", name, o.Versions)
		}
	}
	if entries := w.logged(func() { w.tick() }); len(entries) != 0 {
		t.Errorf("a second time: %+v", entries)
	}
}

func acts(entries []audit.Entry) []string {
	var all []string
	for _, e := range entries {
		all = append(all, e.Action+" "+string(e.Outcome))
	}
	return all
}

// second opens the same file as another process would.
func (w *world) second() *gate.Gate {
	w.t.Helper()
	db, err := vault.Open(w.ctx(), w.path(), vault.Options{Now: w.now})
	w.must(err)
	w.t.Cleanup(func() { _ = db.Close() })
	g, err := gate.Open(w.ctx(), gate.Config{
		DB: db, Keyring: w.keyring, Hasher: w.hasher, Now: w.now, Rand: rand.Reader, Limits: gate.DefaultLimits(), Version: "test",
		Connect: func(context.Context, hsm.TokenID) (gate.Token, error) { return borrowed{w.token.Token}, nil },
	})
	w.must(err)
	return g
}

// Two ticks at once, each with its own connection to the file: everything
// happens once.
func TestTwoTicksAtOnce(t *testing.T) {
	w := dueWorld(t)
	w.pass(90 * 24 * time.Hour)
	other := w.second()
	w.signIn(sam)
	_, err := other.SignIn(w.ctx(), w.request(ada))
	w.must(err)
	var done, failed [4]int
	entries := w.logged(func() {
		var all sync.WaitGroup
		for i, g := range []*gate.Gate{w.gate, other, w.gate, other} {
			all.Go(func() {
				r, err := g.Tick(context.Background())
				if err != nil {
					t.Error(err)
				}
				done[i], failed[i] = len(r.Done), len(r.Failed)
			})
		}
		all.Wait()
	})
	if sum := done[0] + done[1] + done[2] + done[3]; sum != 5 || failed != [4]int{} {
		t.Errorf("done %v, failed %v; want 5 in all and no failure", done, failed)
	}
	count := map[string]int{}
	for _, a := range acts(entries) {
		count[a]++
	}
	want := map[string]int{
		"secrets/nearExpiry done": 1, "keys/purge done": 2, "hsm/destroyKey intent": 1, "hsm/destroyKey done": 1,
		"keys/rotate intent": 1, "keys/rotate done": 2,
	}
	if fmt.Sprint(count) != fmt.Sprint(want) {
		t.Errorf("the log has %v, want %v", count, want)
	}
}

// A due act that fails is logged once, named, and tried again after an hour.
func TestWhatFailsIsTriedAgainLater(t *testing.T) {
	w := dueWorld(t)
	w.raw(`UPDATE rotation_policies SET policy = '{}'`)
	w.pass(90 * 24 * time.Hour)
	r, err := w.gate.Tick(w.ctx())
	w.must(err)
	if len(r.Failed) != 2 || fault.KindOf(r.Failed[0].Err) != fault.Tampered {
		t.Fatalf("%+v", r)
	}
	w.raw(`UPDATE rotation_policies SET policy = '{"rotate":{"after_create":"P80D"}}'`, `UPDATE vaults SET hardware_only = 1`)
	w.signIn(sam)
	r, err = w.gate.Tick(w.ctx())
	w.must(err)
	if len(r.Failed) != 1 || r.Failed[0].Name != "soft" || fault.KindOf(r.Failed[0].Err) != fault.Forbidden {
		t.Fatalf("%+v", r)
	}
	if entries := w.logged(func() { w.tick() }); len(entries) != 0 {
		t.Errorf("tried again at once: %+v", entries)
	}
	w.raw(`UPDATE vaults SET hardware_only = 0`)
	w.pass(time.Hour)
	w.signIn(sam)
	if r := w.tick(); len(r.Done) != 1 || r.Done[0].Name != "soft" {
		t.Errorf("%+v", r)
	}
}

// Nothing falls due on a log that is in doubt.
func TestATickStopsAtAnAlarm(t *testing.T) {
	w := dueWorld(t)
	w.pass(90 * 24 * time.Hour)
	old := w.dir + "/old.db"
	w.copyDatabase(old)
	w.must(w.gate.SignOut(w.ctx(), w.signIn(sam)))
	w.must(w.db.Close())
	w.replaceDatabase(old)
	w.restart()
	r, err := w.gate.Tick(w.ctx())
	w.must(err)
	if len(r.Done) != 0 || len(r.Failed) == 0 || fault.KindOf(r.Failed[0].Err) != fault.Tampered {
		t.Errorf("%+v", r)
	}
}
