package gate_test

import (
	"bytes"
	"crypto/sha256"
	"database/sql"
	"strings"
	"testing"
	"time"

	"github.com/strongroom/strongroom/audit"
	"github.com/strongroom/strongroom/gate"
	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/internal/secret"
	"github.com/strongroom/strongroom/keys"
	"github.com/strongroom/strongroom/mfa"
	"github.com/strongroom/strongroom/reports"
	"github.com/strongroom/strongroom/roles"
)

// Each test here is an attack by somebody who can write the database file, or
// who tries the doors that are open to everybody.

// column reads one value out of the file.
func (w *world) column(query string) string {
	w.t.Helper()
	db, err := sql.Open("sqlite", "file:"+w.path())
	w.must(err)
	defer db.Close()
	var s string
	w.must(db.QueryRow(query).Scan(&s))
	return s
}

// A row says that a stopped program left a key behind; the row names the
// vault's master, the identity master and the log key. No backup of the
// database would bring them back.
func TestARowDoesNotDestroyAKeyThatIsInUse(t *testing.T) {
	w := furnished(t)
	s := w.signIn(sam)
	_, err := w.gate.SetSecret(w.ctx(), s, set("pay-dev", "db", "value"))
	w.must(err)
	w.must(w.gate.SignOut(w.ctx(), s))
	for i, key := range []string{
		w.column(`SELECT key_id FROM vault_masters LIMIT 1`),
		w.column(`SELECT identity_master FROM installation`), w.column(`SELECT log_key_id FROM installation`),
	} {
		for _, what := range []string{"key", "vault master", "purged key"} {
			id := string(rune('a'+i)) + what
			w.raw(`INSERT INTO hsm_intents (id, key_id, label, what, created, pid, pid_start) VALUES ('` + id + `', '` + key + `', 'strongroom/pay-dev/master/1', '` + what + `', 1, 999999999, 1)`)
		}
	}
	entries := w.logged(func() { s = w.signIn(sam) })
	if len(entries) != 1 {
		t.Errorf("the sign-in left %d entries", len(entries))
	}
	got, err := w.gate.GetSecret(w.ctx(), s, gate.Ref{Vault: "pay-dev", Name: "db"}, gate.PurposeShow)
	w.must(err)
	got.Wipe()
	h, err := w.gate.ShowHSM(w.ctx(), w.signIn(ada))
	w.must(err)
	if len(h.Unfinished) == 0 {
		t.Error("the false intents are not shown")
	}
}

// The row of one's own key is pointed at the log key, to have the HSM sign a
// forged report; or at another vault's key.
func TestARowDoesNotLendAnotherKey(t *testing.T) {
	w := furnished(t)
	s := w.signIn(sam)
	for _, v := range []string{"pay-dev", "pay-prod"} {
		_, err := w.gate.CreateKey(w.ctx(), s, gate.CreateKeyRequest{Vault: v, Name: "k", Spec: keys.Spec{Type: keys.ECHSM, Curve: keys.P256}})
		w.must(err)
	}
	own := w.column(`SELECT v.id FROM versions v JOIN objects o ON o.id = v.object_id JOIN vaults w ON w.id = o.vault_id WHERE w.name = 'pay-dev'`)
	digest := sha256.Sum256([]byte("a report"))
	for story, key := range map[string]string{
		"the log key":         `(SELECT log_key_id FROM installation)`,
		"another vault's key": `(SELECT hsm_key_id FROM versions WHERE id <> '` + own + `' AND hsm_key_id <> '')`,
	} {
		w.raw(`UPDATE versions SET hsm_key_id = ` + key + ` WHERE id = '` + own + `'`)
		sig, err := w.gate.Sign(w.ctx(), s, gate.SignRequest{Ref: gate.Ref{Vault: "pay-dev", Name: "k"}, Algorithm: keys.ES256, Digest: digest[:]})
		if sig.Value != nil || fault.KindOf(err) != fault.Tampered {
			t.Errorf("%s signed for somebody else's row: %v", story, err)
		}
	}
}

// While a console is open, history before the anchor is rewritten, with all
// hashes. At sign-out the program would sign the forgery itself.
func TestARewrittenHistoryIsNotSignedIntoTruth(t *testing.T) {
	w := furnished(t)
	s := w.signIn(sam)
	_, err := w.gate.SetSecret(w.ctx(), s, set("pay-dev", "embarrassing", "x"))
	w.must(err)
	w.must(w.gate.SignOut(w.ctx(), s))
	w.restart()
	victim := w.signIn(olivia)
	w.rewrite(sam, "bob")
	w.wantKind(w.gate.SignOut(w.ctx(), victim), fault.Tampered)
	w.wantKind(w.gate.Alarm(), fault.Tampered)
	w.restart()
	check, err := w.gate.VerifyOffline(w.ctx(), nil)
	w.must(err)
	w.wantKind(check.Problem, fault.Tampered)
}

