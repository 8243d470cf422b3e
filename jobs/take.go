package jobs

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"iter"
	"sync"

	"github.com/ediport/ediport/jobs/internal/failpoint"
	"github.com/ediport/ediport/jobs/internal/guards"
	"github.com/ediport/ediport/jobs/transfer"
	"github.com/ediport/ediport/storage"
	"github.com/ediport/ediport/storage/archive"
)

// takeAll takes what is ready and not taken yet, several at once if the connection allows it, and
// finishes at the server what was taken earlier. It returns an error if the attempt is to end.
func (p *puller) takeAll(ctx context.Context, look folderLook) error {
	var todo []transfer.RemoteFile
	var unfinished []*fetched
	for _, f := range look.Ready {
		known := p.taken[keyOf(f)]
		if known.File == 0 {
			todo = append(todo, f)
		} else if late := !look.folder.stays(known, p.node.cfg.DB.Now()); look.folder.finishes(f, late) {
			unfinished = append(unfinished, &fetched{file: f, id: known.File, earlier: true, late: late, delayed: look.folder.DeleteAfterDays > 0})
		}
	}
	if limit := look.folder.MaxFiles - look.folder.tried; len(todo) > limit {
		p.log(ctx, storage.LogInfo, "pull.limit", map[string]any{"left": len(todo) - limit})
		todo = todo[:limit]
	}
	look.folder.tried += len(todo)
	p.expect(todo)
	return p.each(ctx, look.folder, todo, unfinished)
}

func (p *puller) expect(files []transfer.RemoteFile) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.progress.Files += len(files)
	for _, f := range files {
		p.progress.Bytes += f.Size
	}
}

// maxBatch is how many files one transaction makes ours: when many small ones come, the database has
// less to do for each; when they come slowly, none waits for another. While it is busy they pile up, and the
// more it takes at once the sooner it is done: a transaction costs it some ten statements, however many files.
const maxBatch = 500

// maxInMemory is the size, in bytes, up to which a file waits in memory for its turn at the disk: what
// the disk takes for small files is mostly waiting, which must not keep the next ones from coming.
const maxInMemory = 256 << 10

// maxSealing is how many files may wait for the disk at once. It takes them together, so that small
// files cost a fraction of what each would alone, and the next ones come in meanwhile.
const maxSealing = 64

// each takes the files in order, as many at once as the connection allows, until all are done or one
// returns an error. Each passes five stages: it is fetched, sealed in the archive, made ours together
// with those that wait for the same, finished at the server, and that is recorded. What is unfinished of
// other runs begins at the fourth.
func (p *puller) each(ctx context.Context, from *folder, files []transfer.RemoteFile, unfinished []*fetched) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(errStopped)
	in, written := make(chan transfer.RemoteFile), make(chan *fetched)
	ready, ours, finished := make(chan *fetched, maxBatch), make(chan *fetched, maxBatch), make(chan *fetched, maxBatch)
	var fetching, sealing, finishing, recording sync.WaitGroup
	for range min(maxSealing, len(files)) {
		sealing.Go(func() {
			for f := range written {
				cancelBy(cancel, func() error { return p.seal(ctx, f, ready) })
			}
		})
	}
	for range min(p.network.filesAtOnce(), len(files)+len(unfinished)) {
		fetching.Go(func() {
			for f := range in {
				cancelBy(cancel, func() error { return p.take(ctx, from, f, written) })
			}
		})
		finishing.Go(func() {
			for f := range ours {
				cancelBy(cancel, func() error { return p.after(ctx, from, f, finished) })
			}
		})
	}
	recording.Go(func() {
		for batch := range batches(finished, maxBatch) {
			cancelBy(cancel, func() error { return p.recordAfter(ctx, batch) })
		}
	})
	go feed(ctx, files, in)
	go func() { fetching.Wait(); close(written); sealing.Wait(); close(ready) }()
	for _, f := range unfinished {
		ours <- f
	}
	for batch := range batches(ready, maxBatch) {
		cancelBy(cancel, func() error { return p.own(ctx, batch, ours) })
	}
	close(ours)
	finishing.Wait()
	close(finished)
	recording.Wait()
	return context.Cause(ctx)
}

// cancelBy cancels with the error or panic of work, if there is one.
func cancelBy(cancel context.CancelCauseFunc, work func() error) {
	if err := guard(work); err != nil {
		cancel(err)
	}
}

// feed passes files on in order until ctx ends.
func feed(ctx context.Context, files []transfer.RemoteFile, to chan<- transfer.RemoteFile) {
	defer close(to)
	for _, f := range files {
		select {
		case to <- f:
		case <-ctx.Done():
			return
		}
	}
}

// batches yields what waits in a channel, at least one and at most so many at a time, until it is closed.
func batches[T any](from <-chan T, most int) iter.Seq[[]T] {
	return func(yield func([]T) bool) {
		for first := range from {
			batch := []T{first}
			for more := true; more && len(batch) < most; {
				select {
				case next, open := <-from:
					if more = open; open {
						batch = append(batch, next)
					}
				default:
					more = false
				}
			}
			if !yield(batch) {
				return
			}
		}
	}
}

// seal brings what was fetched to the disk, for good.
func (p *puller) seal(ctx context.Context, f *fetched, to chan<- *fetched) (err error) {
	if f.writer != nil {
		defer func() { _ = f.writer.Abort() }() // after Commit it does nothing
	}
	if err := context.Cause(ctx); err != nil {
		return err
	}
	if f.content != nil {
		if f.writer, err = p.node.cfg.Archive.Create(ctx); err != nil {
			return fail(ErrArchive, err)
		}
		if _, err = f.writer.Write(f.content); err != nil {
			return errors.Join(fail(ErrArchive, err), f.writer.Abort())
		}
		f.content = nil
	}
	if f.writer != nil {
		if f.blob, err = f.writer.Commit(); err != nil {
			return fail(ErrArchive, err)
		}
	}
	to <- f
	return nil
}

