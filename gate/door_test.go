package gate_test

import (
	"context"
	"crypto/rand"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
	"testing"

	"github.com/strongroom/strongroom/audit"
	"github.com/strongroom/strongroom/certs"
	"github.com/strongroom/strongroom/gate"
	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/internal/secret"
	"github.com/strongroom/strongroom/keys"
	"github.com/strongroom/strongroom/reports"
	"github.com/strongroom/strongroom/roles"
)

// attempts holds one way to do each action through the gate.
func attempts(g *gate.Gate, vault string) map[roles.Action]func(context.Context, *gate.Session) error {
	ref := gate.Ref{Vault: vault, Name: "thing"}
	gone, web := gate.Ref{Vault: vault, Name: "gone"}, gate.Ref{Vault: vault, Name: "web"}
	box := gate.Ref{Vault: vault, Name: "box"}
	digest := make([]byte, 32)
	list := gate.ListRequest{Vault: vault}
	type do = func(context.Context, *gate.Session) error
	return map[roles.Action]do{
		roles.VaultsRead: func(ctx context.Context, s *gate.Session) error { _, err := g.ShowVault(ctx, s, vault); return err },
		roles.VaultsCreate: func(ctx context.Context, s *gate.Session) error {
			_, err := g.CreateVault(ctx, s, gate.CreateVaultRequest{Name: "fresh-" + s.Person(), Environment: roles.Dev})
			return err
		},
		roles.VaultsUpdate: func(ctx context.Context, s *gate.Session) error {
			_, err := g.UpdateVault(ctx, s, vault, gate.VaultPolicyRequest{})
			return err
		},
		roles.SecretsSetAttributes: setAttributes(g, gate.KindSecret, ref),
		roles.SecretsDelete:        deleteOf(g, gate.KindSecret, ref),
		roles.SecretsRecover:       recoverOf(g, gate.KindSecret, ref),
		roles.SecretsBackup:        backupOf(g, gate.KindSecret, gate.Ref{Vault: vault, Name: "soft"}),
		roles.SecretsRestore:       restoreOf(g, gate.KindSecret, vault),
		roles.SecretsPurge:         purgeOf(g, gate.KindSecret, gone),
		roles.SecretsCompare: func(ctx context.Context, s *gate.Session) error {
			_, err := g.CompareSecretVersions(ctx, s, ref, "")
			return err
		},
		roles.SecretsExport: func(ctx context.Context, s *gate.Session) error {
			_, err := g.ExportSecret(ctx, s, ref)
			return err
		},
		roles.KeysSetAttributes: setAttributes(g, gate.KindKey, ref),
		roles.KeysDelete:        deleteOf(g, gate.KindKey, ref),
		roles.KeysRecover:       recoverOf(g, gate.KindKey, ref),
		roles.KeysBackup:        backupOf(g, gate.KindKey, gate.Ref{Vault: vault, Name: "soft-key"}),
		roles.KeysRestore:       restoreOf(g, gate.KindKey, vault),
		roles.KeysPurge:         purgeOf(g, gate.KindKey, gone),
		roles.KeysRotate:        func(ctx context.Context, s *gate.Session) error { _, err := g.Rotate(ctx, s, ref); return err },
		roles.KeysGetRotationPolicy: func(ctx context.Context, s *gate.Session) error {
			_, err := g.GetRotationPolicy(ctx, s, ref)
			return err
		},
		roles.KeysSetRotationPolicy: func(ctx context.Context, s *gate.Session) error {
			_, err := g.SetRotationPolicy(ctx, s, ref, yearly())
			return err
		},
		roles.CertificatesSetAttributes: setAttributes(g, gate.KindCertificate, web),
		roles.CertificatesDelete:        deleteOf(g, gate.KindCertificate, web),
		roles.CertificatesRecover:       recoverOf(g, gate.KindCertificate, web),
		roles.CertificatesBackup:        backupOf(g, gate.KindCertificate, gate.Ref{Vault: vault, Name: "soft"}),
		roles.CertificatesRestore:       restoreOf(g, gate.KindCertificate, vault),
		roles.CertificatesPurge:         purgeOf(g, gate.KindCertificate, gate.Ref{Vault: vault, Name: "gone-web"}),
		roles.PeopleList:                func(ctx context.Context, s *gate.Session) error { _, err := g.ListPeople(ctx, s); return err },
		roles.PeopleCreate: func(ctx context.Context, s *gate.Session) error {
			_, err := g.CreatePerson(ctx, s, gate.CreatePersonRequest{Name: "made-by-" + s.Person()})
			return err
		},
		roles.AssignmentsList: func(ctx context.Context, s *gate.Session) error {
			_, err := g.ListAssignments(ctx, s, vault)
			return err
		},
		roles.AssignmentsCreate: func(ctx context.Context, s *gate.Session) error {
			_, err := g.CreateAssignment(ctx, s, gate.GrantRequest{Person: "bob", Role: roles.SecretOwner, Scope: roles.Scope{Vault: vault}})
			return err
		},
		roles.AssignmentsDelete: func(ctx context.Context, s *gate.Session) error {
			err := g.DeleteAssignment(ctx, s, "00000000-0000-4000-8000-000000000000")
			if fault.KindOf(err) == fault.NotFound {
				return nil // allowed, and nothing there
			}
			return err
		},
		roles.HSMRead:     func(ctx context.Context, s *gate.Session) error { _, err := g.ShowHSM(ctx, s); return err },
		roles.SecretsList: func(ctx context.Context, s *gate.Session) error { _, err := g.ListSecrets(ctx, s, list); return err },
		roles.SecretsGet: func(ctx context.Context, s *gate.Session) error {
			_, err := g.GetSecret(ctx, s, ref, gate.PurposeReveal)
			return err
		},
		roles.SecretsSet: func(ctx context.Context, s *gate.Session) error {
			_, err := g.SetSecret(ctx, s, gate.SetSecretRequest{Vault: vault, Name: "thing", Value: secret.FromString("v")})
			return err
		},
		roles.KeysList: func(ctx context.Context, s *gate.Session) error { _, err := g.ListKeys(ctx, s, list); return err },
		roles.KeysGet:  func(ctx context.Context, s *gate.Session) error { _, err := g.ShowKey(ctx, s, ref); return err },
		roles.KeysCreate: func(ctx context.Context, s *gate.Session) error {
			_, err := g.CreateKey(ctx, s, gate.CreateKeyRequest{Vault: vault, Name: "thing", Spec: keys.Spec{Type: keys.ECHSM, Curve: keys.P256}})
			return err
		},
		roles.KeysSign: func(ctx context.Context, s *gate.Session) error {
			_, err := g.Sign(ctx, s, gate.SignRequest{Ref: ref, Algorithm: keys.ES256, Digest: digest})
			return err
		},
		roles.KeysVerify: func(ctx context.Context, s *gate.Session) error {
			_, err := g.Verify(ctx, s, gate.VerifyRequest{Ref: ref, Algorithm: keys.ES256, Digest: digest, Signature: make([]byte, 64)})
			return err
		},
		roles.KeysEncrypt: func(ctx context.Context, s *gate.Session) error {
			_, err := g.Encrypt(ctx, s, gate.EncryptRequest{Ref: box, Algorithm: keys.A256GCM, Plaintext: secret.FromString("v")})
			return err
		},
		roles.KeysDecrypt: func(ctx context.Context, s *gate.Session) error {
			e := keys.Encrypted{Algorithm: keys.A256CBC, Ciphertext: digest, IV: digest[:16]} // any whole block is one
			_, err := g.Decrypt(ctx, s, gate.DecryptRequest{Ref: box, Encrypted: e})
			return err
		},
		roles.KeysWrapKey: func(ctx context.Context, s *gate.Session) error {
			_, err := g.WrapKey(ctx, s, gate.EncryptRequest{Ref: box, Algorithm: keys.A256KW, Plaintext: secret.New(make([]byte, 32))})
			return err
		},
		roles.KeysUnwrapKey: func(ctx context.Context, s *gate.Session) error {
			e := keys.Encrypted{Algorithm: keys.A256KW, Ciphertext: digest}
			_, err := g.UnwrapKey(ctx, s, gate.DecryptRequest{Ref: box, Encrypted: e})
			if errors.Is(err, keys.ErrDecrypt) {
				return nil // allowed, and nothing that was wrapped
			}
			return err
		},
		roles.KeysImport: func(ctx context.Context, s *gate.Session) error {
			key, err := keys.Generate(softP256, rand.Reader)
			if err != nil {
				return err
			}
			defer key.Wipe()
			_, err = g.ImportKey(ctx, s, gate.ImportKeyRequest{Vault: vault, Name: "imported", Key: key})
			return err
		},
		roles.CertificatesList: func(ctx context.Context, s *gate.Session) error {
			_, err := g.ListCertificates(ctx, s, list)
			return err
		},
		roles.CertificatesGet: func(ctx context.Context, s *gate.Session) error {
			_, err := g.ShowCertificate(ctx, s, gate.Ref{Vault: vault, Name: "web"})
			return err
		},
		roles.CertificatesCreate: func(ctx context.Context, s *gate.Session) error {
			_, err := g.CreateCertificate(ctx, s, gate.CreateCertificateRequest{Vault: vault, Name: "web", Policy: certs.Policy{Subject: "CN=x", Key: keys.Spec{Type: keys.ECHSM, Curve: keys.P256}}})
			return err
		},
		roles.AuditList: func(ctx context.Context, s *gate.Session) error {
			_, err := g.ListLog(ctx, s, gate.LogRequest{})
			return err
		},
		roles.AuditVerify: func(ctx context.Context, s *gate.Session) error { _, err := g.VerifyLog(ctx, s, nil); return err },
		roles.ReportsList: func(ctx context.Context, s *gate.Session) error { _, err := g.Reports(ctx, s); return err },
		roles.ReportsRun: func(ctx context.Context, s *gate.Session) error {
			_, err := g.RunReport(ctx, s, gate.ReportRequest{ID: reports.InventoryAccess, Format: reports.FormatJSON})
			return err
		},
	}
}

