// Package tui is the console's shell: one root model with a login session, a
// stack of screens, a stack of dialogs, work in the background and a status
// line. Its screens are package views'.
//
// It turns what a screen wants (an intent) into a call of the gate that runs
// as a command, outside Update, and hands the answer to the screen that asked;
// an answer that comes after its screen has gone, or after a lock, is dropped
// and wiped. It keeps the time: idle lock, the end of what is revealed, the
// clearing of the clipboard. It reads and writes the files that people name.
//
// It refuses to decide anything: what it greys out comes from the gate, which
// decides again. It keeps no password, code or value longer than the call that
// needs it, and puts none into the window's title or the terminal's
// scroll-back.
//
// A new screen needs one line in the router (route.go), a new intent one line
// in the table of calls (calls.go).
package tui
