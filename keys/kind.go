package keys

// Type is a key's type (JWK "kty"). The -HSM types are used only inside a
// token.
type Type string

// The types. OKP is RFC 8037's octet key pair, here always Ed25519.
const (
	RSA    Type = "RSA"
	RSAHSM Type = "RSA-HSM"
	EC     Type = "EC"
	ECHSM  Type = "EC-HSM"
	Oct    Type = "oct"
	OctHSM Type = "oct-HSM"
	OKP    Type = "OKP"
	OKPHSM Type = "OKP-HSM"
)

// typeRow pairs a software type with its hardware twin.
type typeRow struct{ software, hardware Type }

var typeTable = []typeRow{{RSA, RSAHSM}, {EC, ECHSM}, {Oct, OctHSM}, {OKP, OKPHSM}}

// Types gives all types: each software type, then its hardware twin.
func Types() []Type {
	all := make([]Type, 0, 2*len(typeTable))
	for _, row := range typeTable {
		all = append(all, row.software, row.hardware)
	}
	return all
}

// HSM reports whether keys of this type are used only inside a token.
func (t Type) HSM() bool {
	for _, row := range typeTable {
		if t == row.hardware {
			return true
		}
	}
	return false
}

// Software gives the type's software twin, or the type itself.
func (t Type) Software() Type {
	for _, row := range typeTable {
		if t == row.hardware {
			return row.software
		}
	}
	return t
}

// Hardware gives the type's hardware twin, or the type itself.
func (t Type) Hardware() Type {
	for _, row := range typeTable {
		if t == row.software {
			return row.hardware
		}
	}
	return t
}

// Protection says where a key is used.
type Protection string

// The protections. A software key is wrapped at rest by the vault's master
// key and used in this process; an HSM key is used only inside the token.
const (
	ProtectionSoftware Protection = "software"
	ProtectionHSM      Protection = "hsm"
)

// Protection gives where keys of this type are used.
func (t Type) Protection() Protection {
	if t.HSM() {
		return ProtectionHSM
	}
	return ProtectionSoftware
}

// Curve is an elliptic curve (JWK "crv"), by its Azure Key Vault name.
type Curve string

// The curves. P-256K is secp256k1 (RFC 8812 calls it "secp256k1").
const (
	P256    Curve = "P-256"
	P384    Curve = "P-384"
	P521    Curve = "P-521"
	P256K   Curve = "P-256K"
	Ed25519 Curve = "Ed25519"
)

// curveRow holds a curve's facts.
type curveRow struct {
	curve Curve
	// registered is the name in IANA's JOSE registry.
	registered string
	// bits is the size of the field, and so of a coordinate.
	bits int
}

var curveTable = []curveRow{
	{P256, "P-256", 256},
	{P384, "P-384", 384},
	{P521, "P-521", 521},
	{P256K, "secp256k1", 256},
	{Ed25519, "Ed25519", 255},
}

func (c Curve) row() curveRow {
	for _, row := range curveTable {
		if row.curve == c {
			return row
		}
	}
	return curveRow{}
}

// Bits gives the size of the curve's field in bits, or 0 for an unknown curve.
func (c Curve) Bits() int { return c.row().bits }

// coordinateSize gives the length in bytes of a coordinate and of each half
// of a raw signature (RFC 7518 sections 3.4 and 6.2.1.2).
func (c Curve) coordinateSize() int { return (c.Bits() + 7) / 8 }
