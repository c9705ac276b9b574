package certs

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/keys"
)

// NewRoot makes the self-signed certificate of an authority, valid from now.
// It is made as [SelfSign] makes one, twin and lint included, and fails as
// that does.
func NewRoot(p AuthorityProfile, signer crypto.Signer, serial io.Reader, now time.Time) ([]byte, error) {
	template, err := p.template(now)
	if err != nil {
		return nil, err
	}
	if err := matchKey(p.Key, signer.Public()); err != nil {
		return nil, err
	}
	return draft{template: template, issuer: template, public: signer.Public()}.sign(signer, serial)
}

// Authority signs certificates, CRLs and OCSP responses. It may be used by
// several goroutines where its signer may.
type Authority struct {
	chain  []*x509.Certificate // its own first, the root last
	signer crypto.Signer
	places Places
	// standIn is the throwaway key that signs first. It is kept, since making an
	// RSA key takes longer than all else.
	standIn func() (crypto.Signer, error)
}

// OpenAuthority takes the certificates of an authority, its own and all above
// it up to the root in any order, and the signer of its key, which may lie in
// an HSM. What it issues will name the places. Nothing is signed. The error is
// of kind Invalid where the chain is not complete, is none of authorities, or
// is for another key.
func OpenAuthority(chain [][]byte, signer crypto.Signer, places Places) (*Authority, error) {
	if err := places.Check(); err != nil {
		return nil, err
	}
	public, err := keys.NewPublic(signer.Public())
	if err != nil {
		return nil, err
	}
	ordered, err := OrderChain(chain, public)
	if err != nil {
		return nil, err
	}
	if !ordered.Complete() {
		return nil, fault.New(fault.Invalid, "the authority's chain is incomplete: "+quote(ordered.Missing)+" is missing", "give all certificates up to the root")
	}
	a := &Authority{signer: signer, places: places, standIn: throwaway(signer.Public())}
	for _, der := range ordered.Certificates {
		c, err := parse(der)
		if err != nil {
			return nil, err
		}
		if !c.BasicConstraintsValid || !c.IsCA || c.KeyUsage&x509.KeyUsageCertSign == 0 {
			return nil, fault.New(fault.Invalid, quote(nameText(c.RawSubject))+" is no certificate authority", "give the certificate of one")
		}
		a.chain = append(a.chain, c)
	}
	return a, nil
}

func (a *Authority) own() *x509.Certificate { return a.chain[0] }

// Chain gives the authority's certificates, its own first, the root last.
func (a *Authority) Chain() [][]byte {
	ders := make([][]byte, len(a.chain))
	for i, c := range a.chain {
		ders[i] = slices.Clone(c.Raw)
	}
	return ders
}

// Issue signs a certificate for a public key, which must be what the policy
// says, valid from now. For a request that came from elsewhere, see [ReadCSR].
// The policy's issuer is not looked at: who is called by that name is for the
// caller to know.
//
// The error is of kind Invalid for a bad policy, for one under which the
// certificate would outlive an authority above it, and for one that fails the
// lint; Forbidden for a name outside the authority's constraints and for an
// authority that is not valid now; the signer's own where the signer failed.
func (a *Authority) Issue(p Policy, public keys.PublicKey, serial io.Reader, now time.Time) ([]byte, error) {
	template, err := p.template(now)
	if err != nil {
		return nil, err
	}
	for _, ca := range a.chain {
		if err := refuseNames(ca, template); err != nil {
			return nil, err
		}
	}
	return a.sign(template, p.WithDefaults().Key, public, serial)
}

// IssueAuthority signs the certificate of an authority below this one, as
// [Authority.Issue] does. The path length must be less than the authority's.
func (a *Authority) IssueAuthority(p AuthorityProfile, public keys.PublicKey, serial io.Reader, now time.Time) ([]byte, error) {
	template, err := p.template(now)
	if err != nil {
		return nil, err
	}
	if limit := pathLength(a.own()); limit >= 0 && p.PathLength >= limit {
		return nil, fault.New(fault.Forbidden, fmt.Sprintf("the authority may have %d authorities below it, and this one would have %d more", limit, p.PathLength), "use a shorter path, or an authority further up")
	}
	return a.sign(template, p.Key, public, serial)
}

// pathLength gives the constraint, or -1 for none.
func pathLength(c *x509.Certificate) int {
	if c.MaxPathLen == 0 && !c.MaxPathLenZero {
		return -1
	}
	return c.MaxPathLen
}

func (a *Authority) sign(template *x509.Certificate, spec keys.Spec, public keys.PublicKey, serial io.Reader) ([]byte, error) {
	key, ok := public.Standard()
	if !ok {
		return nil, fault.New(fault.Unsupported, "certificates for "+public.Spec().String()+" keys are not offered", "use P-256, P-384 or P-521")
	}
	if err := matchKey(spec, key); err != nil {
		return nil, err
	}
	if err := a.checkStanding(template, key); err != nil {
		return nil, err
	}
	a.places.addTo(template)
	der, err := draft{template: template, issuer: a.own(), public: key, standIn: a.standIn}.sign(a.signer, serial)
	if err != nil {
		return nil, err
	}
	return sound(der, a.verify(der))
}

// checkStanding refuses what an authority must not sign: at a time when it is
// not valid, beyond its own end, under its own name, or for its own key.
func (a *Authority) checkStanding(t *x509.Certificate, public crypto.PublicKey) error {
	for _, ca := range a.chain {
		name := quote(nameText(ca.RawSubject))
		switch {
		case t.NotBefore.Before(ca.NotBefore) || t.NotBefore.After(ca.NotAfter):
			return fault.New(fault.Forbidden, "the authority "+name+" is valid from "+day(ca.NotBefore)+" to "+day(ca.NotAfter)+" only", "check the clock, or renew the authority")
		case t.NotAfter.After(ca.NotAfter):
			return fault.New(fault.Invalid, "the certificate would outlive the authority "+name+", which ends on "+day(ca.NotAfter), "use a shorter validity, or renew the authority first")
		case bytes.Equal(t.RawSubject, ca.RawSubject):
			return fault.New(fault.Invalid, "the subject is that of the authority "+name, "use another subject")
		}
		if same, ok := ca.PublicKey.(interface{ Equal(crypto.PublicKey) bool }); ok && same.Equal(public) {
			return fault.New(fault.Invalid, "the key is that of the authority "+name, "make another key")
		}
	}
	return nil
}

func day(t time.Time) string { return t.UTC().Format(time.DateOnly) }

// verify walks the finished certificate's path as others will (RFC 5280
// section 6): signatures, dates, path lengths and name constraints.
func (a *Authority) verify(der []byte) error {
	c, err := parse(der)
	if err != nil {
		return err
	}
	roots, between := x509.NewCertPool(), x509.NewCertPool()
	for i, ca := range a.chain {
		if i == len(a.chain)-1 {
			roots.AddCert(ca)
		} else {
			between.AddCert(ca)
		}
	}
	_, err = c.Verify(x509.VerifyOptions{
		Roots: roots, Intermediates: between, CurrentTime: c.NotBefore, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny},
	})
	if err != nil {
		return fault.Wrap(err, fault.Forbidden, "the certificate's path does not hold", "check the authority's constraints and the names")
	}
	return nil
}
