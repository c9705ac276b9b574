package mfa_test

import (
	"testing"

	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/internal/secret"
	"github.com/strongroom/strongroom/mfa"
)

// The three finder patterns (ISO/IEC 18004, section 6.3.3) stand where a camera
// looks for them, and nowhere else is black outside the square.
func TestQRHasItsFinderPatterns(t *testing.T) {
	m, err := mfa.QR(secret.FromString("otpauth://totp/Strongroom:anna?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"))
	if err != nil {
		t.Fatal(err)
	}
	finder := []string{"#######", "#.....#", "#.###.#", "#.###.#", "#.###.#", "#.....#", "#######"}
	for _, corner := range [][2]int{{0, 0}, {m.Size - 7, 0}, {0, m.Size - 7}} {
		for y, row := range finder {
			for x, c := range row {
				if m.Black(corner[0]+x, corner[1]+y) != (c == '#') {
					t.Errorf("finder at %v differs at %d,%d", corner, x, y)
				}
			}
		}
	}
	for _, outside := range [][2]int{{-1, 0}, {0, -1}, {m.Size, 0}, {0, m.Size}} {
		if m.Black(outside[0], outside[1]) {
			t.Errorf("black outside at %v", outside)
		}
	}
}

// The modules are the seed in another alphabet: they must be gone after Wipe.
func TestQRCanBeWiped(t *testing.T) {
	m, err := mfa.QR(secret.FromString("otpauth://totp/x?secret=GEZDGNBV"))
	if err != nil {
		t.Fatal(err)
	}
	m.Wipe()
	if m.Black(0, 0) {
		t.Error("a wiped code still shows")
	}
	if (mfa.Matrix{Size: 21}).Black(0, 0) {
		t.Error("a code never made shows")
	}
}

func TestQRRefusesWhatDoesNotFit(t *testing.T) {
	for _, n := range []int{0, 513} {
		if _, err := mfa.QR(secret.New(make([]byte, n))); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%d bytes: %v", n, err)
		}
	}
}
