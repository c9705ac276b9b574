package cli

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode"
)

func TestColumnsLineUp(t *testing.T) {
	got := aligned([][]string{{"NAME", "STATE"}, {"größe", "on"}, {"漢字", "off"}, {"", "-"}})
	want := "NAME   STATE\ngröße  on\n漢字   off\n       -\n"
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestNothingPrintedDrivesATerminal(t *testing.T) {
	for _, hostile := range []string{"\x1b[2J", "\u009b2J", "a\nb", "a\r\x1b]0;x\a", "\u202eevil", "\u2028", "\xff\xfe", "\x7f"} {
		table := aligned([][]string{{hostile, hostile}})
		if strings.Count(table, "\n") != 1 || strings.ContainsFunc(strings.TrimSuffix(table, "\n"), drives) {
			t.Errorf("%q became the row %q", hostile, table)
		}
		var out bytes.Buffer
		a := &app{sys: System{Stdout: &out}}
		if err := a.printJSON(map[string]string{"name": hostile}); err != nil {
			t.Fatal(err)
		}
		if strings.ContainsFunc(strings.ReplaceAll(out.String(), "\n", ""), drives) {
			t.Errorf("%q became the JSON %q", hostile, out.String())
		}
	}
}

func drives(r rune) bool {
	return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == '\u2028' || r == '\u2029'
}

// Escaping changes what a terminal sees and not what a program reads.
func FuzzHarmlessJSON(f *testing.F) {
	for _, seed := range []string{"", "plain", "\u009b", "\u202e <&>", "\x7f\u2028", "\xff", `\"`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		text, err := json.Marshal(map[string]string{"v": s})
		if err != nil {
			t.Skip()
		}
		safe := harmless(text)
		if bytes.ContainsFunc(safe, drives) {
			t.Errorf("%q drives a terminal", safe)
		}
		var before, after map[string]string
		if err := json.Unmarshal(text, &before); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(safe, &after); err != nil || !reflect.DeepEqual(before, after) {
			t.Errorf("%q reads as %q (%v)", safe, after, err)
		}
	})
}

func TestMomentsArePrintedInUTC(t *testing.T) {
	at := time.Date(2026, 11, 23, 1, 30, 0, 5, time.FixedZone("", 2*3600))
	if got := stamp(at); got != "2026-11-22 23:30:00Z" {
		t.Error(got)
	}
	if got := *seconds(at); got != at.Unix() {
		t.Error(got)
	}
	if stamp(time.Time{}) != "" || seconds(time.Time{}) != nil || moment(time.Time{}) != nil {
		t.Error("no moment is printed as one")
	}
}
