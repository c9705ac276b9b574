package keys

import (
	"crypto/rsa"
	"io"
	"strconv"

	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/internal/secret"
)

// EncryptRequest is what is to be encrypted, or wrapped. The caller keeps, and
// wipes, the plaintext.
type EncryptRequest struct {
	Algorithm EncryptionAlgorithm
	Plaintext *secret.Bytes
	// IV is for CBC, 16 bytes that nobody could foretell; left out, it is
	// made here. GCM's is always made here, and none other has one.
	IV []byte
	// AAD is GCM's additional authenticated data, at most [MaxMessage] bytes.
	AAD []byte
}

// Encrypted is what encryption or wrapping gave, and what decryption or
// unwrapping takes: all of it is needed.
type Encrypted struct {
	Algorithm  EncryptionAlgorithm
	Ciphertext []byte
	IV         []byte // see [EncryptionInfo.IVSize]
	AAD        []byte
	Tag        []byte // see [EncryptionInfo.TagSize]
}

// ErrDecrypt is the one answer to a ciphertext that the key does not open:
// another key's, a changed one, a wrong length, padding or tag. It says no
// more, since an attacker who learns which it was can learn the plaintext.
var ErrDecrypt = fault.New(fault.Invalid, "the key does not open this ciphertext",
	"check the key, its version and the algorithm, and that ciphertext, iv, aad and tag are complete and unchanged")

// Encrypt encrypts content. An RSA key uses its public half and not random;
// see [PublicKey.Encrypt]. With GCM and a random IV, no more than 2^32
// encryptions may be made with one key (NIST SP 800-38D section 8.3); nobody
// counts them here.
func (p *Private) Encrypt(random io.Reader, r EncryptRequest) (Encrypted, error) {
	return p.encrypt(OpEncrypt, random, r)
}

// Wrap wraps a key: as [Private.Encrypt] does, with the algorithms for keys.
func (p *Private) Wrap(random io.Reader, r EncryptRequest) (Encrypted, error) {
	return p.encrypt(OpWrapKey, random, r)
}

func (p *Private) encrypt(op Operation, random io.Reader, r EncryptRequest) (Encrypted, error) {
	if p.key == nil {
		return Encrypted{}, errWiped()
	}
	k, symmetric := p.key.(*octKey)
	if !symmetric {
		return p.pub.encrypt(op, r)
	}
	info, err := checkEncrypt(p.spec, op, r)
	if err != nil {
		return Encrypted{}, err
	}
	iv, err := chooseIV(info, random, r.IV)
	if err != nil {
		return Encrypted{}, err
	}
	out := Encrypted{Algorithm: r.Algorithm, IV: iv, AAD: r.AAD}
	err = r.Plaintext.RevealErr(func(plaintext []byte) error { return k.encrypt(info, &out, plaintext) })
	if err != nil {
		return Encrypted{}, fault.Wrap(err, fault.Internal, "encrypting with "+string(r.Algorithm)+" failed", "")
	}
	return out, nil
}

// Encrypt encrypts content for the holder of the private half, wherever it
// lives. Only RSA keys can.
func (p PublicKey) Encrypt(r EncryptRequest) (Encrypted, error) { return p.encrypt(OpEncrypt, r) }

// Wrap wraps a key for the holder of the private half.
func (p PublicKey) Wrap(r EncryptRequest) (Encrypted, error) { return p.encrypt(OpWrapKey, r) }

func (p PublicKey) encrypt(op Operation, r EncryptRequest) (Encrypted, error) {
	if p.IsZero() {
		return Encrypted{}, errBadPublic(nil)
	}
	info, err := checkEncrypt(p.spec, op, r)
	if err != nil {
		return Encrypted{}, err
	}
	out := Encrypted{Algorithm: r.Algorithm}
	err = r.Plaintext.RevealErr(func(plaintext []byte) (err error) {
		out.Ciphertext, err = encryptRSA(p.key.(*rsa.PublicKey), info, plaintext)
		return err
	})
	if err != nil {
		return Encrypted{}, fault.Wrap(err, fault.Internal, "encrypting with "+string(r.Algorithm)+" failed", "")
	}
	return out, nil
}

func checkEncrypt(s Spec, op Operation, r EncryptRequest) (EncryptionInfo, error) {
	info, err := CheckEncryption(s, r.Algorithm, op)
	if err != nil {
		return EncryptionInfo{}, err
	}
	if err := info.CheckPlaintext(s, r.Plaintext.Len()); err != nil {
		return EncryptionInfo{}, err
	}
	if info.OwnIV && len(r.IV) > 0 {
		return EncryptionInfo{}, fault.New(fault.Invalid, string(info.Name)+" takes no iv from outside", "leave the iv out; it comes back with the ciphertext")
	}
	if len(r.IV) > 0 {
		if err := info.checkIV(r.IV); err != nil {
			return EncryptionInfo{}, err
		}
	}
	return info, info.checkAAD(r.AAD)
}

