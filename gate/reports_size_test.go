package gate

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"strings"
	"testing"

	"github.com/strongroom/strongroom/audit"
	"github.com/strongroom/strongroom/internal/fault"
)

// softKey is a log key in memory.
type softKey struct{ key *ecdsa.PrivateKey }

func (s softKey) Public() *ecdsa.PublicKey { return &s.key.PublicKey }

func (s softKey) SignDigest(_ context.Context, digest []byte) ([]byte, error) {
	return ecdsa.SignASN1(rand.Reader, s.key, digest)
}

// Attack: something is appended to a report that is just as long as what the
// program reads. What it does not read must not pass as verified.
func TestAReportThatIsTooLongToReadIsNotVerified(t *testing.T) {
	const report, limit = "as signed", int64(len("as signed"))
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	key := softKey{private}
	vkey, err := audit.VerifierKey("strongroom", key.Public())
	if err != nil {
		t.Fatal(err)
	}
	signature, err := audit.SignDetached(t.Context(), key, reportPurpose, strings.NewReader(report))
	if err != nil {
		t.Fatal(err)
	}
	if d, err := verifyReport(strings.NewReader(report), signature, vkey, limit); err != nil || d.Size != limit {
		t.Errorf("the report itself: %+v, %v", d, err)
	}
	for _, more := range []string{"!", strings.Repeat("and more", 9)} {
		d, err := verifyReport(strings.NewReader(report+more), signature, vkey, limit)
		if fault.KindOf(err) != fault.Invalid || fault.Hint(err) == "" || d != (audit.Detached{}) {
			t.Errorf("with %q behind it: %+v, %v", more, d, err)
		}
	}
}
