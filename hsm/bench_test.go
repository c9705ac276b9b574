package hsm_test

import (
	"crypto"
	"crypto/sha256"
	"slices"
	"testing"
	"time"

	"github.com/miekg/pkcs11"

	"github.com/strongroom/strongroom/hsm"
	"github.com/strongroom/strongroom/hsm/hsmtest"
)

// BenchmarkSign compares a signature through Token with one of a bare loop over
// the binding, on the same token and key, taking turns so that both meet the
// same machine. Metrics: median of each in ns, and their ratio.
func BenchmarkSign(b *testing.B) {
	f := hsmtest.NewToken(b)
	for _, tc := range []struct {
		kt        hsm.KeyType
		mechanism hsm.SignMechanism
	}{
		{hsm.ECP256, hsm.ECDSA},
		{hsm.RSA2048, hsm.RSAPKCS1},
	} {
		b.Run(string(tc.kt), func(b *testing.B) {
			info := hsmtest.MakeKey(b, f.Token, tc.kt, hsm.UsageSign)
			sum := sha256.Sum256([]byte("what is signed"))
			req := hsm.SignRequest{Key: info.ID, Mechanism: tc.mechanism, Hash: crypto.SHA256, Digest: sum[:]}
			bare := bareSigner(b, f, info, sum[:])
			var through, direct []time.Duration
			for b.Loop() {
				through = append(through, timed(b, func() error {
					_, err := f.Token.Sign(b.Context(), req)
					return err
				}))
				direct = append(direct, timed(b, bare))
			}
			mine, theirs := median(through), median(direct)
			b.ReportMetric(float64(mine), "token-ns/op")
			b.ReportMetric(float64(theirs), "bare-ns/op")
			b.ReportMetric(float64(mine)/float64(theirs), "ratio")
		})
	}
}

func timed(b *testing.B, run func() error) time.Duration {
	start := time.Now()
	if err := run(); err != nil {
		b.Fatal(err)
	}
	return time.Since(start)
}

func median(d []time.Duration) time.Duration {
	slices.Sort(d)
	return d[len(d)/2]
}

// bareSigner signs in a session of its own, found and opened once.
func bareSigner(b *testing.B, f *hsmtest.Fixture, info hsm.KeyInfo, sum []byte) func() error {
	ctx, slot := raw(b, f)
	s, err := ctx.OpenSession(slot, pkcs11.CKF_SERIAL_SESSION|pkcs11.CKF_RW_SESSION)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = ctx.CloseSession(s) })
	find := []*pkcs11.Attribute{
		pkcs11.NewAttribute(pkcs11.CKA_CLASS, pkcs11.CKO_PRIVATE_KEY), pkcs11.NewAttribute(pkcs11.CKA_ID, unhex(b, string(info.ID))),
	}
	if err := ctx.FindObjectsInit(s, find); err != nil {
		b.Fatal(err)
	}
	keys, _, err := ctx.FindObjects(s, 1)
	if err != nil || len(keys) != 1 {
		b.Fatalf("%d keys, %v", len(keys), err)
	}
	if err := ctx.FindObjectsFinal(s); err != nil {
		b.Fatal(err)
	}
	mechanism := uint(pkcs11.CKM_ECDSA)
	if info.Type == hsm.RSA2048 {
		mechanism = pkcs11.CKM_RSA_PKCS
	}
	return func() error {
		if err := ctx.SignInit(s, []*pkcs11.Mechanism{pkcs11.NewMechanism(mechanism, nil)}, keys[0]); err != nil {
			return err
		}
		_, err := ctx.Sign(s, sum)
		return err
	}
}

// BenchmarkWrap is one data key wrapped and unwrapped.
func BenchmarkWrap(b *testing.B) {
	for _, method := range []hsm.WrapMethod{hsm.WrapAESGCM, hsm.WrapAESKWP} {
		b.Run(string(method), func(b *testing.B) {
			f := hsmtest.NewTokenWith(b, hsm.Options{Wrapping: method})
			key := hsmtest.MakeKey(b, f.Token, hsm.AES256, hsm.UsageWrap).ID
			for b.Loop() {
				if err := work(b.Context(), f.Token, key, key, 1); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
