package keys_test

import (
	"context"
	"crypto/sha512"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/keys"
)

func TestDigestStreamsAndTellsProgress(t *testing.T) {
	text := strings.Repeat("strongroom ", 100_000)
	var told []int64
	got, err := keys.Digest(context.Background(), keys.ES384, strings.NewReader(text), func(n int64) { told = append(told, n) })
	if err != nil {
		t.Fatal(err)
	}
	want := sha512.Sum384([]byte(text))
	if string(got) != string(want[:]) {
		t.Error("another digest")
	}
	if len(told) < 2 || !slices.IsSorted(told) || told[len(told)-1] != int64(len(text)) {
		t.Errorf("progress = %v, want a rising row up to %d", told, len(text))
	}
}

func TestDigestOfAMessageAlgorithmIsTheMessage(t *testing.T) {
	full := strings.Repeat("x", keys.MaxMessage)
	got, err := keys.Digest(context.Background(), keys.EdDSA, strings.NewReader(full), nil)
	if err != nil || string(got) != full {
		t.Errorf("%d bytes, %v, want the message itself", len(got), err)
	}
	_, err = keys.Digest(context.Background(), keys.EdDSA, strings.NewReader(full+"x"), nil)
	if fault.KindOf(err) != fault.Invalid {
		t.Errorf("one byte too many: %v, want Invalid", err)
	}
	if err := keys.CheckDigest(keys.EdDSA, []byte(full+"x")); fault.KindOf(err) != fault.Invalid {
		t.Errorf("CheckDigest of one byte too many: %v, want Invalid", err)
	}
}

func TestDigestStops(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	_, err := keys.Digest(ctx, keys.RS256, endless{}, func(int64) { cancel() })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	_, err = keys.Digest(context.Background(), keys.RS256, iotest.ErrReader(io.ErrUnexpectedEOF), nil)
	if fault.KindOf(err) != fault.Unavailable || !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("broken reader: %v, want Unavailable with its cause", err)
	}
	if _, err := keys.Digest(context.Background(), "none", strings.NewReader(""), nil); fault.KindOf(err) != fault.Invalid {
		t.Errorf(`"none": %v, want Invalid`, err)
	}
}

// endless is a reader without an end, like a device named by mistake.
type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }
