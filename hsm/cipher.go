package hsm

import (
	"crypto"
	"errors"
	"fmt"

	"github.com/miekg/pkcs11"

	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/internal/secret"
)

// CipherMechanism is how [Token.Encrypt] and [Token.Decrypt] work.
type CipherMechanism string

// Mechanisms of encryption and key wrapping.
const (
	// RSAOAEP is RSAES-OAEP with SHA-1 and MGF1 SHA-1 (RFC 8017 section 7.1),
	// no label: all that SoftHSM2 2.6 can do.
	RSAOAEP CipherMechanism = "rsa-oaep"
	// RSAOAEP256 is the same with SHA-256 and MGF1 SHA-256. Where the token
	// lacks the hash, a key of [UsageRaw] does the RSA operation in the token
	// and the padding is taken off here, in constant time; any other key is
	// refused.
	RSAOAEP256 CipherMechanism = "rsa-oaep-256"
	// RSA15 is RSAES-PKCS1-v1_5 (RFC 8017 section 7.2). Whoever may ask for
	// many decryptions and sees which fail can decrypt without the key
	// (Bleichenbacher 1998); it is here for others' data.
	RSA15 CipherMechanism = "rsa1_5"
	// RSARaw is the bare RSA operation (RFC 8017 section 5.1.2), for decryption
	// only, by a key of [UsageRaw]. It answers as many bytes as the modulus
	// has, and checks nothing: the caller takes the padding off in constant
	// time and shows nobody what he got.
	RSARaw CipherMechanism = "rsa-raw"
	// AESGCM is AES-GCM (NIST SP 800-38D) with a nonce of 12 bytes, made here,
	// and a tag of 16.
	AESGCM CipherMechanism = "aes-gcm"
	// AESCBC is AES-CBC (NIST SP 800-38A) over whole blocks of 16 bytes.
	// Nothing shows that its ciphertext was changed.
	AESCBC CipherMechanism = "aes-cbc"
	// AESCBCPad is AES-CBC with the padding of RFC 5652 section 6.3. Its
	// failures are a padding oracle for whoever may ask often.
	AESCBCPad CipherMechanism = "aes-cbc-pad"
	// AESKW is AES key wrap (RFC 3394), of 16 bytes or more in steps of 8.
	AESKW CipherMechanism = "aes-kw"
	// AESKWP is AES key wrap with padding (RFC 5649).
	AESKWP CipherMechanism = "aes-kwp"
)

// CipherMechanisms gives all of them.
func CipherMechanisms() []CipherMechanism {
	return []CipherMechanism{RSAOAEP, RSAOAEP256, RSA15, RSARaw, AESGCM, AESCBC, AESCBCPad, AESKW, AESKWP}
}

// EncryptRequest asks to encrypt, or with AESKW and AESKWP to wrap, Plaintext.
type EncryptRequest struct {
	Key       KeyID
	Mechanism CipherMechanism
	Plaintext *secret.Bytes // at most 1 MiB; less by RSA and, 4096 bytes, by key wrap
	IV        []byte        // AESCBC and AESCBCPad: 16 bytes, or nothing for random ones; else nothing
	AAD       []byte        // AESGCM: at most 64 KiB
}

// Ciphertext is what [Token.Encrypt] gives and [Token.Decrypt] takes.
type Ciphertext struct {
	Data []byte
	IV   []byte // AESGCM: 12 bytes; AESCBC, AESCBCPad: 16; else nothing
	Tag  []byte // AESGCM: 16 bytes; else nothing
}

// DecryptRequest asks for what was encrypted or wrapped.
type DecryptRequest struct {
	Key        KeyID
	Mechanism  CipherMechanism
	Ciphertext Ciphertext
	AAD        []byte // AESGCM: what was given to Encrypt
}

// cipher is what this package knows of a mechanism. Sizes are in bytes.
type cipher struct {
	mechanism uint // CKM number
	usage     Usage
	rsa       bool
	hash      crypto.Hash // OAEP's
	ivSize    int
	tagSize   int
	ownIV     bool // never a caller's: a nonce that comes twice gives the key away
	block     int  // the plaintext's length is a multiple of it; 0: any length
}

func (m CipherMechanism) spec() (cipher, error) {
	switch m {
	case RSAOAEP:
		return cipher{mechanism: pkcs11.CKM_RSA_PKCS_OAEP, usage: UsageEncrypt, rsa: true, hash: crypto.SHA1}, nil
	case RSAOAEP256:
		return cipher{mechanism: pkcs11.CKM_RSA_PKCS_OAEP, usage: UsageEncrypt, rsa: true, hash: crypto.SHA256}, nil
	case RSA15:
		return cipher{mechanism: pkcs11.CKM_RSA_PKCS, usage: UsageEncrypt, rsa: true}, nil
	case RSARaw:
		return cipher{mechanism: pkcs11.CKM_RSA_X_509, usage: UsageRaw, rsa: true}, nil
	case AESGCM:
		return cipher{mechanism: pkcs11.CKM_AES_GCM, usage: UsageEncrypt, ivSize: gcmNonceSize, tagSize: gcmTagSize, ownIV: true}, nil
	case AESCBC:
		return cipher{mechanism: pkcs11.CKM_AES_CBC, usage: UsageEncrypt, ivSize: aesBlock, block: aesBlock}, nil
	case AESCBCPad:
		return cipher{mechanism: pkcs11.CKM_AES_CBC_PAD, usage: UsageEncrypt, ivSize: aesBlock}, nil
	case AESKW:
		return cipher{mechanism: pkcs11.CKM_AES_KEY_WRAP, usage: UsageWrapKeys, block: kwpBlock}, nil
	case AESKWP:
		return cipher{mechanism: ckmKWP, usage: UsageWrapKeys}, nil
	default:
		return cipher{}, fault.New(fault.Unsupported, fmt.Sprintf("the HSM has no encryption mechanism %q", m), "")
	}
}

