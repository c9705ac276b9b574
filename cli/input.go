package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/internal/secret"
)

// input is standard input: a terminal that is asked, or a stream whose lines
// are taken in order. A stream is read byte by byte, so that no buffer holds a
// secret and what follows a line stays for the next reader.
type input struct {
	stream  io.Reader
	prompts io.Writer
}

func (in *input) terminal() bool { return isTerminal(in.stream) }

// hidden asks for a line without echo. The caller wipes it.
func (in *input) hidden(ctx context.Context, prompt string) (*secret.Bytes, error) {
	fd, ok := descriptor(in.stream)
	if !ok {
		return in.line(ctx, prompt)
	}
	restore, err := silence(fd)
	if err != nil {
		return nil, unreadable(err)
	}
	defer func() {
		restore()
		fmt.Fprintln(in.prompts)
	}()
	fmt.Fprint(in.prompts, prompt)
	got, err := interruptible(ctx, func() ([]byte, error) { return readLine(in.stream) })
	if err != nil {
		return nil, unreadable(err)
	}
	return secret.New(got), nil
}

// twice asks for a new secret; on a terminal a second time, to be sure.
func (in *input) twice(ctx context.Context, prompt string) (*secret.Bytes, error) {
	first, err := in.hidden(ctx, prompt)
	if err != nil || !in.terminal() {
		return first, err
	}
	second, err := in.hidden(ctx, "Again: ")
	if err != nil {
		first.Wipe()
		return nil, err
	}
	defer second.Wipe()
	if !first.Equal(second) {
		first.Wipe()
		return nil, fault.New(fault.Invalid, "the two are not the same", "type it again")
	}
	return first, nil
}

// line asks for a line; a terminal shows it while it is typed. The caller
// wipes it.
func (in *input) line(ctx context.Context, prompt string) (*secret.Bytes, error) {
	if in.terminal() {
		fmt.Fprint(in.prompts, prompt)
	}
	got, err := interruptible(ctx, func() ([]byte, error) { return readLine(in.stream) })
	if err != nil {
		return nil, unreadable(err)
	}
	return secret.New(got), nil
}

// rest reads everything that is left, at most limit bytes. The caller wipes
// it.
func (in *input) rest(ctx context.Context, limit int64) (*secret.Bytes, error) {
	return readBounded(ctx, in.stream, limit)
}

// interruptible runs a read that cannot be interrupted. When ctx ends first
// the read is left behind, for the process is about to end.
func interruptible(ctx context.Context, read func() ([]byte, error)) ([]byte, error) {
	type answer struct {
		b   []byte
		err error
	}
	done := make(chan answer, 1)
	go func() {
		b, err := read()
		done <- answer{b, err}
	}()
	select {
	case a := <-done:
		return a.b, a.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// readLine reads up to a line end, which is dropped with a carriage return
// before it. The end of the stream ends a line that is not empty.
func readLine(r io.Reader) ([]byte, error) {
	b := make([]byte, 0, maxLine)
	next := make([]byte, 1)
	for {
		n, err := r.Read(next)
		switch {
		case n == 1 && next[0] == '\n':
			return bytes.TrimSuffix(b, []byte{'\r'}), nil
		case n == 1 && len(b) == maxLine:
			clear(b)
			return nil, fault.New(fault.Invalid, "the line is longer than "+strconv.Itoa(maxLine)+" bytes", "check what is given on standard input")
		case n == 1:
			b = append(b, next[0])
		}
		if errors.Is(err, io.EOF) && len(b) > 0 {
			return b, nil
		}
		if err != nil {
			clear(b)
			return nil, err
		}
	}
}

func readBounded(ctx context.Context, r io.Reader, limit int64) (*secret.Bytes, error) {
	got, err := interruptible(ctx, func() ([]byte, error) {
		// One buffer of the full size: growing would leave copies behind.
		b := make([]byte, limit+1)
		n, err := io.ReadFull(r, b)
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			err = nil
		}
		return b[:n], err
	})
	if err != nil {
		clear(got)
		return nil, unreadable(err)
	}
	if int64(len(got)) > limit {
		clear(got)
		return nil, fault.New(fault.Invalid, "the input is larger than "+strconv.FormatInt(limit, 10)+" bytes", "give less")
	}
	return secret.New(got), nil
}

func unreadable(err error) error {
	var f *fault.Error
	switch {
	case errors.As(err, &f), errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	case errors.Is(err, io.EOF):
		return fault.Wrap(err, fault.Usage, "standard input ended before everything was asked", "give one line for each thing that is asked, or use a terminal")
	default:
		return fault.Wrap(err, fault.Unavailable, "standard input cannot be read", "check where it comes from")
	}
}
