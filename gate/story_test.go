package gate_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base32"
	"math/big"
	"strings"
	"testing"

	"github.com/strongroom/strongroom/audit"
	"github.com/strongroom/strongroom/certs"
	"github.com/strongroom/strongroom/gate"
	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/internal/secret"
	"github.com/strongroom/strongroom/keys"
	"github.com/strongroom/strongroom/reports"
)

func decodeSeed(t testing.TB, text string) *secret.Bytes {
	t.Helper()
	b, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(strings.ReplaceAll(text, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return secret.New(b)
}

func set(vault, name, value string) gate.SetSecretRequest {
	return gate.SetSecretRequest{Vault: vault, Name: name, Value: secret.FromString(value)}
}

func text(s *secret.Bytes) string {
	var out string
	s.Reveal(func(b []byte) { out = string(b) })
	return out
}

// A secret owner's day: a secret and its versions, a key in the HSM that signs,
// a certificate.
func TestTheMainJob(t *testing.T) {
	w := furnished(t)
	s := w.signIn(sam)

	first, err := w.gate.SetSecret(w.ctx(), s, set("pay-prod", "db-password", "hunter2"))
	w.must(err)
	second, err := w.gate.SetSecret(w.ctx(), s, set("PAY-prod", "DB-Password", "hunter3"))
	w.must(err)
	if second.Versions != 2 || second.Name != "db-password" || first.Version == second.Version {
		t.Errorf("second version: %+v", second)
	}
	for version, want := range map[string]string{"": "hunter3", first.Version: "hunter2", second.Version: "hunter3"} {
		got, err := w.gate.GetSecret(w.ctx(), s, gate.Ref{Vault: "pay-prod", Name: "db-password", Version: version}, gate.PurposeShow)
		w.must(err)
		if text(got.Value) != want {
			t.Errorf("version %q is not what was stored", version)
		}
	}
	versions, err := w.gate.ListSecretVersions(w.ctx(), s, gate.Ref{Vault: "pay-prod", Name: "db-password"})
	w.must(err)
	if len(versions) != 2 || versions[0].Version != second.Version {
		t.Errorf("versions: %+v", versions)
	}

	key, err := w.gate.CreateKey(w.ctx(), s, gate.CreateKeyRequest{Vault: "pay-prod", Name: "signing", Spec: keys.Spec{Type: keys.ECHSM, Curve: keys.P256}})
	w.must(err)
	digest := sha256.Sum256([]byte("pay 10 to alice"))
	sig, err := w.gate.Sign(w.ctx(), s, gate.SignRequest{Ref: gate.Ref{Vault: "pay-prod", Name: "signing"}, Algorithm: keys.ES256, Digest: digest[:]})
	w.must(err)
	if !verifiedByStandardLibrary(t, key, digest[:], sig.Value) {
		t.Error("the standard library does not accept the HSM's signature")
	}
	digest[0] ^= 1
	valid, err := w.gate.Verify(w.ctx(), s, gate.VerifyRequest{Ref: gate.Ref{Vault: "pay-prod", Name: "signing"}, Algorithm: keys.ES256, Digest: digest[:], Signature: sig.Value})
	w.must(err)
	if valid {
		t.Error("a signature over another digest is valid")
	}

	cert, err := w.gate.CreateCertificate(w.ctx(), s, gate.CreateCertificateRequest{
		Vault: "pay-prod", Name: "api", Policy: certs.Policy{Subject: "CN=api.example.org", DNSNames: []string{"api.example.org"}, Key: keys.Spec{Type: keys.ECHSM, Curve: keys.P256}},
	})
	w.must(err)
	parsed, err := x509.ParseCertificate(cert.DER)
	w.must(err)
	w.must(parsed.CheckSignature(parsed.SignatureAlgorithm, parsed.RawTBSCertificate, parsed.Signature))
	managed, err := w.gate.ShowKey(w.ctx(), s, gate.Ref{Vault: "pay-prod", Name: "api"})
	w.must(err)
	if !managed.Managed || managed.Protection != keys.ProtectionHSM {
		t.Errorf("the certificate's key: %+v", managed)
	}
}

func verifiedByStandardLibrary(t *testing.T, key gate.Object, digest, raw []byte) bool {
	t.Helper()
	standard, ok := key.Public.Standard()
	if !ok {
		t.Fatal("the standard library does not know this key")
	}
	r, s := new(big.Int).SetBytes(raw[:len(raw)/2]), new(big.Int).SetBytes(raw[len(raw)/2:])
	return ecdsa.Verify(standard.(*ecdsa.PublicKey), digest, r, s)
}

// Software keys of every kind sign, and the standard rules check them.
func TestSoftwareKeysSign(t *testing.T) {
	w := furnished(t)
	s := w.signIn(sam)
	for _, spec := range []keys.Spec{{Type: keys.RSA, Bits: 2048}, {Type: keys.EC, Curve: keys.P256}, {Type: keys.EC, Curve: keys.P384}, {Type: keys.EC, Curve: keys.P521}, {Type: keys.EC, Curve: keys.P256K}, {Type: keys.OKP, Curve: keys.Ed25519}} {
		name := "k" + strings.NewReplacer(" ", "-").Replace(spec.String())
		_, err := w.gate.CreateKey(w.ctx(), s, gate.CreateKeyRequest{Vault: "pay-dev", Name: name, Spec: spec})
		w.must(err)
		alg := keys.DefaultSignature(spec)
		digest, err := keys.Digest(w.ctx(), alg, strings.NewReader("hello"), nil)
		w.must(err)
		ref := gate.Ref{Vault: "pay-dev", Name: name}
		sig, err := w.gate.Sign(w.ctx(), s, gate.SignRequest{Ref: ref, Algorithm: alg, Digest: digest})
		w.must(err)
		valid, err := w.gate.Verify(w.ctx(), s, gate.VerifyRequest{Ref: ref, Algorithm: alg, Digest: digest, Signature: sig.Value})
		w.must(err)
		if !valid {
			t.Errorf("%s: own signature is not valid", spec)
		}
	}
}

// The auditor's day: the log, its proof, a signed report.
func TestTheAuditorsDay(t *testing.T) {
	w := furnished(t)
	w.must(w.gate.SignOut(w.ctx(), w.signIn(sam)))
	s := w.signIn(ada)
	page, err := w.gate.ListLog(w.ctx(), s, gate.LogRequest{Action: "assignments/", Outcome: audit.Done})
	w.must(err)
	if len(page.Lines) != 4 {
		t.Errorf("%d entries about assignments, want 4", len(page.Lines))
	}
	check, err := w.gate.VerifyLog(w.ctx(), s, nil)
	w.must(err)
	w.must(check.Problem)
	if len(check.Against) != 2 || check.Checkpoints == 0 || check.Signed == 0 {
		t.Errorf("verified against %v, %d checkpoints, %d signed", check.Against, check.Checkpoints, check.Signed)
	}
	vkey, err := w.gate.LogKey()
	w.must(err)
	for _, format := range reports.Formats() {
		f, err := w.gate.RunReport(w.ctx(), s, gate.ReportRequest{ID: reports.InventoryAccess, Format: format})
		w.must(err)
		_, err = gate.VerifyReport(strings.NewReader(string(f.Content)), f.Signature, vkey)
		w.must(err)
		changed := strings.Replace(string(f.Content), "pay-prod", "pay-prox", 1)
		if _, err := gate.VerifyReport(strings.NewReader(changed), f.Signature, vkey); fault.KindOf(err) != fault.Tampered {
			t.Errorf("%s: a changed report gives %v", format, err)
		}
	}
}

func TestARefusedSignatureNeverReachesTheKey(t *testing.T) {
	w := furnished(t)
	s := w.signIn(sam)
	ref := gate.Ref{Vault: "pay-dev", Name: "k"}
	digest := sha256.Sum256(nil)
	sign := func(alg keys.Algorithm, digest []byte) error {
		_, err := w.gate.Sign(w.ctx(), s, gate.SignRequest{Ref: ref, Algorithm: alg, Digest: digest})
		return err
	}
	create := func(change func(*gate.CreateKeyRequest)) {
		r := gate.CreateKeyRequest{Vault: "pay-dev", Name: "k", Spec: keys.Spec{Type: keys.ECHSM, Curve: keys.P256}}
		change(&r)
		_, err := w.gate.CreateKey(w.ctx(), s, r)
		w.must(err)
	}
	create(func(*gate.CreateKeyRequest) {})
	w.must(sign(keys.ES256, digest[:]))
	w.wantKind(sign(keys.ES384, make([]byte, crypto.SHA384.Size())), fault.Invalid) // wrong curve
	w.wantKind(sign(keys.ES256, digest[:31]), fault.Invalid)                        // short digest
	w.wantKind(sign(keys.RS256, digest[:]), fault.Invalid)                          // wrong type
	create(func(r *gate.CreateKeyRequest) { r.Disabled = true })
	w.wantKind(sign(keys.ES256, digest[:]), fault.Forbidden)
	create(func(r *gate.CreateKeyRequest) { r.Expires = w.clock.Add(1) })
	w.pass(2)
	w.wantKind(sign(keys.ES256, digest[:]), fault.Forbidden)
	create(func(r *gate.CreateKeyRequest) { r.NotBefore = w.clock.AddDate(0, 0, 1) })
	w.wantKind(sign(keys.ES256, digest[:]), fault.Forbidden)
	create(func(r *gate.CreateKeyRequest) { r.Operations = []keys.Operation{keys.OpVerify} })
	w.wantKind(sign(keys.ES256, digest[:]), fault.Forbidden)
}

func TestAProdVaultHoldsHSMKeysOnly(t *testing.T) {
	w := furnished(t)
	s := w.signIn(sam)
	_, err := w.gate.CreateKey(w.ctx(), s, gate.CreateKeyRequest{Vault: "pay-prod", Name: "soft", Spec: keys.Spec{Type: keys.EC, Curve: keys.P256}})
	w.wantKind(err, fault.Forbidden)
	_, err = w.gate.CreateCertificate(w.ctx(), s, gate.CreateCertificateRequest{Vault: "pay-prod", Name: "soft", Policy: certs.Policy{Subject: "CN=x"}})
	w.wantKind(err, fault.Forbidden)
}

// One name is one certificate with its key; neither takes the other's place.
func TestCertificatesAndKeysShareNames(t *testing.T) {
	w := furnished(t)
	s := w.signIn(sam)
	spec := keys.Spec{Type: keys.EC, Curve: keys.P256}
	makeKey := func(name string) error {
		_, err := w.gate.CreateKey(w.ctx(), s, gate.CreateKeyRequest{Vault: "pay-dev", Name: name, Spec: spec})
		return err
	}
	makeCert := func(name string) error {
		_, err := w.gate.CreateCertificate(w.ctx(), s, gate.CreateCertificateRequest{Vault: "pay-dev", Name: name, Policy: certs.Policy{Subject: "CN=x", Key: spec}})
		return err
	}
	w.must(makeKey("own"))
	w.wantKind(makeCert("own"), fault.Conflict)
	w.must(makeCert("web"))
	w.wantKind(makeKey("web"), fault.Conflict)
	w.must(makeCert("web")) // a new version of both
}

func TestBadInputChangesNothing(t *testing.T) {
	w := furnished(t)
	s := w.signIn(sam)
	for story, r := range map[string]gate.SetSecretRequest{
		"empty name":      set("pay-dev", "", "x"),
		"name with slash": set("pay-dev", "a/b", "x"),
		"name too long":   set("pay-dev", strings.Repeat("a", 128), "x"),
		"control signs":   set("pay-dev", "a\x1b[2J", "x"),
		"empty value":     set("pay-dev", "a", ""),
		"over 25 KB":      set("pay-dev", "a", strings.Repeat("x", gate.MaxSecretSize+1)),
		"expires first":   {Vault: "pay-dev", Name: "a", Value: secret.FromString("x"), NotBefore: w.clock, Expires: w.clock},
	} {
		entries := w.logged(func() {
			_, err := w.gate.SetSecret(w.ctx(), s, r)
			if fault.KindOf(err) != fault.Invalid {
				t.Errorf("%s: %v", story, err)
			}
		})
		if len(entries) != 1 || entries[0].Outcome != audit.Failed {
			t.Errorf("%s left the entries %+v", story, entries)
		}
	}
	page, err := w.gate.ListSecrets(w.ctx(), s, gate.ListRequest{Vault: "pay-dev"})
	w.must(err)
	if page.Total != 0 {
		t.Errorf("%d secrets were made", page.Total)
	}
	_, err = w.gate.SetSecret(w.ctx(), s, set("pay-dev", "big", strings.Repeat("x", gate.MaxSecretSize)))
	w.must(err) // exactly 25 KB is allowed
}
