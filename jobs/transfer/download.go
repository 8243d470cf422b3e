package transfer

import (
	"context"
	"errors"
	"fmt"
	"io"
)

// Download writes the content of f to w and returns how many bytes it wrote. Memory is bounded
// (RequestsPerFile times 32 KiB), whatever the size; w gets the bytes in order, from one goroutine.
//
// Afterwards the file is looked at again: if size or time are not those of f, before or after, the
// error is ErrChanged and what was written is to be discarded. The other errors: ErrTooLarge
// (nothing written), ErrNotFound, ErrPermission, ErrLost, ErrTimeout, ErrCanceled, ErrRefused; an error of w comes
// back wrapped, without a code of ours.
func (c *Client) Download(ctx context.Context, f RemoteFile, w io.Writer) (int64, error) {
	const op = "downloading"
	if f.Size > c.limits.FileBytes {
		return 0, failed(ErrTooLarge, op, fmt.Errorf("%d bytes, at most %d are allowed", f.Size, c.limits.FileBytes))
	}
	sink := &sink{to: w, size: f.Size, progress: &c.progress}
	err := c.do(ctx, op, func() error { return c.read(f.Path, sink) })
	switch {
	case sink.grew:
		return sink.written, failed(ErrChanged, op, errors.New("it is longer than listed"))
	case sink.err != nil && ctx.Err() == nil:
		return sink.written, fmt.Errorf("transfer: storing what was downloaded: %w", sink.err)
	case err != nil:
		return sink.written, err
	}
	return sink.written, c.unchanged(ctx, op, f, sink.written)
}

func (c *Client) read(remote string, sink *sink) error {
	file, err := c.sftp.Open(remote)
	if err != nil {
		return err
	}
	_, err = file.WriteTo(sink)
	if closing := file.Close(); err == nil {
		err = closing
	}
	return err
}

// unchanged checks that f is still what it was and that all of it came.
func (c *Client) unchanged(ctx context.Context, op string, f RemoteFile, written int64) error {
	now, err := c.Stat(ctx, f.Path)
	switch {
	case errors.Is(err, ErrNotFound):
		return failed(ErrChanged, op, errors.New("it is gone"))
	case err != nil:
		return err
	case !f.Same(now):
		return failed(ErrChanged, op, errors.New("size or time differ from the listing"))
	case written != f.Size:
		return failed(ErrLost, op, fmt.Errorf("the server sent %d of %d bytes", written, f.Size))
	default:
		return nil
	}
}

// A sink passes on what is downloaded, no more than was listed, and keeps its writer's errors apart
// from the server's.
type sink struct {
	to       io.Writer
	size     int64
	written  int64
	grew     bool
	err      error
	progress *progress
}

var errSink = errors.New("stopped writing")

func (s *sink) Write(p []byte) (int, error) {
	if s.written+int64(len(p)) > s.size {
		s.grew = true
		return 0, errSink
	}
	s.progress.writing.Add(1)
	n, err := s.to.Write(p)
	s.progress.touch()
	s.progress.writing.Add(-1)
	s.written += int64(n)
	if err == nil && n < len(p) {
		err = io.ErrShortWrite
	}
	if err != nil {
		s.err = err
		return n, errSink
	}
	return n, nil
}
