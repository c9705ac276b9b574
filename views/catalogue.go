package views

import "github.com/strongroom/strongroom/roles"

// The actions' ids. Screens bind them; the palette takes them after `:`.
const (
	ActHelp    ActionID = "help"
	ActPalette ActionID = "command"
	ActBack    ActionID = "back"
	ActLock    ActionID = "lock"
	ActSignOut ActionID = "sign-out"
	ActQuit    ActionID = "quit"
	ActRefresh ActionID = "refresh"
	ActExit    ActionID = "exit"

	ActOpen       ActionID = "open"
	ActNextTab    ActionID = "next-tab"
	ActPrevTab    ActionID = "previous-tab"
	ActSubmit     ActionID = "save"
	ActCancel     ActionID = "cancel"
	ActShowTyped  ActionID = "show-typed"
	ActFirstTime  ActionID = "first-sign-in"
	ActDemoFill   ActionID = "demo-fill"
	ActStop       ActionID = "stop"
	ActVaultNew   ActionID = "vault-create"
	ActAccess     ActionID = "access"
	ActHSM        ActionID = "hsm"
	ActLog        ActionID = "log"
	ActReports    ActionID = "reports"
	ActSecretNew  ActionID = "secret-set"
	ActVersionNew ActionID = "secret-new-version"
	ActReveal     ActionID = "secret-reveal"
	ActHide       ActionID = "secret-hide"
	ActCopy       ActionID = "secret-copy"
	ActKeyNew     ActionID = "key-create"
	ActSign       ActionID = "key-sign"
	ActVerify     ActionID = "key-verify"
	ActCopyPublic ActionID = "copy-public"
	ActSaveFile   ActionID = "save-file"
	ActCertNew    ActionID = "certificate-create"
	ActPersonNew  ActionID = "person-create"
	ActGrant      ActionID = "role-assignment-create"
	ActRevoke     ActionID = "role-assignment-delete"
	ActOutcome    ActionID = "log-outcome"
	ActVerifyLog  ActionID = "log-verify"
	ActReportRun  ActionID = "report-run"

	ActPolicy  ActionID = "vault-policy"
	ActBin     ActionID = "bin"
	ActEdit    ActionID = "set-attributes"
	ActEnable  ActionID = "enable"
	ActDisable ActionID = "disable"
	ActDelete  ActionID = "delete"
	ActRecover ActionID = "recover"
	ActPurge   ActionID = "purge"
	ActRotate  ActionID = "key-rotate"
	ActTruth   ActionID = "key-truth"
)

