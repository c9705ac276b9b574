package certs

import (
	"encoding/hex"
	"math/big"
	"strings"
	"time"

	"github.com/strongroom/strongroom/internal/fault"
)

// Reason is why a certificate was revoked, by RFC 5280's name (section 5.3.1).
type Reason string

// The reasons.
const (
	Unspecified          Reason = "unspecified"
	KeyCompromise        Reason = "keyCompromise"
	CACompromise         Reason = "cACompromise"
	AffiliationChanged   Reason = "affiliationChanged"
	Superseded           Reason = "superseded"
	CessationOfOperation Reason = "cessationOfOperation"
	CertificateHold      Reason = "certificateHold"
	PrivilegeWithdrawn   Reason = "privilegeWithdrawn"
	AACompromise         Reason = "aACompromise"
)

// reasonTable leaves out 7, which RFC 5280 does not use, and removeFromCRL (8),
// which is for delta CRLs, and there are none here.
var reasonTable = []struct {
	name Reason
	code int
}{
	{Unspecified, 0},
	{KeyCompromise, 1},
	{CACompromise, 2},
	{AffiliationChanged, 3},
	{Superseded, 4},
	{CessationOfOperation, 5},
	{CertificateHold, 6},
	{PrivilegeWithdrawn, 9},
	{AACompromise, 10},
}

// Reasons gives all reasons, in the order of their codes.
func Reasons() []Reason {
	all := make([]Reason, len(reasonTable))
	for i, row := range reasonTable {
		all[i] = row.name
	}
	return all
}

// ParseReason reads a reason's name without regard to case; "" is Unspecified.
func ParseReason(s string) (Reason, error) {
	if s == "" {
		return Unspecified, nil
	}
	names := make([]string, len(reasonTable))
	for i, row := range reasonTable {
		if strings.EqualFold(string(row.name), s) {
			return row.name, nil
		}
		names[i] = string(row.name)
	}
	return "", fault.New(fault.Invalid, "there is no reason for revocation "+quote(s), "use "+strings.Join(names, ", "))
}

// Code gives the reason's number (CRLReason), and false for an unknown reason.
func (r Reason) Code() (int, bool) {
	for _, row := range reasonTable {
		if row.name == r {
			return row.code, true
		}
	}
	return 0, false
}

// Revocation is a certificate that shall not be trusted any more, for which
// reason and since when.
type Revocation struct {
	Serial string    `json:"serial"` // lower-case hexadecimal, as [Facts] has it
	At     time.Time `json:"at"`
	Reason Reason    `json:"reason"`
}

// check gives the serial number and the reason's code.
func (r Revocation) check(now time.Time) (*big.Int, int, error) {
	serial, err := parseSerial(r.Serial)
	if err != nil {
		return nil, 0, err
	}
	code, ok := r.Reason.Code()
	if !ok {
		_, err := ParseReason(string(r.Reason) + "?")
		return nil, 0, err
	}
	if r.At.IsZero() || r.At.After(now) {
		return nil, 0, fault.New(fault.Invalid, "the certificate "+r.Serial+" is revoked in the future", "check the clock")
	}
	return serial, code, nil
}

func parseSerial(s string) (*big.Int, error) {
	raw, err := hex.DecodeString(s)
	if err != nil || len(raw) == 0 || len(raw) > maxSerial || raw[0] == 0 || strings.ToLower(s) != s {
		return nil, fault.New(fault.Invalid, "the serial number "+quote(s)+" is not allowed", "write it in pairs of lower-case hexadecimal digits")
	}
	return new(big.Int).SetBytes(raw), nil
}

// serialText is [Facts]'s form of a serial number.
func serialText(n *big.Int) string { return hex.EncodeToString(n.Bytes()) }

// checkNextUpdate bounds how long a statement about revocation holds.
func checkNextUpdate(now, next time.Time) error {
	if !next.After(now) || next.Sub(now) > maxNextUpdate {
		return fault.New(fault.Invalid, "the next update on "+day(next)+" is not allowed", "choose a time in the future, within a year")
	}
	return nil
}
