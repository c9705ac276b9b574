package keys

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"math/big"
	"slices"

	"github.com/decred/dcrd/dcrec/secp256k1/v4"

	"github.com/strongroom/strongroom/internal/fault"
)

// Base64URL is bytes that travel as base64url without padding (RFC 7515
// section 2).
type Base64URL []byte

// MarshalText encodes.
func (b Base64URL) MarshalText() ([]byte, error) { return []byte(b.String()), nil }

// String encodes.
func (b Base64URL) String() string { return base64.RawURLEncoding.EncodeToString(b) }

// UnmarshalText decodes strictly: no padding, no line breaks, no stray bits.
func (b *Base64URL) UnmarshalText(text []byte) error {
	out, err := ParseBase64URL(string(text))
	*b = out
	return err
}

// ParseBase64URL decodes what [Base64URL] encodes, and nothing else.
func ParseBase64URL(s string) ([]byte, error) {
	out, err := base64.RawURLEncoding.Strict().DecodeString(s)
	// The decoder skips line breaks, so the length shows whether there were any.
	if err != nil || base64.RawURLEncoding.EncodedLen(len(out)) != len(s) {
		return nil, fault.New(fault.Invalid, "the value is not base64url without padding", "use only A-Z a-z 0-9 - and _")
	}
	return out, nil
}

// JWK is the public half of a key as a JSON Web Key, with the members, the
// order and the names of Azure Key Vault's REST bodies: kty may end in -HSM
// and crv may be P-256K.
type JWK struct {
	Kid    string      `json:"kid,omitempty"`
	Kty    Type        `json:"kty"`
	KeyOps []Operation `json:"key_ops,omitempty"`
	N      Base64URL   `json:"n,omitempty"`
	E      Base64URL   `json:"e,omitempty"`
	Crv    Curve       `json:"crv,omitempty"`
	X      Base64URL   `json:"x,omitempty"`
	Y      Base64URL   `json:"y,omitempty"`
}

// JWK gives the key as a JWK with the given identifier and operations.
func (p PublicKey) JWK(kid string, ops []Operation) JWK {
	j := JWK{Kid: kid, Kty: p.spec.Type, KeyOps: ops, Crv: p.spec.Curve}
	switch k := p.key.(type) {
	case *rsa.PublicKey:
		j.N, j.E = k.N.Bytes(), big.NewInt(int64(k.E)).Bytes()
	case ed25519.PublicKey:
		j.X = Base64URL(k)
	case *secp256k1.PublicKey:
		j.setPoint(k.SerializeUncompressed())
	case *ecdsa.PublicKey:
		// The curve is one of ours, so the point has an encoding.
		point, _ := k.Bytes()
		j.setPoint(point)
	}
	return j
}

// setPoint splits an uncompressed point (SEC 1 section 2.3.3).
func (j *JWK) setPoint(point []byte) {
	half := len(point) / 2
	j.X, j.Y = point[1:1+half], point[1+half:]
}

// privateMembers are those of RFC 7518 section 6 and Azure's import body.
var privateMembers = []string{"d", "p", "q", "dp", "dq", "qi", "oth", "k", "key_hsm"}

// ParseJWK reads a public JWK. It refuses doubled members, private members and
// trailing bytes, and as RFC 7517 section 4 demands ignores members it does
// not know.
func ParseJWK(data []byte) (JWK, error) {
	if len(data) > maxJWK {
		return JWK{}, errBadJWK(nil)
	}
	names, err := memberNames(data, errBadJWK)
	if err != nil {
		return JWK{}, err
	}
	for _, name := range privateMembers {
		if slices.Contains(names, name) {
			return JWK{}, fault.New(fault.Invalid, "the JWK holds a private key", "give the public half only")
		}
	}
	var j JWK
	if err := json.Unmarshal(data, &j); err != nil {
		return JWK{}, errBadJWK(nil)
	}
	return j, nil
}

