package keys

import (
	"crypto"
	"strconv"
	"strings"

	// The hashes that the algorithm table names.
	_ "crypto/sha256"
	_ "crypto/sha512"

	"github.com/strongroom/strongroom/internal/fault"
)

// Algorithm is a JWA signature algorithm name (RFC 7518 section 3.1, RFC 8037
// section 3.1, RFC 8812 section 3.2).
type Algorithm string

// The signature algorithms.
const (
	RS256  Algorithm = "RS256"
	RS384  Algorithm = "RS384"
	RS512  Algorithm = "RS512"
	PS256  Algorithm = "PS256"
	PS384  Algorithm = "PS384"
	PS512  Algorithm = "PS512"
	ES256  Algorithm = "ES256"
	ES384  Algorithm = "ES384"
	ES512  Algorithm = "ES512"
	ES256K Algorithm = "ES256K"
	HS256  Algorithm = "HS256"
	HS384  Algorithm = "HS384"
	HS512  Algorithm = "HS512"
	EdDSA  Algorithm = "EdDSA"
)

// Scheme is the way an algorithm signs; several algorithms share one.
type Scheme string

// The schemes.
const (
	SchemePKCS1   Scheme = "RSASSA-PKCS1-v1_5" // RFC 8017 section 8.2
	SchemePSS     Scheme = "RSASSA-PSS"        // RFC 8017 section 8.1; the salt is as long as the hash
	SchemeECDSA   Scheme = "ECDSA"             // FIPS 186-5 section 6
	SchemeHMAC    Scheme = "HMAC"              // RFC 2104
	SchemeEd25519 Scheme = "Ed25519"           // RFC 8032, the pure variant
)

// AlgorithmInfo is a row of the algorithm table.
type AlgorithmInfo struct {
	Name   Algorithm
	Scheme Scheme
	// Hash is the digest's hash; 0 where the algorithm takes the message.
	Hash crypto.Hash
	// Type is the software type of the keys that can sign with it.
	Type Type
	// Curve is the only curve that fits, or empty where any size does.
	Curve Curve
	// MinBits is the least size of an oct key.
	MinBits int
}

// RFC 7518 section 3.2 wants an HMAC key as long as the hash. The largest oct
// key is 256 bits, which is the strength sought; so 256 bits serve all three.
const minHMACBits = 256

// algorithmTable is the one place that says what fits what. The first row that
// fits a spec is its default.
var algorithmTable = []AlgorithmInfo{
	{Name: RS256, Scheme: SchemePKCS1, Hash: crypto.SHA256, Type: RSA},
	{Name: RS384, Scheme: SchemePKCS1, Hash: crypto.SHA384, Type: RSA},
	{Name: RS512, Scheme: SchemePKCS1, Hash: crypto.SHA512, Type: RSA},
	{Name: PS256, Scheme: SchemePSS, Hash: crypto.SHA256, Type: RSA},
	{Name: PS384, Scheme: SchemePSS, Hash: crypto.SHA384, Type: RSA},
	{Name: PS512, Scheme: SchemePSS, Hash: crypto.SHA512, Type: RSA},
	{Name: ES256, Scheme: SchemeECDSA, Hash: crypto.SHA256, Type: EC, Curve: P256},
	{Name: ES384, Scheme: SchemeECDSA, Hash: crypto.SHA384, Type: EC, Curve: P384},
	{Name: ES512, Scheme: SchemeECDSA, Hash: crypto.SHA512, Type: EC, Curve: P521},
	{Name: ES256K, Scheme: SchemeECDSA, Hash: crypto.SHA256, Type: EC, Curve: P256K},
	{Name: EdDSA, Scheme: SchemeEd25519, Type: OKP, Curve: Ed25519},
	{Name: HS256, Scheme: SchemeHMAC, Type: Oct, Hash: crypto.SHA256, MinBits: minHMACBits},
	{Name: HS384, Scheme: SchemeHMAC, Type: Oct, Hash: crypto.SHA384, MinBits: minHMACBits},
	{Name: HS512, Scheme: SchemeHMAC, Type: Oct, Hash: crypto.SHA512, MinBits: minHMACBits},
}

// Algorithms gives the algorithm table.
func Algorithms() []AlgorithmInfo { return append([]AlgorithmInfo(nil), algorithmTable...) }

