package tui

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/exp/golden"

	tea "charm.land/bubbletea/v2"

	"github.com/strongroom/strongroom/views"
)

// The frames of the whole console, as the real gate fills them. What differs
// from run to run (ids, hashes, serials) is made unreadable, cell by cell.
// Run with -update after a change that is meant.
func TestFrames(t *testing.T) {
	w := gallery(t)
	b := w.robot()
	b.shoot(t, "sign-in")
	b.Press("ctrl+n").shoot(t, "first-sign-in")
	b.Press("esc")

	w.enter(b, sam)
	b.shoot(t, "vaults-secret-owner", views.Light, views.Mono)
	b.Press("j", "enter").shoot(t, "vault-secrets")
	b.Press("tab").shoot(t, "vault-keys")
	b.Press("enter").shoot(t, "key")
	b.Press("esc", "tab", "enter").shoot(t, "certificate")
	b.Press("esc", "tab", "enter").shoot(t, "secret")
	b.Press("v").shoot(t, "secret-revealed", views.Light, views.Mono)
	b.Press("n").shoot(t, "secret-new-version")
	b.Press("esc", "?").shoot(t, "help")
	b.Press("esc", ":").shoot(t, "palette")
	b.Press("esc")
	stale(b).Press("v").shoot(t, "step-up", views.Mono)
	b.Wait(time.Second).Press("esc", "ctrl+l").shoot(t, "locked", views.Light)
	b.Press("ctrl+o")

	w.enter(b, ada)
	b.Press("j", "enter", "enter").shoot(t, "secret-auditor", views.Mono)
	b.Press("esc", "esc", "l").shoot(t, "log", views.Light, views.Mono)
	b.Press("v").shoot(t, "log-verified")
	b.Press("esc", "esc", "r").shoot(t, "reports")
	b.Press("esc", "ctrl+o")

	w.enter(b, olivia)
	b.shoot(t, "vaults-owner")
	b.Press("a").shoot(t, "access")
}

// gallery has something of everything, made at fixed times.
func gallery(t *testing.T) *world {
	t.Helper()
	w := furnished(t)
	b := w.enter(w.robot(), sam)
	b.Press("j", "enter", "n").Fill("db-password", "").Type("hunter2 is not it").Press("tab").Fill("text/plain", "20d").Press("ctrl+s").See("db-password")
	b.Press("tab", "n").Type("settlement").Press("ctrl+s").See("settlement")
	b.Press("tab", "n").Fill("api", "CN=api.example.org", "api.example.org").Press("ctrl+s").See("Certificate api was made")
	b.Press("ctrl+c")
	return w
}

// shoot compares the frame in both sizes, and in further modes with its
// styles.
func (b *robot) shoot(t *testing.T, name string, modes ...views.Mode) {
	t.Helper()
	b.Wait(toastFor + time.Second)
	for _, size := range [][2]int{{120, 40}, {80, 24}} {
		b.send(tea.WindowSizeMsg{Width: size[0], Height: size[1]})
		t.Run(fmt.Sprintf("%s-%dx%d", name, size[0], size[1]), func(t *testing.T) {
			golden.RequireEqual(t, steady(ansi.Strip(b.model.View().Content)))
		})
	}
	was := b.model.looks.theme
	for _, mode := range append([]views.Mode{views.Dark}, modes...) {
		if len(modes) == 0 {
			break
		}
		b.model.looks.theme = views.NewTheme(mode)
		t.Run(fmt.Sprintf("%s-%s", name, map[views.Mode]string{views.Dark: "dark", views.Light: "light", views.Mono: "no-color"}[mode]), func(t *testing.T) {
			frame := b.model.View().Content
			if mode == views.Mono && coloured.MatchString(frame) {
				t.Error("NO_COLOR has a colour")
			}
			golden.RequireEqual(t, steady(frame))
		})
	}
	b.model.looks.theme = was
}

// coloured finds a sequence that sets a colour (SGR 30 to 49, 90 to 107).
var coloured = regexp.MustCompile(`\x1b\[(?:[0-9;]*;)?(?:3[0-8]|4[0-8]|9[0-7]|10[0-7])(?:;[0-9;]*)?m`)

// random finds what no two runs share: UUIDs and hexadecimal of 6 digits or
// more, whole or cut at the end of a cell.
var random = regexp.MustCompile(`[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-fA-F]{6,}|(?m:^ +[0-9a-f]{1,5} *$)`)

func steady(frame string) string {
	lines := strings.Split(random.ReplaceAllStringFunc(frame, blot), "\n")
	for i, l := range lines {
		lines[i] = strings.TrimRight(l, " ")
	}
	return strings.Join(lines, "\n") + "\n"
}

func blot(s string) string {
	return strings.Map(func(r rune) rune {
		if r == ' ' {
			return r
		}
		return 'x'
	}, s)
}
