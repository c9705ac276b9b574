package install_test

import (
	"os"
	"path/filepath"
	"runtime"
	"strconv"
)

func uid() string { return strconv.Itoa(os.Geteuid()) }

// addSharedMemory adds Linux's shared memory to the places of ticket keys: a
// folder in the real one, under the name that the machine's own has.
func addSharedMemory(w *world, places map[string]func() string) {
	if runtime.GOOS != "linux" {
		return
	}
	places["/dev/shm"] = func() string {
		dir, err := os.MkdirTemp("/dev/shm", "strongroom-test-")
		w.must(err)
		w.t.Cleanup(func() { _ = os.RemoveAll(dir) })
		w.must(os.MkdirAll(filepath.Join(w.root, "dev"), 0o700))
		w.must(os.Symlink(dir, filepath.Join(w.root, "dev", "shm")))
		return dir
	}
}
