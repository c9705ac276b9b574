package hsm_test

import (
	"testing"

	"github.com/strongroom/strongroom/hsm"
	"github.com/strongroom/strongroom/hsm/hsmtest"
)

func TestConformance(t *testing.T) {
	hsmtest.Conformance(t, hsmtest.NewToken(t).Token)
}

// Each wrapping method in turn, on a token that can do all three: SoftHSM2
// stands in for the tokens that can do one only.
func TestWrappingMethods(t *testing.T) {
	for _, method := range []hsm.WrapMethod{hsm.WrapAESKWP, hsm.WrapRSAOAEP} {
		t.Run(string(method), func(t *testing.T) {
			hsmtest.Wrapping(t, hsmtest.NewTokenWith(t, hsm.Options{Wrapping: method}).Token)
		})
	}
}
