package tui

import (
	"encoding/base64"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/strongroom/strongroom/gate"
)

// The main job, as three people do it at one console on real parts.
func TestTheMainJob(t *testing.T) {
	w := newWorld(t)
	b := w.robot()
	b.See("Sign in", "Name", "One-time code").Miss("Demo")

	t.Run("the owner enrols, makes a vault, brings somebody in and gives a role", func(t *testing.T) { w.with(t, b).ownersPart(b) })
	t.Run("the secret owner enrols and works inside the vault", func(t *testing.T) { w.with(t, b).secretOwnersPart(b) })
	t.Run("the auditor reads, may not reveal, verifies and reports", func(t *testing.T) { w.with(t, b).auditorsPart(b) })
}

// with lets a part of a story fail on its own.
func (w *world) with(t *testing.T, b *robot) *world {
	was := w.t
	w.t, b.t = t, t
	t.Cleanup(func() { w.t, b.t = was, was })
	return w
}

func (w *world) ownersPart(b *robot) {
	w.firstSignIn(b, olivia, w.codes[olivia])
	w.enter(b, olivia)
	b.See("There is no vault yet", "vault owner", "HSM ready", "code fresh 5:00")

	b.Press("n").See("New vault").Fill("pay-prod").Type("p").Press("ctrl+s")
	b.See("Vault pay-prod was made", "█ PROD █")

	b.Press("a").See("Access", "olivia", "ada").Press("n").See("New person")
	b.Fill(sam).Type("Sam Secretary").Press("ctrl+s").See("sam was made", "shown only now")
	w.codes[sam] = enrolmentCode(b)
	b.Press("esc").Miss(w.codes[sam])

	b.Press("a").See("Give a role")
	b.Fill(sam, "secret owner", "pay-prod").Press("ctrl+s").See("sam is now secret owner on vault pay-prod")
	b.Press("tab").See(sam, "secret owner on /vaults/pay-prod")

	b.Press("esc", "enter").See("pay-prod", "PROD", "There is no secret in this vault yet")
	b.Press("n").See("a vault owner runs vaults and never uses what is in them")
	b.Press("esc", "ctrl+o").See("Sign in").Miss(olivia)
}

var codeOnScreen = regexp.MustCompile(`shown only now\s+\n(?:\s*\n)*\s+(\S+)`)

// enrolmentCode reads the code that is shown once.
func enrolmentCode(b *robot) string {
	b.t.Helper()
	m := codeOnScreen.FindStringSubmatch(b.Screen())
	if m == nil {
		b.t.Fatalf("no enrolment code:\n%s", b.Screen())
	}
	return m[1]
}

func (w *world) secretOwnersPart(b *robot) {
	w.firstSignIn(b, sam, w.codes[sam])
	w.enter(b, sam)
	b.See("pay-prod", "secret owner").Press("enter").See("There is no secret in this vault yet")

	b.Press("n").See("New secret").Fill("db-password", "", "first value").Press("ctrl+s")
	b.See("Secret db-password was made", "db-password")
	b.Press("enter").See("secret db-password", "••••").Miss("first value")

	w.t.Log("A value is shown for thirty seconds, and counts down.")
	b.Press("v").See("first value", "hidden again in 0:30")
	b.Wait(10*time.Second).See("first value", "0:20")
	b.Wait(20 * time.Second).Miss("first value").See("••••")

	b.Press("n").See("New version").Fill("", "second value").Press("ctrl+s")
	b.See("A new version of db-password was made").Press("v").See("second value")
	b.Press("down").Miss("second value").Press("v").See("first value").Press("h").Miss("first value")
	b.Press("up", "c").See("Asked the terminal to copy db-password").Miss("second value")
	b.wantClipboard("second value")
	b.Wait(31 * time.Second).wantClipboard("")

	w.t.Log("A key in the HSM signs a text, and the signature is checked.")
	b.Press("esc", "tab").See("There is no key").Press("n").See("New key", "keys of the HSM only", "EC-HSM P-256")
	b.Type("signing").Press("ctrl+s").See("Key signing was made", "EC-HSM P-256").Press("enter").See("inside the HSM; it never leaves it")
	b.Press("x").See("Sign with signing").Type("pay 10 to alice").Press("ctrl+s").See("✓ Signed", "ES256")
	b.Press("c").See("Asked the terminal to copy the signature")
	signature := b.clipboard[len(b.clipboard)-1]
	if raw, err := base64.RawURLEncoding.DecodeString(signature); err != nil || len(raw) != 64 {
		b.t.Fatalf("the copied signature is %q, %v", signature, err)
	}
	b.Press("w").See("Save the signature").Press("enter").See("Written to " + filepath.Join(w.dir, "signing.sig"))
	b.wantFile(filepath.Join(w.dir, "signing.sig"), signature+"\n")
	b.Press("esc", "esc")
	b.verify("pay 10 to alice", signature).See("✓ VALID").Press("esc", "esc")
	b.verify("pay 99 to alice", signature).See("✗ NOT VALID").Press("esc", "esc")

	w.t.Log("A certificate with a key of its own.")
	b.Press("esc", "tab").See("There is no certificate").Press("n").See("New certificate")
	b.Fill("api", "CN=api.example.org", "api.example.org").Press("ctrl+s")
	b.See("Certificate api was made").Press("enter").See("CN=api.example.org", "itself (self-signed)", "left")
	b.Press("esc", "esc", "ctrl+o").See("Sign in")
}

