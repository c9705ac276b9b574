package install_test

import (
	"context"
	"encoding/base32"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/strongroom/strongroom/gate"
	"github.com/strongroom/strongroom/hsm"
	"github.com/strongroom/strongroom/install"
	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/internal/secret"
	"github.com/strongroom/strongroom/mfa"
)

const olivia = "olivia"

// world is an installation with a token of its own, one person, a clock that
// the test holds, and a machine of which the test says what it has.
type world struct {
	t     *testing.T
	dir   string
	clock time.Time
	env   map[string]string
	root  string
	seed  *secret.Bytes
	*install.Installation
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, dir: filepath.Join(t.TempDir(), "home"), root: t.TempDir(), clock: time.Now(), env: map[string]string{}}
	made, err := install.Create(t.Context(), install.CreateRequest{
		Dir: w.dir, Token: hsm.TokenID{Label: "vault"}, InitToken: true, OwnSoftHSM: true,
		SOPIN: secret.FromString("98765432"), PIN: secret.FromString("24681357"),
		Owner: gate.CreatePersonRequest{Name: olivia}, Auditor: gate.CreatePersonRequest{Name: "ada"},
	}, w.system())
	w.must(err)
	w.open()
	t.Cleanup(func() { _ = w.Close(context.Background()) })
	w.enrol(made.Owner)
	return w
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatalf("%v (hint: %s)", err, fault.Hint(err))
	}
}

func (w *world) system() install.System {
	s := install.RealSystem("test")
	s.Password, s.KeyringFile, s.Root = mfa.FloorParams(), true, w.root
	s.Now = func() time.Time { return w.clock }
	s.Getenv = func(name string) string { return w.env[name] }
	return s
}

func (w *world) open() {
	w.t.Helper()
	var err error
	w.Installation, err = install.Open(w.t.Context(), w.dir, w.system())
	w.must(err)
}

func (w *world) enrol(i *gate.Invitation) {
	w.t.Helper()
	e, err := w.Gate.BeginEnrolment(w.t.Context(), gate.EnrolRequest{
		Name: i.Person.Name, Code: i.Code, Password: secret.FromString("mellow tangerine ladder"), Source: gate.FromCommand,
	})
	w.must(err)
	e.Seed().Reveal(func(b []byte) {
		seed, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(strings.ReplaceAll(string(b), " ", ""))
		w.must(err)
		w.seed = secret.New(seed)
	})
	_, err = w.Gate.ConfirmEnrolment(w.t.Context(), e, w.code())
	w.must(err)
}

func (w *world) code() *secret.Bytes {
	w.t.Helper()
	code, err := mfa.Code(w.seed, w.clock)
	w.must(err)
	return code
}

// signIn signs in without keeping a ticket.
func (w *world) signIn() *gate.Session {
	w.t.Helper()
	w.clock = w.clock.Add(mfa.Period)
	s, err := w.Gate.SignIn(w.t.Context(), gate.SignInRequest{
		Name: olivia, Password: secret.FromString("mellow tangerine ladder"), Code: w.code(), Source: gate.FromCommand,
	})
	w.must(err)
	return s
}

// runtime gives the machine a $XDG_RUNTIME_DIR.
func (w *world) runtime() string {
	w.t.Helper()
	dir := w.t.TempDir()
	w.must(os.Chmod(dir, 0o700))
	w.env["XDG_RUNTIME_DIR"] = dir
	return dir
}

func (w *world) ticket() string { return filepath.Join(w.dir, "run", "ticket") }

