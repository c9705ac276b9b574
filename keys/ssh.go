package keys

import (
	"bytes"
	"strings"

	"golang.org/x/crypto/ssh"

	"github.com/strongroom/strongroom/internal/fault"
)

// SSH gives the key as one line of an OpenSSH authorized_keys file (sshd(8)),
// with a comment of at most 256 printable ASCII characters, or none, and a
// line break. P-256K is refused as Unsupported: SSH has no name for it.
func (p PublicKey) SSH(comment string) ([]byte, error) {
	standard, ok := p.Standard()
	if !ok {
		return nil, fault.New(fault.Unsupported, "a key "+p.spec.String()+" has no SSH form", "use RSA, EC P-256, P-384, P-521 or Ed25519")
	}
	if len(comment) > maxSSHComment || strings.ContainsFunc(comment, func(r rune) bool { return r < ' ' || r > '~' }) {
		return nil, fault.New(fault.Invalid, "the comment is too long or not plain ASCII", "use at most 256 printable characters")
	}
	key, err := ssh.NewPublicKey(standard)
	if err != nil {
		return nil, fault.Wrap(err, fault.Unsupported, "a key "+p.spec.String()+" has no SSH form", "")
	}
	line := bytes.TrimSuffix(ssh.MarshalAuthorizedKey(key), []byte("\n"))
	if comment = strings.TrimSpace(comment); comment != "" {
		line = append(append(line, ' '), comment...)
	}
	return append(line, '\n'), nil
}
