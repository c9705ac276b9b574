package cli

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/strongroom/strongroom/internal/fault"
)

func TestFilesAreWrittenWholeAndNeverReplacedUnasked(t *testing.T) {
	path := filepath.Join(t.TempDir(), "report")
	if err := writeFile(path, []byte("first"), false); err != nil {
		t.Fatal(err)
	}
	if err := writeFile(path, []byte("second"), false); fault.KindOf(err) != fault.Conflict {
		t.Errorf("got %v", err)
	}
	if got, _ := os.ReadFile(path); string(got) != "first" {
		t.Errorf("the file holds %q", got)
	}
	if err := writeFile(path, []byte("third"), true); err != nil {
		t.Fatal(err)
	}
	if got, _ := os.ReadFile(path); string(got) != "third" {
		t.Errorf("the file holds %q", got)
	}
	left, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(left) != 1 {
		t.Errorf("%d files are left (%v)", len(left), err)
	}
}

// Attack: where a report is to be written, somebody left a link to a file of
// the auditor's.
func TestALinkIsNotFollowed(t *testing.T) {
	dir := t.TempDir()
	precious, link := filepath.Join(dir, "precious"), filepath.Join(dir, "report")
	if err := os.WriteFile(precious, []byte("precious"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(precious, link); err != nil {
		t.Fatal(err)
	}
	if err := writeFile(link, []byte("x"), false); fault.KindOf(err) != fault.Conflict {
		t.Errorf("got %v", err)
	}
	if err := writeFile(link, []byte("x"), true); err != nil {
		t.Error(err)
	}
	if got, _ := os.ReadFile(precious); string(got) != "precious" {
		t.Errorf("the other file holds %q", got)
	}
}

func TestADirectoryThatIsNotThere(t *testing.T) {
	if err := free(filepath.Join(t.TempDir(), "none", "report"), true); fault.KindOf(err) != fault.Invalid {
		t.Errorf("got %v", err)
	}
}
