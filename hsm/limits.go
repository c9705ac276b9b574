package hsm

import "time"

// Limits of this package, all in one place. Where no standard gives a value it
// is arbitrary and says so by being round.
const (
	// keyIDSize is the length of CKA_ID in bytes; a [KeyID] is its hex form.
	keyIDSize = 16
	// maxLabel is CK_TOKEN_INFO's label field, and our limit for object labels
	// is the same order.
	maxTokenLabel  = 32
	maxObjectLabel = 255
	// minPIN and maxPIN bound a PIN in bytes before any token sees it. A token
	// may be stricter (openCryptoki: 4 to 8).
	minPIN = 4
	maxPIN = 255
	// maxWrapData is the largest plaintext that [Token.Wrap] takes, in bytes.
	maxWrapData = 4096
	// maxWrapped is the largest blob that [Token.Unwrap] takes, in bytes.
	maxWrapped = maxWrapData + 512
	// maxData is the largest data object, in bytes.
	maxData = 64 << 10
	// maxRandom is the most random bytes of one request.
	maxRandom = 64 << 10
	// maxObjects bounds one enumeration.
	maxObjects = 100_000
	// findBatch is how many handles one C_FindObjects asks for.
	findBatch = 256

	// gcmNonceSize is NIST SP 800-38D's recommended length, in bytes.
	gcmNonceSize = 12
	gcmTagBits   = 128

	defaultSessions = 4
	maxSessions     = 64
	defaultTimeout  = 60 * time.Second
	// leastDrain is how long Close waits for running calls, however short the
	// timeout of a request is.
	leastDrain = 5 * time.Second
	// maxAttempts bounds how often one request meets the token: once, once
	// more after its session was replaced, once more after the module was
	// initialised anew.
	maxAttempts = 3
	// renewPause is the least time between two re-initialisations of a module,
	// so that one absent token does not keep breaking the sessions of others.
	renewPause = 500 * time.Millisecond
	// maxModuleSize bounds what is examined before it is loaded.
	maxModuleSize = 256 << 20
)