type attempt = func(context.Context, *gate.Session) error

func setAttributes(g *gate.Gate, kind gate.Kind, r gate.Ref) attempt {
	return func(ctx context.Context, s *gate.Session) error {
		on := true
		_, err := g.SetAttributes(ctx, s, kind, r, gate.AttributesRequest{Enabled: &on})
		return err
	}
}

func deleteOf(g *gate.Gate, kind gate.Kind, r gate.Ref) attempt {
	return func(ctx context.Context, s *gate.Session) error { _, err := g.Delete(ctx, s, kind, r); return err }
}

func recoverOf(g *gate.Gate, kind gate.Kind, r gate.Ref) attempt {
	return func(ctx context.Context, s *gate.Session) error { _, err := g.Recover(ctx, s, kind, r); return err }
}

func backupOf(g *gate.Gate, kind gate.Kind, r gate.Ref) attempt {
	return func(ctx context.Context, s *gate.Session) error { _, err := g.Backup(ctx, s, kind, r); return err }
}

// restoreOf restores what is no backup: whoever may try is told so.
func restoreOf(g *gate.Gate, kind gate.Kind, vault string) attempt {
	return func(ctx context.Context, s *gate.Session) error {
		_, err := g.Restore(ctx, s, kind, vault, []byte("no backup"))
		if fault.KindOf(err) == fault.Tampered {
			return nil
		}
		return err
	}
}

