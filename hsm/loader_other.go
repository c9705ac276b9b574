//go:build !unix

package hsm

// loadable leaves the judgement to the binding on systems without dlopen.
func loadable(string) error { return nil }
