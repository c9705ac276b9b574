// Package hsmtest gives tests a real token: SoftHSM2, in a directory of its own
// that goes with the test. Nothing here imitates a token.
//
// A process has one SoftHSM2 configuration, so tests that run at the same time
// share a directory, and each has a token of its own in it. The directory is
// made with the first token and removed with the last.
//
// [Conformance] is the suite that any token must pass to hold an installation.
package hsmtest
