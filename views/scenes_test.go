package views

import (
	"slices"
	"strings"
	"time"

	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/internal/secret"
	"github.com/strongroom/strongroom/keys"
	"github.com/strongroom/strongroom/roles"
)

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

var (
	owner   = refusalsOf(roles.VaultOwner)
	user    = refusalsOf(roles.SecretOwner)
	auditor = refusalsOf(roles.Auditor)
)

var unavailable = fault.New(fault.Unavailable, "the HSM does not answer", "plug the token in, then press ^R")

// passwordRef is what the scenes about a secret look at.
var passwordRef = Ref{Vault: prod.Name, Kind: Secrets, Name: "db-password", Version: version(1)}

func shownValue() any {
	return Revealed{Ref: passwordRef, Value: secret.FromString(canary), Now: noon.Add(-9 * time.Second)}
}

func secretsLoaded() any { return ObjectsLoaded{Secrets, 1, page(secretRows())} }

func scenes() []scene {
	return slices.Concat(doorScenes(), vaultScenes(), secretScenes(), keyScenes(), accessScenes(), auditScenes(), lifeScenes(), overlayScenes())
}

// doorScenes: sign-in, lock, first sign-in.
func doorScenes() []scene {
	return []scene{
		{name: "sign-in", build: func() Screen { return NewSignIn(SignInData{Installation: "/srv/strongroom", Name: "alice"}) }},
		{name: "sign-in-demo", ansi: true, build: func() Screen {
			return NewSignIn(SignInData{Installation: "strongroom-demo", Demo: demoPeople()})
		}, feed: []any{"ctrl+d"}},
		{name: "sign-in-refused", build: func() Screen { return NewSignIn(SignInData{Installation: "/srv/strongroom"}) }, feed: []any{
			"a", "l", Failed{SignIn{}, fault.New(fault.Unauthenticated, "name, password or code is wrong", "try again; after 5 failures the account waits 30 minutes")},
		}},
		{name: "locked", build: func() Screen { return NewLocked("bob", "idle for 5 minutes", noon.Add(-time.Minute)) }},
		{name: "locked-demo", build: func() Screen { return NewLocked("bob", "idle for 5 minutes", noon.Add(-time.Minute), demoPeople()...) }, feed: []any{"ctrl+d"}},
		{name: "enrol-who", build: newEnrol},
		{name: "enrol-password", build: newEnrol, feed: []any{"text:alice", "enter", "text:abcd-efgh", "enter", "text:short"}},
		{name: "enrol-scan", ansi: true, build: newEnrol, feed: []any{begun()}},
		{name: "enrol-scan-refused", build: newEnrol, feed: []any{begun(), "text:000000", Failed{ConfirmEnrolment{}, fault.New(
			fault.Unauthenticated, "the code does not fit the new second factor", "check that the authenticator's clock is right and type the code that it shows now",
		)}}},
		{name: "enrol-codes", build: newEnrol, feed: []any{Enrolled{recoveryCodes()}}},
	}
}

// vaultScenes: vaults and their tables.
func vaultScenes() []scene {
	return []scene{
		{name: "vaults", who: roles.SecretOwner, ansi: true, build: func() Screen { return NewVaults(user) }, feed: []any{VaultsLoaded{[]VaultRow{prod, staging, dev}}}},
		{name: "vaults-empty-owner", who: roles.VaultOwner, build: func() Screen { return NewVaults(owner) }, feed: []any{VaultsLoaded{}}},
		{name: "vaults-empty-other", who: roles.SecretOwner, build: func() Screen { return NewVaults(user) }, feed: []any{VaultsLoaded{}}},
		{name: "vault-form", who: roles.VaultOwner, build: func() Screen { return NewVaultForm(owner) }, feed: []any{"text:payments--x"}},
		{name: "vault-secrets", who: roles.SecretOwner, vault: prod, ansi: true, build: func() Screen { return NewVault(prod, user) }, feed: []any{secretsLoaded(), "down"}},
		{name: "vault-keys", who: roles.SecretOwner, vault: prod, build: func() Screen { return NewVault(prod, user) }, feed: []any{"tab", ObjectsLoaded{Keys, 1, page(keyRows())}}},
		{name: "vault-certificates", who: roles.Auditor, vault: prod, build: func() Screen { return NewVault(prod, auditor) }, feed: []any{"tab", "tab", ObjectsLoaded{Certificates, 1, page(certificateRows())}}},
		{name: "vault-filter-typing", who: roles.SecretOwner, vault: staging, build: func() Screen { return NewVault(staging, user) }, feed: []any{secretsLoaded(), "/", "q", "d"}},
		{name: "vault-filter-set", who: roles.SecretOwner, vault: staging, build: func() Screen { return NewVault(staging, user) }, feed: []any{secretsLoaded(), "/", "d", "b", "enter", ObjectsLoaded{Secrets, 2, page(secretRows()[:1])}}},
		{name: "vault-empty", who: roles.SecretOwner, vault: dev, build: func() Screen { return NewVault(dev, user) }, feed: []any{ObjectsLoaded{Secrets, 1, Page[ObjectRow]{}}}},
		{name: "vault-empty-auditor", who: roles.Auditor, vault: dev, build: func() Screen { return NewVault(dev, auditor) }, feed: []any{ObjectsLoaded{Secrets, 1, Page[ObjectRow]{}}}},
		{name: "vault-error", who: roles.SecretOwner, vault: prod, build: func() Screen { return NewVault(prod, user) }, feed: []any{Failed{LoadObjects{Kind: Secrets, Query: Query{Request: 1}}, unavailable}}},
	}
}

