package vault

import (
	"encoding/binary"

	"github.com/strongroom/strongroom/internal/fault"
)

// KindTOTP is the [Identity] kind of a person's one-time-code seed; its Name
// is the person's id, its Vault and Version are empty.
const KindTOTP = "totp"

// Identity is the place that a record belongs to. A record opens nowhere else.
type Identity struct {
	Installation string // UUID
	Vault        string // the vault's id
	Kind         string
	Name         string // the object's name, compared without case
	Version      string
}

// label keeps these bytes apart from all other additional data.
const label = "strongroom record"

// additional is the data that authenticates a record together with its value:
// the label, the format and the algorithm, and every field of the identity,
// each behind its length, so that no two identities give the same bytes.
func (id Identity) additional(format, algorithm byte) ([]byte, error) {
	fields := []string{id.Installation, id.Vault, id.Kind, fold(id.Name), id.Version}
	out := append([]byte(label), format, algorithm, byte(len(fields)))
	for _, f := range fields {
		if len(f) > maxIdentityField {
			return nil, fault.New(fault.Invalid, "a name is too long to seal a value for it", "use a shorter name")
		}
		out = binary.BigEndian.AppendUint16(out, uint16(len(f)))
		out = append(out, f...)
	}
	return out, nil
}
