package keys_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/internal/secret"
	"github.com/strongroom/strongroom/keys"
)

const (
	// rfcEC is the key of RFC 7517 appendix A.2.
	rfcEC = `{"kty":"EC","crv":"P-256","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4","y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM","d":"870MB6gfuTJ4HtUnUvYMyJpr5eUZNP4Bk43bVdj3eAE","use":"enc","kid":"1"}`
	// rfcOKP is the key of RFC 8037 appendix A.1.
	rfcOKP = `{"kty":"OKP","crv":"Ed25519","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}`
	rfcOct = `{"kty":"oct","k":"GawgguFyGrWKav7AX4VKUg"}`
)

// RFC 8037 appendix A.4: Ed25519 signs the same every time.
func TestImportedOKPSignsAsTheRFC(t *testing.T) {
	sig, err := privateJWK(t, rfcOKP).Sign(keys.EdDSA, []byte("eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc"))
	if err != nil || keys.Base64URL(sig).String() != "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg" {
		t.Errorf("%s, %v", keys.Base64URL(sig), err)
	}
}

func TestImportedJWKIsTheKeyItDescribes(t *testing.T) {
	for text, spec := range map[string]string{rfcRSA["A.1"]: "RSA 2048", rfcEC: "EC P-256", rfcOKP: "OKP Ed25519", rfcOct: "oct 128"} {
		written, key, err := keys.ParsePrivateJWK(secret.FromString(text))
		if err != nil || key.Spec().String() != spec {
			t.Errorf("%s: %v, %v", spec, key, err)
			continue
		}
		if key.Spec().Asymmetric() {
			public, err := written.Public()
			if err != nil || !public.Equal(key.Public()) {
				t.Errorf("%s: the public halves differ, %v", spec, err)
			}
		}
	}
}

// Every software key goes out as a public JWK and, with its scalar, comes in
// again: P-256K under both of its names.
func TestSecp256k1JWK(t *testing.T) {
	const scalar = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE" // the private key 1, whose point is the generator
	const point = `"x":"eb5mfvncu6xVoGKVzocLBwKb_NstzijZWfKBWxb4F5g","y":"SDradyajxGVdpPv8DhEIqP0XtEimhVQZnEfQj_sQ1Lg"`
	for _, crv := range []string{"P-256K", "secp256k1"} {
		key := privateJWK(t, `{"kty":"EC","crv":"`+crv+`","d":"`+scalar+`",`+point+`}`)
		if key.Spec() != (keys.Spec{Type: keys.EC, Curve: keys.P256K}) {
			t.Errorf("%s is %s", crv, key.Spec())
		}
	}
}

// The kty says where the key is to live; the operations and the name come along.
// What is made here is a software key all the same.
func TestPrivateJWKKeepsWhatWasAskedFor(t *testing.T) {
	text := strings.Replace(rfcEC, `"kty":"EC"`, `"kty":"EC-HSM","key_ops":["sign"]`, 1)
	written, key, err := keys.ParsePrivateJWK(secret.FromString(text))
	if err != nil {
		t.Fatal(err)
	}
	if written.Kty != keys.ECHSM || written.Kid != "1" || !slices.Equal(written.KeyOps, []keys.Operation{keys.OpSign}) {
		t.Errorf("written as %+v", written)
	}
	if key.Spec().HSM() {
		t.Errorf("a software key calls itself %s", key.Spec())
	}
}

