package gate_test

import (
	"bytes"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/strongroom/strongroom/gate"
	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/internal/secret"
)

// lose deletes and purges an object of pay-dev.
func (w *world) lose(s, owner *gate.Session, kind gate.Kind, name string) {
	w.t.Helper()
	ref := gate.Ref{Vault: "pay-dev", Name: name}
	_, err := w.gate.Delete(w.ctx(), s, kind, ref)
	w.must(err)
	w.must(w.gate.Purge(w.ctx(), owner, kind, ref))
}

// A backup brings back all versions, with their values, attributes, notes and
// policy, after everything else of the object is gone.
func TestBackupAndRestore(t *testing.T) {
	w := furnished(t)
	s, owner := w.signIn(sam), w.signIn(olivia)
	note := "team payments"
	for _, kind := range kinds() {
		name := "a-" + string(kind)
		ref := gate.Ref{Vault: "pay-dev", Name: name}
		w.must(w.make(s, kind, name, softP256))
		w.must(w.make(s, kind, name, softP256))
		before, err := w.gate.SetAttributes(w.ctx(), s, kind, ref, gate.AttributesRequest{Note: &note})
		w.must(err)
		if kind == gate.KindKey {
			_, err := w.gate.SetRotationPolicy(w.ctx(), s, ref, yearly())
			w.must(err)
		}
		sealed, err := w.gate.Backup(w.ctx(), s, kind, ref)
		w.must(err)
		if bytes.Contains(sealed, []byte(name)) || bytes.Contains(sealed, []byte("value of")) {
			t.Errorf("%s: the backup can be read", kind)
		}
		_, err = w.gate.Restore(w.ctx(), s, kind, "pay-dev", sealed)
		w.wantKind(err, fault.Conflict) // it lives
		_, err = w.gate.Delete(w.ctx(), s, kind, ref)
		w.must(err)
		_, err = w.gate.Restore(w.ctx(), s, kind, "pay-dev", sealed)
		w.wantKind(err, fault.Conflict) // it lies in the bin
		w.must(w.gate.Purge(w.ctx(), owner, kind, ref))
		after, err := w.gate.Restore(w.ctx(), s, kind, "PAY-dev", sealed)
		w.must(err)
		if after.Name != name || after.Version != before.Version || after.Versions != 2 || after.Note != note || !after.Created.Equal(before.Created) {
			t.Errorf("%s: was %+v, is %+v", kind, before, after)
		}
		w.must(w.use(s, kind, ref))
	}
	_, err := w.gate.GetRotationPolicy(w.ctx(), s, gate.Ref{Vault: "pay-dev", Name: "a-key"})
	w.must(err)
	key, err := w.gate.ShowKey(w.ctx(), s, gate.Ref{Vault: "pay-dev", Name: "a-certificate"})
	w.must(err)
	if !key.Managed {
		t.Error("the certificate's key came back as a key of its own")
	}
}

// Whatever the values are, they come back the same, also into another vault
// while the original lives; there the versions have ids of their own.
func TestBackupRoundTrip(t *testing.T) {
	w := furnished(t)
	s := w.signIn(sam)
	run := 0
	rapid.Check(t, func(r *rapid.T) {
		if run++; run > 20 {
			return // each run costs a dozen commits
		}
		name := fmt.Sprintf("o%d", run)
		values := rapid.SliceOfN(rapid.SliceOfN(rapid.Byte(), 1, 300), 1, 4).Draw(r, "values")
		for _, v := range values {
			_, err := w.gate.SetSecret(w.ctx(), s, gate.SetSecretRequest{Vault: "pay-dev", Name: name, Value: secret.Copy(v)})
			w.must(err)
		}
		sealed, err := w.gate.Backup(w.ctx(), s, gate.KindSecret, gate.Ref{Vault: "pay-dev", Name: name})
		w.must(err)
		_, err = w.gate.Restore(w.ctx(), s, gate.KindSecret, "pay-prod", sealed)
		w.must(err)
		ref := gate.Ref{Vault: "pay-prod", Name: name}
		versions, err := w.gate.ListSecretVersions(w.ctx(), s, ref)
		w.must(err)
		if len(versions) != len(values) {
			r.Fatalf("%d versions, want %d", len(versions), len(values))
		}
		slices.Reverse(versions)
		for i, v := range versions {
			ref.Version = v.Version
			got, err := w.gate.GetSecret(w.ctx(), s, ref, gate.PurposeShow)
			w.must(err)
			if text(got.Value) != string(values[i]) {
				r.Fatalf("version %d came back as another", i)
			}
		}
	})
}