// catalogue is the action table. Its order is that of the key reference.
var catalogue = []Action{
	{ID: ActHelp, Where: "everywhere", Key: "?", Label: "Help", Help: "show everything that can be pressed here, search it and run it"},
	{ID: ActPalette, Where: "everywhere", Key: ":", Label: "Command", Help: "type a command by name"},
	{ID: ActBack, Where: "everywhere", Key: "esc", Label: "Back", Help: "go back; position and filter are kept"},
	{ID: ActRefresh, Where: "everywhere", Key: "ctrl+r", Label: "Refresh", Help: "read it again"},
	{ID: ActLock, Where: "everywhere", Key: "ctrl+l", Label: "Lock", Help: "clear the screen and ask for password and code"},
	{ID: ActSignOut, Where: "vaults", Key: "ctrl+o", Label: "Sign out", Help: "end the login session"},
	{ID: ActExit, Where: "everywhere", Key: "ctrl+c", Label: "Quit", Help: "leave the console, from wherever one is"},
	{ID: ActQuit, Where: "vaults", Key: "q", Label: "Quit", Help: "leave the console"},

	{ID: ActFirstTime, Where: "sign-in", Key: "ctrl+n", Label: "First sign-in", Help: "enrol with the code an owner gave you"},
	{ID: ActDemoFill, Where: "sign-in (demo)", Key: "ctrl+d", Label: "Fill in", Help: "fill in the next demo person's name, password and code"},

	{ID: ActOpen, Where: "every table", Key: "enter", Label: "Open", Help: "open the row"},
	{ID: ActNextTab, Where: "tabs", Key: "tab", Label: "Next tab", Help: "show the next tab"},
	{ID: ActPrevTab, Where: "tabs", Key: "shift+tab", Label: "Previous tab", Help: "show the tab before"},
	{ID: ActSubmit, Where: "every form", Key: "ctrl+s", Label: "Save", Help: "check the form and carry it out"},
	{ID: ActCancel, Where: "every form", Key: "esc", Label: "Cancel", Help: "leave the form; asks before anything typed is lost"},
	{ID: ActShowTyped, Where: "forms with a secret", Key: "ctrl+t", Label: "Show typed", Help: "show or mask what is typed in the secret field"},
	{ID: ActStop, Where: "work in the background", Key: "ctrl+x", Label: "Stop", Help: "stop the work; nothing half done stays"},

	{ID: ActVaultNew, Where: "vaults", Key: "n", Label: "New vault", Help: "make a vault with a master key of its own", Needs: roles.VaultsCreate},
	{ID: ActPolicy, Where: "vaults", Key: "p", Label: "Policy", Help: "purge protection, strict expiry, hardware keys only", Needs: roles.VaultsUpdate},
	{ID: ActAccess, Where: "vaults; by name everywhere", Key: "a", Label: "Access", Help: "people and who may do what", Needs: roles.AssignmentsList},
	{ID: ActHSM, Where: "vaults; by name everywhere", Key: "t", Label: "HSM", Help: "the token: facts, health, objects", Needs: roles.HSMRead},
	{ID: ActLog, Where: "vaults; by name everywhere", Key: "l", Label: "Log", Help: "the timeline of every act", Needs: roles.AuditList},
	{ID: ActReports, Where: "vaults; by name everywhere", Key: "r", Label: "Reports", Help: "signed evidence", Needs: roles.ReportsList},

	{ID: ActSecretNew, Where: "vault, secrets", Key: "n", Label: "New secret", Help: "write a secret", Needs: roles.SecretsSet},
	{ID: ActKeyNew, Where: "vault, keys", Key: "n", Label: "New key", Help: "make a key in software or in the HSM", Needs: roles.KeysCreate},
	{ID: ActCertNew, Where: "vault, certificates", Key: "n", Label: "New certificate", Help: "make a self-signed certificate with its key", Needs: roles.CertificatesCreate},

	{ID: ActBin, Where: "vault", Key: "b", Label: "Bin", Help: "what was deleted, and until when it can be recovered"},
	{ID: ActEdit, Where: "secret, key, certificate", Key: "e", Label: "Attributes", Help: "change dates, content type, tags and note of a version"},
	{ID: ActEnable, Where: "vault, secret, key, certificate", Key: "+", Label: "Enable", Help: "let it be used again: the selected rows, or the version"},
	{ID: ActDisable, Where: "vault, secret, key, certificate", Key: "-", Label: "Disable", Help: "let nobody use it until it is enabled: the selected rows, or the version; asks first"},
	{ID: ActDelete, Where: "vault, secret, key, certificate", Key: "D", Label: "Delete", Help: "move it to the bin with all its versions: the selected rows, or this one; asks first", Dangerous: true},
	{ID: ActRecover, Where: "bin", Key: "r", Label: "Recover", Help: "take the selected rows out of the bin, as they were"},
	{ID: ActPurge, Where: "bin", Key: "P", Label: "Purge", Help: "remove it for good; asks for its name", Dangerous: true},

	{ID: ActReveal, Where: "secret", Key: "v", Label: "Reveal", Help: "show the value for 30 seconds; it is logged", Needs: roles.SecretsGet},
	{ID: ActHide, Where: "secret", Key: "h", Label: "Hide", Help: "hide the value now"},
	{ID: ActCopy, Where: "secret", Key: "c", Label: "Copy", Help: "put the value on the clipboard without showing it; it is logged", Needs: roles.SecretsGet},
	{ID: ActVersionNew, Where: "secret", Key: "n", Label: "New version", Help: "write a new value; older versions stay", Needs: roles.SecretsSet},

	{ID: ActSign, Where: "key", Key: "x", Label: "Sign", Help: "sign a text or a file", Needs: roles.KeysSign},
	{ID: ActVerify, Where: "key", Key: "v", Label: "Verify", Help: "check a signature", Needs: roles.KeysVerify},
	{ID: ActRotate, Where: "key", Key: "r", Label: "Rotate", Help: "make a new version like the newest one; older versions stay; asks first", Needs: roles.KeysRotate},
	{ID: ActTruth, Where: "key", Key: "t", Label: "Truth", Help: "read from the token what the version under the cursor is, and compare it with what was recorded", Needs: roles.KeysGet},
	{ID: ActCopyPublic, Where: "key, certificate, results", Key: "c", Label: "Copy", Help: "copy what is public: key, certificate or signature"},
	{ID: ActSaveFile, Where: "key, certificate, results", Key: "w", Label: "Save as", Help: "write it to a new file"},

	{ID: ActPersonNew, Where: "access", Key: "n", Label: "New person", Help: "bring a person in, with an enrolment code", Needs: roles.PeopleCreate},
	{ID: ActGrant, Where: "access", Key: "a", Label: "Give role", Help: "give a role to somebody else", Needs: roles.AssignmentsCreate},
	{ID: ActRevoke, Where: "access", Key: "X", Label: "Take role", Help: "take the selected assignment away", Needs: roles.AssignmentsDelete, Dangerous: true},

	{ID: ActOutcome, Where: "log", Key: "o", Label: "Outcome", Help: "show all, done, refused or failed acts only", Needs: roles.AuditList},
	{ID: ActVerifyLog, Where: "log", Key: "v", Label: "Verify log", Help: "prove that the log is complete and unchanged", Needs: roles.AuditVerify},
	{ID: ActReportRun, Where: "reports", Key: "enter", Label: "Run", Help: "run the report into a signed file", Needs: roles.ReportsRun},
}

// Catalogue gives the action table, without what the actions do.
func Catalogue() []Action { return append([]Action(nil), catalogue...) }

// lookup finds an action. An id that is not in the table is a slip that the
// tests of the table find; it gives an action without a key.
func lookup(id ActionID) Action {
	for i := range catalogue {
		if catalogue[i].ID == id {
			return catalogue[i]
		}
	}
	return Action{ID: id, Label: string(id)}
}

// globals are the actions of every screen above home, with the screen's less
// important ones among them. The places have no key there, but a name: `:log`
// works everywhere.
func globals(refused Refusals, more ...Action) []Action {
	out := []Action{
		bind(ActBack, nil, emit(Back{})),
		bind(ActHelp, nil, emit(OpenHelp{})),
		bind(ActPalette, nil, emit(OpenPalette{})),
	}
	out = append(append(out, more...), bind(ActLock, nil, emit(Lock{})))
	for _, a := range places(refused) {
		a.Key = ""
		out = append(out, a)
	}
	return out
}

// places lead to what belongs to the whole installation.
func places(refused Refusals) []Action {
	return []Action{
		bind(ActAccess, refused, emit(OpenAccess{})),
		bind(ActHSM, refused, emit(OpenHSM{})),
		bind(ActLog, refused, emit(OpenLog{})),
		bind(ActReports, refused, emit(OpenReports{})),
	}
}
