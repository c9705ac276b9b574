package roles

// Role is a named set of actions.
type Role string

// The built-in roles.
const (
	// VaultOwner runs vaults: makes them, says who may use them, watches
	// the HSM. Never sees a value, never uses a key.
	VaultOwner Role = "vault-owner"
	// SecretOwner works with everything inside a vault, and decides nothing
	// about who else may. What they delete they can recover and not purge:
	// that takes the vault owner, so that nobody alone destroys what they
	// use.
	SecretOwner Role = "secret-owner"
	// Auditor reads all metadata and the log, verifies and reports; changes
	// nothing and sees no value.
	Auditor Role = "auditor"
)

// Cell is one cell of the table role x action.
type Cell struct {
	Allowed bool
	// Why says, in one line, what the cell grants or why it refuses.
	Why string
}

var roleTable = []struct {
	role  Role
	title string
	// refuses says why an action outside grants is refused.
	refuses string
	grants  map[Action]string
}{
	{
		VaultOwner, "vault owner",
		"a vault owner runs vaults and never uses what is in them",
		map[Action]string{
			VaultsRead:            "owners see the vaults they own",
			VaultsCreate:          "an owner of the installation makes vaults",
			VaultsUpdate:          "owners set their vaults' rules",
			PeopleList:            "owners see people, to give them roles",
			PeopleCreate:          "owners bring people in",
			AssignmentsList:       "owners see who may use their vaults",
			AssignmentsCreate:     "owners give roles to others, never to themselves",
			AssignmentsDelete:     "owners take roles from others",
			HSMRead:               "owners watch the HSM that holds their master keys",
			SecretsList:           "names and dates, never a value",
			KeysList:              "names and dates, never a key operation",
			KeysGet:               "the public half is no secret",
			KeysGetRotationPolicy: "dates, never a key operation",
			SecretsPurge:          "what a secret owner deleted, and unseen",
			KeysPurge:             "what a secret owner deleted",
			CertificatesPurge:     "what a secret owner deleted",
			CertificatesList:      "names and dates",
			CertificatesGet:       "a certificate is public",
		},
	},
	{
		SecretOwner, "secret owner",
		"a secret owner works inside a vault and decides nothing about it",
		map[Action]string{
			VaultsRead:  "the vaults that hold their objects",
			SecretsList: "their secrets",
			SecretsGet:  "a value, shown once and logged",
			SecretsSet:  "a new secret or version",

			SecretsSetAttributes:      "state, dates, tags and the note",
			SecretsBackup:             "sealed, and opened only here",
			SecretsRestore:            "under a name that is free",
			SecretsDelete:             "recoverable until its purge date",
			SecretsRecover:            "what was deleted and not yet purged",
			KeysRotate:                "a new version with the old one's type and rules",
			KeysGetRotationPolicy:     "their keys' rotation",
			KeysSetRotationPolicy:     "their keys' rotation",
			SecretsCompare:            "equal or not, neither shown",
			SecretsExport:             "each value logged as it leaves",
			KeysSetAttributes:         "state, dates, tags and the note",
			KeysBackup:                "sealed, and opened only here",
			KeysRestore:               "under a name that is free",
			KeysDelete:                "recoverable until its purge date",
			KeysRecover:               "what was deleted and not yet purged",
			CertificatesSetAttributes: "state, tags and the note",
			CertificatesBackup:        "sealed, and opened only here",
			CertificatesRestore:       "under a name that is free",
			CertificatesDelete:        "recoverable until its purge date",
			CertificatesRecover:       "what was deleted and not yet purged",

			KeysList:           "their keys",
			KeysGet:            "the public half and the attributes",
			KeysCreate:         "software or HSM keys",
			KeysSign:           "a signature, logged before it leaves",
			KeysVerify:         "whether a signature is valid",
			KeysEncrypt:        "a ciphertext",
			KeysDecrypt:        "a plaintext, logged before it leaves",
			KeysWrapKey:        "a wrapped key",
			KeysUnwrapKey:      "a key, logged before it leaves",
			KeysImport:         "into software or into the HSM",
			CertificatesList:   "their certificates",
			CertificatesGet:    "the certificate itself",
			CertificatesCreate: "a certificate with its key",
		},
	},
	{
		Auditor, "auditor",
		"an auditor looks at everything, changes nothing and sees no value",
		map[Action]string{
			VaultsRead:            "every vault in scope",
			PeopleList:            "everybody",
			AssignmentsList:       "who may do what",
			HSMRead:               "the HSM's facts and objects",
			SecretsList:           "names and dates, never a value",
			KeysList:              "names and dates",
			KeysGet:               "the public half and the attributes",
			KeysVerify:            "whether a signature is valid",
			KeysGetRotationPolicy: "when keys rotate by themselves",
			CertificatesList:      "names and dates",
			CertificatesGet:       "the certificate itself",
			AuditList:             "every entry",
			AuditVerify:           "the log's completeness",
			ReportsList:           "what can be reported",
			ReportsRun:            "signed evidence",
		},
	},
}

// All gives the built-in roles, in table order.
func All() []Role {
	all := make([]Role, len(roleTable))
	for i, row := range roleTable {
		all[i] = row.role
	}
	return all
}

// Known reports whether r is one of [All].
func (r Role) Known() bool { return r.Title() != "" }

// Title is the role's name in words, or "" for an unknown role.
func (r Role) Title() string {
	for i := range roleTable {
		if roleTable[i].role == r {
			return roleTable[i].title
		}
	}
	return ""
}

// At gives the table's cell for a role and an action.
func At(r Role, a Action) Cell {
	for i := range roleTable {
		row := &roleTable[i]
		if row.role != r {
			continue
		}
		if why, ok := row.grants[a]; ok {
			return Cell{Allowed: true, Why: why}
		}
		return Cell{Why: row.refuses}
	}
	return Cell{Why: "there is no such role"}
}
