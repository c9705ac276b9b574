package hsm

import (
	"context"

	"github.com/miekg/pkcs11"
)

// Mechanisms lists what the token says it can do. Saying is not doing: see
// [Token.Capabilities].
func (t *Token) Mechanisms(ctx context.Context) ([]MechanismInfo, error) {
	return perform(ctx, t, func(s *session) ([]MechanismInfo, error) {
		list, err := s.ctx().GetMechanismList(s.slot)
		if err != nil {
			return nil, call("C_GetMechanismList", err)
		}
		infos := make([]MechanismInfo, 0, len(list))
		for _, m := range list {
			info, err := s.ctx().GetMechanismInfo(s.slot, []*pkcs11.Mechanism{m})
			if err != nil {
				continue // listed, but not explained: of no use to anybody
			}
			infos = append(infos, MechanismInfo{
				Type: m.Mechanism, Name: mechanismName(m.Mechanism),
				MinKey: info.MinKeySize, MaxKey: info.MaxKeySize, Flags: mechanismFlags(info.Flags),
			})
		}
		return infos, nil
	})
}

// can reports that the token lists the mechanism with that flag.
func (s *session) can(mechanism, flag uint) (pkcs11.MechanismInfo, bool) {
	info, err := s.ctx().GetMechanismInfo(s.slot, []*pkcs11.Mechanism{pkcs11.NewMechanism(mechanism, nil)})
	return info, err == nil && info.Flags&flag != 0
}

func mechanismFlags(flags uint) []string {
	var words []string
	for _, f := range []struct {
		bit  uint
		word string
	}{
		{pkcs11.CKF_HW, "hardware"},
		{pkcs11.CKF_ENCRYPT, "encrypt"},
		{pkcs11.CKF_DECRYPT, "decrypt"},
		{pkcs11.CKF_DIGEST, "digest"},
		{pkcs11.CKF_SIGN, "sign"},
		{pkcs11.CKF_VERIFY, "verify"},
		{pkcs11.CKF_GENERATE, "generate"},
		{pkcs11.CKF_GENERATE_KEY_PAIR, "generate-key-pair"},
		{pkcs11.CKF_WRAP, "wrap"},
		{pkcs11.CKF_UNWRAP, "unwrap"},
		{pkcs11.CKF_DERIVE, "derive"},
	} {
		if flags&f.bit != 0 {
			words = append(words, f.word)
		}
	}
	return words
}

func mechanismName(m uint) string {
	if name, ok := mechanismNames()[m]; ok {
		return name
	}
	return hexNumber(m)
}

