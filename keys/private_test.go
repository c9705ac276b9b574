package keys_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"math/big"
	"os"
	"strings"
	"testing"

	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/internal/secret"
	"github.com/strongroom/strongroom/keys"
)

const content = "Ten thousand to the bearer."

// Every software key signs with every algorithm that fits it; we accept the
// signature, we refuse it spoiled or for other content, and OpenSSL agrees.
func TestSignaturesVerifyHereAndInOpenSSL(t *testing.T) {
	for _, spec := range softwareSpecs() {
		key := generate(t, spec)
		for _, alg := range keys.AlgorithmsFor(spec) {
			t.Run(spec.String()+" "+string(alg), func(t *testing.T) {
				digest := digestOf(t, alg, content)
				sig, err := key.Sign(alg, digest)
				if err != nil {
					t.Fatal(err)
				}
				expectVerify(t, key.Public(), alg, digest, sig, true)
				expectVerify(t, key.Public(), alg, digestOf(t, alg, content+"0"), sig, false)
				for _, bad := range spoiled(sig) {
					expectVerify(t, key.Public(), alg, digest, bad, false)
				}
				if out, ok := opensslVerifies(t, key.Public(), alg, digest, sig); !ok {
					t.Errorf("openssl refuses: %s", out)
				}
			})
		}
	}
}

func expectVerify(t *testing.T, pub keys.PublicKey, alg keys.Algorithm, digest, sig []byte, want bool) {
	t.Helper()
	got, err := keys.Verify(pub, alg, digest, sig)
	if err != nil || got != want {
		t.Errorf("Verify = %v, %v, want %v", got, err, want)
	}
}

func digestOf(t *testing.T, alg keys.Algorithm, text string) []byte {
	t.Helper()
	digest, err := keys.Digest(context.Background(), alg, strings.NewReader(text), nil)
	if err != nil {
		t.Fatal(err)
	}
	return digest
}

func opensslVerifies(t *testing.T, pub keys.PublicKey, alg keys.Algorithm, digest, sig []byte) (string, bool) {
	t.Helper()
	info, _ := alg.Info()
	args := []string{"pkeyutl", "-verify", "-pubin", "-inkey", file(t, "pub.pem", pub.PEM()), "-in", file(t, "digest", digest)}
	switch info.Scheme {
	case keys.SchemeEd25519:
		args = append(args, "-rawin")
	case keys.SchemePSS:
		args = append(args, "-pkeyopt", "rsa_padding_mode:pss", "-pkeyopt", "rsa_pss_saltlen:digest")
		fallthrough
	case keys.SchemePKCS1:
		args = append(args, "-pkeyopt", "digest:"+strings.ReplaceAll(strings.ToLower(info.Hash.String()), "-", ""))
	case keys.SchemeECDSA:
		der, err := keys.ASN1Signature(pub.Spec().Curve, sig)
		if err != nil {
			t.Fatal(err)
		}
		sig = der
	}
	return openssl(t, append(args, "-sigfile", file(t, "sig", sig))...)
}

// What we wrote we read, and OpenSSL reads it too.
func TestPKCS8RoundTrip(t *testing.T) {
	for _, spec := range softwareSpecs() {
		t.Run(spec.String(), func(t *testing.T) {
			key := generate(t, spec)
			der := pkcs8Of(t, key)
			again, err := keys.ParsePrivate(spec, der)
			if err != nil {
				t.Fatal(err)
			}
			if !again.Public().Equal(key.Public()) {
				t.Error("another key came back")
			}
			var path string
			der.Reveal(func(b []byte) {
				path = file(t, "key.pem", pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: b}))
			})
			out, ok := openssl(t, "pkey", "-in", path, "-pubout")
			if !ok || out != string(key.Public().PEM()) {
				t.Errorf("openssl reads another key: %s", out)
			}
		})
	}
}

// Keys that OpenSSL made are read here.
func TestKeysFromOpenSSL(t *testing.T) {
	for spec, args := range map[keys.Spec][]string{
		{Type: keys.RSA, Bits: 2048}:          {"-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"},
		{Type: keys.EC, Curve: keys.P384}:     {"-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"},
		{Type: keys.EC, Curve: keys.P256K}:    {"-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:secp256k1"},
		{Type: keys.OKP, Curve: keys.Ed25519}: {"-algorithm", "ed25519"},
	} {
		path := t.TempDir() + "/key.pem"
		if out, ok := openssl(t, append([]string{"genpkey", "-out", path}, args...)...); !ok {
			t.Fatal(out)
		}
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		block, _ := pem.Decode(text)
		key, err := keys.ParsePrivate(spec, secret.New(block.Bytes))
		if err != nil {
			t.Errorf("%s: %v", spec, err)
			continue
		}
		want, _ := openssl(t, "pkey", "-in", path, "-pubout")
		if got := string(key.Public().PEM()); got != want {
			t.Errorf("%s: public key differs:\n%s%s", spec, got, want)
		}
	}
}

func pkcs8Of(t testing.TB, key *keys.Private) *secret.Bytes {
	t.Helper()
	der, err := key.PKCS8()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(der.Wipe)
	return der
}

func TestParsePrivateRefusesAnotherKindThanNamed(t *testing.T) {
	der := pkcs8Of(t, generate(t, keys.Spec{Type: keys.EC, Curve: keys.P256}))
	for _, spec := range []keys.Spec{
		{Type: keys.EC, Curve: keys.P384},
		{Type: keys.EC, Curve: keys.P256K},
		{Type: keys.RSA, Bits: 2048},
		{Type: keys.ECHSM, Curve: keys.P256},
		{Type: keys.RSA, Bits: 1024},
	} {
		if _, err := keys.ParsePrivate(spec, der); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: error = %v, want Invalid", spec, err)
		}
	}
}

func TestGenerateRefusesWhatSoftwareMustNotMake(t *testing.T) {
	for _, tc := range []struct {
		spec keys.Spec
		want fault.Kind
	}{
		{keys.Spec{Type: keys.RSAHSM, Bits: 2048}, fault.Invalid},
		{keys.Spec{Type: keys.ECHSM, Curve: keys.P256}, fault.Invalid},
		{keys.Spec{Type: keys.RSA, Bits: 1024}, fault.Invalid},
		{keys.Spec{Type: keys.OctHSM, Bits: 256}, fault.Invalid},
		{keys.Spec{Type: keys.Oct, Bits: 512}, fault.Invalid},
		{keys.Spec{}, fault.Invalid},
	} {
		_, err := keys.Generate(tc.spec, rand.Reader)
		if fault.KindOf(err) != tc.want || fault.Hint(err) == "" {
			t.Errorf("Generate(%s) = %v, want %s with a hint", tc.spec, err, tc.want)
		}
	}
}

func TestSignRefusesTheWrongDigestAndAlgorithm(t *testing.T) {
	key := generate(t, keys.Spec{Type: keys.EC, Curve: keys.P384})
	for _, tc := range []struct {
		alg  keys.Algorithm
		size int
		says string
	}{
		{keys.ES256, 32, "does not sign with ES256"},
		{keys.RS256, 32, "does not sign with RS256"},
		{"none", 0, `there is no signature algorithm "none"`},
		{keys.ES384, 32, "ES384 signs a digest of 48 bytes, this one has 32"},
	} {
		_, err := key.Sign(tc.alg, make([]byte, tc.size))
		if fault.KindOf(err) != fault.Invalid || !strings.Contains(fault.Problem(err), tc.says) {
			t.Errorf("Sign(%s, %d bytes) = %v, want %q", tc.alg, tc.size, err, tc.says)
		}
		if _, err := keys.Verify(key.Public(), tc.alg, make([]byte, tc.size), nil); fault.KindOf(err) != fault.Invalid {
			t.Errorf("Verify(%s, %d bytes) = %v, want Invalid", tc.alg, tc.size, err)
		}
	}
}

func TestAWipedKeyIsGone(t *testing.T) {
	for _, spec := range softwareSpecs() {
		if spec.Type == keys.RSA && spec.Bits > 2048 {
			continue // the same code as 2048, and slow to make
		}
		key, err := keys.ParsePrivate(spec, pkcs8Of(t, generate(t, spec)))
		if err != nil {
			t.Fatal(err)
		}
		key.Wipe()
		key.Wipe()
		alg := keys.DefaultSignature(spec)
		if _, err := key.Sign(alg, digestOf(t, alg, content)); err == nil {
			t.Errorf("%s: signs after Wipe", spec)
		}
		if _, err := key.PKCS8(); err == nil {
			t.Errorf("%s: exports after Wipe", spec)
		}
		if key.Public().IsZero() {
			t.Errorf("%s: the public half is gone too", spec)
		}
	}
	(*keys.Private)(nil).Wipe()
}

// The slip that puts a key into a log shows its kind and nothing else.
func TestPrivateNeverPrints(t *testing.T) {
	key := generate(t, keys.Spec{Type: keys.EC, Curve: keys.P256})
	for _, v := range []any{key, *key, struct{ K *keys.Private }{key}} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%d"} {
			got := fmt.Sprintf(verb, v)
			if _, holder := v.(struct{ K *keys.Private }); !holder && got != "[private key EC P-256]" {
				t.Errorf("%s prints %q", verb, got)
			}
		}
		text, err := json.Marshal(v)
		if err != nil || len(text) > len(`{"K":{}}`) {
			t.Errorf("json = %s, %v", text, err)
		}
	}
}

// A crypto.Signer gives what the standard library verifies.
func TestSignerSpeaksStandardLibrary(t *testing.T) {
	digest := sha256.Sum256([]byte(content))
	for _, spec := range []keys.Spec{{Type: keys.RSA, Bits: 2048}, {Type: keys.EC, Curve: keys.P256}, {Type: keys.OKP, Curve: keys.Ed25519}} {
		signer, err := generate(t, spec).Signer()
		if err != nil {
			t.Fatal(err)
		}
		var ok bool
		switch pub := signer.Public().(type) {
		case *rsa.PublicKey:
			pss := &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash, Hash: crypto.SHA256}
			ok = rsa.VerifyPKCS1v15(pub, crypto.SHA256, digest[:], sign(t, signer, digest[:], crypto.SHA256)) == nil &&
				rsa.VerifyPSS(pub, crypto.SHA256, digest[:], sign(t, signer, digest[:], pss), pss) == nil
		case *ecdsa.PublicKey:
			ok = ecdsa.VerifyASN1(pub, digest[:], sign(t, signer, digest[:], crypto.SHA256))
		case ed25519.PublicKey:
			ok = ed25519.Verify(pub, []byte(content), sign(t, signer, []byte(content), crypto.Hash(0)))
		}
		if !ok {
			t.Errorf("%s: the standard library refuses the signature", spec)
		}
	}
}

func sign(t *testing.T, s crypto.Signer, digest []byte, opts crypto.SignerOpts) []byte {
	t.Helper()
	sig, err := s.Sign(rand.Reader, digest, opts)
	if err != nil {
		t.Fatal(err)
	}
	return sig
}

