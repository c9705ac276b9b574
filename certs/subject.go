package certs

import (
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/strongroom/strongroom/internal/fault"
)

// attribute is a row of the table of name attributes (RFC 4514 section 3, RFC
// 5280 section 4.1.2.4); most is its upper bound in characters (RFC 5280
// appendix A.1).
type attribute struct {
	name string
	oid  asn1.ObjectIdentifier
	most int
	tag  int // the ASN.1 string type, or 0 for Printable or UTF-8 as needed
}

var attributeTable = []attribute{
	{"CN", asn1.ObjectIdentifier{2, 5, 4, 3}, 64, 0},
	{"O", asn1.ObjectIdentifier{2, 5, 4, 10}, 64, 0},
	{"OU", asn1.ObjectIdentifier{2, 5, 4, 11}, 64, 0},
	{"C", asn1.ObjectIdentifier{2, 5, 4, 6}, 2, asn1.TagPrintableString},
	{"L", asn1.ObjectIdentifier{2, 5, 4, 7}, 128, 0},
	{"ST", asn1.ObjectIdentifier{2, 5, 4, 8}, 128, 0},
	{"STREET", asn1.ObjectIdentifier{2, 5, 4, 9}, 128, 0},
	{"SERIALNUMBER", asn1.ObjectIdentifier{2, 5, 4, 5}, 64, asn1.TagPrintableString},
	{"DC", asn1.ObjectIdentifier{0, 9, 2342, 19200300, 100, 1, 25}, 63, asn1.TagIA5String},
	{"UID", asn1.ObjectIdentifier{0, 9, 2342, 19200300, 100, 1, 1}, 256, 0},
}

// attributeNames are those of the table, for a hint.
func attributeNames() string {
	names := make([]string, len(attributeTable))
	for i, a := range attributeTable {
		names[i] = a.name
	}
	return strings.Join(names, ", ")
}

// CheckSubject refuses a text that is no distinguished name in the form that
// [Policy] describes.
func CheckSubject(s string) error {
	_, err := parseSubject(s)
	return err
}

// parseSubject reads a distinguished name in text (RFC 4514, one attribute per
// RDN) and gives its DER. As in RFC 4514 section 2.1, and as OpenSSL and Azure
// show it, the text begins with what the DER ends with.
func parseSubject(s string) ([]byte, error) {
	if s == "" {
		return nil, errSubject(s, "it is empty")
	}
	if len(s) > maxSubject || !utf8.ValidString(s) {
		return nil, errSubject(s, fmt.Sprintf("it is not UTF-8 of at most %d bytes", maxSubject))
	}
	parts, err := splitRDNs(s)
	if err != nil {
		return nil, err
	}
	var name pkix.RDNSequence
	for _, part := range slices.Backward(parts) {
		pair, err := parseRDN(s, part)
		if err != nil {
			return nil, err
		}
		name = append(name, pkix.RelativeDistinguishedNameSET{pair})
	}
	return asn1.Marshal(name)
}

// splitRDNs cuts at commas that no backslash escapes.
func splitRDNs(s string) ([]string, error) {
	var parts []string
	start := 0
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case ',':
			parts = append(parts, s[start:i])
			start = i + 1
		}
	}
	parts = append(parts, s[start:])
	if len(parts) > maxRDNs {
		return nil, errSubject(s, fmt.Sprintf("it has more than %d parts", maxRDNs))
	}
	return parts, nil
}

func parseRDN(subject, part string) (pkix.AttributeTypeAndValue, error) {
	none := pkix.AttributeTypeAndValue{}
	name, text, found := strings.Cut(part, "=")
	row := findAttribute(strings.TrimSpace(name))
	if !found || row == nil {
		return none, errSubject(subject, quote(strings.TrimSpace(part))+" is not an attribute and its value")
	}
	value, problem := unescape(strings.TrimLeft(text, " "))
	if problem == "" {
		problem = row.refuses(value)
	}
	if problem != "" {
		return none, errSubject(subject, row.name+" "+problem)
	}
	pair := pkix.AttributeTypeAndValue{Type: row.oid, Value: value}
	if row.tag != 0 {
		pair.Value = asn1.RawValue{Tag: row.tag, Bytes: []byte(value)}
	}
	return pair, nil
}

func findAttribute(name string) *attribute {
	if strings.EqualFold(name, "S") {
		name = "ST" // Windows writes the state so
	}
	for i := range attributeTable {
		if strings.EqualFold(attributeTable[i].name, name) {
			return &attributeTable[i]
		}
	}
	return nil
}

