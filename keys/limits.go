package keys

// The package's limits.
const (
	// MaxMessage is the most an algorithm that takes the message itself
	// signs, in bytes. The value is ours: such a message is held in memory.
	// It bounds plaintexts and additional data too.
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
	// maxPFX bounds a PFX file: a key and a chain of certificates.
	maxPFX = 256 << 10
	// maxPFXIterations bounds the work that a PFX file asks for. OpenSSL
	// writes 2,048, Windows 2,000, Java 10,000; OWASP's advice for PBKDF2 of
	// 2023 is 600,000.
	maxPFXIterations = 2_000_000
	// maxPFXPassword bounds a PFX password, in bytes.
	maxPFXPassword = 1024
	// maxBYOK bounds a key transfer blob in JSON.
	maxBYOK = 32 << 10
	// maxSSHComment bounds the comment of an SSH public key, in bytes.
	maxSSHComment = 256
	// minKnownSize is the least length, in bytes, that can be told for a key
	// under RSA1_5: shorter ones can be tried out (see
	// rsa.DecryptPKCS1v15SessionKey).
	minKnownSize = 16
	// digestChunk is how much is read at a time, in bytes, when a digest is
	// streamed; progress is told after each.
	digestChunk = 256 << 10
)
