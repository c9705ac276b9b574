package certs

import (
	"encoding/asn1"
)

// checkDerivation adds up the iterations that a PFX file asks for before its
// password is known to be right, and refuses too many: the library takes any
// number, and one file could keep a core busy for hours. It looks at the
// integer of MacData (RFC 7292 section 4), and at the integers that stand in
// the parameters of any algorithm (RFC 8018 appendix A), wherever they are in
// clear.
func checkDerivation(data []byte) error {
	w := workload{left: maxIterations}
	w.macData(data)
	w.walk(data, 0)
	if w.left < 0 {
		return errPFX(nil, "it asks for an unreasonable amount of key derivation")
	}
	return nil
}

type workload struct{ left int64 }

// take takes an INTEGER's value off; one that does not fit counts as too much
// only where the library would read it, which it does not.
func (w *workload) take(v asn1.RawValue) {
	var n int64
	if v.Class != asn1.ClassUniversal || v.Tag != asn1.TagInteger || w.left < 0 {
		return
	}
	if _, err := asn1.Unmarshal(v.FullBytes, &n); err == nil && n > 0 {
		w.left -= min(n, maxIterations+1)
	}
}

func (w *workload) macData(data []byte) {
	pfx := children(data)
	if len(pfx) != 1 {
		return
	}
	parts := children(pfx[0].Bytes)
	if len(parts) != 3 {
		return
	}
	for _, part := range children(parts[2].Bytes) {
		w.take(part)
	}
}

// walk looks for SEQUENCE { OBJECT IDENTIFIER, SEQUENCE { … } } at every depth,
// inside OCTET STRINGs too, and takes off the inner integers.
func (w *workload) walk(data []byte, depth int) {
	if depth > maxDepth {
		w.left = -1
		return
	}
	elements := children(data)
	if len(elements) >= 2 && elements[0].Tag == asn1.TagOID && elements[0].Class == asn1.ClassUniversal {
		for _, parameter := range children(elements[1].Bytes) {
			w.take(parameter)
		}
	}
	for _, e := range elements {
		if e.IsCompound || (e.Class == asn1.ClassUniversal && e.Tag == asn1.TagOctetString) || e.Class == asn1.ClassContextSpecific {
			w.walk(e.Bytes, depth+1)
		}
	}
}

// children cuts data into its elements, or gives none where it is no DER.
func children(data []byte) []asn1.RawValue {
	var all []asn1.RawValue
	for len(data) > 0 {
		var v asn1.RawValue
		rest, err := asn1.Unmarshal(data, &v)
		if err != nil {
			return nil
		}
		all = append(all, v)
		data = rest
	}
	return all
}
