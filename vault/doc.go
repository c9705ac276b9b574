// Package vault is the SQLite file: its schema and migrations, the stores of
// vaults, people, objects and their versions, the storage of the log, and the
// envelope encryption that binds each sealed value to its place.
//
// All changes pass [DB.Write]. One writer gathers waiting changes into one
// transaction (group commit), each in a savepoint of its own, and answers only
// after COMMIT with synchronous=FULL. A change and its log entry, appended with
// [Tx.Append], are in the same savepoint: both are there or neither is. Reads
// come from a pool of read-only connections, or from inside the change.
//
// It refuses to decide who may do what, to hold a plaintext, to talk to an HSM
// (callers bring a [Wrapper]), and to change or delete an entry of the log.
// Nothing else in the program imports a database driver; what is special to
// SQLite is in sqlite.go.
package vault
