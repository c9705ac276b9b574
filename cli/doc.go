// Package cli is the command line: a tree of commands, each a thin door to one
// act of the gate. It reads flags, files and what is typed, and prints the
// answer as an aligned table or, with --json, in the field names of Azure Key
// Vault's REST bodies.
//
// It decides nothing and stores nothing. It takes no secret as an argument,
// because arguments are seen by every user of the machine and kept in the
// shell's history: values come from a file, from standard input or from a
// prompt without echo. Whatever is printed on a terminal is free of control
// characters, so that a stored name cannot drive it.
//
// Errors are two lines on standard error, the problem and a hint; exit codes
// are 0 done, 1 failed, 2 wrong usage or input, 3 refused by policy and 4
// verification failed.
package cli
