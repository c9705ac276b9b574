package vault

import "time"

// Sizes of values, in bytes.
const (
	// MaxSecretSize is the largest secret value, as in Azure Key Vault. The
	// caller enforces it; the record layer allows more, for keys.
	MaxSecretSize = 25 * 1024
	// MaxPlaintext is the most that one record seals.
	MaxPlaintext = 64 * 1024
	// MaxWrapped is the most that a wrapped data key may take: RSA-4096
	// needs 512, with some room for the wrapper's own header.
	MaxWrapped = 2 * 1024
	// MaxRecord is the largest record that [Unseal] reads.
	MaxRecord = MaxPlaintext + MaxWrapped + 512
	// maxIdentityField bounds each field of an [Identity] and the name of a
	// master key inside a record.
	maxIdentityField = 255
)

// Limits of what an object carries.
const (
	// MaxTags and MaxTagLength follow Azure Key Vault; the length counts
	// characters of a tag's name, and of its value.
	MaxTags      = 15
	MaxTagLength = 256
	// MaxContentType counts characters.
	MaxContentType = 255
	// MaxNote counts the characters of the note on an object's owner.
	MaxNote = 500
	// MinRetention and MaxRetention bound the days that a deleted object
	// stays, as in Azure Key Vault.
	MinRetention = 7
	MaxRetention = 90
	// MaxPolicy bounds a stored rotation policy in bytes.
	MaxPolicy = 2 * 1024
)

// Limits of pages and of the writer.
const (
	// DefaultPage is the page size where a query gives none.
	DefaultPage = 50
	// MaxPage is the largest page that a query may ask for.
	MaxPage = 1000
	// maxPrefixes bounds the name prefixes of one query.
	maxPrefixes = 64
	// maxFilter bounds a filter's length in bytes.
	maxFilter = 128
	// maxSchemaName bounds, in characters, how much of a name that somebody
	// else gave stands in an error.
	maxSchemaName = 64

	// defaultBatch is how many changes share one COMMIT at most.
	defaultBatch = 128
	// busyWait is how long opening, and a read, wait for another process.
	busyWait = 10 * time.Second
	// lockTries and lockPause bound how long a change waits for another
	// process: about 10 seconds.
	lockTries = 5000
	lockPause = 2 * time.Millisecond
	// readers is the size of the pool of read-only connections.
	readers = 4
	// maxStatements bounds the writer's cache of prepared statements.
	maxStatements = 256
)
