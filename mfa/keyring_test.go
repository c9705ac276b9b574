package mfa_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/zalando/go-keyring"

	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/internal/secret"
	"github.com/strongroom/strongroom/mfa"
)

// withBus is an environment in which a session bus runs; withoutBus has none,
// as on a server.
func withBus(name string) string {
	return map[string]string{"DBUS_SESSION_BUS_ADDRESS": "unix:path=/nonexistent"}[name]
}

func options(folder string) mfa.KeyringOptions {
	return mfa.KeyringOptions{Service: "strongroom-test", Folder: folder, Timeout: 2 * time.Second, Getenv: withBus}
}

func openKeyring(t *testing.T, o mfa.KeyringOptions) *mfa.Keyring {
	t.Helper()
	k, err := mfa.OpenKeyring(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := k.Close(); err != nil {
			t.Error(err)
		}
	})
	return k
}

func TestKeyringKeepsEntries(t *testing.T) {
	keyring.MockInit()
	for name, o := range map[string]mfa.KeyringOptions{
		"keyring": options(t.TempDir() + "/kept"),
		"file":    {Service: "strongroom-test", Folder: t.TempDir() + "/kept", FileOnly: true},
	} {
		k := openKeyring(t, o)
		if got := string(k.Backend()); got != name || (k.Reason() == "") != (name == "keyring") {
			t.Fatalf("%s: backend %s, reason %q", name, got, k.Reason())
		}
		if _, err := k.Get(t.Context(), "anchor"); fault.KindOf(err) != fault.NotFound {
			t.Errorf("%s: absent entry: %v", name, err)
		}
		for _, value := range []string{"one", "two", strings.Repeat("\x00\xff", 512)} {
			if err := k.Set(t.Context(), "anchor", secret.FromString(value)); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			again := openKeyring(t, o)
			if got, err := again.Get(t.Context(), "anchor"); err != nil || reveal(got) != value {
				t.Errorf("%s: reopened: %v", name, err)
			}
		}
		for range 2 { // the second time is harmless
			if err := k.Delete(t.Context(), "anchor"); err != nil {
				t.Errorf("%s: delete: %v", name, err)
			}
		}
		if _, err := k.Get(t.Context(), "anchor"); fault.KindOf(err) != fault.NotFound {
			t.Errorf("%s: deleted entry: %v", name, err)
		}
	}
}

func TestKeyringLeavesNoValueOnDisk(t *testing.T) {
	keyring.MockInit()
	folder := t.TempDir() + "/kept"
	k := openKeyring(t, options(folder))
	key, created, err := k.DeviceKey(t.Context(), "5f0c", rand.Reader)
	if err != nil || !created {
		t.Fatal(created, err)
	}
	for _, name := range filesIn(t, folder) {
		content, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil {
			t.Fatal(err)
		}
		if len(content) >= key.Len() || strings.HasSuffix(name, ".key") {
			t.Errorf("%s holds %d bytes", name, len(content))
		}
	}
}

func TestDeviceKeyIsMadeOnce(t *testing.T) {
	keyring.MockInit()
	for _, fileOnly := range []bool{false, true} {
		o := options(t.TempDir() + "/kept")
		o.FileOnly = fileOnly
		first, created, err := openKeyring(t, o).DeviceKey(t.Context(), "5f0c", rand.Reader)
		if err != nil || !created || first.Len() != mfa.DeviceKeySize {
			t.Fatalf("first use: %t, %v", created, err)
		}
		second, created, err := openKeyring(t, o).DeviceKey(t.Context(), "5f0c", rand.Reader)
		if err != nil || created || !second.Equal(first) {
			t.Errorf("second use: %t, %v", created, err)
		}
		other, _, err := openKeyring(t, o).DeviceKey(t.Context(), "77aa", rand.Reader)
		if err != nil || other.Equal(first) {
			t.Errorf("another installation shares the key: %v", err)
		}
	}
}

// Two consoles start for the first time in the same instant.
func TestDeviceKeyIsOneForAllProcesses(t *testing.T) {
	folder := t.TempDir() + "/kept"
	keys := make(chan *secret.Bytes, 8)
	for range cap(keys) {
		k := openKeyring(t, mfa.KeyringOptions{Service: "strongroom-test", Folder: folder, FileOnly: true})
		go func() {
			key, _, err := k.DeviceKey(t.Context(), "5f0c", rand.Reader)
			if err != nil {
				t.Error(err)
			}
			keys <- key
		}()
	}
	first := <-keys
	for range cap(keys) - 1 {
		if !(<-keys).Equal(first) {
			t.Error("two device keys were made")
		}
	}
}

