package keys

import (
	"crypto"
	"slices"
	"strconv"
	"strings"

	_ "crypto/sha1" // RSA-OAEP with SHA-1, as RFC 7518 section 4.3 defines it

	"github.com/strongroom/strongroom/internal/fault"
)

// EncryptionAlgorithm is the name of an algorithm that encrypts content or
// wraps keys: those of RFC 7518 section 4.1 and Azure Key Vault's own.
type EncryptionAlgorithm string

// The encryption and wrapping algorithms.
const (
	RSA15      EncryptionAlgorithm = "RSA1_5"
	RSAOAEP    EncryptionAlgorithm = "RSA-OAEP"
	RSAOAEP256 EncryptionAlgorithm = "RSA-OAEP-256"
	A128GCM    EncryptionAlgorithm = "A128GCM"
	A192GCM    EncryptionAlgorithm = "A192GCM"
	A256GCM    EncryptionAlgorithm = "A256GCM"
	A128CBC    EncryptionAlgorithm = "A128CBC"
	A192CBC    EncryptionAlgorithm = "A192CBC"
	A256CBC    EncryptionAlgorithm = "A256CBC"
	A128CBCPAD EncryptionAlgorithm = "A128CBCPAD"
	A192CBCPAD EncryptionAlgorithm = "A192CBCPAD"
	A256CBCPAD EncryptionAlgorithm = "A256CBCPAD"
	A128KW     EncryptionAlgorithm = "A128KW"
	A192KW     EncryptionAlgorithm = "A192KW"
	A256KW     EncryptionAlgorithm = "A256KW"
	A128KWPAD  EncryptionAlgorithm = "A128KWPAD"
	A192KWPAD  EncryptionAlgorithm = "A192KWPAD"
	A256KWPAD  EncryptionAlgorithm = "A256KWPAD"
)

// CipherScheme is the way an algorithm encrypts; several algorithms share one.
type CipherScheme string

// The schemes.
const (
	CipherPKCS1  CipherScheme = "RSAES-PKCS1-v1_5" // RFC 8017 section 7.2
	CipherOAEP   CipherScheme = "RSAES-OAEP"       // RFC 8017 section 7.1; MGF1 with the same hash, no label
	CipherGCM    CipherScheme = "AES-GCM"          // NIST SP 800-38D
	CipherCBC    CipherScheme = "AES-CBC"          // NIST SP 800-38A, whole blocks
	CipherCBCPad CipherScheme = "AES-CBC-PKCS7"    // the same with the padding of RFC 5652 section 6.3
	CipherKW     CipherScheme = "AES-KW"           // RFC 3394
	CipherKWPad  CipherScheme = "AES-KWP"          // RFC 5649
)

// EncryptionInfo is a row of the encryption table. Sizes are in bytes where
// nothing else is said.
type EncryptionInfo struct {
	Name   EncryptionAlgorithm
	Scheme CipherScheme
	// Type is the software type of the keys that can use it.
	Type Type
	// Bits is the one size of an oct key that fits; 0 where any size does.
	Bits int
	// Hash is OAEP's hash.
	Hash crypto.Hash
	// Operations are what the algorithm is for.
	Operations []Operation
	// IVSize is the size of the initialization vector; 0 for none.
	IVSize int
	// OwnIV says that the IV is always made where the key is, and never
	// taken from a caller: a GCM IV that comes twice gives the key away.
	OwnIV bool
	// TagSize is the size of the authentication tag that stands beside the
	// ciphertext; 0 for none.
	TagSize int
	// AAD says that additional authenticated data may go with the content.
	AAD bool
	// Discouraged says that the algorithm is here for others' sake:
	// decryption gives a padding oracle to whoever may ask often, or nothing
	// shows that the ciphertext was changed, or the hash is SHA-1.
	Discouraged bool
}

const (
	gcmIVSize  = 12 // NIST SP 800-38D section 5.2.1.1
	gcmTagSize = 16
)

var (
	opsBoth    = []Operation{OpEncrypt, OpDecrypt, OpWrapKey, OpUnwrapKey}
	opsContent = []Operation{OpEncrypt, OpDecrypt}
	opsKeys    = []Operation{OpWrapKey, OpUnwrapKey}
)

// encryptionTable is the one place that says what encrypts with what. The
// first row that fits a spec and an operation is the default.
var encryptionTable = []EncryptionInfo{
	{Name: RSAOAEP256, Scheme: CipherOAEP, Type: RSA, Hash: crypto.SHA256, Operations: opsBoth},
	{Name: RSAOAEP, Scheme: CipherOAEP, Type: RSA, Hash: crypto.SHA1, Operations: opsBoth, Discouraged: true},
	{Name: RSA15, Scheme: CipherPKCS1, Type: RSA, Operations: opsBoth, Discouraged: true},
	gcmRow(A128GCM, 128), gcmRow(A192GCM, 192), gcmRow(A256GCM, 256),
	cbcRow(A128CBCPAD, CipherCBCPad, 128), cbcRow(A192CBCPAD, CipherCBCPad, 192), cbcRow(A256CBCPAD, CipherCBCPad, 256),
	cbcRow(A128CBC, CipherCBC, 128), cbcRow(A192CBC, CipherCBC, 192), cbcRow(A256CBC, CipherCBC, 256),
	wrapRow(A128KW, CipherKW, 128), wrapRow(A192KW, CipherKW, 192), wrapRow(A256KW, CipherKW, 256),
	wrapRow(A128KWPAD, CipherKWPad, 128), wrapRow(A192KWPAD, CipherKWPad, 192), wrapRow(A256KWPAD, CipherKWPad, 256),
}

