package mfa_test

import (
	"crypto/rand"
	"encoding/hex"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp"
	"pgregory.net/rapid"

	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/internal/secret"
	"github.com/strongroom/strongroom/mfa"
)

// rfcSeed is the SHA-1 seed of RFC 6238, appendix B.
func rfcSeed() *secret.Bytes { return secret.FromString("12345678901234567890") }

// rfcVectors are the SHA-1 rows of RFC 6238, appendix B, the last six of their
// eight digits (RFC 4226 section 5.3: the digits are a remainder).
var rfcVectors = []struct {
	unix int64
	code string
}{
	{59, "287082"},
	{1111111109, "081804"},
	{1111111111, "050471"},
	{1234567890, "005924"},
	{2000000000, "279037"},
	{20000000000, "353130"},
}

func TestOneTimeCodesFollowRFC6238(t *testing.T) {
	for _, v := range rfcVectors {
		now := time.Unix(v.unix, 0)
		if got := codeOf(t, rfcSeed(), now); got != v.code {
			t.Errorf("code at %d = %s, want %s", v.unix, got, v.code)
		}
		step, ok := mfa.CheckCode(rfcSeed(), v.code, 0, now)
		if !ok || step != v.unix/30 {
			t.Errorf("CheckCode at %d = %d, %t", v.unix, step, ok)
		}
	}
}

// A second implementation agrees, over random seeds and times.
func TestOneTimeCodesAgreeWithOathtool(t *testing.T) {
	oathtool, err := exec.LookPath("oathtool")
	if err != nil {
		t.Log("oathtool is not installed: only the RFC's vectors were checked")
		return
	}
	for i := range 12 {
		seed := newSeed(t)
		now := time.Unix(int64(i)*171_717_171, 0)
		var text string
		seed.Reveal(func(b []byte) { text = hex.EncodeToString(b) })
		out, err := exec.Command(oathtool, "--totp", "--now", now.UTC().Format("2006-01-02 15:04:05 UTC"), text).Output()
		if err != nil {
			t.Fatal(err)
		}
		if got, want := codeOf(t, seed, now), strings.TrimSpace(string(out)); got != want {
			t.Errorf("at %s: code %s, oathtool says %s", now, got, want)
		}
	}
}

