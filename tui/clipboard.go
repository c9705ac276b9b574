package tui

import (
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/strongroom/strongroom/internal/secret"
	"github.com/strongroom/strongroom/views"
)

// The clipboard is the terminal's (OSC 52): it works over SSH, and whether the
// terminal obeyed nobody can know, neither for a copy nor for its clearing.

// copyReady is a secret on its way to the clipboard.
type copyReady struct {
	what  string
	value *secret.Bytes
}

// copySecret puts a value on the clipboard for a time. The escape sequence
// takes a string, which cannot be wiped; it lives as long as its frame.
func (m *Model) copySecret(p pending, c copyReady) tea.Cmd {
	defer c.value.Wipe()
	if _, here := m.screens.Find(p.screen); !here || m.hidden {
		return nil
	}
	var copied tea.Cmd
	c.value.Reveal(func(b []byte) { copied = tea.SetClipboard(string(b)) })
	m.clipboard = m.now.Add(clipboardFor)
	return tea.Batch(copied, m.deliver(p, views.Copied{What: c.what, Clears: clipboardFor}))
}

// copyText puts something public there, which may stay.
func (m *Model) copyText(from origin, in views.CopyText) tea.Cmd {
	m.clipboard = time.Time{} // what was ours there is overwritten
	return tea.Batch(tea.SetClipboard(in.Text), m.deliver(pending{screen: from.screen}, views.Copied{What: in.What}))
}

// clearClipboardInTime overwrites a copied secret when its time is over.
func (m *Model) clearClipboardInTime() tea.Cmd {
	if m.now.Before(m.clipboard) {
		return nil
	}
	return m.clearClipboard()
}

// clearClipboard overwrites a copied secret, if there is one.
func (m *Model) clearClipboard() tea.Cmd {
	if m.clipboard.IsZero() {
		return nil
	}
	m.clipboard = time.Time{}
	return tea.SetClipboard("")
}
