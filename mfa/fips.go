package mfa

import "crypto/fips140"

// withoutFIPSEnforcement lets one-time codes work under GODEBUG=fips140=only:
// RFC 6238's HMAC-SHA-1 is not approved there, and every authenticator app
// needs it. HMAC does not lean on collision resistance, which SHA-1 lost.
func withoutFIPSEnforcement(f func()) { fips140.WithoutEnforcement(f) }
