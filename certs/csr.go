package certs

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"math/bits"
	"time"

	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/keys"
)

const csrType = "CERTIFICATE REQUEST"

// MakeCSR makes the request (PKCS #10, RFC 2986) for the certificate that the
// policy describes, in DER, signed by its own key, which may lie in an HSM. It
// asks for the names, the key usage and the extended key usages.
func MakeCSR(p Policy, signer crypto.Signer) ([]byte, error) {
	p.Issuer = Issuer{} // who will sign it does not show
	t, err := p.template(time.Unix(0, 0))
	if err != nil {
		return nil, err
	}
	if err := matchKey(p.WithDefaults().Key, signer.Public()); err != nil {
		return nil, err
	}
	request := &x509.CertificateRequest{RawSubject: t.RawSubject, ExtraExtensions: t.ExtraExtensions}
	usages, err := usageExtensions(t)
	if err != nil {
		return nil, err
	}
	request.ExtraExtensions = append(request.ExtraExtensions, usages...)
	der, err := x509.CreateCertificateRequest(rand.Reader, request, signer)
	if err != nil {
		return nil, signingFailed(err)
	}
	if _, err := ReadCSR(der); err != nil {
		return nil, errLyingSigner(err)
	}
	return der, nil
}

// usageExtensions writes the usages as extensions, which crypto/x509 does for
// certificates alone.
func usageExtensions(t *x509.Certificate) ([]pkix.Extension, error) {
	usage, err := extension(oidKeyUsage, true, usageBitString(t.KeyUsage))
	if err != nil || len(t.UnknownExtKeyUsage) == 0 {
		return []pkix.Extension{usage}, err
	}
	ekus, err := extension(oidEKU, false, t.UnknownExtKeyUsage)
	return []pkix.Extension{usage, ekus}, err
}

// usageBitString has bit 0 first, and no zero bits at its end (X.690 section
// 11.2.2).
func usageBitString(usage x509.KeyUsage) asn1.BitString {
	raw := []byte{bits.Reverse8(byte(usage)), bits.Reverse8(byte(usage >> 8))}
	if raw[1] == 0 {
		raw = raw[:1]
	}
	return asn1.BitString{Bytes: raw, BitLength: bits.Len16(uint16(usage))}
}

// CSR is a certificate request that its own key signed.
type CSR struct {
	// Policy is what is asked for, as far as a request can say: subject, names,
	// key, usages. What it leaves open is open here. Nothing of it is granted.
	Policy Policy
	// PublicKey is the key to be certified.
	PublicKey keys.PublicKey
}

// ReadCSR reads a request in DER and checks that the key that it names signed
// it. The error is of kind Invalid for what cannot be read, Tampered for a wrong
// signature, Unsupported for names that a [Policy] cannot hold, and Forbidden
// for a request to become an authority.
func ReadCSR(der []byte) (CSR, error) {
	if len(der) > maxDER {
		return CSR{}, errCSR("it is too long")
	}
	r, err := x509.ParseCertificateRequest(der)
	if err != nil || !bytes.Equal(r.Raw, der) {
		return CSR{}, fault.Wrap(err, fault.Invalid, "the certificate request cannot be read", "give one PKCS #10 request, unchanged")
	}
	if err := r.CheckSignature(); err != nil {
		return CSR{}, fault.Wrap(err, fault.Tampered, "the certificate request was not signed by its own key", "make the request again")
	}
	public, err := keys.NewPublic(r.PublicKey)
	if err != nil {
		return CSR{}, err
	}
	out := CSR{PublicKey: public, Policy: Policy{
		Subject: nameText(r.RawSubject), Key: public.Spec(), DNSNames: r.DNSNames, Emails: r.EmailAddresses, URIs: uriTexts(r.URIs),
	}}
	for _, ip := range r.IPAddresses {
		out.Policy.IPs = append(out.Policy.IPs, ip.String())
	}
	if err := out.readExtensions(r.Extensions); err != nil {
		return CSR{}, err
	}
	if err := out.Policy.Check(); err != nil {
		return CSR{}, err
	}
	return out, nil
}

