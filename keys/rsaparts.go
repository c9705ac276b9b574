package keys

import (
	"crypto/rsa"
	"math/big"
	"strconv"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"

	"github.com/strongroom/strongroom/internal/fault"
)

// rsaParts are the numbers of an RSA key from elsewhere, with the names of
// RFC 7518 section 6.3.2.
type rsaParts struct{ n, e, d, p, q, dp, dq, qi *big.Int }

func newRSAParts() *rsaParts {
	return &rsaParts{new(big.Int), new(big.Int), new(big.Int), new(big.Int), new(big.Int), new(big.Int), new(big.Int), new(big.Int)}
}

func (r *rsaParts) all() []*big.Int {
	return []*big.Int{r.n, r.e, r.d, r.p, r.q, r.dp, r.dq, r.qi}
}

func (r *rsaParts) wipe() {
	for _, n := range r.all()[2:] {
		wipeInt(n)
	}
}

// importPKCS1 reads RSAPrivateKey (RFC 8017 appendix A.1.2) of two primes.
func importPKCS1(der []byte) (softwareKey, error) {
	if len(der) > maxDER {
		return nil, errBadPrivate(nil)
	}
	parts := newRSAParts()
	version := 0
	input, inner := cryptobyte.String(der), cryptobyte.String(nil)
	ok := input.ReadASN1(&inner, asn1.SEQUENCE) && input.Empty() && inner.ReadASN1Integer(&version)
	for _, n := range parts.all() {
		ok = ok && inner.ReadASN1Integer(n) && n.Sign() > 0
	}
	switch {
	case ok && version == 1:
		parts.wipe()
		return nil, errManyPrimes()
	case !ok || version != 0 || !inner.Empty():
		parts.wipe()
		return nil, errBadPrivate(nil)
	}
	return parts.key()
}

func errManyPrimes() error {
	return fault.New(fault.Unsupported, "RSA keys of more than two primes are not offered", "make a new key")
}

// key makes the key if its numbers belong together and are not weak, and wipes
// them otherwise.
func (r *rsaParts) key() (softwareKey, error) {
	if err := r.check(); err != nil {
		r.wipe()
		return nil, err
	}
	key := &rsa.PrivateKey{
		PublicKey: rsa.PublicKey{N: r.n, E: int(r.e.Int64())},
		D:         r.d,
		Primes:    []*big.Int{r.p, r.q},
	}
	key.Precomputed.Dp, key.Precomputed.Dq, key.Precomputed.Qinv = r.dp, r.dq, r.qi
	key.Precompute()
	// The library checks n = pq, d, dp, dq and qi against e, p and q, and
	// that d is not small. Its text may quote the numbers.
	if key.Validate() != nil {
		r.wipe()
		return nil, fault.New(fault.Invalid, "the numbers of the RSA key do not belong together", "export the key again, whole; if it fails again, the key is broken")
	}
	return &rsaKey{key}, nil
}

// check refuses what FIPS 186-5 section A.1 refuses. It is not constant in
// time, and so for import only.
func (r *rsaParts) check() error {
	if r.e.BitLen() > 31 {
		return errExponent("of " + strconv.Itoa(r.e.BitLen()) + " bits")
	}
	if err := checkRSA(&rsa.PublicKey{N: r.n, E: int(r.e.Int64())}); err != nil {
		return err
	}
	half := r.n.BitLen() / 2
	switch {
	case r.p.BitLen() != half || r.q.BitLen() != half:
		return errWeakPrimes("its primes are not of equal size")
	case new(big.Int).Sub(r.p, r.q).BitLen() <= half-100:
		return errWeakPrimes("its primes are too close to each other")
	case r.d.BitLen() <= half:
		return errWeakPrimes("its private exponent is too small")
	case !r.p.ProbablyPrime(primeRounds) || !r.q.ProbablyPrime(primeRounds):
		return errWeakPrimes("its primes are not prime")
	}
	return nil
}

// primeRounds is the number of Miller-Rabin rounds with random bases; a
// composite passes with a chance of at most 4^-20, and has to pass the
// Baillie-PSW test besides.
const primeRounds = 20

func errWeakPrimes(why string) error {
	return fault.New(fault.Invalid, "the RSA key is weak: "+why, "make a new key; this one is broken")
}