func TestSignerRefuses(t *testing.T) {
	if _, err := generate(t, keys.Spec{Type: keys.EC, Curve: keys.P256K}).Signer(); fault.KindOf(err) != fault.Unsupported {
		t.Errorf("P-256K: %v, want Unsupported", err)
	}
	signer, err := generate(t, keys.Spec{Type: keys.RSA, Bits: 2048}).Signer()
	if err != nil {
		t.Fatal(err)
	}
	for name, opts := range map[string]crypto.SignerOpts{
		"SHA-1":         crypto.SHA1,
		"an odd salt":   &rsa.PSSOptions{SaltLength: 7, Hash: crypto.SHA256},
		"the auto salt": &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthAuto, Hash: crypto.SHA256},
	} {
		if _, err := signer.Sign(rand.Reader, make([]byte, opts.HashFunc().Size()), opts); fault.KindOf(err) != fault.Unsupported {
			t.Errorf("%s: %v, want Unsupported", name, err)
		}
	}
}

// Weak RSA keys are refused however they arrive.
func TestWeakRSAIsRefused(t *testing.T) {
	odd := new(big.Int).Add(new(big.Int).Lsh(big.NewInt(1), 2047), big.NewInt(1))
	for name, k := range map[string]*rsa.PublicKey{
		"small":         {N: new(big.Int).Add(new(big.Int).Lsh(big.NewInt(1), 1023), big.NewInt(1)), E: 65537},
		"even":          {N: new(big.Int).Lsh(big.NewInt(1), 2047), E: 65537},
		"exponent 3":    {N: odd, E: 3},
		"exponent even": {N: odd, E: 65538},
		"odd size":      {N: new(big.Int).Add(new(big.Int).Lsh(big.NewInt(1), 2049), big.NewInt(1)), E: 65537},
	} {
		if _, err := keys.NewPublic(k); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: NewPublic = %v, want Invalid", name, err)
		}
	}
	if _, err := keys.NewPublic(&rsa.PublicKey{N: odd, E: 65537}); err != nil {
		t.Errorf("the control key is refused: %v", err)
	}
}

func TestECDSAFormsConvertBothWays(t *testing.T) {
	for _, spec := range softwareSpecs() {
		if spec.Type != keys.EC {
			continue
		}
		alg := keys.DefaultSignature(spec)
		raw, err := generate(t, spec).Sign(alg, digestOf(t, alg, content))
		if err != nil {
			t.Fatal(err)
		}
		der, err := keys.ASN1Signature(spec.Curve, raw)
		if err != nil {
			t.Fatal(err)
		}
		back, err := keys.RawSignature(spec.Curve, der)
		if err != nil || !bytes.Equal(back, raw) {
			t.Errorf("%s: %x became %x, %v", spec, raw, back, err)
		}
	}
}

// DER has one form; others are how signatures are made to look different.
func TestRawSignatureIsStrict(t *testing.T) {
	for name, der := range map[string][]byte{
		"empty":                {},
		"padded integer":       {0x30, 0x07, 0x02, 0x02, 0x00, 0x01, 0x02, 0x01, 0x01},
		"negative":             {0x30, 0x06, 0x02, 0x01, 0x80, 0x02, 0x01, 0x01},
		"zero":                 {0x30, 0x06, 0x02, 0x01, 0x00, 0x02, 0x01, 0x01},
		"long length":          {0x30, 0x81, 0x06, 0x02, 0x01, 0x01, 0x02, 0x01, 0x01},
		"trailing":             {0x30, 0x06, 0x02, 0x01, 0x01, 0x02, 0x01, 0x01, 0x00},
		"three numbers":        {0x30, 0x09, 0x02, 0x01, 0x01, 0x02, 0x01, 0x01, 0x02, 0x01, 0x01},
		"one number":           {0x30, 0x03, 0x02, 0x01, 0x01},
		"wider than the curve": append(append([]byte{0x30, 0x26, 0x02, 0x21, 0x01}, make([]byte, 32)...), 0x02, 0x01, 0x01),
	} {
		if raw, err := keys.RawSignature(keys.P256, der); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: %x, %v, want Invalid", name, raw, err)
		}
	}
	if _, err := keys.ASN1Signature(keys.P256, make([]byte, 64)); err == nil {
		t.Error("r = s = 0 is accepted")
	}
}
