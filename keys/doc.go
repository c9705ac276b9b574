// Package keys knows what a key is: its type, size and curve, the algorithms
// and operations that fit it, its public half in every usual notation, and
// how software keys are made, used and wiped.
//
// Names are those of Azure Key Vault, which are those of JOSE (RFC 7517,
// RFC 7518, RFC 8037, RFC 8812) with "-HSM" appended to the type of a key
// that is used only inside a hardware token, and "P-256K" for secp256k1.
// Signatures have the JWS form: ECDSA as r || s of fixed width.
//
// It stores nothing, asks no token, checks no policy and no dates: package
// gate decides who may use a key, package hsm uses the keys of a token. It
// never makes in software what was asked for in hardware.
package keys
