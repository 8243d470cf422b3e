package transfer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
)

// Download writes the content of f to w and returns how many bytes it wrote. Memory is bounded
// (RequestsPerFile times 32 KiB), whatever the size; w gets the bytes in order, from one goroutine.
//
// Afterwards the file is looked at again: if size or time are not those of f, before or after, the
// error is ErrChanged and what was written is to be discarded. The other errors: ErrTooLarge
// (nothing written), ErrNotFound, ErrPermission, ErrLost, ErrTimeout, ErrCanceled, ErrRefused; an error of w comes
// back wrapped, without a code of ours.
func (c *Client) Download(ctx context.Context, f RemoteFile, w io.Writer) (int64, error) {
	return c.DownloadRest(ctx, f, 0, w)
}

// DownloadRest is Download for a file of which the first bytes came already, over a connection that
// broke: it writes what follows them and returns how many bytes that were. Before, the file is looked
// at: ErrChanged if size or time are not those of f.
func (c *Client) DownloadRest(ctx context.Context, f RemoteFile, from int64, w io.Writer) (int64, error) {
	const op = "downloading"
	if f.Size > c.limits.FileBytes {
		return 0, failed(ErrTooLarge, op, fmt.Errorf("%d bytes, at most %d are allowed", f.Size, c.limits.FileBytes))
	}
	if from > 0 {
		if err := c.same(ctx, op, f); err != nil {
			return 0, err
		}
	}
	sink := &sink{to: w, size: f.Size - from, progress: &c.progress, throttle: c.downward, ctx: ctx}
	if sink.size <= smallFile {
		return c.downloadSmall(ctx, f, from, sink)
	}
	err := c.do(ctx, op, func() error { return c.read(f.where(), from, sink) })
	if err := sink.explain(ctx, op, err); err != nil {
		return sink.written, err
	}
	return sink.written, c.unchanged(ctx, op, f, from+sink.written)
}

// smallFile is what every server gives in one answer, in bytes.
const smallFile = 32 << 10

// downloadSmall spares the questions that only matter for files that take a while: the open file
// itself tells its size and time once its bytes are here.
func (c *Client) downloadSmall(ctx context.Context, f RemoteFile, from int64, sink *sink) (int64, error) {
	const op = "downloading"
	content := make([]byte, sink.size)
	var now RemoteFile
	var n int
	err := c.do(ctx, op, func() error {
		file, err := c.sftp.Open(f.where())
		if err != nil {
			return err
		}
		if len(content) > 0 {
			n, err = file.ReadAt(content, from)
		}
		if err == nil || errors.Is(err, io.EOF) {
			var info fs.FileInfo
			if info, err = file.Stat(); err == nil {
				now = remoteFile(f.Path, f.Rel, info)
			}
		}
		if closing := file.Close(); err == nil {
			err = closing
		}
		return err
	})
	switch {
	case err != nil:
		return 0, err
	case !f.unchanged(now):
		return 0, failed(ErrChanged, op, errors.New("size or time differ from the listing"))
	case n != len(content):
		return 0, failed(ErrLost, op, fmt.Errorf("the server sent %d of %d bytes", n, len(content)))
	}
	_, err = sink.Write(content)
	return sink.written, sink.explain(ctx, op, err)
}

func (c *Client) read(remote string, from int64, sink *sink) error {
	file, err := c.sftp.Open(remote)
	if err != nil {
		return err
	}
	if _, err = file.Seek(from, io.SeekStart); err == nil {
		_, err = file.WriteTo(sink)
	}
	if closing := file.Close(); err == nil {
		err = closing
	}
	return err
}

// unchanged checks that f is still what it was and that all of it came.
func (c *Client) unchanged(ctx context.Context, op string, f RemoteFile, written int64) error {
	now, err := c.Stat(ctx, f.where())
	switch {
	case errors.Is(err, ErrNotFound):
		return failed(ErrChanged, op, errors.New("it is gone"))
	case err != nil:
		return err
	case !f.unchanged(now):
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
	throttle *throttle
	ctx      context.Context
}

var errSink = errors.New("stopped writing")

// explain tells what an error in the course of a download is.
func (s *sink) explain(ctx context.Context, op string, err error) error {
	switch {
	case s.grew:
		return failed(ErrChanged, op, errors.New("it is longer than listed"))
	case s.err != nil && ctx.Err() == nil:
		return fmt.Errorf("transfer: storing what was downloaded: %w", s.err)
	case s.err != nil:
		return canceled(op, context.Cause(ctx))
	default:
		return err
	}
}

func (s *sink) Write(p []byte) (int, error) {
	if s.written+int64(len(p)) > s.size {
		s.grew = true
		return 0, errSink
	}
	s.progress.writing.Add(1)
	n, err := s.to.Write(p)
	if err == nil {
		err = s.throttle.wait(s.ctx, n)
	}
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
