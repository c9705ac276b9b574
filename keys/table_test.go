package keys_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/keys"
)

func TestParseSpec(t *testing.T) {
	for _, tc := range []struct {
		kty   string
		size  int
		curve string
		want  string
	}{
		{"RSA", 0, "", "RSA 2048"},
		{"RSA", 4096, "", "RSA 4096"},
		{"rsa-hsm", 3072, "", "RSA-HSM 3072"},
		{"EC", 0, "", "EC P-256"},
		{"EC-HSM", 0, "P-384", "EC-HSM P-384"},
		{"EC", 0, "P-256K", "EC P-256K"},
		{"EC", 0, "secp256k1", "EC P-256K"},
		{"OKP", 0, "", "OKP Ed25519"},
		{"oct", 0, "", "oct 256"},
		{"OCT-HSM", 128, "", "oct-HSM 128"},
	} {
		got, err := keys.ParseSpec(tc.kty, tc.size, tc.curve)
		if err != nil || got.String() != tc.want || !got.Known() {
			t.Errorf("ParseSpec(%q, %d, %q) = %s, %v, want %s", tc.kty, tc.size, tc.curve, got, err, tc.want)
		}
	}
}

func TestParseSpecSaysWhatIsAllowed(t *testing.T) {
	for _, tc := range []struct {
		kty        string
		size       int
		curve      string
		says, hint string
	}{
		{"DSA", 0, "", `there is no key type "DSA"`, "use RSA, RSA-HSM, EC, EC-HSM, oct, oct-HSM, OKP or OKP-HSM"},
		{"RSA", 1024, "", "a key RSA 1024 is not offered", "for RSA use 2048, 3072 or 4096"},
		{"RSA", 0, "P-256", "a key RSA P-256 is not offered", "for RSA use 2048, 3072 or 4096"},
		{"RSA", -1, "", "a key RSA -1 is not offered", "for RSA use 2048, 3072 or 4096"},
		{"EC", 0, "P-224", `there is no curve "P-224"`, "use P-256, P-384, P-521, P-256K or Ed25519"},
		{"EC-HSM", 0, "Ed25519", "a key EC-HSM Ed25519 is not offered", "for EC-HSM use P-256, P-384, P-521 or P-256K"},
		{"EC", 2048, "P-256", "a key EC 2048 P-256 is not offered", "for EC use P-256, P-384, P-521 or P-256K"},
		{"\x1b[31mRSA", 0, "", `there is no key type "?[31mRSA"`, "use RSA, "},
	} {
		_, err := keys.ParseSpec(tc.kty, tc.size, tc.curve)
		if fault.KindOf(err) != fault.Invalid || fault.Problem(err) != tc.says || !strings.HasPrefix(fault.Hint(err), tc.hint) {
			t.Errorf("ParseSpec(%q, %d, %q) = %q / %q, want %q / %q", tc.kty, tc.size, tc.curve, fault.Problem(err), fault.Hint(err), tc.says, tc.hint)
		}
	}
}

func TestSpecsAreTwins(t *testing.T) {
	seen := map[keys.Spec]bool{}
	for _, s := range keys.Specs() {
		if seen[s] || !s.Known() {
			t.Errorf("%s is doubled or unknown", s)
		}
		seen[s] = true
		if s.Software().HSM() || !s.Hardware().HSM() || s.Software().Hardware() != s.Hardware() {
			t.Errorf("%s has no proper twin", s)
		}
		if (s.Protection() == keys.ProtectionHSM) != s.HSM() {
			t.Errorf("%s: protection and type disagree", s)
		}
		again, err := keys.ParseSpec(string(s.Type), s.Bits, string(s.Curve))
		if err != nil || again != s {
			t.Errorf("%s does not read back: %s, %v", s, again, err)
		}
		if s.Size() < 128 {
			t.Errorf("%s: size %d", s, s.Size())
		}
	}
	if len(seen) != 22 {
		t.Errorf("%d specs, want 11 in software and 11 in hardware", len(seen))
	}
}

