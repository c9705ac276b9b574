package install

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/strongroom/strongroom/internal/home"
)

// leftovers are the places that a set-up fills and that were empty before it
// began. What a set-up that failed left in them holds nothing yet that anybody
// was told of.
type leftovers struct {
	home  string
	paths []string // files and folders, to go with all that is in them
	dirs  []string // directories on the way to the home, innermost first, to go if empty
}

// notice looks at what is there before a set-up. A folder that exists by then
// is somebody else's, and stays.
func notice(h *home.Home) leftovers {
	l := leftovers{home: h.Dir}
	for _, path := range []string{h.Database(), h.Database() + "-wal", h.Database() + "-shm", h.Keyring(), h.Run(), filepath.Join(h.Dir, ownToken)} {
		if absent(path) {
			l.paths = append(l.paths, path)
		}
	}
	for dir := h.Dir; absent(dir) && filepath.Dir(dir) != dir; dir = filepath.Dir(dir) {
		l.dirs = append(l.dirs, dir)
	}
	return l
}

func absent(path string) bool {
	_, err := os.Lstat(path)
	return errors.Is(err, fs.ErrNotExist)
}

// remove takes away what was made since. A directory that holds something
// else by now stays, and so does everything when another set-up got to its end
// meanwhile: what lies there is its.
func (l leftovers) remove() error {
	if home.Exists(l.home) {
		return nil
	}
	var errs []error
	for _, path := range l.paths {
		errs = append(errs, os.RemoveAll(path))
	}
	for _, dir := range l.dirs {
		if os.Remove(dir) != nil {
			break
		}
	}
	return errors.Join(errs...)
}