func purgeOf(g *gate.Gate, kind gate.Kind, r gate.Ref) attempt {
	return func(ctx context.Context, s *gate.Session) error { return g.Purge(ctx, s, kind, r) }
}

// Every role tries everything through the gate. What the table refuses is
// refused, what it allows is done, and each leaves its entry: one, or two
// where a key is made in the HSM.
func TestEachRoleTriesEverything(t *testing.T) {
	w := furnished(t)
	s := w.signIn(sam)
	_, err := w.gate.SetSecret(w.ctx(), s, set("pay-dev", "thing", "v"))
	w.must(err)
	for _, action := range []roles.Action{roles.KeysCreate, roles.CertificatesCreate} {
		w.must(attempts(w.gate, "pay-dev")[action](w.ctx(), s))
	}
	w.fillBin(s)
	w.must(w.make(s, gate.KindSecret, "soft", softP256))
	w.must(w.make(s, gate.KindCertificate, "soft", softP256))
	w.must(w.make(s, gate.KindKey, "soft-key", softP256))
	w.must(w.make(s, gate.KindKey, "box", keys.Spec{Type: keys.Oct, Bits: 256}))
	w.must(attempts(w.gate, "pay-dev")[roles.KeysSetRotationPolicy](w.ctx(), s))
	owner := w.signIn(olivia)
	i, err := w.gate.CreatePerson(w.ctx(), owner, gate.CreatePersonRequest{Name: "bob"})
	w.must(err)
	w.enrol(i)
	for name, role := range map[string]roles.Role{olivia: roles.VaultOwner, sam: roles.SecretOwner, ada: roles.Auditor} {
		s := w.signIn(name)
		all := attempts(w.gate, "pay-dev")
		for _, action := range roles.Actions() {
			try, ok := all[action]
			if !ok {
				t.Fatalf("there is no attempt at %s", action)
			}
			allowed := roles.At(role, action).Allowed
			var err error
			entries := w.logged(func() { err = try(w.ctx(), s) })
			if allowed && err != nil || !allowed && fault.KindOf(err) != fault.Forbidden {
				t.Errorf("%s, %s: %v, want allowed = %t", role, action, err, allowed)
			}
			checkEntries(t, action, name, allowed, entries)
		}
	}
}

