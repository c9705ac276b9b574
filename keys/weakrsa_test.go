package keys_test

import (
	"crypto/rand"
	"encoding/asn1"
	"encoding/pem"
	"fmt"
	"math/big"
	"strings"
	"testing"

	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/internal/secret"
	"github.com/strongroom/strongroom/keys"
)

// rsaNumbers is RFC 8017's RSAPrivateKey.
type rsaNumbers struct {
	Version                   int
	N, E, D, P, Q, DP, DQ, QI *big.Int
}

var one = big.NewInt(1)

// rsaOf works the numbers out from two "primes" and an exponent, as whoever
// makes a weak key would.
func rsaOf(p, q *big.Int, e int64) rsaNumbers {
	p1, q1 := new(big.Int).Sub(p, one), new(big.Int).Sub(q, one)
	phi := new(big.Int).Mul(p1, q1)
	d := new(big.Int).ModInverse(big.NewInt(e), phi)
	if d == nil {
		d = new(big.Int).Sub(phi, one)
	}
	qi := new(big.Int).ModInverse(q, p)
	if qi == nil {
		qi = one
	}
	return rsaNumbers{0, new(big.Int).Mul(p, q), big.NewInt(e), d, p, q, new(big.Int).Mod(d, p1), new(big.Int).Mod(d, q1), qi}
}

func (n rsaNumbers) pem(t *testing.T) *secret.Bytes {
	t.Helper()
	der, err := asn1.Marshal(n)
	if err != nil {
		t.Fatal(err)
	}
	return secret.New(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: der}))
}

func (n rsaNumbers) jwk() *secret.Bytes {
	b := func(i *big.Int) string { return keys.Base64URL(i.Bytes()).String() }
	return secret.FromString(fmt.Sprintf(`{"kty":"RSA","n":"%s","e":"%s","d":"%s","p":"%s","q":"%s","dp":"%s","dq":"%s","qi":"%s"}`,
		b(n.N), b(n.E), b(n.D), b(n.P), b(n.Q), b(n.DP), b(n.DQ), b(n.QI)))
}

