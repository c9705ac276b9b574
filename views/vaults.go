package views

import (
	"strconv"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/strongroom/strongroom/roles"
)

// VaultsScreen is home: every vault that the person may see.
type VaultsScreen struct {
	base
	table *Table[VaultRow]
}

// NewVaults makes the list of vaults.
func NewVaults(refused Refusals) *VaultsScreen {
	s := &VaultsScreen{base: base{refused: refused}}
	s.table = NewTable(TableSpec[VaultRow]{
		Name: "vaults", Columns: vaultColumns(), Empty: s.emptyText,
		Key: func(v *VaultRow) string { return v.Name },
	})
	return s
}

// emptyText says what comes next in an empty installation.
func (s *VaultsScreen) emptyText() []string {
	if s.refused[roles.VaultsCreate] != "" {
		return []string{"There is no vault that you can see.", "", "An owner of the installation makes the first one; ask them for a role in it."}
	}
	return []string{"There is no vault yet.", "", "Press n to make the first one: a vault holds the keys, secrets and certificates of one application in one environment."}
}

func vaultColumns() []Column[VaultRow] {
	count := func(title string, n func(*VaultRow) int) Column[VaultRow] {
		return Column[VaultRow]{
			Title: title, Min: 7, Right: true, Sort: title,
			Cell: func(v *VaultRow, _ time.Time) Cell { return Cell{Text: strconv.Itoa(n(v))} },
			Less: func(a, b *VaultRow) bool { return n(a) < n(b) },
		}
	}
	return []Column[VaultRow]{
		{Title: "vault", Min: 18, Flex: true, Sort: "name", Cell: func(v *VaultRow, _ time.Time) Cell { return Cell{v.Name, Strong} }},
		{Title: "environment", Min: 11, Sort: "environment", Cell: environmentCell, Less: environmentLess},
		count("secrets", func(v *VaultRow) int { return v.Secrets }),
		count("keys", func(v *VaultRow) int { return v.Keys }),
		{Title: "certs", Min: 5, Right: true, Cell: func(v *VaultRow, _ time.Time) Cell { return Cell{Text: strconv.Itoa(v.Certificates)} }},
		{Title: "attention", Min: 17, Priority: 1, Cell: attentionCell},
		{Title: "█ good ▒ soon ░ over", Min: 20, Priority: 2, Cell: healthCell},
		{Title: "your role", Min: 14, Priority: 2, Cell: func(v *VaultRow, _ time.Time) Cell { return Cell{orDash(v.MyRole), Plain} }},
		{
			Title: "created", Min: 10, Priority: 3, Sort: "created", Cell: func(v *VaultRow, _ time.Time) Cell { return Cell{date(v.Created), Muted} },
			Less: func(a, b *VaultRow) bool { return a.Created.Before(b.Created) },
		},
	}
}

func environmentCell(v *VaultRow, _ time.Time) Cell {
	switch v.Environment {
	case roles.Prod:
		return Cell{"█ PROD █", Danger}
	case roles.Staging, roles.UAT:
		return Cell{string(v.Environment), Warning}
	default:
		return Cell{string(v.Environment), Good}
	}
}

func environmentLess(a, b *VaultRow) bool {
	rank := func(e roles.Environment) int {
		for i, known := range roles.Environments() {
			if known == e {
				return i
			}
		}
		return len(roles.Environments())
	}
	return rank(a.Environment) < rank(b.Environment)
}

func attentionCell(v *VaultRow, _ time.Time) Cell {
	var parts []string
	if v.Expiring > 0 {
		parts = append(parts, strconv.Itoa(v.Expiring)+" soon")
	}
	if v.Expired > 0 {
		parts = append(parts, strconv.Itoa(v.Expired)+" expired")
	}
	if len(parts) == 0 {
		return Cell{"–", Muted}
	}
	return Cell{strings.Join(parts, ", "), attentionTone(v)}
}

// healthCell draws the objects of a vault as a bar: how many are good, end
// soon, have ended. What is there at all gets a cell at least.
func healthCell(v *VaultRow, _ time.Time) Cell {
	const cells = 20
	all := v.Keys + v.Secrets + v.Certificates
	if all == 0 || v.Expiring < 0 || v.Expired < 0 {
		return Cell{"–", Muted}
	}
	part := func(n int) int {
		if n <= 0 {
			return 0
		}
		return max(1, min(n, all)*cells/all)
	}
	soon, over := part(v.Expiring), part(v.Expired)
	good := max(0, cells-soon-over)
	return Cell{strings.Repeat("█", good) + strings.Repeat("▒", soon) + strings.Repeat("░", over), attentionTone(v)}
}

func attentionTone(v *VaultRow) Tone {
	switch {
	case v.Expired > 0:
		return Danger
	case v.Expiring > 0:
		return Warning
	default:
		return Good
	}
}

func orDash(s string) string {
	if s == "" {
		return "–"
	}
	return s
}

// Title is the first breadcrumb.
func (s *VaultsScreen) Title() string { return "Vaults" }

// Start reads the vaults.
func (s *VaultsScreen) Start() []Intent { return []Intent{LoadVaults{}} }

// InputMode is on while the filter is typed.
func (s *VaultsScreen) InputMode() bool { return s.table.Typing() }

// Actions lead to everything there is.
func (s *VaultsScreen) Actions() []Action {
	_, some := s.table.Current()
	out := append([]Action{
		bind(ActOpen, nil, s.open).unless(!some, "there is no vault"),
		bind(ActVaultNew, s.refused, emit(OpenNewVault{})),
		bind(ActPolicy, s.refused, s.policy).unless(!some, "there is no vault"),
	}, places(s.refused)...)
	return append(
		out,
		bind(ActRefresh, nil, s.Start),
		bind(ActLock, nil, emit(Lock{})),
		bind(ActSignOut, nil, emit(SignOut{})),
		bind(ActQuit, nil, emit(Quit{})),
		bind(ActHelp, nil, emit(OpenHelp{})),
		bind(ActPalette, nil, emit(OpenPalette{})),
	)
}

func (s *VaultsScreen) open() []Intent {
	v, ok := s.table.Current()
	if !ok {
		return nil
	}
	return []Intent{OpenVault{Vault: v}}
}

func (s *VaultsScreen) policy() []Intent {
	v, ok := s.table.Current()
	if !ok {
		return nil
	}
	return []Intent{OpenPolicy{Vault: v}}
}

// SetSize sizes the table.
func (s *VaultsScreen) SetSize(w, h int) {
	s.w, s.h = w, h
	s.table.SetSize(w, h)
}

// Update routes to the table, then to the actions.
func (s *VaultsScreen) Update(msg tea.Msg) []Intent {
	s.common(msg)
	switch msg := msg.(type) {
	case VaultsLoaded:
		s.table.SetRows(msg.Vaults)
		return nil
	case Failed:
		s.table.Failed(msg.Err)
		return nil
	}
	return tableOr(s.table, s.Actions(), msg)
}

// View draws the table.
func (s *VaultsScreen) View(p Paint) string { return block(s.table.View(p), s.w, s.h) }

// tableOr hands a message to a table, and a key that the table has no use for
// to the actions.
func tableOr[T any](t *Table[T], actions []Action, msg tea.Msg) []Intent {
	if out, handled := t.Update(msg); handled {
		return out
	}
	if k, ok := msg.(tea.KeyPressMsg); ok {
		return press(actions, k)
	}
	return nil
}