func checkEntries(t *testing.T, action roles.Action, actor string, allowed bool, entries []audit.Entry) {
	t.Helper()
	inHSM := action == roles.VaultsCreate || action == roles.KeysCreate || action == roles.CertificatesCreate || action == roles.KeysRotate
	want := []audit.Outcome{audit.Done}
	switch {
	case !allowed:
		want = []audit.Outcome{audit.Refused}
	case inHSM:
		want = []audit.Outcome{audit.Intent, audit.Done}
	case action == roles.AssignmentsDelete, action == roles.KeysUnwrapKey, strings.HasSuffix(string(action), "/restore"):
		want = []audit.Outcome{audit.Failed}
	}
	if len(entries) != len(want) {
		t.Errorf("%s by %s left %d entries, want %d", action, actor, len(entries), len(want))
		return
	}
	for i, e := range entries {
		if e.Outcome != want[i] || e.Action != string(action) || e.Actor.Name != actor || (e.Outcome == audit.Refused) != (e.Rule != "") {
			t.Errorf("%s by %s left %+v", action, actor, e)
		}
	}
	if len(entries) == 2 && entries[1].Ref != entries[0].ID {
		t.Errorf("%s: the outcome does not close the intent", action)
	}
}

// Somebody without a role in a vault does not learn whether it exists.
func TestVaultsOneMayNotSeeLookLikeNoneAtAll(t *testing.T) {
	w := furnished(t)
	owner := w.signIn(olivia)
	i, err := w.gate.CreatePerson(w.ctx(), owner, gate.CreatePersonRequest{Name: "eve"})
	w.must(err)
	_, err = w.gate.CreateAssignment(w.ctx(), owner, gate.GrantRequest{Person: "eve", Role: roles.SecretOwner, Scope: roles.Scope{Vault: "pay-dev"}})
	w.must(err)
	w.enrol(i)
	eve := w.signIn("eve")
	_, there := w.gate.GetSecret(w.ctx(), eve, gate.Ref{Vault: "pay-prod", Name: "a"}, gate.PurposeShow)
	_, absent := w.gate.GetSecret(w.ctx(), eve, gate.Ref{Vault: "pay-none", Name: "a"}, gate.PurposeShow)
	w.wantKind(there, fault.Forbidden)
	if there.Error() != absent.Error() || fault.Hint(there) != fault.Hint(absent) {
		t.Errorf("a vault that is there says %q, one that is not %q", there, absent)
	}
	vaults, err := w.gate.ListVaults(w.ctx(), eve)
	w.must(err)
	if len(vaults) != 1 || vaults[0].Name != "pay-dev" {
		t.Errorf("eve sees %+v", vaults)
	}
}

func TestGrantsThatMustNotBe(t *testing.T) {
	w := furnished(t)
	owner := w.signIn(olivia)
	grant := func(person string, role roles.Role, scope roles.Scope) error {
		_, err := w.gate.CreateAssignment(w.ctx(), owner, gate.GrantRequest{Person: person, Role: role, Scope: scope})
		return err
	}
	w.wantKind(grant(olivia, roles.SecretOwner, roles.Scope{Vault: "pay-dev"}), fault.Forbidden) // oneself
	w.wantKind(grant(sam, roles.VaultOwner, roles.Scope{}), fault.Forbidden)                     // both sides of a vault
	w.wantKind(grant(sam, roles.Auditor, roles.Scope{}), fault.Forbidden)                        // an auditor with more
	w.wantKind(grant(ada, roles.SecretOwner, roles.Scope{Vault: "pay-dev"}), fault.Forbidden)
	w.wantKind(grant("nobody", roles.SecretOwner, roles.Scope{Vault: "pay-dev"}), fault.NotFound)
	w.wantKind(grant(sam, "emperor", roles.Scope{Vault: "pay-dev"}), fault.Invalid)
	w.wantKind(grant(sam, roles.SecretOwner, roles.Scope{Vault: "pay-none"}), fault.NotFound)

	held, err := w.gate.ListAssignments(w.ctx(), owner, "")
	w.must(err)
	for _, a := range held {
		if a.Role == roles.VaultOwner || a.Role == roles.Auditor {
			w.wantKind(w.gate.DeleteAssignment(w.ctx(), owner, a.ID), fault.Forbidden) // the last seat
		}
	}
}

