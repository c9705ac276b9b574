package keys

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/subtle"
)

const aesBlock = aes.BlockSize

// encrypt fills in the ciphertext and the tag.
func (k *octKey) encrypt(info EncryptionInfo, out *Encrypted, plaintext []byte) error {
	block, err := aes.NewCipher(k.bytes)
	if err != nil {
		return err
	}
	switch info.Scheme {
	case CipherGCM:
		return sealGCM(block, out, plaintext)
	case CipherCBC:
		out.Ciphertext = make([]byte, len(plaintext))
		cipher.NewCBCEncrypter(block, out.IV).CryptBlocks(out.Ciphertext, plaintext)
	case CipherCBCPad:
		padded := padPKCS7(plaintext)
		cipher.NewCBCEncrypter(block, out.IV).CryptBlocks(padded, padded)
		out.Ciphertext = padded
	case CipherKW:
		out.Ciphertext = wrapKW(block, kwInitial, plaintext)
	case CipherKWPad:
		out.Ciphertext = wrapKWP(block, plaintext)
	}
	return nil
}

// decrypt gives the plaintext and whether all was right. The sizes of the iv
// and the tag have been checked.
func (k *octKey) decrypt(info EncryptionInfo, e Encrypted) ([]byte, bool) {
	block, err := aes.NewCipher(k.bytes)
	if err != nil {
		return nil, false
	}
	switch info.Scheme {
	case CipherGCM:
		return openGCM(block, e)
	case CipherCBC:
		return openCBC(block, e)
	case CipherCBCPad:
		if padded, ok := openCBC(block, e); ok {
			return unpadPKCS7(padded)
		}
	case CipherKW:
		return unwrapKW(block, e.Ciphertext)
	case CipherKWPad:
		return unwrapKWP(block, e.Ciphertext)
	}
	return nil, false
}

func sealGCM(block cipher.Block, out *Encrypted, plaintext []byte) error {
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		return err
	}
	sealed := gcm.Seal(nil, out.IV, plaintext, out.AAD)
	cut := len(sealed) - gcmTagSize
	out.Ciphertext, out.Tag = sealed[:cut:cut], sealed[cut:]
	return nil
}

func openGCM(block cipher.Block, e Encrypted) ([]byte, bool) {
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		return nil, false
	}
	sealed := append(append(make([]byte, 0, len(e.Ciphertext)+gcmTagSize), e.Ciphertext...), e.Tag...)
	plaintext, err := gcm.Open(sealed[:0], e.IV, sealed, e.AAD)
	return plaintext, err == nil
}

// openCBC wants whole blocks, at least one.
func openCBC(block cipher.Block, e Encrypted) ([]byte, bool) {
	if len(e.Ciphertext) == 0 || len(e.Ciphertext)%aesBlock != 0 {
		return nil, false
	}
	plaintext := make([]byte, len(e.Ciphertext))
	cipher.NewCBCDecrypter(block, e.IV).CryptBlocks(plaintext, e.Ciphertext)
	return plaintext, true
}

// padPKCS7 gives a copy with the padding of RFC 5652 section 6.3.
func padPKCS7(plaintext []byte) []byte {
	n := aesBlock - len(plaintext)%aesBlock
	padded := make([]byte, len(plaintext)+n)
	copy(padded, plaintext)
	for i := len(plaintext); i < len(padded); i++ {
		padded[i] = byte(n)
	}
	return padded
}

// unpadPKCS7 takes the same time for every padding, right or wrong, and clears
// the whole where it is wrong. The input has at least one block.
func unpadPKCS7(padded []byte) ([]byte, bool) {
	n := int(padded[len(padded)-1])
	ok := subtle.ConstantTimeLessOrEq(1, n) & subtle.ConstantTimeLessOrEq(n, aesBlock)
	for i := 1; i <= aesBlock; i++ {
		inside := subtle.ConstantTimeLessOrEq(i, n)
		same := subtle.ConstantTimeByteEq(padded[len(padded)-i], byte(n))
		ok &= subtle.ConstantTimeSelect(inside, same, 1)
	}
	if ok == 0 {
		clear(padded)
		return nil, false
	}
	clear(padded[len(padded)-n:])
	return padded[:len(padded)-n], true
}
