package audit

import (
	"context"
	"crypto/ecdsa"
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"

	"github.com/strongroom/strongroom/internal/fault"
)

// Checkpoint is the head of a log at one size.
type Checkpoint struct {
	Origin string
	Size   int64
	Root   Hash
}

// text is the body of a C2SP tlog-checkpoint: origin, size, root.
func (c Checkpoint) text() string {
	return fmt.Sprintf("%s\n%d\n%s\n", c.Origin, c.Size, base64.StdEncoding.EncodeToString(c.Root[:]))
}

// SignCheckpoint signs the log's head as a signed note. Origin is the log's
// name for ever: a schema-less URL such as strongroom.example/installation-id,
// without spaces or plus signs; it is also the name of the key.
//
// A signer's own fault is returned as it is; any other failure to sign is
// fault.Unavailable, and no note is returned that does not verify.
func SignCheckpoint(ctx context.Context, origin string, size int64, root Hash, s Signer) ([]byte, error) {
	if err := checkOrigin(origin); err != nil {
		return nil, err
	}
	if size < 0 || size == 0 && root != NewTree().Root() {
		return nil, fault.New(fault.Invalid, "this size and root cannot be a log's head", "")
	}
	return signNote(ctx, origin, Checkpoint{origin, size, root}.text(), s)
}

// OpenCheckpoint reads a signed checkpoint and checks the signature of the
// log's key. It accepts the body that [SignCheckpoint] writes and no other;
// witnesses' cosignatures may stand beside the log's. Whatever does not hold
// is fault.Tampered.
func OpenCheckpoint(signed []byte, origin string, pub *ecdsa.PublicKey) (Checkpoint, error) {
	if err := checkOrigin(origin); err != nil {
		return Checkpoint{}, err
	}
	if _, err := spki(pub); err != nil {
		return Checkpoint{}, err
	}
	text, err := openNote(signed, origin, pub)
	if err != nil {
		return Checkpoint{}, badCheckpoint(err)
	}
	c, ok := parseCheckpoint(text)
	if !ok || c.Origin != origin {
		return Checkpoint{}, badCheckpoint(nil)
	}
	return c, nil
}

func badCheckpoint(err error) error {
	return fault.Wrap(err, fault.Tampered, "the checkpoint is not signed by this log's key",
		"It was changed, or it belongs to another installation.")
}

func parseCheckpoint(text string) (Checkpoint, bool) {
	lines := strings.Split(text, "\n")
	if len(lines) != 4 {
		return Checkpoint{}, false
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil || size < 0 {
		return Checkpoint{}, false
	}
	root, err := base64.StdEncoding.Strict().DecodeString(lines[2])
	if err != nil || len(root) != HashSize {
		return Checkpoint{}, false
	}
	c := Checkpoint{Origin: lines[0], Size: size, Root: Hash(root)}
	if size == 0 && c.Root != NewTree().Root() {
		return Checkpoint{}, false
	}
	// Signs and leading zeros have gone; printing again must give the text.
	return c, c.text() == text
}

// checkOrigin holds a name to what a signed note allows in a key name, in
// ASCII. The first line of a detached signature is not a log's name, so that
// neither kind of note can pass for the other.
func checkOrigin(origin string) error {
	if origin == "" || !isToken(origin, MaxOrigin) || strings.Contains(origin, "+") || origin == detachedHeader {
		return fault.New(fault.Invalid, "this is not a name for a log",
			"Use plain ASCII without spaces or plus signs, up to 255 bytes.")
	}
	return nil
}
