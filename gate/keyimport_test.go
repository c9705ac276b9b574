package gate_test

import (
	"crypto/rand"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/strongroom/strongroom/audit"
	"github.com/strongroom/strongroom/certs"
	"github.com/strongroom/strongroom/gate"
	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/internal/secret"
	"github.com/strongroom/strongroom/keys"
	"github.com/strongroom/strongroom/roles"
)

// A key of every type comes into software with one entry and into the HSM with
// an intent and its outcome, and is there what it was outside. The token tells
// that the one in it was not made there.
func TestImportOfEveryType(t *testing.T) {
	w := furnished(t)
	s := w.signIn(sam)
	for _, spec := range keys.Specs() {
		if spec.HSM() || spec.Bits > 2048 {
			continue
		}
		key := w.generated(spec)
		for _, inHSM := range []bool{false, true} {
			name := strings.ReplaceAll(strings.ToLower(spec.String()), " ", "-")
			want, outcomes := spec, []audit.Outcome{audit.Done}
			if inHSM {
				name, want, outcomes = name+"-hsm", spec.Hardware(), []audit.Outcome{audit.Intent, audit.Done}
			}
			var o gate.Object
			var err error
			entries := w.logged(func() {
				o, err = w.gate.ImportKey(w.ctx(), s, gate.ImportKeyRequest{Vault: "pay-dev", Name: name, Key: key, HSM: inHSM, Tags: map[string]string{"from": "afar"}})
			})
			w.must(err)
			if o.Spec != want || o.Protection != want.Protection() || !o.Public.Equal(key.Public()) || o.Tags["from"] != "afar" {
				t.Errorf("%s became %+v", spec, o)
			}
			w.wantOutcomes(entries, roles.KeysImport, outcomes)
			truth, err := w.gate.KeyTruth(w.ctx(), s, keyRef(name))
			w.must(err)
			if len(truth.Differences) != 0 || inHSM && (truth.Now == nil || truth.Now.Local || truth.Now.Extractable || !truth.Now.Sensitive) {
				t.Errorf("%s in the HSM: %+v", spec, truth)
			}
			if spec.Asymmetric() {
				w.signsAs(s, name, key)
			}
		}
	}
}

func (w *world) wantOutcomes(entries []audit.Entry, action roles.Action, outcomes []audit.Outcome) {
	w.t.Helper()
	if len(entries) != len(outcomes) {
		w.t.Fatalf("%s left %+v, want %v", action, entries, outcomes)
	}
	for i, e := range entries {
		if e.Action != string(action) || e.Outcome != outcomes[i] {
			w.t.Errorf("%s left %+v, want %s", action, e, outcomes[i])
		}
	}
	if len(entries) == 2 && entries[1].Ref != entries[0].ID {
		w.t.Errorf("%s: the outcome does not close the intent", action)
	}
}

func (w *world) signsAs(s *gate.Session, name string, key *keys.Private) {
	w.t.Helper()
	alg := keys.DefaultSignature(key.Spec())
	info, _ := alg.Info()
	digest := make([]byte, max(info.DigestSize(), 1))
	sig, err := w.gate.Sign(w.ctx(), s, gate.SignRequest{Ref: keyRef(name), Algorithm: alg, Digest: digest})
	w.must(err)
	if valid, err := keys.Verify(key.Public(), alg, digest, sig.Value); err != nil || !valid {
		w.t.Errorf("%s signs what the imported key did not: %v", name, err)
	}
}

// OpenSSL's key comes in, and opens what OpenSSL encrypted for it.
func TestImportFromOpenSSL(t *testing.T) {
	w := furnished(t)
	s := w.signIn(sam)
	dir := t.TempDir()
	file := func(name string) string { return filepath.Join(dir, name) }
	run := func(args ...string) {
		t.Helper()
		if out, err := exec.CommandContext(t.Context(), "openssl", args...).CombinedOutput(); err != nil {
			t.Fatalf("openssl %v: %v: %s", args, err, out)
		}
	}
	w.must(os.WriteFile(file("text"), []byte("hello"), 0o600))
	run("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", file("key.pem"))
	run("pkey", "-in", file("key.pem"), "-pubout", "-out", file("pub.pem"))
	pem, err := os.ReadFile(file("key.pem"))
	w.must(err)
	key, err := keys.ParsePrivatePEM(secret.New(pem))
	w.must(err)
	defer key.Wipe()
	for alg, options := range map[keys.EncryptionAlgorithm][]string{
		keys.RSA15:      {"rsa_padding_mode:pkcs1"},
		keys.RSAOAEP:    {"rsa_padding_mode:oaep", "rsa_oaep_md:sha1", "rsa_mgf1_md:sha1"},
		keys.RSAOAEP256: {"rsa_padding_mode:oaep", "rsa_oaep_md:sha256", "rsa_mgf1_md:sha256"},
	} {
		args := []string{"pkeyutl", "-encrypt", "-pubin", "-inkey", file("pub.pem"), "-in", file("text"), "-out", file("sealed")}
		for _, o := range options {
			args = append(args, "-pkeyopt", o)
		}
		run(args...)
		sealed, err := os.ReadFile(file("sealed"))
		w.must(err)
		for _, inHSM := range []bool{false, true} {
			name := map[bool]string{false: "soft", true: "hard"}[inHSM]
			_, err := w.gate.ImportKey(w.ctx(), s, gate.ImportKeyRequest{Vault: "pay-dev", Name: name, Key: key, HSM: inHSM})
			w.must(err)
			d, err := w.gate.UnwrapKey(w.ctx(), s, gate.DecryptRequest{Ref: keyRef(name), Encrypted: keys.Encrypted{Algorithm: alg, Ciphertext: sealed}})
			w.must(err)
			if string(plain(d.Plaintext)) != "hello" {
				t.Errorf("%s, %s: %q", name, alg, plain(d.Plaintext))
			}
		}
	}
}