// GODEBUG=fips140=only forbids SHA-1, with which one-time codes are made, and
// nonces of one's own. The tests named run again in such a process.
func TestWorksInStrictFIPSMode(t *testing.T) {
	cmd := exec.Command(os.Args[0], "-test.run=^(TestOneTimeCodesFollowRFC6238|TestPINEnvelope.*|TestRecoveryCode.*)$")
	cmd.Env = append(os.Environ(), "GODEBUG=fips140=only")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestCodesOneStepOffAreAcceptedAndNoMore(t *testing.T) {
	seed, now := rfcSeed(), time.Unix(1_800_000_015, 0)
	for offset := int64(-3); offset <= 3; offset++ {
		code := codeOf(t, seed, now.Add(time.Duration(offset)*mfa.Period))
		step, ok := mfa.CheckCode(seed, code, 0, now)
		if want := offset >= -1 && offset <= 1; ok != want {
			t.Errorf("code %d steps off: ok = %t, want %t", offset, ok, want)
		}
		if ok && step != mfa.Step(now)+offset {
			t.Errorf("code %d steps off counts as step %d", offset, step-mfa.Step(now))
		}
	}
}

// Somebody reads the code over a shoulder and types it again: in the same step,
// and in the next, where it would still be within the window.
func TestCodeWorksOnce(t *testing.T) {
	seed, now := rfcSeed(), time.Unix(1_800_000_015, 0)
	code := codeOf(t, seed, now)
	step, ok := mfa.CheckCode(seed, code, 0, now)
	if !ok {
		t.Fatal("the first use is refused")
	}
	for _, later := range []time.Duration{0, mfa.Period} {
		if _, ok := mfa.CheckCode(seed, code, step, now.Add(later)); ok {
			t.Errorf("the code is accepted again %s later", later)
		}
	}
	next := codeOf(t, seed, now.Add(mfa.Period))
	if _, ok := mfa.CheckCode(seed, next, step, now.Add(mfa.Period)); !ok {
		t.Error("the next code is refused")
	}
}

// The clock is set back to make an old, observed code fresh again.
func TestClockSetBackRevivesNoCode(t *testing.T) {
	seed, now := rfcSeed(), time.Unix(1_800_000_015, 0)
	observed := codeOf(t, seed, now.Add(-time.Hour))
	if _, ok := mfa.CheckCode(seed, observed, mfa.Step(now), now.Add(-time.Hour)); ok {
		t.Error("an hour-old code is accepted after the clock was set back")
	}
}

// Whatever the times and steps: an accepted step is later than the last one and
// within the window, so each step is accepted at most once.
func TestAcceptedStepsOnlyRise(t *testing.T) {
	seed := rfcSeed()
	rapid.Check(t, func(rt *rapid.T) {
		last, now := int64(0), int64(1_800_000_000)
		for range rapid.IntRange(1, 20).Draw(rt, "tries") {
			now += rapid.Int64Range(-90, 90).Draw(rt, "seconds passed")
			made := now + rapid.Int64Range(-120, 120).Draw(rt, "code made")
			code, err := mfa.Code(seed, time.Unix(made, 0))
			if err != nil {
				rt.Fatal(err)
			}
			step, ok := mfa.CheckCode(seed, reveal(code), last, time.Unix(now, 0))
			if !ok {
				continue
			}
			if current := now / 30; step <= last || step < current-1 || step > current+1 {
				rt.Fatalf("step %d accepted after %d at step %d", step, last, current)
			}
			last = step
		}
	})
}

func TestCodesAreReadStrictly(t *testing.T) {
	now := time.Unix(1111111109, 0) // 081804
	for code, want := range map[string]bool{
		"081804":                              true,
		"081 804":                             true,
		" 0 8 1 8 0 4 ":                       true,
		"":                                    false,
		"81804":                               false,
		"0081804":                             false,
		"081804\n":                            false,
		"+81804":                              false,
		"08180٤":                              false,
		"081804\x00":                          false,
		"０８１８０４":                              false,
		strings.Repeat(" ", 1<<20):            false,
		"081804" + strings.Repeat(" ", 1<<20): false,
	} {
		if _, ok := mfa.CheckCode(rfcSeed(), code, 0, now); ok != want {
			t.Errorf("CheckCode(%.20q) = %t, want %t", code, ok, want)
		}
	}
}

// An empty seed, such as a lost column gives, would make everybody's code
// computable.
func TestWeakSeedAcceptsNothing(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	// 20 zero bytes and fewer give the same HMAC key block, so this is the
	// very code that an empty seed would accept.
	code := codeOf(t, secret.New(make([]byte, 20)), now)
	for _, seed := range []*secret.Bytes{nil, secret.New(nil), secret.New(make([]byte, 19)), secret.New(make([]byte, 65))} {
		if _, ok := mfa.CheckCode(seed, code, 0, now); ok {
			t.Errorf("a seed of %d bytes accepts a code", seed.Len())
		}
		if _, err := mfa.Code(seed, now); fault.KindOf(err) != fault.Tampered {
			t.Errorf("Code with a seed of %d bytes: %v", seed.Len(), err)
		}
		if _, err := mfa.EnrolmentURL("Strongroom", "anna", seed); fault.KindOf(err) != fault.Tampered {
			t.Errorf("EnrolmentURL with a seed of %d bytes: %v", seed.Len(), err)
		}
	}
}

func TestStepRoundsDown(t *testing.T) {
	for unix, want := range map[int64]int64{0: 0, 29: 0, 30: 1, -1: -1, -30: -1, -31: -2} {
		if got := mfa.Step(time.Unix(unix, 0)); got != want {
			t.Errorf("Step(%d) = %d, want %d", unix, got, want)
		}
	}
	if _, ok := mfa.CheckCode(rfcSeed(), "755224", -5, time.Unix(0, 0)); !ok {
		t.Error("step 0 (RFC 4226, appendix D) is refused at the start of time")
	}
}

// Apps read the URL as the library does.
func TestEnrolmentURLIsReadByOthers(t *testing.T) {
	for _, tc := range []struct{ issuer, account string }{
		{"Strongroom", "anna"},
		{"Strongroom", "vault-owner"},
		{"Tom & Söhne", "anna+otp@example.org"},
		{"50%=half?#", "a/b"},
	} {
		seed := newSeed(t)
		link, err := mfa.EnrolmentURL(tc.issuer, tc.account, seed)
		if err != nil {
			t.Fatal(err)
		}
		key, err := otp.NewKeyFromURL(reveal(link))
		if err != nil {
			t.Fatal(err)
		}
		if key.Type() != "totp" || key.Issuer() != tc.issuer || key.AccountName() != tc.account || key.Secret() != reveal(mfa.SeedText(seed)) {
			t.Errorf("%+v is read as issuer %q, account %q", tc, key.Issuer(), key.AccountName())
		}
		if key.Period() != 30 || key.Digits() != otp.DigitsSix || key.Algorithm() != otp.AlgorithmSHA1 {
			t.Errorf("%+v is read with other defaults", tc)
		}
		if u, err := url.Parse(reveal(link)); err != nil || strings.Contains(u.RawQuery, "+") {
			t.Errorf("%+v: query holds a plus: %v", tc, err)
		}
	}
}

func TestEnrolmentURLRefusesNamesThatWouldMislead(t *testing.T) {
	for _, tc := range []struct{ issuer, account string }{
		{"", "anna"},
		{"Strongroom", ""},
		{"Strong:room", "anna"},
		{"Strongroom", "anna:root"},
		{"Strongroom", "anna\n"},
		{"Strongroom", "\xff"},
		{strings.Repeat("x", 33), "anna"},
		{"Strongroom", strings.Repeat("x", 65)},
	} {
		if _, err := mfa.EnrolmentURL(tc.issuer, tc.account, newSeed(t)); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%q, %q: %v", tc.issuer, tc.account, err)
		}
	}
}