// rewrite puts the blame on somebody else, in all entries, and computes the
// tree anew.
func (w *world) rewrite(from, to string) {
	w.t.Helper()
	db, err := sql.Open("sqlite", "file:"+w.path())
	w.must(err)
	defer db.Close()
	guards := triggers(w, db)
	for _, trigger := range []string{"log_no_update", "checkpoints_no_delete"} {
		_, err := db.Exec(`DROP TRIGGER ` + trigger)
		w.must(err)
	}
	_, err = db.Exec(`DELETE FROM checkpoints`)
	w.must(err)
	rows, err := db.Query(`SELECT seq, entry FROM log ORDER BY seq`)
	w.must(err)
	tree := audit.NewTree()
	type row struct {
		seq          int64
		line, hashes []byte
	}
	var all []row
	for rows.Next() {
		var r row
		w.must(rows.Scan(&r.seq, &r.line))
		r.line = bytes.ReplaceAll(r.line, []byte(`"name":"`+from+`"},"session"`), []byte(`"name":"`+to+`"},"session"`))
		r.hashes, err = tree.Append(r.line)
		w.must(err)
		all = append(all, r)
	}
	w.must(rows.Close())
	for _, r := range all {
		_, err := db.Exec(`UPDATE log SET entry = ?, hashes = ? WHERE seq = ?`, r.line, r.hashes, r.seq)
		w.must(err)
	}
	for _, trigger := range []string{"log_no_update", "checkpoints_no_delete"} {
		_, err := db.Exec(guards[trigger])
		w.must(err)
	}
}

// The auditor writes herself a role into the file.
func TestARoleWithoutAGrantIsNamed(t *testing.T) {
	for story, forge := range map[string]string{
		"a role more":    `INSERT INTO assignments SELECT 'evil', id, 'secret-owner', 'pay-dev', '', NULL, NULL, 'x', 1 FROM people WHERE name = 'ada'`,
		"a role less":    `DELETE FROM assignments WHERE vault = 'pay-dev'`,
		"a wider scope":  `UPDATE assignments SET vault = '' WHERE vault = 'pay-dev'`,
		"another person": `UPDATE assignments SET person_id = (SELECT id FROM people WHERE name = 'ada') WHERE vault = 'pay-dev'`,
		"a later end":    `UPDATE assignments SET expires = 9000000000000000000 WHERE vault = 'pay-dev'`,
	} {
		t.Run(story, func(t *testing.T) {
			w := furnished(t)
			check, err := w.gate.VerifyOffline(w.ctx(), nil)
			w.must(err)
			w.must(check.Problem)
			w.raw(forge)
			check, err = w.gate.VerifyOffline(w.ctx(), nil)
			w.must(err)
			w.wantKind(check.Problem, fault.Tampered)
			if !strings.Contains(fault.Problem(check.Problem), "role") {
				t.Errorf("the verdict is %q", fault.Problem(check.Problem))
			}
		})
	}
}

// A login session's row is turned into somebody else's.
func TestASessionStaysItsPersons(t *testing.T) {
	w := furnished(t)
	_, err := w.gate.SetSecret(w.ctx(), w.signIn(sam), set("pay-dev", "db", "value"))
	w.must(err)
	a := w.signIn(ada)
	w.raw(`UPDATE sessions SET person_id = (SELECT id FROM people WHERE name = 'sam') WHERE id = '` + a.ID() + `'`)
	got, err := w.gate.GetSecret(w.ctx(), a, gate.Ref{Vault: "pay-dev", Name: "db"}, gate.PurposeShow)
	if got != nil || fault.KindOf(err) != fault.Tampered {
		t.Errorf("ada acts as sam: %v", err)
	}
}

// A ticket for 15 minutes is prolonged in the file, or given another person.
func TestATicketLastsAsLongAsItSays(t *testing.T) {
	w := furnished(t)
	r := w.request(ada)
	r.Source = gate.FromCommand
	a, err := w.gate.SignIn(w.ctx(), r)
	w.must(err)
	key := secret.New(bytes.Repeat([]byte{1}, gate.TicketKeySize))
	ticket, err := w.gate.Ticket(a, key)
	w.must(err)
	w.raw(`UPDATE sessions SET expires = 9000000000000000000, factor_at = 8000000000000000000 WHERE id = '` + a.ID() + `'`)
	w.pass(time.Hour)
	_, err = w.gate.Resume(w.ctx(), ticket, key)
	w.wantKind(err, fault.Unauthenticated)
	w.pass(-time.Hour)
	w.raw(`UPDATE sessions SET person_id = (SELECT id FROM people WHERE name = 'sam') WHERE id = '` + a.ID() + `'`)
	_, err = w.gate.Resume(w.ctx(), ticket, key)
	w.wantKind(err, fault.Unauthenticated)
}

