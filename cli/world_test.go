package cli_test

import (
	"encoding/base32"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/strongroom/strongroom/internal/secret"
	"github.com/strongroom/strongroom/mfa"
)

// The people of every script: olivia owns the installation, sam the objects of
// both vaults, ada audits.
const (
	olivia, sam, ada = "olivia", "sam", "ada"
	soPIN, userPIN   = "98765432", "24681357"
)

func password(name string) string { return "tungsten " + name + " umbrella 9" }

// world is an installation that was made, once, with the program itself. Each
// script works on a copy.
type world struct {
	dir   string // holds home and clock
	seeds map[string]string
	now   time.Duration // how far the clock is ahead
	term  string        // what kind of terminal there is
}

// first makes the installation when the first test needs it.
var first = sync.OnceValues(func() (*world, error) {
	dir, err := os.MkdirTemp(os.Getenv(rootVariable), "installation-")
	if err != nil {
		return nil, err
	}
	w := &world{dir: dir, seeds: map[string]string{}}
	if err := os.Mkdir(w.runtime(), 0o700); err != nil {
		return nil, err
	}
	return w, w.furnish()
})

// furnished gives the installation that everybody copies.
func furnished(t *testing.T) *world {
	t.Helper()
	w, err := first()
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// newWorld gives a test a copy of its own.
func newWorld(t *testing.T) *world {
	t.Helper()
	from := furnished(t)
	w := &world{dir: t.TempDir(), seeds: from.seeds, now: from.now, term: "xterm"}
	if err := from.copyTo(w.dir); err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *world) home() string  { return filepath.Join(w.dir, "home") }
func (w *world) clock() string { return filepath.Join(w.dir, "clock") }

// runtime is the directory that the system would empty at logout.
func (w *world) runtime() string { return filepath.Join(w.dir, "runtime") }

func (w *world) pass(d time.Duration) error {
	w.now += d
	return os.WriteFile(w.clock(), []byte(w.now.String()), 0o600)
}

func (w *world) furnish() error {
	var made struct {
		Owner, Auditor struct{ EnrolmentCode string }
	}
	init := []string{"init", "--softhsm", "--token-label", "vault", "--owner", olivia, "--owner-display", "Olivia Owner", "--auditor", ada}
	if err := w.json(&made, soPIN+"\n"+userPIN+"\n", init...); err != nil {
		return err
	}
	var invited struct{ EnrolmentCode string }
	for _, do := range []func() error{
		func() error { return w.enrol(olivia, made.Owner.EnrolmentCode) },
		func() error { return w.enrol(ada, made.Auditor.EnrolmentCode) },
		func() error { return w.signIn(olivia) },
		func() error {
			return w.json(nil, "", "vault", "create", "--name", "payments-prod", "--environment", "prod")
		},
		func() error {
			return w.json(nil, "", "vault", "create", "--name", "payments-dev", "--environment", "dev")
		},
		func() error {
			return w.json(&invited, "", "person", "create", "--name", sam, "--display-name", "Sam Secrets")
		},
		func() error {
			return w.json(nil, "", "role", "assignment", "create", "--assignee", sam, "--role", "secret-owner", "--scope", "/vaults/payments-prod")
		},
		func() error {
			return w.json(nil, "", "role", "assignment", "create", "--assignee", sam, "--role", "Secret Owner", "--scope", "/vaults/payments-dev")
		},
		func() error { return w.enrol(sam, invited.EnrolmentCode) },
		func() error { return w.json(nil, "", "logout") },
	} {
		if err := do(); err != nil {
			return err
		}
	}
	return nil
}

func (w *world) command(args ...string) *exec.Cmd {
	cmd := exec.Command("strongroom", append(args, "--json")...)
	cmd.Env = w.environ()
	return cmd
}

func (w *world) environ() []string {
	return append(os.Environ(), "STRONGROOM_HOME="+w.home(), clockVariable+"="+w.clock(), "XDG_RUNTIME_DIR="+w.runtime(), "SOFTHSM2_CONF=", "TERM="+w.term)
}

// json runs the program and reads what it prints.
func (w *world) json(answer any, stdin string, args ...string) error {
	cmd := w.command(args...)
	cmd.Stdin = strings.NewReader(stdin)
	out, err := cmd.Output()
	if err != nil {
		var stderr []byte
		if e, ok := err.(*exec.ExitError); ok {
			stderr = e.Stderr
		}
		return fmt.Errorf("strongroom %s: %w: %s", strings.Join(args, " "), err, stderr)
	}
	if answer == nil {
		return nil
	}
	return json.Unmarshal(out, answer)
}

func (w *world) signIn(name string) error {
	if err := w.pass(mfa.Period); err != nil {
		return err
	}
	code, err := w.code(name, w.now)
	if err != nil {
		return err
	}
	return w.json(nil, password(name)+"\n"+code+"\n", "login", name)
}

// code is what the person's authenticator shows when the clock is ahead by so
// much.
func (w *world) code(name string, ahead time.Duration) (code string, err error) {
	seed, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(w.seeds[name])
	if err != nil {
		return "", err
	}
	c, err := mfa.Code(secret.New(seed), time.Now().Add(ahead))
	if err == nil {
		c.Reveal(func(b []byte) { code = string(b) })
	}
	return code, err
}

// enrol walks a first sign-in as a program does that reads what is shown
// before it types on.
func (w *world) enrol(name, invitation string) error {
	cmd := w.command("login", name, "--enrol")
	in, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	var problem strings.Builder
	cmd.Stderr = &problem
	if err := cmd.Start(); err != nil {
		return err
	}
	err = w.walk(in, json.NewDecoder(out), name, invitation)
	in.Close()
	if waitErr := cmd.Wait(); err == nil {
		err = waitErr
	}
	if err != nil {
		return fmt.Errorf("enrol %s: %w: %s", name, err, problem.String())
	}
	return nil
}

func (w *world) walk(in io.Writer, out *json.Decoder, name, invitation string) error {
	fmt.Fprintf(in, "%s\n%s\n", invitation, password(name))
	var factor struct{ Secret, URL string }
	if err := out.Decode(&factor); err != nil {
		return err
	}
	w.seeds[name] = strings.ReplaceAll(factor.Secret, " ", "")
	code, err := w.code(name, w.now)
	if err != nil {
		return err
	}
	fmt.Fprintln(in, code)
	var recovery struct{ RecoveryCodes []string }
	if err := out.Decode(&recovery); err != nil {
		return err
	}
	if len(recovery.RecoveryCodes) != mfa.RecoveryCodes {
		return fmt.Errorf("%d recovery codes", len(recovery.RecoveryCodes))
	}
	return nil
}

// copyTo copies the installation with its token and its clock.
func (w *world) copyTo(dir string) error {
	for _, part := range []string{"home", "clock"} {
		if err := copyTree(filepath.Join(w.dir, part), filepath.Join(dir, part)); err != nil {
			return err
		}
	}
	return os.Mkdir(filepath.Join(dir, "runtime"), 0o700)
}

func copyTree(from, to string) error {
	return filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rest, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		target := filepath.Join(to, rest)
		if d.IsDir() {
			return os.MkdirAll(target, 0o700)
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(target, b, 0o600)
	})
}
