package roles

import "time"

// Action names one thing that can be done, after Azure Key Vault's data
// actions: a noun and a verb.
type Action string

// The actions. `list` covers names, attributes and dates; it never covers a
// secret's value or the private half of a key.
const (
	VaultsRead        Action = "vaults/read"
	VaultsCreate      Action = "vaults/create"
	VaultsUpdate      Action = "vaults/update"
	PeopleList        Action = "people/list"
	PeopleCreate      Action = "people/create"
	AssignmentsList   Action = "assignments/list"
	AssignmentsCreate Action = "assignments/create"
	AssignmentsDelete Action = "assignments/delete"
	HSMRead           Action = "hsm/read"

	SecretsList Action = "secrets/list"
	SecretsGet  Action = "secrets/get"
	SecretsSet  Action = "secrets/set"

	SecretsSetAttributes Action = "secrets/setAttributes"
	SecretsDelete        Action = "secrets/delete"
	SecretsRecover       Action = "secrets/recover"
	SecretsBackup        Action = "secrets/backup"
	SecretsRestore       Action = "secrets/restore"
	SecretsPurge         Action = "secrets/purge"
	SecretsCompare       Action = "secrets/compare"
	SecretsExport        Action = "secrets/export"

	KeysList   Action = "keys/list"
	KeysGet    Action = "keys/get"
	KeysCreate Action = "keys/create"
	KeysSign   Action = "keys/sign"
	KeysVerify Action = "keys/verify"

	KeysEncrypt   Action = "keys/encrypt"
	KeysDecrypt   Action = "keys/decrypt"
	KeysWrapKey   Action = "keys/wrapKey"
	KeysUnwrapKey Action = "keys/unwrapKey"
	KeysImport    Action = "keys/import"

	KeysSetAttributes Action = "keys/setAttributes"
	KeysDelete        Action = "keys/delete"
	KeysRecover       Action = "keys/recover"
	KeysBackup        Action = "keys/backup"
	KeysRestore       Action = "keys/restore"
	KeysPurge         Action = "keys/purge"

	KeysRotate            Action = "keys/rotate"
	KeysGetRotationPolicy Action = "keys/getRotationPolicy"
	KeysSetRotationPolicy Action = "keys/setRotationPolicy"

	CertificatesList   Action = "certificates/list"
	CertificatesGet    Action = "certificates/get"
	CertificatesCreate Action = "certificates/create"

	CertificatesSetAttributes Action = "certificates/setAttributes"
	CertificatesDelete        Action = "certificates/delete"
	CertificatesRecover       Action = "certificates/recover"
	CertificatesBackup        Action = "certificates/backup"
	CertificatesRestore       Action = "certificates/restore"
	CertificatesPurge         Action = "certificates/purge"

	AuditList   Action = "audit/list"
	AuditVerify Action = "audit/verify"
	ReportsList Action = "reports/list"
	ReportsRun  Action = "reports/run"
)

// actionTable lists every action with what it means in words. The order is
// the order of tables made from it.
var actionTable = []struct {
	action Action
	means  string
}{
	{VaultsRead, "see a vault and its environment"},
	{VaultsCreate, "make a vault, with a master key of its own in the HSM"},
	{VaultsUpdate, "change a vault's policy"},
	{PeopleList, "see who there is"},
	{PeopleCreate, "make a person, with an enrolment code"},
	{AssignmentsList, "see who may do what, and where"},
	{AssignmentsCreate, "give a role to somebody else"},
	{AssignmentsDelete, "take a role from somebody else"},
	{HSMRead, "see the HSM: token, serial, firmware, objects"},
	{SecretsList, "see secrets' names, versions and dates"},
	{SecretsGet, "read a secret's value"},
	{SecretsSet, "write a secret, or a new version of one"},
	{SecretsSetAttributes, "enable, disable, date and tag a secret"},
	{SecretsDelete, "delete a secret, for as long as the vault keeps it"},
	{SecretsRecover, "recover a deleted secret"},
	{SecretsBackup, "back up a secret, sealed to this installation"},
	{SecretsRestore, "restore a secret from a backup"},
	{SecretsPurge, "purge a deleted secret for good"},
	{SecretsCompare, "learn whether two versions of a secret are equal"},
	{SecretsExport, "take a secret's value out into a file"},
	{KeysList, "see keys' names, versions and dates"},
	{KeysGet, "read a key's public half and attributes"},
	{KeysCreate, "make a key"},
	{KeysSign, "sign with a key"},
	{KeysVerify, "check a signature with a key"},
	{KeysEncrypt, "encrypt with a key"},
	{KeysDecrypt, "decrypt with a key"},
	{KeysWrapKey, "wrap another key with a key"},
	{KeysUnwrapKey, "unwrap another key with a key"},
	{KeysImport, "bring a key in that was made elsewhere"},
	{KeysSetAttributes, "enable, disable, date and tag a key"},
	{KeysDelete, "delete a key, for as long as the vault keeps it"},
	{KeysRecover, "recover a deleted key"},
	{KeysBackup, "back up a software key, sealed to this installation"},
	{KeysRestore, "restore a software key from a backup"},
	{KeysPurge, "purge a deleted key for good, in the HSM too"},
	{KeysRotate, "give a key a new version like the last"},
	{KeysGetRotationPolicy, "see when a key rotates by itself"},
	{KeysSetRotationPolicy, "say when a key rotates by itself"},
	{CertificatesList, "see certificates' names, versions and dates"},
	{CertificatesGet, "read a certificate"},
	{CertificatesCreate, "make a certificate"},
	{CertificatesSetAttributes, "enable, disable and tag a certificate"},
	{CertificatesDelete, "delete a certificate with its key"},
	{CertificatesRecover, "recover a deleted certificate with its key"},
	{CertificatesBackup, "back up a certificate with its software key, sealed to this installation"},
	{CertificatesRestore, "restore a certificate with its software key from a backup"},
	{CertificatesPurge, "purge a deleted certificate with its key, for good"},
	{AuditList, "read the log"},
	{AuditVerify, "verify the log"},
	{ReportsList, "see which reports there are"},
	{ReportsRun, "run a report and export it, signed"},
}

// Actions gives every action, in table order.
func Actions() []Action {
	all := make([]Action, len(actionTable))
	for i, row := range actionTable {
		all[i] = row.action
	}
	return all
}

// Means says in words what the action is, or "" for an unknown one.
func (a Action) Means() string {
	for _, row := range actionTable {
		if row.action == a {
			return row.means
		}
	}
	return ""
}

// Known reports whether a is one of [Actions].
func (a Action) Known() bool { return a.Means() != "" }

// FactorAge is how old the second factor may be for this action; zero means
// as old as the login session. A value that leaves the vault, a change of who
// may do what or of a vault's rules, and what cannot be undone, ask for a recent
// one.
func (a Action) FactorAge() time.Duration {
	switch a {
	case SecretsGet, SecretsExport, SecretsBackup, KeysBackup, CertificatesBackup, AssignmentsCreate, AssignmentsDelete, PeopleCreate, VaultsUpdate,
		SecretsPurge, KeysPurge, CertificatesPurge:
		return 5 * time.Minute
	default:
		return 0
	}
}