// secretScenes: secrets.
func secretScenes() []scene {
	return []scene{
		{name: "secret", who: roles.SecretOwner, vault: prod, build: newSecretScene(user), feed: []any{ObjectLoaded{secretDetail()}}},
		{name: "secret-revealed", who: roles.SecretOwner, vault: prod, ansi: true, build: newSecretScene(user), feed: []any{ObjectLoaded{secretDetail()}, shownValue()}},
		{name: "secret-withheld", who: roles.Auditor, vault: prod, ansi: true, build: newSecretScene(auditor), feed: []any{ObjectLoaded{secretDetail()}, shownValue()}},
		{name: "secret-copied", who: roles.SecretOwner, vault: prod, build: newSecretScene(user), feed: []any{ObjectLoaded{secretDetail()}}, toast: &Toast{Accent, copiedNotice(Copied{"db-password", 30 * time.Second}).(Notify).Text}},
		{name: "secret-form", who: roles.SecretOwner, vault: prod, build: func() Screen { return NewSecretForm(prod, "", strengthOf, user) }, feed: []any{"text:db password", "tab", "tab", "paste:" + canary + "\nsecond line"}},
		{name: "secret-form-file", who: roles.SecretOwner, vault: prod, build: func() Screen { return NewSecretForm(prod, "db-password", strengthOf, user) }, feed: []any{"right", "tab", "text:/tmp/db", PathsSuggested{"file", "/tmp/db", []string{"/tmp/db.pem"}}}},
		{name: "secret-leave-form", who: roles.SecretOwner, vault: prod, build: func() Screen { return NewSecretForm(prod, "", strengthOf, user) }, feed: []any{"x"}, dialog: func(s Screen) Dialog {
			return s.Update(keyPress("esc"))[0].(OpenDialog).Dialog
		}},
	}
}

// keyScenes: keys and certificates.
func keyScenes() []scene {
	return []scene{
		{name: "key", who: roles.SecretOwner, vault: prod, build: func() Screen { return NewKey(prod, "settlement-signing", user) }, feed: []any{ObjectLoaded{keyDetail()}}},
		{name: "key-form", who: roles.SecretOwner, vault: prod, build: func() Screen { return NewKeyForm(prod, KeyChoices{}, user) }, feed: []any{"text:settlement-signing", "tab", "tab"}},
		{name: "sign-form", who: roles.SecretOwner, vault: prod, build: func() Screen { return NewSign(prod, keyDetail(), user) }, feed: []any{"text:hello"}},
		{name: "sign-result", who: roles.SecretOwner, vault: prod, build: func() Screen { return NewSign(prod, keyDetail(), user) }, feed: []any{Signed{passwordRef, keys.ES256, strings.Repeat("Qm9i", 21) + "Qg"}}},
		{name: "verify-valid", who: roles.Auditor, vault: prod, build: func() Screen { return NewVerify(prod, keyDetail(), auditor) }, feed: []any{Verified{passwordRef, keys.ES256, true}}},
		{name: "verify-not-valid", who: roles.Auditor, vault: prod, build: func() Screen { return NewVerify(prod, keyDetail(), auditor) }, feed: []any{Verified{passwordRef, keys.ES256, false}}},
		{name: "certificate", who: roles.SecretOwner, vault: prod, ansi: true, build: func() Screen { return NewCertificate(prod, "pay", user) }, feed: []any{ObjectLoaded{certificateDetail()}}},
		{name: "certificate-form", who: roles.SecretOwner, vault: prod, build: func() Screen { return NewCertificateForm(prod, KeyChoices{}, user) }, feed: []any{"text:pay", "tab", "text:pay.example.com"}},
	}
}

// accessScenes: people, roles and the HSM.
func accessScenes() []scene {
	return []scene{
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
	}
}

// auditScenes: the log and reports.
func auditScenes() []scene {
	return []scene{
		{name: "log", who: roles.Auditor, ansi: true, build: func() Screen { return NewLog(auditor) }, feed: []any{LogSummarised{summary()}, EntriesLoaded{1, page(entryRows())}, "down"}},
		{name: "log-filter-typing", who: roles.Auditor, build: func() Screen { return NewLog(auditor) }, feed: []any{LogSummarised{summary()}, EntriesLoaded{1, page(entryRows())}, "/", "text:who:bob"}},
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
	}
}

// overlayScenes: what opens on top.
func overlayScenes() []scene {
	return []scene{
		{name: "help", who: roles.Auditor, vault: prod, build: newSecretScene(auditor), feed: []any{ObjectLoaded{secretDetail()}}, dialog: func(s Screen) Dialog { return NewHelp(s.Actions()) }},
		{name: "palette", who: roles.SecretOwner, build: func() Screen { return NewVaults(user) }, feed: []any{VaultsLoaded{[]VaultRow{prod}}}, dialog: func(s Screen) Dialog {
			l := NewPalette(s.Actions())
			l.Update(keyPress("r"))
			return l
		}},
		{name: "step-up", who: roles.SecretOwner, vault: prod, build: newSecretScene(user), feed: []any{ObjectLoaded{secretDetail()}}, dialog: func(Screen) Dialog {
			return &StepUpPrompt{Act: "reveal secret db-password in payments-prod (prod)", Problem: "that code was used before; wait for the next one", Then: Reveal{passwordRef}}
		}},
		{name: "type-name", who: roles.VaultOwner, build: func() Screen { return NewVaults(owner) }, feed: []any{VaultsLoaded{[]VaultRow{prod}}}, dialog: func(Screen) Dialog {
			return &TypeName{Title: "Purge", Lines: []string{"This cannot be undone."}, Name: "payments-prod", Do: "Purge for ever"}
		}},
		{name: "error", who: roles.SecretOwner, vault: prod, build: newSecretScene(user), feed: []any{ObjectLoaded{secretDetail()}}, dialog: func(Screen) Dialog { return NewError("That did not work", unavailable) }},
	}
}
