package certs_test

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ocsp"
	"pgregory.net/rapid"

	"github.com/strongroom/strongroom/certs"
	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/keys"
)

var bigOne = big.NewInt(1)

func parsed(t testing.TB, der []byte) *x509.Certificate {
	t.Helper()
	c, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func serialOf(t testing.TB, der []byte) string {
	t.Helper()
	f, err := certs.Describe(der)
	if err != nil {
		t.Fatal(err)
	}
	return f.Serial
}

// OpenSSL refuses a certificate that our list revokes, and takes another.
func TestOpenSSLReadsTheList(t *testing.T) {
	p := newPKI(t, p256, now)
	bad, good := p.leaf(t, now), p.leaf(t, now)
	der, err := p.issuing.SignCRL(certs.CRL{Number: 7, Next: now.AddDate(0, 0, 7), Revoked: []certs.Revocation{
		{Serial: serialOf(t, bad), At: now, Reason: certs.KeyCompromise},
	}}, now)
	if err != nil {
		t.Fatal(err)
	}
	list := file(t, "crl.pem", pem.EncodeToMemory(&pem.Block{Type: "X509 CRL", Bytes: der}))
	text := openssl(t, "crl", "-in", list, "-noout", "-text")
	for _, want := range []string{"X509v3 CRL Number: \n                7", "Key Compromise", "Next Update: Feb  7 12:00:00 2026 GMT", "Authority Key Identifier"} {
		if !strings.Contains(text, want) {
			t.Errorf("the list does not say %q: %s", want, text)
		}
	}
	chain := p.issuing.Chain()
	root, mid := file(t, "root.pem", certs.EncodePEM(chain[1])), file(t, "mid.pem", certs.EncodePEM(chain[0]))
	check := func(der []byte) string {
		return openssl(t, "verify", "-attime", "1769864400", "-crl_check", "-CRLfile", list, "-CAfile", root, "-untrusted", mid, file(t, "leaf.pem", certs.EncodePEM(der)))
	}
	if out := check(bad); !strings.Contains(out, "certificate revoked") {
		t.Errorf("the revoked one: %s", out)
	}
	if out := check(good); !strings.HasSuffix(out, ": OK\n") {
		t.Errorf("the good one: %s", out)
	}
}

// Every reason arrives with its code; "unspecified" is left out, as RFC 5280
// section 5.3.1 wants.
func TestReasonsInAList(t *testing.T) {
	p := newPKI(t, p256, now)
	var list certs.CRL
	for i, reason := range certs.Reasons() {
		list.Revoked = append(list.Revoked, certs.Revocation{Serial: fmt.Sprintf("%02x", i+1), At: now.Add(-time.Hour), Reason: reason})
	}
	list.Number, list.Next = 1, now.AddDate(0, 0, 1)
	der, err := p.root.SignCRL(list, now)
	if err != nil {
		t.Fatal(err)
	}
	got, err := x509.ParseRevocationList(der)
	if err != nil {
		t.Fatal(err)
	}
	for i, entry := range got.RevokedCertificateEntries {
		want, _ := certs.Reasons()[i].Code()
		if entry.ReasonCode != want || (want == 0 && len(entry.Extensions) != 0) {
			t.Errorf("%s has the code %d", certs.Reasons()[i], entry.ReasonCode)
		}
	}
	if len(got.RevokedCertificateEntries) != len(certs.Reasons()) {
		t.Errorf("%d entries", len(got.RevokedCertificateEntries))
	}
}

func TestParseReason(t *testing.T) {
	for _, r := range certs.Reasons() {
		if got, err := certs.ParseReason(strings.ToUpper(string(r))); got != r || err != nil {
			t.Errorf("%s became %s, %v", r, got, err)
		}
	}
	if r, err := certs.ParseReason(""); r != certs.Unspecified || err != nil {
		t.Errorf("nothing became %s, %v", r, err)
	}
	for _, bad := range []string{"removeFromCRL", "7", "boredom"} {
		if _, err := certs.ParseReason(bad); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: %v", bad, err)
		}
	}
	if _, ok := certs.Reason("boredom").Code(); ok {
		t.Error("an unknown reason has a code")
	}
}