// keysIn counts the ticket keys in a folder and below.
func keysIn(t *testing.T, dir string) (n int) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		if strings.HasPrefix(filepath.Base(path), "ticket-key-") {
			n++
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// The ticket holds the HSM's PIN. Its key lies in another place, one that the
// system forgets, so that a copy of the home directory is of no use.
func TestATicketsKeyLiesOutsideTheHomeDirectory(t *testing.T) {
	w := newWorld(t)
	places := map[string]func() string{
		"$XDG_RUNTIME_DIR": w.runtime,
		"/run/user": func() string {
			dir := filepath.Join(w.root, "run", "user", uid())
			w.must(os.MkdirAll(dir, 0o700))
			return dir
		},
	}
	addSharedMemory(w, places)
	for name, place := range places {
		t.Run(name, func(t *testing.T) {
			w.t = t
			clear(w.env)
			w.must(os.RemoveAll(filepath.Join(w.root, "run")))
			dir := place()
			w.must(w.SaveTicket(t.Context(), w.signIn()))
			if here, there := keysIn(t, w.dir), keysIn(t, dir); here != 0 || there != 1 {
				t.Errorf("%d keys in the home directory, %d outside", here, there)
			}
			s, err := w.Resume(t.Context())
			w.must(err)
			w.must(w.Gate.SignOut(t.Context(), s))
			w.must(w.DropTicket(t.Context()))
			if exists(w.ticket()) || keysIn(t, dir) != 0 {
				t.Error("the ticket or its key is left")
			}
		})
		_ = os.RemoveAll(filepath.Join(w.root, "dev"))
	}
}

// Where there is no such place, nothing is kept; the key never comes to lie
// beside the ticket.
func TestWithoutAPlaceThereIsNoTicket(t *testing.T) {
	w := newWorld(t)
	bad := map[string]func(dir string) string{
		"no place at all":            func(string) string { return "" },
		"a directory that is absent": func(dir string) string { return filepath.Join(dir, "absent") },
		"one that others can read":   func(dir string) string { w.must(os.Chmod(dir, 0o755)); return dir },
		"one in the home directory": func(string) string {
			dir := filepath.Join(w.dir, "runtime")
			w.must(os.Mkdir(dir, 0o700))
			return dir
		},
		"the home directory itself": func(string) string { return w.dir },
		"a link":                    func(dir string) string { w.must(os.Symlink(t.TempDir(), dir+"/link")); return dir + "/link" },
		"a disk as shared memory": func(dir string) string {
			w.must(os.MkdirAll(filepath.Join(w.root, "dev", "shm"), 0o700))
			return ""
		},
	}
	s := w.signIn()
	for name, place := range bad {
		t.Run(name, func(t *testing.T) {
			w.env["XDG_RUNTIME_DIR"] = place(t.TempDir())
			err := w.SaveTicket(t.Context(), s)
			if fault.KindOf(err) != fault.Unavailable || !strings.Contains(fault.Hint(err), "XDG_RUNTIME_DIR") {
				t.Errorf("%v (hint %q)", err, fault.Hint(err))
			}
			if exists(w.ticket()) || keysIn(t, w.dir) != 0 {
				t.Error("something was kept")
			}
			if _, err := w.Resume(t.Context()); fault.KindOf(err) != fault.Unauthenticated {
				t.Errorf("resume gives %v", err)
			}
		})
	}
}

// The first command that finds the login session over destroys the ticket, and
// the PIN in it, and its key.
func TestATicketGoesWithItsSession(t *testing.T) {
	w := newWorld(t)
	dir := w.runtime()
	for name, end := range map[string]func(*gate.Session){
		"expired": func(*gate.Session) { w.clock = w.clock.Add(time.Hour) },
		"ended":   func(s *gate.Session) { w.must(w.Gate.SignOut(t.Context(), s)) },
	} {
		t.Run(name, func(t *testing.T) {
			s := w.signIn()
			w.must(w.SaveTicket(t.Context(), s))
			end(s)
			if _, err := w.Resume(t.Context()); fault.KindOf(err) != fault.Unauthenticated {
				t.Errorf("resume gives %v", err)
			}
			if exists(w.ticket()) || keysIn(t, dir) != 0 {
				t.Error("the ticket or its key is left")
			}
		})
	}
}

// An earlier version of the program kept the key beside the ticket.
func TestAKeyBesideTheTicketIsRemoved(t *testing.T) {
	w := newWorld(t)
	w.runtime()
	beside := filepath.Join(w.dir, "run", "ticket-key-"+w.Gate.Installation()+".key")
	w.must(os.MkdirAll(filepath.Dir(beside), 0o700))
	w.must(os.WriteFile(beside, []byte("AAAA"), 0o600))
	w.must(w.SaveTicket(t.Context(), w.signIn()))
	if exists(beside) {
		t.Error("the key is still beside the ticket")
	}
}

func (w *world) doctor() install.Check {
	w.t.Helper()
	w.must(w.Close(context.Background()))
	defer w.open()
	for _, c := range install.Doctor(w.t.Context(), w.dir, w.system()) {
		if c.Name == "login tickets" {
			return c
		}
	}
	w.t.Fatal("doctor says nothing of login tickets")
	return install.Check{}
}

func TestDoctorLooksAfterTickets(t *testing.T) {
	w := newWorld(t)
	if c := w.doctor(); c.Health != install.Warning || c.Hint == "" {
		t.Errorf("without a place: %+v", c)
	}
	dir := w.runtime()
	if c := w.doctor(); c.Health != install.Good || !strings.Contains(c.Detail, dir) {
		t.Errorf("with a place: %+v", c)
	}
	w.must(w.SaveTicket(t.Context(), w.signIn()))
	if c := w.doctor(); c.Health != install.Good || !exists(w.ticket()) {
		t.Errorf("a ticket in use: %+v", c)
	}
	w.runtime() // the system stopped meanwhile
	if c := w.doctor(); c.Health != install.Good || !strings.Contains(c.Detail, "removed") || exists(w.ticket()) {
		t.Errorf("a ticket without its key: %+v", c)
	}
}

// A link in place of the folder or of the ticket would lead what is written
// out of the home directory, and what is read in from elsewhere. A pipe would
// keep every command waiting.
func TestATicketIsNoLink(t *testing.T) {
	run := func(w *world) string { return filepath.Dir(w.ticket()) }
	for name, spoil := range map[string]func(w *world, elsewhere string){
		"the folder is a link": func(w *world, elsewhere string) {
			w.must(os.RemoveAll(run(w)))
			w.must(os.Symlink(elsewhere, run(w)))
		},
		"the folder is open to others": func(w *world, _ string) { w.must(os.Chmod(run(w), 0o777)) },
		"the ticket is a link": func(w *world, elsewhere string) {
			w.must(os.Rename(w.ticket(), filepath.Join(elsewhere, "ticket")))
			w.must(os.Symlink(filepath.Join(elsewhere, "ticket"), w.ticket()))
		},
		"the ticket is a pipe": func(w *world, _ string) {
			w.must(os.Remove(w.ticket()))
			w.must(syscall.Mkfifo(w.ticket(), 0o600))
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.runtime()
			s := w.signIn()
			w.must(w.SaveTicket(t.Context(), s))
			elsewhere := t.TempDir()
			spoil(w, elsewhere)
			if _, err := w.Resume(t.Context()); fault.KindOf(err) != fault.Forbidden || fault.Hint(err) == "" {
				t.Errorf("resume gives %v", err)
			}
			if !strings.Contains(name, "folder") {
				return
			}
			if err := w.SaveTicket(t.Context(), s); fault.KindOf(err) != fault.Forbidden {
				t.Errorf("saving gives %v", err)
			}
			if left, _ := os.ReadDir(elsewhere); len(left) != 0 {
				t.Errorf("elsewhere now lies %v", left)
			}
		})
	}
}
