package views

import (
	"fmt"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/internal/secret"
	"github.com/strongroom/strongroom/keys"
	"github.com/strongroom/strongroom/roles"
)

// noon is the moment of every picture.
var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func days(n int) time.Time { return noon.AddDate(0, 0, n) }

var (
	prod    = VaultRow{Name: "payments-prod", Environment: roles.Prod, Created: days(-200), Keys: 4, Secrets: 7, Certificates: 3, Expiring: 1, Expired: 1, MyRole: "secret owner", HardwareOnly: true, Master: "AES-256, version 2"}
	staging = VaultRow{Name: "payments-staging", Environment: roles.Staging, Created: days(-180), Keys: 2, Secrets: 4, Certificates: 1, Expiring: 2, MyRole: "secret owner", Master: "AES-256, version 1"}
	dev     = VaultRow{Name: "payments-dev", Environment: roles.Dev, Created: days(-150), Keys: 1, Secrets: 3, MyRole: "secret owner", Master: "AES-256, version 1"}
)

// The value that no frame may show unasked.
const canary = "hunter2-correct-horse"

// refusals of a role, as package roles says them.
func refusalsOf(r roles.Role) Refusals {
	out := Refusals{}
	for _, a := range roles.Actions() {
		if cell := roles.At(r, a); !cell.Allowed {
			out[a] = cell.Why
		}
	}
	return out
}

func life(expires time.Time) Life {
	return Life{Enabled: true, Created: days(-90), Updated: days(-12), Expires: expires}
}

func version(n int) string { return fmt.Sprintf("%08x%024x", 0xa1b2c300+n, n) }

func secretRows() []ObjectRow {
	row := func(name, typ string, expires time.Time) ObjectRow {
		return ObjectRow{Kind: Secrets, Name: name, Version: version(1), Life: life(expires), Type: typ, Tags: map[string]string{"team": "payments"}}
	}
	rows := []ObjectRow{
		row("db-password", "text/plain", days(61)),
		row("fraud-score-token", "text/plain", days(240)),
		row("hook-signing-key", "", days(12)),
		row("ledger-api-token", "text/plain", days(-3)),
		row("ledger-readonly", "text/plain", days(90)),
		row("partner-sftp", "application/json", time.Time{}),
		row("pos-pairing", "text/plain", days(365)),
		row("settlement-ftp", "application/json", days(28)),
		row("smtp-relay", "text/plain", time.Time{}),
		row("statement-mailer", "text/plain", time.Time{}),
	}
	rows[8].Enabled = false
	return rows
}

func keyRows() []ObjectRow {
	row := func(name, typ string, pr keys.Protection) ObjectRow {
		return ObjectRow{Kind: Keys, Name: name, Version: version(2), Life: life(time.Time{}), Type: typ, Protection: pr}
	}
	return []ObjectRow{
		row("settlement-signing", "EC P-256", keys.ProtectionHSM),
		row("statement-signing", "RSA 3072", keys.ProtectionHSM),
		row("webhook-mac", "EC P-384", keys.ProtectionSoftware),
	}
}

func certificateRows() []ObjectRow {
	row := func(name string, from, to int) ObjectRow {
		l := life(days(to))
		l.NotBefore = days(from)
		return ObjectRow{Kind: Certificates, Name: name, Version: version(3), Life: l, Type: "CN=" + name + ".example.com", Protection: keys.ProtectionHSM}
	}
	return []ObjectRow{row("legacy-gateway", -400, -6), row("pay", -340, 19), row("sftp-host", -30, 335)}
}

func page[T any](rows []T) Page[T] { return Page[T]{Rows: rows, Total: len(rows)} }

func secretDetail() ObjectDetail {
	r := secretRows()[0]
	return ObjectDetail{ObjectRow: r, Versions: []VersionRow{
		{Version: version(1), Life: r.Life, Master: 2},
		{Version: version(0), Life: Life{Enabled: true, Created: days(-180), Updated: days(-180), Expires: days(-29)}, Master: 1},
	}}
}

