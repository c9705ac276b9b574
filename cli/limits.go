package cli

import "time"

// The limits of what the command line reads.
const (
	// maxLine bounds a typed line: a password, a code, a PIN.
	maxLine = 4 << 10
	// maxValue bounds what is read as a secret's value. It lies above the
	// gate's limit, so that the gate can say by how much a value exceeds it.
	maxValue = 1 << 20
	// maxSignature bounds a signature file: RSA 4096 takes 512 bytes.
	maxSignature = 4 << 10
	// maxDetached bounds a report's detached signature.
	maxDetached = 16 << 10
	// maxBackup bounds an object's backup, as the gate does.
	maxBackup = 32 << 20
	// maxPolicy bounds a rotation policy as JSON.
	maxPolicy = 16 << 10
	// pageSize is how many objects a list asks the gate for at once.
	pageSize = 500
	// maxTerminalLine bounds one printed field of a table, in bytes.
	maxTerminalLine = 4 << 10
	// progressFrom is the size of a file from which on reading it shows
	// progress on a terminal.
	progressFrom = 8 << 20
	// closing is how long letting go of an installation may take after the
	// command was interrupted.
	closing = 10 * time.Second
)
