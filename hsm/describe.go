package hsm

import (
	"fmt"
	"math"
	"strings"
	"unicode"

	"github.com/miekg/pkcs11"
)

// clean makes a token's text fit to print: a label is written by whoever
// initialised the token and may hold terminal control sequences.
func clean(s string) string {
	s = strings.Map(func(r rune) rune {
		if r == unicode.ReplacementChar || !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, ""))
	return strings.TrimSpace(s)
}

// reported turns CK_UNAVAILABLE_INFORMATION (all ones) into -1.
func reported(v uint) int64 {
	if uint64(v) > math.MaxInt64 {
		return -1
	}
	return int64(v)
}

func version(v pkcs11.Version) string { return fmt.Sprintf("%d.%d", v.Major, v.Minor) }

// describe gives a token's facts; the caller holds calls.
func (l *library) describe(t pkcs11.TokenInfo) TokenInfo {
	has := func(flag uint) bool { return t.Flags&flag != 0 }
	return TokenInfo{
		Label:          clean(t.Label),
		Serial:         clean(t.SerialNumber),
		Manufacturer:   clean(t.ManufacturerID),
		Model:          clean(t.Model),
		Hardware:       version(t.HardwareVersion),
		Firmware:       version(t.FirmwareVersion),
		Initialized:    has(pkcs11.CKF_TOKEN_INITIALIZED),
		UserPINSet:     has(pkcs11.CKF_USER_PIN_INITIALIZED),
		WriteProtected: has(pkcs11.CKF_WRITE_PROTECTED),
		LoginRequired:  has(pkcs11.CKF_LOGIN_REQUIRED),
		HasRNG:         has(pkcs11.CKF_RNG),
		PINCountLow:    has(pkcs11.CKF_USER_PIN_COUNT_LOW),
		PINFinalTry:    has(pkcs11.CKF_USER_PIN_FINAL_TRY),
		PINLocked:      has(pkcs11.CKF_USER_PIN_LOCKED),
		MinPIN:         int(reported(t.MinPinLen)),
		MaxPIN:         int(reported(t.MaxPinLen)),
		Sessions:       reported(t.SessionCount),
		MaxSessions:    reported(t.MaxSessionCount),
		FreePrivate:    reported(t.FreePrivateMemory),
		TotalPrivate:   reported(t.TotalPrivateMemory),
		FreePublic:     reported(t.FreePublicMemory),
		TotalPublic:    reported(t.TotalPublicMemory),
		Module:         l.path,
		ModuleVersion:  l.version(),
	}
}

func (l *library) version() string {
	info, err := l.ctx.GetInfo()
	if err != nil {
		return ""
	}
	return clean(fmt.Sprintf("%s %s %s", clean(info.ManufacturerID), clean(info.LibraryDescription), version(info.LibraryVersion)))
}
