//go:build !unix

package hsm

// trusted leaves the judgement to the file system's own rights where there are
// no owners and modes.
func trusted(string) error { return nil }
