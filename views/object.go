package views

import (
	"time"

	"github.com/strongroom/strongroom/keys"
)

// object is what the screens of secrets, keys and certificates share: what
// was read, and the table of versions.
type object struct {
	base
	place
	kind     Kind
	name     string
	ready    bool
	detail   ObjectDetail
	versions *Table[VersionRow]
}

func newObject(v VaultRow, k Kind, name string, refused Refusals) object {
	return object{
		base: base{refused: refused}, place: place{v}, kind: k, name: name,
		versions: NewTable(TableSpec[VersionRow]{
			Name: "versions", Columns: versionColumns(k), Empty: says("There is no version."),
			Key: func(r *VersionRow) string { return r.Version },
		}),
	}
}

func versionColumns(k Kind) []Column[VersionRow] {
	cols := []Column[VersionRow]{
		{Title: "version", Min: 10, Cell: func(r *VersionRow, _ time.Time) Cell { return Cell{short(r.Version), Strong} }},
		{Title: "state", Min: 8, Cell: func(r *VersionRow, now time.Time) Cell {
			word, tone := r.State(now)
			return Cell{word, tone}
		}},
		{
			Title: "created", Min: 16, Sort: "created", Cell: func(r *VersionRow, _ time.Time) Cell { return Cell{moment(r.Created), Plain} },
			Less: func(a, b *VersionRow) bool { return a.Created.Before(b.Created) },
		},
		{Title: "expires", Min: 24, Flex: true, Cell: func(r *VersionRow, now time.Time) Cell {
			text, tone := expiry(r.Expires, now)
			return Cell{text, tone}
		}},
	}
	if k != Secrets {
		cols = append(cols, Column[VersionRow]{Title: "type", Min: 11, Priority: 1, Cell: func(r *VersionRow, _ time.Time) Cell { return Cell{orDash(r.Type), Plain} }})
	}
	return append(cols, Column[VersionRow]{Title: "full version", Min: 32, Priority: 3, Cell: func(r *VersionRow, _ time.Time) Cell { return Cell{r.Version, Muted} }})
}

// Title is the object's name.
func (o *object) Title() string { return o.name }

// Start reads the object.
func (o *object) Start() []Intent {
	return []Intent{LoadObject{Ref: Ref{Vault: o.vault.Name, Kind: o.kind, Name: o.name}}}
}

// InputMode is on while the versions' filter is typed.
func (o *object) InputMode() bool { return o.versions.Typing() }

// ref names the version under the cursor.
func (o *object) ref() Ref {
	r := Ref{Vault: o.vault.Name, Kind: o.kind, Name: o.name}
	if v, ok := o.versions.Current(); ok {
		r.Version = v.Version
	}
	return r
}

// loaded takes what was read. A version that was not there before is the one
// to look at: whoever stays on the older one takes its value for the new.
func (o *object) loaded(d ObjectDetail) {
	newer := o.ready && o.detail.Version != d.Version
	o.detail, o.ready, o.err = d, true, nil
	o.versions.SetRows(d.Versions)
	if newer {
		o.versions.jump(First)
	}
}

// lifeActions change the version under the cursor, or delete the object.
func (o *object) lifeActions() []Action {
	verbs := lifeOf[o.kind]
	v, some := o.current()
	some = some && o.ready
	one := []Ref{o.ref()}
	state := bindAs(ActDisable, verbs.set, o.refused, func() []Intent { return askDisable(o.vault, one) })
	if !v.Enabled {
		state = bindAs(ActEnable, verbs.set, o.refused, emit(ChangeObjects{Enable, one}))
	}
	actions := []Action{
		bindAs(ActEdit, verbs.set, o.refused, emit(OpenAttributes{o.vault, o.detail, v})),
		state,
		bindAs(ActDelete, verbs.delete, o.refused, func() []Intent {
			return askDelete(o.vault, refsOf(o.vault.Name, o.kind, []string{o.name}), o.now)
		}),
	}
	for i, a := range actions {
		actions[i] = a.unless(!some, "it is still being read").unless(o.detail.Managed, withCertificate)
	}
	return actions
}

// changed tells what came of a change; what is deleted has no screen any more.
func (o *object) changed(c ObjectsChanged) []Intent {
	if c.Verb == Delete && len(c.Done) > 0 {
		return []Intent{changedNotice(c), Back{}}
	}
	return append([]Intent{changedNotice(c)}, o.Start()...)
}

// current is the life of the version under the cursor.
func (o *object) current() (VersionRow, bool) { return o.versions.Current() }

// waiting is what stands there until the object was read.
func (o *object) waiting(p Paint) ([]string, bool) {
	switch {
	case o.err != nil && !o.ready:
		return append(append([]string{""}, problemLines(p, o.err, o.w-4)...), "", "  "+p.Text(Muted, "^R tries again")), true
	case !o.ready:
		return []string{"", "  " + p.Text(Muted, "Reading…")}, true
	default:
		return nil, false
	}
}

// head is the first line: kind, name, state.
func (o *object) head(p Paint) string {
	word, tone := o.detail.State(p.Now)
	return " " + p.Text(Muted, kindWords[o.kind].one+" ") + p.Bold(Plain, clean(o.name)) + "  " + p.Text(tone, "● "+word)
}

func (o *object) lifeFacts(p Paint) []Fact {
	end, tone := expiry(o.detail.Expires, p.Now)
	facts := []Fact{{"expires", end, tone}}
	if !o.detail.NotBefore.IsZero() {
		facts = append(facts, Fact{Label: "not before", Value: date(o.detail.NotBefore)})
	}
	facts = append(facts, Fact{Label: "updated", Value: ago(o.detail.Updated, p.Now)})
	if len(o.detail.Tags) > 0 {
		facts = append(facts, Fact{Label: "tags", Value: tagText(o.detail.Tags)})
	}
	if o.detail.Note != "" {
		facts = append(facts, Fact{Label: "note", Value: o.detail.Note})
	}
	return append(facts, o.detail.Facts...)
}

// protectionWords says where a key is used.
func protectionWords(pr keys.Protection) (string, Tone) {
	switch pr {
	case keys.ProtectionHSM:
		return "inside the HSM; it never leaves it", Good
	case keys.ProtectionSoftware:
		return "in software; wrapped at rest by the vault's master key", Plain
	default:
		return "–", Muted
	}
}

// above draws lines over the table of versions, which gets the rest.
func (o *object) above(p Paint, lines []string) string {
	room := o.h - len(lines) - 1
	if room < 4 {
		room = 4
		lines = lines[:max(0, o.h-5)]
	}
	o.versions.SetSize(o.w, room)
	lines = append(lines, " "+heading(p, "Versions"))
	return block(append(lines, o.versions.View(p)...), o.w, o.h)
}
