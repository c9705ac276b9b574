package keys_test

import (
	"bytes"
	"encoding/asn1"
	"encoding/pem"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/internal/secret"
	"github.com/strongroom/strongroom/keys"
)

// opensslKey makes a key by the arguments, which end in "-out", and gives its
// text and its public half as OpenSSL sees it.
func opensslKey(t *testing.T, args ...string) (text []byte, public string) {
	t.Helper()
	path := t.TempDir() + "/key.pem"
	if out, ok := openssl(t, append(args, "-out", path)...); !ok {
		t.Fatal(out)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	public, ok := openssl(t, "pkey", "-in", path, "-passin", "pass:secret", "-pubout")
	if !ok {
		t.Fatal(public)
	}
	return text, public
}

// Every form in which OpenSSL writes a private key is read, and is the same
// key.
func TestParsePrivatePEMReadsWhatOpenSSLWrites(t *testing.T) {
	for _, tc := range []struct {
		name, header, spec string
		args               []string
	}{
		{"PKCS #8 RSA", "PRIVATE KEY", "RSA 2048", []string{"genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"}},
		{"PKCS #1", "RSA PRIVATE KEY", "RSA 2048", []string{"genrsa", "-traditional"}},
		{"PKCS #8 P-521", "PRIVATE KEY", "EC P-521", []string{"genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-521"}},
		{"PKCS #8 secp256k1", "PRIVATE KEY", "EC P-256K", []string{"genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:secp256k1"}},
		{"PKCS #8 Ed25519", "PRIVATE KEY", "OKP Ed25519", []string{"genpkey", "-algorithm", "ed25519"}},
		{"SEC 1 with parameters", "EC PARAMETERS", "EC P-256", []string{"ecparam", "-name", "prime256v1", "-genkey"}},
		{"SEC 1", "EC PRIVATE KEY", "EC P-384", []string{"ecparam", "-name", "secp384r1", "-genkey", "-noout"}},
		{"SEC 1 secp256k1", "EC PRIVATE KEY", "EC P-256K", []string{"ecparam", "-name", "secp256k1", "-genkey", "-noout"}},
		{"SEC 1, compressed point", "EC PRIVATE KEY", "EC P-256", []string{"ecparam", "-name", "prime256v1", "-genkey", "-noout", "-conv_form", "compressed"}},
	} {
		text, public := opensslKey(t, tc.args...)
		if !bytes.HasPrefix(text, []byte("-----BEGIN "+tc.header)) {
			t.Errorf("%s: openssl wrote %.40q", tc.name, text)
		}
		key, err := keys.ParsePrivatePEM(secret.Copy(text))
		if err != nil {
			t.Errorf("%s: %v", tc.name, err)
			continue
		}
		if key.Spec().String() != tc.spec || string(key.Public().PEM()) != public {
			t.Errorf("%s: %s, another key than openssl's", tc.name, key.Spec())
		}
	}
}

// A key under a password of its own says so, in each of the forms.
func TestEncryptedKeysSaySo(t *testing.T) {
	pkcs8, _ := opensslKey(t, "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-aes-256-cbc", "-pass", "pass:secret")
	legacy, _ := opensslKey(t, "genrsa", "-traditional", "-aes128", "-passout", "pass:secret")
	block, _ := pem.Decode(pkcs8)
	for name, err := range map[string]error{
		"PKCS #8 PEM":     second(keys.ParsePrivatePEM(secret.Copy(pkcs8))),
		"traditional PEM": second(keys.ParsePrivatePEM(secret.Copy(legacy))),
		"PKCS #8 DER":     second(keys.ParsePrivateDER(secret.Copy(block.Bytes))),
	} {
		if !errors.Is(err, keys.ErrEncryptedKey) || fault.Hint(err) == "" {
			t.Errorf("%s: %v, want ErrEncryptedKey", name, err)
		}
	}
}

// One key and nothing else: whatever stands beside it may be what the person
// meant.
func TestParsePrivatePEMIsStrict(t *testing.T) {
	good := privatePEM(t, generate(t, keys.Spec{Type: keys.EC, Curve: keys.P256}))
	public := generate(t, keys.Spec{Type: keys.EC, Curve: keys.P256}).Public().PEM()
	block, _ := pem.Decode(good)
	as := func(kind string) []byte { return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: block.Bytes}) }
	headed := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Headers: map[string]string{"Comment": "x"}, Bytes: block.Bytes})
	for name, text := range map[string][]byte{
		"nothing":            {},
		"white space":        []byte(" \n"),
		"text before":        append([]byte("Bag Attributes\n"), good...),
		"text after":         append(bytes.Clone(good), "x"...),
		"two keys":           append(bytes.Clone(good), good...),
		"a public key":       public,
		"a public key too":   append(bytes.Clone(good), public...),
		"half a block":       good[:len(good)-10],
		"a certificate":      as("CERTIFICATE"),
		"headers":            headed,
		"PKCS #8 as PKCS #1": as("RSA PRIVATE KEY"),
		"PKCS #8 as SEC 1":   as("EC PRIVATE KEY"),
		"too long":           append(bytes.Repeat([]byte{'\n'}, 20<<10), good...),
		"parameters after":   append(bytes.Clone(good), "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n"...),
	} {
		if key, err := keys.ParsePrivatePEM(secret.Copy(text)); key != nil || fault.KindOf(err) != fault.Invalid || fault.Hint(err) == "" {
			t.Errorf("%s: %v, %v, want Invalid", name, key, err)
		}
	}
	if _, err := keys.ParsePrivatePEM(secret.Copy(as("OPENSSH PRIVATE KEY"))); fault.KindOf(err) != fault.Unsupported || !strings.Contains(fault.Hint(err), "ssh-keygen") {
		t.Errorf("OpenSSH: %v", err)
	}
	if key, err := keys.ParsePrivatePEM(secret.Copy(append([]byte("\r\n "), good...))); err != nil || key == nil {
		t.Errorf("white space before the key: %v", err)
	}
}