func keyDetail() ObjectDetail {
	r := keyRows()[0]
	spec := keys.Spec{Type: "EC-HSM", Curve: keys.P256}
	return ObjectDetail{
		ObjectRow: r, Spec: spec, Operations: []keys.Operation{keys.OpSign, keys.OpVerify},
		PublicPEM: "-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEf83OJ3D2xF1Bg8vub9tLe1gHMzV7\n6e8Tus9uPHvRVEXzq2R3zKq3M7rJ8VtZ3wU8eY3v5Uk8l5w5o9p0f9p0fQ==\n-----END PUBLIC KEY-----\n",
		Versions:  []VersionRow{{Version: version(2), Life: r.Life, Type: "EC P-256", Protection: keys.ProtectionHSM}},
		Facts:     []Fact{{"thumbprint", "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs", Muted}},
	}
}

func certificateDetail() ObjectDetail {
	r := certificateRows()[1]
	return ObjectDetail{
		ObjectRow: r, Spec: keys.Spec{Type: "EC-HSM", Curve: keys.P256},
		Certificate: CertificateFacts{
			Subject: "CN=pay.example.com,O=Example", Issuer: "CN=pay.example.com,O=Example", Serial: "5d1f00a2c37b4e61",
			NotBefore: days(-340), NotAfter: days(19), Names: []string{"pay.example.com", "*.pay.example.com"},
			KeyType: "EC P-256", Signature: "ECDSA-SHA256", ThumbprintSHA1: "3c9f0a6d1b", SHA256: "9b74c9897bac770ffc029102a200c5de", SelfSigned: true,
			PEM: "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n",
		},
		Versions: []VersionRow{{Version: version(3), Life: r.Life, Type: "EC P-256", Protection: keys.ProtectionHSM, Master: 2}},
	}
}

func entryRows() []EntryRow {
	row := func(seq int64, min int, who, act, on, outcome, rule string) EntryRow {
		return EntryRow{Seq: seq, Time: noon.Add(-time.Duration(min) * time.Minute), Actor: who, Action: act, Object: on, Outcome: outcome, Rule: rule, Source: "console"}
	}
	return []EntryRow{
		row(1041, 1, "carol", "audit/list", "", "done", roles.RuleGranted),
		row(1040, 4, "alice", "secrets/get", "payments-prod/secret/db-password", "refused", roles.RuleRole),
		row(1039, 9, "bob", "keys/sign", "payments-prod/key/settlement-signing", "done", roles.RuleGranted),
		row(1038, 9, "bob", "secrets/get", "payments-prod/secret/db-password", "done", roles.RuleGranted),
		row(1037, 11, "bob", "keys/create", "payments-prod/key/settlement-signing", "failed", ""),
		row(1036, 31, "alice", "assignments/create", "payments-prod", "done", roles.RuleGranted),
	}
}

func summary() LogSummary {
	l := LogSummary{Size: 1042, Root: "q9Xk2hT0pMZs6m0Qv8WlqTnE3r5u7y9A1c3e5g7i9k0=", Checkpoint: noon.Add(-4 * time.Minute)}
	for i := range l.Hours {
		l.Hours[i] = (i * i * 7) % 40
	}
	return l
}

func hsmFacts() HSMFacts {
	return HSMFacts{
		State: "ready", OK: true, Label: "strongroom-demo", Serial: "8f2c1d90a7b3e455", Manufacturer: "SoftHSM project", Model: "SoftHSM v2",
		Firmware: "2.6", Hardware: "2.6", Module: "/usr/lib/softhsm/libsofthsm2.so", Library: "SoftHSM 2.6", Sessions: 4, SessionsMax: 8, Objects: 9,
		Keys: []HSMKeyRow{
			{ID: "01", Label: "log", Class: "private key", Type: "EC P-256", Purpose: "signs checkpoints and reports", NeverExtractable: true, Local: true},
			{ID: "02", Label: "vault payments-prod 2", Class: "secret key", Type: "AES-256", Purpose: "wraps data keys", NeverExtractable: true, Local: true},
			{ID: "03", Label: "imported-once", Class: "secret key", Type: "AES-256", Purpose: "wraps data keys"},
			{ID: "04", Label: "anchor", Class: "data", Purpose: "size and root of the log"},
		},
	}
}