func TestSignCRLRefuses(t *testing.T) {
	p := newPKI(t, p256, now)
	week := now.AddDate(0, 0, 7)
	one := certs.Revocation{Serial: "0a", At: now, Reason: certs.Superseded}
	changed := func(change func(*certs.Revocation)) []certs.Revocation {
		r := one
		change(&r)
		return []certs.Revocation{r}
	}
	for name, list := range map[string]certs.CRL{
		"no number":           {Next: week},
		"no next update":      {Number: 1},
		"an old next update":  {Number: 1, Next: now},
		"a far next update":   {Number: 1, Next: now.AddDate(2, 0, 0)},
		"a serial twice":      {Number: 1, Next: week, Revoked: []certs.Revocation{one, one}},
		"an empty serial":     {Number: 1, Next: week, Revoked: changed(func(r *certs.Revocation) { r.Serial = "" })},
		"a serial of zero":    {Number: 1, Next: week, Revoked: changed(func(r *certs.Revocation) { r.Serial = "00" })},
		"a capital serial":    {Number: 1, Next: week, Revoked: changed(func(r *certs.Revocation) { r.Serial = "0A" })},
		"a long serial":       {Number: 1, Next: week, Revoked: changed(func(r *certs.Revocation) { r.Serial = strings.Repeat("11", 21) })},
		"an unknown reason":   {Number: 1, Next: week, Revoked: changed(func(r *certs.Revocation) { r.Reason = "boredom" })},
		"no reason":           {Number: 1, Next: week, Revoked: changed(func(r *certs.Revocation) { r.Reason = "" })},
		"tomorrow's":          {Number: 1, Next: week, Revoked: changed(func(r *certs.Revocation) { r.At = now.AddDate(0, 0, 1) })},
		"no time":             {Number: 1, Next: week, Revoked: changed(func(r *certs.Revocation) { r.At = time.Time{} })},
		"more than it can be": {Number: 1, Next: week, Revoked: make([]certs.Revocation, 100_001)},
	} {
		if der, err := p.root.SignCRL(list, now); fault.KindOf(err) != fault.Invalid || der != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := p.root.SignCRL(certs.CRL{Number: 1, Next: now.AddDate(20, 0, 1)}, now.AddDate(20, 0, 0)); fault.KindOf(err) != fault.Forbidden {
		t.Errorf("after its end: %v", err)
	}
}

func nobody(string) (certs.CertStatus, error) { return certs.CertStatus{}, nil }

func ocspRequest(t testing.TB, leaf, issuer []byte) []byte {
	t.Helper()
	der, err := ocsp.CreateRequest(parsed(t, leaf), parsed(t, issuer), nil)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

// statusOf answers from a table of what was issued.
func statusOf(table map[string]*certs.Revocation) certs.StatusFunc {
	return func(serial string) (certs.CertStatus, error) {
		revoked, known := table[serial]
		return certs.CertStatus{Known: known, Revoked: revoked}, nil
	}
}

// OpenSSL asks about three certificates at once, with a nonce, and reads what
// each authority's key signed: good, revoked with its reason, unknown.
func TestOpenSSLReadsTheResponse(t *testing.T) {
	at := time.Now() // openssl compares the response with its own clock
	for _, spec := range []keys.Spec{p256, {Type: keys.EC, Curve: keys.P521}, {Type: keys.RSA, Bits: 2048}, {Type: keys.OKP, Curve: keys.Ed25519}} {
		t.Run(spec.String(), func(t *testing.T) {
			p := newPKI(t, spec, at)
			good, bad, lost := p.leaf(t, at), p.leaf(t, at), p.leaf(t, at)
			chain := p.issuing.Chain()
			dir := t.TempDir()
			put := func(name string, data []byte) string {
				path := filepath.Join(dir, name)
				if err := os.WriteFile(path, data, 0o600); err != nil {
					t.Fatal(err)
				}
				return path
			}
			ca, mid := put("root.pem", certs.EncodePEM(chain[1])), put("mid.pem", certs.EncodePEM(chain[0]))
			ask := []string{"ocsp", "-issuer", mid, "-cert", put("good.pem", certs.EncodePEM(good)), "-cert", put("bad.pem", certs.EncodePEM(bad)), "-cert", put("lost.pem", certs.EncodePEM(lost))}
			openssl(t, append(ask, "-nonce", "-reqout", filepath.Join(dir, "q.der"))...)
			request, err := os.ReadFile(filepath.Join(dir, "q.der"))
			if err != nil {
				t.Fatal(err)
			}
			table := map[string]*certs.Revocation{serialOf(t, good): nil, serialOf(t, bad): {Serial: serialOf(t, bad), At: at.Add(-time.Minute), Reason: certs.Superseded}}
			response, err := p.issuing.AnswerOCSP(request, statusOf(table), at, at.Add(time.Hour))
			if err != nil {
				t.Fatal(err)
			}
			out := openssl(t, append(ask, "-no_nonce", "-reqin", filepath.Join(dir, "q.der"), "-respin", put("r.der", response), "-CAfile", ca, "-verify_other", mid)...)
			for _, want := range []string{"Response verify OK", "good.pem: good", "bad.pem: revoked", "Reason: superseded", "lost.pem: unknown"} {
				if !strings.Contains(out, want) {
					t.Errorf("openssl does not say %q: %s", want, out)
				}
			}
			if strings.Contains(out, "Nonce Verify error") || strings.Contains(out, "no nonce") {
				t.Errorf("the nonce: %s", out)
			}
		})
	}
}

// The library reads the same, at the injected time and for each hash.
func TestTheLibraryReadsTheResponse(t *testing.T) {
	p := newPKI(t, p256, now)
	leaf, issuer := parsed(t, p.leaf(t, now)), parsed(t, p.issuing.Chain()[0])
	serial := serialOf(t, leaf.Raw)
	for _, hash := range []crypto.Hash{crypto.SHA1, crypto.SHA256, crypto.SHA384, crypto.SHA512} {
		request, err := ocsp.CreateRequest(leaf, issuer, &ocsp.RequestOptions{Hash: hash})
		if err != nil {
			t.Fatal(err)
		}
		der, err := p.issuing.AnswerOCSP(request, statusOf(map[string]*certs.Revocation{serial: {Serial: serial, At: now, Reason: certs.Unspecified}}), now, now.Add(time.Hour))
		if err != nil {
			t.Fatal(err)
		}
		got, err := ocsp.ParseResponseForCert(der, leaf, issuer)
		if err != nil || got.Status != ocsp.Revoked || got.RevocationReason != ocsp.Unspecified || got.IssuerHash != hash {
			t.Errorf("%s: %+v, %v", hash, got, err)
			continue
		}
		second := now.Truncate(time.Second)
		if !got.ProducedAt.Equal(second) || !got.ThisUpdate.Equal(second) || !got.NextUpdate.Equal(second.Add(time.Hour)) || !got.RevokedAt.Equal(second) {
			t.Errorf("times: %+v", got)
		}
	}
}

// A certificate of another issuer is unknown, and its status is not looked up.
func TestAnotherIssuersCertificateIsUnknown(t *testing.T) {
	p, other := newPKI(t, p256, now), newPKI(t, p256, now)
	leaf := other.leaf(t, now)
	request := ocspRequest(t, leaf, other.issuing.Chain()[0])
	der, err := p.issuing.AnswerOCSP(request, func(serial string) (certs.CertStatus, error) {
		t.Errorf("%s was looked up", serial)
		return certs.CertStatus{Known: true}, nil
	}, now, now.Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	got, err := ocsp.ParseResponseForCert(der, nil, nil)
	if err != nil || got.Status != ocsp.Unknown {
		t.Errorf("status %+v, %v", got, err)
	}
}

func TestAnswerOCSPRefuses(t *testing.T) {
	p := newPKI(t, p256, now)
	leaf := p.leaf(t, now)
	good := ocspRequest(t, leaf, p.issuing.Chain()[0])
	hour := now.Add(time.Hour)
	for name, request := range map[string][]byte{
		"nothing":        nil,
		"words":          []byte("hello"),
		"bytes behind":   append(bytes.Clone(good), 0),
		"a certificate":  leaf,
		"too much":       bytes.Repeat(good, 300),
		"half a request": good[:len(good)-1],
		"another hash":   bytes.Replace(good, []byte{0x2b, 0x0e, 0x03, 0x02, 0x1a}, []byte{0x2b, 0x0e, 0x03, 0x02, 0x1b}, 1),
	} {
		_, err := p.issuing.AnswerOCSP(request, nobody, now, hour)
		if fault.KindOf(err) != fault.Invalid || !bytes.Equal(certs.OCSPFailure(err), ocsp.MalformedRequestErrorResponse) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := p.issuing.AnswerOCSP(good, nobody, now, now); fault.KindOf(err) != fault.Invalid {
		t.Errorf("a response that does not hold: %v", err)
	}
	_, err := p.issuing.AnswerOCSP(good, nobody, now.AddDate(6, 0, 0), now.AddDate(6, 0, 1))
	if fault.KindOf(err) != fault.Forbidden || !bytes.Equal(certs.OCSPFailure(err), ocsp.UnauthorizedErrorResponse) {
		t.Errorf("an authority that has ended: %v", err)
	}
	busy := fault.New(fault.Unavailable, "the database is locked", "wait")
	_, err = p.issuing.AnswerOCSP(good, func(string) (certs.CertStatus, error) { return certs.CertStatus{}, busy }, now, hour)
	if fault.KindOf(err) != fault.Unavailable || !bytes.Equal(certs.OCSPFailure(err), ocsp.TryLaterErrorResponse) {
		t.Errorf("a status that cannot be found: %v", err)
	}
	wrong := func(string) (certs.CertStatus, error) {
		return certs.CertStatus{Known: true, Revoked: &certs.Revocation{Serial: "01", At: now, Reason: certs.Superseded}}, nil
	}
	_, err = p.issuing.AnswerOCSP(good, wrong, now, hour)
	if fault.KindOf(err) != fault.Internal || !bytes.Equal(certs.OCSPFailure(err), ocsp.InternalErrorErrorResponse) {
		t.Errorf("another certificate's revocation: %v", err)
	}
}

// A request with a nonce of 129 bytes, or a second one, is malformed (RFC 9654).
func TestNoncesAreBounded(t *testing.T) {
	p := newPKI(t, p256, now)
	leaf := p.leaf(t, now)
	plain := ocspRequest(t, leaf, p.issuing.Chain()[0])
	for _, tc := range []struct {
		sizes []int
		ok    bool
	}{{[]int{1}, true}, {[]int{32}, true}, {[]int{128}, true}, {[]int{0}, false}, {[]int{129}, false}, {[]int{8, 8}, false}} {
		request := withNonces(t, plain, tc.sizes)
		if err := certs.CheckOCSPRequest(request); (err == nil) != tc.ok {
			t.Errorf("%v: %v", tc.sizes, err)
		}
		der, err := p.issuing.AnswerOCSP(request, nobody, now, now.Add(time.Hour))
		if tc.ok && (err != nil || !bytes.Contains(der, bytes.Repeat([]byte{0x5a}, tc.sizes[0]))) {
			t.Errorf("a nonce of %d is not echoed: %v", tc.sizes[0], err)
		}
	}
}

func FuzzOCSPRequest(f *testing.F) {
	p := newPKI(f, p256, now)
	plain := ocspRequest(f, p.leaf(f, now), p.issuing.Chain()[0])
	f.Add(plain)
	f.Add(withNonces(f, plain, []int{32}))
	f.Fuzz(func(t *testing.T, request []byte) {
		err := certs.CheckOCSPRequest(request)
		der, answerErr := p.issuing.AnswerOCSP(request, nobody, now, now.Add(time.Hour))
		if (err == nil) != (answerErr == nil) {
			t.Fatalf("checked: %v, answered: %v", err, answerErr)
		}
		if err != nil {
			return
		}
		if _, err := ocsp.ParseResponseForCert(der, nil, parsed(t, p.issuing.Chain()[0])); err != nil {
			t.Errorf("the response does not read back: %v", err)
		}
	})
}

// Whatever is revoked is in the list, and nothing else, as x509 reads it.
func TestTheListHoldsWhatItWasGiven(t *testing.T) {
	p := newPKI(t, p256, now)
	rapid.Check(t, func(t *rapid.T) {
		serials := rapid.SliceOfNDistinct(rapid.Uint64Range(1, 1<<63), 0, 20, rapid.ID).Draw(t, "serials")
		list := certs.CRL{Number: rapid.Uint64Min(1).Draw(t, "number"), Next: now.Add(time.Hour)}
		want := map[string]bool{}
		for _, s := range serials {
			n := new(big.Int).SetUint64(s)
			want[n.String()] = true
			list.Revoked = append(list.Revoked, certs.Revocation{
				Serial: fmt.Sprintf("%x", n.Bytes()), At: now.Add(-time.Duration(rapid.IntRange(0, 1<<20).Draw(t, "age")) * time.Second),
				Reason: rapid.SampledFrom(certs.Reasons()).Draw(t, "reason"),
			})
		}
		der, err := p.root.SignCRL(list, now)
		if err != nil {
			t.Fatal(err)
		}
		got, err := x509.ParseRevocationList(der)
		if err != nil || got.Number.Uint64() != list.Number || len(got.RevokedCertificateEntries) != len(want) {
			t.Fatalf("%+v, %v", got, err)
		}
		for _, entry := range got.RevokedCertificateEntries {
			if !want[entry.SerialNumber.String()] {
				t.Errorf("%s was not revoked", entry.SerialNumber)
			}
		}
	})
}