func TestParsePrivateDERIsStrict(t *testing.T) {
	for _, spec := range softwareSpecs() {
		if spec.Type == keys.RSA && spec.Bits > 2048 {
			continue // the same code as 2048, and slow to test for primes
		}
		der := reveal(pkcs8Of(t, generate(t, spec)))
		key, err := keys.ParsePrivateDER(secret.Copy(der))
		if err != nil || key.Spec() != spec || !key.Public().Equal(generate(t, spec).Public()) {
			t.Errorf("%s: %v, %v", spec, key, err)
		}
		for name, bad := range map[string][]byte{
			"a byte after": append(bytes.Clone(der), 0),
			"a byte less":  der[:len(der)-1],
			"empty":        {},
			"too long":     append(bytes.Clone(der), make([]byte, 9<<10)...),
		} {
			if _, err := keys.ParsePrivateDER(secret.Copy(bad)); fault.KindOf(err) != fault.Invalid {
				t.Errorf("%s, %s: %v, want Invalid", spec, name, err)
			}
			if _, err := keys.ParsePrivate(spec, secret.Copy(bad)); fault.KindOf(err) != fault.Invalid {
				t.Errorf("%s, %s: ParsePrivate: %v, want Invalid", spec, name, err)
			}
		}
	}
}

func TestKindsOfKeyThatAreNotOffered(t *testing.T) {
	for name, args := range map[string][]string{
		"X25519":  {"genpkey", "-algorithm", "x25519"},
		"Ed448":   {"genpkey", "-algorithm", "ed448"},
		"P-224":   {"genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-224"},
		"RSA-PSS": {"genpkey", "-algorithm", "RSA-PSS", "-pkeyopt", "rsa_keygen_bits:2048"},
	} {
		text, _ := opensslKey(t, args...)
		key, err := keys.ParsePrivatePEM(secret.Copy(text))
		if kind := fault.KindOf(err); key != nil || (kind != fault.Invalid && kind != fault.Unsupported) {
			t.Errorf("%s: %v, %v", name, key, err)
		}
	}
}

// sec1 is RFC 5915's ECPrivateKey.
type sec1 struct {
	Version int
	Key     []byte
	Curve   asn1.ObjectIdentifier `asn1:"optional,explicit,tag:0"`
	Point   asn1.BitString        `asn1:"optional,explicit,tag:1"`
}

// An encoding that carries the point of another key is a trap: whoever trusts
// the point encrypts to, or accepts signatures of, somebody else.
func TestAPointOfAnotherKeyIsRefused(t *testing.T) {
	for _, curve := range []string{"prime256v1", "secp256k1"} {
		mine, other := sec1Of(t, curve), sec1Of(t, curve)
		mine.Point = other.Point
		der, err := asn1.Marshal(mine)
		if err != nil {
			t.Fatal(err)
		}
		text := pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: der})
		if key, err := keys.ParsePrivatePEM(secret.New(text)); key != nil || fault.KindOf(err) != fault.Invalid ||
			fault.Problem(err) != "the private and the public half belong to different keys" {
			t.Errorf("%s: %v, %v", curve, key, err)
		}
	}
}

func sec1Of(t *testing.T, curve string) sec1 {
	t.Helper()
	text, _ := opensslKey(t, "ecparam", "-name", curve, "-genkey", "-noout")
	block, _ := pem.Decode(text)
	var key sec1
	if _, err := asn1.Unmarshal(block.Bytes, &key); err != nil {
		t.Fatal(err)
	}
	return key
}
