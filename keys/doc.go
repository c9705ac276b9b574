// Package keys knows what a key is: its type, size and curve, the algorithms
// and operations that fit it, its public half in every usual notation, how
// software keys are made, imported, used and wiped.
//
// Names are those of Azure Key Vault, which are those of JOSE (RFC 7517,
// RFC 7518, RFC 8037, RFC 8812) with "-HSM" appended to the type of a key
// that is used only inside a hardware token, and "P-256K" for secp256k1.
// Signatures have the JWS form: ECDSA as r || s of fixed width.
//
// Two tables say what fits what: [Algorithms] for signatures and
// [EncryptionAlgorithms] for encryption and key wrapping. A bad signature is an
// answer and no error; a ciphertext that does not open is [ErrDecrypt],
// whatever is wrong with it.
//
// Keys that were made here are read back with [ParsePrivate]. Keys from
// elsewhere come through [ParsePrivatePEM], [ParsePrivateDER],
// [ParsePrivateJWK], [ParsePFX] and [BYOK.Unwrap], which look at them more
// closely; all of these are bounded and strict.
//
// It stores nothing, asks no token, checks no policy and no dates: package
// gate decides who may use a key, package hsm uses the keys of a token. It
// never makes in software what was asked for in hardware. It makes no GCM IV
// but its own, takes no RSA key that is weak, and gives no private key out in a
// form for others.
package keys