// verify checks a signature over a text on the key's screen.
func (b *robot) verify(text, signature string) *robot {
	b.t.Helper()
	b.See("signing").Press("v").See("Check a signature").Fill(text).Type(signature).Press("ctrl+s")
	return b
}

func (b *robot) wantClipboard(want string) *robot {
	b.t.Helper()
	if n := len(b.clipboard); n == 0 || b.clipboard[n-1] != want {
		b.t.Fatalf("the clipboard got %q, want %q last", b.clipboard, want)
	}
	return b
}

func (b *robot) wantFile(path, want string) {
	b.t.Helper()
	got, err := os.ReadFile(path)
	must(b.t, err)
	if string(got) != want {
		b.t.Errorf("%s holds %q, want %q", path, got, want)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		b.t.Errorf("%s has mode %v, want 0600", path, info.Mode())
	}
}

func (w *world) auditorsPart(b *robot) {
	w.firstSignIn(b, ada, w.codes[ada])
	w.enter(b, ada)
	b.See("auditor", "pay-prod").Press("enter", "enter").See("db-password", "not shown: an auditor looks at everything")
	b.Press("v").See("an auditor looks at everything, changes nothing and sees no value").Miss("second value")

	w.t.Log("The timeline names who did what; what was refused is there too.")
	b.Press("esc", "esc", "l").See("Log", "entries", "sessions/create", "secrets/list")
	b.Press("enter").See("Entry", "The exact bytes", `"seq":`)
	b.Press("esc", "/").Type("secrets/get").Press("enter").See("secrets/get", sam).Miss("keys/create").Press("esc")
	b.Press("/").See("who:NAME act:secrets/ vault:NAME on:PART").Type(sam).Press("enter").See("filter: sam", "keys/verify").Miss(olivia, "ada  ").Press("esc")

	b.Press("v").See("✓ THE LOG IS COMPLETE AND UNCHANGED", "compared with")
	b.Press("esc", "G", "enter").See("Entry 0", "entries that was verified here").Press("esc", "esc")

	w.t.Log("A report is written with its signature, which anybody can check.")
	b.Press("r").See("Inventory and access").Press("enter").See("Format")
	for !strings.Contains(b.Line("Format"), "json") {
		b.Press("right")
	}
	b.Press("tab").Type("access").Press("ctrl+s").See("was written and signed")
	path := filepath.Join(w.dir, "access.json")
	content, err := os.Open(path)
	must(w.t, err)
	defer content.Close()
	signature, err := os.ReadFile(path + ".sig")
	must(w.t, err)
	key, err := w.inst.Gate.LogKey()
	must(w.t, err)
	_, err = gate.VerifyReport(content, signature, key)
	must(w.t, err)

	w.t.Log("The same path again is refused: nothing is overwritten.")
	b.Press("esc", "enter", "tab").Type("access.json").Press("ctrl+s").See("is there already")
	b.Press("ctrl+c")
	if !b.gone {
		w.t.Error("ctrl+c does not end the console")
	}
}

// firstSignIn walks the enrolment on the screen.
func (w *world) firstSignIn(b *robot, name, code string) {
	w.t.Helper()
	b.Press("ctrl+n").See("First sign-in").Fill(name).Type(code).Press("ctrl+s")
	b.See("New password").Fill(password).Type(password).Press("ctrl+s")
	b.See("Step 3 of 4", "type the code")
	w.learn(name, text(b.model.enrolment.begun.Seed()))
	b.Type(w.code(name)).Press("ctrl+s")
	b.See("Ten recovery codes", "10")
	b.Press("space", "ctrl+s")
	b.See("All set", "Sign in")
}
