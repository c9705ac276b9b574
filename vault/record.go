package vault

import (
	"encoding/binary"

	"github.com/strongroom/strongroom/internal/fault"
)

// A record is what lies in the database for a value:
//
//	1 byte   format, 1
//	1 byte   algorithm, 1 = AES-256-GCM with a data key of its own
//	1 byte   length of the master key's id, 1 to 255
//	         the master key's id in the HSM
//	2 bytes  length of the wrapped data key, big-endian, 1 to [MaxWrapped]
//	         the data key as the [Wrapper] gave it
//	         12 bytes nonce, the ciphertext, 16 bytes tag
//
// Format, algorithm and the identity are the additional data of the GCM. The
// master key's id and the wrapped key are not, so that a new master key takes
// over a record by wrapping its data key again, without opening the value; a
// change to either gives another data key, or none, and then nothing opens.
const (
	recordFormat   = 1
	algorithmAES   = 1
	nonceSize      = 12
	tagSize        = 16
	dataKeySize    = 32
	minSealed      = nonceSize + tagSize
	recordPrologue = 3
)

// ErrRecord says that a stored value is not what was sealed for its place. It
// does not say which byte: whoever changed one learns nothing from it.
var ErrRecord = fault.New(fault.Tampered, "a stored value is damaged or was moved", "run strongroom audit verify; a backup may hold the value")

// record is a parsed record; its fields share the parsed bytes.
type record struct {
	master  string
	wrapped []byte
	sealed  []byte // nonce, ciphertext, tag
}

func (r record) encode() []byte {
	out := make([]byte, 0, recordPrologue+len(r.master)+2+len(r.wrapped)+len(r.sealed))
	out = append(out, recordFormat, algorithmAES, byte(len(r.master)))
	out = append(out, r.master...)
	out = binary.BigEndian.AppendUint16(out, uint16(len(r.wrapped)))
	out = append(out, r.wrapped...)
	return append(out, r.sealed...)
}

// parseRecord accepts exactly what encode writes.
func parseRecord(b []byte) (record, error) {
	if len(b) < recordPrologue || len(b) > MaxRecord || b[0] != recordFormat || b[1] != algorithmAES {
		return record{}, ErrRecord
	}
	master, rest, ok := cutBytes(b[recordPrologue:], int(b[2]))
	if !ok || len(master) == 0 || len(rest) < 2 {
		return record{}, ErrRecord
	}
	wrapped, sealed, ok := cutBytes(rest[2:], int(binary.BigEndian.Uint16(rest)))
	if !ok || len(wrapped) == 0 || len(wrapped) > MaxWrapped {
		return record{}, ErrRecord
	}
	if len(sealed) < minSealed || len(sealed) > minSealed+MaxPlaintext {
		return record{}, ErrRecord
	}
	return record{string(master), wrapped, sealed}, nil
}

func cutBytes(b []byte, n int) (head, tail []byte, ok bool) {
	if n > len(b) {
		return nil, nil, false
	}
	return b[:n], b[n:], true
}
