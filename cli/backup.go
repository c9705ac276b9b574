package cli

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/strongroom/strongroom/gate"
	"github.com/strongroom/strongroom/internal/fault"
)

// toFile names a file that is written and not replaced unasked.
type toFile struct {
	path  string
	force bool
}

func (f *toFile) register(cmd *cobra.Command, what string) {
	cmd.Flags().StringVarP(&f.path, "file", "f", "", "write "+what+" to this `file`")
	cmd.Flags().BoolVar(&f.force, "force", false, "replace the file")
	require(cmd, "file")
}

func (f *toFile) check() error { return free(f.path, f.force) }

// write writes the file and says so.
func (a *app) write(f toFile, content []byte) error {
	if err := writeFile(f.path, content, f.force); err != nil {
		return err
	}
	sum := sha256.Sum256(content)
	var v view
	v.add("file", f.path)
	v.add("bytes", strconv.Itoa(len(content)))
	v.add("sha-256", hex.EncodeToString(sum[:]))
	return a.print(map[string]any{"file": f.path, "size": len(content), "sha256": hex.EncodeToString(sum[:])}, v)
}

func (a *app) backup(k kind) *cobra.Command {
	var f object
	var to toFile
	cmd := a.command("backup", "Back a "+string(k.id)+" up with all its versions, sealed to this installation", func(ctx context.Context, _ []string) error {
		if err := to.check(); err != nil {
			return err
		}
		return a.act(ctx, func(g *gate.Gate, s *gate.Session) error {
			sealed, err := g.Backup(ctx, s, k.id, f.ref())
			if err != nil {
				return err
			}
			return a.write(to, sealed)
		})
	})
	cmd.Long = "Back a " + string(k.id) + " up with all its versions. The file is sealed: only this installation's HSM\n" +
		"opens it. What has a key in the HSM cannot be backed up, for the key cannot leave."
	f.register(cmd)
	to.register(cmd, "the backup")
	return cmd
}

func (a *app) restore(k kind) *cobra.Command {
	var f inVault
	var file string
	cmd := a.command("restore", "Bring a backed-up "+string(k.id)+" back, under its old name", func(ctx context.Context, _ []string) error {
		sealed, err := readBackup(ctx, file)
		if err != nil {
			return err
		}
		return a.act(ctx, func(g *gate.Gate, s *gate.Session) error {
			o, err := g.Restore(ctx, s, k.id, f.vault, sealed)
			if err != nil {
				return err
			}
			return k.print(a, &o)
		})
	})
	cmd.Long = "Bring a backed-up " + string(k.id) + " back with all its versions, into its own vault or another one of\nthis installation. Its name must be free there."
	f.register(cmd)
	cmd.Flags().StringVarP(&file, "file", "f", "", "the backup's `file`")
	require(cmd, "file")
	return cmd
}

// readBackup reads a backup, which may be large and is no secret: it is sealed.
func readBackup(ctx context.Context, path string) (sealed []byte, err error) {
	f, err := openFile(path)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	sealed, err = interruptible(ctx, func() ([]byte, error) { return io.ReadAll(io.LimitReader(f, maxBackup+1)) })
	switch {
	case err != nil && ctx.Err() == nil:
		return nil, fileError(err, path)
	case err == nil && len(sealed) > maxBackup:
		return nil, fault.New(fault.Invalid, "the file "+quote(path)+" is too large for a backup", "name the file that backup wrote")
	}
	return sealed, err
}
