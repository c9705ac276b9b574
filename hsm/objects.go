package hsm

import (
	"context"
	"encoding/hex"
	"math/big"

	"github.com/miekg/pkcs11"
)

// Objects lists everything the login state shows, ours or not. An object of an
// unknown kind is listed with what it tells; one that vanishes meanwhile is
// left out, and so may be one that another process writes at this moment.
func (t *Token) Objects(ctx context.Context) ([]ObjectInfo, error) {
	return perform(ctx, t, func(s *session) ([]ObjectInfo, error) {
		handles, err := s.find()
		if err != nil {
			return nil, err
		}
		if len(handles) == 0 && !s.healthy() {
			return nil, s.present()
		}
		return s.inspectAll(handles)
	})
}

func (s *session) inspectAll(handles []pkcs11.ObjectHandle) ([]ObjectInfo, error) {
	infos := make([]ObjectInfo, 0, len(handles))
	for _, h := range handles {
		info, err := s.inspect(h)
		switch {
		case err != nil && handleDead(err):
		case err != nil:
			return nil, err
		default:
			infos = append(infos, info)
		}
	}
	return infos, nil
}

func (s *session) inspect(h pkcs11.ObjectHandle) (ObjectInfo, error) {
	a, err := s.read(h, pkcs11.CKA_CLASS, pkcs11.CKA_LABEL, pkcs11.CKA_TOKEN, pkcs11.CKA_PRIVATE, pkcs11.CKA_MODIFIABLE)
	if err != nil {
		return ObjectInfo{}, err
	}
	class, _ := a.number(pkcs11.CKA_CLASS)
	info := ObjectInfo{
		Class: className(class), Label: clean(string(a[pkcs11.CKA_LABEL])), Size: -1,
		Token: a.is(pkcs11.CKA_TOKEN), Private: a.is(pkcs11.CKA_PRIVATE), Modifiable: a.is(pkcs11.CKA_MODIFIABLE),
	}
	if size, err := s.ctx().GetObjectSize(s.handle, h); err == nil {
		info.Size = reported(size)
	}
	more, err := s.read(h, pkcs11.CKA_ID, pkcs11.CKA_DESTROYABLE)
	if err != nil {
		return info, err
	}
	info.ID = hex.EncodeToString(more[pkcs11.CKA_ID])
	info.Destroyable = more[pkcs11.CKA_DESTROYABLE] == nil || more.is(pkcs11.CKA_DESTROYABLE)
	switch class {
	case pkcs11.CKO_SECRET_KEY, pkcs11.CKO_PRIVATE_KEY, pkcs11.CKO_PUBLIC_KEY:
		err = s.inspectKey(h, class, &info)
	}
	return info, err
}

func (s *session) inspectKey(h pkcs11.ObjectHandle, class uint, info *ObjectInfo) error {
	types := []uint{pkcs11.CKA_KEY_TYPE, pkcs11.CKA_LOCAL}
	if class != pkcs11.CKO_PUBLIC_KEY {
		types = append(types, pkcs11.CKA_SENSITIVE, pkcs11.CKA_EXTRACTABLE,
			pkcs11.CKA_ALWAYS_SENSITIVE, pkcs11.CKA_NEVER_EXTRACTABLE)
	}
	a, err := s.read(h, types...)
	if err != nil {
		return err
	}
	kind, _ := a.number(pkcs11.CKA_KEY_TYPE)
	info.KeyType = keyTypeName(kind)
	info.Local = a.is(pkcs11.CKA_LOCAL)
	info.Sensitive, info.Extractable = a.is(pkcs11.CKA_SENSITIVE), a.is(pkcs11.CKA_EXTRACTABLE)
	info.AlwaysSensitive, info.NeverExtract = a.is(pkcs11.CKA_ALWAYS_SENSITIVE), a.is(pkcs11.CKA_NEVER_EXTRACTABLE)
	info.Bits, err = s.bits(h, class, kind)
	return err
}

// bits gives a key's size where the token tells it.
func (s *session) bits(h pkcs11.ObjectHandle, class, kind uint) (int, error) {
	ask := map[uint]uint{pkcs11.CKK_RSA: pkcs11.CKA_MODULUS, pkcs11.CKK_EC: pkcs11.CKA_EC_PARAMS, ckkEdwards: pkcs11.CKA_EC_PARAMS}[kind]
	if class == pkcs11.CKO_SECRET_KEY {
		ask = pkcs11.CKA_VALUE_LEN
	}
	if ask == 0 {
		return 0, nil
	}
	a, err := s.read(h, ask)
	if err != nil {
		return 0, err
	}
	switch ask {
	case pkcs11.CKA_MODULUS:
		return new(big.Int).SetBytes(a[ask]).BitLen(), nil
	case pkcs11.CKA_EC_PARAMS:
		return curveBits(a[ask]), nil
	default:
		n, _ := a.number(ask)
		return int(min(n, maxData)) * 8, nil
	}
}

func curveBits(params []byte) int {
	t, _ := curveType(params)
	switch t {
	case ECP256, P256K, Ed25519: // 255 bits, stored as 256
		return 256
	case ECP384:
		return 384
	case ECP521:
		return 521
	default:
		return 0
	}
}
