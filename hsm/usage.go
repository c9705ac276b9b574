package hsm

import (
	"fmt"
	"slices"
	"strings"

	"github.com/miekg/pkcs11"

	"github.com/strongroom/strongroom/internal/fault"
)

// Usage is what a key is for: one use, or several joined with |. The token
// grants the key's attributes nothing else, for good: they cannot be changed
// later, so a key whose uses may grow is made with all that it may ever need,
// and who may do what today is the caller's to say.
type Usage uint8

// Usages.
const (
	// UsageWrap is for [Token.Wrap] and [Token.Unwrap]: an AES or RSA key that
	// opens data keys of this program. It combines with nothing.
	UsageWrap Usage = 1 << iota
	// UsageSign is for [Token.Sign] and [Token.Verify]: an EC, Ed25519 or RSA
	// key pair, or an HMAC key.
	UsageSign
	// UsageEncrypt is for [Token.Encrypt] and [Token.Decrypt]: an AES key, or
	// an RSA key pair.
	UsageEncrypt
	// UsageWrapKeys is for Encrypt and Decrypt by [AESKW] and [AESKWP]: an AES
	// key.
	UsageWrapKeys
	// UsageRaw lets an RSA key of UsageEncrypt do [RSARaw] too. Whoever sees
	// what a raw operation gives can make the key sign whatever he likes, so it
	// is for callers who take the padding off and show nobody the rest.
	UsageRaw

	usageEnd
)

// Has reports whether every one of the given uses is among u.
func (u Usage) Has(some Usage) bool { return some != 0 && u&some == some }

func usageNames() []string { return []string{"wrap", "sign", "encrypt", "wrap-keys", "raw"} }

// String gives the uses' names with "+" between: "sign+encrypt"; "none" for 0.
func (u Usage) String() string {
	var words []string
	for i, name := range usageNames() {
		if u&(1<<i) != 0 {
			words = append(words, name)
		}
	}
	if u >= usageEnd {
		words = append(words, fmt.Sprintf("0x%x", uint8(u&^(usageEnd-1))))
	}
	if len(words) == 0 {
		return "none"
	}
	return strings.Join(words, "+")
}

// MarshalText is String.
func (u Usage) MarshalText() ([]byte, error) { return []byte(u.String()), nil }

// UnmarshalText reads what MarshalText writes.
func (u *Usage) UnmarshalText(text []byte) error {
	if string(text) == "none" {
		*u = 0
		return nil
	}
	var all Usage
	for word := range strings.SplitSeq(string(text), "+") {
		i := slices.Index(usageNames(), word)
		if i < 0 {
			return fault.New(fault.Invalid, "there is no such use of an HSM key", "Use "+strings.Join(usageNames(), ", ")+".")
		}
		all |= 1 << i
	}
	*u = all
	return nil
}

// fits reports whether a key of this type can have the usage.
func (t KeyType) fits(u Usage) bool {
	_, ec := t.curve()
	within := func(possible Usage) bool { return u != 0 && u&^possible == 0 }
	switch {
	case u&UsageWrap != 0:
		return u == UsageWrap && (t.aesBytes() > 0 || t.rsaBits() > 0)
	case t.aesBytes() > 0:
		return within(UsageEncrypt | UsageWrapKeys)
	case t.rsaBits() > 0:
		return within(UsageSign|UsageEncrypt|UsageRaw) && (u&UsageRaw == 0 || u&UsageEncrypt != 0)
	case ec || t == Ed25519 || t.hmacBytes() > 0:
		return u == UsageSign
	default:
		return false
	}
}

