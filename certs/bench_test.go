package certs_test

import (
	"crypto/rand"
	"fmt"
	"testing"
	"time"

	"github.com/strongroom/strongroom/certs"
	"github.com/strongroom/strongroom/keys"
)

// Two signatures, two lints and a walk of the path.
func BenchmarkIssue(b *testing.B) {
	for _, spec := range []keys.Spec{p256, {Type: keys.RSA, Bits: 2048}} {
		b.Run(spec.String(), func(b *testing.B) {
			p, key := newPKI(b, spec, now), public(b, signer(b, p256))
			for b.Loop() {
				if _, err := p.issuing.Issue(webPolicy("api.example.org"), key, rand.Reader, now); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// The largest list that is made.
func BenchmarkSignCRL(b *testing.B) {
	p := newPKI(b, p256, now)
	list := certs.CRL{Number: 1, Next: now.Add(time.Hour)}
	for i := range 100_000 {
		list.Revoked = append(list.Revoked, certs.Revocation{Serial: fmt.Sprintf("40%030x", i), At: now, Reason: certs.Superseded})
	}
	for b.Loop() {
		if _, err := p.issuing.SignCRL(list, now); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkAnswerOCSP(b *testing.B) {
	p := newPKI(b, p256, now)
	request := ocspRequest(b, p.leaf(b, now), p.issuing.Chain()[0])
	for b.Loop() {
		if _, err := p.issuing.AnswerOCSP(request, nobody, now, now.Add(time.Hour)); err != nil {
			b.Fatal(err)
		}
	}
}
