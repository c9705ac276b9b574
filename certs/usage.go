package certs

import (
	"crypto/x509"
	"encoding/asn1"
	"slices"
	"strconv"
	"strings"

	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/keys"
)

// KeyUsage is a bit of RFC 5280 section 4.2.1.3, by Azure Key Vault's name.
type KeyUsage string

// The key usages.
const (
	DigitalSignature KeyUsage = "digitalSignature"
	NonRepudiation   KeyUsage = "nonRepudiation"
	KeyEncipherment  KeyUsage = "keyEncipherment"
	DataEncipherment KeyUsage = "dataEncipherment"
	KeyAgreement     KeyUsage = "keyAgreement"
	KeyCertSign      KeyUsage = "keyCertSign"
	CRLSign          KeyUsage = "cRLSign"
	EncipherOnly     KeyUsage = "encipherOnly"
	DecipherOnly     KeyUsage = "decipherOnly"
)

// usageTable says for each usage its bit, the key types that can have it, and
// the key operations that it stands for (akv: "key usage to key_ops").
var usageTable = []struct {
	name  KeyUsage
	bit   x509.KeyUsage
	types []keys.Type
	ops   []keys.Operation
}{
	{DigitalSignature, x509.KeyUsageDigitalSignature, []keys.Type{keys.RSA, keys.EC, keys.OKP}, []keys.Operation{keys.OpSign, keys.OpVerify}},
	{NonRepudiation, x509.KeyUsageContentCommitment, []keys.Type{keys.RSA, keys.EC, keys.OKP}, []keys.Operation{keys.OpSign, keys.OpVerify}},
	{KeyEncipherment, x509.KeyUsageKeyEncipherment, []keys.Type{keys.RSA}, []keys.Operation{keys.OpWrapKey, keys.OpUnwrapKey}},
	{DataEncipherment, x509.KeyUsageDataEncipherment, []keys.Type{keys.RSA}, []keys.Operation{keys.OpEncrypt, keys.OpDecrypt}},
	{KeyAgreement, x509.KeyUsageKeyAgreement, []keys.Type{keys.EC}, nil},
	{KeyCertSign, x509.KeyUsageCertSign, []keys.Type{keys.RSA, keys.EC, keys.OKP}, []keys.Operation{keys.OpSign, keys.OpVerify}},
	{CRLSign, x509.KeyUsageCRLSign, []keys.Type{keys.RSA, keys.EC, keys.OKP}, []keys.Operation{keys.OpSign, keys.OpVerify}},
	{EncipherOnly, x509.KeyUsageEncipherOnly, []keys.Type{keys.EC}, nil},
	{DecipherOnly, x509.KeyUsageDecipherOnly, []keys.Type{keys.EC}, nil},
}

// KeyUsages gives all key usages.
func KeyUsages() []KeyUsage {
	all := make([]KeyUsage, len(usageTable))
	for i, row := range usageTable {
		all[i] = row.name
	}
	return all
}

// DefaultKeyUsage gives Azure's default as far as the key type can have it.
func DefaultKeyUsage(s keys.Spec) []KeyUsage {
	if s.Type.Software() == keys.RSA {
		return []KeyUsage{DigitalSignature, KeyEncipherment}
	}
	return []KeyUsage{DigitalSignature}
}

// The object identifiers of the default extended key usages.
const (
	ServerAuth = "1.3.6.1.5.5.7.3.1"
	ClientAuth = "1.3.6.1.5.5.7.3.2"
)

// DefaultEKUs gives Azure's default: TLS server and client.
func DefaultEKUs() []string { return []string{ServerAuth, ClientAuth} }

// usageBits checks usages for a key that signs no certificates, and gives
// their bits.
func usageBits(usages []KeyUsage, s keys.Spec) (x509.KeyUsage, error) {
	var bits x509.KeyUsage
	for _, u := range usages {
		bit, err := usageBit(u, s)
		if err != nil {
			return 0, err
		}
		if bits&bit != 0 {
			return 0, fault.New(fault.Invalid, "the key usage "+string(u)+" is given twice", "give it once")
		}
		bits |= bit
	}
	only := bits & (x509.KeyUsageEncipherOnly | x509.KeyUsageDecipherOnly)
	if only != 0 && bits&x509.KeyUsageKeyAgreement == 0 {
		return 0, fault.New(fault.Invalid, "encipherOnly and decipherOnly mean nothing without keyAgreement", "add keyAgreement")
	}
	return bits, nil
}

func usageBit(u KeyUsage, s keys.Spec) (x509.KeyUsage, error) {
	for _, row := range usageTable {
		if row.name != u {
			continue
		}
		if u == KeyCertSign || u == CRLSign {
			return 0, fault.New(fault.Invalid, string(u)+" is for certificate authorities, and this certificate is none", "leave it out")
		}
		if !slices.Contains(row.types, s.Type.Software()) {
			return 0, fault.New(fault.Invalid, "a key "+s.String()+" cannot serve "+string(u), "use "+usageList(DefaultKeyUsage(s)))
		}
		return row.bit, nil
	}
	return 0, fault.New(fault.Invalid, "there is no key usage "+quote(string(u)), "use "+usageList(KeyUsages()))
}

// usagesOf names the bits.
func usagesOf(bits x509.KeyUsage) []KeyUsage {
	var usages []KeyUsage
	for _, row := range usageTable {
		if bits&row.bit != 0 {
			usages = append(usages, row.name)
		}
	}
	return usages
}

// operationsOf gives the key_ops that key usages stand for.
func operationsOf(usages []KeyUsage) []keys.Operation {
	var ops []keys.Operation
	for _, op := range keys.Operations() {
		for _, row := range usageTable {
			if slices.Contains(usages, row.name) && slices.Contains(row.ops, op) {
				ops = append(ops, op)
				break
			}
		}
	}
	return ops
}

// parseEKU reads an object identifier in dotted form.
func parseEKU(s string) (asn1.ObjectIdentifier, error) {
	bad := fault.New(fault.Invalid, "the extended key usage "+quote(s)+" is no object identifier", "write it like "+ServerAuth)
	if len(s) > maxName {
		return nil, bad
	}
	var oid asn1.ObjectIdentifier
	for part := range strings.SplitSeq(s, ".") {
		n, err := strconv.ParseInt(part, 10, 32)
		if err != nil || strconv.FormatInt(n, 10) != part || n < 0 {
			return nil, bad
		}
		oid = append(oid, int(n))
	}
	// X.660: the first arc is 0 to 2, and below 2 the second is at most 39.
	if len(oid) < 2 || oid[0] > 2 || (oid[0] < 2 && oid[1] > 39) {
		return nil, bad
	}
	return oid, nil
}

func usageList(usages []KeyUsage) string {
	names := make([]string, len(usages))
	for i, u := range usages {
		names[i] = string(u)
	}
	return strings.Join(names, ", ")
}