// The rules of creation are those of import: hardware only, names that are
// taken or in the bin, operations that the key has not. Nothing is left in the
// token.
func TestImportsThatMustNotBe(t *testing.T) {
	w := furnished(t)
	s := w.signIn(sam)
	w.fillBin(s)
	_, err := w.gate.CreateCertificate(w.ctx(), s, gate.CreateCertificateRequest{Vault: "pay-dev", Name: "web", Policy: certs.Policy{Subject: "CN=x", Key: softP256}})
	w.must(err)
	key := w.generated(softP256)
	before, err := w.token.Token.Objects(w.ctx())
	w.must(err)
	for story, tc := range map[string]struct {
		r    gate.ImportKeyRequest
		kind fault.Kind
		rule string
	}{
		"a software key into prod":      {gate.ImportKeyRequest{Vault: "pay-prod", Name: "a"}, fault.Forbidden, "hardware-only"},
		"a name in the bin":             {gate.ImportKeyRequest{Vault: "pay-dev", Name: "gone"}, fault.Conflict, ""},
		"a name in the bin, HSM":        {gate.ImportKeyRequest{Vault: "pay-dev", Name: "gone", HSM: true}, fault.Conflict, ""},
		"a certificate's name":          {gate.ImportKeyRequest{Vault: "pay-dev", Name: "web"}, fault.Conflict, ""},
		"a bad name":                    {gate.ImportKeyRequest{Vault: "pay-dev", Name: "no good"}, fault.Invalid, ""},
		"EC keys do not decrypt":        {gate.ImportKeyRequest{Vault: "pay-dev", Name: "a", HSM: true, Operations: []keys.Operation{keys.OpDecrypt}}, fault.Invalid, ""},
		"a date that ends before it is": {gate.ImportKeyRequest{Vault: "pay-dev", Name: "a", NotBefore: w.clock, Expires: w.clock.AddDate(-1, 0, 0)}, fault.Invalid, ""},
	} {
		tc.r.Key = key
		outcome := audit.Failed
		if tc.rule != "" {
			outcome = audit.Refused
		}
		entry := w.one(roles.KeysImport, outcome, "", func() { _, err = w.gate.ImportKey(w.ctx(), s, tc.r) })
		if fault.KindOf(err) != tc.kind || entry.Rule != tc.rule {
			t.Errorf("%s: %v, rule %q", story, err, entry.Rule)
		}
	}
	// The certificate's name is found out when the key is in the token already.
	entries := w.logged(func() {
		_, err = w.gate.ImportKey(w.ctx(), s, gate.ImportKeyRequest{Vault: "pay-dev", Name: "web", Key: key, HSM: true})
	})
	w.wantKind(err, fault.Conflict)
	w.wantOutcomes(entries, roles.KeysImport, []audit.Outcome{audit.Intent, audit.Failed})
	after, err := w.token.Token.Objects(w.ctx())
	w.must(err)
	if len(after) != len(before) {
		t.Errorf("the token has %d objects, had %d", len(after), len(before))
	}
	_, err = w.gate.ImportKey(w.ctx(), s, gate.ImportKeyRequest{Vault: "pay-prod", Name: "a", Key: key, HSM: true})
	w.must(err)
}

// A second import is a second version, and a rotation of an imported key makes
// a new one where it is.
func TestImportedVersionsRotate(t *testing.T) {
	w := furnished(t)
	s := w.signIn(sam)
	for range 2 {
		key, err := keys.Generate(oct256, rand.Reader)
		w.must(err)
		_, err = w.gate.ImportKey(w.ctx(), s, gate.ImportKeyRequest{Vault: "pay-dev", Name: "mac", Key: key, HSM: true, Operations: []keys.Operation{keys.OpSign, keys.OpVerify}})
		w.must(err)
		key.Wipe()
	}
	o, err := w.gate.Rotate(w.ctx(), s, keyRef("mac"))
	w.must(err)
	if o.Versions != 3 || o.Spec != octHSM256 {
		t.Errorf("rotated to %+v", o)
	}
	_, err = w.gate.Sign(w.ctx(), s, gate.SignRequest{Ref: keyRef("mac"), Algorithm: keys.HS256, Digest: []byte("x")})
	w.must(err)
}
