package hsm_test

import (
	"bytes"
	"crypto/elliptic"
	"crypto/x509"
	"encoding/asn1"
	"math/big"
	"testing"

	"github.com/strongroom/strongroom/hsm"
)

func TestBlobsThatAreNone(t *testing.T) {
	body := make([]byte, 300)
	with := func(head ...byte) []byte { return append(head, body...) }
	for name, raw := range map[string][]byte{
		"nothing":        nil,
		"format alone":   {1},
		"no body":        {1, 1},
		"other format":   with(2, 1),
		"cipher 0":       with(1, 0),
		"cipher 6":       with(1, 6),
		"no ciphertext":  append([]byte{1, 1}, body[:28]...),
		"two blocks":     append([]byte{1, 2}, body[:16]...),
		"short modulus":  append([]byte{1, 4}, body[:255]...),
		"far too long":   append([]byte{1, 1}, make([]byte, 8192)...),
		"text, not ours": []byte("-----BEGIN PRIVATE KEY-----"),
	} {
		if _, err := hsm.ParseBlob(raw); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	for c := byte(1); c <= 5; c++ {
		if _, err := hsm.ParseBlob(with(1, c)); err != nil {
			t.Errorf("cipher %d: %v", c, err)
		}
	}
}

// What parses encodes to the same bytes: there is one way to write a blob.
func FuzzBlob(f *testing.F) {
	f.Add([]byte{1, 1})
	f.Add(append([]byte{1, 1}, make([]byte, 60)...))
	f.Add(append([]byte{1, 3}, make([]byte, 40)...))
	f.Add(append([]byte{1, 5}, make([]byte, 256)...))
	f.Fuzz(func(t *testing.T, raw []byte) {
		b, err := hsm.ParseBlob(raw)
		if err == nil && !bytes.Equal(b.Encode(), raw) {
			t.Errorf("%x encodes to %x", raw, b.Encode())
		}
	})
}

// What unframes frames to the same bytes.
func FuzzFrame(f *testing.F) {
	f.Add(hsm.Frame([]byte("data key")))
	f.Add(make([]byte, 16))
	f.Add([]byte{0, 1})
	f.Fuzz(func(t *testing.T, framed []byte) {
		data, err := hsm.Unframe(framed)
		if err == nil && !bytes.Equal(hsm.Frame(data), framed) {
			t.Errorf("%x holds %x, which frames differently", framed, data)
		}
	})
}

func TestFrame(t *testing.T) {
	for _, n := range []int{1, 5, 6, 7, 14, 32, 4096} {
		data := bytes.Repeat([]byte{7}, n)
		got, err := hsm.Unframe(hsm.Frame(data))
		if err != nil || !bytes.Equal(got, data) || len(hsm.Frame(data))%8 != 0 {
			t.Errorf("%d bytes: %x, %v", n, got, err)
		}
	}
	for name, framed := range map[string][]byte{
		"nothing": nil, "no data": make([]byte, 16), "length past the end": {0, 15, 1, 2, 3, 4, 5, 6},
		"a block too many": append(hsm.Frame([]byte("x")), make([]byte, 8)...), "padding not zero": append(hsm.Frame([]byte("x"))[:15], 1),
	} {
		if _, err := hsm.Unframe(framed); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func p256Point() []byte {
	p := elliptic.P256().Params()
	return bytes.Join([][]byte{{4}, p.Gx.FillBytes(make([]byte, 32)), p.Gy.FillBytes(make([]byte, 32))}, nil)
}

func TestPublicPoint(t *testing.T) {
	point := p256Point()
	wrapped, err := asn1.Marshal(point)
	if err != nil {
		t.Fatal(err)
	}
	for name, attribute := range map[string][]byte{"bare": point, "octet string": wrapped} {
		der, err := hsm.ECSPKI(hsm.ECP256, attribute)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if _, err := x509.ParsePKIXPublicKey(der); err != nil {
			t.Errorf("%s: the standard library says %v", name, err)
		}
	}
	off := bytes.Clone(point)
	off[64] ^= 1
	for name, attribute := range map[string][]byte{
		"nothing": nil, "off the curve": off, "compressed": append([]byte{2}, point[1:33]...),
		"trailing byte": append(bytes.Clone(wrapped), 0), "infinity": {0}, "huge": new(big.Int).Lsh(big.NewInt(1), 9999).Bytes(),
	} {
		if _, err := hsm.ECSPKI(hsm.ECP256, attribute); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	if _, err := hsm.ECSPKI(hsm.P256K, wrapped); err == nil {
		t.Error("a P-256 point is accepted on secp256k1")
	}
}

// The token's bytes are parsed like anybody's.
func FuzzPublicPoint(f *testing.F) {
	wrapped, err := asn1.Marshal(p256Point())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(wrapped)
	f.Add(p256Point())
	f.Add([]byte{4, 1, 4})
	f.Fuzz(func(t *testing.T, attribute []byte) {
		for _, kt := range []hsm.KeyType{hsm.ECP256, hsm.ECP384, hsm.ECP521} {
			der, err := hsm.ECSPKI(kt, attribute)
			if err != nil {
				continue
			}
			if _, err := x509.ParsePKIXPublicKey(der); err != nil {
				t.Errorf("%s %x: %v", kt, attribute, err)
			}
		}
	})
}

// A module's file is somebody else's; examining it must not crash.
func FuzzExamine(f *testing.F) {
	f.Add([]byte("\x7fELF"))
	f.Add([]byte("\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x03\x00\x3e\x00\x01\x00\x00\x00"))
	f.Fuzz(func(t *testing.T, file []byte) {
		if _, _, err := hsm.Examine(fileWith(t, file)); err == nil && !bytes.Contains(file, []byte("C_GetFunctionList")) {
			t.Error("accepted without the entry point")
		}
	})
}
