package views

import (
	"fmt"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/exp/golden"

	"github.com/strongroom/strongroom/roles"
)

// stage puts a scene on a terminal of w x h cells and gives the whole frame.
func stage(sc scene, mode Mode, w, h int) string {
	s := sc.build()
	bw, bh := BodySize(w, h)
	s.SetSize(bw, bh)
	s.Start()
	p := Paint{NewTheme(mode), noon}
	s.Update(Tick{noon})
	for _, msg := range sc.feed {
		s.View(p)
		play(s, msg)
	}
	c := Chrome{Session: sessionOf(sc), Crumbs: crumbsOf(sc, s), Actions: s.Actions(), Toast: sc.toast, Task: sc.task}
	var ds Dialogs
	if sc.dialog != nil {
		ds.Push(sc.dialog(s))
	}
	frame := c.View(s.View(p), p, w, h)
	return ds.View(frame, p, w, h)
}

// play sends a message: a key by its name, a text to type, a paste, or an answer.
func play(s Screen, msg any) {
	text, ok := msg.(string)
	if !ok {
		s.Update(msg)
		return
	}
	if typed, ok := strings.CutPrefix(text, "text:"); ok {
		for _, r := range typed {
			s.Update(keyPress(strings.ReplaceAll(string(r), " ", "space")))
		}
		return
	}
	if pasted, ok := strings.CutPrefix(text, "paste:"); ok {
		s.Update(tea.PasteMsg{Content: pasted})
		return
	}
	s.Update(keyPress(text))
}

var personOf = map[roles.Role]string{roles.VaultOwner: "alice", roles.SecretOwner: "bob", roles.Auditor: "carol"}

func sessionOf(sc scene) Session {
	s := Session{Installation: "strongroom-demo", Demo: true, Vault: sc.vault.Name, Environment: sc.vault.Environment, HSM: "ready", HSMOK: true}
	if sc.who != "" {
		s.Person, s.Role, s.FactorUntil = personOf[sc.who], sc.who.Title(), noon.Add(252e9)
	}
	return s
}

func crumbsOf(sc scene, s Screen) []string {
	crumbs := []string{"Vaults"}
	if sc.who == "" {
		crumbs = nil
	}
	if sc.vault.Name != "" && s.Title() != sc.vault.Name {
		crumbs = append(crumbs, sc.vault.Name)
	}
	if s.Title() == "Vaults" {
		return crumbs
	}
	return append(crumbs, s.Title())
}

// plain is the frame without escape sequences and without blanks at line ends.
func plain(frame string) string {
	lines := strings.Split(ansi.Strip(frame), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return strings.Join(lines, "\n") + "\n"
}

// Every screen has its picture at the size that every job must fit into, and
// at a larger one. The words are the same in light, dark and without colour:
// no meaning rests on colour.
func TestPictures(t *testing.T) {
	for _, sc := range scenes() {
		for _, size := range [][2]int{{80, 24}, {120, 40}} {
			w, h := size[0], size[1]
			t.Run(fmt.Sprintf("%s-%dx%d", sc.name, w, h), func(t *testing.T) {
				dark := stage(sc, Dark, w, h)
				golden.RequireEqual(t, plain(dark))
				if light := plain(stage(sc, Light, w, h)); light != plain(dark) {
					t.Errorf("in light the words differ:\n%s", light)
				}
				if mono := plain(stage(sc, Mono, w, h)); mono != plain(dark) && !strings.HasPrefix(sc.name, "enrol-scan") {
					t.Errorf("without colour the words differ:\n%s", mono)
				}
			})
		}
	}
}

// Wide screens show more columns, not the same ones stretched.
func TestWidePictures(t *testing.T) {
	for _, sc := range scenes() {
		switch sc.name {
		case "vaults", "vault-secrets", "vault-keys", "key", "log", "hsm":
			t.Run(sc.name+"-140x40", func(t *testing.T) { golden.RequireEqual(t, plain(stage(sc, Dark, 140, 40))) })
		}
	}
}

// A few scenes keep their escape sequences, in every mode.
func TestColours(t *testing.T) {
	modes := map[string]Mode{"dark": Dark, "light": Light, "mono": Mono}
	for _, sc := range scenes() {
		if !sc.ansi {
			continue
		}
		for name, mode := range modes {
			t.Run(sc.name+"-"+name, func(t *testing.T) {
				frame := stage(sc, mode, 80, 24)
				golden.RequireEqual(t, frame)
				if mode == Mono && hasColour(frame) {
					t.Error("a frame without colour sets a colour")
				}
			})
		}
	}
}

// hasColour looks for a sequence that sets a foreground or background colour.
func hasColour(frame string) bool {
	for seq := range strings.SplitSeq(frame, "\x1b[") {
		params, _, ok := strings.Cut(seq, "m")
		if !ok {
			continue
		}
		for _, n := range strings.Split(params, ";") {
			if len(n) >= 2 && n[0] != '2' && strings.Trim(n, "0123456789") == "" {
				return true
			}
		}
	}
	return false
}

// Every frame is exactly as large as the terminal: nothing wraps, nothing
// scrolls the first line away.
func TestFramesFillTheTerminal(t *testing.T) {
	for _, sc := range scenes() {
		for _, size := range [][2]int{{80, 24}, {97, 31}, {120, 40}, {200, 60}} {
			lines := strings.Split(stage(sc, Dark, size[0], size[1]), "\n")
			if len(lines) != size[1] {
				t.Errorf("%s at %v: %d lines", sc.name, size, len(lines))
			}
			for i, l := range lines {
				if n := ansi.StringWidth(l); n > size[0] {
					t.Errorf("%s at %v: line %d has %d cells: %q", sc.name, size, i, n, ansi.Strip(l))
				}
			}
		}
	}
}

func TestBelowTheSmallestSizeThereIsAPlainMessage(t *testing.T) {
	for _, size := range [][2]int{{79, 24}, {80, 23}, {20, 5}, {1, 1}} {
		got := stage(vaultScenes()[0], Dark, size[0], size[1])
		if strings.Contains(got, "payments") {
			t.Errorf("%v shows a screen", size)
		}
		if size[0] > 40 && !strings.Contains(got, "80 x 24") {
			t.Errorf("%v does not say which size is needed: %q", size, got)
		}
	}
}
