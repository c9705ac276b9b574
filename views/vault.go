package views

import (
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/strongroom/strongroom/keys"
	"github.com/strongroom/strongroom/roles"
)

// VaultScreen is one vault: its secrets, keys and certificates, a tab each.
type VaultScreen struct {
	base
	place
	tab    int
	tables map[Kind]*Table[ObjectRow]
}

// NewVault makes a vault's screen.
func NewVault(v VaultRow, refused Refusals) *VaultScreen {
	s := &VaultScreen{base: base{refused: refused}, place: place{v}, tables: map[Kind]*Table[ObjectRow]{}}
	for _, k := range Kinds() {
		s.tables[k] = NewTable(TableSpec[ObjectRow]{
			Name: string(k), Columns: objectColumns(k), Empty: func() []string { return s.emptyText(k) },
			Key: func(o *ObjectRow) string { return o.Name },
			Ask: func(q Query) Intent { return LoadObjects{Vault: v.Name, Kind: k, Query: q} },
		})
	}
	return s
}

// kindWords says for each kind how it is made.
var kindWords = map[Kind]struct {
	title, one, use string
	create          ActionID
	needs           roles.Action
}{
	Secrets:      {"Secrets", "secret", "A secret is a password, a token or a file of up to 25 KB.", ActSecretNew, roles.SecretsSet},
	Keys:         {"Keys", "key", "A key signs and verifies; in the HSM, or in software wrapped by the vault's master key.", ActKeyNew, roles.KeysCreate},
	Certificates: {"Certificates", "certificate", "A certificate comes with a key of its own.", ActCertNew, roles.CertificatesCreate},
}

func (s *VaultScreen) emptyText(k Kind) []string {
	words := kindWords[k]
	if why := s.refused[words.needs]; why != "" {
		return []string{"There is no " + words.one + " in this vault yet.", "", "Its secret owner makes them: " + why + "."}
	}
	return []string{"There is no " + words.one + " in this vault yet.", "", "Press n to make the first one. " + words.use}
}

func objectColumns(k Kind) []Column[ObjectRow] {
	name := Column[ObjectRow]{Title: "name", Min: 20, Flex: true, Sort: "name", Cell: func(o *ObjectRow, _ time.Time) Cell { return Cell{o.Name, Strong} }}
	state := Column[ObjectRow]{Title: "state", Min: 8, Cell: func(o *ObjectRow, now time.Time) Cell {
		word, tone := o.State(now)
		return Cell{word, tone}
	}}
	expires := Column[ObjectRow]{Title: "expires", Min: 24, Sort: "expires", Cell: func(o *ObjectRow, now time.Time) Cell {
		text, tone := expiry(o.Expires, now)
		return Cell{text, tone}
	}}
	typed := Column[ObjectRow]{Title: "type", Min: 12, Cell: func(o *ObjectRow, _ time.Time) Cell { return Cell{orDash(o.Type), Plain} }}
	used := Column[ObjectRow]{Title: "where", Min: 8, Cell: protectionCell}
	updated := Column[ObjectRow]{Title: "updated", Min: 10, Priority: 2, Sort: "updated", Cell: func(o *ObjectRow, _ time.Time) Cell { return Cell{date(o.Updated), Muted} }}
	version := Column[ObjectRow]{Title: "version", Min: 8, Priority: 3, Cell: func(o *ObjectRow, _ time.Time) Cell { return Cell{short(o.Version), Muted} }}
	tags := Column[ObjectRow]{Title: "tags", Min: 16, Priority: 4, Cell: func(o *ObjectRow, _ time.Time) Cell { return Cell{tagText(o.Tags), Muted} }}
	switch k {
	case Keys:
		return []Column[ObjectRow]{name, typed, used, state, expires, updated, version, tags}
	case Certificates:
		typed.Title, typed.Min, typed.Priority = "subject", 24, 1
		life := Column[ObjectRow]{Title: "life left", Min: 14, Priority: 2, Cell: lifeCell}
		return []Column[ObjectRow]{name, state, expires, typed, life, updated, version, tags}
	default:
		typed.Title = "content type"
		return []Column[ObjectRow]{name, typed, state, expires, updated, version, tags}
	}
}

func protectionCell(o *ObjectRow, _ time.Time) Cell {
	if o.Protection == keys.ProtectionHSM {
		return Cell{"HSM", Good}
	}
	return Cell{orDash(string(o.Protection)), Plain}
}

// lifeCell draws what is left of a certificate's life as a bar.
func lifeCell(o *ObjectRow, now time.Time) Cell {
	from := o.NotBefore
	if from.IsZero() {
		from = o.Created
	}
	whole := o.Expires.Sub(from)
	if o.Expires.IsZero() || whole <= 0 {
		return Cell{"–", Muted}
	}
	n := int(10 * max(0, o.Expires.Sub(now)) / whole)
	_, tone := o.State(now)
	return Cell{strings.Repeat("█", min(n, 10)) + strings.Repeat("░", 10-min(n, 10)), tone}
}

