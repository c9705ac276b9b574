package hsm

import (
	"errors"
	"fmt"

	"github.com/miekg/pkcs11"
)

// A wrapped key says how it was made, so that it can be opened after the token
// has learnt something better:
//
//	byte 0   format, 1
//	byte 1   cipher, see below
//	rest     body: for AES-GCM nonce (12) || ciphertext || tag (16); for key
//	         wrap the token's output over a frame (see frame); for OAEP the
//	         ciphertext
type blob struct {
	cipher blobCipher
	body   []byte
}

const blobFormat = 1

// blobCipher is a wrapping method with its variant, which cannot be guessed
// later.
type blobCipher byte

const (
	cipherGCM     blobCipher = 1 // CKM_AES_GCM, 128-bit tag, additional data: header || CKA_ID
	cipherKWP     blobCipher = 2 // CKM_AES_KEY_WRAP_KWP 0x210B, RFC 5649
	cipherKeyPad  blobCipher = 3 // CKM_AES_KEY_WRAP_PAD 0x210A: RFC 5649 on SoftHSM2, PKCS padding on NSS
	cipherOAEP256 blobCipher = 4 // RSAES-OAEP, SHA-256, MGF1 SHA-256, no label
	cipherOAEP1   blobCipher = 5 // RSAES-OAEP, SHA-1, MGF1 SHA-1, no label: all that SoftHSM2 2.6 can do
)

// ckmKWP is CKM_AES_KEY_WRAP_KWP of PKCS#11 v3.0, which the binding lacks.
const ckmKWP = 0x210B

func (c blobCipher) mechanism() uint {
	if c == cipherKWP {
		return ckmKWP
	}
	return pkcs11.CKM_AES_KEY_WRAP_PAD
}

func (b blob) header() []byte { return []byte{blobFormat, byte(b.cipher)} }

func (b blob) encode() []byte { return append(b.header(), b.body...) }

var errBlob = errors.New("not a wrapped key of this format")

// parseBlob is strict: an unknown format or cipher, or a body shorter than any
// the cipher makes, is refused.
func parseBlob(raw []byte) (blob, error) {
	if len(raw) < 2 || len(raw) > maxWrapped || raw[0] != blobFormat {
		return blob{}, errBlob
	}
	b := blob{cipher: blobCipher(raw[1]), body: raw[2:]}
	least := 0
	switch b.cipher {
	case cipherGCM:
		least = gcmNonceSize + gcmTagBits/8 + 1
	case cipherKWP, cipherKeyPad:
		least = 3 * kwpBlock // RFC 5649 section 4.1: a check block and our two
	case cipherOAEP256, cipherOAEP1:
		least = 256 // the smallest modulus this package makes
	default:
		return blob{}, fmt.Errorf("%w: cipher %d", errBlob, raw[1])
	}
	if len(b.body) < least {
		return blob{}, fmt.Errorf("%w: %d bytes are too few", errBlob, len(raw))
	}
	return b, nil
}
