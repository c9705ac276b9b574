// Package hsm talks to a PKCS#11 token: it finds and loads a module, opens a
// token by label and serial, checks PINs, makes and imports keys that cannot
// leave, signs, encrypts, wraps keys, keeps small data objects and tells what
// the token is, holds and can do. Every request and every answer is a plain value: no handle, session
// or callback crosses the package's border, so that the module can live in
// another process without a change for the caller.
//
// # What it refuses to do
//
//   - It never addresses a token by slot number: slots move.
//   - It never initialises a token that is already initialised.
//   - It never makes a private or secret key that is extractable, and it
//     destroys a new key whose attributes read back differently from what was
//     asked.
//   - It never lets a caller's request use a key of [UsageWrap], which opens
//     data keys, nor [Token.Wrap] use a caller's: where the token knows
//     CKA_ALLOWED_MECHANISMS, it sees to that itself.
//   - It never encrypts what the token has not shown that it can decrypt, does
//     in software what a token lacks, or gives out as a standard's format what
//     is not: SoftHSM2's key wrap with padding loses lengths, and NSS's is
//     another format under the same number.
//   - It never takes a GCM nonce from a caller.
//   - It never tries a PIN twice on its own: a PIN that the token refuses while
//     a dead session is being replaced is forgotten, because a blind retry
//     locks tokens.
//   - It never finalises the module while a call is in flight, and never uses
//     one session from two goroutines: both kill the process inside the
//     vendor's library, where no recover helps.
//   - It does not know vaults, people, policies or the log.
//
// # What an HSM key can be
//
// A key is of one [KeyType] and has a set of [Usage]. An RSA pair may sign,
// decrypt and, for callers who take the padding off themselves, do the raw
// operation: a token that lacks a hash for OAEP needs it, and whoever sees its
// answers can sign with the key. An AES key may encrypt (GCM, CBC) and wrap
// (RFC 3394, RFC 5649). An HMAC key is of a type of its own, because tokens make
// no HMAC with an AES key: a symmetric key is made either to encrypt or to
// sign, and cannot be both. EC and Ed25519 pairs sign. No key derives, and no
// imported key opens data keys.
//
// What a token can do of that is tried, not read from its lists:
// [Token.Support] gives the table.
//
// # How it is built
//
// The binding is github.com/miekg/pkcs11 itself. The higher-level crypto11 was
// measured and left out: it panics on token errors in GCM, HMAC and CBC, puts
// dead sessions back into its pool for ever, accepts any PIN while another of
// its contexts is logged in, and offers no wrapping, unwrapping, token
// initialisation, data objects or attribute control.
//
// A [Module] is one C_Initialize, shared by everyone in the process who loads
// the same file. A [Token] owns a few goroutines, and each of them owns one
// session; requests reach them over a channel. A session that the token
// declares dead is replaced, with a fresh login, and a request whose call did
// nothing yet is run again once. When the token itself went away and came back,
// the module is finalised and initialised anew between two calls.
//
// A caller whose context ends gets its error at once; the goroutine stays with
// the C call until that returns, and then wipes or undoes what nobody waits
// for any more.
//
// # Limits
//
// PINs and unwrapped keys pass through C memory that the binding frees without
// wiping it. Code in the same process that closes sessions or finalises the
// module on its own, while calls run, crashes the vendor's library. A module
// whose call never returns holds up every repair of the same module. What is
// not there costs a few re-initialisations and up to 155 ms of pauses before it
// is called absent, because SoftHSM2 loses sight of tokens and objects while
// other processes write. Login state, SOFTHSM2_CONF and the module itself are process-wide;
// that is PKCS#11, not a choice.
package hsm
