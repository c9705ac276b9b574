package certs

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"time"

	"golang.org/x/crypto/ocsp"

	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/keys"
)

var oidBasicOCSP = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 1, 1}

// The ASN.1 of a response (RFC 6960 section 4.2.1). golang.org/x/crypto/ocsp
// cannot write it: it takes the time from the clock, echoes no nonce, answers
// one question and signs without Ed25519. The tests read ours with it.
type (
	ocspResponseASN struct {
		Status asn1.Enumerated
		Bytes  ocspBytes `asn1:"explicit,tag:0"`
	}
	ocspBytes struct {
		Type  asn1.ObjectIdentifier
		Value []byte
	}
	ocspBasic struct {
		Data      asn1.RawValue
		Algorithm pkix.AlgorithmIdentifier
		Signature asn1.BitString
	}
	ocspData struct {
		Responder  asn1.RawValue
		ProducedAt time.Time `asn1:"generalized"`
		Answers    []ocspAnswer
		Extensions []pkix.Extension `asn1:"explicit,tag:1,optional,omitempty"`
	}
	ocspAnswer struct {
		ID         asn1.RawValue
		Status     asn1.RawValue
		ThisUpdate time.Time `asn1:"generalized"`
		NextUpdate time.Time `asn1:"generalized,explicit,tag:0"`
	}
	ocspRevoked struct {
		At     time.Time       `asn1:"generalized"`
		Reason asn1.Enumerated `asn1:"explicit,tag:0,optional"`
	}
)

// CertStatus is what an authority's keeper knows of a serial number.
type CertStatus struct {
	// Known says that the authority issued it.
	Known bool
	// Revoked is nil for a certificate that is good.
	Revoked *Revocation
}

// StatusFunc looks a serial number up, in lower-case hexadecimal.
type StatusFunc func(serial string) (CertStatus, error)

// AnswerOCSP answers a request with a response that the authority itself signs
// (RFC 6960): good, revoked or unknown for each certificate asked about, which
// holds from now until next. A certificate of another issuer is unknown. A nonce
// is echoed. The error is of kind Invalid for a bad request; see [OCSPFailure]
// for what to send then.
func (a *Authority) AnswerOCSP(request []byte, status StatusFunc, now, next time.Time) ([]byte, error) {
	asked, err := parseOCSPRequest(request)
	if err != nil {
		return nil, err
	}
	if err := a.mayAnswer(now, next); err != nil {
		return nil, err
	}
	data := ocspData{
		Responder:  asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 1, IsCompound: true, Bytes: a.own().RawSubject},
		ProducedAt: now.UTC().Truncate(time.Second),
	}
	for _, id := range asked.asked {
		answer, err := a.answer(id, status, now, next)
		if err != nil {
			return nil, err
		}
		data.Answers = append(data.Answers, answer)
	}
	if asked.nonce != nil {
		data.Extensions = []pkix.Extension{{Id: oidNonce, Value: asked.nonce}}
	}
	return a.signOCSP(data)
}

func (a *Authority) mayAnswer(now, next time.Time) error {
	if ca := a.own(); now.Before(ca.NotBefore) || now.After(ca.NotAfter) {
		return fault.New(fault.Forbidden, "the authority "+quote(nameText(ca.RawSubject))+" is not valid now", "check the clock, or renew the authority")
	}
	return checkNextUpdate(now, next)
}

func (a *Authority) answer(id certID, status StatusFunc, now, next time.Time) (ocspAnswer, error) {
	var found CertStatus
	if a.issued(id) {
		var err error
		if found, err = status(serialText(id.Serial)); err != nil {
			return ocspAnswer{}, err
		}
	}
	value, err := found.encode(serialText(id.Serial), now)
	return ocspAnswer{
		ID: asn1.RawValue{FullBytes: id.Raw}, Status: value,
		ThisUpdate: now.UTC().Truncate(time.Second), NextUpdate: next.UTC().Truncate(time.Second),
	}, err
}

// issued reports whether the question is about a certificate of this authority.
func (a *Authority) issued(id certID) bool {
	hash := hashOf(id.Hash.Algorithm)
	bits, err := keyBits(a.own().RawSubjectPublicKeyInfo)
	return err == nil && bytes.Equal(id.NameHash, sumOf(hash, a.own().RawSubject)) && bytes.Equal(id.KeyHash, sumOf(hash, bits))
}

// encode writes the CertStatus choice.
func (s CertStatus) encode(serial string, now time.Time) (asn1.RawValue, error) {
	const good, revoked, unknown = 0, 1, 2
	choice := func(tag int) asn1.RawValue { return asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: tag} }
	if !s.Known {
		return choice(unknown), nil
	}
	if s.Revoked == nil {
		return choice(good), nil
	}
	if s.Revoked.Serial != serial {
		return asn1.RawValue{}, fault.New(fault.Internal, "the revocation of another certificate was found", "report this as an error of the program")
	}
	_, code, err := s.Revoked.check(now)
	if err != nil {
		return asn1.RawValue{}, err
	}
	der, err := asn1.MarshalWithParams(ocspRevoked{s.Revoked.At.UTC().Truncate(time.Second), asn1.Enumerated(code)}, "tag:1")
	if err != nil {
		return asn1.RawValue{}, errEncoding(err)
	}
	return asn1.RawValue{FullBytes: der}, nil
}

