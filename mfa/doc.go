// Package mfa holds what proves that a person is who they say: passwords
// (Argon2id), one-time codes (RFC 6238), recovery and enrolment codes, the
// throttle that slows guessing, the envelope that keeps a person's HSM PIN,
// and the keyring that keeps this machine's device key.
//
// A sign-in costs one Argon2id evaluation: its output, through HKDF with two
// labels, gives both the stored verifier and the secret that opens the PIN
// envelopes. Nothing stored gives one from the other.
//
// It refuses to keep state: the last accepted step, the failure counts and the
// hashes go in and come out as values, and package gate stores them. It opens
// no database and no HSM, decides no rights, and never says which factor was
// wrong. Only the keyring touches the disk, and only its own folder.
//
// What it cannot promise: pquerna/otp, rsc.io/qr, go-keyring and Argon2id's
// working memory take or make copies that cannot be wiped here; they live until
// the garbage collector reuses their memory.
package mfa