// mechanisms gives what a key of this type may be used with, for
// CKA_ALLOWED_MECHANISMS. A token that knows the attribute keeps to it, and
// shows by it what a key is for where the other attributes do not tell: a
// master key and a caller's AES key may both encrypt and decrypt.
func (t KeyType) mechanisms(u Usage, method WrapMethod) []uint {
	if u == UsageWrap {
		return t.wrapMechanisms(method)
	}
	var all []uint
	_, ec := t.curve()
	for _, m := range []struct {
		yes        bool
		mechanisms []uint
	}{
		{ec, []uint{pkcs11.CKM_ECDSA}},
		{t == Ed25519, []uint{ckmEdDSA}},
		{t.hmacBytes() > 0, []uint{pkcs11.CKM_SHA256_HMAC, pkcs11.CKM_SHA384_HMAC, pkcs11.CKM_SHA512_HMAC}},
		{t.rsaBits() > 0, []uint{pkcs11.CKM_RSA_PKCS}}, // signs and opens
		{t.rsaBits() > 0 && u.Has(UsageSign), []uint{pkcs11.CKM_RSA_PKCS_PSS}},
		{t.rsaBits() > 0 && u.Has(UsageEncrypt), []uint{pkcs11.CKM_RSA_PKCS_OAEP}},
		{t.rsaBits() > 0 && u.Has(UsageRaw), []uint{pkcs11.CKM_RSA_X_509}},
		{t.aesBytes() > 0 && u.Has(UsageEncrypt), []uint{pkcs11.CKM_AES_GCM, pkcs11.CKM_AES_CBC, pkcs11.CKM_AES_CBC_PAD}},
		{t.aesBytes() > 0 && u.Has(UsageWrapKeys), []uint{pkcs11.CKM_AES_KEY_WRAP, pkcs11.CKM_AES_KEY_WRAP_PAD, ckmKWP}},
	} {
		if m.yes {
			all = append(all, m.mechanisms...)
		}
	}
	return all
}

func (t KeyType) wrapMechanisms(method WrapMethod) []uint {
	switch {
	case t.rsaBits() > 0:
		return []uint{pkcs11.CKM_RSA_PKCS_OAEP}
	case method == WrapAESGCM:
		return []uint{pkcs11.CKM_AES_GCM}
	default:
		return []uint{pkcs11.CKM_AES_KEY_WRAP_PAD, ckmKWP}
	}
}

// usageOf gives the uses that the attributes allow. Where the token does not
// tell the allowed mechanisms, a key that opens and does nothing else may be
// one of this program's wrapping keys or a caller's, and reads as both.
func usageOf(a attributes, allowed []uint) Usage {
	may := func(m uint) bool { return len(allowed) == 0 || slices.Contains(allowed, m) }
	var u Usage
	add := func(use Usage, right bool, mechanism uint) {
		if right && may(mechanism) {
			u |= use
		}
	}
	sign, decrypt, unwrap := a.is(pkcs11.CKA_SIGN), a.is(pkcs11.CKA_DECRYPT), a.is(pkcs11.CKA_UNWRAP)
	kind, _ := a.number(pkcs11.CKA_KEY_TYPE)
	switch kind {
	case pkcs11.CKK_RSA:
		add(UsageSign, sign, pkcs11.CKM_RSA_PKCS)
		add(UsageEncrypt, decrypt, pkcs11.CKM_RSA_PKCS)
		add(UsageRaw, decrypt, pkcs11.CKM_RSA_X_509)
		add(UsageWrap, decrypt && !sign && !wider(allowed, pkcs11.CKM_RSA_PKCS), pkcs11.CKM_RSA_PKCS_OAEP)
	case pkcs11.CKK_AES:
		add(UsageEncrypt, decrypt, pkcs11.CKM_AES_CBC)
		add(UsageWrapKeys, unwrap, pkcs11.CKM_AES_KEY_WRAP)
		add(UsageWrap, decrypt && !unwrap && !wider(allowed, pkcs11.CKM_AES_CBC), pkcs11.CKM_AES_GCM)
		add(UsageWrap, unwrap && !decrypt && !wider(allowed, pkcs11.CKM_AES_KEY_WRAP), pkcs11.CKM_AES_KEY_WRAP_PAD)
	case pkcs11.CKK_EC, ckkEdwards, pkcs11.CKK_GENERIC_SECRET:
		if sign {
			u = UsageSign
		}
	}
	return u
}

// wider reports that a key's own list has a mechanism that no wrapping key of
// this program has.
func wider(allowed []uint, mechanism uint) bool { return slices.Contains(allowed, mechanism) }
