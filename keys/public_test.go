package keys_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/internal/secret"
	"github.com/strongroom/strongroom/keys"
)

// DER, PEM and JWK all lead back to the same key.
func TestPublicRoundTrips(t *testing.T) {
	for _, spec := range softwareSpecs() {
		t.Run(spec.String(), func(t *testing.T) {
			pub := generate(t, spec).Public()
			fromDER, err := keys.ParsePublic(pub.DER())
			if err != nil || !fromDER.Equal(pub) || fromDER.Spec() != spec {
				t.Errorf("DER: %s, %v", fromDER.Spec(), err)
			}
			fromPEM, err := keys.ParsePublicPEM(pub.PEM())
			if err != nil || !fromPEM.Equal(pub) {
				t.Errorf("PEM: %v", err)
			}
			hard := pub.WithProtection(keys.ProtectionHSM)
			text, err := json.Marshal(hard.JWK("https://vault/keys/k/1", keys.DefaultOperations(spec)))
			if err != nil {
				t.Fatal(err)
			}
			fromJWK := publicOf(t, string(text))
			if !fromJWK.Equal(pub) || fromJWK.Spec() != spec.Hardware() {
				t.Errorf("JWK: %s from %s", fromJWK.Spec(), text)
			}
		})
	}
}

func TestJWKHasAzuresMembersInOrder(t *testing.T) {
	pub := publicOf(t, rfcSignatures[1].jwk).WithProtection(keys.ProtectionHSM)
	got, err := json.Marshal(pub.JWK("id", []keys.Operation{keys.OpSign}))
	if err != nil {
		t.Fatal(err)
	}
	want := `{"kid":"id","kty":"EC-HSM","key_ops":["sign"],"crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}`
	if string(got) != want {
		t.Errorf("JWK = %s", got)
	}
}

func TestJWKRefuses(t *testing.T) {
	const x, y = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"
	for name, text := range map[string]string{
		"nothing":             ``,
		"a list":              `[]`,
		"a private key":       `{"kty":"EC","crv":"P-256","x":"` + x + `","y":"` + y + `","d":"AA"}`,
		"a private key shout": `{"kty":"EC","crv":"P-256","x":"` + x + `","y":"` + y + `","D":"AA"}`,
		"a doubled member":    `{"kty":"EC","kty":"RSA","crv":"P-256","x":"` + x + `","y":"` + y + `"}`,
		"a member by case":    `{"kty":"EC","crv":"P-256","x":"` + x + `","X":"` + y + `","y":"` + y + `"}`,
		"trailing bytes":      `{"kty":"EC","crv":"P-256","x":"` + x + `","y":"` + y + `"}{}`,
		"another curve":       `{"kty":"EC","crv":"P-384","x":"` + x + `","y":"` + y + `"}`,
		"off the curve":       `{"kty":"EC","crv":"P-256","x":"` + y + `","y":"` + y + `"}`,
		"off P-256K":          `{"kty":"EC","crv":"P-256K","x":"` + x + `","y":"` + y + `"}`,
		"a short x":           `{"kty":"EC","crv":"P-256","x":"AA","y":"` + y + `"}`,
		"padding":             `{"kty":"EC","crv":"P-256","x":"` + x + `=","y":"` + y + `"}`,
		"a line break":        `{"kty":"EC","crv":"P-256","x":"` + x[:9] + `\n` + x[9:] + `","y":"` + y + `"}`,
		"stray bits":          `{"kty":"EC","crv":"P-256","x":"` + x[:42] + `V","y":"` + y + `"}`,
		"EC on Ed25519":       `{"kty":"EC","crv":"Ed25519","x":"` + x + `","y":"` + y + `"}`,
		"OKP with y":          `{"kty":"OKP","crv":"Ed25519","x":"` + x + `","y":"` + y + `"}`,
		"oct":                 `{"kty":"oct"}`,
		"RSA without numbers": `{"kty":"RSA"}`,
		"RSA of 8 bits":       `{"kty":"RSA","n":"_w","e":"AQAB"}`,
		"RSA padded with 0":   `{"kty":"RSA","n":"AP8","e":"AQAB"}`,
		"no kty":              `{"crv":"P-256"}`,
		"too long":            `{"kty":"EC","kid":"` + strings.Repeat("k", 16<<10) + `"}`,
	} {
		j, err := keys.ParseJWK([]byte(text))
		if err == nil {
			_, err = j.Public()
		}
		if fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: %v, want Invalid", name, err)
		}
	}
}

func TestPEMIsOneBlockAndNothingElse(t *testing.T) {
	pub := generate(t, keys.Spec{Type: keys.EC, Curve: keys.P256}).Public().PEM()
	for name, text := range map[string][]byte{
		"nothing":      nil,
		"two blocks":   append(bytes.Clone(pub), pub...),
		"text before":  append([]byte("hello\n"), pub...),
		"text after":   append(bytes.Clone(pub), "hello"...),
		"another type": bytes.ReplaceAll(pub, []byte("PUBLIC KEY"), []byte("PRIVATE KEY")),
		"too long":     append(bytes.Clone(pub), bytes.Repeat([]byte(" "), 20<<10)...),
	} {
		if _, err := keys.ParsePublicPEM(text); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: %v, want Invalid", name, err)
		}
	}
	if _, err := keys.ParsePublicPEM(append([]byte("\n\n"), append(pub, '\n')...)); err != nil {
		t.Errorf("white space around the block: %v", err)
	}
}

