package mfa

import (
	"rsc.io/qr"

	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/internal/secret"
)

// Matrix is a QR code as a square of modules, without the quiet zone around
// it. It shows whatever it was made of: Wipe it when it leaves the screen.
type Matrix struct {
	// Size is the number of modules on a side.
	Size int
	bits *secret.Bytes // one byte per module, row by row, 1 is black
}

// QR makes a QR code of level L, which is the smallest, for at most 512 bytes.
func QR(content *secret.Bytes) (Matrix, error) {
	if n := content.Len(); n == 0 || n > maxQRContent {
		return Matrix{}, fault.New(fault.Invalid, "this does not fit a QR code", "use a shorter account name")
	}
	var code *qr.Code
	err := content.RevealErr(func(b []byte) error {
		var err error
		code, err = qr.Encode(string(b), qr.L)
		return err
	})
	if err != nil {
		return Matrix{}, fault.Wrap(err, fault.Internal, "cannot make a QR code", "type the secret by hand")
	}
	defer clear(code.Bitmap)
	return Matrix{Size: code.Size, bits: secret.New(modules(code))}, nil
}

func modules(code *qr.Code) []byte {
	bits := make([]byte, code.Size*code.Size)
	for y := range code.Size {
		for x := range code.Size {
			if code.Black(x, y) {
				bits[y*code.Size+x] = 1
			}
		}
	}
	return bits
}

// Black reports whether the module in column x of row y is black. Outside the
// code, and after Wipe, all is white.
func (m Matrix) Black(x, y int) bool {
	if x < 0 || y < 0 || x >= m.Size || y >= m.Size {
		return false
	}
	black := false
	m.bits.Reveal(func(b []byte) { black = len(b) > 0 && b[y*m.Size+x] == 1 })
	return black
}

// Wipe forgets the code.
func (m Matrix) Wipe() { m.bits.Wipe() }
