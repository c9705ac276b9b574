package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/strongroom/strongroom/keys"
	"github.com/strongroom/strongroom/roles"
	"github.com/strongroom/strongroom/views"
)

var update = flag.Bool("update", false, "write the generated parts of the documents anew")

// generated are the parts of the README that come from the code, by the name
// in their marks: <!-- NAME begin --> and <!-- NAME end -->.
var generated = map[string]func() string{
	"roles":      roleTable,
	"algorithms": algorithmTable,
	"keys":       views.KeyReference,
}

func TestGeneratedTablesAreTrue(t *testing.T) {
	const path = "README.md"
	was, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	text := string(was)
	for name, make := range generated {
		part := regexp.MustCompile(`(?s)<!-- ` + name + ` begin -->\n.*<!-- ` + name + ` end -->`)
		if !part.MatchString(text) {
			t.Errorf("%s has no part named %s", path, name)
			continue
		}
		text = part.ReplaceAllLiteralString(text, "<!-- "+name+" begin -->\n"+make()+"<!-- "+name+" end -->")
	}
	if text == string(was) {
		return
	}
	if !*update {
		t.Fatalf("%s is not what the code says; run go test . -update", path)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// roleTable is the table role x action, with a word on each action.
func roleTable() string {
	var b strings.Builder
	b.WriteString("| action | what it is |")
	for _, r := range roles.All() {
		fmt.Fprintf(&b, " %s |", r.Title())
	}
	b.WriteString("\n|---|---|" + strings.Repeat(":-:|", len(roles.All())) + "\n")
	for _, a := range roles.Actions() {
		fmt.Fprintf(&b, "| `%s` | %s |", a, a.Means())
		for _, r := range roles.All() {
			mark := " "
			if roles.At(r, a).Allowed {
				mark = "yes"
			}
			fmt.Fprintf(&b, " %s |", mark)
		}
		b.WriteString("\n")
	}
	return b.String()
}

// algorithmTable says which key signs, encrypts and wraps with what.
func algorithmTable() string {
	var b strings.Builder
	b.WriteString("| key | as HSM key | signs with | encrypts with | wraps keys with |\n|---|---|---|---|---|\n")
	for _, s := range keys.Specs() {
		if s.HSM() {
			continue
		}
		inHSM := "where the token can"
		if !s.Asymmetric() && keys.DefaultSignature(s) != "" {
			inHSM += ", to sign or to encrypt"
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", s, inHSM, listed(keys.AlgorithmsFor(s)),
			listed(keys.EncryptionAlgorithmsFor(s, keys.OpEncrypt)), listed(keys.EncryptionAlgorithmsFor(s, keys.OpWrapKey)))
	}
	return b.String()
}

func listed[T ~string](all []T) string {
	names := make([]string, len(all))
	for i, a := range all {
		names[i] = string(a)
	}
	return strings.Join(names, ", ")
}

// A link that leads nowhere is worse than none.
func TestLinksInDocumentsLeadSomewhere(t *testing.T) {
	link := regexp.MustCompile(`\]\(([^)#:]+)(#[^)]*)?\)|src="([^":]+)"`)
	for _, path := range []string{"README.md", "SECURITY.md", "CHANGELOG.md"} {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range link.FindAllStringSubmatch(string(text), -1) {
			target := m[1] + m[3]
			if _, err := os.Stat(filepath.FromSlash(target)); err != nil {
				t.Errorf("%s links to %s: %v", path, target, err)
			}
		}
	}
}

// The layout in the README names every top-level package.
func TestReadmeNamesEveryFolder(t *testing.T) {
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range sources(t) {
		if f.pkg == "" || f.test {
			continue
		}
		top, _, _ := strings.Cut(f.pkg, "/")
		if !strings.Contains(string(text), "`"+top+"`") {
			t.Errorf("the README's layout does not name `%s`", top)
		}
	}
}