// Whatever is typed, a refused act leaves its entry.
func TestNothingThatIsTypedKeepsAnEntryOut(t *testing.T) {
	w := furnished(t)
	o := w.signIn(olivia)
	for _, odd := range []string{"a b", "é", "\n", "a\x1b[2Jb", strings.Repeat("x", 5000), "\xff\xfe", "\u202e"} {
		ref := gate.Ref{Vault: odd, Name: odd, Version: odd}
		for story, try := range map[string]func(s *gate.Session) error{
			"secret": func(s *gate.Session) error {
				_, err := w.gate.GetSecret(w.ctx(), s, ref, gate.Purpose(odd))
				return err
			},
			"signature": func(s *gate.Session) error {
				_, err := w.gate.Sign(w.ctx(), s, gate.SignRequest{Ref: ref, Algorithm: keys.Algorithm(odd)})
				return err
			},
			"grant": func(s *gate.Session) error {
				_, err := w.gate.CreateAssignment(w.ctx(), s, gate.GrantRequest{Person: odd, Role: roles.Role(odd), Scope: roles.Scope{Vault: odd, Prefix: odd}})
				return err
			},
			"vault": func(s *gate.Session) error {
				_, err := w.gate.CreateVault(w.ctx(), s, gate.CreateVaultRequest{Name: odd, Environment: roles.Environment(odd)})
				return err
			},
			"report": func(s *gate.Session) error {
				_, err := w.gate.RunReport(w.ctx(), s, gate.ReportRequest{ID: odd, Format: reports.Format(odd)})
				return err
			},
		} {
			for who, s := range map[string]*gate.Session{"olivia": o, "nobody": nil} {
				var err error
				entries := w.logged(func() { err = try(s) })
				if err == nil || fault.KindOf(err) == fault.Unavailable || len(entries) != 1 {
					t.Errorf("%s by %s with %q: %v, %d entries", story, who, odd, err, len(entries))
				}
			}
		}
	}
}

// Five invented names lock what all unknown names share; then one guess a name
// tells who exists.
func TestNamesCannotBeFoundByLocking(t *testing.T) {
	w := furnished(t)
	try := func(name string) fault.Kind {
		_, err := w.gate.SignIn(w.ctx(), gate.SignInRequest{Name: name, Password: secret.FromString("wrong horse battery"), Code: secret.FromString("000000"), Source: gate.FromConsole})
		return fault.KindOf(err)
	}
	for i := range 5 {
		w.pass(10 * time.Second)
		try("nobody-" + string(rune('a'+i)))
	}
	w.pass(10 * time.Second)
	for _, name := range []string{olivia, "zoe", sam, "xaver", ada} {
		if got := try(name); got != fault.Unauthenticated {
			t.Errorf("%s: %q", name, got)
		}
		w.pass(5 * time.Second)
	}
	// And an unknown name locks like a known one.
	for _, name := range []string{olivia, "zoe"} {
		for range mfa.PersonThrottle().LockAfter {
			w.pass(20 * time.Second)
			try(name)
		}
		w.pass(20 * time.Second)
		if got := try(name); got != fault.Throttled {
			t.Errorf("%s after five failures: %q", name, got)
		}
	}
}

// With the HSM pulled, a right password must not answer otherwise than a wrong
// one; and the failure is not the person's.
func TestALostTokenTellsNothingAndLocksNobody(t *testing.T) {
	w := furnished(t)
	w.must(w.gate.SignOut(w.ctx(), w.signIn(olivia)))
	wrong := func(r gate.SignInRequest) gate.SignInRequest {
		r.Password = secret.FromString("wrong horse battery")
		return r
	}
	for range mfa.PersonThrottle().LockAfter - 1 {
		w.pass(20 * time.Second)
		_, err := w.gate.SignIn(w.ctx(), wrong(w.request(olivia)))
		w.wantKind(err, fault.Unauthenticated)
	}
	w.pass(20 * time.Second)
	w.token.Unplug(t)
	_, right := w.gate.SignIn(w.ctx(), w.request(olivia))
	_, bad := w.gate.SignIn(w.ctx(), wrong(w.request(olivia)))
	w.token.Plug(t)
	if fault.Problem(right) != fault.Problem(bad) || fault.KindOf(right) != fault.Unavailable {
		t.Errorf("a right password says %v, a wrong one %v", right, bad)
	}
	w.pass(20 * time.Second)
	w.must(w.gate.SignOut(w.ctx(), w.signIn(olivia)))
}