func TestPrivateJWKIsStrict(t *testing.T) {
	rsa := rfcRSA["A.1"]
	drop := func(text, member string) string {
		start := strings.Index(text, `"`+member+`":"`)
		end := start + len(member) + 4 + strings.IndexByte(text[start+len(member)+4:], '"') + 1
		return strings.TrimSuffix(strings.TrimRight(text[:start], " \n\t"), ",") + strings.TrimSuffix(text[end:], "")
	}
	add := func(text, members string) string { return strings.TrimSuffix(text, "}") + "," + members + "}" }
	cases := map[string]string{
		"nothing":              ``,
		"no object":            `[]`,
		"no type":              `{"k":"GawgguFyGrWKav7AX4VKUg"}`,
		"unknown type":         strings.Replace(rfcOct, "oct", "AES", 1),
		"trailing bytes":       rfcOct + `{}`,
		"too long":             add(rfcOct, `"x5c":"`+strings.Repeat("A", 17<<10)+`"`),
		"a member twice":       add(rfcOct, `"k":"GawgguFyGrWKav7AX4VKUg"`),
		"a member twice, case": add(rfcOct, `"K":"GawgguFyGrWKav7AX4VKUg"`),
		"oct of 64 bits":       `{"kty":"oct","k":"GawgguFyGrU"}`,
		"oct empty":            `{"kty":"oct","k":""}`,
		"oct with a d":         add(rfcOct, `"d":"AA"`),
		"oct with padding":     `{"kty":"oct","k":"GawgguFyGrWKav7AX4VKUg=="}`,
		"oct with stray bits":  `{"kty":"oct","k":"GawgguFyGrWKav7AX4VKUh"}`,
		"oct with a break":     `{"kty":"oct","k":"GawgguFyGrWK\nav7AX4VKUg"}`,
		"oct with a curve":     add(rfcOct, `"crv":"P-256"`),
		"wrapped for an HSM":   `{"kty":"RSA-HSM","key_hsm":"AAAA"}`,
		"EC public only":       drop(rfcEC, "d"),
		"EC without x":         drop(rfcEC, "x"),
		"EC without y":         drop(rfcEC, "y"),
		"EC without curve":     drop(rfcEC, "crv"),
		"EC d too short":       strings.Replace(rfcEC, `"870MB6gfuTJ4HtUnUvYMyJpr5eUZNP4Bk43bVdj3eAE"`, `"870M"`, 1),
		"EC d zero":            strings.Replace(rfcEC, `"870MB6gfuTJ4HtUnUvYMyJpr5eUZNP4Bk43bVdj3eAE"`, `"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"`, 1),
		"EC d over the order":  strings.Replace(rfcEC, `"870MB6gfuTJ4HtUnUvYMyJpr5eUZNP4Bk43bVdj3eAE"`, `"__________________________________________8"`, 1),
		"EC of another point":  strings.Replace(rfcEC, `"870MB6gfuTJ4HtUnUvYMyJpr5eUZNP4Bk43bVdj3eAE"`, `"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"`, 1),
		"EC as Ed25519":        strings.Replace(rfcEC, "P-256", "Ed25519", 1),
		"EC with an n":         add(rfcEC, `"n":"AQ"`),
		"OKP as P-256":         strings.Replace(rfcOKP, "Ed25519", "P-256", 1),
		"OKP with a y":         add(rfcOKP, `"y":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"`),
		"OKP of another point": strings.Replace(rfcOKP, "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo", "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURw", 1),
		"RSA with a k":         add(rsa, `"k":"GawgguFyGrWKav7AX4VKUg"`),
		"RSA with a zero byte": strings.Replace(rsa, `"e":"AQAB"`, `"e":"AAEAAQ"`, 1),
		"a number as a member": `{"kty":"oct","k":7}`,
	}
	for _, member := range []string{"n", "e", "d", "p", "q", "dp", "dq", "qi"} {
		cases["RSA without "+member] = drop(rsa, member)
	}
	for name, text := range cases {
		written, key, err := keys.ParsePrivateJWK(secret.FromString(text))
		if key != nil || fault.KindOf(err) != fault.Invalid || fault.Hint(err) == "" || written.Kty != "" {
			t.Errorf("%s: %v, %v, want Invalid", name, key, err)
		}
		if leaked := fault.Problem(err) + err.Error(); strings.Contains(leaked, "GawgguFy") || strings.Contains(leaked, "870MB6") {
			t.Errorf("%s: the error shows the key: %s", name, leaked)
		}
	}
	if _, _, err := keys.ParsePrivateJWK(secret.FromString(add(rsa, `"oth":[]`))); fault.KindOf(err) != fault.Unsupported {
		t.Errorf("many primes: %v", err)
	}
}
