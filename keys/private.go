package keys

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"fmt"
	"io"
	"math/big"

	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/internal/secret"
)

// Private is a software key. It must not be used while or after it is wiped.
// Printing it under any verb shows nothing of it.
type Private struct {
	spec Spec
	pub  PublicKey
	key  softwareKey
}

// softwareKey is what the kinds of software key have in common.
type softwareKey interface {
	public() any
	// sign takes a digest of the right length and gives the JWS form.
	sign(info AlgorithmInfo, digest []byte) ([]byte, error)
	// encode gives what ParsePrivate reads.
	encode() ([]byte, error)
	wipe()
}

// Generate makes a software key. A spec in hardware is refused: such keys are
// made in the token.
//
// Since Go 1.26 the standard library takes its randomness from the operating
// system whatever random it is given; only oct and P-256K keys read it.
func Generate(s Spec, random io.Reader) (*Private, error) {
	if err := checkSoftware(s); err != nil {
		return nil, err
	}
	key, err := generate(s, random)
	if err != nil {
		return nil, fault.Wrap(err, fault.Internal, "making a key "+s.String()+" failed", "try again; if it fails again, the machine's random source is broken")
	}
	return newPrivate(s, key)
}

func generate(s Spec, random io.Reader) (softwareKey, error) {
	switch {
	case s.Type == Oct:
		return generateOct(s, random)
	case s.Type == RSA:
		key, err := rsa.GenerateKey(random, s.Bits)
		return &rsaKey{key}, err
	case s.Curve == Ed25519:
		_, key, err := ed25519.GenerateKey(random)
		return &edKey{key}, err
	case s.Curve == P256K:
		return generateK1(random)
	default:
		key, err := ecdsa.GenerateKey(s.Curve.standard(), random)
		return &ecKey{curve: s.Curve, key: key}, err
	}
}

func checkSoftware(s Spec) error {
	switch {
	case !s.Known():
		return fault.New(fault.Invalid, "there is no key "+quote(s.String()), "choose one of the offered key types and sizes")
	case s.HSM():
		return fault.New(fault.Invalid, "a key "+s.String()+" is made in the HSM, not in software", "ask the HSM for it, or choose the type "+string(s.Type.Software()))
	}
	return nil
}

// newPrivate takes a key that must be what the spec says, and wipes another.
func newPrivate(s Spec, key softwareKey) (*Private, error) {
	found, pub, err := describe(key)
	if err == nil && found != s {
		err = fault.New(fault.Invalid, "the key is "+found.String()+" and not "+s.String(), "name the type and size that the key has")
	}
	if err != nil {
		key.wipe()
		return nil, err
	}
	return &Private{spec: s, pub: pub, key: key}, nil
}

// describe finds out what a key is. A symmetric key has no public half.
func describe(key softwareKey) (Spec, PublicKey, error) {
	if k, ok := key.(*octKey); ok {
		return k.spec(), PublicKey{}, nil
	}
	pub, err := NewPublic(key.public())
	return pub.Spec(), pub, err
}

// ParsePrivate reads what [Private.Encode] gives: an unencrypted PKCS #8 key
// (RFC 5958), or the bytes of an oct key. It must be what spec says. The caller
// keeps, and wipes, encoded. Keys from elsewhere go through [ParsePrivateDER]
// and its like, which look at them more closely and take longer.
func ParsePrivate(s Spec, encoded *secret.Bytes) (*Private, error) {
	if err := checkSoftware(s); err != nil {
		return nil, err
	}
	var key softwareKey
	parse := parsePKCS8
	if !s.Asymmetric() {
		parse = parseOct
	}
	err := encoded.RevealErr(func(b []byte) (err error) {
		key, err = parse(b)
		return err
	})
	if err != nil {
		return nil, err
	}
	return newPrivate(s, key)
}

func parsePKCS8(der []byte) (softwareKey, error) {
	if len(der) > maxDER {
		return nil, errBadPrivate(nil)
	}
	if key, err := parseK1(der); key != nil || err != nil {
		return key, err
	}
	key, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil || !isOneSequence(der) {
		// The library's text may quote the input, so it goes no further.
		return nil, errBadPrivate(nil)
	}
	return fromStandard(key)
}

// fromStandard takes a private key of the standard library.
func fromStandard(key any) (softwareKey, error) {
	switch k := key.(type) {
	case *rsa.PrivateKey:
		if len(k.Primes) != 2 {
			return nil, errManyPrimes()
		}
		return &rsaKey{k}, nil
	case *ecdsa.PrivateKey:
		return &ecKey{curve: Curve(k.Curve.Params().Name), key: k}, nil
	case ed25519.PrivateKey:
		return &edKey{k}, nil
	default:
		return nil, fault.New(fault.Unsupported, "this kind of private key is not offered", "use RSA, EC or Ed25519")
	}
}

func errBadPrivate(err error) error {
	return fault.Wrap(err, fault.Invalid, "the private key cannot be read", "give an unencrypted PKCS #8 key, or for oct 16, 24 or 32 bytes")
}

// Spec says what the key is.
func (p *Private) Spec() Spec { return p.spec }

// Public gives the public half, which for an oct key is the zero value.
func (p *Private) Public() PublicKey { return p.pub }

