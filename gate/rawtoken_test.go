package gate_test

import (
	"errors"

	"github.com/miekg/pkcs11"

	"github.com/strongroom/strongroom/hsm"
)

// destroyData removes a data object from a token that this process is logged in
// to, behind the program's back.
func destroyData(module string, id hsm.TokenID, label string) error {
	p := pkcs11.New(module)
	slots, err := p.GetSlotList(true)
	if err != nil {
		return err
	}
	for _, slot := range slots {
		info, err := p.GetTokenInfo(slot)
		if err != nil || info.SerialNumber != id.Serial {
			continue
		}
		session, err := p.OpenSession(slot, pkcs11.CKF_SERIAL_SESSION|pkcs11.CKF_RW_SESSION)
		if err != nil {
			return err
		}
		defer func() { _ = p.CloseSession(session) }()
		err = p.FindObjectsInit(session, []*pkcs11.Attribute{
			pkcs11.NewAttribute(pkcs11.CKA_CLASS, pkcs11.CKO_DATA), pkcs11.NewAttribute(pkcs11.CKA_LABEL, label),
		})
		if err != nil {
			return err
		}
		found, _, err := p.FindObjects(session, 10)
		if err = errors.Join(err, p.FindObjectsFinal(session)); err != nil {
			return err
		}
		for _, h := range found {
			err = errors.Join(err, p.DestroyObject(session, h))
		}
		if len(found) == 0 {
			err = errors.Join(err, errors.New("there is no such data object"))
		}
		return err
	}
	return errors.New("the token is in no slot")
}
