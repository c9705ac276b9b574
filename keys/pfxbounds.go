package keys

import (
	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"

	"github.com/strongroom/strongroom/internal/fault"
)

// pfxDepth is the deepest nesting that a PFX file has any use for; the format
// itself takes about 12 levels.
const pfxDepth = 32

// checkPFX bounds the size of a PFX file and the work that it asks for.
func checkPFX(file []byte) error {
	if len(file) > maxPFX || !isOneSequence(file) {
		return errBadPFX()
	}
	walk := roundsWalk{}
	if !walk.element(file, 0) {
		return errBadPFX()
	}
	if walk.rounds > maxPFXIterations {
		return fault.New(fault.Invalid, "the PFX file asks for too many rounds of key derivation", "write it again with fewer, at most 2,000,000")
	}
	return nil
}

// roundsWalk adds up the rounds of key derivation that DER asks for, wherever
// they can be seen. PBKDF2-params, pkcs-12PbeParams and MacData all have them
// as the INTEGER after the salt's OCTET STRING.
type roundsWalk struct{ rounds int64 }

// element walks a run of elements, and is false if they are no DER or too deep.
func (w *roundsWalk) element(der []byte, depth int) bool {
	input := cryptobyte.String(der)
	afterSalt := false
	for !input.Empty() {
		var body cryptobyte.String
		var tag asn1.Tag
		if depth > pfxDepth || !input.ReadAnyASN1(&body, &tag) {
			return false
		}
		switch {
		case tag&0x20 != 0: // constructed
			if !w.element(body, depth+1) {
				return false
			}
		case tag == asn1.OCTET_STRING && len(body) > 0 && body[0] == byte(asn1.SEQUENCE):
			// It may hold DER or not; where it does not, the walk ends there.
			_ = w.element(body, depth+1)
		case tag == asn1.INTEGER && afterSalt:
			w.add(body)
		}
		afterSalt = tag == asn1.OCTET_STRING
	}
	return true
}

func (w *roundsWalk) add(number []byte) {
	const most = maxPFXIterations + 1
	rounds := int64(0)
	for _, b := range number {
		rounds = min(rounds<<8|int64(b), most)
	}
	w.rounds = min(w.rounds+rounds, most)
}