// Encode gives the key as [ParsePrivate] reads it: unencrypted PKCS #8, or the
// bytes of an oct key. The caller wipes it.
func (p *Private) Encode() (*secret.Bytes, error) {
	if p.key == nil {
		return nil, errWiped()
	}
	encoded, err := p.key.encode()
	if err != nil {
		return nil, fault.Wrap(err, fault.Internal, "the private key cannot be encoded", "")
	}
	return secret.New(encoded), nil
}

// PKCS8 is [Private.Encode] by its older name; an oct key, for which PKCS #8
// has no form, gives its bytes here too.
func (p *Private) PKCS8() (*secret.Bytes, error) { return p.Encode() }

// Sign signs a digest (or, with EdDSA and HMAC, a message of at most
// [MaxMessage] bytes) and gives the signature in JWS form (RFC 7518 section 3): for ECDSA
// r || s, each as wide as the curve's field.
func (p *Private) Sign(a Algorithm, digest []byte) ([]byte, error) {
	if p.key == nil {
		return nil, errWiped()
	}
	info, err := CheckAlgorithm(p.spec, a)
	if err != nil {
		return nil, err
	}
	if err := CheckDigest(a, digest); err != nil {
		return nil, err
	}
	sig, err := p.key.sign(info, digest)
	if err != nil {
		return nil, fault.Wrap(err, fault.Internal, "signing with "+string(a)+" failed", "check the key")
	}
	return sig, nil
}

// Verify is [Verify] with the key's public half, and for an oct key checks the
// HMAC in constant time: there the verifier needs what the signer has.
func (p *Private) Verify(a Algorithm, digest, sig []byte) (bool, error) {
	if p.key == nil {
		return false, errWiped()
	}
	k, symmetric := p.key.(*octKey)
	if !symmetric {
		return Verify(p.pub, a, digest, sig)
	}
	info, err := CheckAlgorithm(p.spec, a)
	if err != nil {
		return false, err
	}
	if err := CheckDigest(a, digest); err != nil {
		return false, err
	}
	return k.verify(info, digest, sig), nil
}

// Wipe overwrites the private numbers that Go lets us reach. Copies that the
// standard library made for itself (RSA's precomputed values, the ECDSA scalar
// in its internal form) stay until the memory is used again.
func (p *Private) Wipe() {
	if p == nil || p.key == nil {
		return
	}
	p.key.wipe()
	p.key = nil
}

// Format redacts under every verb, for values as for pointers.
func (p Private) Format(f fmt.State, _ rune) {
	_, _ = io.WriteString(f, "[private key "+p.spec.String()+"]")
}

func errWiped() error {
	return fault.New(fault.Internal, "the private key has been wiped", "unwrap it again")
}

type rsaKey struct{ key *rsa.PrivateKey }

func (k *rsaKey) public() any             { return &k.key.PublicKey }
func (k *rsaKey) encode() ([]byte, error) { return x509.MarshalPKCS8PrivateKey(k.key) }

func (k *rsaKey) sign(info AlgorithmInfo, digest []byte) ([]byte, error) {
	if info.Scheme == SchemePSS {
		return rsa.SignPSS(rand.Reader, k.key, info.Hash, digest, &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash})
	}
	return rsa.SignPKCS1v15(rand.Reader, k.key, info.Hash, digest)
}

func (k *rsaKey) wipe() {
	wipeInt(k.key.D)
	for _, prime := range k.key.Primes {
		wipeInt(prime)
	}
	wipeInt(k.key.Precomputed.Dp)
	wipeInt(k.key.Precomputed.Dq)
	wipeInt(k.key.Precomputed.Qinv)
}

// ecKey is a key on a curve that the standard library knows.
type ecKey struct {
	curve Curve
	key   *ecdsa.PrivateKey
}

func (k *ecKey) public() any             { return &k.key.PublicKey }
func (k *ecKey) encode() ([]byte, error) { return x509.MarshalPKCS8PrivateKey(k.key) }

func (k *ecKey) sign(_ AlgorithmInfo, digest []byte) ([]byte, error) {
	sig, err := ecdsa.SignASN1(rand.Reader, k.key, digest)
	if err != nil {
		return nil, err
	}
	return RawSignature(k.curve, sig)
}

func (k *ecKey) wipe() {
	//lint:ignore SA1019 there is no other way to reach the scalar and overwrite it
	wipeInt(k.key.D)
}

type edKey struct{ key ed25519.PrivateKey }

func (k *edKey) public() any             { return k.key.Public() }
func (k *edKey) encode() ([]byte, error) { return x509.MarshalPKCS8PrivateKey(k.key) }
func (k *edKey) wipe()                   { clear(k.key) }

func (k *edKey) sign(_ AlgorithmInfo, message []byte) ([]byte, error) {
	return k.key.Sign(nil, message, crypto.Hash(0))
}

func wipeInt(n *big.Int) {
	if n != nil {
		clear(n.Bits())
	}
}

// standard gives the standard library's curve, or nil.
func (c Curve) standard() elliptic.Curve {
	switch c {
	case P256:
		return elliptic.P256()
	case P384:
		return elliptic.P384()
	case P521:
		return elliptic.P521()
	default:
		return nil
	}
}
