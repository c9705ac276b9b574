// Package install puts an installation together: the home directory, the
// database, the HSM module and token, the keyring, and the gate over them. It
// makes new installations, opens existing ones, keeps the command line's login
// ticket, and examines an installation for doctor.
//
// It carries out no act and decides nothing; all that is the gate's.
package install
