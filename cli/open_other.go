//go:build !unix

package cli

// noWait is of no use where files do not wait.
const noWait = 0