// keyWrap reports a mechanism that works on key objects.
func (c cipher) keyWrap() bool { return c.usage == UsageWrapKeys }

// most is the longest plaintext for a mechanism whatever the key; RSA's own
// limit comes from the key.
func (c cipher) most() int {
	if c.keyWrap() {
		return maxWrapData
	}
	return maxPlaintext
}

// check refuses what no token needs to be asked about.
func (r EncryptRequest) check() (cipher, error) {
	c, err := r.Mechanism.spec()
	if err != nil {
		return c, err
	}
	if r.Mechanism == RSARaw {
		return c, fault.New(fault.Unsupported, "the raw RSA operation is offered for decryption only", "Encrypt with the public key.")
	}
	if _, err := r.Key.bytes(); err != nil {
		return c, err
	}
	if len(r.IV) != 0 && (c.ownIV || len(r.IV) != c.ivSize) {
		return c, badIV(r.Mechanism, c)
	}
	if err := c.checkAAD(r.AAD); err != nil {
		return c, err
	}
	return c, c.checkPlaintext(r.Mechanism, r.Plaintext.Len())
}

func (c cipher) checkPlaintext(m CipherMechanism, n int) error {
	least := 0
	if c.keyWrap() {
		least = max(1, 2*c.block) // RFC 3394 section 2: two blocks at least
	}
	if n < least || n > c.most() || c.block > 0 && n%c.block != 0 {
		return fault.New(fault.Invalid, fmt.Sprintf("%s does not take %d bytes", m, n), c.lengths(least))
	}
	return nil
}

func (c cipher) lengths(least int) string {
	if c.block > 0 {
		return fmt.Sprintf("It takes %d to %d bytes in steps of %d.", least, c.most(), c.block)
	}
	return fmt.Sprintf("It takes %d to %d bytes.", least, c.most())
}

func (c cipher) checkAAD(aad []byte) error {
	switch {
	case len(aad) > 0 && c.mechanism != pkcs11.CKM_AES_GCM:
		return fault.New(fault.Invalid, "only AES-GCM takes additional authenticated data", "")
	case len(aad) > maxAAD:
		return fault.New(fault.Invalid, fmt.Sprintf("the HSM takes at most %d bytes of additional authenticated data", maxAAD), "")
	}
	return nil
}

func badIV(m CipherMechanism, c cipher) error {
	switch {
	case c.ownIV:
		return fault.New(fault.Invalid, "the nonce of AES-GCM is made with the ciphertext and cannot be chosen", "Leave the IV out and keep the one that is given.")
	case c.ivSize == 0:
		return fault.New(fault.Invalid, fmt.Sprintf("%s takes no IV", m), "")
	default:
		return fault.New(fault.Invalid, fmt.Sprintf("the IV of %s has %d bytes", m, c.ivSize), "")
	}
}

// check refuses a request of the wrong form as Invalid; what has the form but
// cannot have been made by this mechanism is [ErrAuthenticationFailed].
func (r DecryptRequest) check() (cipher, error) {
	c, err := r.Mechanism.spec()
	if err != nil {
		return c, err
	}
	if _, err := r.Key.bytes(); err != nil {
		return c, err
	}
	if err := c.checkAAD(r.AAD); err != nil {
		return c, err
	}
	t := r.Ciphertext
	switch {
	case len(t.IV) != c.ivSize:
		if c.ownIV {
			return c, fault.New(fault.Invalid, fmt.Sprintf("the IV of %s has %d bytes", r.Mechanism, c.ivSize), "")
		}
		return c, badIV(r.Mechanism, c)
	case len(t.Tag) != c.tagSize:
		return c, fault.New(fault.Invalid, fmt.Sprintf("the tag of %s has %d bytes", r.Mechanism, c.tagSize), "")
	case len(t.Data) > c.most()+aesBlock:
		return c, fault.New(fault.Invalid, fmt.Sprintf("the HSM decrypts at most %d bytes", c.most()), "")
	case !c.possible(len(t.Data)):
		return c, because(ErrAuthenticationFailed, errors.New("no ciphertext of this mechanism has this length"))
	}
	return c, nil
}

// possible reports whether a ciphertext can have that length; RSA's is checked
// with the key at hand.
func (c cipher) possible(n int) bool {
	switch c.mechanism {
	case pkcs11.CKM_AES_CBC:
		return n%aesBlock == 0
	case pkcs11.CKM_AES_CBC_PAD:
		return n > 0 && n%aesBlock == 0
	case pkcs11.CKM_AES_KEY_WRAP:
		return n >= 3*kwpBlock && n%kwpBlock == 0
	case ckmKWP:
		return n >= 2*kwpBlock && n%kwpBlock == 0
	default:
		return true
	}
}
