package archive

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"

	"github.com/minio/sio"
)

// The DARE 2.0 layout: every package but the last holds payloadBytes of plaintext and
// packageOverhead around it. Source: github.com/minio/sio, DARE.md.
const (
	payloadBytes    = 64 << 10
	packageOverhead = 16 + 16 // header and tag
	packageBytes    = payloadBytes + packageOverhead
)

// A Reader reads one blob, decrypted and authenticated: no byte comes out of it that was not committed.
// Read is for one goroutine, ReadAt and Range for several; each Range's reader is for one.
type Reader struct {
	object object
	name   string
	key    *dataKey
	size   int64
	at     io.ReaderAt
	stream *rangeReader // Read's
}

// Open opens the blob. Errors: ErrMissing, ErrDamaged, ErrKeyUnknown; bytes damaged further
// inside are ErrDamaged when they are read.
func (a *Archive) Open(b Blob) (*Reader, error) {
	if err := checkName(b.Name); err != nil {
		return nil, err
	}
	key, err := a.unwrap(&b)
	if err != nil {
		return nil, err
	}
	obj, err := a.store.open(b.Name)
	if err != nil {
		return nil, err
	}
	// Here, since a range read, unlike a whole one, would not notice a missing end.
	want, err := sio.EncryptedSize(uint64(b.Size))
	if err != nil || obj.size() != int64(want) {
		_ = obj.Close()
		return nil, fmt.Errorf("archive: %w: blob %s has %d bytes in the archive, not %d", ErrDamaged, b.Name, obj.size(), want)
	}
	r := &Reader{object: obj, name: b.Name, key: key, size: b.Size}
	if err := r.prepare(); err != nil {
		_ = obj.Close()
		return nil, err
	}
	return r, nil
}

// prepare makes what ReadAt and Read need.
func (r *Reader) prepare() error {
	at, err := sio.DecryptReaderAt(r.object, r.key.config(0))
	if err != nil {
		return fmt.Errorf("archive: %w", err)
	}
	r.at = at
	r.stream = &rangeReader{blob: r, left: r.size}
	return nil
}

// Size returns the number of plaintext bytes.
func (r *Reader) Size() int64 { return r.size }

// Read reads the blob from its first byte to its last, then returns io.EOF.
func (r *Reader) Read(p []byte) (int, error) { return r.stream.Read(p) }

// WriteTo writes what Read has not yet returned to w; io.Copy uses it.
func (r *Reader) WriteTo(w io.Writer) (int64, error) { return r.stream.WriteTo(w) }

// ReadAt reads len(p) bytes from off on, as io.ReaderAt wants it. Each call decrypts at least one
// package of 64 KiB: for many small reads side by side take Range.
func (r *Reader) ReadAt(p []byte, off int64) (int, error) {
	switch {
	case off < 0:
		return 0, fmt.Errorf("archive: blob %s: negative offset", r.name)
	case off >= r.size:
		return 0, io.EOF
	case int64(len(p)) <= r.size-off:
		n, err := r.at.ReadAt(p, off)
		return n, r.readError(err)
	}
	n, err := r.at.ReadAt(p[:r.size-off], off)
	if err == nil {
		err = io.EOF
	}
	return n, r.readError(err)
}

// Range returns a reader of the n bytes from off on, or of fewer where the blob ends; it is as fast as
// Read. It holds one package of 64 KiB in memory.
func (r *Reader) Range(off, n int64) io.Reader {
	if off < 0 || n < 0 {
		return &rangeReader{err: fmt.Errorf("archive: blob %s: negative range", r.name)}
	}
	off = min(off, r.size)
	return &rangeReader{blob: r, off: off, left: min(n, r.size-off)}
}

// Close closes the blob; reading it is an error from then on.
func (r *Reader) Close() error { return r.object.Close() }

// readError tells damage, which sio reports by its own type, from errors of the store.
func (r *Reader) readError(err error) error {
	if err == nil || err == io.EOF {
		return err
	}
	if damage, ok := errors.AsType[sio.Error](err); ok {
		return fmt.Errorf("archive: %w: blob %s: %w", ErrDamaged, r.name, damage)
	}
	return fmt.Errorf("archive: reading blob %s: %w", r.name, err)
}

// Verify reads the whole blob and compares its SHA-256. Errors as of Open, and that of ctx.
func (a *Archive) Verify(ctx context.Context, b Blob) error {
	r, err := a.Open(b)
	if err != nil {
		return err
	}
	defer r.Close()
	sum := sha256.New()
	buffer := make([]byte, 16*payloadBytes)
	for err == nil {
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("archive: verifying blob %s: %w", b.Name, err)
		}
		var n int
		n, err = r.Read(buffer)
		sum.Write(buffer[:n])
	}
	if err != io.EOF {
		return err
	}
	if [32]byte(sum.Sum(nil)) != b.SHA256 {
		return fmt.Errorf("archive: %w: blob %s: its SHA-256 differs from its row's", ErrDamaged, b.Name)
	}
	return nil
}
