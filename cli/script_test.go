package cli_test

import (
	"bytes"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	_ "modernc.org/sqlite"

	"github.com/strongroom/strongroom/mfa"
)

// TestScripts runs the program on a real token and a real database, each
// script on its own copy of one installation.
func TestScripts(t *testing.T) {
	w := furnished(t)
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(e *testscript.Env) error {
			e.Setenv("STRONGROOM_HOME", filepath.Join(e.WorkDir, "home"))
			e.Setenv(clockVariable, filepath.Join(e.WorkDir, "clock"))
			e.Setenv("HOME", filepath.Join(e.WorkDir, "user"))
			e.Setenv("XDG_RUNTIME_DIR", filepath.Join(e.WorkDir, "runtime"))
			e.Setenv("PIN", userPIN)
			return w.copyTo(e.WorkDir)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"signin":    w.cmdSignIn,
			"code":      w.cmdCode,
			"date":      cmdDate,
			"clock":     cmdClock,
			"exits":     cmdExits,
			"snapshot":  cmdSnapshot,
			"unchanged": cmdUnchanged,
			"alter":     cmdAlter,
			"sql":       cmdSQL,
			"nowhere":   cmdNowhere,
			"fill":      cmdFill,
			"mode":      cmdMode,
			"pick":      cmdPick,
		},
	})
}

// clock DURATION sets the clock forward.
func cmdClock(ts *testscript.TestScript, _ bool, args []string) {
	by, err := time.ParseDuration(args[0])
	ts.Check(err)
	file := ts.Getenv(clockVariable)
	ts.Check(os.WriteFile(file, []byte((ahead(file) + by).String()), 0o600))
}

// date NAME DAYS puts the date so many days after the script's clock into
// $NAME.
func cmdDate(ts *testscript.TestScript, _ bool, args []string) {
	days, err := strconv.Atoi(args[1])
	ts.Check(err)
	now := time.Now().Add(ahead(ts.Getenv(clockVariable)))
	ts.Setenv(args[0], now.UTC().AddDate(0, 0, days).Format(time.DateOnly))
}

// code NAME puts what the person's authenticator shows now into $CODE.
func (w *world) cmdCode(ts *testscript.TestScript, _ bool, args []string) {
	code, err := w.code(args[0], ahead(ts.Getenv(clockVariable)))
	ts.Check(err)
	ts.Setenv("CODE", code)
}

// signin NAME waits for the person's next code and signs in with it.
func (w *world) cmdSignIn(ts *testscript.TestScript, _ bool, args []string) {
	cmdClock(ts, false, []string{mfa.Period.String()})
	w.cmdCode(ts, false, args)
	cmd := exec.Command("strongroom", "login", args[0], "--code", ts.Getenv("CODE"))
	cmd.Env = os.Environ()
	for _, name := range []string{"STRONGROOM_HOME", clockVariable, "HOME", "XDG_RUNTIME_DIR", "SOFTHSM2_CONF"} {
		cmd.Env = append(cmd.Env, name+"="+ts.Getenv(name))
	}
	cmd.Stdin = strings.NewReader(password(args[0]) + "\n")
	if out, err := cmd.CombinedOutput(); err != nil {
		ts.Fatalf("login %s: %v: %s", args[0], err, out)
	}
}

// exits CODE ARG... runs strongroom and checks its exit code. A failure must
// say so in two lines: the problem and a hint.
func cmdExits(ts *testscript.TestScript, _ bool, args []string) {
	err := ts.Exec("strongroom", args[1:]...)
	code := 0
	var e *exec.ExitError
	if errors.As(err, &e) {
		code = e.ExitCode()
	} else {
		ts.Check(err)
	}
	if strconv.Itoa(code) != args[0] {
		ts.Fatalf("exit code %d", code)
	}
	stderr := ts.ReadFile("stderr")
	if code != 0 && stderr != "" && !twoLines.MatchString(stderr) && !strings.HasPrefix(stderr, `{"error":`) {
		ts.Fatalf("an error is two lines, the problem and a hint; this is\n%s", stderr)
	}
}

var twoLines = regexp.MustCompile(`\Astrongroom: [^\n]+\nhint: [^\n]+\n\z`)

func openDB(ts *testscript.TestScript) *sql.DB {
	db, err := sql.Open("sqlite", filepath.Join(ts.Getenv("STRONGROOM_HOME"), "vault.db"))
	ts.Check(err)
	return db
}

