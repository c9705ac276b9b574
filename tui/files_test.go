package tui

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/strongroom/strongroom/gate"
	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/views"
)

func TestANewFileIsWholePrivateAndNeverOverwritten(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "public.pem")
	must(t, writeNew(path, []byte("first")))
	if err := writeNew(path, []byte("second")); fault.KindOf(err) != fault.Conflict {
		t.Errorf("writing over a file: %v", err)
	}
	if got, _ := os.ReadFile(path); string(got) != "first" {
		t.Errorf("the file holds %q", got)
	}
	info, err := os.Stat(path)
	must(t, err)
	if info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v", info.Mode())
	}
	wantOnly(t, dir, "public.pem")
}

// A name that is a dangling link is taken too: what it points to is not made.
func TestALinkIsNotFollowed(t *testing.T) {
	dir := t.TempDir()
	must(t, os.Symlink(filepath.Join(dir, "elsewhere"), filepath.Join(dir, "link")))
	if err := writeNew(filepath.Join(dir, "link"), []byte("x")); fault.KindOf(err) != fault.Conflict {
		t.Errorf("writing through a link: %v", err)
	}
	wantOnly(t, dir, "link")
}

// Where hard links are not to be had, the name is still taken exclusively.
func TestWithoutLinks(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a")
	must(t, linkless(path, []byte("x"), os.ErrInvalid))
	if err := linkless(path, []byte("y"), os.ErrInvalid); fault.KindOf(err) != fault.Conflict {
		t.Errorf("writing over a file: %v", err)
	}
	if err := linkless(path, []byte("y"), os.ErrExist); fault.KindOf(err) != fault.Conflict {
		t.Errorf("a name that was taken meanwhile: %v", err)
	}
	wantOnly(t, dir, "a")
}

func TestAReportAndItsSignatureOrNeither(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "report.json")
	must(t, os.WriteFile(path+signatureEnding, []byte("old"), 0o600))
	if err := writePair(path, []byte("report"), []byte("signature")); fault.KindOf(err) != fault.Conflict {
		t.Errorf("over an old signature: %v", err)
	}
	wantOnly(t, dir, "report.json.sig")
	if err := writePair(filepath.Join(dir, "no", "report"), nil, nil); fault.KindOf(err) != fault.NotFound {
		t.Errorf("into a folder that is not there: %v", err)
	}
}

func TestReadingASecretFromAFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "token")
	must(t, os.WriteFile(path, []byte("s3cret\n"), 0o600))
	v, err := readSecret(path)
	must(t, err)
	if text(v) != "s3cret\n" {
		t.Errorf("read %q: a file's bytes are the value, line end included", text(v))
	}
	must(t, os.WriteFile(path, make([]byte, gate.MaxSecretSize+1), 0o600))
	for name, want := range map[string]fault.Kind{path: fault.Invalid, dir: fault.Invalid, dir + "/none": fault.NotFound, "/dev/zero": fault.Invalid} {
		if _, err := readSecret(name); fault.KindOf(err) != want || fault.Hint(err) == "" {
			t.Errorf("%s: %v, want %s with a hint", name, err, want)
		}
	}
}

func TestPathsBeginInTheFolderAndMayBeSuggested(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"report-a.json", "report-b.json", "other", ".hidden"} {
		must(t, os.WriteFile(filepath.Join(dir, name), nil, 0o600))
	}
	must(t, os.Mkdir(filepath.Join(dir, "reports"), 0o700))
	d := door{folder: dir}
	for prefix, want := range map[string][]string{
		"rep":        {"report-a.json", "report-b.json", "reports/"},
		"":           {"other", "report-a.json", "report-b.json", "reports/"},
		".h":         {".hidden"},
		"none/":      nil,
		dir + "/oth": {dir + "/other"},
	} {
		got, err := d.suggestPaths(t.Context(), views.SuggestPaths{Field: "file", Prefix: prefix})
		must(t, err)
		if paths := got.(views.PathsSuggested).Paths; !slices.Equal(paths, want) {
			t.Errorf("%q suggests %q, want %q", prefix, paths, want)
		}
	}
	t.Setenv("HOME", dir)
	if got := d.path("~/other"); got != filepath.Join(dir, "other") {
		t.Errorf("~ is %s", got)
	}
}

func wantOnly(t *testing.T, dir string, want ...string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	must(t, err)
	var got []string
	for _, e := range entries {
		got = append(got, e.Name())
	}
	if !slices.Equal(got, want) {
		t.Errorf("the folder holds %s", strings.Join(got, ", "))
	}
}
