package keys

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/subtle"
	"encoding/binary"

	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/internal/secret"
)

// pkcs1Overhead is what EME-PKCS1-v1_5 adds, in bytes (RFC 8017 section 7.2.1).
const pkcs1Overhead = 11

func encryptRSA(k *rsa.PublicKey, info EncryptionInfo, plaintext []byte) ([]byte, error) {
	if info.Scheme == CipherOAEP {
		return rsa.EncryptOAEP(info.Hash.New(), rand.Reader, k, plaintext, nil)
	}
	//lint:ignore SA1019 RSA1_5 is in Azure's list, and marked as discouraged
	return rsa.EncryptPKCS1v15(rand.Reader, k, plaintext)
}

// decrypt gives the plaintext and whether all was right. If size is not 0, a
// wrong PKCS #1 v1.5 padding gives size random bytes.
func (k *rsaKey) decrypt(info EncryptionInfo, ciphertext []byte, size int) ([]byte, bool) {
	// RFC 8017 sections 7.1.2 and 7.2.2; the library takes shorter ones.
	if len(ciphertext) != k.key.Size() {
		return nil, false
	}
	if info.Scheme == CipherOAEP {
		plaintext, err := rsa.DecryptOAEP(info.Hash.New(), nil, k.key, ciphertext, nil)
		return plaintext, err == nil
	}
	if size == 0 {
		//lint:ignore SA1019 RSA1_5 is in Azure's list; Decrypt's comment says what it gives away
		plaintext, err := rsa.DecryptPKCS1v15(nil, k.key, ciphertext)
		return plaintext, err == nil
	}
	plaintext := make([]byte, size)
	_, _ = rand.Read(plaintext) // it never fails
	//lint:ignore SA1019 as above
	err := rsa.DecryptPKCS1v15SessionKey(nil, k.key, ciphertext, plaintext)
	return plaintext, err == nil
}

// DecodeOAEP is EME-OAEP decoding (RFC 8017 section 7.1.2 step 3), with MGF1
// over the same hash, for what a token gives that can do the raw RSA operation
// (CKM_RSA_X_509) and not OAEP with the hash. em is the encoded message, of
// exactly k bytes: the modulus' size, leading zeros included. The caller wipes
// em and the message that comes back.
//
// Whatever is wrong is [ErrDecrypt], found in a time that depends on sizes
// only: whoever learns whether the first byte or the rest was wrong learns the
// plaintext in some thousand questions (Manger 2001).
func DecodeOAEP(hash crypto.Hash, label, em []byte, k int) (*secret.Bytes, error) {
	if !hash.Available() {
		return nil, fault.New(fault.Unsupported, "OAEP with "+hash.String()+" is not offered", "use SHA-1 or SHA-256")
	}
	size := hash.Size()
	if len(em) != k || k < 2*size+2 {
		return nil, ErrDecrypt
	}
	work := append(make([]byte, 0, k), em...)
	defer clear(work)
	seed, db := work[1:1+size], work[1+size:]
	maskMGF1(hash, seed, db)
	maskMGF1(hash, db, seed)
	start, ok := checkOAEP(digestLabel(hash, label), db)
	ok &= subtle.ConstantTimeByteEq(work[0], 0)
	if ok == 0 {
		return nil, ErrDecrypt
	}
	return secret.Copy(db[start:]), nil
}

// checkOAEP finds where the message begins in lHash || 0... || 1 || M, and
// gives 1 if all is right.
func checkOAEP(labelHash, db []byte) (start, ok int) {
	ok = subtle.ConstantTimeCompare(db[:len(labelHash)], labelHash)
	looking, index := 1, 0
	for i := len(labelHash); i < len(db); i++ {
		zero := subtle.ConstantTimeByteEq(db[i], 0)
		one := subtle.ConstantTimeByteEq(db[i], 1)
		index = subtle.ConstantTimeSelect(looking&one, i, index)
		// Another byte than 0 before the 1 is wrong.
		ok &= 1 ^ (looking & (1 ^ zero) & (1 ^ one))
		looking &= 1 ^ one
	}
	return index + 1, ok & (1 ^ looking)
}

func digestLabel(hash crypto.Hash, label []byte) []byte {
	h := hash.New()
	_, _ = h.Write(label) // a hash never fails to write
	return h.Sum(nil)
}

// maskMGF1 exclusive-ors MGF1 of the seed (RFC 8017 appendix B.2.1) into out.
func maskMGF1(hash crypto.Hash, out, seed []byte) {
	var counter [4]byte
	h := hash.New()
	mask := make([]byte, 0, hash.Size())
	defer clear(mask[:cap(mask)])
	for n := uint32(0); len(out) > 0; n++ {
		binary.BigEndian.PutUint32(counter[:], n)
		h.Reset()
		_, _ = h.Write(seed)
		_, _ = h.Write(counter[:])
		mask = h.Sum(mask[:0])
		done := subtle.XORBytes(out, out, mask[:min(len(mask), len(out))])
		out = out[done:]
	}
}
