package vault

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"regexp"
	"strconv"

	"github.com/strongroom/strongroom/audit"
	"github.com/strongroom/strongroom/internal/fault"
)

// ActionMigrate is the log's action for a change of the schema. The entry's
// parameters are from, to, step and copy.
const ActionMigrate = "database/migrate"

// migration is one step of the schema; steps are applied in order, each once.
type migration struct {
	name   string // 0002_retention
	script string
}

var (
	errNewer   = fault.New(fault.Unsupported, "the database was written by a newer Strongroom", "use that version or a newer one; this one cannot read it safely")
	errForeign = fault.New(fault.Unavailable, "the file is not a Strongroom database", "check the path")
	errEmpty   = fault.New(fault.NotFound, "the database is empty: its set-up was broken off", "run the set-up again")
	errInUse   = fault.New(fault.Conflict, "there is already a database here", "open it, or choose another folder")
)

var migrationName = regexp.MustCompile(`^([0-9]{4})_[a-z0-9_]+\.sql$`)

// loadMigrations reads migrations/NNNN_name.sql, which must count from 1
// without a gap.
func loadMigrations(files fs.FS) ([]migration, error) {
	entries, err := fs.ReadDir(files, "migrations")
	if err != nil {
		return nil, fault.Wrap(err, fault.Internal, "the program holds no database schema", "")
	}
	steps := make([]migration, 0, len(entries))
	for i, e := range entries {
		m := migrationName.FindStringSubmatch(e.Name())
		if m == nil || m[1] != fmt.Sprintf("%04d", i+1) {
			return nil, fault.New(fault.Internal, "the program's database schema has a gap at "+e.Name(), "")
		}
		script, err := fs.ReadFile(files, path.Join("migrations", e.Name()))
		if err != nil {
			return nil, fault.Wrap(err, fault.Internal, "the program's database schema cannot be read", "")
		}
		steps = append(steps, migration{name: e.Name()[:len(e.Name())-len(".sql")], script: string(script)})
	}
	return steps, nil
}

// inspect reads the schema's version, and checks the schema, through a
// read-only connection, so that a file that is refused stays as it is.
func inspect(ctx context.Context, path string, rules *schemaGuard) (version int, err error) {
	pool, err := openReaders(path)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, mapError(pool.Close())) }()
	r := Reader{newPoolSource(pool)}
	version, err = identifyFile(ctx, r, len(rules.steps))
	if err == nil {
		err = rules.check(ctx, r)
	}
	return version, err
}

func identifyFile(ctx context.Context, r Reader, newest int) (int, error) {
	owner, err := r.number(ctx, sqlOwner)
	if err != nil {
		return 0, err
	}
	tables, err := r.number(ctx, sqlTables)
	if err != nil {
		return 0, err
	}
	version, err := r.number(ctx, sqlVersion)
	switch {
	case err != nil:
		return 0, err
	case owner == 0 && tables == 0:
		return 0, errEmpty
	case owner != applicationID:
		return 0, errForeign
	case version > int64(newest):
		return 0, errNewer
	}
	return int(version), nil
}

// SchemaVersion gives the number of the last migration that was applied.
func (r Reader) SchemaVersion(ctx context.Context) (int, error) {
	n, err := r.number(ctx, sqlVersion)
	return int(n), err
}

// initialise applies the whole schema to an empty file. There is no log entry:
// the log begins when the installation is set up.
func (w *writer) initialise(ctx context.Context, steps []migration) error {
	if err := w.lock(); err != nil {
		return err
	}
	w.rules = newSchemaGuard(steps)
	err := w.fill(ctx, steps)
	if err == nil {
		err = w.command(sqlCommit)
	}
	if err != nil {
		w.abandon()
	}
	return err
}

func (w *writer) fill(ctx context.Context, steps []migration) error {
	_, err := identifyFile(ctx, w.reader(), len(steps))
	if err == nil {
		return errInUse
	}
	if !errors.Is(err, errEmpty) {
		return err
	}
	for _, step := range steps {
		if err := w.script(ctx, step.script); err != nil {
			return err
		}
	}
	return w.script(ctx, sqlSetOwner()+";"+sqlSetVersion(len(steps)))
}

// script runs several statements.
func (w *writer) script(ctx context.Context, text string) error {
	_, err := w.conn.ExecContext(context.WithoutCancel(ctx), text)
	return mapError(err)
}

// migrate copies the file, then applies what it lacks, one transaction a step.
func (w *writer) migrate(ctx context.Context, path string, steps []migration) error {
	version, err := w.reader().SchemaVersion(ctx)
	if err != nil {
		return err
	}
	backup := path + ".before-" + strconv.Itoa(version+1)
	if err := w.copyTo(ctx, backup); err != nil {
		return err
	}
	for to := version + 1; to <= len(steps); to++ {
		if err := w.step(ctx, steps[to-1], to, backup); err != nil {
			return err
		}
	}
	return nil
}

// step applies migration number to, with its log entry, unless another process
// has done so meanwhile.
func (w *writer) step(ctx context.Context, m migration, to int, backup string) error {
	if err := w.begin(); err != nil {
		return err
	}
	tx := newTx(ctx, w)
	err := tx.migrateTo(m, to, backup)
	if err == nil {
		err = w.commit()
	}
	if err != nil {
		w.abandon()
	}
	w.forget()
	return err
}

func (tx *Tx) migrateTo(m migration, to int, backup string) error {
	version, err := tx.SchemaVersion(tx.ctx)
	if err != nil || version >= to {
		return err
	}
	if err := tx.w.script(tx.ctx, m.script+";"+sqlSetVersion(to)); err != nil {
		return err
	}
	return tx.logMigration(m, to, backup)
}

func (tx *Tx) logMigration(m migration, to int, backup string) error {
	home, err := tx.Installation(tx.ctx)
	if errors.Is(err, ErrNoInstallation) {
		return nil // the log has not begun
	}
	if err != nil {
		return err
	}
	id, err := tx.w.newID()
	if err != nil {
		return err
	}
	_, err = tx.Append(audit.Draft{
		ID: id, Installation: home.ID, Actor: audit.Party{Name: "strongroom"}, Source: audit.SourceSystem,
		Action: ActionMigrate, Resource: audit.Target{Kind: "database"}, Outcome: audit.Done,
		Params: map[string]string{
			"from": strconv.Itoa(to - 1), "to": strconv.Itoa(to), "step": m.name, "copy": path.Base(backup),
		},
	})
	return err
}

// copyTo writes a compacted copy of the file, durable and closed to others,
// under its final name only when it is whole.
func (w *writer) copyTo(ctx context.Context, target string) error {
	partial := target + ".partial"
	if err := os.Remove(partial); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return copyFailed(err)
	}
	if err := makeFile(partial); err != nil {
		return err
	}
	if _, err := w.conn.ExecContext(ctx, sqlCopy, partial); err != nil {
		return mapError(err)
	}
	if err := syncFile(partial); err != nil {
		return copyFailed(err)
	}
	if err := os.Rename(partial, target); err != nil {
		return copyFailed(err)
	}
	return syncFolder(target)
}

func copyFailed(err error) error {
	return fault.Wrap(err, fault.Unavailable, "the copy of the database before its change cannot be written", "free some space and check who owns the folder")
}

func syncFile(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
