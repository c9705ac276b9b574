// Package certs makes, describes and checks X.509 certificates (RFC 5280).
//
// A [Policy] says what a certificate shall be, with Azure Key Vault's names
// and defaults; [SelfSign] makes it with any crypto.Signer, so that the key
// may lie in an HSM, and checks its own work before the certificate leaves;
// [Describe] says in plain values what a certificate is.
//
// It keeps no key and no certificate, reads no clock and asks nobody's leave.
// It trusts no certificate either: whether one is trusted is for those who
// know whom to trust.
package certs