// A token gives points; they lead to the same key, and a point off its curve,
// the start of an invalid-curve attack, leads nowhere.
func TestParsePoint(t *testing.T) {
	for _, spec := range softwareSpecs() {
		pub := generate(t, spec).Public()
		jwk := pub.JWK("", nil)
		point := append(append([]byte{4}, jwk.X...), jwk.Y...)
		if spec.Type == keys.RSA {
			continue
		}
		if spec.Type == keys.OKP {
			point = jwk.X
		}
		got, err := keys.ParsePoint(spec.Curve, point)
		if err != nil || !got.Equal(pub) {
			t.Errorf("%s: %v", spec, err)
		}
		bad := [][]byte{nil, point[:len(point)-1], append(bytes.Clone(point), 0)}
		if spec.Type == keys.EC {
			off := bytes.Clone(point)
			off[len(off)-1] ^= 1
			compressed := append([]byte{2}, jwk.X...)
			bad = append(bad, off, compressed, make([]byte, len(point)))
		}
		for _, p := range bad {
			if _, err := keys.ParsePoint(spec.Curve, p); fault.KindOf(err) != fault.Invalid {
				t.Errorf("%s: %x gives %v, want Invalid", spec, p, err)
			}
		}
	}
}

func FuzzParsePublic(f *testing.F) {
	for _, spec := range []keys.Spec{{Type: keys.RSA, Bits: 2048}, {Type: keys.EC, Curve: keys.P256}, {Type: keys.EC, Curve: keys.P256K}, {Type: keys.OKP, Curve: keys.Ed25519}} {
		f.Add(generate(f, spec).Public().DER())
	}
	f.Fuzz(func(t *testing.T, der []byte) {
		pub, err := keys.ParsePublic(der)
		if err != nil {
			return
		}
		if !bytes.Equal(pub.DER(), der) || !pub.Spec().Known() {
			t.Errorf("read as %s, written as another key", pub.Spec())
		}
		again, err := pub.JWK("", nil).Public()
		if err != nil || !again.Equal(pub) {
			t.Errorf("the JWK leads elsewhere: %v", err)
		}
	})
}

func FuzzParsePublicPEM(f *testing.F) {
	f.Add(generate(f, keys.Spec{Type: keys.EC, Curve: keys.P256}).Public().PEM())
	f.Fuzz(func(t *testing.T, text []byte) {
		pub, err := keys.ParsePublicPEM(text)
		if err != nil {
			return
		}
		if again, err := keys.ParsePublicPEM(pub.PEM()); err != nil || !again.Equal(pub) {
			t.Errorf("does not read back: %v", err)
		}
	})
}

func FuzzParseJWK(f *testing.F) {
	for _, v := range rfcSignatures {
		f.Add([]byte(v.jwk))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		j, err := keys.ParseJWK(text)
		if err != nil {
			return
		}
		pub, err := j.Public()
		if err != nil {
			return
		}
		if again, err := keys.ParsePublic(pub.DER()); err != nil || !again.Equal(pub) {
			t.Errorf("does not read back as DER: %v", err)
		}
	})
}

func FuzzParsePrivate(f *testing.F) {
	specs := []keys.Spec{{Type: keys.RSA, Bits: 2048}, {Type: keys.EC, Curve: keys.P256}, {Type: keys.EC, Curve: keys.P256K}, {Type: keys.OKP, Curve: keys.Ed25519}}
	for i, spec := range specs {
		der, err := generate(f, spec).PKCS8()
		if err != nil {
			f.Fatal(err)
		}
		der.Reveal(func(b []byte) { f.Add(i, bytes.Clone(b)) })
	}
	f.Fuzz(func(t *testing.T, i int, der []byte) {
		spec := specs[uint(i)%uint(len(specs))]
		key, err := keys.ParsePrivate(spec, secret.Copy(der))
		if err != nil {
			return
		}
		again, err := keys.ParsePrivate(spec, pkcs8Of(t, key))
		if err != nil || !again.Public().Equal(key.Public()) {
			t.Errorf("does not read back: %v", err)
		}
	})
}

func FuzzRawSignature(f *testing.F) {
	f.Add([]byte{0x30, 0x06, 0x02, 0x01, 0x01, 0x02, 0x01, 0x01})
	f.Fuzz(func(t *testing.T, der []byte) {
		raw, err := keys.RawSignature(keys.P256, der)
		if err != nil {
			return
		}
		if back, err := keys.ASN1Signature(keys.P256, raw); err != nil || !bytes.Equal(back, der) {
			t.Errorf("%x became %x, %v", der, back, err)
		}
	})
}
