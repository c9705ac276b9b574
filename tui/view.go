package tui

import (
	"strings"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"

	"github.com/strongroom/strongroom/roles"
	"github.com/strongroom/strongroom/views"
)

// windowTitle never says more: titles are logged, listed and shared.
const windowTitle = "Strongroom"

// looks is what the terminal said about itself.
type looks struct {
	width, height int
	light, mono   bool
	theme         *views.Theme
}

// choose makes the theme that fits.
func (l *looks) choose() {
	mode := views.Dark
	switch {
	case l.mono:
		mode = views.Mono
	case l.light:
		mode = views.Light
	}
	if l.theme == nil || l.theme.Mode() != mode {
		l.theme = views.NewTheme(mode)
	}
}

func (l *looks) profile(p colorprofile.Profile) {
	if p == colorprofile.ASCII || p == colorprofile.NoTTY {
		l.mono = true
		l.choose()
	}
}

// View draws the frame.
func (m *Model) View() tea.View {
	v := tea.NewView("")
	v.AltScreen, v.WindowTitle = true, windowTitle
	top, ok := m.screens.Top()
	if m.hidden || !ok || m.looks.width == 0 {
		return v
	}
	paint := views.Paint{Theme: m.looks.theme, Now: m.now}
	body := ""
	if !views.TooSmall(m.looks.width, m.looks.height) {
		body = top.View(paint)
	}
	frame := m.chrome(top).View(body, paint, m.looks.width, m.looks.height)
	v.SetContent(m.dialogs.View(frame, paint, m.looks.width, m.looks.height))
	v.Cursor = m.cursor(top)
	return v
}

// cursor is the screen's, where neither a dialog nor a small window hides it.
func (m *Model) cursor(top views.Screen) *tea.Cursor {
	p, ok := top.(views.Pointer)
	if !ok || m.dialogs.Open() || views.TooSmall(m.looks.width, m.looks.height) {
		return nil
	}
	x, y, shown := p.Cursor()
	if !shown {
		return nil
	}
	return tea.NewCursor(x, y+views.BodyTop)
}

func (m *Model) chrome(top views.Screen) views.Chrome {
	c := views.Chrome{Session: m.header(top), Crumbs: m.screens.Crumbs(), Actions: top.Actions()}
	if m.toast != nil {
		c.Toast = &m.toast.Toast
	}
	if m.work != nil {
		p := m.work.progress(m.now)
		c.Task = &p
	}
	return c
}

// header is what one must never forget.
func (m *Model) header(top views.Screen) views.Session {
	s := views.Session{Installation: m.about.id, Demo: m.about.demo, HSM: m.hsm.words, HSMOK: m.hsm.ok}
	if m.alarm != nil {
		s.Alarms = 1
	}
	if m.session == nil {
		return s
	}
	s.Alarms += len(m.untrue)
	s.Person = m.person
	s.FactorUntil = m.now.Add(m.session.Grace(m.now))
	if l, ok := top.(views.Located); ok {
		v := l.Vault()
		s.Vault, s.Environment = v.Name, v.Environment
	}
	s.Role = m.rights.title(s.Vault)
	return s
}

// title says in words which roles somebody has in a vault, or anywhere.
func (r rights) title(vault string) string {
	var names []string
	for _, role := range roles.All() {
		if r.holds(role, vault) {
			names = append(names, role.Title())
		}
	}
	if len(names) == 0 {
		return "no role"
	}
	return strings.Join(names, ", ")
}

func (r rights) holds(role roles.Role, vault string) bool {
	for i := range r.held {
		if r.held[i].Role == role && (vault == "" || r.held[i].Scope.Overlaps(roles.Scope{Vault: vault})) {
			return true
		}
	}
	return false
}
