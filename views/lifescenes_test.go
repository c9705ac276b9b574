package views

import (
	"github.com/strongroom/strongroom/roles"
)

// pressed opens the dialog that a key leads to.
func pressed(key string) func(Screen) Dialog {
	return func(s Screen) Dialog { return s.Update(keyPress(key))[0].(OpenDialog).Dialog }
}

func deletedLoaded() any { return DeletedLoaded{Secrets, 1, page(deletedRows())} }

// newAttributes is the form for the newest version of an object.
func newAttributes(d ObjectDetail) func() Screen {
	return func() Screen { return NewAttributesForm(OpenAttributes{prod, d, d.Versions[0]}, user) }
}

// taggedDetail has something in every attribute.
func taggedDetail() ObjectDetail {
	d := secretDetail()
	d.Note = "the ledger team, ledger@example.com"
	v := &d.Versions[0]
	v.Type, v.Tags, v.NotBefore = d.Type, map[string]string{"team": "payments", "app": "ledger"}, days(-90).Add(-210e9)
	return d
}

// lifeScenes: delete, bin, attributes, policy, truth.
func lifeScenes() []scene {
	truth := func(t KeyTruth) []any {
		return []any{ObjectLoaded{keyDetail()}, KeyTruthLoaded{Ref{prod.Name, Keys, "settlement-signing", version(2)}, t}}
	}
	atKey := func() Screen { return NewKey(prod, "settlement-signing", user) }
	return []scene{
		{name: "vault-selected", who: roles.SecretOwner, vault: prod, build: func() Screen { return NewVault(prod, user) }, feed: []any{secretsLoaded(), "space", "down", "space"}},
		{name: "delete-several", who: roles.SecretOwner, vault: prod, ansi: true, build: func() Screen { return NewVault(prod, user) }, feed: []any{secretsLoaded(), "space", "down", "space"}, dialog: pressed("D")},
		{name: "delete-certificate", who: roles.SecretOwner, vault: staging, build: func() Screen { return NewCertificate(staging, "pay", user) }, feed: []any{ObjectLoaded{certificateDetail()}}, dialog: pressed("D")},
		{name: "disable-version", who: roles.SecretOwner, vault: prod, build: newSecretScene(user), feed: []any{ObjectLoaded{secretDetail()}, "down"}, dialog: pressed("-")},
		{name: "some-not-done", who: roles.SecretOwner, vault: prod, build: func() Screen { return NewVault(prod, user) }, feed: []any{secretsLoaded()}, dialog: func(s Screen) Dialog {
			refs := refsOf(prod.Name, Secrets, []string{"a", "b", "c"})
			return s.Update(ObjectsChanged{Verb: Delete, Done: refs[:2], Until: days(90), Failed: []Unchanged{{refs[2], unavailable}}})[0].(OpenDialog).Dialog
		}},
		{name: "bin", who: roles.SecretOwner, vault: staging, ansi: true, build: func() Screen { return NewBin(staging, user) }, feed: []any{deletedLoaded(), "down", "space"}},
		{name: "bin-empty", who: roles.Auditor, vault: prod, build: func() Screen { return NewBin(prod, auditor) }, feed: []any{"tab", DeletedLoaded{Keys, 1, Page[DeletedRow]{}}}},
		{name: "bin-protected", who: roles.VaultOwner, vault: prod, build: func() Screen { return NewBin(prod, owner) }, feed: []any{deletedLoaded()}},
		{name: "purge", who: roles.VaultOwner, vault: staging, build: func() Screen { return NewBin(staging, owner) }, feed: []any{deletedLoaded()}, dialog: pressed("P")},
		{name: "bin-error", who: roles.SecretOwner, vault: prod, build: func() Screen { return NewBin(prod, user) }, feed: []any{Failed{LoadDeleted{Kind: Secrets, Query: Query{Request: 1}}, unavailable}}},

		{name: "attributes-secret", who: roles.SecretOwner, vault: prod, build: newAttributes(taggedDetail()), feed: []any{"tab", "tab", "tab", "tab", "text:x"}},
		{name: "attributes-certificate", who: roles.SecretOwner, vault: prod, build: newAttributes(certificateDetail())},
		{name: "secret-disabled", who: roles.SecretOwner, vault: prod, build: newSecretScene(user), feed: []any{ObjectLoaded{disabledDetail()}}},
		{name: "secret-form-generated", who: roles.SecretOwner, vault: prod, build: func() Screen { return NewSecretForm(prod, "db-password", strengthOf, user) }, feed: []any{"right", "right", "tab", "tab", "right"}},
		{name: "secret-form-words", who: roles.SecretOwner, vault: prod, build: func() Screen { return NewSecretForm(prod, "db-password", strengthOf, user) }, feed: []any{"left", "tab", "backspace", "5"}},

		{name: "key-true", who: roles.SecretOwner, vault: prod, ansi: true, build: atKey, feed: truth(keyTruth())},
		{name: "key-untrue", who: roles.Auditor, vault: prod, ansi: true, build: func() Screen { return NewKey(prod, "settlement-signing", auditor) }, feed: truth(keyUntrue())},
		{name: "key-gone", who: roles.SecretOwner, vault: prod, build: atKey, feed: truth(KeyTruth{Differences: []Difference{{"in the token", "yes", "no"}}})},
		{name: "key-truth-unread", who: roles.SecretOwner, vault: prod, build: atKey, feed: []any{
			ObjectLoaded{keyDetail()}, Failed{LoadKeyTruth{Ref{prod.Name, Keys, "settlement-signing", version(2)}}, unavailable},
		}},
		{name: "rotate", who: roles.SecretOwner, vault: prod, build: atKey, feed: truth(keyTruth()), dialog: pressed("r")},

		{name: "policy", who: roles.VaultOwner, vault: staging, build: func() Screen { return NewPolicyForm(staging, owner) }},
		{name: "policy-protected", who: roles.VaultOwner, vault: prod, build: func() Screen { return NewPolicyForm(prod, owner) }},
		{name: "policy-protect", who: roles.VaultOwner, vault: staging, build: func() Screen { return NewPolicyForm(staging, owner) }, feed: []any{"right"}, dialog: pressed("ctrl+s")},
	}
}

func disabledDetail() ObjectDetail {
	d := taggedDetail()
	d.Enabled, d.Versions[0].Enabled = false, false
	return d
}