// AlgorithmsFor gives the signature algorithms that fit a spec, the default
// first; software and hardware twins have the same.
func AlgorithmsFor(s Spec) []Algorithm {
	var fit []Algorithm
	for _, row := range algorithmTable {
		if row.Fits(s) {
			fit = append(fit, row.Name)
		}
	}
	return fit
}

// DefaultSignature gives the signature algorithm to offer first for a spec,
// or "" where the key cannot sign.
func DefaultSignature(s Spec) Algorithm {
	for _, row := range algorithmTable {
		if row.Fits(s) {
			return row.Name
		}
	}
	return ""
}

// ParseAlgorithm reads an algorithm's name, exactly as JWA writes it but
// without regard to case.
func ParseAlgorithm(s string) (Algorithm, error) {
	for _, row := range algorithmTable {
		if strings.EqualFold(s, string(row.Name)) {
			return row.Name, nil
		}
	}
	return "", fault.New(fault.Invalid, "there is no signature algorithm "+quote(s), "use "+orList(algorithmNames(nil)))
}

// Info gives the algorithm's row, and false for an unknown algorithm.
func (a Algorithm) Info() (AlgorithmInfo, bool) {
	for _, row := range algorithmTable {
		if row.Name == a {
			return row, true
		}
	}
	return AlgorithmInfo{}, false
}

// Fits reports whether a key of the spec can sign with the algorithm.
func (i AlgorithmInfo) Fits(s Spec) bool {
	return s.Known() && i.Type == s.Type.Software() && s.Bits >= i.MinBits &&
		(i.Curve == "" || i.Curve == s.Curve)
}

// TakesMessage reports whether the algorithm signs the message itself and not
// its digest: Ed25519 (RFC 8032 hashes twice, so there is no digest to pass)
// and HMAC.
func (i AlgorithmInfo) TakesMessage() bool {
	return i.Scheme == SchemeEd25519 || i.Scheme == SchemeHMAC
}

// DigestSize gives the length in bytes of the digest to sign, or 0 where the
// algorithm takes the message.
func (i AlgorithmInfo) DigestSize() int {
	if i.TakesMessage() {
		return 0
	}
	return i.Hash.Size()
}

// CheckAlgorithm refuses an algorithm that does not exist or does not fit the
// spec, and says which do.
func CheckAlgorithm(s Spec, a Algorithm) (AlgorithmInfo, error) {
	info, ok := a.Info()
	if ok && info.Fits(s) {
		return info, nil
	}
	problem := "a key " + s.String() + " does not sign with " + string(a)
	if !ok {
		problem = "there is no signature algorithm " + quote(string(a))
	}
	fit := algorithmNames(AlgorithmsFor(s))
	if len(fit) == 0 {
		return AlgorithmInfo{}, fault.New(fault.Invalid, problem, "a key "+s.String()+" signs with no algorithm")
	}
	return AlgorithmInfo{}, fault.New(fault.Invalid, problem, "use "+orList(fit))
}

// CheckDigest refuses a digest whose length is not that of the algorithm's
// hash, and a message longer than [MaxMessage] where the algorithm takes the
// message.
func CheckDigest(a Algorithm, digest []byte) error {
	info, ok := a.Info()
	switch {
	case !ok:
		return fault.New(fault.Invalid, "there is no signature algorithm "+quote(string(a)), "use "+orList(algorithmNames(nil)))
	case info.TakesMessage() && len(digest) > MaxMessage:
		return errMessageTooLong(a)
	case !info.TakesMessage() && len(digest) != info.DigestSize():
		return fault.New(fault.Invalid,
			string(a)+" signs a digest of "+strconv.Itoa(info.DigestSize())+" bytes, this one has "+strconv.Itoa(len(digest)),
			"hash the content with "+info.Hash.String()+" and pass the digest")
	}
	return nil
}

func errMessageTooLong(a Algorithm) error {
	return fault.New(fault.Invalid,
		string(a)+" signs the content itself, at most "+strconv.Itoa(MaxMessage)+" bytes of it",
		"sign a digest of the content, or use an RSA or EC key")
}

// algorithmNames turns algorithms into text; nil stands for all.
func algorithmNames(as []Algorithm) []string {
	var names []string
	if as == nil {
		for _, row := range algorithmTable {
			names = append(names, string(row.Name))
		}
		return names
	}
	for _, a := range as {
		names = append(names, string(a))
	}
	return names
}
