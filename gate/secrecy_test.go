package gate_test

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/strongroom/strongroom/gate"
	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/reports"
	"github.com/strongroom/strongroom/roles"
)

// Somebody who may only list gets no value by any way through the gate: not in
// an answer, not in an error, not in the log, not in a report, not in the file.
func TestWhoMayOnlyListNeverGetsAValue(t *testing.T) {
	const value = "correct-horse-battery-staple"
	w := furnished(t)
	s := w.signIn(sam)
	for _, name := range []string{"thing", "gone"} {
		_, err := w.gate.SetSecret(w.ctx(), s, set("pay-dev", name, value))
		w.must(err)
	}
	_, err := w.gate.Delete(w.ctx(), s, gate.KindSecret, gate.Ref{Vault: "pay-dev", Name: "gone"})
	w.must(err)
	sealed, err := w.gate.Backup(w.ctx(), s, gate.KindSecret, gate.Ref{Vault: "pay-dev", Name: "thing"})
	w.must(err)
	var seen strings.Builder
	look := func(answer any, err error) {
		text, _ := json.Marshal(answer)
		fmt.Fprintf(&seen, "%+v %#v %s %v %q\n", answer, answer, text, err, fault.Hint(err))
	}
	for _, name := range []string{olivia, ada} {
		w.lookAround(w.signIn(name), sealed, look)
	}
	for _, e := range w.entries() {
		look(e, nil)
	}
	w.must(w.gate.SignOut(w.ctx(), w.signIn(ada)))
	for _, end := range []string{"", "-wal"} {
		b, err := os.ReadFile(w.path() + end)
		w.must(err)
		seen.Write(b)
	}
	for form, needle := range map[string]string{
		"plain": value, "hex": hex.EncodeToString([]byte(value)), "base64": base64.RawStdEncoding.EncodeToString([]byte(value))[:36],
		"bytes": strings.Trim(fmt.Sprint([]byte(value)), "[]"),
	} {
		if strings.Contains(seen.String()+string(sealed), needle) {
			t.Errorf("the value is there in the clear (%s)", form)
		}
	}
}

// lookAround does everything that could show a value.
func (w *world) lookAround(s *gate.Session, sealed []byte, look func(any, error)) {
	ctx, g := w.ctx(), w.gate
	thing, gone, list := gate.Ref{Vault: "pay-dev", Name: "thing"}, gate.Ref{Vault: "pay-dev", Name: "gone"}, gate.ListRequest{Vault: "pay-dev"}
	for _, kind := range kinds() {
		page, err := g.ListDeleted(ctx, s, kind, list)
		look(page, err)
		shown, err := g.ShowDeleted(ctx, s, kind, gone)
		look(shown, err)
		blob, err := g.Backup(ctx, s, kind, thing)
		look(blob, w.refusedWithout(blob == nil, err))
		o, err := g.Restore(ctx, s, kind, "pay-dev", sealed)
		look(o, w.refusedWithout(true, err))
	}
	secrets, err := g.ListSecrets(ctx, s, list)
	look(secrets, err)
	versions, err := g.ListSecretVersions(ctx, s, thing)
	look(versions, err)
	shown, err := g.ShowSecret(ctx, s, thing)
	look(shown, err)
	for _, why := range []gate.Purpose{gate.PurposeShow, gate.PurposeReveal, gate.PurposeCopy} {
		v, err := g.GetSecret(ctx, s, thing, why)
		look(v, w.refusedWithout(v == nil, err))
	}
	v, err := g.ExportSecret(ctx, s, thing)
	look(v, w.refusedWithout(v == nil, err))
	_, err = g.CompareSecretVersions(ctx, s, thing, "")
	look(nil, w.refusedWithout(true, err))
	page, err := g.ListLog(ctx, s, gate.LogRequest{})
	look(page, err)
	for _, format := range reports.Formats() {
		f, err := g.RunReport(ctx, s, gate.ReportRequest{ID: reports.InventoryAccess, Format: format})
		look(string(f.Content), err)
	}
	all := attempts(g, "pay-dev")
	for _, action := range roles.Actions() {
		if !strings.HasSuffix(string(action), "/purge") {
			look(action, all[action](ctx, s))
		}
	}
}

// refusedWithout makes sure that a way to a value is refused and empty.
func (w *world) refusedWithout(empty bool, err error) error {
	w.t.Helper()
	if !empty || fault.KindOf(err) != fault.Forbidden {
		w.t.Errorf("not refused: empty %t, %v", empty, err)
	}
	return err
}