// mechanismNames are PKCS#11's names without CKM_, for the mechanisms that
// tokens in the field list.
func mechanismNames() map[uint]string {
	return map[uint]string{
		pkcs11.CKM_RSA_PKCS_KEY_PAIR_GEN:  "RSA_PKCS_KEY_PAIR_GEN",
		pkcs11.CKM_RSA_PKCS:               "RSA_PKCS",
		pkcs11.CKM_RSA_X_509:              "RSA_X_509",
		pkcs11.CKM_RSA_PKCS_OAEP:          "RSA_PKCS_OAEP",
		pkcs11.CKM_RSA_PKCS_PSS:           "RSA_PKCS_PSS",
		pkcs11.CKM_MD5_RSA_PKCS:           "MD5_RSA_PKCS",
		pkcs11.CKM_SHA1_RSA_PKCS:          "SHA1_RSA_PKCS",
		pkcs11.CKM_SHA224_RSA_PKCS:        "SHA224_RSA_PKCS",
		pkcs11.CKM_SHA256_RSA_PKCS:        "SHA256_RSA_PKCS",
		pkcs11.CKM_SHA384_RSA_PKCS:        "SHA384_RSA_PKCS",
		pkcs11.CKM_SHA512_RSA_PKCS:        "SHA512_RSA_PKCS",
		pkcs11.CKM_SHA1_RSA_PKCS_PSS:      "SHA1_RSA_PKCS_PSS",
		pkcs11.CKM_SHA224_RSA_PKCS_PSS:    "SHA224_RSA_PKCS_PSS",
		pkcs11.CKM_SHA256_RSA_PKCS_PSS:    "SHA256_RSA_PKCS_PSS",
		pkcs11.CKM_SHA384_RSA_PKCS_PSS:    "SHA384_RSA_PKCS_PSS",
		pkcs11.CKM_SHA512_RSA_PKCS_PSS:    "SHA512_RSA_PKCS_PSS",
		pkcs11.CKM_RSA_AES_KEY_WRAP:       "RSA_AES_KEY_WRAP",
		pkcs11.CKM_EC_KEY_PAIR_GEN:        "EC_KEY_PAIR_GEN",
		pkcs11.CKM_ECDSA:                  "ECDSA",
		pkcs11.CKM_ECDSA_SHA1:             "ECDSA_SHA1",
		pkcs11.CKM_ECDSA_SHA224:           "ECDSA_SHA224",
		pkcs11.CKM_ECDSA_SHA256:           "ECDSA_SHA256",
		pkcs11.CKM_ECDSA_SHA384:           "ECDSA_SHA384",
		pkcs11.CKM_ECDSA_SHA512:           "ECDSA_SHA512",
		pkcs11.CKM_ECDH1_DERIVE:           "ECDH1_DERIVE",
		0x1055:                            "EC_EDWARDS_KEY_PAIR_GEN",
		0x1056:                            "EC_MONTGOMERY_KEY_PAIR_GEN",
		0x1057:                            "EDDSA",
		pkcs11.CKM_AES_KEY_GEN:            "AES_KEY_GEN",
		pkcs11.CKM_AES_ECB:                "AES_ECB",
		pkcs11.CKM_AES_CBC:                "AES_CBC",
		pkcs11.CKM_AES_CBC_PAD:            "AES_CBC_PAD",
		pkcs11.CKM_AES_CTR:                "AES_CTR",
		pkcs11.CKM_AES_GCM:                "AES_GCM",
		pkcs11.CKM_AES_CCM:                "AES_CCM",
		pkcs11.CKM_AES_CMAC:               "AES_CMAC",
		pkcs11.CKM_AES_KEY_WRAP:           "AES_KEY_WRAP",
		pkcs11.CKM_AES_KEY_WRAP_PAD:       "AES_KEY_WRAP_PAD",
		ckmKWP:                            "AES_KEY_WRAP_KWP",
		pkcs11.CKM_AES_ECB_ENCRYPT_DATA:   "AES_ECB_ENCRYPT_DATA",
		pkcs11.CKM_AES_CBC_ENCRYPT_DATA:   "AES_CBC_ENCRYPT_DATA",
		pkcs11.CKM_GENERIC_SECRET_KEY_GEN: "GENERIC_SECRET_KEY_GEN",
		pkcs11.CKM_MD5:                    "MD5",
		pkcs11.CKM_SHA_1:                  "SHA_1",
		pkcs11.CKM_SHA224:                 "SHA224",
		pkcs11.CKM_SHA256:                 "SHA256",
		pkcs11.CKM_SHA384:                 "SHA384",
		pkcs11.CKM_SHA512:                 "SHA512",
		pkcs11.CKM_MD5_HMAC:               "MD5_HMAC",
		pkcs11.CKM_SHA_1_HMAC:             "SHA_1_HMAC",
		pkcs11.CKM_SHA224_HMAC:            "SHA224_HMAC",
		pkcs11.CKM_SHA256_HMAC:            "SHA256_HMAC",
		pkcs11.CKM_SHA384_HMAC:            "SHA384_HMAC",
		pkcs11.CKM_SHA512_HMAC:            "SHA512_HMAC",
		pkcs11.CKM_DES_KEY_GEN:            "DES_KEY_GEN",
		pkcs11.CKM_DES2_KEY_GEN:           "DES2_KEY_GEN",
		pkcs11.CKM_DES3_KEY_GEN:           "DES3_KEY_GEN",
		pkcs11.CKM_DES3_ECB:               "DES3_ECB",
		pkcs11.CKM_DES3_CBC:               "DES3_CBC",
		pkcs11.CKM_DES3_CBC_PAD:           "DES3_CBC_PAD",
		pkcs11.CKM_DSA:                    "DSA",
		pkcs11.CKM_DSA_KEY_PAIR_GEN:       "DSA_KEY_PAIR_GEN",
		pkcs11.CKM_DH_PKCS_KEY_PAIR_GEN:   "DH_PKCS_KEY_PAIR_GEN",
		pkcs11.CKM_DH_PKCS_DERIVE:         "DH_PKCS_DERIVE",
	}
}