func access() AccessLoaded {
	return AccessLoaded{
		Vaults: []string{"payments-prod", "payments-staging", "payments-dev"},
		People: []PersonRow{
			{Name: "alice", Display: "Alice Archer", State: "active", Created: days(-200), Roles: []string{"vault owner"}},
			{Name: "bob", Display: "Bob Brewer", State: "active", Created: days(-190), Roles: []string{"secret owner on 3 vaults"}},
			{Name: "carol", Display: "Carol Carter", State: "active", Created: days(-190), Roles: []string{"auditor"}},
			{Name: "dave", State: "invited", Created: days(-1)},
		},
		Assignments: []AssignmentRow{
			{ID: "1", Person: "alice", Role: roles.VaultOwner, GrantedBy: "strongroom", GrantedAt: days(-200), Mine: true},
			{ID: "2", Person: "bob", Role: roles.SecretOwner, Scope: roles.Scope{Vault: "payments-prod"}, Expires: days(20), GrantedBy: "alice", GrantedAt: days(-190)},
			{ID: "3", Person: "bob", Role: roles.SecretOwner, Scope: roles.Scope{Vault: "payments-dev", Prefix: "web-"}, GrantedBy: "alice", GrantedAt: days(-190)},
			{ID: "4", Person: "carol", Role: roles.Auditor, GrantedBy: "alice", GrantedAt: days(-190)},
		},
	}
}

func demoPeople() []DemoPerson {
	until := noon.Add(17 * time.Second)
	return []DemoPerson{
		{"alice", "vault owner", "demo-vault-owner-2026", "492039", until},
		{"bob", "secret owner", "demo-secret-owner-2026", "118204", until},
		{"carol", "auditor", "demo-auditor-2026", "730055", until},
	}
}

// checkers is a QR code's size without a QR code's meaning.
func checkers(side int) QR {
	return QR{Side: side, Black: func(x, y int) bool { return (x*y+x+y)%3 == 0 }}
}

func reportRows() []ReportRow {
	return []ReportRow{{
		ID: "inventory-access", Title: "Inventory and access", Formats: []string{"html", "json", "csv"},
		Evidence: "what is in every vault, in which state, how old and until when, and who may do what there",
	}}
}

var passwordRules = []string{"at least 12 characters; a few random words are good", "nothing that is on the list of common passwords", "spaces and any letters are welcome; no rule asks for signs or digits"}

// scene is a screen in a certain state.
type scene struct {
	name   string
	who    roles.Role
	vault  VaultRow
	build  func() Screen
	feed   []any // messages, or strings that are keys to press
	dialog func(s Screen) Dialog
	toast  *Toast
	task   *Progress
	ansi   bool // keep the escape sequences in a picture too
}