// refuses says what is wrong with the value, or nothing.
func (a *attribute) refuses(value string) string {
	switch n := utf8.RuneCountInString(value); {
	case n == 0:
		return "has no value"
	case n > a.most:
		return fmt.Sprintf("has %d characters, at most %d are allowed", n, a.most)
	case a.name == "C" && !isCountry(value):
		return "is not two capital letters"
	case a.tag == asn1.TagPrintableString && !isPrintableString(value), a.tag == asn1.TagIA5String && !isASCII(value):
		return "has a character that is not allowed there"
	}
	for _, r := range value {
		if !unicode.IsPrint(r) {
			return "has an invisible character"
		}
	}
	return ""
}

// unescape undoes RFC 4514 section 2.4 and says what is wrong, or nothing.
func unescape(s string) (value, problem string) {
	const special = `,+"\<>;=# `
	s = trimRightUnescaped(s)
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c != '\\' && (strings.IndexByte(`+"<>;`, c) >= 0 || (c == '#' && i == 0)):
			return "", fmt.Sprintf(`needs a backslash before %q`, c)
		case c != '\\':
			b.WriteByte(c)
		case i+1 < len(s) && strings.IndexByte(special, s[i+1]) >= 0:
			i++
			b.WriteByte(s[i])
		default:
			raw, err := hex.DecodeString(s[min(i+1, len(s)):min(i+3, len(s))])
			if err != nil || len(raw) != 1 {
				return "", "has a backslash that escapes nothing"
			}
			b.WriteByte(raw[0])
			i += 2
		}
	}
	if !utf8.ValidString(b.String()) {
		return "", "is not UTF-8"
	}
	return b.String(), ""
}

// trimRightUnescaped drops trailing spaces but for one behind a backslash.
func trimRightUnescaped(s string) string {
	cut := strings.TrimRight(s, " ")
	slashes := len(cut) - len(strings.TrimRight(cut, `\`))
	if len(cut) < len(s) && slashes%2 == 1 {
		return cut + " "
	}
	return cut
}

func isCountry(s string) bool {
	return len(s) == 2 && s[0] >= 'A' && s[0] <= 'Z' && s[1] >= 'A' && s[1] <= 'Z'
}

func isASCII(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r > unicode.MaxASCII }) < 0
}

// isPrintableString follows X.680 section 41.4.
func isPrintableString(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune(" '()+,-./:=?", r))
	}) < 0
}

// nameText writes a distinguished name as [parseSubject] reads it, with every
// character that does not print as RFC 4514's hexadecimal pairs, so that it is
// one harmless line whoever made the certificate. Parts that parseSubject would
// not read, an unknown attribute for one, are written as RFC 4514 has them.
func nameText(raw []byte) string {
	var name pkix.RDNSequence
	if rest, err := asn1.Unmarshal(raw, &name); err != nil || len(rest) != 0 {
		return ""
	}
	rdns := make([]string, 0, len(name))
	for _, set := range slices.Backward(name) {
		pairs := make([]string, len(set))
		for i, pair := range set {
			pairs[i] = pairText(pair)
		}
		rdns = append(rdns, strings.Join(pairs, "+"))
	}
	return strings.Join(rdns, ",")
}

func pairText(pair pkix.AttributeTypeAndValue) string {
	for _, row := range attributeTable {
		if value, ok := pair.Value.(string); ok && row.oid.Equal(pair.Type) {
			return row.name + "=" + escape(value)
		}
	}
	der, err := asn1.Marshal(pair.Value)
	if err != nil {
		return pair.Type.String() + "="
	}
	return pair.Type.String() + "=#" + hex.EncodeToString(der)
}

// escape follows RFC 4514 section 2.4.
func escape(value string) string {
	var b strings.Builder
	for i, r := range value {
		edge := r == ' ' && (i == 0 || i == len(value)-1) || r == '#' && i == 0
		if edge || strings.ContainsRune(`,+"\<>;`, r) {
			b.WriteByte('\\')
		}
		b.WriteString(harmless(string(r)))
	}
	return b.String()
}

// harmless writes each character that does not print as hexadecimal pairs.
func harmless(s string) string {
	var b strings.Builder
	for i, width := 0, 0; i < len(s); i += width {
		r, w := utf8.DecodeRuneInString(s[i:])
		width = w
		if unicode.IsPrint(r) && (r != utf8.RuneError || w > 1) {
			b.WriteRune(r)
			continue
		}
		for _, c := range []byte(s[i : i+w]) {
			fmt.Fprintf(&b, `\%02X`, c)
		}
	}
	return b.String()
}

func errSubject(s, why string) error {
	return fault.New(fault.Invalid, "the subject "+quote(s)+" is not allowed: "+why,
		`write it like "CN=api.example.org,O=Example", with the attributes `+attributeNames())
}

// quote shows at most 64 characters of hostile input.
func quote(s string) string {
	const most = 64
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most], "") + "…"
	}
	return `"` + harmless(s) + `"`
}
