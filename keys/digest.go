package keys

import (
	"bytes"
	"context"
	"io"
	"strconv"

	"github.com/strongroom/strongroom/internal/fault"
)

// Digest reads r to its end and gives what the algorithm signs: the digest,
// computed in constant memory, or for an algorithm that takes the message (see
// [AlgorithmInfo.TakesMessage]) the content itself, at most [MaxMessage] bytes.
// After each chunk it calls progress, which may be nil, with the number of
// bytes read so far. It ends early with ctx's error when ctx does.
func Digest(ctx context.Context, a Algorithm, r io.Reader, progress func(done int64)) ([]byte, error) {
	info, ok := a.Info()
	if !ok {
		return nil, CheckDigest(a, nil)
	}
	if progress == nil {
		progress = func(int64) {}
	}
	if info.TakesMessage() {
		return message(ctx, a, r, progress)
	}
	h := info.Hash.New()
	if err := copyChunks(ctx, h, r, progress); err != nil {
		return nil, err
	}
	return h.Sum(nil), nil
}

// message collects the content, and notices one byte too many without reading
// the rest.
func message(ctx context.Context, a Algorithm, r io.Reader, progress func(int64)) ([]byte, error) {
	var content bytes.Buffer
	if err := copyChunks(ctx, &content, io.LimitReader(r, MaxMessage+1), progress); err != nil {
		return nil, err
	}
	if content.Len() > MaxMessage {
		return nil, errMessageTooLong(a)
	}
	return content.Bytes(), nil
}

func copyChunks(ctx context.Context, w io.Writer, r io.Reader, progress func(int64)) error {
	chunk := make([]byte, digestChunk)
	for done := int64(0); ; {
		if err := ctx.Err(); err != nil {
			return err
		}
		n, err := r.Read(chunk)
		// Neither a hash nor a bytes.Buffer fails to write.
		_, _ = w.Write(chunk[:n])
		if n > 0 {
			done += int64(n)
			progress(done)
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return fault.Wrap(err, fault.Unavailable,
				"reading stopped after "+strconv.FormatInt(done, 10)+" bytes", "check that the content can be read to its end")
		}
	}
}