// No log, no act: with the log out of reach nothing leaves the gate.
func TestWithoutTheLogNothingHappens(t *testing.T) {
	w := furnished(t)
	s := w.signIn(sam)
	_, err := w.gate.SetSecret(w.ctx(), s, set("pay-dev", "thing", "v"))
	w.must(err)
	w.must(attempts(w.gate, "pay-dev")[roles.KeysCreate](w.ctx(), s))
	w.breakLog()
	value, err := w.gate.GetSecret(w.ctx(), s, gate.Ref{Vault: "pay-dev", Name: "thing"}, gate.PurposeShow)
	if value != nil || fault.KindOf(err) != fault.Tampered {
		t.Errorf("a value left without its entry: %v, %v", value, err)
	}
	sig, err := w.gate.Sign(w.ctx(), s, gate.SignRequest{Ref: gate.Ref{Vault: "pay-dev", Name: "thing"}, Algorithm: keys.ES256, Digest: make([]byte, 32)})
	if sig.Value != nil || fault.KindOf(err) != fault.Tampered {
		t.Errorf("a signature left without its entry: %v, %v", sig, err)
	}
	before, err := w.token.Token.Objects(w.ctx())
	w.must(err)
	if err := attempts(w.gate, "pay-dev")[roles.KeysCreate](w.ctx(), s); err == nil {
		t.Error("a key was made without its entry")
	}
	after, err := w.token.Token.Objects(w.ctx())
	w.must(err)
	if len(before) != len(after) {
		t.Errorf("the token has %d objects, had %d", len(after), len(before))
	}
	if _, err := w.gate.SignIn(w.ctx(), w.request(ada)); err == nil {
		t.Error("somebody signed in without an entry")
	}
}

// Every exported method that takes a login session goes through the door, or
// stands here with the reason why it is none of its business.
func TestNoWayAroundTheDoor(t *testing.T) {
	outside := map[string]string{
		"SignOut":     "ends the session, with an entry of its own",
		"Lock":        "ends the session, with an entry of its own",
		"StepUp":      "shows a factor, with an entry of its own",
		"Ticket":      "seals the session for the same person's next process",
		"Permissions": "answers what the gate would say, and does nothing",
		"RolesOf":     "the status line's own roles",
	}
	doors := []string{"carry", "carryInto", "carryStored", "carryHSM", "list", "versions", "show", "createInHSM", "createPairInHSM", "purge", "rotate", "makeKey", "encrypt", "decrypt", "getSecret", "setSecret"}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for _, path := range files {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range f.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok || fn.Recv == nil || !fn.Name.IsExported() || !takesSession(fn) {
				continue
			}
			seen++
			if outside[fn.Name.Name] == "" && !calls(fn.Body, doors) {
				t.Errorf("%s does not go through the door", fn.Name.Name)
			}
		}
	}
	if seen < 20 {
		t.Errorf("only %d methods looked at", seen)
	}
}

func takesSession(fn *ast.FuncDecl) bool {
	for _, p := range fn.Type.Params.List {
		if star, ok := p.Type.(*ast.StarExpr); ok {
			if id, ok := star.X.(*ast.Ident); ok && id.Name == "Session" {
				return true
			}
		}
	}
	return false
}

func calls(body ast.Node, names []string) bool {
	found := false
	ast.Inspect(body, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		name := ""
		switch f := call.Fun.(type) {
		case *ast.Ident:
			name = f.Name
		case *ast.SelectorExpr:
			name = f.Sel.Name
		}
		for _, want := range names {
			found = found || name == want
		}
		return true
	})
	return found
}
