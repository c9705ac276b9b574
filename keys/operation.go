package keys

import (
	"slices"
	"strings"

	"github.com/strongroom/strongroom/internal/fault"
)

// Operation is an entry of a key's key_ops (RFC 7517 section 4.3).
type Operation string

// The operations.
const (
	OpEncrypt   Operation = "encrypt"
	OpDecrypt   Operation = "decrypt"
	OpSign      Operation = "sign"
	OpVerify    Operation = "verify"
	OpWrapKey   Operation = "wrapKey"
	OpUnwrapKey Operation = "unwrapKey"
)

// Operations gives all operations, in the order in which they are written.
func Operations() []Operation {
	return []Operation{OpEncrypt, OpDecrypt, OpSign, OpVerify, OpWrapKey, OpUnwrapKey}
}

// DefaultOperations gives the key_ops of a key made without saying: all that
// its spec can do. It is never empty for a known spec, since some clients take
// an empty list to mean that nothing is allowed.
func DefaultOperations(s Spec) []Operation {
	if !s.Known() {
		return nil
	}
	switch s.Type.Software() {
	case RSA:
		return Operations()
	case Oct:
		ops := []Operation{OpEncrypt, OpDecrypt, OpWrapKey, OpUnwrapKey}
		if DefaultSignature(s) != "" {
			return Operations()
		}
		return ops
	default:
		return []Operation{OpSign, OpVerify}
	}
}

// ParseOperations reads the names of operations for a key of the given spec,
// without regard to case. Doubles are dropped, the order is that of
// [Operations], and an empty list takes [DefaultOperations]. An unknown name,
// or an operation that the spec cannot do, is refused.
func ParseOperations(s Spec, names []string) ([]Operation, error) {
	can := DefaultOperations(s)
	if len(names) == 0 {
		return can, nil
	}
	wanted := make(map[Operation]bool, len(names))
	for _, name := range names {
		op, ok := findOperation(name)
		if !ok {
			return nil, fault.New(fault.Invalid, "there is no key operation "+quote(name), "use "+orList(operationNames(Operations())))
		}
		if !slices.Contains(can, op) {
			return nil, fault.New(fault.Invalid, "a key "+s.String()+" cannot "+string(op), "use "+orList(operationNames(can)))
		}
		wanted[op] = true
	}
	return slices.DeleteFunc(can, func(op Operation) bool { return !wanted[op] }), nil
}

func findOperation(name string) (Operation, bool) {
	for _, op := range Operations() {
		if strings.EqualFold(name, string(op)) {
			return op, true
		}
	}
	return "", false
}

func operationNames(ops []Operation) []string {
	names := make([]string, len(ops))
	for i, op := range ops {
		names[i] = string(op)
	}
	return names
}
