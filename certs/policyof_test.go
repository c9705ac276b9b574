package certs_test

import (
	"crypto/rand"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/strongroom/strongroom/certs"
	"github.com/strongroom/strongroom/internal/fault"
)

// The policy of a certificate is the one from which it was made, as far as a
// certificate shows it.
func TestPolicyOfACertificate(t *testing.T) {
	key := signer(t, p256)
	rapid.Check(t, func(t *rapid.T) {
		want := drawPolicy(t)
		want.Key, want.Exportable, want.ReuseKey, want.ContentType = p256, true, false, ""
		want.Issuer, want.LifetimeActions = certs.Issuer{}, nil
		der, err := certs.SelfSign(want, key, rand.Reader, now)
		if err != nil {
			t.Fatal(err)
		}
		got, err := certs.PolicyOf(der)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want.WithDefaults(), got); diff != "" {
			t.Error(diff)
		}
	})
	p := newPKI(t, p256, now)
	got, err := certs.PolicyOf(p.leaf(t, now))
	if err != nil || !got.Issuer.Unknown() {
		t.Errorf("a leaf: %+v, %v", got, err)
	}
	if _, err := certs.PolicyOf(p.root.Chain()[0]); fault.KindOf(err) != fault.Unsupported {
		t.Errorf("an authority: %v", err)
	}
	if _, err := certs.PolicyOf(nil); fault.KindOf(err) != fault.Invalid {
		t.Errorf("nothing: %v", err)
	}
}
