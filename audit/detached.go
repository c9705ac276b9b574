package audit

import (
	"context"
	"crypto/ecdsa"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/strongroom/strongroom/internal/fault"
	"golang.org/x/mod/sumdb/note"
)

const (
	// detachedHeader is the first line of a detached signature's text.
	detachedHeader = "strongroom-signature/v1"
	// detachedName is the key name in its signature line. The key ID beside
	// it says which log key; the name only says what kind of signature.
	detachedName = "strongroom-signature"
)

// Detached is what a detached signature says of a file:
//
//	strongroom-signature/v1
//	purpose report
//	sha256 2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824
//	size 5
//
//	— strongroom-signature <base64>
//
// It names no file and no path; the content is what is signed.
type Detached struct {
	// Purpose is what the signature is for; one made for a transcript does
	// not pass for a report's.
	Purpose string
	SHA256  Hash
	// Size is the content's length in bytes.
	Size int64
}

func (d Detached) text() string {
	return fmt.Sprintf("%s\npurpose %s\nsha256 %x\nsize %d\n", detachedHeader, d.Purpose, d.SHA256, d.Size)
}

// SignDetached signs all of content for one purpose (lower-case letters,
// digits and "-", up to 64 bytes) and returns a small text to keep beside it.
func SignDetached(ctx context.Context, s Signer, purpose string, content io.Reader) ([]byte, error) {
	d, err := digest(purpose, content)
	if err != nil {
		return nil, err
	}
	return signNote(ctx, detachedName, d.text(), s)
}

// VerifyDetached checks that signed is the key's signature for this purpose
// over all of content. A signature of another key, for another purpose or
// over other content is fault.Tampered, each in its own words.
func VerifyDetached(signed []byte, pub *ecdsa.PublicKey, purpose string, content io.Reader) (Detached, error) {
	if _, err := spki(pub); err != nil {
		return Detached{}, err
	}
	text, err := openNote(signed, detachedName, pub)
	if err != nil {
		return Detached{}, badDetached(err)
	}
	said, ok := parseDetached(text)
	if !ok {
		return Detached{}, badDetached(nil)
	}
	if said.Purpose != purpose {
		return said, fault.New(fault.Tampered, "this signature was made for a "+said.Purpose+", not for a "+purpose,
			"Use the signature file that was exported with this file.")
	}
	is, err := digest(purpose, content)
	if err != nil {
		return said, err
	}
	if is != said {
		return said, fault.New(fault.Tampered, "the content is not what was signed",
			"The file was changed after it was signed, or the signature belongs to another file.")
	}
	return said, nil
}

func badDetached(err error) error {
	var unknown *note.UnverifiedNoteError
	if errors.As(err, &unknown) {
		return fault.Wrap(err, fault.Tampered, "the signature was made by another key",
			"Check that this is the public key of the installation that signed it.")
	}
	return fault.Wrap(err, fault.Tampered, "this is not a valid signature file",
		"The signature file was changed or damaged; get it again from where it was made.")
}

func digest(purpose string, content io.Reader) (Detached, error) {
	if !isPurpose(purpose) {
		return Detached{}, fault.New(fault.Invalid, "this is not a signature's purpose",
			"Use lower-case letters, digits and hyphens, up to 64 bytes.")
	}
	h := sha256.New()
	n, err := io.Copy(h, content)
	if err != nil {
		return Detached{}, fault.Wrap(err, fault.Unavailable, "the content cannot be read", "")
	}
	return Detached{Purpose: purpose, SHA256: Hash(h.Sum(nil)), Size: n}, nil
}

func isPurpose(s string) bool {
	if s == "" || len(s) > MaxPurpose {
		return false
	}
	return strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
}

func parseDetached(text string) (Detached, bool) {
	lines := strings.Split(text, "\n")
	if len(lines) != 5 {
		return Detached{}, false
	}
	purpose, ok1 := strings.CutPrefix(lines[1], "purpose ")
	sum, ok2 := strings.CutPrefix(lines[2], "sha256 ")
	length, ok3 := strings.CutPrefix(lines[3], "size ")
	hash, err1 := hex.DecodeString(sum)
	size, err2 := strconv.ParseInt(length, 10, 64)
	if !ok1 || !ok2 || !ok3 || err1 != nil || err2 != nil || len(hash) != HashSize || size < 0 || !isPurpose(purpose) {
		return Detached{}, false
	}
	d := Detached{Purpose: purpose, SHA256: Hash(hash), Size: size}
	// Upper-case hex, signs and leading zeros have gone; printing again must
	// give the text.
	return d, d.text() == text
}
