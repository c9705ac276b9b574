package keys_test

import (
	"bytes"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"

	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/keys"
)

// An authorized_keys line reads back as the same key with its comment.
func TestSSH(t *testing.T) {
	for _, spec := range softwareSpecs() {
		pub := generate(t, spec).Public()
		line, err := pub.SSH("alice@example.com signing 1")
		if spec.Curve == keys.P256K {
			if fault.KindOf(err) != fault.Unsupported {
				t.Errorf("%s: %v, want Unsupported", spec, err)
			}
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		got, comment, options, rest, err := ssh.ParseAuthorizedKey(line)
		if err != nil || comment != "alice@example.com signing 1" || len(options) != 0 || len(rest) != 0 || bytes.Count(line, []byte("\n")) != 1 {
			t.Errorf("%s: %q reads back with comment %q, %v", spec, line, comment, err)
			continue
		}
		back, err := keys.NewPublic(got.(ssh.CryptoPublicKey).CryptoPublicKey())
		if err != nil || !back.Equal(pub) {
			t.Errorf("%s: another key comes back, %v", spec, err)
		}
	}
}

// The Ed25519 key of RFC 8037 appendix A.2, in the form of RFC 8709 section 4.
func TestSSHKnownLine(t *testing.T) {
	line, err := privateJWK(t, rfcOKP).Public().SSH("")
	if err != nil || string(line) != "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINdamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea\n" {
		t.Errorf("%q, %v", line, err)
	}
}

// A comment must not become a second line, which would be a second key.
func TestSSHCommentsAreChecked(t *testing.T) {
	pub := generate(t, keys.Spec{Type: keys.EC, Curve: keys.P256}).Public()
	for _, comment := range []string{"a\nssh-ed25519 AAAA", "tab\t", "ü", "\x1b[31m", strings.Repeat("x", 257)} {
		if _, err := pub.SSH(comment); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%q: %v, want Invalid", comment, err)
		}
	}
	if _, err := (keys.PublicKey{}).SSH(""); err == nil {
		t.Error("no key has an SSH form")
	}
}
