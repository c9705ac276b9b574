package certs

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"

	"github.com/strongroom/strongroom/internal/fault"
)

const pemType = "CERTIFICATE"

// EncodePEM writes certificates as PEM blocks, in the given order.
func EncodePEM(ders ...[]byte) []byte {
	var out bytes.Buffer
	for _, der := range ders {
		// A bytes.Buffer takes everything.
		_ = pem.Encode(&out, &pem.Block{Type: pemType, Bytes: der})
	}
	return out.Bytes()
}

// DecodePEM reads exactly one certificate.
func DecodePEM(text []byte) ([]byte, error) {
	ders, err := DecodePEMChain(text)
	if err != nil {
		return nil, err
	}
	if len(ders) != 1 {
		return nil, fault.New(fault.Invalid, "the text holds more than one certificate", "give one")
	}
	return ders[0], nil
}

// DecodePEMChain reads one or more certificates, at most ten, with nothing but
// white space around them: no text, no headers, no private keys. Each must
// parse.
func DecodePEMChain(text []byte) ([][]byte, error) {
	if len(text) > maxPEM {
		return nil, errPEM("it is too long")
	}
	var ders [][]byte
	for rest := bytes.TrimSpace(text); len(rest) != 0; {
		// pem.Decode skips what is not PEM, so the beginning is checked here.
		if !bytes.HasPrefix(rest, []byte("-----BEGIN ")) {
			return nil, errPEM("there is other text in it")
		}
		begin := bytes.Count(rest, []byte("-----BEGIN "))
		block, after := pem.Decode(rest)
		switch {
		case block == nil || bytes.Count(after, []byte("-----BEGIN ")) != begin-1:
			return nil, errPEM("a block in it is damaged")
		case block.Type != pemType || len(block.Headers) != 0:
			return nil, errPEM("there is something else in it than certificates")
		case len(ders) == maxChain:
			return nil, errPEM("it holds more than ten certificates")
		}
		if _, err := parse(block.Bytes); err != nil {
			return nil, err
		}
		ders = append(ders, block.Bytes)
		rest = bytes.TrimSpace(after)
	}
	if len(ders) == 0 {
		return nil, errPEM("it is empty")
	}
	return ders, nil
}

func errPEM(why string) error {
	return fault.New(fault.Invalid, "the PEM text cannot be read: "+why, `give "BEGIN CERTIFICATE" blocks and nothing else`)
}

func parse(der []byte) (*x509.Certificate, error) {
	const hint = "give one X.509 certificate, unchanged"
	if len(der) > maxDER {
		return nil, fault.New(fault.Invalid, "the certificate is too long", hint)
	}
	c, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, fault.Wrap(err, fault.Invalid, "the certificate cannot be read", hint)
	}
	return c, nil
}