func prime(t *testing.T, bits int) *big.Int {
	t.Helper()
	p, err := rand.Prime(rand.Reader, bits)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// nextPrime is what a broken generator takes for q.
func nextPrime(p *big.Int) *big.Int {
	q := new(big.Int).Add(p, big.NewInt(2))
	for !q.ProbablyPrime(1) {
		q.Add(q, big.NewInt(2))
	}
	return q
}

// topPrime is a prime near 2^bits.
func topPrime(t *testing.T, bits int) *big.Int {
	t.Helper()
	top := new(big.Int).Lsh(one, uint(bits))
	return nextPrime(top.Sub(top, big.NewInt(1<<20+1)))
}

// goodPrimes are those of RFC 7516 appendix A.1.
func goodPrimes(t *testing.T) (p, q *big.Int) {
	t.Helper()
	k := bareRSA(t, privateJWK(t, rfcRSA["A.1"]))
	return k.Primes[0], k.Primes[1]
}

// composite is no prime, and of a prime's size.
func composite(t *testing.T) *big.Int {
	t.Helper()
	p := topPrime(t, 512)
	return new(big.Int).Mul(p, nextPrime(p))
}

// Weak keys are refused by name, in PEM as in a JWK.
func TestWeakPrivateRSAIsRefused(t *testing.T) {
	p, q := goodPrimes(t)
	for _, tc := range []struct {
		name, says string
		numbers    rsaNumbers
	}{
		{"small", "an RSA key of 1024 bits is not offered", rsaOf(prime(t, 512), prime(t, 512), 65537)},
		{"tiny", "an RSA key of 512 bits is not offered", rsaOf(prime(t, 256), prime(t, 256), 65537)},
		{"even modulus", "the RSA modulus is even", rsaOf(new(big.Int).Lsh(big.NewInt(3), 1022), new(big.Int).Sub(new(big.Int).Lsh(one, 1024), one), 65537)},
		{"exponent 3", "the RSA public exponent 3 is not allowed", rsaOf(p, q, 3)},
		{"exponent 1", "the RSA public exponent 1 is not allowed", rsaOf(p, q, 1)},
		{"exponent even", "the RSA public exponent 65538 is not allowed", rsaOf(p, q, 65538)},
		{"exponent over 2^32", "the RSA public exponent of 33 bits is not allowed", rsaOf(p, q, 1<<32+1)},
		{"p is q", "the RSA key is weak: its primes are too close to each other", rsaOf(p, p, 65537)},
		{"q is the next prime", "the RSA key is weak: its primes are too close to each other", rsaOf(p, nextPrime(p), 65537)},
		{"a product for a prime", "the RSA key is weak: its primes are not prime", rsaOf(composite(t), q, 65537)},
		{"primes of unequal size", "the RSA key is weak: its primes are not of equal size", rsaOf(prime(t, 1000), topPrime(t, 1048), 65537)},
	} {
		_, _, jwkErr := keys.ParsePrivateJWK(tc.numbers.jwk())
		_, pemErr := keys.ParsePrivatePEM(tc.numbers.pem(t))
		for form, err := range map[string]error{"JWK": jwkErr, "PEM": pemErr} {
			if fault.KindOf(err) != fault.Invalid || fault.Problem(err) != tc.says {
				t.Errorf("%s, %s: %v, want %q", tc.name, form, err, tc.says)
			}
		}
	}
	if _, _, err := keys.ParsePrivateJWK(rsaOf(p, q, 65537).jwk()); err != nil {
		t.Errorf("the control key is refused: %v", err)
	}
}

// Numbers that do not belong together are refused: a wrong dp or qi gives away
// the factors with the first faulty signature (Boneh, DeMillo, Lipton 1997).
func TestInconsistentRSAIsRefused(t *testing.T) {
	p, q := goodPrimes(t)
	two := big.NewInt(2)
	for name, change := range map[string]func(*rsaNumbers){
		"n":       func(n *rsaNumbers) { n.N = new(big.Int).Add(n.N, two) },
		"d":       func(n *rsaNumbers) { n.D = new(big.Int).Add(n.D, two) },
		"p":       func(n *rsaNumbers) { n.P = nextPrime(n.P) },
		"dp":      func(n *rsaNumbers) { n.DP = new(big.Int).Add(n.DP, two) },
		"dq":      func(n *rsaNumbers) { n.DQ = new(big.Int).Add(n.DQ, two) },
		"qi":      func(n *rsaNumbers) { n.QI = new(big.Int).Add(n.QI, two) },
		"p and q": func(n *rsaNumbers) { n.P, n.Q = n.Q, n.P },
		"small d": func(n *rsaNumbers) { n.D = big.NewInt(65539) },
	} {
		numbers := rsaOf(p, q, 65537)
		change(&numbers)
		_, _, jwkErr := keys.ParsePrivateJWK(numbers.jwk())
		_, pemErr := keys.ParsePrivatePEM(numbers.pem(t))
		for form, err := range map[string]error{"JWK": jwkErr, "PEM": pemErr} {
			if fault.KindOf(err) != fault.Invalid {
				t.Errorf("%s, %s: %v, want Invalid", name, form, err)
			}
		}
	}
}

func TestPKCS1IsStrict(t *testing.T) {
	p, q := goodPrimes(t)
	good := rsaOf(p, q, 65537)
	for name, change := range map[string]func(*rsaNumbers){
		"version 2":  func(n *rsaNumbers) { n.Version = 2 },
		"negative d": func(n *rsaNumbers) { n.D = new(big.Int).Neg(n.D) },
		"zero n":     func(n *rsaNumbers) { n.N = new(big.Int) },
		"zero qi":    func(n *rsaNumbers) { n.QI = new(big.Int) },
	} {
		numbers := good
		change(&numbers)
		if _, err := keys.ParsePrivatePEM(numbers.pem(t)); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: %v, want Invalid", name, err)
		}
	}
	many := good
	many.Version = 1
	if _, err := keys.ParsePrivatePEM(many.pem(t)); fault.KindOf(err) != fault.Unsupported || !strings.Contains(fault.Problem(err), "two primes") {
		t.Errorf("many primes: %v", err)
	}
}
