package hsm

import (
	"encoding/binary"
	"strconv"

	"github.com/miekg/pkcs11"
)

// attributes are values as the token gave them. One that the token does not
// know, or does not show, is not in the map.
type attributes map[uint][]byte

func (a attributes) is(t uint) bool {
	v := a[t]
	return len(v) == 1 && v[0] != 0
}

// number reads a CK_ULONG, which has the machine's own size and byte order.
func (a attributes) number(t uint) (uint, bool) {
	switch v := a[t]; len(v) {
	case 8:
		return uint(binary.NativeEndian.Uint64(v)), true
	case 4:
		return uint(binary.NativeEndian.Uint32(v)), true
	default:
		return 0, false
	}
}

// read gives the attributes of an object: all at once where the token can,
// else one by one, because one unknown attribute fails the whole call.
func (s *session) read(h pkcs11.ObjectHandle, types ...uint) (attributes, error) {
	got := attributes{}
	err := s.readInto(got, h, types...)
	if err == nil || !withheld(err) {
		return got, err
	}
	for _, t := range types {
		if err := s.readInto(got, h, t); err != nil && !withheld(err) {
			return nil, err
		}
	}
	return got, nil
}

func (s *session) readInto(got attributes, h pkcs11.ObjectHandle, types ...uint) error {
	template := make([]*pkcs11.Attribute, 0, len(types))
	for _, t := range types {
		template = append(template, pkcs11.NewAttribute(t, nil))
	}
	values, err := s.ctx().GetAttributeValue(s.handle, h, template)
	if err != nil {
		return call("C_GetAttributeValue", err)
	}
	for _, v := range values {
		if v.Value != nil {
			got[v.Type] = v.Value
		}
	}
	return nil
}

// withheld reports that an attribute is unknown to the token or not shown.
func withheld(err error) bool {
	rv, _ := returned(err)
	return rv == pkcs11.CKR_ATTRIBUTE_TYPE_INVALID || rv == pkcs11.CKR_ATTRIBUTE_SENSITIVE
}

// className, keyTypeName: words for what the token holds, known or not.
func className(class uint) string {
	switch class {
	case pkcs11.CKO_DATA:
		return "data"
	case pkcs11.CKO_CERTIFICATE:
		return "certificate"
	case pkcs11.CKO_PUBLIC_KEY:
		return "public-key"
	case pkcs11.CKO_PRIVATE_KEY:
		return "private-key"
	case pkcs11.CKO_SECRET_KEY:
		return "secret-key"
	default:
		return hexNumber(class)
	}
}

const (
	ckkEdwards    = 0x40 // PKCS#11 v3.0
	ckkMontgomery = 0x41
)

func keyTypeName(kind uint) string {
	switch kind {
	case pkcs11.CKK_RSA:
		return "RSA"
	case pkcs11.CKK_EC:
		return "EC"
	case pkcs11.CKK_AES:
		return "AES"
	case pkcs11.CKK_GENERIC_SECRET:
		return "generic-secret"
	case pkcs11.CKK_DES:
		return "DES"
	case pkcs11.CKK_DES3:
		return "DES3"
	case pkcs11.CKK_DSA:
		return "DSA"
	case ckkEdwards:
		return "EC-Edwards"
	case ckkMontgomery:
		return "EC-Montgomery"
	default:
		return hexNumber(kind)
	}
}

func hexNumber(n uint) string { return "0x" + strconv.FormatUint(uint64(n), 16) }