func scenes() []scene {
	owner, user, auditor := refusalsOf(roles.VaultOwner), refusalsOf(roles.SecretOwner), refusalsOf(roles.Auditor)
	unavailable := fault.New(fault.Unavailable, "the HSM does not answer", "plug the token in, then press ^R")
	secrets := ObjectsLoaded{Secrets, 1, page(secretRows())}
	ref := Ref{Vault: prod.Name, Kind: Secrets, Name: "db-password", Version: version(1)}
	value := func() any {
		return Revealed{Ref: ref, Value: secret.FromString(canary), Now: noon.Add(-9 * time.Second)}
	}
	return []scene{
		{name: "sign-in", build: func() Screen { return NewSignIn(SignInData{Installation: "/srv/strongroom", Name: "alice"}) }},
		{name: "sign-in-demo", ansi: true, build: func() Screen {
			return NewSignIn(SignInData{Installation: "strongroom-demo", Demo: demoPeople()})
		}, feed: []any{"ctrl+d"}},
		{name: "sign-in-refused", build: func() Screen { return NewSignIn(SignInData{Installation: "/srv/strongroom"}) }, feed: []any{
			"a", "l", Failed{SignIn{}, fault.New(fault.Unauthenticated, "name, password or code is wrong", "try again; after 5 failures the account waits 30 minutes")},
		}},
		{name: "locked", build: func() Screen { return NewLocked("bob", "idle for 5 minutes", noon.Add(-time.Minute)) }},
		{name: "enrol-who", build: newEnrol},
		{name: "enrol-password", build: newEnrol, feed: []any{"text:alice", "enter", "text:abcd-efgh", "enter", "text:short"}},
		{name: "enrol-scan", ansi: true, build: newEnrol, feed: []any{begun()}},
		{name: "enrol-codes", build: newEnrol, feed: []any{Enrolled{recoveryCodes()}}},
		{name: "vaults", who: roles.SecretOwner, ansi: true, build: func() Screen { return NewVaults(user) }, feed: []any{VaultsLoaded{[]VaultRow{prod, staging, dev}}}},
		{name: "vaults-empty-owner", who: roles.VaultOwner, build: func() Screen { return NewVaults(owner) }, feed: []any{VaultsLoaded{}}},
		{name: "vaults-empty-other", who: roles.SecretOwner, build: func() Screen { return NewVaults(user) }, feed: []any{VaultsLoaded{}}},
		{name: "vault-form", who: roles.VaultOwner, build: func() Screen { return NewVaultForm(owner) }, feed: []any{"text:payments--x"}},
		{name: "vault-secrets", who: roles.SecretOwner, vault: prod, ansi: true, build: func() Screen { return NewVault(prod, user) }, feed: []any{secrets, "down"}},
		{name: "vault-keys", who: roles.SecretOwner, vault: prod, build: func() Screen { return NewVault(prod, user) }, feed: []any{"tab", ObjectsLoaded{Keys, 1, page(keyRows())}}},
		{name: "vault-certificates", who: roles.Auditor, vault: prod, build: func() Screen { return NewVault(prod, auditor) }, feed: []any{"tab", "tab", ObjectsLoaded{Certificates, 1, page(certificateRows())}}},
		{name: "vault-filter-typing", who: roles.SecretOwner, vault: staging, build: func() Screen { return NewVault(staging, user) }, feed: []any{secrets, "/", "q", "d"}},
		{name: "vault-filter-set", who: roles.SecretOwner, vault: staging, build: func() Screen { return NewVault(staging, user) }, feed: []any{secrets, "/", "d", "b", "enter", ObjectsLoaded{Secrets, 2, page(secretRows()[:1])}}},
		{name: "vault-empty", who: roles.SecretOwner, vault: dev, build: func() Screen { return NewVault(dev, user) }, feed: []any{ObjectsLoaded{Secrets, 1, Page[ObjectRow]{}}}},
		{name: "vault-empty-auditor", who: roles.Auditor, vault: dev, build: func() Screen { return NewVault(dev, auditor) }, feed: []any{ObjectsLoaded{Secrets, 1, Page[ObjectRow]{}}}},
		{name: "vault-error", who: roles.SecretOwner, vault: prod, build: func() Screen { return NewVault(prod, user) }, feed: []any{Failed{LoadObjects{Kind: Secrets}, unavailable}}},
		{name: "secret", who: roles.SecretOwner, vault: prod, build: newSecretScene(user), feed: []any{ObjectLoaded{secretDetail()}}},
		{name: "secret-revealed", who: roles.SecretOwner, vault: prod, ansi: true, build: newSecretScene(user), feed: []any{ObjectLoaded{secretDetail()}, value()}},
		{name: "secret-withheld", who: roles.Auditor, vault: prod, ansi: true, build: newSecretScene(auditor), feed: []any{ObjectLoaded{secretDetail()}, value()}},
		{name: "secret-copied", who: roles.SecretOwner, vault: prod, build: newSecretScene(user), feed: []any{ObjectLoaded{secretDetail()}}, toast: &Toast{Accent, copiedNotice(Copied{"db-password", 30 * time.Second}).(Notify).Text}},
		{name: "secret-form", who: roles.SecretOwner, vault: prod, build: func() Screen { return NewSecretForm(prod, "", user) }, feed: []any{"text:db password", "tab", "tab", "paste:" + canary + "\nsecond line"}},
		{name: "secret-form-file", who: roles.SecretOwner, vault: prod, build: func() Screen { return NewSecretForm(prod, "db-password", user) }, feed: []any{"right", "tab", "text:/tmp/db", PathsSuggested{"file", "/tmp/db", []string{"/tmp/db.pem"}}}},
		{name: "secret-leave-form", who: roles.SecretOwner, vault: prod, build: func() Screen { return NewSecretForm(prod, "", user) }, feed: []any{"x"}, dialog: func(s Screen) Dialog {
			return s.Update(keyPress("esc"))[0].(OpenDialog).Dialog
		}},
		{name: "key", who: roles.SecretOwner, vault: prod, build: func() Screen { return NewKey(prod, "settlement-signing", user) }, feed: []any{ObjectLoaded{keyDetail()}}},
		{name: "key-form", who: roles.SecretOwner, vault: prod, build: func() Screen { return NewKeyForm(prod, KeyChoices{}, user) }, feed: []any{"text:settlement-signing", "tab", "tab"}},
		{name: "sign-form", who: roles.SecretOwner, vault: prod, build: func() Screen { return NewSign(prod, keyDetail(), user) }, feed: []any{"tab", "tab", "text:hello"}},
		{name: "sign-result", who: roles.SecretOwner, vault: prod, build: func() Screen { return NewSign(prod, keyDetail(), user) }, feed: []any{Signed{ref, keys.ES256, strings.Repeat("Qm9i", 21) + "Qg"}}},
		{name: "verify-valid", who: roles.Auditor, vault: prod, build: func() Screen { return NewVerify(prod, keyDetail(), auditor) }, feed: []any{Verified{ref, keys.ES256, true}}},
		{name: "verify-not-valid", who: roles.Auditor, vault: prod, build: func() Screen { return NewVerify(prod, keyDetail(), auditor) }, feed: []any{Verified{ref, keys.ES256, false}}},
		{name: "certificate", who: roles.SecretOwner, vault: prod, ansi: true, build: func() Screen { return NewCertificate(prod, "pay", user) }, feed: []any{ObjectLoaded{certificateDetail()}}},
		{name: "certificate-form", who: roles.SecretOwner, vault: prod, build: func() Screen { return NewCertificateForm(prod, KeyChoices{}, user) }, feed: []any{"text:pay", "tab", "text:pay.example.com"}},
		{name: "access", who: roles.VaultOwner, build: func() Screen { return NewAccess(owner) }, feed: []any{access()}},
		{name: "access-people", who: roles.VaultOwner, build: func() Screen { return NewAccess(owner) }, feed: []any{access(), "tab"}},
		{name: "access-revoke", who: roles.VaultOwner, ansi: true, build: func() Screen { return NewAccess(owner) }, feed: []any{access(), "down"}, dialog: func(s Screen) Dialog {
			return s.Update(keyPress("X"))[0].(OpenDialog).Dialog
		}},
		{name: "grant-form", who: roles.VaultOwner, build: func() Screen {
			return NewGrantForm(OpenGrant{Person: "dave", People: access().People, Vaults: access().Vaults}, owner)
		}},
		{name: "person-made", who: roles.VaultOwner, build: func() Screen { return NewPersonForm(owner) }, feed: []any{PersonCreated{"dave", secret.FromString("7KQ2-M9XD-4TTB"), days(3)}}},
		{name: "hsm", who: roles.VaultOwner, build: func() Screen { return NewHSM(owner) }, feed: []any{HSMLoaded{hsmFacts()}}},
		{name: "log", who: roles.Auditor, ansi: true, build: func() Screen { return NewLog(auditor) }, feed: []any{LogSummarised{summary()}, EntriesLoaded{1, page(entryRows())}, "down"}},
		{name: "entry", who: roles.Auditor, build: func() Screen { return NewEntry(1040, auditor) }, feed: []any{EntryLoaded{EntryDetail{
			EntryRow: entryRows()[1], ID: "0193a1e0-7f6c-7d2e-9a53-5d2f0f3a9c11", JSON: `{"v":1,"seq":1040,"action":"secrets/get","outcome":"refused"}`,
			LeafHash: "b1946ac92492d2347c6235b4d2611184", Proof: "in the log of 1042 entries, 9 hashes", ProofGood: true,
		}}}},
		{name: "verify-log-running", who: roles.Auditor, build: func() Screen { return NewVerifyLog(auditor) }, feed: []any{verifying()}, task: ptr(verifying())},
		{name: "verify-log-good", who: roles.Auditor, build: func() Screen { return NewVerifyLog(auditor) }, feed: []any{LogVerified{LogVerdict{Good: true, Size: 1042, Root: summary().Root, Checkpoints: 12, Anchors: []string{"HSM", "keyring"}, Took: 2 * time.Second}}}},
		{name: "verify-log-bad", who: roles.Auditor, build: func() Screen { return NewVerifyLog(auditor) }, feed: []any{LogVerified{LogVerdict{Size: 1042, Root: summary().Root, Checkpoints: 12, Problem: "entry 17 was changed", Hint: "keep the file as evidence and restore the last backup", Took: time.Second}}}},
		{name: "reports", who: roles.Auditor, build: func() Screen { return NewReports(auditor) }, feed: []any{ReportsLoaded{reportRows()}}},
		{name: "reports-refused", who: roles.VaultOwner, build: func() Screen { return NewReports(owner) }, feed: []any{Failed{LoadReports{}, fault.New(fault.Forbidden, "a vault owner may not list reports", "ask an auditor")}}},
		{name: "report-form", who: roles.Auditor, build: func() Screen { return NewReportForm(reportRows()[0], auditor) }, feed: []any{"tab", "text:/tmp/q4"}},
		{name: "report-done", who: roles.Auditor, build: func() Screen { return NewReportForm(reportRows()[0], auditor) }, feed: []any{ReportDone{ReportSaved{
			Title: "Inventory and access", Path: "/tmp/q4.html", Signature: "/tmp/q4.html.sig", Size: 48211, LogSize: 1043, Root: summary().Root, Counts: []Fact{{"objects", "25", Plain}, {"expired", "2", Warning}},
		}}}},
		{name: "help", who: roles.Auditor, vault: prod, build: newSecretScene(auditor), feed: []any{ObjectLoaded{secretDetail()}}, dialog: func(s Screen) Dialog { return NewHelp(s.Actions()) }},
		{name: "palette", who: roles.SecretOwner, build: func() Screen { return NewVaults(user) }, feed: []any{VaultsLoaded{[]VaultRow{prod}}}, dialog: func(s Screen) Dialog {
			l := NewPalette(s.Actions())
			l.Update(keyPress("r"))
			return l
		}},
		{name: "step-up", who: roles.SecretOwner, vault: prod, build: newSecretScene(user), feed: []any{ObjectLoaded{secretDetail()}}, dialog: func(Screen) Dialog {
			return &StepUpPrompt{Act: "reveal secret db-password in payments-prod (prod)", Problem: "that code was used before; wait for the next one", Then: Reveal{ref}}
		}},
		{name: "type-name", who: roles.VaultOwner, build: func() Screen { return NewVaults(owner) }, feed: []any{VaultsLoaded{[]VaultRow{prod}}}, dialog: func(Screen) Dialog {
			return &TypeName{Title: "Purge", Lines: []string{"This cannot be undone."}, Name: "payments-prod", Do: "Purge for ever"}
		}},
		{name: "error", who: roles.SecretOwner, vault: prod, build: newSecretScene(user), feed: []any{ObjectLoaded{secretDetail()}}, dialog: func(Screen) Dialog { return NewError("That did not work", unavailable) }},
	}
}

