package reports_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/strongroom/strongroom/keys"
	"github.com/strongroom/strongroom/reports"
	"github.com/strongroom/strongroom/roles"
)

// attacks are names as somebody would choose them who wants more than a name.
// The gate refuses most of them; a report must not depend on that.
var attacks = []string{
	`<script>alert(1)</script>`,
	`"><img src=x onerror=alert(1)>`,
	`'--></style></title><svg onload=alert(1)>`,
	`{{.RunBy}}`,
	`javascript:alert(1)`,
	`=HYPERLINK("http://evil.example","click")`,
	`+1+1`, `-1+1`, `@SUM(A1)`, "\t=1", "\r=1", ` =1`, `＝1`,
	"line one\nline two\r\nline three",
	"\x1b]52;c;ZXZpbA==\x07\x1b[2J",
	"invoice\u202egpj.exe", "\u2066isolated", "zero\u200bwidth", "nul\x00byte",
	"not utf-8 \xff\xfe",
	strings.Repeat("x", 5000),
	`a,"b";c`,
}

func hostile() reports.Input {
	in := reports.Input{
		Installation: attacks[0], AsOf: asOf,
		RunBy:  reports.Person{Name: attacks[1], Role: attacks[2]},
		Source: reports.Generator{Name: attacks[3], Version: attacks[5], Build: attacks[14]},
	}
	for i, a := range attacks {
		in.Vaults = append(in.Vaults, reports.Vault{Name: a, Environment: roles.Environment(a), Objects: []reports.Object{{
			Kind: reports.KindKey, Name: a, Version: a, Type: a, Protection: keys.Protection(a), Enabled: true, Expires: days(i - 5),
		}, {
			Kind: reports.ObjectKind(a), Name: a,
		}}})
		in.People = append(in.People, reports.Member{Name: a})
		in.Access = append(in.Access, reports.Access{Person: a, Role: roles.Role(a), Scope: roles.Scope{Vault: a, Prefix: a}, GrantedBy: a})
	}
	return in
}

func TestHostileNamesDoNotPrint(t *testing.T) {
	for _, f := range reports.Formats() {
		text := string(render(t, reports.Inventory(hostile()), f))
		if !utf8.ValidString(text) {
			t.Errorf("%s is not UTF-8", f)
		}
		for i, r := range text {
			if !unicode.IsPrint(r) && r != '\n' && !(r == '\r' && f == reports.FormatCSV) {
				t.Errorf("%s: %U at byte %d", f, r, i)
				break
			}
		}
		if longest := strings.Repeat("x", 513); strings.Contains(text, longest) {
			t.Errorf("%s: an endless name is not cut", f)
		}
	}
}

// A page is what its tags are: a name must add none, and no attribute that
// runs or loads something.
func TestHostileNamesStayTextInHTML(t *testing.T) {
	page := render(t, reports.Inventory(hostile()), reports.FormatHTML)
	allowedTags := []string{
		"html", "head", "meta", "title", "style", "body", "main", "header", "p", "h1", "h2", "h3", "dl", "dt", "dd", "code", "div", "b", "span",
		"section", "ul", "li", "details", "summary", "figure", "svg", "desc", "rect", "text", "g", "table", "thead", "tbody", "tr", "th", "td", "time", "footer",
	}
	forbidden := regexp.MustCompile(`^(on.*|src|href|style|action|srcdoc|xlink:.*)$`)
	tokens := xml.NewDecoder(bytes.NewReader(page))
	tokens.Strict, tokens.AutoClose, tokens.Entity = false, xml.HTMLAutoClose, xml.HTMLEntity
	for {
		token, err := tokens.Token()
		if err == io.EOF {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		tag, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		if !slices.Contains(allowedTags, tag.Name.Local) {
			t.Errorf("the page has a tag %s", tag.Name.Local)
		}
		for _, a := range tag.Attr {
			if forbidden.MatchString(a.Name.Local) {
				t.Errorf("the page has an attribute %s=%q", a.Name.Local, a.Value)
			}
		}
	}
}

func TestPagePolicyNamesItsStyleAndNothingElse(t *testing.T) {
	page := string(render(t, reports.Inventory(sample()), reports.FormatHTML))
	policy := regexp.MustCompile(`content="default-src 'none'; style-src 'sha256-[A-Za-z0-9+/]{43}='; base-uri 'none'; form-action 'none'"`)
	if !policy.MatchString(page) {
		t.Error("no such policy")
	}
	style := regexp.MustCompile(`(?s)<style>(.*?)</style>`).FindStringSubmatch(page)
	if len(style) != 2 || !strings.Contains(page, "'"+sha256Source(style[1])+"'") {
		t.Error("the policy's hash is not that of the style sheet in the page")
	}
}

func sha256Source(s string) string {
	sum := sha256.Sum256([]byte(s))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}

// No cell of a spreadsheet begins like a formula, but for numbers that we
// wrote ourselves.
func TestHostileNamesAreNoFormulas(t *testing.T) {
	records, err := csv.NewReader(bytes.NewReader(render(t, reports.Inventory(hostile()), reports.FormatCSV))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	number := regexp.MustCompile(`^-?[0-9]+$`)
	for _, record := range records {
		for _, field := range record {
			bare := strings.TrimLeft(field, " \u3000")
			first, _ := utf8.DecodeRuneInString(bare)
			if bare != "" && strings.ContainsRune("=+-@\t\r＝＋－＠", first) && !number.MatchString(field) {
				t.Errorf("a cell begins like a formula: %q", field)
			}
		}
	}
	var one bytes.Buffer
	err = reports.CSVTable(&one, reports.Table{
		Columns: []reports.Column{{ID: "a"}, {ID: "b"}},
		Rows:    [][]reports.Cell{{reports.Text("-5"), reports.Number(-5)}},
	})
	if want := "a,b\r\n'-5,-5\r\n"; err != nil || one.String() != want {
		t.Errorf("%q, %v, want %q", one.String(), err, want)
	}
}

func FuzzClean(f *testing.F) {
	for _, a := range attacks {
		f.Add(a)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := reports.Clean(s)
		if strings.IndexFunc(got, func(r rune) bool { return !unicode.IsPrint(r) }) >= 0 || !utf8.ValidString(got) {
			t.Errorf("%q became %q", s, got)
		}
		text, err := json.Marshal(reports.Text(s))
		if err != nil || !json.Valid(text) {
			t.Errorf("%q became %s, %v", s, text, err)
		}
	})
}
