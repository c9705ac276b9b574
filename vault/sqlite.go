package vault

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"

	"github.com/strongroom/strongroom/internal/fault"
	"modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"
)

// What is special to SQLite stands in this file: the driver, how a connection
// is opened, the commands that other engines spell differently, and the error
// codes.

// driverName is how modernc.org/sqlite registers itself.
const driverName = "sqlite"

// applicationID marks a database file as Strongroom's ("SRVt").
const applicationID = 0x53525674

// Commands that are SQLite's own, or whose effect is.
const (
	sqlBegin    = `BEGIN IMMEDIATE`
	sqlNoWait   = `PRAGMA busy_timeout = 0`
	sqlView     = `BEGIN`
	sqlCommit   = `COMMIT`
	sqlRollback = `ROLLBACK`
	sqlSave     = `SAVEPOINT act`
	sqlKeep     = `RELEASE act`
	sqlTakeBack = `ROLLBACK TO act`
	sqlVersion  = `PRAGMA user_version`
	sqlOwner    = `PRAGMA application_id`
	sqlTables   = `SELECT count(*) FROM sqlite_schema`
	sqlChanges  = `PRAGMA schema_version`
	sqlCheck    = `PRAGMA quick_check(1)`
	sqlCopy     = `VACUUM INTO ?`
)

// sqlSchema reads the whole schema with its version and the count of its
// changes.
const sqlSchema = `SELECT s.type, s.name, s.tbl_name, coalesce(s.sql, ''), v.user_version, c.schema_version
	FROM sqlite_schema AS s, pragma_user_version AS v, pragma_schema_version AS c`

// statistics reports whether SQLite itself keeps this table beside those that
// were asked for: ANALYZE's and AUTOINCREMENT's. Nothing but a table of exactly
// this form passes as one.
func (o schemaObject) statistics() bool {
	switch o.definition {
	case `CREATE TABLE sqlite_stat1(tbl,idx,stat)`:
		return o.kind == "table" && o.name == "sqlite_stat1"
	case `CREATE TABLE sqlite_stat4(tbl,idx,neq,nlt,ndlt,sample)`:
		return o.kind == "table" && o.name == "sqlite_stat4"
	case `CREATE TABLE sqlite_sequence(name,seq)`:
		return o.kind == "table" && o.name == "sqlite_sequence"
	}
	return false
}

// openMemory opens a database that is in no file.
func openMemory() (*sql.DB, error) {
	db, err := sql.Open(driverName, "file::memory:?_dqs=0")
	if err == nil {
		db.SetMaxOpenConns(1) // each connection is a database of its own
	}
	return db, mapError(err)
}

// openWriter opens the one connection that changes the file. synchronous=FULL
// because an acknowledged act must survive a power cut; defensive, no quoted
// identifiers as strings, and no trust in the schema because whoever can edit
// the file must not get code run.
func openWriter(path string) (*sql.DB, error) {
	db, err := openFile(path, "rw", "journal_mode(WAL)", "synchronous(FULL)", "secure_delete(1)")
	if err == nil {
		db.SetMaxOpenConns(1)
	}
	return db, err
}

// openReaders opens the pool of read-only connections.
func openReaders(path string) (*sql.DB, error) {
	db, err := openFile(path, "ro")
	if err == nil {
		db.SetMaxOpenConns(readers)
		db.SetMaxIdleConns(readers)
	}
	return db, err
}

func openFile(path, mode string, pragmas ...string) (*sql.DB, error) {
	// Without this, any close of the file elsewhere in the process drops
	// SQLite's locks. It fails where the system has no such locks; the
	// ordinary ones serve there.
	_, _ = sqlite.OFDLocking(true)
	q := url.Values{"mode": {mode}, "_defensive": {"1"}, "_dqs": {"0"}, "_txlock": {"immediate"}}
	q.Set("_busy_timeout", fmt.Sprint(busyWait.Milliseconds()))
	q["_pragma"] = append(pragmas, "foreign_keys(1)", "trusted_schema(0)", "cell_size_check(1)", "mmap_size(0)")
	name := url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath(), RawQuery: q.Encode()}
	db, err := sql.Open(driverName, name.String())
	return db, mapError(err)
}

func sqlSetVersion(n int) string { return fmt.Sprintf("PRAGMA user_version = %d", n) }

func sqlSetOwner() string { return fmt.Sprintf("PRAGMA application_id = %d", applicationID) }

// sqlContains gives the term that a column contains the argument. LIKE would be
// plain SQL, but needs escapes and is a quarter slower.
func sqlContains(column string) string { return "instr(" + column + ", ?) > 0" }

// code gives the driver's extended result code, or 0.
func code(err error) int {
	var e *sqlite.Error
	if errors.As(err, &e) {
		return e.Code()
	}
	return 0
}

// primary gives the result code without its extension.
func primary(err error) int { return code(err) & 0xff }

// mapError turns the driver's errors into faults. Faults pass unchanged.
func mapError(err error) error {
	var known *fault.Error
	if err == nil || errors.As(err, &known) {
		return err
	}
	switch primary(err) {
	case lib.SQLITE_BUSY, lib.SQLITE_LOCKED:
		return fault.Wrap(err, fault.Unavailable, "the database is locked by another program", "wait for it to finish, then try again")
	case lib.SQLITE_FULL:
		return fault.Wrap(err, fault.Unavailable, "the disk is full, so nothing was changed", "free some space, then try again")
	case lib.SQLITE_CORRUPT, lib.SQLITE_NOTADB:
		return fault.Wrap(err, fault.Unavailable, "the database is damaged", "put a backup in its place; the damaged file may still help an expert, so keep it")
	case lib.SQLITE_READONLY, lib.SQLITE_PERM, lib.SQLITE_CANTOPEN:
		return fault.Wrap(err, fault.Unavailable, "the database cannot be opened for writing", "check who owns the file and its folder")
	case lib.SQLITE_IOERR:
		return fault.Wrap(err, fault.Unavailable, "the disk failed while the database was in use", "check the disk, then try again")
	case lib.SQLITE_CONSTRAINT:
		return fault.Wrap(err, fault.Conflict, "the database refused the change, because a rule of its own forbids it", "")
	}
	if primary(err) == lib.SQLITE_INTERRUPT || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return fault.Wrap(err, fault.Canceled, "the question was cancelled", "")
	}
	return fault.Wrap(err, fault.Internal, "the database gave an unexpected answer", "")
}

// taken names the problem when err says that a row with this key exists, or
// that a trigger guards it.
func taken(err error, problem, hint string) error {
	switch code(err) {
	case lib.SQLITE_CONSTRAINT_UNIQUE, lib.SQLITE_CONSTRAINT_PRIMARYKEY, lib.SQLITE_CONSTRAINT_ROWID,
		lib.SQLITE_CONSTRAINT_TRIGGER:
		return fault.Wrap(err, fault.Conflict, problem, hint)
	}
	return err
}

// busy reports whether another process holds the file.
func busy(err error) bool { return primary(err) == lib.SQLITE_BUSY }

// fatal reports whether SQLite may have rolled back the whole transaction by
// itself, so that a next statement would commit alone
// (sqlite.org/lang_transaction.html, "response to errors").
func fatal(err error) bool {
	switch primary(err) {
	case lib.SQLITE_FULL, lib.SQLITE_IOERR, lib.SQLITE_NOMEM, lib.SQLITE_BUSY, lib.SQLITE_INTERRUPT,
		lib.SQLITE_CORRUPT, lib.SQLITE_NOTADB, lib.SQLITE_READONLY:
		return true
	}
	return false
}