func TestAlgorithmsFor(t *testing.T) {
	for _, tc := range []struct {
		spec keys.Spec
		want []keys.Algorithm
	}{
		{keys.Spec{Type: keys.RSA, Bits: 2048}, []keys.Algorithm{"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"}},
		{keys.Spec{Type: keys.EC, Curve: keys.P256}, []keys.Algorithm{"ES256"}},
		{keys.Spec{Type: keys.EC, Curve: keys.P384}, []keys.Algorithm{"ES384"}},
		{keys.Spec{Type: keys.EC, Curve: keys.P521}, []keys.Algorithm{"ES512"}},
		{keys.Spec{Type: keys.EC, Curve: keys.P256K}, []keys.Algorithm{"ES256K"}},
		{keys.Spec{Type: keys.OKP, Curve: keys.Ed25519}, []keys.Algorithm{"EdDSA"}},
		{keys.Spec{Type: keys.Oct, Bits: 256}, []keys.Algorithm{"HS256", "HS384", "HS512"}},
		{keys.Spec{Type: keys.Oct, Bits: 128}, nil},
		{keys.Spec{Type: keys.RSA, Bits: 512}, nil},
	} {
		for _, spec := range []keys.Spec{tc.spec, tc.spec.Hardware()} {
			if got := keys.AlgorithmsFor(spec); !slices.Equal(got, tc.want) {
				t.Errorf("AlgorithmsFor(%s) = %v, want %v", spec, got, tc.want)
			}
			if len(tc.want) > 0 && keys.DefaultSignature(spec) != tc.want[0] {
				t.Errorf("DefaultSignature(%s) = %s", spec, keys.DefaultSignature(spec))
			}
		}
	}
}

func TestEveryAlgorithmIsReadAndHasAUser(t *testing.T) {
	for _, row := range keys.Algorithms() {
		if got, err := keys.ParseAlgorithm(strings.ToLower(string(row.Name))); err != nil || got != row.Name {
			t.Errorf("ParseAlgorithm(%s) = %s, %v", row.Name, got, err)
		}
		if !slices.ContainsFunc(keys.Specs(), row.Fits) {
			t.Errorf("%s fits no key", row.Name)
		}
		if row.Hash != 0 && !row.Hash.Available() {
			t.Errorf("%s: the hash %s is not linked in", row.Name, row.Hash)
		}
	}
	if _, err := keys.ParseAlgorithm("none"); fault.KindOf(err) != fault.Invalid {
		t.Errorf(`"none" = %v, want Invalid`, err)
	}
}

func TestParseOperations(t *testing.T) {
	rsa := keys.Spec{Type: keys.RSA, Bits: 2048}
	ec := keys.Spec{Type: keys.ECHSM, Curve: keys.P256}
	for _, tc := range []struct {
		spec  keys.Spec
		names []string
		want  []keys.Operation
	}{
		{rsa, nil, keys.Operations()},
		{ec, nil, []keys.Operation{"sign", "verify"}},
		{rsa, []string{"UNWRAPKEY", "sign", "sign"}, []keys.Operation{"sign", "unwrapKey"}},
		{keys.Spec{Type: keys.Oct, Bits: 128}, nil, []keys.Operation{"encrypt", "decrypt", "wrapKey", "unwrapKey"}},
		{keys.Spec{Type: keys.Oct, Bits: 256}, nil, keys.Operations()},
	} {
		got, err := keys.ParseOperations(tc.spec, tc.names)
		if err != nil || !slices.Equal(got, tc.want) {
			t.Errorf("ParseOperations(%s, %v) = %v, %v, want %v", tc.spec, tc.names, got, err, tc.want)
		}
	}
	for _, names := range [][]string{{"encrypt"}, {"fly"}, {""}} {
		if got, err := keys.ParseOperations(ec, names); fault.KindOf(err) != fault.Invalid {
			t.Errorf("ParseOperations(%s, %q) = %v, %v, want Invalid", ec, names, got, err)
		}
	}
}
