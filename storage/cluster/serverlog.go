package cluster

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"time"
)

// maxLogBytes bounds the server's log: one file of this size and one of its past.
const maxLogBytes = 4 << 20

// openLog opens the server's log for appending. The server holds the file itself, not a pipe to
// us: what it says when we are killed is not lost.
func openLog(path string) (*os.File, error) {
	if err := rotateLog(path, maxLogBytes); err != nil {
		return nil, err
	}
	return openShared(path, os.O_WRONLY|os.O_APPEND, 0o600)
}

// rotateLog keeps a log that has outgrown limit as path.1 and empties it in place, because the
// server has it open. Lines written in between are lost.
func rotateLog(path string, limit int64) error {
	st, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) || err == nil && st.Size() <= limit {
		return nil
	}
	if err != nil {
		return err
	}
	old, err := tail(path, max(0, st.Size()-limit))
	if err != nil {
		return err
	}
	f, err := openShared(path+".1", os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(old)
	if err := errors.Join(err, f.Close()); err != nil {
		return err
	}
	return os.Truncate(path, 0)
}

// keepLogSmall rotates until ctx ends.
func keepLogSmall(ctx context.Context, path string) {
	tick := time.NewTicker(10 * time.Second)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			_ = rotateLog(path, maxLogBytes) // tried again at the next tick
		}
	}
}

// tail returns at most maxLogBytes of the file from offset on.
func tail(path string, offset int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if _, err := f.Seek(offset, io.SeekStart); err != nil {
		return nil, err
	}
	return io.ReadAll(io.LimitReader(f, maxLogBytes))
}

// lastWords returns what a server, by its pid, said last of why it gave up, from offset on; if it said
// nothing, what others did (the loader of libraries, its children); or "".
func lastWords(path string, offset int64, pid int) string {
	b, err := tail(path, offset)
	if err != nil {
		return ""
	}
	own, others := "", ""
	mark := fmt.Sprintf(" [%d] ", pid)
	for line := range strings.Lines(string(b)) {
		for _, level := range []string{"FATAL:", "PANIC:", "error while loading"} {
			_, words, ok := strings.Cut(line, level)
			switch {
			case !ok:
			case strings.Contains(line, mark):
				own = level + words
			default:
				others = level + words
			}
		}
	}
	return strings.Join(strings.Fields(cmp.Or(own, others)), " ")
}