func gcmRow(name EncryptionAlgorithm, bits int) EncryptionInfo {
	return EncryptionInfo{
		Name: name, Scheme: CipherGCM, Type: Oct, Bits: bits, Operations: opsContent,
		IVSize: gcmIVSize, OwnIV: true, TagSize: gcmTagSize, AAD: true,
	}
}

func cbcRow(name EncryptionAlgorithm, scheme CipherScheme, bits int) EncryptionInfo {
	return EncryptionInfo{Name: name, Scheme: scheme, Type: Oct, Bits: bits, Operations: opsContent, IVSize: aesBlock, Discouraged: true}
}

func wrapRow(name EncryptionAlgorithm, scheme CipherScheme, bits int) EncryptionInfo {
	return EncryptionInfo{Name: name, Scheme: scheme, Type: Oct, Bits: bits, Operations: opsKeys}
}

// EncryptionAlgorithms gives the encryption table. The caller must not change
// the rows' operations.
func EncryptionAlgorithms() []EncryptionInfo { return slices.Clone(encryptionTable) }

// EncryptionAlgorithmsFor gives the algorithms with which a key of the spec
// does the operation, the default first; software and hardware twins have the
// same.
func EncryptionAlgorithmsFor(s Spec, op Operation) []EncryptionAlgorithm {
	var fit []EncryptionAlgorithm
	for _, row := range encryptionTable {
		if row.Fits(s) && row.Does(op) {
			fit = append(fit, row.Name)
		}
	}
	return fit
}

// DefaultEncryption gives the algorithm to offer first for a spec and an
// operation, or "" where the key cannot do it.
func DefaultEncryption(s Spec, op Operation) EncryptionAlgorithm {
	if fit := EncryptionAlgorithmsFor(s, op); len(fit) > 0 {
		return fit[0]
	}
	return ""
}

// ParseEncryptionAlgorithm reads an algorithm's name without regard to case.
func ParseEncryptionAlgorithm(s string) (EncryptionAlgorithm, error) {
	for _, row := range encryptionTable {
		if strings.EqualFold(s, string(row.Name)) {
			return row.Name, nil
		}
	}
	return "", errNoEncryption(s)
}

func errNoEncryption(name string) error {
	var names []string
	for _, row := range encryptionTable {
		names = append(names, string(row.Name))
	}
	return fault.New(fault.Invalid, "there is no encryption algorithm "+quote(name), "use "+orList(names))
}

// Info gives the algorithm's row, and false for an unknown algorithm.
func (a EncryptionAlgorithm) Info() (EncryptionInfo, bool) {
	for _, row := range encryptionTable {
		if row.Name == a {
			return row, true
		}
	}
	return EncryptionInfo{}, false
}

// Fits reports whether a key of the spec can use the algorithm.
func (i EncryptionInfo) Fits(s Spec) bool {
	return s.Known() && i.Type == s.Type.Software() && (i.Bits == 0 || i.Bits == s.Bits)
}

// Does reports whether the algorithm is for the operation.
func (i EncryptionInfo) Does(op Operation) bool { return slices.Contains(i.Operations, op) }

// MaxPlaintext gives the most bytes that a key of the spec takes at a time.
func (i EncryptionInfo) MaxPlaintext(s Spec) int {
	switch i.Scheme {
	case CipherPKCS1:
		return s.Bits/8 - pkcs1Overhead
	case CipherOAEP:
		return s.Bits/8 - 2*i.Hash.Size() - 2
	default:
		return MaxMessage
	}
}

// CheckEncryption refuses an algorithm that does not exist, or with which a
// key of the spec cannot do the operation, and says which can.
func CheckEncryption(s Spec, a EncryptionAlgorithm, op Operation) (EncryptionInfo, error) {
	info, ok := a.Info()
	if !ok {
		return EncryptionInfo{}, errNoEncryption(string(a))
	}
	if info.Fits(s) && info.Does(op) {
		return info, nil
	}
	problem := "a key " + s.String() + " does not " + verb(op) + " with " + string(a)
	fit := EncryptionAlgorithmsFor(s, op)
	if len(fit) == 0 {
		return EncryptionInfo{}, fault.New(fault.Invalid, problem, "a key "+s.String()+" cannot "+verb(op)+" at all")
	}
	names := make([]string, len(fit))
	for i, name := range fit {
		names[i] = string(name)
	}
	return EncryptionInfo{}, fault.New(fault.Invalid, problem, "use "+orList(names))
}

// verb says an operation in words.
func verb(op Operation) string {
	switch op {
	case OpWrapKey:
		return "wrap keys"
	case OpUnwrapKey:
		return "unwrap keys"
	default:
		return string(op)
	}
}

// CheckPlaintext refuses a plaintext of a length, in bytes, that the algorithm
// does not take from a key of the spec.
func (i EncryptionInfo) CheckPlaintext(s Spec, length int) error {
	most, least, unit := i.MaxPlaintext(s), 0, 1
	switch i.Scheme {
	case CipherCBC:
		least, unit = aesBlock, aesBlock
	case CipherKW:
		least, unit = 2*semiblock, semiblock
	case CipherKWPad:
		least = 1
	}
	if length >= least && length <= most && length%unit == 0 {
		return nil
	}
	rule := strconv.Itoa(least) + " to " + strconv.Itoa(most) + " bytes"
	if unit > 1 {
		rule += " in whole blocks of " + strconv.Itoa(unit)
	}
	return fault.New(fault.Invalid, string(i.Name)+" does not take a plaintext of "+strconv.Itoa(length)+" bytes", "it takes "+rule)
}
