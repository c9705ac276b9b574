package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/strongroom/strongroom/"

// allowed says which of the project's own packages a package may import.
// internal/* and assets are open to all and import nothing of the project but
// each other. A package that is not listed here fails the test: new walls are
// drawn on purpose.
var allowed = map[string][]string{
	"roles":   {},
	"mfa":     {},
	"keys":    {},
	"hsm":     {"keys"},
	"audit":   {},
	"certs":   {"keys"},
	"reports": {"audit", "roles", "keys", "certs"},
	"vault":   {"roles", "mfa", "keys", "certs", "audit"},
	"gate":    {"roles", "mfa", "keys", "hsm", "audit", "certs", "reports", "vault"},
	"install": {"gate", "hsm", "mfa", "vault"},
	"demo":    {"install", "gate", "hsm", "roles", "keys", "certs", "mfa", "audit", "reports"},
	"views":   {"roles", "keys", "certs", "audit", "reports"},
	"tui":     {"gate", "views", "roles", "keys", "certs", "audit", "reports"},
	"cli":     {"install", "demo", "gate", "tui", "roles", "keys", "certs", "audit", "reports", "hsm"},
	"":        {"cli", "install", "tui", "mfa", "demo"},

	"hsm/hsmtest":         {"hsm", "keys"},
	"assets":              {},
	"internal/fault":      {},
	"internal/secret":     {},
	"internal/screenshot": {},
	"internal/home":       {},
}

// only says which packages alone may import a foreign module.
var only = map[string][]string{
	"github.com/miekg/pkcs11":       {"hsm", "hsm/hsmtest"},
	"database/sql":                  {"vault"},
	"modernc.org/sqlite":            {"vault"},
	"charm.land/bubbletea/v2":       {"tui", "views", "cli"},
	"github.com/spf13/cobra":        {"cli"},
	"github.com/zalando/go-keyring": {"mfa"},
	"github.com/pquerna/otp":        {"mfa"},
	"golang.org/x/crypto/argon2":    {"mfa"},
	"github.com/transparency-dev":   {"audit"},
	"golang.org/x/mod/sumdb/tlog":   {"audit"},
	"github.com/decred/dcrd/dcrec":  {"keys"},
}

type file struct {
	path    string
	pkg     string // folder, "" for the root
	test    bool
	ast     *ast.File
	imports []string
}

func sources(t *testing.T) []file {
	t.Helper()
	var files []file
	fset := token.NewFileSet()
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && path != "." && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata" || d.Name() == "bin") {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(path, ".go") {
			return nil
		}
		parsed, err := parser.ParseFile(fset, path, nil, parser.ParseComments)
		if err != nil {
			return err
		}
		f := file{path: path, pkg: filepath.ToSlash(filepath.Dir(path)), test: strings.HasSuffix(path, "_test.go"), ast: parsed}
		if f.pkg == "." {
			f.pkg = ""
		}
		for _, spec := range parsed.Imports {
			name, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			f.imports = append(f.imports, name)
		}
		files = append(files, f)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < 20 {
		t.Fatalf("found only %d source files; the test looks in the wrong place", len(files))
	}
	return files
}

func TestImportsRunOneWay(t *testing.T) {
	for _, f := range sources(t) {
		if f.test {
			continue
		}
		may, known := allowed[f.pkg]
		if !known {
			t.Errorf("%s: package %q is not in the table of allowed imports", f.path, f.pkg)
			continue
		}
		for _, name := range f.imports {
			own, isOwn := strings.CutPrefix(name, module)
			if isOwn && !strings.HasPrefix(own, "internal/") && own != "assets" && !slices.Contains(may, own) {
				t.Errorf("%s imports %s, which %q may not", f.path, own, f.pkg)
			}
		}
	}
}

func TestForeignModulesStayInTheirPackage(t *testing.T) {
	for _, f := range sources(t) {
		if f.test {
			continue
		}
		for _, name := range f.imports {
			for prefix, owners := range only {
				if (name == prefix || strings.HasPrefix(name, prefix+"/")) && !slices.Contains(owners, f.pkg) {
					t.Errorf("%s imports %s, which belongs to %v alone", f.path, name, owners)
				}
			}
		}
	}
}

func TestEveryPackageSaysWhatItDoes(t *testing.T) {
	documented := map[string]bool{}
	for _, f := range sources(t) {
		if f.test {
			continue
		}
		documented[f.pkg] = documented[f.pkg] || f.ast.Doc != nil && len(f.ast.Doc.Text()) > 80
	}
	for pkg, ok := range documented {
		if !ok {
			t.Errorf("package %q has no comment that says what it does", pkg)
		}
	}
}

// Names that say nothing collect everything.
func TestNoDrawerPackages(t *testing.T) {
	for _, f := range sources(t) {
		if slices.Contains([]string{"util", "utils", "common", "helper", "helpers", "misc", "core", "types", "base"}, filepath.Base(f.pkg)) {
			t.Errorf("%s lies in a package whose name says nothing", f.path)
		}
	}
}

// The clock and the source of randomness come in through constructors, so
// that a test can hold both still. Only these packages touch the real ones.
func TestTimeAndRandomnessAreInjected(t *testing.T) {
	open := []string{"", "cli", "hsm/hsmtest"}
	for _, f := range sources(t) {
		if f.test || slices.Contains(open, f.pkg) {
			continue
		}
		ast.Inspect(f.ast, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			sel, ok := call.Fun.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			if x, ok := sel.X.(*ast.Ident); ok && x.Name == "time" && (sel.Sel.Name == "Now" || sel.Sel.Name == "Since") {
				t.Errorf("%s calls time.%s", f.path, sel.Sel.Name)
			}
			return true
		})
	}
}

func TestNothingNamesThisMachine(t *testing.T) {
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range sources(t) {
		text, err := os.ReadFile(f.path)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(text), here) {
			t.Errorf("%s names a folder of one machine", f.path)
		}
	}
}