// state is a hash of the database's contents, but for the log and the count of failed
// sign-ins, and the number of entries in the log.
func state(ts *testscript.TestScript) (contents string, entries int) {
	db := openDB(ts)
	defer db.Close()
	ts.Check(db.QueryRow(`SELECT count(*) FROM log`).Scan(&entries))
	rows, err := db.Query(`SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT IN ('log', 'throttles') AND name NOT LIKE 'sqlite_%' ORDER BY name`)
	ts.Check(err)
	var tables []string
	for rows.Next() {
		var name string
		ts.Check(rows.Scan(&name))
		tables = append(tables, name)
	}
	ts.Check(rows.Err())
	var b strings.Builder
	for _, name := range tables {
		dump(ts, &b, db, name)
	}
	return fmt.Sprintf("%x", sha256.Sum256([]byte(b.String()))), entries
}

func dump(ts *testscript.TestScript, b *strings.Builder, db *sql.DB, table string) {
	rows, err := db.Query(`SELECT * FROM "` + table + `"`)
	ts.Check(err)
	defer rows.Close()
	columns, err := rows.Columns()
	ts.Check(err)
	for rows.Next() {
		values, into := make([]any, len(columns)), make([]any, len(columns))
		for i := range values {
			into[i] = &values[i]
		}
		ts.Check(rows.Scan(into...))
		fmt.Fprintf(b, "%s %x\n", table, fmt.Sprint(values...))
	}
	ts.Check(rows.Err())
}

// snapshot remembers the database.
func cmdSnapshot(ts *testscript.TestScript, _ bool, _ []string) {
	contents, entries := state(ts)
	ts.Setenv("SNAPSHOT", contents)
	ts.Setenv("ENTRIES", strconv.Itoa(entries))
}

// unchanged N checks that since the snapshot nothing came to the database but
// N entries of the log.
func cmdUnchanged(ts *testscript.TestScript, _ bool, args []string) {
	contents, entries := state(ts)
	if contents != ts.Getenv("SNAPSHOT") {
		ts.Fatalf("the database changed")
	}
	before, err := strconv.Atoi(ts.Getenv("ENTRIES"))
	ts.Check(err)
	if got := strconv.Itoa(entries - before); got != args[0] {
		ts.Fatalf("%s new entries in the log", got)
	}
}

// sql STATEMENT changes the database behind the program's back.
func cmdSQL(ts *testscript.TestScript, _ bool, args []string) {
	db := openDB(ts)
	defer db.Close()
	_, err := db.Exec(args[0])
	ts.Check(err)
}

// alter N changes one byte of entry N in the database file: in its action, or,
// with a second argument, in its form, so that it cannot be read any more.
func cmdAlter(ts *testscript.TestScript, _ bool, args []string) {
	cmdSQL(ts, false, []string{`PRAGMA wal_checkpoint(TRUNCATE)`})
	path := filepath.Join(ts.Getenv("STRONGROOM_HOME"), "vault.db")
	b, err := os.ReadFile(path)
	ts.Check(err)
	at := bytes.Index(b, []byte(`"seq":`+args[0]+`,`))
	if at < 0 {
		ts.Fatalf("there is no entry %s", args[0])
	}
	at++ // behind the quote
	if len(args) == 1 {
		at += bytes.Index(b[at:], []byte(`"action":"`)) + len(`"action":"`)
	}
	b[at] ^= 1
	ts.Check(os.WriteFile(path, b, 0o600))
}

// nowhere TEXT... checks that a text is in no file of the installation and not
// in the last error.
func cmdNowhere(ts *testscript.TestScript, _ bool, args []string) {
	for _, text := range args {
		if strings.Contains(ts.ReadFile("stderr"), text) {
			ts.Fatalf("%q is in the error", text)
		}
		ts.Check(filepath.WalkDir(ts.Getenv("STRONGROOM_HOME"), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			b, err := os.ReadFile(path)
			if err == nil && bytes.Contains(b, []byte(text)) {
				err = fmt.Errorf("%q is in %s", text, path)
			}
			return err
		}))
	}
}

// fill FILE SIZE makes a file of so many bytes.
func cmdFill(ts *testscript.TestScript, _ bool, args []string) {
	size, err := strconv.Atoi(args[1])
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), bytes.Repeat([]byte{'x'}, size), 0o600))
}

// mode FILE MODE checks a file's permissions.
func cmdMode(ts *testscript.TestScript, _ bool, args []string) {
	info, err := os.Stat(ts.MkAbs(args[0]))
	ts.Check(err)
	if got := fmt.Sprintf("%04o", info.Mode().Perm()); got != args[1] {
		ts.Fatalf("mode %s", got)
	}
}

// pick NAME REGEXP puts the first group that matches the last output into
// $NAME.
func cmdPick(ts *testscript.TestScript, _ bool, args []string) {
	found := regexp.MustCompile("(?m)" + args[1]).FindStringSubmatch(ts.ReadFile("stdout"))
	if found == nil {
		ts.Fatalf("nothing matches %s", args[1])
	}
	ts.Setenv(args[0], found[1])
}