func (a *Authority) signOCSP(data ocspData) ([]byte, error) {
	tbs, err := asn1.Marshal(data)
	if err != nil {
		return nil, errEncoding(err)
	}
	method, err := signatureOf(a.signer.Public())
	if err != nil {
		return nil, err
	}
	digest := tbs
	if method.hash != 0 {
		digest = sumOf(method.hash, tbs)
	}
	signature, err := a.signer.Sign(rand.Reader, digest, method.hash)
	if err != nil {
		return nil, signingFailed(err)
	}
	basic, err := asn1.Marshal(ocspBasic{asn1.RawValue{FullBytes: tbs}, method.identifier(), asn1.BitString{Bytes: signature, BitLength: 8 * len(signature)}})
	if err != nil {
		return nil, errEncoding(err)
	}
	der, err := asn1.Marshal(ocspResponseASN{Bytes: ocspBytes{oidBasicOCSP, basic}})
	if err != nil {
		return nil, errEncoding(err)
	}
	return sound(der, a.checkOCSP(der, method.name))
}

// signatureMethod is a signature algorithm (RFC 5754 section 3, RFC 8410 section
// 3) that crypto/x509 takes for the same keys.
type signatureMethod struct {
	spec keys.Spec // of RSA the type alone counts
	name x509.SignatureAlgorithm
	oid  asn1.ObjectIdentifier
	hash crypto.Hash // 0 where the message itself is signed
}

var signatureTable = []signatureMethod{
	{keys.Spec{Type: keys.RSA}, x509.SHA256WithRSA, asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 11}, crypto.SHA256},
	{keys.Spec{Type: keys.EC, Curve: keys.P256}, x509.ECDSAWithSHA256, asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 2}, crypto.SHA256},
	{keys.Spec{Type: keys.EC, Curve: keys.P384}, x509.ECDSAWithSHA384, asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 3}, crypto.SHA384},
	{keys.Spec{Type: keys.EC, Curve: keys.P521}, x509.ECDSAWithSHA512, asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 4}, crypto.SHA512},
	{keys.Spec{Type: keys.OKP, Curve: keys.Ed25519}, x509.PureEd25519, asn1.ObjectIdentifier{1, 3, 101, 112}, 0},
}

// identifier gives the method as ASN.1 has it. RSA has parameters of NULL (RFC
// 4055 section 5), the others have none.
func (m signatureMethod) identifier() pkix.AlgorithmIdentifier {
	out := pkix.AlgorithmIdentifier{Algorithm: m.oid}
	if m.spec.Type == keys.RSA {
		out.Parameters = asn1.NullRawValue
	}
	return out
}

func signatureOf(key crypto.PublicKey) (signatureMethod, error) {
	public, err := keys.NewPublic(key)
	if err != nil {
		return signatureMethod{}, err
	}
	spec := public.Spec()
	spec.Bits = 0
	for _, row := range signatureTable {
		if row.spec == spec {
			return row, nil
		}
	}
	return signatureMethod{}, fault.New(fault.Unsupported, "a key "+public.Spec().String()+" cannot sign OCSP responses", "use RSA, P-256, P-384, P-521 or Ed25519")
}

// checkOCSP reads the response back and checks its signature.
func (a *Authority) checkOCSP(der []byte, algorithm x509.SignatureAlgorithm) error {
	var response ocspResponseASN
	var basic ocspBasic
	if rest, err := asn1.Unmarshal(der, &response); err != nil || len(rest) != 0 {
		return errEncoding(err)
	}
	if rest, err := asn1.Unmarshal(response.Bytes.Value, &basic); err != nil || len(rest) != 0 {
		return errEncoding(err)
	}
	if err := a.own().CheckSignature(algorithm, basic.Data.FullBytes, basic.Signature.RightAlign()); err != nil {
		return errLyingSigner(err)
	}
	return nil
}

// OCSPFailure gives the unsigned response (RFC 6960 section 2.3) to send where
// [Authority.AnswerOCSP] gave an error: malformedRequest for a bad request,
// tryLater where something did not answer, internalError else.
func OCSPFailure(err error) []byte {
	switch fault.KindOf(err) {
	case fault.Invalid:
		return bytes.Clone(ocsp.MalformedRequestErrorResponse)
	case fault.Unavailable, fault.Throttled:
		return bytes.Clone(ocsp.TryLaterErrorResponse)
	case fault.Forbidden:
		return bytes.Clone(ocsp.UnauthorizedErrorResponse)
	default:
		return bytes.Clone(ocsp.InternalErrorErrorResponse)
	}
}
