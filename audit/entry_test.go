package audit

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/strongroom/strongroom/internal/fault"
)

// The line of an entry is the contract with every exported bundle: if this
// test has to change, old logs no longer decode.
func TestEntryLine(t *testing.T) {
	full := testDraft(7)
	full.Rule, full.Reason, full.Ref = "no-secret-owner", `a "quoted" <reason> \ & ümlaut`, "act-6"
	for _, tt := range []struct {
		name string
		d    Draft
		want string
	}{
		{"every field", full, `{"v":1,"seq":7,"time":"2026-11-23T08:00:00.000000000Z",` +
			`"id":"018f3c1e-0000-7000-8000-000000000007","installation":"5f0c1a52-7c1e-4f0e-9d52-3a4b5c6d7e8f",` +
			`"actor":{"id":"7d1b","name":"mira.lindqvist"},"session":"s-41","source":"cli","action":"secrets/set",` +
			`"resource":{"vault":"payments-prod","kind":"secret","name":"stripe-api-key","version":"9f"},` +
			`"outcome":"done","rule":"no-secret-owner","reason":"a \"quoted\" <reason> \\ & ümlaut",` +
			`"params":{"content-type":"text/plain","tags":"{\"team\":\"pay & go\"}"},"ref":"act-6"}`},
		{
			"only what is required",
			Draft{ID: "a", Installation: "i", Source: SourceSystem, Action: "x", Outcome: Intent},
			`{"v":1,"seq":7,"time":"2026-11-23T08:00:00.000000000Z","id":"a","installation":"i",` +
				`"actor":{},"source":"system","action":"x","resource":{},"outcome":"intent"}`,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			line, e, err := Encode(7, testStart, tt.d)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, string(line)); diff != "" {
				t.Error(diff)
			}
			back, err := Decode(line)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(e, back); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestTimeIsUTCWithNineDecimals(t *testing.T) {
	at := time.Date(2026, 3, 1, 0, 30, 0, 120_000_000, time.FixedZone("", 3600))
	_, e, err := Encode(0, at, testDraft(0))
	if err != nil || e.Time != "2026-02-28T23:30:00.120000000Z" {
		t.Fatalf("%q, %v", e.Time, err)
	}
	if !e.At().Equal(at) {
		t.Errorf("At() = %v", e.At())
	}
	if !(Entry{Time: "noon"}).At().IsZero() {
		t.Error("a time that is none is not the zero time")
	}
}

// An entry owns its parameters: changing the draft later changes nothing.
func TestEntryKeepsItsParameters(t *testing.T) {
	d := testDraft(0)
	_, e, err := Encode(0, testStart, d)
	if err != nil {
		t.Fatal(err)
	}
	d.Params["tags"] = "changed"
	if e.Params["tags"] == "changed" {
		t.Error("the entry shares the draft's map")
	}
}

func TestEncodeRefuses(t *testing.T) {
	long := func(n int) string { return strings.Repeat("x", n+1) }
	many := make(map[string]string)
	for i := range MaxParams + 1 {
		many["p"+string(rune('A'+i))] = "v"
	}
	large := make(map[string]string)
	for i := range MaxParams {
		large["p"+string(rune('A'+i))] = strings.Repeat(`"`, MaxParamValue)
	}
	for name, change := range map[string]func(*Draft){
		"no id":                  func(d *Draft) { d.ID = "" },
		"id with a space":        func(d *Draft) { d.ID = "a b" },
		"no installation":        func(d *Draft) { d.Installation = "" },
		"no action":              func(d *Draft) { d.Action = "" },
		"action in other script": func(d *Draft) { d.Action = "sеcrets/get" }, // the second letter is Cyrillic
		"long session":           func(d *Draft) { d.Session = long(MaxToken) },
		"unknown source":         func(d *Draft) { d.Source = "web" },
		"unknown outcome":        func(d *Draft) { d.Outcome = "maybe" },
		"long actor name":        func(d *Draft) { d.Actor.Name = long(MaxName) },
		"line end in a name":     func(d *Draft) { d.Resource.Name = "a\nb" },
		"escape in a name":       func(d *Draft) { d.Resource.Name = "\x1b[2J" },
		"C1 control in a vault":  func(d *Draft) { d.Resource.Vault = "a\u009b" },
		"line separator":         func(d *Draft) { d.Reason = "a\u2028b" },
		"reordering signs":       func(d *Draft) { d.Reason = "a\u202eb" },
		"not UTF-8":              func(d *Draft) { d.Reason = "a\xff" },
		"long reason":            func(d *Draft) { d.Reason = long(MaxReason) },
		"empty parameter name":   func(d *Draft) { d.Params = map[string]string{"": "v"} },
		"long parameter name":    func(d *Draft) { d.Params = map[string]string{long(MaxParamKey): "v"} },
		"long parameter":         func(d *Draft) { d.Params = map[string]string{"k": long(MaxParamValue)} },
		"control in a parameter": func(d *Draft) { d.Params = map[string]string{"k": "\x00"} },
		"too many parameters":    func(d *Draft) { d.Params = many },
		"too large in all":       func(d *Draft) { d.Params = large },
	} {
		t.Run(name, func(t *testing.T) {
			d := testDraft(0)
			change(&d)
			if _, _, err := Encode(0, testStart, d); fault.KindOf(err) != fault.Invalid || fault.Hint(err) == "" {
				t.Errorf("%v", err)
			}
		})
	}
	if _, _, err := Encode(-1, testStart, testDraft(0)); fault.KindOf(err) != fault.Invalid {
		t.Errorf("negative seq: %v", err)
	}
	for _, at := range []time.Time{{}, time.Unix(0, 0), time.Date(2262, 1, 1, 0, 0, 0, 0, time.UTC)} {
		if _, _, err := Encode(0, at, testDraft(0)); fault.KindOf(err) != fault.Invalid {
			t.Errorf("time %v: %v", at, err)
		}
	}
}

// One entry has one spelling: everything that a lenient JSON reader would take
// for the same entry is refused.
func TestDecodeTakesOneSpelling(t *testing.T) {
	line, _, err := Encode(7, testStart, testDraft(7))
	if err != nil {
		t.Fatal(err)
	}
	replace := func(old, with string) string {
		s := strings.Replace(string(line), old, with, 1)
		if s == string(line) {
			t.Fatalf("%q is not in the line", old)
		}
		return s
	}
	for name, s := range map[string]string{
		"nothing":               "",
		"null":                  "null",
		"cut":                   string(line[:len(line)-1]),
		"trailing newline":      string(line) + "\n",
		"trailing bytes":        string(line) + "{}",
		"leading space":         " " + string(line),
		"space after a colon":   replace(`"seq":`, `"seq": `),
		"unknown field":         replace(`"outcome"`, `"colour":"red","outcome"`),
		"repeated field":        replace(`"seq":7`, `"seq":7,"seq":7`),
		"other case":            replace(`"seq"`, `"Seq"`),
		"other order":           replace(`"v":1,"seq":7`, `"seq":7,"v":1`),
		"unneeded escape":       replace(`mira`, `\u006dira`),
		"escaped slash":         replace(`secrets/set`, `secrets\/set`),
		"escape at the end":     `{"v":1,"seq":7,"time":"\`,
		"unclosed escape":       `{"v":1,"seq":7,"time":"\"`,
		"empty optional field":  replace(`"s-41"`, `""`),
		"empty optional member": replace(`"7d1b"`, `""`),
		"params not in order":   replace(`"params":{"content-type":"text/plain",`, `"params":{"z":"","content-type":"text/plain",`),
		"repeated parameter":    replace(`"params":{`, `"params":{"content-type":"x",`),
		"empty params":          replace(`"params":{"content-type":"text/plain","tags":"{\"team\":\"pay & go\"}"}`, `"params":{}`),
		"version 2":             replace(`"v":1`, `"v":2`),
		"negative seq":          replace(`"seq":7`, `"seq":-7`),
		"seq with a plus":       replace(`"seq":7`, `"seq":+7`),
		"seq with a zero":       replace(`"seq":7`, `"seq":07`),
		"seq as a float":        replace(`"seq":7`, `"seq":7.0`),
		"seq beyond 63 bits":    replace(`"seq":7`, `"seq":9223372036854775808`),
		"no seq":                replace(`"seq":7`, `"seq":`),
		"time with a zone":      replace(`.000000000Z`, `.000000000+00:00`),
		"time with a comma":     replace(`08:00:00.0`, `08:00:00,0`),
		"time with 3 decimals":  replace(`.000000000Z`, `.000Z`),
		"no such day":           replace(`2026-11-23`, `2026-11-31`),
		"leap second":           replace(`08:00:00`, `08:00:60`),
		"before this product":   replace(`2026-11-23`, `1970-01-01`),
		"unknown outcome":       replace(`"done"`, `"fine"`),
		"control character":     replace(`mira`, "mi\nra"),
		"too long":              strings.Repeat(" ", MaxEntry) + string(line),
	} {
		t.Run(name, func(t *testing.T) {
			if e, err := Decode([]byte(s)); fault.KindOf(err) != fault.Tampered {
				t.Errorf("%+v, %v", e, err)
			}
		})
	}
}

func TestLineMakesAnyTextLoggable(t *testing.T) {
	for _, tt := range []struct {
		in    string
		limit int
		want  string
	}{
		{"stripe-api-key", 64, "stripe-api-key"},
		{"Ærøskøbing", 64, "Ærøskøbing"},
		{"a\nb\x1b[2J\x7f", 64, `a\x0ab\x1b[2J\x7f`},
		{"a\u009bb\u2028c\u202ed", 64, `a\u009bb\u2028c\u202ed`},
		{"bad \xff\xc3", 64, `bad \xff\xc3`},
		{"\ufffd", 64, "\ufffd"},
		{"abcdefgh", 8, "abcdefgh"},
		{"abcdefghi", 8, "abcde…"},
		{"öööö", 8, "öööö"},
		{"ööööö", 8, "öö…"},
		{"abc", 2, ""},
	} {
		got := Line(tt.in, tt.limit)
		if got != tt.want || !isText(got, tt.limit) {
			t.Errorf("Line(%q, %d) = %q, want %q", tt.in, tt.limit, got, tt.want)
		}
	}
}

func FuzzLine(f *testing.F) {
	f.Add("a\nb\u202e\xff", 8)
	f.Add("", 0)
	f.Fuzz(func(t *testing.T, s string, limit int) {
		if got := Line(s, limit); got != "" && !isText(got, limit) {
			t.Errorf("Line(%q, %d) = %q", s, limit, got)
		}
	})
}

// Whatever Decode accepts has one spelling, and encoding/json reads the same
// entry from it.
func FuzzDecode(f *testing.F) {
	for i := range 3 {
		line, _, err := Encode(int64(i), testStart, testDraft(i))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(line)
	}
	f.Add([]byte(`{"v":1,"seq":0,"time":"2026-11-23T08:00:00.000000000Z","id":"a","installation":"i","actor":{},` +
		`"source":"system","action":"x","resource":{"kind":"k"},"outcome":"intent","params":{"a":"\\","b":"\""}}`))
	f.Fuzz(func(t *testing.T, line []byte) {
		e, err := Decode(line)
		if err != nil {
			if fault.KindOf(err) != fault.Tampered {
				t.Fatalf("%v", err)
			}
			return
		}
		again, _, err := Encode(e.Seq, e.At(), e.Draft)
		if err != nil || !bytes.Equal(again, line) {
			t.Fatalf("encodes to %s, %v", again, err)
		}
		var oracle Entry
		d := json.NewDecoder(bytes.NewReader(line))
		d.DisallowUnknownFields()
		if err := d.Decode(&oracle); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(oracle, e); diff != "" {
			t.Fatal(diff)
		}
	})
}

// Whatever Encode accepts is one line and decodes to itself.
func FuzzEncode(f *testing.F) {
	f.Add(int64(3), int64(1795420800), "secrets/get", "mira", `a "b" \ <c>`, "tags", `{"a":1}`)
	f.Fuzz(func(t *testing.T, seq, sec int64, action, name, reason, key, value string) {
		d := testDraft(0)
		d.Action, d.Actor.Name, d.Reason = action, name, reason
		d.Params = map[string]string{key: value, "k": reason}
		line, e, err := Encode(seq, time.Unix(sec, 0), d)
		if err != nil {
			return
		}
		if bytes.ContainsAny(line, "\n\r\x00") || len(line) > MaxEntry {
			t.Fatalf("%q", line)
		}
		back, err := Decode(line)
		if err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		if diff := cmp.Diff(e, back); diff != "" {
			t.Fatal(diff)
		}
	})
}

func BenchmarkEncode(b *testing.B) {
	d := testDraft(1)
	for b.Loop() {
		if _, _, err := Encode(1, testStart, d); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDecode(b *testing.B) {
	line, _, err := Encode(1, testStart, testDraft(1))
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Decode(line); err != nil {
			b.Fatal(err)
		}
	}
}
