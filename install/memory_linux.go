package install

import (
	"os"
	"syscall"
)

// tmpfs marks a file system in memory (statfs(2)).
const tmpfs = 0x01021994

// sharedMemory reports whether dir is a file system in memory in which nobody
// can take away or exchange what is another's.
func sharedMemory(dir string) bool {
	var stat syscall.Statfs_t
	if err := syscall.Statfs(dir, &stat); err != nil || stat.Type != tmpfs {
		return false
	}
	info, err := os.Stat(dir)
	return err == nil && info.IsDir() && (info.Mode()&os.ModeSticky != 0 || info.Mode().Perm()&0o022 == 0)
}
