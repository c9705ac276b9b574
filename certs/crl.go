package certs

import (
	"bytes"
	"crypto/rand"
	"crypto/x509"
	"fmt"
	"math/big"
	"time"

	"github.com/strongroom/strongroom/internal/fault"
)

// CRL says what a certificate revocation list shall hold (RFC 5280 section 5).
type CRL struct {
	// Number counts the authority's lists from 1 and must grow with each.
	Number uint64
	// Next is when the next list will be there at the latest.
	Next time.Time
	// Revoked are the certificates, at most 100,000, each once.
	Revoked []Revocation
}

// SignCRL makes a complete list of the authority's revoked certificates, as of
// now. Like a certificate it is first signed by a throwaway key and linted, and
// checked again after the real key signed. The error is of kind Invalid for a
// bad list, Forbidden where the authority may sign none, and the signer's own
// where the signer failed.
func (a *Authority) SignCRL(list CRL, now time.Time) ([]byte, error) {
	if err := a.mayRevoke(now); err != nil {
		return nil, err
	}
	template, err := list.template(now)
	if err != nil {
		return nil, err
	}
	twin, err := a.rehearseCRL(template)
	if err != nil {
		return nil, err
	}
	der, err := x509.CreateRevocationList(rand.Reader, template, a.own(), a.signer)
	if err != nil {
		return nil, signingFailed(err)
	}
	if err := a.checkCRL(der, twin); err != nil {
		return nil, err
	}
	return sound(der, refuseFindings(lintCRL(der)))
}

// mayRevoke refuses an authority that may not sign lists, or not now.
func (a *Authority) mayRevoke(now time.Time) error {
	ca := a.own()
	if ca.KeyUsage&x509.KeyUsageCRLSign == 0 {
		return fault.New(fault.Forbidden, "the authority "+quote(nameText(ca.RawSubject))+" may not sign revocation lists", "use an authority with the key usage cRLSign")
	}
	if now.Before(ca.NotBefore) || now.After(ca.NotAfter) {
		return fault.New(fault.Forbidden, "the authority "+quote(nameText(ca.RawSubject))+" is not valid now", "check the clock, or renew the authority")
	}
	return nil
}

func (l CRL) template(now time.Time) (*x509.RevocationList, error) {
	if l.Number == 0 {
		return nil, fault.New(fault.Invalid, "a revocation list has no number", "count the lists from 1")
	}
	if len(l.Revoked) > maxRevoked {
		return nil, fault.New(fault.Invalid, fmt.Sprintf("%d revoked certificates are too many for a list", len(l.Revoked)), fmt.Sprintf("use at most %d; those that have ended may go", maxRevoked))
	}
	if err := checkNextUpdate(now, l.Next); err != nil {
		return nil, err
	}
	t := &x509.RevocationList{
		Number:     new(big.Int).SetUint64(l.Number),
		ThisUpdate: now.UTC().Truncate(time.Second),
		NextUpdate: l.Next.UTC().Truncate(time.Second),
	}
	seen := make(map[string]bool, len(l.Revoked))
	for _, r := range l.Revoked {
		serial, code, err := r.check(now)
		if err != nil {
			return nil, err
		}
		if seen[r.Serial] {
			return nil, fault.New(fault.Invalid, "the certificate "+r.Serial+" is revoked twice", "give it once, with its first revocation")
		}
		seen[r.Serial] = true
		t.RevokedCertificateEntries = append(t.RevokedCertificateEntries, x509.RevocationListEntry{
			SerialNumber: serial, RevocationTime: r.At.UTC().Truncate(time.Second), ReasonCode: code,
		})
	}
	return t, nil
}

func (a *Authority) rehearseCRL(t *x509.RevocationList) ([]byte, error) {
	signer, err := a.standIn()
	if err != nil {
		return nil, err
	}
	twin, err := x509.CreateRevocationList(rand.Reader, t, a.own(), signer)
	if err != nil {
		return nil, signingFailed(err)
	}
	return sound(twin, refuseFindings(lintCRL(twin)))
}

func (a *Authority) checkCRL(der, twin []byte) error {
	got, err := x509.ParseRevocationList(der)
	if err != nil {
		return fault.Wrap(err, fault.Internal, "the revocation list cannot be read back", "report this as an error of the program")
	}
	if err := got.CheckSignatureFrom(a.own()); err != nil {
		return errLyingSigner(err)
	}
	rehearsed, err := x509.ParseRevocationList(twin)
	if err != nil || !bytes.Equal(got.RawTBSRevocationList, rehearsed.RawTBSRevocationList) {
		return fault.New(fault.Internal, "the revocation list that was made is not the one that was asked for", "report this as an error of the program")
	}
	return nil
}
