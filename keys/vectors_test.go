package keys_test

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/strongroom/strongroom/keys"
)

// The signing inputs and signatures of the JOSE RFCs' own examples.
var rfcSignatures = []struct {
	name, jwk, jws string
	alg            keys.Algorithm
}{
	{
		"RFC 7515 A.2", `{"kty":"RSA","n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ","e":"AQAB"}`,
		"eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw", keys.RS256,
	},
	{
		"RFC 7515 A.3", `{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}`,
		"eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q", keys.ES256,
	},
	{
		"RFC 7515 A.4", `{"kty":"EC","crv":"P-521","x":"AekpBQ8ST8a8VcfVOTNl353vSrDCLLJXmPk06wTjxrrjcBpXp5EOnYG_NjFZ6OvLFV1jSfS9tsz4qUxcWceqwQGk","y":"ADSmRA43Z1DSNx_RvcLI87cdL07l6jQyyBXMoxVg_l2Th-x3S1WDhjDly79ajL4Kkd0AZMaZmh9ubmf63e3kyMj2"}`,
		"eyJhbGciOiJFUzUxMiJ9.UGF5bG9hZA.AdwMgeerwtHoh-l192l60hp9wAHZFVJbLfD_UxMi70cwnZOYaRI1bKPWROc-mZZqwqT2SI-KGDKB34XO0aw_7XdtAG8GaSwFKdCAPZgoXD2YBJZCPEX3xKpRwcdOO8KpEHwJjyqOgzDO7iKvU8vcnwNrmxYbSW9ERBXukOXolLzeO_Jn", keys.ES512,
	},
	{
		"RFC 8037 A.4", `{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}`,
		"eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg", keys.EdDSA,
	},
}

func TestVerifyAcceptsTheRFCsSignatures(t *testing.T) {
	for _, tc := range rfcSignatures {
		t.Run(tc.name, func(t *testing.T) {
			pub := publicOf(t, tc.jwk)
			cut := strings.LastIndexByte(tc.jws, '.')
			sig := decode(t, tc.jws[cut+1:])
			digest, err := keys.Digest(context.Background(), tc.alg, strings.NewReader(tc.jws[:cut]), nil)
			if err != nil {
				t.Fatal(err)
			}
			if ok, err := keys.Verify(pub, tc.alg, digest, sig); !ok || err != nil {
				t.Errorf("Verify = %v, %v", ok, err)
			}
			for _, bad := range spoiled(sig) {
				if ok, err := keys.Verify(pub, tc.alg, digest, bad); ok || err != nil {
					t.Errorf("Verify of a spoiled signature = %v, %v, want false and no error", ok, err)
				}
			}
		})
	}
}

// spoiled gives signatures that are wrong: a bit changed at each end, one byte
// short, one byte long, all zero, all ones, and none.
func spoiled(sig []byte) [][]byte {
	first, last := bytes.Clone(sig), bytes.Clone(sig)
	first[0] ^= 1
	last[len(last)-1] ^= 1
	return [][]byte{
		first, last, sig[:len(sig)-1], append(bytes.Clone(sig), 0),
		make([]byte, len(sig)), bytes.Repeat([]byte{0xff}, len(sig)), nil,
	}
}

func TestThumbprints(t *testing.T) {
	for _, tc := range []struct{ name, jwk, want string }{
		{
			"RFC 7638 3.1",
			`{"kty":"RSA","n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw","e":"AQAB","alg":"RS256","kid":"2011-04-29"}`,
			"NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs",
		},
		{
			"RFC 8037 A.3",
			`{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}`,
			"kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k",
		},
	} {
		pub := publicOf(t, tc.jwk)
		if got := pub.Thumbprint(); got != tc.want {
			t.Errorf("%s: Thumbprint = %s, want %s", tc.name, got, tc.want)
		}
		if got := pub.WithProtection(keys.ProtectionHSM).Thumbprint(); got != tc.want {
			t.Errorf("%s: the thumbprint changes with the protection", tc.name)
		}
	}
}

// The same key under its two names for the curve is one key with one
// thumbprint.
func TestP256KIsSecp256k1(t *testing.T) {
	key := generate(t, keys.Spec{Type: keys.EC, Curve: keys.P256K})
	jwk := key.Public().JWK("", nil)
	if jwk.Crv != "P-256K" {
		t.Errorf("crv = %s, want Azure's name", jwk.Crv)
	}
	jwk.Crv = "secp256k1"
	other, err := jwk.Public()
	if err != nil {
		t.Fatal(err)
	}
	if !other.Equal(key.Public()) || other.Thumbprint() != key.Public().Thumbprint() {
		t.Error("the registered curve name gives another key")
	}
}

func publicOf(t *testing.T, jwk string) keys.PublicKey {
	t.Helper()
	j, err := keys.ParseJWK([]byte(jwk))
	if err != nil {
		t.Fatal(err)
	}
	pub, err := j.Public()
	if err != nil {
		t.Fatal(err)
	}
	return pub
}

func decode(t *testing.T, s string) []byte {
	t.Helper()
	b, err := keys.ParseBase64URL(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
