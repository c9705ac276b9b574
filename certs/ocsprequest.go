package certs

import (
	"crypto"
	"crypto/sha1" // OCSP's usual way to name an issuer; it proves nothing
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"

	"github.com/strongroom/strongroom/internal/fault"
)

var (
	oidNonce  = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 1, 2}
	oidSHA1   = asn1.ObjectIdentifier{1, 3, 14, 3, 2, 26}
	oidSHA256 = asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 1}
	oidSHA384 = asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 2}
	oidSHA512 = asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 3}
)

// The ASN.1 of a request (RFC 6960 section 4.1.1).
type (
	ocspRequestASN struct {
		TBS       ocspTBS
		Signature asn1.RawValue `asn1:"explicit,tag:0,optional"`
	}
	ocspTBS struct {
		Version    int           `asn1:"explicit,tag:0,default:0,optional"`
		Requestor  asn1.RawValue `asn1:"explicit,tag:1,optional"`
		Requests   []ocspAskedASN
		Extensions []pkix.Extension `asn1:"explicit,tag:2,optional"`
	}
	ocspAskedASN struct {
		ID         certID
		Extensions []pkix.Extension `asn1:"explicit,tag:0,optional"`
	}
	certID struct {
		Raw      asn1.RawContent
		Hash     pkix.AlgorithmIdentifier
		NameHash []byte
		KeyHash  []byte
		Serial   *big.Int
	}
)

// ocspRequest is what is asked: about which certificates, and with which nonce.
type ocspRequest struct {
	asked []certID
	nonce []byte // as the extension holds it, or nil
}

// CheckOCSPRequest refuses bytes that [Authority.AnswerOCSP] would refuse
// whatever the authority.
func CheckOCSPRequest(der []byte) error {
	_, err := parseOCSPRequest(der)
	return err
}

// parseOCSPRequest reads a request strictly: version 1, unsigned, about one to
// sixteen certificates, the nonce of RFC 9654 or none, and no critical extension
// beside it.
func parseOCSPRequest(der []byte) (ocspRequest, error) {
	if len(der) > maxOCSP {
		return ocspRequest{}, errOCSP("it is too long")
	}
	var in ocspRequestASN
	rest, err := asn1.Unmarshal(der, &in)
	switch {
	case err != nil || len(rest) != 0:
		return ocspRequest{}, errOCSP("it is no OCSP request")
	case in.TBS.Version != 0:
		return ocspRequest{}, errOCSP("its version is not 1")
	case len(in.Signature.FullBytes) != 0:
		return ocspRequest{}, errOCSP("it is signed, which is not asked for here")
	case len(in.TBS.Requests) == 0 || len(in.TBS.Requests) > maxAsked:
		return ocspRequest{}, errOCSP("it asks about no certificate, or about too many")
	}
	var out ocspRequest
	for _, one := range in.TBS.Requests {
		if err := one.check(); err != nil {
			return ocspRequest{}, err
		}
		out.asked = append(out.asked, one.ID)
	}
	out.nonce, err = nonceOf(in.TBS.Extensions)
	return out, err
}

func (r ocspAskedASN) check() error {
	hash := hashOf(r.ID.Hash.Algorithm)
	switch {
	case hash == 0:
		return errOCSP("it names the issuer by an unknown hash")
	case len(r.ID.NameHash) != hash.Size() || len(r.ID.KeyHash) != hash.Size():
		return errOCSP("a hash in it has the wrong length")
	case r.ID.Serial.Sign() <= 0 || r.ID.Serial.BitLen() > 8*maxSerial:
		return errOCSP("a serial number in it is not allowed")
	case hasCritical(r.Extensions):
		return errOCSP("it has an unknown critical extension")
	}
	return nil
}

// nonceOf gives the nonce extension's value, which is echoed as it is.
func nonceOf(extensions []pkix.Extension) ([]byte, error) {
	var nonce []byte
	for _, e := range extensions {
		if !e.Id.Equal(oidNonce) {
			if e.Critical {
				return nil, errOCSP("it has an unknown critical extension")
			}
			continue
		}
		var value []byte
		rest, err := asn1.Unmarshal(e.Value, &value)
		if err != nil || len(rest) != 0 || len(value) == 0 || len(value) > maxNonce || nonce != nil {
			return nil, errOCSP("its nonce is not allowed")
		}
		nonce = e.Value
	}
	return nonce, nil
}

func hasCritical(extensions []pkix.Extension) bool {
	for _, e := range extensions {
		if e.Critical {
			return true
		}
	}
	return false
}

func hashOf(oid asn1.ObjectIdentifier) crypto.Hash {
	switch {
	case oid.Equal(oidSHA1):
		return crypto.SHA1
	case oid.Equal(oidSHA256):
		return crypto.SHA256
	case oid.Equal(oidSHA384):
		return crypto.SHA384
	case oid.Equal(oidSHA512):
		return crypto.SHA512
	}
	return 0
}

// sumOf hashes with one of hashOf's.
func sumOf(hash crypto.Hash, data []byte) []byte {
	switch hash {
	case crypto.SHA1:
		sum := sha1.Sum(data)
		return sum[:]
	case crypto.SHA256:
		sum := sha256.Sum256(data)
		return sum[:]
	case crypto.SHA384:
		sum := sha512.Sum384(data)
		return sum[:]
	default:
		sum := sha512.Sum512(data)
		return sum[:]
	}
}

func errOCSP(why string) error {
	return fault.New(fault.Invalid, "the OCSP request cannot be answered: "+why, "send an unsigned request of RFC 6960 about at most sixteen certificates")
}
