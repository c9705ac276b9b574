package certs_test

import (
	"bytes"
	"crypto/x509/pkix"
	"encoding/asn1"
	"testing"
)

// withNonces adds nonce extensions to a request that has no extensions.
func withNonces(t testing.TB, request []byte, sizes []int) []byte {
	t.Helper()
	type tbs struct {
		Requests   []asn1.RawValue
		Extensions []pkix.Extension `asn1:"explicit,tag:2,optional"`
	}
	var in struct{ TBS tbs }
	if _, err := asn1.Unmarshal(request, &in); err != nil {
		t.Fatal(err)
	}
	for _, size := range sizes {
		value, err := asn1.Marshal(bytes.Repeat([]byte{0x5a}, size))
		if err != nil {
			t.Fatal(err)
		}
		in.TBS.Extensions = append(in.TBS.Extensions, pkix.Extension{Id: asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 1, 2}, Value: value})
	}
	out, err := asn1.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	return out
}
