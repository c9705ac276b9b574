package keys

import (
	"bytes"
	"crypto/aes"
	"encoding/json"
	"slices"

	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/internal/secret"
)

// The constants of Azure Key Vault's key transfer blob.
const (
	byokSchema = "1.0.0"
	byokAlg    = "dir"
	byokEnc    = "CKM_RSA_AES_KEY_WRAP"
)

// BYOK is a key transfer blob, as Azure Key Vault's "bring your own key"
// defines it: a key wrapped elsewhere for a key of ours (PKCS #11
// CKM_RSA_AES_KEY_WRAP with SHA-1). Make one with [ParseBYOK].
type BYOK struct {
	// KeyID names the RSA key that the blob is wrapped for.
	KeyID string
	// Generator says what made it, in its own words; it may be empty, and
	// nothing vouches for it.
	Generator string
	// ciphertext is an AES key under RSA-OAEP with SHA-1, as long as the
	// modulus, and the target key under AES-KWP with it.
	ciphertext []byte
}

type byokHeader struct {
	Kid string `json:"kid"`
	Alg string `json:"alg"`
	Enc string `json:"enc"`
}

type byokJSON struct {
	SchemaVersion string          `json:"schema_version"`
	Header        json.RawMessage `json:"header"`
	Ciphertext    Base64URL       `json:"ciphertext"`
	Generator     string          `json:"generator"`
}

// ParseBYOK reads a blob. It refuses doubled and unknown members, other
// versions and mechanisms, and trailing bytes.
func ParseBYOK(data []byte) (BYOK, error) {
	if len(data) > maxBYOK {
		return BYOK{}, errBadBYOK(nil)
	}
	var outer byokJSON
	var header byokHeader
	if err := strictJSON(data, &outer); err != nil {
		return BYOK{}, err
	}
	if err := strictJSON(outer.Header, &header); err != nil {
		return BYOK{}, err
	}
	if outer.SchemaVersion != byokSchema || header.Alg != byokAlg || header.Enc != byokEnc {
		return BYOK{}, fault.New(fault.Unsupported, "this kind of key transfer blob is not offered",
			"make one of schema_version "+byokSchema+", alg "+byokAlg+" and enc "+byokEnc)
	}
	if len(outer.Ciphertext) == 0 || header.Kid == "" {
		return BYOK{}, errBadBYOK(nil)
	}
	return BYOK{KeyID: header.Kid, Generator: outer.Generator, ciphertext: outer.Ciphertext}, nil
}

// strictJSON reads one object with no member twice and none unknown.
func strictJSON(data []byte, into any) error {
	if _, err := memberNames(data, errBadBYOK); err != nil {
		return err
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if dec.Decode(into) != nil {
		return errBadBYOK(nil)
	}
	return nil
}

func errBadBYOK(error) error {
	return fault.New(fault.Invalid, "the key transfer blob cannot be read", "give the .byok file as the tool wrote it")
}

// Parts gives the two parts of the blob for a wrapping key of the given spec,
// so that a token can unwrap both inside: the AES key under RSA-OAEP with
// SHA-1, and the target under AES-KWP.
func (b BYOK) Parts(kek Spec) (aesKey, target []byte, err error) {
	size := kek.Bits / 8
	if kek.Type.Software() != RSA || !kek.Known() {
		return nil, nil, fault.New(fault.Invalid, "a key "+kek.String()+" does not unwrap key transfer blobs", "use an RSA key")
	}
	if len(b.ciphertext) < size+2*semiblock {
		return nil, nil, ErrDecrypt
	}
	return slices.Clone(b.ciphertext[:size]), slices.Clone(b.ciphertext[size:]), nil
}

// DecryptFunc opens a ciphertext wherever the private half is:
// [Private.Decrypt], or a request to the HSM. Where it fails for the
// ciphertext's sake, its error is [ErrDecrypt].
type DecryptFunc func(e Encrypted) (*secret.Bytes, error)

// Unwrap opens the blob in this process with the RSA key of the spec kek, for
// which decrypt does RSA-OAEP. The target is a PKCS #8 key, looked at as
// [ParsePrivateDER] does, or the bytes of an oct key; it must be what spec says.
// A blob that does not open is [ErrDecrypt], wherever in it the fault lies.
func (b BYOK) Unwrap(kek, spec Spec, decrypt DecryptFunc) (*Private, error) {
	if err := checkSoftware(spec); err != nil {
		return nil, err
	}
	encoded, err := b.open(kek, decrypt)
	if err != nil {
		return nil, err
	}
	defer encoded.Wipe()
	return importAs(spec, encoded)
}

func (b BYOK) open(kek Spec, decrypt DecryptFunc) (*secret.Bytes, error) {
	wrapped, target, err := b.Parts(kek)
	if err != nil {
		return nil, err
	}
	transport, err := decrypt(Encrypted{Algorithm: RSAOAEP, Ciphertext: wrapped})
	if err != nil {
		return nil, err
	}
	defer transport.Wipe()
	var plaintext []byte
	ok := false
	transport.Reveal(func(key []byte) {
		// A length that AES does not have fails as a wrong key does.
		if block, err := aes.NewCipher(key); err == nil {
			plaintext, ok = unwrapKWP(block, target)
		}
	})
	if !ok {
		return nil, ErrDecrypt
	}
	return secret.New(plaintext), nil
}

// importAs reads a key from elsewhere that must be what spec says.
func importAs(spec Spec, encoded *secret.Bytes) (*Private, error) {
	if !spec.Asymmetric() {
		return ParsePrivate(spec, encoded)
	}
	key, err := ParsePrivateDER(encoded)
	if err != nil {
		return nil, err
	}
	return newPrivate(spec, key.key)
}
