package views

import (
	"strings"
	"time"

	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/keys"
	"github.com/strongroom/strongroom/roles"
)

// lifeVerbs are the role actions of the life cycle, which every kind has.
type lifeVerbs struct{ set, delete, recover, purge roles.Action }

var lifeOf = map[Kind]lifeVerbs{
	Secrets:      {roles.SecretsSetAttributes, roles.SecretsDelete, roles.SecretsRecover, roles.SecretsPurge},
	Keys:         {roles.KeysSetAttributes, roles.KeysDelete, roles.KeysRecover, roles.KeysPurge},
	Certificates: {roles.CertificatesSetAttributes, roles.CertificatesDelete, roles.CertificatesRecover, roles.CertificatesPurge},
}

// withCertificate is why a certificate's key is left alone.
const withCertificate = "it lives and dies with the certificate of its name"

// maxNamed is how many objects a dialog names; it counts the others.
const maxNamed = 5

// refsOf names objects of one kind in one vault.
func refsOf(vault string, k Kind, names []string) []Ref {
	refs := make([]Ref, len(names))
	for i, n := range names {
		refs[i] = Ref{Vault: vault, Kind: k, Name: n}
	}
	return refs
}

func namesOf(refs []Ref) []string {
	names := make([]string, len(refs))
	for i, r := range refs {
		names[i] = r.Name
	}
	return names
}

// several says what is meant: one object by its name, more by their number.
func several(refs []Ref) string {
	if len(refs) == 1 {
		return refs[0].Name
	}
	return numeral(len(refs)) + " " + strings.ToLower(kindWords[refs[0].Kind].title)
}

// named lists names, as many as a dialog has room for.
func named(refs []Ref) string {
	names := namesOf(refs)
	if more := len(names) - maxNamed; more > 0 {
		return strings.Join(names[:maxNamed], ", ") + " and " + numeral(more) + " more"
	}
	return strings.Join(names, ", ")
}

// pick chooses between the words for one and for more.
func pick(refs []Ref, one, more string) string {
	if len(refs) == 1 {
		return one
	}
	return more
}

// askDelete shows what a deletion means before it is done: what stops, how it
// is undone, and until when.
func askDelete(v VaultRow, refs []Ref, now time.Time) []Intent {
	until := now.AddDate(0, 0, v.RetentionDays)
	what := named(refs) + pick(refs, " goes to the bin with all its versions.", " go to the bin with all their versions.")
	if refs[0].Kind == Certificates {
		what += pick(refs, " Its key goes with it.", " Their keys go with them.")
	}
	early := "A vault owner can purge " + pick(refs, "it", "them") + " before that day."
	if v.PurgeProtection {
		early = "Purge protection: nobody can purge " + pick(refs, "it", "them") + " before that day."
	}
	return []Intent{OpenDialog{&Confirm{
		Title: "Delete " + several(refs) + " in " + v.Name,
		Lines: []string{
			what, "",
			"From now on every use is refused, and the " + pick(refs, "name stays", "names stay") + " taken.", "",
			"To undo: recover " + pick(refs, "it", "them") + " from the vault's bin, until " + date(until) + " (" + relative(until, now) + "). " + early,
		},
		Do: "Delete " + several(refs), Dangerous: true, Then: []Intent{ChangeObjects{Delete, refs}},
	}}}
}

// askDisable shows what disabling means before it is done.
func askDisable(v VaultRow, refs []Ref) []Intent {
	what := named(refs) + ": "
	switch {
	case len(refs) > 1:
		what = named(refs) + ": the newest version of each."
	case refs[0].Version != "":
		what += "the version " + short(refs[0].Version) + "."
	default:
		what += "its newest version."
	}
	stops := map[Kind]string{
		Secrets:      "From now on its value is not given to anybody.",
		Keys:         "From now on nobody signs or decrypts with it.",
		Certificates: "From now on its key is refused too.",
	}[refs[0].Kind]
	return []Intent{OpenDialog{&Confirm{
		Title: "Disable " + several(refs) + " in " + v.Name,
		Lines: []string{what, "", stops + " Programs that need it fail.", "", "To undo: enable it again, at any time."},
		Do:    "Disable " + several(refs), Then: []Intent{ChangeObjects{Disable, refs}},
	}}}
}

// purgeWords says what a purge takes away.
func purgeWords(o DeletedRow) []string {
	what := "The " + kindWords[o.Kind].one + " " + o.Name + " goes for good, with everything it ever was (" + versionCount(o.Versions) + ")."
	switch o.Kind {
	case Certificates:
		what += " Its key goes with it."
	case Keys:
		what += " What was signed stays valid; what was encrypted with it stays encrypted."
	}
	if o.Protection == keys.ProtectionHSM {
		what += " In the HSM the key is destroyed too."
	}
	undo := "This cannot be undone; only a backup made before brings it back."
	if o.Protection == keys.ProtectionHSM {
		undo = "This cannot be undone by anybody: a key in the HSM has no backup."
	}
	return []string{what, "", undo + " By itself it would go on " + date(o.ScheduledPurge) + "."}
}

func versionCount(n int) string {
	if n == 1 {
		return "1 version"
	}
	return numeral(n) + " versions"
}

// changedNotice says what came of a change: in a line when all was done, in a
// box that names what was not.
func changedNotice(c ObjectsChanged) Intent {
	if len(c.Failed) == 0 {
		return Notify{Good, doneText(c)}
	}
	var lines []string
	if len(c.Done) > 0 {
		lines = append(lines, doneText(c)+".", "")
	}
	for i, f := range c.Failed {
		if i == maxNamed {
			lines = append(lines, "and "+numeral(len(c.Failed)-i)+" more")
			break
		}
		lines = append(lines, "✗ "+f.Ref.Name+": "+fault.Problem(f.Err))
	}
	if h := fault.Hint(c.Failed[0].Err); h != "" {
		lines = append(lines, "", "What to do: "+h)
	}
	return OpenDialog{&Message{Title: numeral(len(c.Failed)) + " not done", Tone: Warning, Lines: lines}}
}

func doneText(c ObjectsChanged) string {
	are := pick(c.Done, " is ", " are ")
	switch c.Verb {
	case Delete:
		return several(c.Done) + are + "in the bin until " + date(c.Until)
	case Recover:
		return several(c.Done) + are + "back, as " + pick(c.Done, "it was", "they were")
	case Enable:
		return several(c.Done) + are + "enabled"
	default:
		return several(c.Done) + are + "disabled"
	}
}
