package home

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/strongroom/strongroom/internal/fault"
)

func sample() Config {
	return Config{
		Version: 1, Installation: "2f1c", LogKey: "strongroom+00+AA",
		HSM:   HSM{SoftHSMConf: "token/softhsm2.conf", Token: Token{Label: "vault", Serial: "0123"}},
		Login: Login{Idle: 5 * time.Minute},
	}
}

func TestCreateThenOpen(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "home")
	if _, err := Create(dir, sample()); err != nil {
		t.Fatal(err)
	}
	h, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if h.Config != sample() {
		t.Errorf("read back %+v", h.Config)
	}
	if got, want := h.Resolve(h.Config.HSM.SoftHSMConf), filepath.Join(dir, "token/softhsm2.conf"); got != want {
		t.Errorf("Resolve = %q, want %q", got, want)
	}
	for path, want := range map[string]os.FileMode{dir: 0o700, filepath.Join(dir, configName): 0o600} {
		info, err := os.Stat(path)
		if err != nil || info.Mode().Perm() != want {
			t.Errorf("%s has mode %v (%v), want %v", path, info.Mode(), err, want)
		}
	}
	if _, err := Create(dir, sample()); fault.KindOf(err) != fault.Conflict {
		t.Errorf("a second Create gives %v", err)
	}
}

func TestAHomeThatOthersCanReadIsRefused(t *testing.T) {
	for _, tc := range []struct {
		path string
		mode os.FileMode
	}{
		{".", 0o750}, {".", 0o707}, {".", 0o701}, {configName, 0o640}, {configName, 0o604},
	} {
		dir := filepath.Join(t.TempDir(), "home")
		if _, err := Create(dir, sample()); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(filepath.Join(dir, tc.path), tc.mode); err != nil {
			t.Fatal(err)
		}
		_, err := Open(dir)
		if fault.KindOf(err) != fault.Forbidden || !strings.Contains(fault.Hint(err), "chmod") {
			t.Errorf("%s with mode %v: %v (hint %q)", tc.path, tc.mode, err, fault.Hint(err))
		}
	}
}

func TestALinkIsNotFollowed(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "home")
	if _, err := Create(dir, sample()); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(dir, link); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(link); fault.KindOf(err) != fault.Forbidden {
		t.Errorf("a linked home gives %v", err)
	}
}

func TestAnEmptyDirectoryIsNoInstallation(t *testing.T) {
	if _, err := Open(t.TempDir()); fault.KindOf(err) != fault.NotFound || fault.Hint(err) == "" {
		t.Errorf("Open gives %v", err)
	}
}

func TestConfigIsReadStrictly(t *testing.T) {
	good := "version: 1\ninstallation: x\nlog_key: k\nhsm:\n  token:\n    label: vault\n"
	if _, err := parseConfig([]byte(good)); err != nil {
		t.Fatal(err)
	}
	for story, text := range map[string]string{
		"unknown key":       good + "colour: red\n",
		"repeated key":      good + "version: 1\n",
		"second document":   good + "---\nversion: 1\n",
		"newer":             strings.Replace(good, "version: 1", "version: 2", 1),
		"no version":        strings.Replace(good, "version: 1\n", "", 1),
		"no token":          "version: 1\ninstallation: x\nlog_key: k\n",
		"no installation":   strings.Replace(good, "installation: x\n", "", 1),
		"no log key":        strings.Replace(good, "log_key: k\n", "", 1),
		"an empty log key":  strings.Replace(good, "log_key: k\n", "log_key: \"\"\n", 1),
		"idle too long":     good + "login:\n  idle: 61m\n",
		"life not a time":   good + "login:\n  life: soon\n",
		"negative":          good + "login:\n  life: -1h\n",
		"not yaml":          "\x00\x01",
		"empty":             "",
		"too long":          good + "#" + strings.Repeat("x", maxConfig),
		"a list":            "- 1\n",
		"a PIN in the file": good + "  pin: \"1234\"\n",
	} {
		if c, err := parseConfig([]byte(text)); err == nil {
			t.Errorf("%s: accepted as %+v", story, c)
		}
	}
}

// Somebody who edits the file is told which line is wrong, in one line that
// cannot drive a terminal.
func TestABrokenConfigSaysWhere(t *testing.T) {
	good := "version: 1\ninstallation: x\nlog_key: k\nhsm:\n  token:\n    label: vault\n"
	for _, tc := range []struct{ text, want string }{
		{good + "colour: red\n", "strongroom.yaml cannot be understood: line 7: field colour not found"},
		{good + "login: [\n", "line 7"},
		{good + "login:\n  idle: soon\n", "line 8"},
		{good + "\"\\e[2J\\u202E\": red\n", "line 7"},
		{good + strings.Repeat("a", 5000) + ": red\n", "line 7"},
		{"", "it is empty"},
	} {
		dir := filepath.Join(t.TempDir(), "home")
		if _, err := Create(dir, sample()); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, configName), []byte(tc.text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := Open(dir)
		got := fault.Problem(err)
		if fault.KindOf(err) != fault.Invalid || !strings.Contains(got, tc.want) {
			t.Errorf("%.60q gives %q, without %q", tc.text, got, tc.want)
		}
		if strings.ContainsFunc(got, func(r rune) bool { return !unicode.IsPrint(r) }) || len(got) > len(dir)+maxCause+60 {
			t.Errorf("%.60q gives %q", tc.text, got)
		}
	}
}

func FuzzParseConfig(f *testing.F) {
	f.Add([]byte("version: 1\ninstallation: x\nlog_key: k\nhsm:\n  token:\n    label: vault\n"))
	f.Add([]byte("a: &a [*a]\n"))
	f.Fuzz(func(_ *testing.T, text []byte) { _, _ = parseConfig(text) })
}

func TestLocate(t *testing.T) {
	env := func(m map[string]string) func(string) string { return func(k string) string { return m[k] } }
	for _, tc := range []struct {
		flag string
		env  map[string]string
		want string
	}{
		{"/f", map[string]string{"STRONGROOM_HOME": "/e", "HOME": "/h"}, "/f"},
		{"", map[string]string{"STRONGROOM_HOME": "/e", "HOME": "/h"}, "/e"},
		{"", map[string]string{"XDG_DATA_HOME": "/x", "HOME": "/h"}, "/x/strongroom"},
		{"", map[string]string{"XDG_DATA_HOME": "relative", "HOME": "/h"}, "/h/.local/share/strongroom"},
	} {
		if got, err := Locate(tc.flag, env(tc.env)); err != nil || got != tc.want {
			t.Errorf("Locate(%q, %v) = %q, %v; want %q", tc.flag, tc.env, got, err, tc.want)
		}
	}
	if _, err := Locate("", env(nil)); fault.KindOf(err) != fault.Invalid {
		t.Errorf("Locate without any hint gives %v", err)
	}
}
