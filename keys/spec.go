package keys

import (
	"strconv"
	"strings"

	"github.com/strongroom/strongroom/internal/fault"
)

// Spec says what a key is. Specs compare with ==. RSA and oct keys have Bits
// and no Curve; EC and OKP keys have a Curve and no Bits. The JSON names are
// those of Azure Key Vault's REST bodies.
type Spec struct {
	Type  Type  `json:"kty"`
	Bits  int   `json:"key_size,omitempty"`
	Curve Curve `json:"crv,omitempty"`
}

// specTable lists the software specs, the default of each type first.
var specTable = []Spec{
	{Type: RSA, Bits: 2048},
	{Type: RSA, Bits: 3072},
	{Type: RSA, Bits: 4096},
	{Type: EC, Curve: P256},
	{Type: EC, Curve: P384},
	{Type: EC, Curve: P521},
	{Type: EC, Curve: P256K},
	{Type: OKP, Curve: Ed25519},
	{Type: Oct, Bits: 256},
	{Type: Oct, Bits: 192},
	{Type: Oct, Bits: 128},
}

// Specs gives every spec there is: the software ones, then the same in
// hardware. What a given token can do of them is the token's to say.
func Specs() []Spec {
	all := append(make([]Spec, 0, 2*len(specTable)), specTable...)
	for _, s := range specTable {
		all = append(all, s.Hardware())
	}
	return all
}

// ParseSpec reads a key type, a size in bits and a curve, as az keyvault and
// the REST body have them. The type compares without case, as the curve does.
// A size of 0 or an empty curve takes the type's default: RSA 2048, EC P-256,
// OKP Ed25519, oct 256. The error is a fault of kind Invalid that says what is
// allowed.
func ParseSpec(kty string, size int, curve string) (Spec, error) {
	t, err := parseType(kty)
	if err != nil {
		return Spec{}, err
	}
	c, err := parseCurve(curve)
	if err != nil {
		return Spec{}, err
	}
	want := Spec{Type: t, Bits: size, Curve: c}
	for _, row := range specTable {
		if row.Type != t.Software() {
			continue
		}
		if s := row.of(t); want == s || (size == 0 && c == "") {
			return s, nil
		}
	}
	return Spec{}, fault.New(fault.Invalid, "a key "+want.String()+" is not offered", "for "+string(t)+" use "+t.choices())
}

// Known reports whether s is one of [Specs].
func (s Spec) Known() bool {
	for _, row := range specTable {
		if row == s.Software() {
			return true
		}
	}
	return false
}

// HSM reports whether the key is used only inside a token.
func (s Spec) HSM() bool { return s.Type.HSM() }

// Protection gives where the key is used.
func (s Spec) Protection() Protection { return s.Type.Protection() }

// Software gives the same spec for a software key.
func (s Spec) Software() Spec { return s.of(s.Type.Software()) }

// Hardware gives the same spec for a key inside a token.
func (s Spec) Hardware() Spec { return s.of(s.Type.Hardware()) }

// Size gives the size of the key in bits: the modulus, the curve's field, or
// the symmetric key.
func (s Spec) Size() int {
	if s.Curve != "" {
		return s.Curve.Bits()
	}
	return s.Bits
}

// Asymmetric reports whether the key has a public half.
func (s Spec) Asymmetric() bool { return s.Type.Software() != Oct }

// String gives the spec in words: "RSA 2048", "EC-HSM P-256".
func (s Spec) String() string {
	parts := []string{string(s.Type)}
	if s.Bits != 0 {
		parts = append(parts, strconv.Itoa(s.Bits))
	}
	if s.Curve != "" {
		parts = append(parts, string(s.Curve))
	}
	return strings.Join(parts, " ")
}

func (s Spec) of(t Type) Spec {
	s.Type = t
	return s
}

// choices lists what ParseSpec takes for the type.
func (t Type) choices() string {
	var all []string
	for _, row := range specTable {
		if row.Type != t.Software() {
			continue
		}
		if row.Curve != "" {
			all = append(all, string(row.Curve))
		} else {
			all = append(all, strconv.Itoa(row.Bits))
		}
	}
	return orList(all)
}

func parseType(s string) (Type, error) {
	var names []string
	for _, t := range Types() {
		if strings.EqualFold(s, string(t)) {
			return t, nil
		}
		names = append(names, string(t))
	}
	return "", fault.New(fault.Invalid, "there is no key type "+quote(s), "use "+orList(names))
}

// parseCurve takes the registered name of a curve as well as Azure's.
func parseCurve(s string) (Curve, error) {
	if s == "" {
		return "", nil
	}
	var names []string
	for _, row := range curveTable {
		if strings.EqualFold(s, string(row.curve)) || strings.EqualFold(s, row.registered) {
			return row.curve, nil
		}
		names = append(names, string(row.curve))
	}
	return "", fault.New(fault.Invalid, "there is no curve "+quote(s), "use "+orList(names))
}

// orList writes "a, b or c".
func orList(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " or " + names[last]
}

// quote shows the beginning of hostile input.
func quote(s string) string { return fault.Quote(s, 32) }
