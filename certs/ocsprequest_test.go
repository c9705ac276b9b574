package certs_test

import (
	"bytes"
	"crypto/rand"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/strongroom/strongroom/certs"
	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/keys"
)

// asked and question are an OCSP request as a hostile client may write one.
type (
	asked struct {
		TBS struct {
			Version    int `asn1:"explicit,tag:0,optional"`
			Questions  []question
			Extensions []pkix.Extension `asn1:"explicit,tag:2,optional"`
		}
		Signature []pkix.AlgorithmIdentifier `asn1:"explicit,tag:0,optional"`
	}
	question struct {
		ID struct {
			Hash     pkix.AlgorithmIdentifier
			NameHash []byte
			KeyHash  []byte
			Serial   *big.Int
		}
		Extensions []pkix.Extension `asn1:"explicit,tag:0,optional"`
	}
)

func TestRequestsAreReadStrictly(t *testing.T) {
	critical := []pkix.Extension{{Id: asn1.ObjectIdentifier{1, 2, 3}, Critical: true, Value: []byte{5, 0}}}
	for name, tc := range map[string]struct {
		change func(*asked)
		ok     bool
	}{
		"a plain request":              {func(*asked) {}, true},
		"an extension that may be":     {func(a *asked) { a.TBS.Extensions = []pkix.Extension{{Id: asn1.ObjectIdentifier{1, 2, 3}}} }, true},
		"sixteen questions":            {func(a *asked) { a.TBS.Questions = repeated(a, 16) }, true},
		"seventeen questions":          {func(a *asked) { a.TBS.Questions = repeated(a, 17) }, false},
		"no question":                  {func(a *asked) { a.TBS.Questions = nil }, false},
		"another version":              {func(a *asked) { a.TBS.Version = 1 }, false},
		"a signature":                  {func(a *asked) { a.Signature = []pkix.AlgorithmIdentifier{{Algorithm: asn1.ObjectIdentifier{1, 2}}} }, false},
		"a critical extension":         {func(a *asked) { a.TBS.Extensions = critical }, false},
		"one in a question":            {func(a *asked) { a.TBS.Questions[0].Extensions = critical }, false},
		"a short hash of the name":     {func(a *asked) { a.TBS.Questions[0].ID.NameHash = make([]byte, 19) }, false},
		"a long hash of the key":       {func(a *asked) { a.TBS.Questions[0].ID.KeyHash = make([]byte, 32) }, false},
		"a serial of zero":             {func(a *asked) { a.TBS.Questions[0].ID.Serial = new(big.Int) }, false},
		"a negative serial":            {func(a *asked) { a.TBS.Questions[0].ID.Serial = big.NewInt(-1) }, false},
		"a serial of 21 bytes":         {func(a *asked) { a.TBS.Questions[0].ID.Serial = new(big.Int).Lsh(bigOne, 160) }, false},
		"a nonce that is no string":    {func(a *asked) { a.TBS.Extensions = []pkix.Extension{nonce([]byte{5, 0})} }, false},
		"a nonce with something after": {func(a *asked) { a.TBS.Extensions = []pkix.Extension{nonce([]byte{4, 1, 1, 0})} }, false},
	} {
		var a asked
		var q question
		q.ID.Hash.Algorithm = asn1.ObjectIdentifier{1, 3, 14, 3, 2, 26}
		q.ID.NameHash, q.ID.KeyHash, q.ID.Serial = make([]byte, 20), make([]byte, 20), big.NewInt(7)
		a.TBS.Questions = []question{q}
		tc.change(&a)
		der, err := asn1.Marshal(a)
		if err != nil {
			t.Fatal(err)
		}
		if err := certs.CheckOCSPRequest(der); (err == nil) != tc.ok || (err != nil && fault.KindOf(err) != fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func repeated(a *asked, n int) []question {
	all := make([]question, n)
	for i := range all {
		all[i] = a.TBS.Questions[0]
	}
	return all
}

func nonce(value []byte) pkix.Extension {
	return pkix.Extension{Id: asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 1, 2}, Value: value}
}

// withNonces adds nonce extensions to a request that has no extensions.
func withNonces(t testing.TB, request []byte, sizes []int) []byte {
	t.Helper()
	var in asked
	if _, err := asn1.Unmarshal(request, &in); err != nil {
		t.Fatal(err)
	}
	for _, size := range sizes {
		value, err := asn1.Marshal(bytes.Repeat([]byte{0x5a}, size))
		if err != nil {
			t.Fatal(err)
		}
		in.TBS.Extensions = append(in.TBS.Extensions, nonce(value))
	}
	out, err := asn1.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// The words of a token that is gone reach the person, whatever was to be
// signed, and nothing comes out.
func TestTheAuthoritysTokenIsGone(t *testing.T) {
	key := signer(t, p256)
	root, err := certs.NewRoot(rootProfile, key, rand.Reader, now)
	if err != nil {
		t.Fatal(err)
	}
	gone := fault.New(fault.Unavailable, "the token is absent", "insert it")
	absent, err := keys.NewSigner(public(t, key), func(keys.Algorithm, []byte) ([]byte, error) { return nil, gone })
	if err != nil {
		t.Fatal(err)
	}
	authority, err := certs.OpenAuthority([][]byte{root}, absent, places)
	if err != nil {
		t.Fatal(err)
	}
	subject := public(t, signer(t, p256))
	for name, sign := range map[string]func() ([]byte, error){
		"a certificate": func() ([]byte, error) {
			return authority.Issue(webPolicy("a.example.org"), subject, rand.Reader, now)
		},
		"an authority": func() ([]byte, error) {
			return authority.IssueAuthority(issuingProfile, subject, rand.Reader, now)
		},
		"a list": func() ([]byte, error) { return authority.SignCRL(certs.CRL{Number: 1, Next: now.Add(time.Hour)}, now) },
		"a response": func() ([]byte, error) {
			return authority.AnswerOCSP(ocspRequest(t, root, root), nobody, now, now.Add(time.Hour))
		},
		"a request": func() ([]byte, error) { return certs.MakeCSR(webPolicy("a.example.org"), absent) },
	} {
		der, err := sign()
		if !errors.Is(err, gone) || der != nil || !strings.Contains(err.Error(), "absent") {
			t.Errorf("%s: %v, want the token's", name, err)
		}
	}
}