// memberNames lists the members of the outer object and refuses doubles, of
// which decoders pick different ones. Names compare as encoding/json does:
// without case. bad makes the error of the document that is read.
func memberNames(data []byte, bad func(error) error) ([]string, error) {
	dec := json.NewDecoder(bytes.NewReader(data))
	if open, err := dec.Token(); err != nil || open != json.Delim('{') {
		return nil, bad(nil)
	}
	var names []string
	for dec.More() {
		name, err := dec.Token()
		if err != nil {
			return nil, bad(nil)
		}
		folded := foldName(name.(string))
		if slices.Contains(names, folded) {
			return nil, fault.New(fault.Invalid, "the JSON has the member "+quote(name.(string))+" twice", "give each member once")
		}
		names = append(names, folded)
		if err := skipValue(dec); err != nil {
			return nil, bad(nil)
		}
	}
	if _, err := dec.Token(); err != nil {
		return nil, bad(nil)
	}
	if _, err := dec.Token(); err != io.EOF {
		return nil, bad(nil)
	}
	return names, nil
}

// skipValue reads over a value and clears the copy that was made of it, which
// may be secret.
func skipValue(dec *json.Decoder) error {
	var skipped json.RawMessage
	defer func() { clear(skipped) }()
	return dec.Decode(&skipped)
}

// foldName lowers ASCII and the two other letters that encoding/json takes
// for an ASCII one: the Kelvin sign and the long s.
func foldName(s string) string {
	return string(bytes.ToLower(bytes.ReplaceAll([]byte(s), []byte("ſ"), []byte("s"))))
}

func errBadJWK(err error) error {
	return fault.Wrap(err, fault.Invalid, "the JWK cannot be read", "give one JSON object with kty and the public numbers")
}

// Public gives the key that the JWK describes, with the JWK's kty deciding its
// protection. Numbers must have their one right length.
func (j JWK) Public() (PublicKey, error) {
	kty, err := parseType(string(j.Kty))
	if err != nil {
		return PublicKey{}, err
	}
	key, err := j.key(kty.Software())
	if err != nil {
		return PublicKey{}, err
	}
	pub, err := NewPublic(key)
	if err != nil {
		return PublicKey{}, err
	}
	return pub.WithProtection(kty.Protection()), nil
}

func (j JWK) key(kty Type) (any, error) {
	if kty == RSA {
		return j.rsa()
	}
	curve, err := parseCurve(string(j.Crv))
	if err != nil {
		return nil, err
	}
	size := curve.coordinateSize()
	switch {
	case kty == OKP && curve == Ed25519 && len(j.X) == size && len(j.Y) == 0:
		return decodePoint(curve, j.X)
	case kty == EC && curve != Ed25519 && size != 0 && len(j.X) == size && len(j.Y) == size:
		return decodePoint(curve, slices.Concat([]byte{4}, j.X, j.Y))
	}
	return nil, errBadJWK(nil)
}

func (j JWK) rsa() (any, error) {
	if len(j.N) == 0 || len(j.E) == 0 || len(j.E) > 4 || j.N[0] == 0 || j.E[0] == 0 {
		return nil, errBadJWK(nil)
	}
	e := new(big.Int).SetBytes(j.E)
	return &rsa.PublicKey{N: new(big.Int).SetBytes(j.N), E: int(e.Int64())}, nil
}

// Thumbprint gives the key's RFC 7638 thumbprint with SHA-256, as base64url.
// It takes the registered names of type and curve, so a key has the same
// thumbprint in software, in an HSM, and in other programs.
func (p PublicKey) Thumbprint() string {
	j := p.JWK("", nil)
	// The members that RFC 7638 section 3.2 and RFC 8037 section 2 require, in
	// the lexicographic order that a map is encoded in.
	members := map[string]string{"kty": string(p.spec.Type.Software())}
	for name, value := range map[string]Base64URL{"n": j.N, "e": j.E, "x": j.X, "y": j.Y} {
		if len(value) != 0 {
			members[name] = value.String()
		}
	}
	if p.spec.Curve != "" {
		members["crv"] = p.spec.Curve.row().registered
	}
	// A map of ASCII strings always encodes.
	text, _ := json.Marshal(members)
	sum := sha256.Sum256(text)
	return Base64URL(sum[:]).String()
}