func newEnrol() Screen {
	return NewEnrol(EnrolData{Rules: passwordRules, DarkTerminal: true, Check: func(_ string, b []byte) error {
		if len(b) < 12 {
			return fault.New(fault.Invalid, "a password has at least 12 characters", "")
		}
		return nil
	}})
}

func newSecretScene(refused Refusals) func() Screen {
	return func() Screen { return NewSecret(prod, "db-password", refused) }
}

func begun() EnrolmentBegun {
	return EnrolmentBegun{QR: checkers(37), Groups: secret.FromString("JBSW Y3DP EHPK 3PXP JBSW Y3DP EHPK 3PXP"), URL: secret.FromString("otpauth://totp/x")}
}

func recoveryCodes() []*secret.Bytes {
	var out []*secret.Bytes
	for i := range 10 {
		out = append(out, secret.FromString(fmt.Sprintf("k7q2-m9xd-4ttb-%04d", i*1111)))
	}
	return out
}

func verifying() Progress {
	return Progress{Name: "Verifying the log", Done: 410, Total: 1042, Started: noon.Add(-4 * time.Second), Now: noon}
}

func ptr[T any](v T) *T { return &v }

// keyPress makes the message of a key by its name.
func keyPress(name string) tea.KeyPressMsg {
	special := map[string]rune{
		"enter": tea.KeyEnter, "esc": tea.KeyEscape, "tab": tea.KeyTab, "up": tea.KeyUp, "down": tea.KeyDown, "left": tea.KeyLeft, "right": tea.KeyRight,
		"pgup": tea.KeyPgUp, "pgdown": tea.KeyPgDown, "home": tea.KeyHome, "end": tea.KeyEnd, "backspace": tea.KeyBackspace, "delete": tea.KeyDelete,
	}
	k := tea.Key{}
	rest := name
	if r, ok := strings.CutPrefix(rest, "ctrl+"); ok {
		k.Mod |= tea.ModCtrl
		rest = r
	}
	if r, ok := strings.CutPrefix(rest, "shift+"); ok {
		k.Mod |= tea.ModShift
		rest = r
	}
	switch code, ok := special[rest]; {
	case ok:
		k.Code = code
	case rest == "space":
		k.Code, k.Text = ' ', " "
	default:
		k.Code = []rune(rest)[0]
		if k.Mod&tea.ModCtrl == 0 {
			k.Text = rest
		}
	}
	return tea.KeyPressMsg(k)
}
