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
	// maxPlaintext is the most that one [Token.Encrypt] takes, in bytes, and
	// maxMessage the most that is signed where the token hashes.
	maxPlaintext = 1 << 20
	maxMessage   = 1 << 20
	// maxAAD bounds GCM's additional data, in bytes.
	maxAAD = 64 << 10
	// maxImport bounds a private key in PKCS #8: RSA-4096 takes about 2,400 bytes.
	maxImport = 8 << 10
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
	gcmTagSize   = gcmTagBits / 8
	aesBlock     = 16 // bytes

	defaultSessions = 4
	maxSessions     = 64
	defaultTimeout  = 60 * time.Second
	// leastDrain is how long Close waits for running calls, however short the
	// timeout of a request is.
	leastDrain = 5 * time.Second
	// maxAttempts bounds how often one request looks for a token that is not to
	// be seen, with the pauses of [backoff] between, 155 ms in all: SoftHSM2's
	// tokens vanish for moments while another process logs in. doubtAttempts
	// bounds how often a token that is there is asked again after a failure.
	maxAttempts   = 6
	doubtAttempts = 3
	firstPause    = 5 * time.Millisecond
	// renewPause is the least time between two re-initialisations of a module
	// that several open tokens share, so that one absent token does not keep
	// breaking the sessions of the others.
	renewPause = 50 * time.Millisecond
	// maxModuleSize bounds what is examined before it is loaded.
	maxModuleSize = 256 << 20
)

// backoff is the pause after the given attempt, counted from 1.
func backoff(attempt int) time.Duration { return firstPause << (attempt - 1) }