// A login session that ran out, or was ended elsewhere, leaves nothing behind
// in the token.
func TestAnEndedSessionLogsTheTokenOut(t *testing.T) {
	for story, end := range map[string]func(w *world){
		"idle":            func(w *world) { w.pass(gate.DefaultLimits().Idle + 1) },
		"ended elsewhere": func(w *world) { w.raw(`UPDATE sessions SET ended_at = 1`) },
	} {
		t.Run(story, func(t *testing.T) {
			w := furnished(t)
			s := w.signIn(olivia)
			end(w)
			_, err := w.gate.ListVaults(w.ctx(), s)
			w.wantKind(err, fault.Unauthenticated)
			if w.token.Token.LoggedIn() {
				t.Error("the token is still logged in")
			}
		})
	}
}

// The HSM's anchor is removed, which takes no PIN with a software token.
func TestAMissingAnchorIsAnAlarm(t *testing.T) {
	w := furnished(t)
	w.must(w.token.Token.Login(w.ctx(), secret.FromString(w.token.PIN)))
	w.removeAnchor()
	w.must(w.token.Token.Logout(w.ctx()))
	w.restart()
	_, err := w.gate.SignIn(w.ctx(), w.request(sam))
	w.wantKind(err, fault.Tampered)
}

// An auditor who cannot sign in, or only for a minute, takes nobody's seat.
func TestAGhostIsNoAuditor(t *testing.T) {
	w := furnished(t)
	o := w.signIn(olivia)
	i, err := w.gate.CreatePerson(w.ctx(), o, gate.CreatePersonRequest{Name: "ghost"})
	w.must(err)
	_, err = w.gate.CreateAssignment(w.ctx(), o, gate.GrantRequest{Person: "ghost", Role: roles.Auditor})
	w.must(err)
	takeAda := func() error {
		all, err := w.gate.ListAssignments(w.ctx(), o, "")
		w.must(err)
		for _, a := range all {
			if a.PersonName == ada {
				return w.gate.DeleteAssignment(w.ctx(), o, a.ID)
			}
		}
		return nil
	}
	w.wantKind(takeAda(), fault.Forbidden)
	w.enrol(i)
	w.must(takeAda()) // now there is another who can
}

// The clock is set back to make a login session, or a fresh code, last longer.
func TestAClockSetBackEndsTheSession(t *testing.T) {
	w := furnished(t)
	s := w.signIn(sam)
	_, err := w.gate.SetSecret(w.ctx(), s, set("pay-dev", "db", "value"))
	w.must(err)
	w.pass(-time.Hour)
	_, err = w.gate.GetSecret(w.ctx(), s, gate.Ref{Vault: "pay-dev", Name: "db"}, gate.PurposeShow)
	w.wantKind(err, fault.Unauthenticated)
}

// Between enrolment code and first one-time code, days pass, or the person is
// disabled.
func TestAnEnrolmentDoesNotOutliveItsCode(t *testing.T) {
	for story, meanwhile := range map[string]func(w *world){
		"too late": func(w *world) { w.pass(gate.DefaultLimits().Invitation) },
		"disabled": func(w *world) { w.raw(`UPDATE people SET disabled = 1 WHERE name = 'bob'`) },
	} {
		t.Run(story, func(t *testing.T) {
			w := newWorld(t)
			i, err := w.gate.CreatePerson(w.ctx(), w.signIn(olivia), gate.CreatePersonRequest{Name: "bob"})
			w.must(err)
			e, err := w.gate.BeginEnrolment(w.ctx(), gate.EnrolRequest{Name: "bob", Code: i.Code, Password: secret.FromString("mellow tangerine"), Source: gate.FromConsole})
			w.must(err)
			meanwhile(w)
			_, err = w.gate.ConfirmEnrolment(w.ctx(), e, w.codeOf(&somebody{seed: seedOf(t, e)}))
			w.wantKind(err, fault.NotFound)
		})
	}
}

// The owner of one vault does not see the rest of the installation.
func TestAVaultsOwnerSeesThatVaultsPeople(t *testing.T) {
	w := furnished(t)
	o := w.signIn(olivia)
	i, err := w.gate.CreatePerson(w.ctx(), o, gate.CreatePersonRequest{Name: "paul"})
	w.must(err)
	_, err = w.gate.CreateAssignment(w.ctx(), o, gate.GrantRequest{Person: "paul", Role: roles.VaultOwner, Scope: roles.Scope{Vault: "pay-dev"}})
	w.must(err)
	w.enrol(i)
	all, err := w.gate.ListAssignments(w.ctx(), w.signIn("paul"), "")
	w.must(err)
	for _, a := range all {
		if a.Scope.Vault == "pay-prod" {
			t.Errorf("paul sees %+v", a)
		}
	}
}

// removeAnchor destroys the data object by its raw handle, as pkcs11-tool
// would.
func (w *world) removeAnchor() {
	w.t.Helper()
	w.must(destroyData(w.token.Module.Path(), w.token.Token.ID(), "strongroom-anchor-"+w.gate.Installation()))
}
