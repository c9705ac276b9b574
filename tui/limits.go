package tui

import "time"

const (
	// tick is how often the console looks at the clock.
	tick = time.Second
	// progressEvery is how often work in the background reports.
	progressEvery = 200 * time.Millisecond
	// pollEvery is how often the HSM is asked whether it answers.
	pollEvery = 30 * time.Second
	// patience is how long the HSM may take to answer that.
	patience = 10 * time.Second
	// toastFor is how long a notice stays.
	toastFor = 6 * time.Second
	// clipboardFor is how long a copied secret may lie on the clipboard.
	clipboardFor = 30 * time.Second
	// farewell is how long signing out may take at exit.
	farewell = 10 * time.Second
	// maxSuggestions bounds the file names offered while a path is typed.
	maxSuggestions = 20
	// maxListed bounds how much of a folder is read for them.
	maxListed = 2000
	// summaryEntries is how many entries of the log the strip of hours counts.
	summaryEntries = 500
	// maxGreyed bounds the vaults whose permissions are read ahead.
	maxGreyed = 200
)
