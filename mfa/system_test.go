package mfa

import (
	"crypto/rand"
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// Without a bus the D-Bus library would launch one that outlives the program,
// so the check must say yes only where one runs.
func TestSessionBusIsFoundWhereTheLibraryLooks(t *testing.T) {
	socket := t.TempDir() + "/bus"
	listener, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	file := t.TempDir() + "/bus"
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		address, socket string
		want            bool
	}{
		"address":            {"unix:path=/x", "/nonexistent", true},
		"socket":             {"", socket, true},
		"autolaunch":         {"autolaunch:", socket, false},
		"scoped autolaunch":  {"autolaunch:scope=*user", socket, false},
		"nothing":            {"", "/nonexistent", false},
		"a file in its name": {"", file, false},
	} {
		getenv := func(string) string { return tc.address }
		if got := sessionBus(getenv, tc.socket); got != tc.want {
			t.Errorf("%s: %t, want %t", name, got, tc.want)
		}
	}
}

// The tests below run this binary again inside a D-Bus session of its own:
// once with GNOME's keyring, unlocked, and once without any keyring.
const insideEnv = "STRONGROOM_TEST_KEYRING"

func TestRealKeyring(t *testing.T) {
	runInSession(t, "keyring", `printf pw | gnome-keyring-daemon --unlock --components=secrets >/dev/null && exec "$0" "$@"`, "gnome-keyring-daemon")
}

func TestSessionWithoutAKeyring(t *testing.T) {
	runInSession(t, "file", `exec "$0" "$@"`)
}

func runInSession(t *testing.T, want, script string, needs ...string) {
	t.Helper()
	if os.Getenv(insideEnv) != "" {
		return
	}
	for _, program := range append(needs, "dbus-run-session", "bash") {
		if _, err := exec.LookPath(program); err != nil {
			t.Logf("%s is not installed: the real keyring was not tried", program)
			return
		}
	}
	home := t.TempDir()
	// The session's own folders keep a keyring of the machine out of it.
	if err := os.MkdirAll(home+"/.local/share/keyrings", 0o700); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("dbus-run-session", "--", "bash", "-c", script, os.Args[0], "-test.run=^TestInsideSession$", "-test.v")
	cmd.Env = append(os.Environ(), insideEnv+"="+want, "HOME="+home, "XDG_DATA_HOME="+home+"/.local/share", "XDG_RUNTIME_DIR="+home)
	if want == "file" {
		// An empty list of services: nothing the bus could start.
		cmd.Env = append(cmd.Env, "XDG_DATA_DIRS="+home)
	}
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "--- PASS: TestInsideSession") {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestInsideSession(t *testing.T) {
	want := os.Getenv(insideEnv)
	if want == "" {
		return
	}
	options := KeyringOptions{Service: "strongroom-test", Folder: t.TempDir() + "/kept"}
	k, err := OpenKeyring(t.Context(), options)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = k.Close() }()
	if string(k.Backend()) != want {
		t.Fatalf("backend %s, want %s; reason %q", k.Backend(), want, k.Reason())
	}
	t.Logf("reason: %q", k.Reason())
	first, created, err := k.DeviceKey(t.Context(), "5f0c", rand.Reader)
	if err != nil || !created {
		t.Fatalf("first use: %t, %v", created, err)
	}
	second, created, err := k.DeviceKey(t.Context(), "5f0c", rand.Reader)
	if err != nil || created || !second.Equal(first) {
		t.Errorf("second use: %t, %v", created, err)
	}
	if err := k.Delete(t.Context(), "device-key-5f0c"); err != nil {
		t.Error(err)
	}
}
