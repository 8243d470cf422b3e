package archive

import (
	"context"
	"crypto/sha256"
	"fmt"
	"hash"
	"io"

	"github.com/minio/sio"
)

// A Writer takes the bytes of a new blob, encrypts them and counts and hashes them on the way.
// It is for one goroutine. It ends with Commit or Abort.
type Writer struct {
	archive *Archive
	ctx     context.Context // Create's: a cancelled download must not commit
	name    string
	key     *dataKey
	pending pending
	enc     io.WriteCloser
	stored  int64
	size    int64
	sum     hash.Hash
	err     error // the first error, or ErrClosed; it sticks
}

// Create starts a new blob. Until Commit nobody sees it. Once ctx ends, Write and Commit fail.
func (a *Archive) Create(ctx context.Context) (*Writer, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("archive: %w", err)
	}
	w := &Writer{archive: a, ctx: ctx, name: a.names.next(), key: newDataKey(), sum: sha256.New()}
	var err error
	if w.pending, err = a.store.create(ctx, w.name); err != nil {
		return nil, err
	}
	if w.enc, err = sio.EncryptWriter(countingWriter{w}, w.key.config(0)); err != nil {
		_ = w.pending.abort()
		return nil, fmt.Errorf("archive: %w", err)
	}
	return w, nil
}

// countingWriter passes ciphertext to the store and counts it. It also keeps sio from closing the store's object.
type countingWriter struct{ w *Writer }

func (c countingWriter) Write(p []byte) (int, error) {
	n, err := c.w.pending.Write(p)
	c.w.stored += int64(n)
	return n, err
}

// Write takes the next bytes. After an error the blob can't be committed any more, and every
// later call returns that error.
func (w *Writer) Write(p []byte) (int, error) {
	if w.failed(w.ctx.Err()) {
		return 0, w.err
	}
	n, err := w.enc.Write(p)
	w.sum.Write(p[:n])
	w.size += int64(n)
	w.failed(err)
	return n, w.err
}

// Size returns how many bytes were written so far.
func (w *Writer) Size() int64 { return w.size }

// Commit makes the blob durable and returns it: file and folders are on the disk. After an error,
// which may be Write's or that of Create's context, nothing of the blob is left.
func (w *Writer) Commit() (Blob, error) {
	blob, err := w.commit()
	if err != nil {
		_ = w.Abort() // what counts is why it had to be
		return Blob{}, err
	}
	w.close()
	return blob, nil
}

func (w *Writer) commit() (Blob, error) {
	if w.failed(w.ctx.Err()) || w.failed(w.enc.Close()) { // Close writes the last package
		return Blob{}, w.err
	}
	blob := Blob{Name: w.name, Size: w.size, StoredSize: w.stored}
	w.sum.Sum(blob.SHA256[:0])
	if w.failed(w.archive.wrap(w.key, &blob)) || w.failed(w.pending.commit()) {
		return Blob{}, w.err
	}
	return blob, nil
}

// failed keeps err, if it is the first, and says whether there has been one.
func (w *Writer) failed(err error) bool {
	if w.err == nil && err != nil {
		w.err = fmt.Errorf("archive: writing blob %s: %w", w.name, err)
	}
	return w.err != nil
}

// Abort drops what was written. After Commit or Abort it does nothing.
func (w *Writer) Abort() error {
	if w.pending == nil {
		return nil
	}
	err := w.pending.abort()
	w.close()
	return err
}

// close lets go of key and plaintext buffer.
func (w *Writer) close() {
	w.pending, w.enc, w.key = nil, nil, nil
	w.err = ErrClosed
}