// Where the keyring answers nothing of use, a file takes its place and doctor
// can say why.
func TestFileTakesOverWhereNoKeyringAnswers(t *testing.T) {
	hanging := &hangingStore{release: make(chan struct{})}
	defer close(hanging.release)
	for name, tc := range map[string]struct {
		change func(*mfa.KeyringOptions)
		reason string
	}{
		"autolaunch only": {func(o *mfa.KeyringOptions) { o.Getenv = func(string) string { return "autolaunch:" } }, "no desktop session bus"},
		"no service":      {func(o *mfa.KeyringOptions) { o.Store = brokenStore{errors.New("not provided by any .service files")} }, "not provided"},
		"a prompt": {func(o *mfa.KeyringOptions) {
			o.Store, o.Timeout = hanging, 10*time.Millisecond
		}, "did not answer within 10ms"},
		"odd answers": {func(o *mfa.KeyringOptions) { o.Store = panickyStore{} }, "malformed answer"},
		"by choice":   {func(o *mfa.KeyringOptions) { o.FileOnly = true }, "configuration"},
	} {
		o := options(t.TempDir() + "/kept")
		tc.change(&o)
		k := openKeyring(t, o)
		if k.Backend() != mfa.BackendFile || !strings.Contains(k.Reason(), tc.reason) {
			t.Errorf("%s: backend %s, reason %q", name, k.Backend(), k.Reason())
		}
		if err := k.Set(t.Context(), "anchor", secret.FromString("x")); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// The device key lies in the desktop's keyring; today the person comes over
// SSH, where it is locked. A second device key would make every PIN envelope
// useless, so there is none: the error names the cause.
func TestSilentKeyringIsNotReplacedByAFile(t *testing.T) {
	keyring.MockInit()
	folder := t.TempDir() + "/kept"
	desktop := openKeyring(t, options(folder))
	key, _, err := desktop.DeviceKey(t.Context(), "5f0c", rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	before := filesIn(t, folder)

	locked := options(folder)
	locked.Store = brokenStore{errors.New("failed to unlock correct collection")}
	ssh := openKeyring(t, locked)
	name := "device-key-5f0c"
	_, getErr := ssh.Get(t.Context(), name)
	_, _, keyErr := ssh.DeviceKey(t.Context(), "5f0c", rand.Reader)
	for act, err := range map[string]error{
		"Get": getErr, "DeviceKey": keyErr,
		"Set":    ssh.Set(t.Context(), name, secret.FromString("another")),
		"Delete": ssh.Delete(t.Context(), name),
	} {
		if fault.KindOf(err) != fault.Unavailable || !strings.Contains(err.Error(), "failed to unlock") {
			t.Errorf("%s: %v", act, err)
		}
	}
	if after := filesIn(t, folder); strings.Join(after, " ") != strings.Join(before, " ") {
		t.Errorf("the folder changed from %v to %v", before, after)
	}
	if again, created, err := desktop.DeviceKey(t.Context(), "5f0c", rand.Reader); err != nil || created || !again.Equal(key) {
		t.Errorf("back at the desktop: %t, %v", created, err)
	}
}

// Somebody tidies the desktop's keyring: the loss is named, and only deleting
// the entry on purpose makes room for a new key.
func TestEntryRemovedFromTheKeyringIsNamed(t *testing.T) {
	keyring.MockInit()
	k := openKeyring(t, options(t.TempDir()+"/kept"))
	if _, _, err := k.DeviceKey(t.Context(), "5f0c", rand.Reader); err != nil {
		t.Fatal(err)
	}
	keyring.MockInit() // empties it
	if _, _, err := k.DeviceKey(t.Context(), "5f0c", rand.Reader); fault.KindOf(err) != fault.Unavailable || !strings.Contains(fault.Problem(err), "was removed") {
		t.Errorf("DeviceKey: %v", err)
	}
	if err := k.Delete(t.Context(), "device-key-5f0c"); err != nil {
		t.Fatal(err)
	}
	if _, created, err := k.DeviceKey(t.Context(), "5f0c", rand.Reader); err != nil || !created {
		t.Errorf("after Delete: %t, %v", created, err)
	}
}

// An entry made on a server stays in its file when a desktop is installed.
func TestEntryStaysInItsFile(t *testing.T) {
	keyring.MockInit()
	o := options(t.TempDir() + "/kept")
	o.FileOnly = true
	key, _, err := openKeyring(t, o).DeviceKey(t.Context(), "5f0c", rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	o.FileOnly = false
	got, created, err := openKeyring(t, o).DeviceKey(t.Context(), "5f0c", rand.Reader)
	if err != nil || created || !got.Equal(key) {
		t.Errorf("with a keyring: %t, %v", created, err)
	}
}

// The keyring hangs while the console runs. Each try ends with its time limit,
// and all of them together leave one goroutine behind, not one each.
func TestKeyringThatHangsHoldsOneCall(t *testing.T) {
	store := &switchedStore{hanging: &hangingStore{release: make(chan struct{})}}
	defer close(store.hanging.release)
	o := options(t.TempDir() + "/kept")
	o.Store, o.Timeout = store, 10*time.Millisecond
	k := openKeyring(t, o)
	if k.Backend() != mfa.BackendKeyring {
		t.Fatal(k.Reason())
	}
	store.hang.Store(true)
	for range 5 {
		if _, err := k.Get(t.Context(), "anchor"); fault.KindOf(err) != fault.Unavailable {
			t.Errorf("Get: %v", err)
		}
	}
	if n := store.hanging.calls.Load(); n != 1 {
		t.Errorf("%d calls hang", n)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := k.Get(ctx, "anchor"); fault.KindOf(err) != fault.Canceled {
		t.Errorf("Get with a cancelled context: %v", err)
	}
}

// A keyring that says yes and keeps nothing must not be trusted with the only
// copy of a key that seals.
func TestDeviceKeyIsReadBack(t *testing.T) {
	o := options(t.TempDir() + "/kept")
	o.Store = &switchedStore{}
	if _, _, err := openKeyring(t, o).DeviceKey(t.Context(), "5f0c", rand.Reader); fault.KindOf(err) != fault.Unavailable {
		t.Errorf("DeviceKey: %v", err)
	}
}

func TestKeyringRefusesWhatIsOutsideItsRules(t *testing.T) {
	o := mfa.KeyringOptions{Service: "strongroom-test", Folder: t.TempDir() + "/kept", FileOnly: true}
	k := openKeyring(t, o)
	for _, name := range []string{"", "../up", "a/b", "UPPER", "-x", "a.b", strings.Repeat("a", 101)} {
		if err := k.Set(t.Context(), name, secret.FromString("x")); fault.KindOf(err) != fault.Invalid {
			t.Errorf("name %.20q: %v", name, err)
		}
		if _, err := k.Get(t.Context(), name); fault.KindOf(err) != fault.Invalid {
			t.Errorf("get %.20q: %v", name, err)
		}
	}
	for _, size := range []int{0, 1025} {
		if err := k.Set(t.Context(), "anchor", secret.New(make([]byte, size))); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%d bytes: %v", size, err)
		}
	}
	for name, bad := range map[string]mfa.KeyringOptions{
		"no service": {Folder: o.Folder},
		"no folder":  {Service: "s"},
	} {
		if _, err := mfa.OpenKeyring(t.Context(), bad); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestDamagedEntryIsTampering(t *testing.T) {
	folder := t.TempDir() + "/kept"
	k := openKeyring(t, mfa.KeyringOptions{Service: "strongroom-test", Folder: folder, FileOnly: true})
	for name, content := range map[string]string{
		"empty":           "",
		"not base64":      "????",
		"trailing line":   "AAAA\n",
		"stray bits":      "AAB=",
		"endless":         strings.Repeat("A", 1<<20),
		"wrong size":      "AAAA",
		"a line break in": "AA\nAA",
	} {
		path := filepath.Join(folder, "device-key-5f0c.key")
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, _, err := k.DeviceKey(t.Context(), "5f0c", rand.Reader); fault.KindOf(err) != fault.Tampered {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func filesIn(t *testing.T, folder string) []string {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

// FuzzKeyringEntry feeds the file's decoder: what it accepts, it writes the
// same way.
func FuzzKeyringEntry(f *testing.F) {
	folder := f.TempDir() + "/kept"
	k, err := mfa.OpenKeyring(f.Context(), mfa.KeyringOptions{Service: "strongroom-test", Folder: folder, FileOnly: true})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = k.Close() })
	path := filepath.Join(folder, "entry.key")
	for _, seed := range []string{"", "AAAA", "AA==", "AAB=", "A\nAAA", "=", "AAAA="} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		value, err := k.Get(t.Context(), "entry")
		if err != nil {
			if fault.KindOf(err) != fault.Tampered {
				t.Errorf("%q: %v", content, err)
			}
			return
		}
		if err := k.Set(t.Context(), "entry", value); err != nil {
			t.Fatal(err)
		}
		if again, err := os.ReadFile(path); err != nil || !bytes.Equal(again, content) {
			t.Errorf("%q is written as %q: %v", content, again, err)
		}
	})
}
