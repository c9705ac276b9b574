package hsm

import (
	"slices"

	"github.com/miekg/pkcs11"
)

// CKA_ALLOWED_MECHANISMS is a row of CK_MECHANISM_TYPE, each a CK_ULONG, which
// has the machine's own size and byte order.

func ulong(n uint) []byte { return pkcs11.NewAttribute(pkcs11.CKA_ALLOWED_MECHANISMS, n).Value }

func encodeMechanisms(all []uint) []byte {
	var b []byte
	for _, m := range all {
		b = append(b, ulong(m)...)
	}
	return b
}

// decodeMechanisms gives nothing for what is no whole row.
func decodeMechanisms(b []byte) []uint {
	size := len(ulong(0))
	if len(b)%size != 0 {
		return nil
	}
	var all []uint
	for ; len(b) > 0; b = b[size:] {
		m, _ := attributes{0: b[:size]}.number(0)
		all = append(all, m)
	}
	return all
}

// sameMechanisms compares without regard to order: it is a set, and tokens sort
// it.
func sameMechanisms(a, b []byte) bool {
	x, y := decodeMechanisms(a), decodeMechanisms(b)
	slices.Sort(x)
	slices.Sort(y)
	return slices.Equal(x, y)
}