// One byte changed anywhere, a cut, a tail, another kind: refused, and nothing
// is restored.
func TestADamagedBackupIsRefused(t *testing.T) {
	w := furnished(t)
	s, owner := w.signIn(sam), w.signIn(olivia)
	w.must(w.make(s, gate.KindSecret, "a", softP256))
	sealed, err := w.gate.Backup(w.ctx(), s, gate.KindSecret, gate.Ref{Vault: "pay-dev", Name: "a"})
	w.must(err)
	w.lose(s, owner, gate.KindSecret, "a")
	refused := func(story string, kind gate.Kind, b []byte) {
		if _, err := w.gate.Restore(w.ctx(), s, kind, "pay-dev", b); fault.KindOf(err) != fault.Tampered {
			t.Errorf("%s: %v", story, err)
		}
	}
	for i := range sealed {
		if i > 100 && i%11 != 0 && i < len(sealed)-16 {
			continue // all of the header, the wrapped key and the tag; some of the rest
		}
		b := slices.Clone(sealed)
		b[i] ^= 1 << (i % 8)
		refused(fmt.Sprintf("byte %d", i), gate.KindSecret, b)
	}
	for _, n := range []int{0, 4, 6, 7, 40, len(sealed) - 1} {
		refused(fmt.Sprintf("cut to %d", n), gate.KindSecret, sealed[:n])
	}
	refused("a tail", gate.KindSecret, append(slices.Clone(sealed), 0))
	refused("another kind", gate.KindKey, sealed)
	_, err = w.gate.Restore(w.ctx(), s, gate.KindSecret, "pay-dev", sealed)
	w.must(err)
}

// A backup of one installation is of no use in another.
func TestABackupStaysInItsInstallation(t *testing.T) {
	here, there := furnished(t), furnished(t)
	s := here.signIn(sam)
	here.must(here.make(s, gate.KindSecret, "a", softP256))
	sealed, err := here.gate.Backup(here.ctx(), s, gate.KindSecret, gate.Ref{Vault: "pay-dev", Name: "a"})
	here.must(err)
	_, err = there.gate.Restore(there.ctx(), there.signIn(sam), gate.KindSecret, "pay-dev", sealed)
	there.wantKind(err, fault.Tampered)
}

func TestWhatCannotBeBackedUp(t *testing.T) {
	w := furnished(t)
	s := w.signIn(sam)
	w.must(w.make(s, gate.KindKey, "hard", hsmP256))
	w.must(w.make(s, gate.KindCertificate, "hard-web", hsmP256))
	w.must(w.make(s, gate.KindKey, "soft", softP256))
	_, err := w.gate.Backup(w.ctx(), s, gate.KindKey, gate.Ref{Vault: "pay-dev", Name: "hard"})
	w.wantKind(err, fault.Unsupported)
	_, err = w.gate.Backup(w.ctx(), s, gate.KindCertificate, gate.Ref{Vault: "pay-dev", Name: "hard-web"})
	w.wantKind(err, fault.Unsupported)
	_, err = w.gate.Backup(w.ctx(), s, gate.KindKey, gate.Ref{Vault: "pay-dev", Name: "none"})
	w.wantKind(err, fault.NotFound)
	sealed, err := w.gate.Backup(w.ctx(), s, gate.KindKey, gate.Ref{Vault: "pay-dev", Name: "soft"})
	w.must(err)
	_, err = w.gate.Restore(w.ctx(), s, gate.KindKey, "pay-prod", sealed)
	w.wantKind(err, fault.Forbidden) // hardware only
}