// own makes fetched files ours and passes them on to be finished at the server.
func (p *puller) own(ctx context.Context, files []*fetched, to chan<- *fetched) error {
	if err := context.Cause(ctx); err != nil {
		p.discard(files) // nobody has heard of them
		return err
	}
	if err := failpoint.Check("pull.stored"); err != nil {
		return err
	}
	if err := p.commit(ctx, files); err != nil {
		return err
	}
	if err := failpoint.Check("pull.committed"); err != nil {
		return err
	}
	for _, f := range files {
		to <- f
	}
	return nil
}

// take fetches one file. A failure that is the file's own is noted, and the next one's turn comes; an
// error ends the attempt.
func (p *puller) take(ctx context.Context, from *folder, f transfer.RemoteFile, to chan<- *fetched) error {
	if err := context.Cause(ctx); err != nil {
		return err
	}
	got, err := p.fetch(ctx, from, f)
	p.mu.Lock()
	p.progress.FilesDone++
	p.mu.Unlock()
	switch {
	case err == nil:
		if !guards.RemoteAfterCommit {
			p.tooEarly(ctx, from, got)
		}
		to <- got
		return nil
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case Code(err) == "", errors.Is(err, ErrArchive), errors.Is(err, errNoClient):
		return err // not the file's matter
	}
	return p.noteFailure(ctx, from, got.file, err)
}

// errNoClient marks a failure to connect.
var errNoClient = errors.New("no connection")

// fetch claims a file if its folder says so, and brings it into the archive. Also with an error, the
// file is as it is at the server then.
func (p *puller) fetch(ctx context.Context, from *folder, f transfer.RemoteFile) (*fetched, error) {
	limited, cancel := context.WithTimeoutCause(ctx, p.network.fileTime(f.Size), ErrFileTimeout)
	defer cancel()
	got := &fetched{file: f, late: from.DeleteAfterDays == 0, blob: archive.Blob{SHA256: sha256.Sum256(nil)}}
	err := p.download(limited, from, got)
	if err != nil && ctx.Err() == nil && errors.Is(context.Cause(limited), ErrFileTimeout) {
		err = fail(ErrFileTimeout, nil)
	}
	return got, err
}

// download streams the file into the archive, encrypted and hashed on the way, or, if it is small, into
// memory. An empty file needs no blob.
func (p *puller) download(ctx context.Context, from *folder, f *fetched) (err error) {
	if f.file.Size > p.network.MaxFileBytes {
		return transfer.ErrTooLarge
	}
	if f.file, err = p.claim(ctx, from, f.file); err != nil {
		return err
	}
	if f.file.Size == 0 {
		return p.stream(ctx, f.file, io.Discard)
	}
	if f.file.Size <= maxInMemory {
		var content bytes.Buffer
		content.Grow(int(f.file.Size))
		err = p.stream(ctx, f.file, &progressWriter{to: &content, execution: p.execution})
		f.content = content.Bytes()
	} else if f.writer, err = p.node.cfg.Archive.Create(context.WithoutCancel(ctx)); err != nil {
		return fail(ErrArchive, err)
	} else { // its context outlives ctx, which limits the download only
		err = p.stream(ctx, f.file, &progressWriter{to: f.writer, execution: p.execution})
	}
	if storing := (*writeError)(nil); errors.As(err, &storing) && ctx.Err() == nil {
		err = fail(ErrArchive, storing.err)
	}
	if err == nil {
		if err = failpoint.Check("pull.written"); err != nil {
			err = fail(ErrArchive, err)
		}
	}
	if err != nil && f.writer != nil {
		_ = f.writer.Abort() // why is known
	}
	return err
}

func (p *puller) claim(ctx context.Context, from *folder, f transfer.RemoteFile) (transfer.RemoteFile, error) {
	if from.ClaimSuffix == "" || f.At != "" {
		return f, nil
	}
	client, err := p.client(ctx)
	if err != nil {
		return f, err
	}
	f, err = client.Claim(ctx, f, from.ClaimSuffix)
	p.session.broken(client, err)
	failpoint.Reach("pull.claimed")
	return f, err
}

// client is the session's; its failure is not the file's.
func (p *puller) client(ctx context.Context) (*transfer.Client, error) {
	client, err := p.session.client(ctx)
	if err != nil {
		return nil, errors.Join(err, errNoClient)
	}
	return client, nil
}

// stream brings a file's bytes to w. When the connection breaks, it goes on over a new one where the
// old one ended, if the file is still the same.
func (p *puller) stream(ctx context.Context, f transfer.RemoteFile, w io.Writer) error {
	for done := int64(0); ; {
		client, err := p.client(ctx)
		if err != nil {
			return err
		}
		n, err := client.DownloadRest(ctx, f, done, w)
		err = downloaded(err)
		done += n
		if err == nil || !p.session.broken(client, err) || ctx.Err() != nil || n == 0 {
			return err
		}
		p.log(ctx, storage.LogInfo, "pull.resumed", map[string]any{"bytes": done})
	}
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
	if err := failpoint.Check("pull.writing"); err != nil {
		return 0, &writeError{err}
	}
	n, err := w.to.Write(b)
	w.bytesDone.Add(int64(n))
	if err != nil {
		return n, &writeError{err}
	}
	return n, nil
}

func sightingOf(f transfer.RemoteFile) storage.Sighting {
	return storage.Sighting{Path: f.Key(), Size: f.Size, ModTime: f.ModTime}
}
