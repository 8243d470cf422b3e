package archive

import (
	"fmt"
	"io"
	"math"

	"github.com/minio/sio"
)

// A rangeReader streams a range of a blob, one package after the other.
type rangeReader struct {
	blob *Reader
	off  int64     // where the next byte stands in the plaintext
	left int64     // bytes to come
	dec  io.Reader // decrypts from off on; nil before the first read
	err  error     // the first error; it sticks
}

func (r *rangeReader) Read(p []byte) (int, error) {
	if r.err == nil && r.left == 0 {
		r.err = io.EOF
	}
	if r.err == nil && r.dec == nil {
		r.err = r.start()
	}
	if r.err != nil || len(p) == 0 {
		return 0, r.err
	}
	if int64(len(p)) > r.left {
		p = p[:r.left]
	}
	n, err := r.dec.Read(p)
	r.off += int64(n)
	r.left -= int64(n)
	if err == io.EOF && r.left > 0 {
		err = fmt.Errorf("%w: it ends early", ErrDamaged) // the size was checked at Open, but the file may have been cut since
	}
	if err != nil && err != io.EOF {
		r.err = r.blob.readError(err)
		return n, r.err
	}
	return n, nil
}

// WriteTo hands on whole packages, which spares a copy of each.
func (r *rangeReader) WriteTo(w io.Writer) (written int64, err error) {
	buffer := make([]byte, 4*payloadBytes)
	for {
		n, err := r.Read(buffer)
		if n > 0 {
			m, werr := w.Write(buffer[:n])
			written += int64(m)
			if werr != nil {
				return written, werr
			}
		}
		if err == io.EOF {
			return written, nil
		}
		if err != nil {
			return written, err
		}
	}
}

// start begins to decrypt at the package that holds the range's first byte.
func (r *rangeReader) start() error {
	number := r.off / payloadBytes
	if number > math.MaxUint32 {
		return fmt.Errorf("archive: blob %s: offset beyond what the format can hold", r.blob.name)
	}
	source := io.NewSectionReader(r.blob.object, number*packageBytes, math.MaxInt64-number*packageBytes)
	dec, err := sio.DecryptReader(source, r.blob.key.config(uint32(number)))
	if err != nil {
		return r.blob.readError(err)
	}
	if skip := r.off % payloadBytes; skip > 0 {
		if _, err := io.CopyN(io.Discard, dec, skip); err != nil {
			return r.blob.readError(err)
		}
	}
	r.dec = dec
	return nil
}
