package mfa

import (
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/internal/secret"
)

// withNormalForm calls f with the password in Unicode's NFKC and wipes that
// form afterwards. NIST SP 800-63B asks for it: the same characters typed on
// two systems arrive as different code points. Bytes that are not UTF-8 stay
// as they are.
func withNormalForm(password *secret.Bytes, f func([]byte)) error {
	return password.RevealErr(func(b []byte) error {
		if len(b) > maxPasswordBytes {
			return fault.New(fault.Invalid, "the password is too long", "type a password of 12 to 256 characters")
		}
		if !utf8.Valid(b) || norm.NFKC.IsNormal(b) {
			f(b)
			return nil
		}
		// NFKC grows UTF-8 at most elevenfold (Unicode TR 15, section 14), so
		// that the append below never moves and leaves no copy behind.
		out := norm.NFKC.Append(make([]byte, 0, 11*len(b)), b...)
		defer clear(out)
		f(out)
		return nil
	})
}
