package jobs

import (
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"sync"
	"time"

	"github.com/ediport/ediport/jobs/internal/failpoint"
	"github.com/ediport/ediport/jobs/transfer"
	"github.com/ediport/ediport/storage"
	"github.com/ediport/ediport/storage/archive"
)

// takeAll takes what is ready and not taken yet, several at once if the connection allows it, and
// finishes at the server what was taken earlier. It returns an error if the attempt is to end.
func (p *puller) takeAll(ctx context.Context, look transfer.Look) error {
	var todo []transfer.RemoteFile
	for _, f := range look.Ready {
		known := p.taken[keyOf(f)]
		if known.File != 0 {
			if err := p.after(ctx, f, true); err != nil {
				return err
			}
			continue
		}
		todo = append(todo, f)
	}
	p.count(func(c *Counts) { c.Listed = len(look.Listing.Files) })
	if limit := p.connection.MaxFiles - p.filesDone(); len(todo) > limit {
		p.log(ctx, storage.LogInfo, "pull.limit", map[string]any{"left": len(todo) - limit})
		todo = todo[:limit]
	}
	p.expect(todo)
	return p.each(ctx, todo)
}

func (p *puller) filesDone() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.progress.FilesDone
}

func (p *puller) expect(files []transfer.RemoteFile) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.progress.Files += len(files)
	for _, f := range files {
		p.progress.Bytes += f.Size
	}
}

// each takes the files in order, as many at once as the connection allows, until all are done or one
// returns an error.
func (p *puller) each(ctx context.Context, files []transfer.RemoteFile) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(errStopped)
	queue := make(chan transfer.RemoteFile)
	var takers sync.WaitGroup
	for range min(max(p.connection.Concurrency, 1), len(files)) {
		takers.Go(func() {
			for f := range queue {
				err := guard(func() error { return p.take(ctx, f) })
				if err != nil {
					cancel(err)
				}
			}
		})
	}
	for _, f := range files {
		if ctx.Err() != nil {
			break
		}
		select {
		case queue <- f:
		case <-ctx.Done():
		}
	}
	close(queue)
	takers.Wait()
	return context.Cause(ctx)
}

// take takes one file. A failure that is the file's own is noted, and the next one's turn comes; an
// error ends the attempt.
func (p *puller) take(ctx context.Context, f transfer.RemoteFile) error {
	if err := context.Cause(ctx); err != nil {
		return err
	}
	client, err := p.session.client(ctx)
	if err != nil {
		return err
	}
	err = p.fetch(ctx, client, f)
	p.mu.Lock()
	p.progress.FilesDone++
	p.mu.Unlock()
	switch {
	case err == nil:
		return p.after(ctx, f, false)
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case errors.Is(err, storage.ErrFenced), Code(err) == "", errors.Is(err, ErrArchive):
		return err // not the file's matter
	}
	p.session.broken(client, err)
	return p.noteFailure(ctx, f, err)
}

// fileTime is how long one file may take: ten minutes, and ten more for each gigabyte.
func fileTime(size int64) time.Duration {
	return 10*time.Minute + time.Duration(float64(size)/(1<<30)*float64(10*time.Minute))
}

// fetch brings one file into the archive and makes it a file of ours.
func (p *puller) fetch(ctx context.Context, client *transfer.Client, f transfer.RemoteFile) error {
	limited, cancel := context.WithTimeoutCause(ctx, fileTime(f.Size), ErrFileTimeout)
	defer cancel()
	blob, err := p.download(limited, client, f)
	if err != nil {
		if ctx.Err() == nil && errors.Is(context.Cause(limited), ErrFileTimeout) {
			p.session.broken(client, err)
			return fail(ErrFileTimeout, nil)
		}
		return err
	}
	failpoint.Reach("pull.stored")
	err = p.commit(ctx, f, blob)
	failpoint.Reach("pull.committed")
	return err
}

// download streams the file into the archive, encrypted and hashed on the way. An empty file has no blob.
func (p *puller) download(ctx context.Context, client *transfer.Client, f transfer.RemoteFile) (archive.Blob, error) {
	if f.Size == 0 {
		_, err := client.Download(ctx, f, io.Discard)
		return archive.Blob{SHA256: sha256.Sum256(nil)}, err
	}
	w, err := p.node.cfg.Archive.Create(ctx)
	if err != nil {
		return archive.Blob{}, fail(ErrArchive, err)
	}
	defer w.Abort()
	if _, err := client.Download(ctx, f, &progressWriter{to: w, execution: p.execution}); err != nil {
		if storing := (*writeError)(nil); errors.As(err, &storing) && ctx.Err() == nil {
			return archive.Blob{}, fail(ErrArchive, storing.err)
		}
		return archive.Blob{}, err
	}
	blob, err := w.Commit()
	if err != nil {
		return archive.Blob{}, fail(ErrArchive, err)
	}
	return blob, nil
}

// A progressWriter counts what goes through it, and marks its own errors.
type progressWriter struct {
	to io.Writer
	*execution
}

type writeError struct{ err error }

func (e *writeError) Error() string { return e.err.Error() }
func (e *writeError) Unwrap() error { return e.err }

func (w *progressWriter) Write(b []byte) (int, error) {
	n, err := w.to.Write(b)
	w.bytesDone.Add(int64(n))
	if err != nil {
		return n, &writeError{err}
	}
	return n, nil
}

// noteFailure keeps why a file was not taken. The same permanent reason as in an earlier run is no news.
func (p *puller) noteFailure(ctx context.Context, f transfer.RemoteFile, failure error) error {
	code := codeOf(failure)
	if errors.Is(failure, transfer.ErrNotFound) {
		p.log(ctx, storage.LogInfo, code, map[string]any{"bytes": f.Size})
		return nil
	}
	p.count(func(c *Counts) { c.Failed++ })
	known := p.taken[keyOf(f)].ErrorCode == code
	p.result.Lock()
	switch {
	case !Permanent(failure):
		p.result.retry = failure
	case !known:
		p.result.refused = failure
	}
	p.result.Unlock()
	if known {
		return nil
	}
	return p.node.cfg.DB.InScope(ctx, p.scope, func(tx *storage.Tx) error {
		if err := tx.SetSightingError(ctx, p.connection.ID, sightingOf(f), code); err != nil {
			return err
		}
		return tx.LogRun(ctx, p.run.Operator, p.run.ID, storage.LogWarn, "pull.file_failed", map[string]any{"code": code, "bytes": f.Size})
	})
}

func sightingOf(f transfer.RemoteFile) storage.Sighting {
	return storage.Sighting{Path: f.Key(), Size: f.Size, ModTime: f.ModTime}
}
