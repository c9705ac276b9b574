package gate_test

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/miekg/pkcs11"

	"github.com/strongroom/strongroom/gate"
	"github.com/strongroom/strongroom/internal/secret"
	"github.com/strongroom/strongroom/keys"
	"github.com/strongroom/strongroom/vault"
)

// An HSM signature through the gate, its committed log entry included, against
// the same signature in a bare PKCS#11 loop on the same token. The goal for
// extra-ms is 0.5.
func BenchmarkSignature(b *testing.B) {
	for _, spec := range []keys.Spec{{Type: keys.ECHSM, Curve: keys.P256}, {Type: keys.RSAHSM, Bits: 2048}} {
		b.Run(spec.String(), func(b *testing.B) {
			w := furnished(b)
			s := w.signIn(sam)
			_, err := w.gate.CreateKey(w.ctx(), s, gate.CreateKeyRequest{Vault: "pay-dev", Name: "k", Spec: spec})
			w.must(err)
			digest := sha256.Sum256([]byte("hello"))
			alg := keys.DefaultSignature(spec)
			r := gate.SignRequest{Ref: gate.Ref{Vault: "pay-dev", Name: "k"}, Algorithm: alg, Digest: digest[:]}
			bare := bareSigner(b, w, spec, digest[:])
			var through, direct []time.Duration
			b.ResetTimer()
			for b.Loop() {
				through = append(through, timed(func() {
					_, err := w.gate.Sign(w.ctx(), s, r)
					w.must(err)
				}))
				direct = append(direct, timed(bare))
			}
			g, d := median(through), median(direct)
			b.ReportMetric(ms(g), "gate-ms")
			b.ReportMetric(ms(d), "bare-ms")
			b.ReportMetric(ms(g-d), "extra-ms")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// bareSigner is the same signature with nothing around it.
func bareSigner(b *testing.B, w *world, spec keys.Spec, digest []byte) func() {
	b.Helper()
	item, err := w.db.Object(w.ctx(), vaultID(w, "pay-dev"), vault.KindKey, "k")
	w.must(err)
	p := pkcs11.New(w.token.Module.Path()) // initialised already by the token's module
	slots, err := p.GetSlotList(true)
	w.must(err)
	for _, slot := range slots {
		info, err := p.GetTokenInfo(slot)
		if err != nil || info.SerialNumber != w.token.Token.ID().Serial {
			continue
		}
		session, err := p.OpenSession(slot, pkcs11.CKF_SERIAL_SESSION)
		w.must(err)
		b.Cleanup(func() { _ = p.CloseSession(session) })
		key := findPrivate(w, p, session, item.Current.HSMKeyID)
		mechanism, message := uint(pkcs11.CKM_ECDSA), digest
		if spec.Type == keys.RSAHSM {
			mechanism, message = pkcs11.CKM_RSA_PKCS, append([]byte{0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20}, digest...)
		}
		return func() {
			w.must(p.SignInit(session, []*pkcs11.Mechanism{pkcs11.NewMechanism(mechanism, nil)}, key))
			_, err := p.Sign(session, message)
			w.must(err)
		}
	}
	b.Fatal("the token is in no slot")
	return nil
}

func findPrivate(w *world, p *pkcs11.Ctx, session pkcs11.SessionHandle, id string) pkcs11.ObjectHandle {
	var raw []byte
	_, err := fmt.Sscanf(id, "%x", &raw)
	w.must(err)
	w.must(p.FindObjectsInit(session, []*pkcs11.Attribute{
		pkcs11.NewAttribute(pkcs11.CKA_CLASS, pkcs11.CKO_PRIVATE_KEY), pkcs11.NewAttribute(pkcs11.CKA_ID, raw),
	}))
	found, _, err := p.FindObjects(session, 1)
	w.must(err)
	w.must(p.FindObjectsFinal(session))
	if len(found) != 1 {
		w.t.Fatal("the key is not in the token")
	}
	return found[0]
}

func vaultID(w *world, name string) string {
	v, err := w.db.VaultByName(w.ctx(), name)
	w.must(err)
	return v.ID
}

// A secret read through the gate, commit included.
func BenchmarkGetSecret(b *testing.B) {
	w := furnished(b)
	s := w.signIn(sam)
	_, err := w.gate.SetSecret(w.ctx(), s, set("pay-dev", "a", "correct-horse-battery"))
	w.must(err)
	var all []time.Duration
	for b.Loop() {
		all = append(all, timed(func() {
			v, err := w.gate.GetSecret(w.ctx(), s, gate.Ref{Vault: "pay-dev", Name: "a"}, gate.PurposeShow)
			w.must(err)
			v.Wipe()
		}))
	}
	b.ReportMetric(ms(median(all)), "median-ms")
}

// A page of 50 out of 100,000 secrets through the gate, commit included. The
// goal is 2 ms.
func BenchmarkListPage(b *testing.B) {
	w := furnished(b)
	fill(b, w, 100_000)
	s := w.signIn(sam)
	for story, r := range map[string]gate.ListRequest{
		"first":   {Vault: "pay-dev"},
		"middle":  {Vault: "pay-dev", After: middle(w, s)},
		"last":    {Vault: "pay-dev", Last: true},
		"updated": {Vault: "pay-dev", Sort: gate.SortUpdated, Descending: true},
		"filter":  {Vault: "pay-dev", Filter: "49999"},
	} {
		b.Run(story, func(b *testing.B) {
			var all []time.Duration
			for b.Loop() {
				all = append(all, timed(func() {
					page, err := w.gate.ListSecrets(w.ctx(), s, r)
					w.must(err)
					if len(page.Items) == 0 {
						b.Fatal("an empty page")
					}
				}))
			}
			b.ReportMetric(ms(median(all)), "median-ms")
		})
	}
}

// fill stores secrets without sealing each: a list never reads the record.
func fill(b *testing.B, w *world, n int) {
	b.Helper()
	id := vaultID(w, "pay-dev")
	const batch = 5000
	for start := 0; start < n; start += batch {
		w.must(w.db.Write(w.ctx(), func(tx *vault.Tx) error {
			for i := start; i < start+batch; i++ {
				o, err := tx.CreateObject(vault.Object{VaultID: id, Kind: vault.KindSecret, Name: fmt.Sprintf("secret-%06d", i)})
				if err != nil {
					return err
				}
				if _, err := tx.AddVersion(vault.Version{ObjectID: o.ID, Attributes: vault.Attributes{Enabled: true}}, []byte("unused")); err != nil {
					return err
				}
			}
			return nil
		}))
	}
}

func middle(w *world, s *gate.Session) string {
	page, err := w.gate.ListSecrets(w.ctx(), s, gate.ListRequest{Vault: "pay-dev", Filter: "05000", Limit: 1})
	w.must(err)
	return page.Next
}

// A secret's value sealed and stored, for scale.
func BenchmarkSetSecret(b *testing.B) {
	w := furnished(b)
	s := w.signIn(sam)
	i := 0
	for b.Loop() {
		i++
		_, err := w.gate.SetSecret(w.ctx(), s, gate.SetSecretRequest{Vault: "pay-dev", Name: fmt.Sprintf("s%d", i), Value: secret.FromString("v")})
		w.must(err)
	}
}

func timed(f func()) time.Duration {
	start := time.Now()
	f()
	return time.Since(start)
}

func median(all []time.Duration) time.Duration {
	slices.Sort(all)
	return all[len(all)/2]
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