func TestSeedInGroupsOfFour(t *testing.T) {
	if got, want := reveal(mfa.Groups(rfcSeed())), "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ"; got != want {
		t.Errorf("Groups = %q, want %q", got, want)
	}
}

// At 80x24 a QR code may be 37 modules wide: 20 rows of half blocks with a
// quiet zone of one.
func TestEnrolmentFitsASmallTerminal(t *testing.T) {
	for _, account := range []string{"anna", "vault-owner", strings.Repeat("x", 22)} {
		link, err := mfa.EnrolmentURL("Strongroom", account, newSeed(t))
		if err != nil {
			t.Fatal(err)
		}
		m, err := mfa.QR(link)
		if err != nil {
			t.Fatal(err)
		}
		if m.Size > 37 {
			t.Errorf("%s: %d modules for %d characters, want at most 37", account, m.Size, link.Len())
		}
	}
}

func newSeed(t *testing.T) *secret.Bytes {
	t.Helper()
	seed, err := mfa.NewSeed(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if seed.Len() != mfa.SeedSize {
		t.Fatalf("the seed has %d bytes", seed.Len())
	}
	return seed
}

func codeOf(t *testing.T, seed *secret.Bytes, at time.Time) string {
	t.Helper()
	code, err := mfa.Code(seed, at)
	if err != nil {
		t.Fatal(err)
	}
	return reveal(code)
}

func reveal(s *secret.Bytes) string {
	var out string
	s.Reveal(func(b []byte) { out = string(b) })
	return out
}
