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
	prod    = VaultRow{Name: "payments-prod", Environment: roles.Prod, Created: days(-200), Keys: 4, Secrets: 7, Certificates: 3, Expiring: 1, Expired: 1, MyRole: "secret owner", HardwareOnly: true, RetentionDays: 90, PurgeProtection: true}
	staging = VaultRow{Name: "payments-staging", Environment: roles.Staging, Created: days(-180), Keys: 2, Secrets: 4, Certificates: 1, Expiring: 2, MyRole: "secret owner", RetentionDays: 30}
	dev     = VaultRow{Name: "payments-dev", Environment: roles.Dev, Created: days(-150), Keys: 1, Secrets: 3, MyRole: "secret owner", RetentionDays: 30}
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
		{Version: version(1), Life: r.Life},
		{Version: version(0), Life: Life{Enabled: true, Created: days(-180), Updated: days(-180), Expires: days(-29)}},
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

// strengthOf is what the gate says of a recipe, near enough.
func strengthOf(r Recipe) (float64, error) {
	if r.Words > 0 {
		return 11 * float64(r.Words), nil
	}
	return 5 * float64(r.Length), nil
}

func deletedRows() []DeletedRow {
	row := func(o ObjectRow, ago, left int) DeletedRow {
		return DeletedRow{ObjectRow: o, Versions: 2, DeletedAt: days(-ago), ScheduledPurge: days(left)}
	}
	rows := secretRows()
	return []DeletedRow{row(rows[0], 1, 29), row(rows[3], 25, 5), row(rows[5], 3, 27)}
}

// keyTruth is a key that is what was recorded.
func keyTruth() KeyTruth {
	return KeyTruth{
		Found: true, Serial: "4f0c91d2a7be3315", Firmware: "2.6", Local: true, Sensitive: true, AlwaysSensitive: true, NeverExtractable: true,
		Recorded: days(-90),
	}
}

// keyUntrue is a key that somebody made extractable.
func keyUntrue() KeyTruth {
	t := keyTruth()
	t.NeverExtractable = false
	t.Differences = []Difference{{"CKA_NEVER_EXTRACTABLE", "true", "false"}, {"public key", "the stored one", "another"}}
	return t
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
		Versions: []VersionRow{{Version: version(3), Life: r.Life, Type: "EC P-256", Protection: keys.ProtectionHSM}},
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
