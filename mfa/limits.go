package mfa

import "time"

// The limits of this package in one place. Those with a source name it; the
// others are arbitrary but have to be something.
const (
	// MinPasswordRunes is above the 8 of NIST SP 800-63B because a password
	// here also guards the PIN envelope against offline guessing.
	MinPasswordRunes = 12
	// MaxPasswordRunes is above the 64 that NIST SP 800-63B asks to allow.
	MaxPasswordRunes = 256
	// maxPasswordBytes bounds what is hashed: the longest UTF-8 form.
	maxPasswordBytes = 4 * MaxPasswordRunes

	// The floor is OWASP's second Argon2id choice.
	minMemoryKiB = 19 * 1024
	minTime      = 2
	minThreads   = 1
	// The ceiling keeps a doctored row from eating the machine: at most 1 GiB,
	// and passes times memory for about 15 s on one core.
	maxMemoryKiB = 1024 * 1024
	maxTime      = 64
	maxThreads   = 16
	maxWork      = 4 * 1024 * 1024 // KiB times passes

	saltSize     = 16 // bytes, RFC 9106 section 3.1
	argonSize    = 32 // bytes of Argon2id output
	verifierSize = 32 // bytes
	stretchSize  = 32 // bytes
	maxPHC       = 160

	// SeedSize is the size of a TOTP seed in bytes: the 160 bits that RFC 4226
	// section 4 (R6) recommends.
	SeedSize = 20
	// maxSeedSize is one SHA-1 block; HMAC would hash longer keys first.
	maxSeedSize = 64
	// CodeDigits is the length of a one-time code.
	CodeDigits = 6
	// Period is how long a one-time code lives, RFC 6238 section 4.1.
	Period = 30 * time.Second
	// window is how many steps before and after now are accepted, RFC 6238
	// section 5.2: one each way covers a clock 30 s off.
	window       = 1
	maxIssuer    = 32  // characters; a long one makes the QR outgrow 80x24
	maxAccount   = 64  // characters
	maxQRContent = 512 // bytes

	// RecoveryCodes is how many recovery codes a person gets.
	RecoveryCodes    = 10
	maxRecoveryCodes = 32
	// maxFailures stops the count of a throttle long before it overflows.
	maxFailures  = 1_000_000
	codeBytes    = 10 // 80 bits: 16 symbols of base32
	codeSymbols  = 16
	maxTypedCode = 64 // characters of a typed code, separators included

	// DeviceKeySize is the size of the device key in bytes.
	DeviceKeySize = 32
	// MaxPIN is the longest HSM PIN in bytes; SoftHSM and the usual HSMs stop
	// at or below 255.
	MaxPIN          = 255
	envelopeSalt    = 32
	maxBindingField = 255

	// maxEntry is the largest value the keyring takes, in bytes. Windows stops
	// at 2560 and macOS near 3000, in base64 and with the names.
	maxEntry      = 1024
	maxEntryName  = 100
	maxService    = 100
	keyringLimit  = 3 * time.Second
	lockRetryTime = 20 * time.Millisecond
)
