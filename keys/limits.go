package keys

// The package's limits.
const (
	// MaxMessage is the most an algorithm that takes the message itself
	// signs, in bytes. The value is ours: such a message is held in memory.
	MaxMessage = 1 << 20
	// maxDER bounds a DER key that is parsed. RSA 4096 in PKCS #8 takes
	// about 2,400 bytes.
	maxDER = 8 << 10
	// maxPEM bounds a PEM key with its base64 and headers.
	maxPEM = 16 << 10
	// maxJWK bounds a JWK in JSON, private members included.
	maxJWK = 16 << 10
	// minExponent and maxExponent bound an RSA public exponent: FIPS 186-5
	// section A.1.1 wants more than 2^16; the standard library takes less
	// than 2^31.
	minExponent = 1<<16 + 1
	maxExponent = 1<<31 - 1
	// digestChunk is how much is read at a time, in bytes, when a digest is
	// streamed; progress is told after each.
	digestChunk = 256 << 10
)