func (c *CSR) readExtensions(extensions []pkix.Extension) error {
	upns, strange := otherNames(extensions)
	if strange {
		return fault.New(fault.Unsupported, "the certificate request has alternative names of an unknown kind", "use DNS names, e-mail addresses, user principal names, URIs and addresses")
	}
	c.Policy.UPNs = upns
	seen := map[string]bool{}
	for _, e := range extensions {
		if seen[e.Id.String()] {
			return errCSR("it has an extension twice")
		}
		seen[e.Id.String()] = true
		if err := c.readExtension(e); err != nil {
			return err
		}
	}
	return nil
}

func (c *CSR) readExtension(e pkix.Extension) error {
	switch {
	case e.Id.Equal(oidNames):
		return nil // read before
	case e.Id.Equal(oidKeyUsage):
		return c.readUsage(e.Value)
	case e.Id.Equal(oidEKU):
		return c.readEKUs(e.Value)
	case e.Id.Equal(oidBasic):
		return readBasic(e.Value)
	case e.Critical:
		return fault.New(fault.Unsupported, "the certificate request has the critical extension "+e.Id.String()+", which is not known here", "make it without the extension")
	}
	return nil
}

func (c *CSR) readUsage(value []byte) error {
	var raw asn1.BitString
	if rest, err := asn1.Unmarshal(value, &raw); err != nil || len(rest) != 0 || raw.BitLength > 9 {
		return errCSR("its key usage is malformed")
	}
	var usage x509.KeyUsage
	for i := range 9 {
		usage |= x509.KeyUsage(raw.At(i)) << i
	}
	c.Policy.KeyUsage = usagesOf(usage)
	return nil
}

func (c *CSR) readEKUs(value []byte) error {
	var oids []asn1.ObjectIdentifier
	if rest, err := asn1.Unmarshal(value, &oids); err != nil || len(rest) != 0 || len(oids) > maxEKUs {
		return errCSR("its extended key usage is malformed")
	}
	c.Policy.EKUs = []string{}
	for _, oid := range oids {
		c.Policy.EKUs = append(c.Policy.EKUs, oid.String())
	}
	return nil
}

func readBasic(value []byte) error {
	var basic struct {
		CA      bool `asn1:"optional"`
		PathLen int  `asn1:"optional,default:-1"`
	}
	if rest, err := asn1.Unmarshal(value, &basic); err != nil || len(rest) != 0 {
		return errCSR("its basic constraints are malformed")
	}
	if basic.CA {
		return fault.New(fault.Forbidden, "the certificate request asks for an authority", "make authorities from a profile")
	}
	return nil
}

// EncodeCSR writes a request as PEM.
func EncodeCSR(der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: csrType, Bytes: der})
}

// DecodeCSR reads exactly one request in PEM, or one in DER, and gives its DER.
// See [ReadCSR] for what is in it.
func DecodeCSR(data []byte) ([]byte, error) {
	data = bytes.TrimSpace(data)
	if len(data) > maxPEM {
		return nil, errCSR("it is too long")
	}
	if !bytes.HasPrefix(data, []byte("-----BEGIN ")) {
		return data, nil
	}
	block, rest := pem.Decode(data)
	switch {
	case block == nil || len(bytes.TrimSpace(rest)) != 0 || bytes.Count(data, []byte("-----BEGIN ")) != 1:
		return nil, errCSR("it is not exactly one PEM block")
	case (block.Type != csrType && block.Type != "NEW "+csrType) || len(block.Headers) != 0:
		return nil, errCSR("the PEM block is none of a request")
	}
	return block.Bytes, nil
}

func errCSR(why string) error {
	return fault.New(fault.Invalid, "the certificate request cannot be used: "+why, "give one PKCS #10 request in PEM or DER")
}
