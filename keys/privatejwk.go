package keys

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"slices"

	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/internal/secret"
)

// privateBytes is a private member. Unlike [Base64URL] it decodes without a
// string on the way, which could not be wiped.
type privateBytes []byte

func (b *privateBytes) UnmarshalText(text []byte) error {
	encoding := base64.RawURLEncoding.Strict()
	out := make([]byte, encoding.DecodedLen(len(text)))
	n, err := encoding.Decode(out, text)
	// The decoder skips line breaks, so the length shows whether there were any.
	if err != nil || encoding.EncodedLen(n) != len(text) {
		clear(out)
		return errBadPrivateJWK(nil)
	}
	*b = out[:n]
	return nil
}

// privateJWK has the private members of RFC 7518 sections 6.2.2, 6.3.2 and
// 6.4.1, and RFC 8037 section 2.
type privateJWK struct {
	JWK
	D  privateBytes `json:"d"`
	P  privateBytes `json:"p"`
	Q  privateBytes `json:"q"`
	DP privateBytes `json:"dp"`
	DQ privateBytes `json:"dq"`
	QI privateBytes `json:"qi"`
	K  privateBytes `json:"k"`
}

func (j *privateJWK) members() []privateBytes {
	return []privateBytes{j.D, j.P, j.Q, j.DP, j.DQ, j.QI, j.K}
}

func (j *privateJWK) wipe() {
	for _, b := range j.members() {
		clear(b)
	}
}

// ParsePrivateJWK reads a private key from elsewhere as a JWK (RFC 7517): RSA
// with all of d, p, q, dp, dq and qi, EC and OKP with d, oct with k. The
// public members must be there too and belong to the key. It is as strict as
// [ParseJWK], and looks at the key as [ParsePrivateDER] does.
//
// The JWK that comes back is the public part as it was written: kid, key_ops,
// and the kty, which with -HSM asks for a key in a token. The Private is a
// software key in any case. The caller keeps, and wipes, data.
func ParsePrivateJWK(data *secret.Bytes) (JWK, *Private, error) {
	var written JWK
	var key *Private
	err := data.RevealErr(func(b []byte) error {
		j, err := readPrivateJWK(b)
		if err != nil {
			return err
		}
		defer j.wipe()
		written = j.JWK
		key, err = adoptParsed(j.softwareKey())
		return err
	})
	if err != nil {
		return JWK{}, nil, err
	}
	return written, key, nil
}

func readPrivateJWK(data []byte) (*privateJWK, error) {
	if len(data) > maxJWK {
		return nil, errBadPrivateJWK(nil)
	}
	names, err := memberNames(data, errBadPrivateJWK)
	if err != nil {
		return nil, err
	}
	if slices.Contains(names, "oth") {
		return nil, errManyPrimes()
	}
	if slices.Contains(names, "key_hsm") {
		return nil, fault.New(fault.Invalid, "the JWK holds a wrapped key for an HSM", "import it as a key transfer blob (BYOK)")
	}
	j := new(privateJWK)
	if err := json.Unmarshal(data, j); err != nil {
		j.wipe()
		return nil, errBadPrivateJWK(nil)
	}
	return j, nil
}

func errBadPrivateJWK(error) error {
	return fault.New(fault.Invalid, "the private JWK cannot be read", "give one JSON object with kty, the public and all the private numbers")
}

// softwareKey makes the key and checks it against the public members.
func (j *privateJWK) softwareKey() (softwareKey, error) {
	kty, err := parseType(string(j.Kty))
	if err != nil {
		return nil, err
	}
	if !j.hasJust(kty.Software()) {
		return nil, errBadPrivateJWK(nil)
	}
	switch kty.Software() {
	case RSA:
		return j.rsaKey()
	case Oct:
		return parseOct(j.K)
	}
	key, err := j.curveKey()
	if err != nil {
		return nil, err
	}
	public, err := j.JWK.Public()
	if err == nil && !isPointOf(key, public.point()) {
		err = errOtherHalf()
	}
	if err != nil {
		key.wipe()
		return nil, err
	}
	return key, nil
}

// hasJust reports whether the members are those of the type, all and no other.
func (j *privateJWK) hasJust(kty Type) bool {
	has := func(members ...[]byte) bool {
		return !slices.ContainsFunc(members, func(b []byte) bool { return len(b) == 0 })
	}
	lacks := func(members ...[]byte) bool {
		return !slices.ContainsFunc(members, func(b []byte) bool { return len(b) != 0 })
	}
	crt := [][]byte{j.P, j.Q, j.DP, j.DQ, j.QI}
	switch kty {
	case RSA:
		return has(j.N, j.E, j.D) && has(crt...) && lacks(j.K, j.X, j.Y) && j.Crv == ""
	case Oct:
		return has(j.K) && lacks(j.D, j.N, j.E, j.X, j.Y) && lacks(crt...) && j.Crv == ""
	default:
		return has(j.X, j.D) && lacks(j.K, j.N, j.E) && lacks(crt...)
	}
}

func (j *privateJWK) rsaKey() (softwareKey, error) {
	parts := newRSAParts()
	numbers := [][]byte{j.N, j.E, j.D, j.P, j.Q, j.DP, j.DQ, j.QI}
	for i, n := range parts.all() {
		// RFC 7518 section 2: a number has no leading zero bytes.
		if numbers[i][0] == 0 {
			parts.wipe()
			return nil, errBadPrivateJWK(nil)
		}
		n.SetBytes(numbers[i])
	}
	return parts.key()
}

// curveKey takes d, of the one right length (RFC 7518 section 6.2.2.1, RFC 8037
// section 2).
func (j *privateJWK) curveKey() (softwareKey, error) {
	curve, err := parseCurve(string(j.Crv))
	if err != nil {
		return nil, err
	}
	if len(j.D) != curve.coordinateSize() || (curve == Ed25519) != (j.Kty.Software() == OKP) {
		return nil, errBadPrivateJWK(nil)
	}
	switch curve {
	case Ed25519:
		return &edKey{ed25519.NewKeyFromSeed(j.D)}, nil
	case P256K:
		return parseK1Scalar(j.D)
	}
	key, err := ecdsa.ParseRawPrivateKey(curve.standard(), j.D)
	if err != nil {
		return nil, errBadPrivate(nil)
	}
	return &ecKey{curve: curve, key: key}, nil
}