func (i EncryptionInfo) checkIV(iv []byte) error {
	switch {
	case len(iv) == i.IVSize:
		return nil
	case i.IVSize == 0:
		return fault.New(fault.Invalid, string(i.Name)+" has no iv", "leave the iv out")
	default:
		return fault.New(fault.Invalid, string(i.Name)+" has an iv of "+strconv.Itoa(i.IVSize)+" bytes, this one has "+strconv.Itoa(len(iv)), "give the iv that belongs to the ciphertext")
	}
}

func (i EncryptionInfo) checkAAD(aad []byte) error {
	switch {
	case len(aad) > 0 && !i.AAD:
		return fault.New(fault.Invalid, string(i.Name)+" has no additional data", "leave the aad out, or use AES-GCM")
	case len(aad) > MaxMessage:
		return fault.New(fault.Invalid, "the additional data is longer than "+strconv.Itoa(MaxMessage)+" bytes", "give a digest of it instead")
	}
	return nil
}

// chooseIV makes an IV unless the caller gave one.
func chooseIV(info EncryptionInfo, random io.Reader, given []byte) ([]byte, error) {
	if len(given) > 0 || info.IVSize == 0 {
		return given, nil
	}
	iv := make([]byte, info.IVSize)
	if _, err := io.ReadFull(random, iv); err != nil {
		return nil, errNoRandom(err)
	}
	return iv, nil
}

func errNoRandom(err error) error {
	return fault.Wrap(err, fault.Internal, "the random source failed", "try again; if it fails again, the machine's random source is broken")
}

// Decrypt opens what [Private.Encrypt] or [PublicKey.Encrypt] made; the caller
// wipes the plaintext. A wrong ciphertext is [ErrDecrypt], whatever is wrong
// with it.
//
// RSA1_5 and CBCPAD have no integrity, and whether they open is a secret that
// this answer tells: whoever may ask for the decryption of ciphertexts of their
// own making, tens of thousands of them, can so learn the plaintext of
// another's (Bleichenbacher 1998, Vaudenay 2002). The time it takes and the
// wording tell nothing. Prefer RSA-OAEP-256 and GCM.
func (p *Private) Decrypt(e Encrypted) (*secret.Bytes, error) { return p.decrypt(OpDecrypt, e, 0) }

// Unwrap opens what [Private.Wrap] or [PublicKey.Wrap] made. If size is not 0
// it is the length of the wrapped key in bytes, at least 16, and a key of
// another length is [ErrDecrypt]; with RSA1_5 random bytes come back instead
// of an error, so that nobody learns whether the padding was right (RFC 3218
// section 2.3.2). Without a size RSA1_5 answers as [Private.Decrypt] does.
func (p *Private) Unwrap(e Encrypted, size int) (*secret.Bytes, error) {
	if size != 0 && (size < minKnownSize || size > MaxMessage) {
		return nil, fault.New(fault.Invalid, "a wrapped key of "+strconv.Itoa(size)+" bytes is not offered", "give its length from "+strconv.Itoa(minKnownSize)+" bytes upward, or none")
	}
	return p.decrypt(OpUnwrapKey, e, size)
}

func (p *Private) decrypt(op Operation, e Encrypted, size int) (*secret.Bytes, error) {
	if p.key == nil {
		return nil, errWiped()
	}
	info, err := CheckEncryption(p.spec, e.Algorithm, op)
	if err != nil {
		return nil, err
	}
	if err := info.CheckEncrypted(e); err != nil {
		return nil, err
	}
	plaintext, ok := p.open(info, e, size)
	if !ok || (size != 0 && len(plaintext) != size) {
		clear(plaintext)
		return nil, ErrDecrypt
	}
	return secret.New(plaintext), nil
}

func (p *Private) open(info EncryptionInfo, e Encrypted, size int) ([]byte, bool) {
	switch k := p.key.(type) {
	case *octKey:
		return k.decrypt(info, e)
	case *rsaKey:
		return k.decrypt(info, e.Ciphertext, size)
	}
	return nil, false
}

// CheckEncrypted refuses an iv, aad or tag that the algorithm does not have,
// an iv or tag of another size, and more than [MaxMessage] bytes and a block.
// What else may be wrong, only decryption can tell.
func (i EncryptionInfo) CheckEncrypted(e Encrypted) error {
	if err := i.checkIV(e.IV); err != nil {
		return err
	}
	if err := i.checkAAD(e.AAD); err != nil {
		return err
	}
	if len(e.Tag) != i.TagSize {
		return fault.New(fault.Invalid, string(i.Name)+" has a tag of "+strconv.Itoa(i.TagSize)+" bytes, this one has "+strconv.Itoa(len(e.Tag)), "give the tag that belongs to the ciphertext")
	}
	if len(e.Ciphertext) > MaxMessage+aesBlock {
		return fault.New(fault.Invalid, "the ciphertext is longer than "+strconv.Itoa(MaxMessage+aesBlock)+" bytes", "encrypt large content with a key of its own, and wrap that key here")
	}
	return nil
}
