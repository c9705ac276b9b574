// Package certs makes, describes and checks X.509 certificates (RFC 5280).
//
// A [Policy] says what a certificate shall be, with Azure Key Vault's names,
// defaults and JSON. [SelfSign] signs it with its own key; [MakeCSR] writes the
// request for it, and [OrderChain] finds its place in what comes back; an
// [Authority] signs certificates, revocation lists and OCSP responses. Keys come
// as crypto.Signer, so they may lie in an HSM. A throwaway key signs first and
// zlint reads what it signed; then the real key signs the same bytes, and the
// result is checked again before it leaves. [ParsePFX] and [ParsePEM] read a key
// and its chain, [Bundle] writes both; [Describe] says in plain values what a
// certificate is, and [DueForRenewal] when its time has come.
//
// It keeps no key, no certificate, no list of what was issued or revoked and no
// count of its lists; it reads no clock, opens no connection and asks nobody's
// leave. It trusts no certificate either: whether one is trusted is for those
// who know whom to trust.
package certs
