package keys

import (
	"crypto"
	"crypto/rsa"
	"io"

	"github.com/strongroom/strongroom/internal/fault"
)

// SignFunc signs a digest with an algorithm and gives the JWS form, wherever
// the private half is: [Private.Sign], or a request to the HSM.
type SignFunc func(a Algorithm, digest []byte) ([]byte, error)

// NewSigner makes a crypto.Signer, as crypto/x509 wants one, of a public key
// and a function that signs for it. Its signatures have the form that
// crypto.Signer promises: DER for ECDSA. P-256K is refused as Unsupported,
// for the standard library does not know the curve.
func NewSigner(p PublicKey, sign SignFunc) (crypto.Signer, error) {
	if _, ok := p.Standard(); !ok {
		return nil, fault.New(fault.Unsupported, "a key "+p.spec.String()+" cannot sign certificates here", "use RSA, EC P-256, P-384, P-521 or Ed25519")
	}
	return &signer{public: p, sign: sign}, nil
}

// Signer makes a crypto.Signer of the key; see [NewSigner].
func (p *Private) Signer() (crypto.Signer, error) { return NewSigner(p.pub, p.Sign) }

type signer struct {
	public PublicKey
	sign   SignFunc
}

// Public gives the standard library's form of the public key.
func (s *signer) Public() crypto.PublicKey {
	key, _ := s.public.Standard()
	return key
}

// Sign follows crypto.Signer. The random source is not used: the function
// that signs has its own.
func (s *signer) Sign(_ io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	a, err := algorithmFor(s.public.spec, opts)
	if err != nil {
		return nil, err
	}
	if err := CheckDigest(a, digest); err != nil {
		return nil, err
	}
	sig, err := s.sign(a, digest)
	if err != nil {
		return nil, err
	}
	if info, _ := a.Info(); info.Scheme == SchemeECDSA {
		return ASN1Signature(s.public.spec.Curve, sig)
	}
	return sig, nil
}

// algorithmFor finds the algorithm that a caller of crypto.Signer asks for.
func algorithmFor(s Spec, opts crypto.SignerOpts) (Algorithm, error) {
	scheme := Scheme("")
	if pss, ok := opts.(*rsa.PSSOptions); ok {
		salt := pss.SaltLength
		if salt != rsa.PSSSaltLengthEqualsHash && salt != opts.HashFunc().Size() {
			return "", fault.New(fault.Unsupported, "a PSS salt of another length than the hash is not offered", "use a salt as long as the hash")
		}
		scheme = SchemePSS
	}
	for _, row := range algorithmTable {
		if row.Fits(s) && row.Hash == opts.HashFunc() && (scheme == "" || row.Scheme == scheme) {
			return row.Name, nil
		}
	}
	return "", fault.New(fault.Unsupported, "a key "+s.String()+" does not sign with "+opts.HashFunc().String(), "use "+orList(algorithmNames(AlgorithmsFor(s))))
}
