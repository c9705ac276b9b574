package hsm

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/strongroom/strongroom/internal/fault"
)

// softHSMEnv names SoftHSM2's configuration file. SoftHSM2 reads it in
// C_Initialize, and it counts for the whole process.
const softHSMEnv = "SOFTHSM2_CONF"

// SoftHSMConf is a SoftHSM2 configuration of its own under Dir, for
// installations that keep their token beside their database.
type SoftHSMConf struct {
	Dir string
}

// Path gives the configuration file's place, for [LoadOptions].
func (c SoftHSMConf) Path() string { return filepath.Join(c.Dir, "softhsm2.conf") }

// Tokens gives the directory that holds the tokens.
func (c SoftHSMConf) Tokens() string { return filepath.Join(c.Dir, "tokens") }

// Write makes Dir, the token directory (both mode 0700) and the configuration
// file (0600), and gives the file's path. What exists already stays as it is,
// but for the configuration, which is written anew.
func (c SoftHSMConf) Write() (string, error) {
	dir, err := filepath.Abs(c.Dir)
	if err != nil || strings.ContainsAny(dir, "\n\r#") || strings.TrimSpace(dir) != dir {
		return "", fault.Wrap(err, fault.Invalid, "the SoftHSM2 directory has a name that its configuration file cannot hold",
			"Choose a directory without line breaks, '#' or spaces at its ends.")
	}
	conf := SoftHSMConf{Dir: dir}
	if err := os.MkdirAll(conf.Tokens(), 0o700); err != nil {
		return "", fault.Wrap(err, fault.Unavailable, "the SoftHSM2 directory cannot be made", "Check free space and permissions.")
	}
	if err := replaceFile(conf.Path(), conf.text()); err != nil {
		return "", fault.Wrap(err, fault.Unavailable, "the SoftHSM2 configuration cannot be written", "Check free space and permissions.")
	}
	return conf.Path(), nil
}

func (c SoftHSMConf) text() string {
	return "directories.tokendir = " + c.Tokens() + "\n" +
		"objectstore.backend = file\n" +
		// Messages of the library would land in the middle of the console.
		"log.level = ERROR\n" +
		"slots.removable = false\n" +
		"slots.mechanisms = ALL\n" +
		"library.reset_on_fork = false\n"
}

// replaceFile writes beside and renames, so that another process that starts
// meanwhile never reads half a configuration.
func replaceFile(path, text string) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".softhsm2-*")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(f.Name()) }()
	if _, err := f.WriteString(text); err != nil {
		_ = f.Close()
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}