func tagText(tags map[string]string) string {
	var parts []string
	for k, v := range tags {
		parts = append(parts, k+"="+v)
	}
	slices.Sort(parts)
	return strings.Join(parts, " ")
}

// short is the beginning of a version's id, enough to tell versions apart.
func short(version string) string { return version[:min(8, len(version))] }

// Title is the vault's name.
func (s *VaultScreen) Title() string { return s.vault.Name }

func (s *VaultScreen) kind() Kind { return Kinds()[s.tab] }

func (s *VaultScreen) table() *Table[ObjectRow] { return s.tables[s.kind()] }

// Start reads the objects of the tab that is shown.
func (s *VaultScreen) Start() []Intent { return s.table().Load() }

// InputMode is on while a filter is typed.
func (s *VaultScreen) InputMode() bool { return s.table().Typing() }

// Actions are those of the tab.
func (s *VaultScreen) Actions() []Action {
	words := kindWords[s.kind()]
	_, some := s.table().Current()
	own := []Action{
		bind(ActOpen, nil, s.open).unless(!some, "there is nothing to open"),
		bind(words.create, s.refused, s.create),
		bind(ActNextTab, nil, func() []Intent { return s.show(s.tab + 1) }),
		bind(ActBin, nil, emit(OpenBin{Vault: s.vault})),
	}
	return append(append(own, s.lifeActions()...), globals(
		s.refused,
		bind(ActRefresh, nil, s.Start),
		bind(ActPrevTab, nil, func() []Intent { return s.show(s.tab - 1) }),
	)...)
}

// lifeActions are meant for the selected rows, else for the current one.
func (s *VaultScreen) lifeActions() []Action {
	verbs := lifeOf[s.kind()]
	row, some := s.table().Current()
	marked := len(s.table().Marked())
	chosen := refsOf(s.vault.Name, s.kind(), s.table().Chosen())
	var actions []Action
	if marked > 0 || !some || row.Enabled {
		actions = append(actions, bindAs(ActDisable, verbs.set, s.refused, func() []Intent { return askDisable(s.vault, chosen) }))
	}
	if marked > 0 || some && !row.Enabled {
		actions = append(actions, bindAs(ActEnable, verbs.set, s.refused, emit(ChangeObjects{Enable, chosen})))
	}
	actions = append(actions, bindAs(ActDelete, verbs.delete, s.refused, func() []Intent { return askDelete(s.vault, chosen, s.now) }))
	for i, a := range actions {
		a.Label = counted(a.Label, marked)
		actions[i] = a.unless(len(chosen) == 0, "there is nothing to do it to").unless(marked == 0 && row.Managed, withCertificate)
	}
	return actions
}

func (s *VaultScreen) show(tab int) []Intent {
	s.tab = (tab + len(Kinds())) % len(Kinds())
	return s.Start()
}

func (s *VaultScreen) open() []Intent {
	o, ok := s.table().Current()
	if !ok {
		return nil
	}
	return []Intent{OpenObject{Vault: s.vault, Kind: s.kind(), Name: o.Name}}
}

func (s *VaultScreen) create() []Intent {
	switch s.kind() {
	case Keys:
		return []Intent{OpenNewKey{Vault: s.vault}}
	case Certificates:
		return []Intent{OpenNewCertificate{Vault: s.vault}}
	default:
		return []Intent{OpenNewSecret{Vault: s.vault}}
	}
}

// SetSize sizes the tables below the tabs.
func (s *VaultScreen) SetSize(w, h int) {
	s.w, s.h = w, h
	for _, t := range s.tables {
		t.SetSize(w, h-1)
	}
}

// Update routes answers to the table that asked, and keys to the table shown.
func (s *VaultScreen) Update(msg tea.Msg) []Intent {
	s.common(msg)
	switch msg := msg.(type) {
	case ObjectsLoaded:
		if t := s.tables[msg.Kind]; t != nil {
			return t.Loaded(msg.Request, msg.Page)
		}
		return nil
	case ObjectsChanged:
		t := s.tables[msg.kind()]
		t.Unmark(namesOf(msg.Done))
		return append([]Intent{changedNotice(msg)}, t.Load()...)
	case Failed:
		if load, ok := msg.Intent.(LoadObjects); ok && s.tables[load.Kind] != nil {
			s.tables[load.Kind].FailedRequest(load.Query.Request, msg.Err)
			return nil
		}
		return append(failedElsewhere(msg), s.Start()...)
	case FilterDue:
		if t := s.tables[Kind(msg.Table)]; t != nil {
			out, _ := t.Update(msg)
			return out
		}
		return nil
	}
	return tableOr(s.table(), s.Actions(), msg)
}

// View draws the tabs and the table.
func (s *VaultScreen) View(p Paint) string {
	names := make([]string, len(Kinds()))
	for i, k := range Kinds() {
		names[i] = kindWords[k].title
	}
	line := " " + tabs(p, names, s.tab)
	line += p.Text(Muted, "  "+strings.Join(policyWords(s.vault), " · "))
	return block(append([]string{line}, s.table().View(p)...), s.w, s.h)
}
