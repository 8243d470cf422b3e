package original

import (
	"io"
	"sort"

	"github.com/ediport/ediport/storage"
)

// source is what ranges are read from: an archive's Reader.
type source interface {
	Range(off, n int64) io.Reader
}

// ranges reads byte ranges of a file one after the other, and knows where in the file each byte of
// the result stands.
type ranges struct {
	archive source
	left    []storage.ByteRange
	current io.Reader
	read    int64   // bytes given so far
	starts  []start // of the ranges begun
	err     error   // of the last read
}

// start says that the byte at offset out of the result is the one at offset in of the file.
type start struct{ out, in int64 }

// Read gives the next bytes of the ranges.
func (r *ranges) Read(p []byte) (n int, err error) {
	for n == 0 && err == nil {
		if r.current == nil {
			if len(r.left) == 0 {
				r.err = io.EOF
				return 0, io.EOF
			}
			next := r.left[0]
			r.left = r.left[1:]
			r.current = r.archive.Range(next.Start, next.End-next.Start)
			r.starts = append(r.starts, start{r.read, next.Start})
		}
		n, err = r.current.Read(p)
		r.read += int64(n)
		if err == io.EOF { //nolint:errorlint // io.Reader gives it bare
			r.current, err = nil, nil
		}
	}
	r.err = err
	return n, err
}

// place returns where in the file a byte of the result stands.
func (r *ranges) place(out int64) int64 {
	i := sort.Search(len(r.starts), func(i int) bool { return r.starts[i].out > out }) - 1
	if i < 0 {
		return out
	}
	return r.starts[i].in + out - r.starts[i].out
}

// lineBreak is the longest there is between segments; no segment is so short.
const lineBreak = 2

// between tells whether segments of the file that aren't in the ranges stand between two places.
func (r *ranges) between(from, to int64) bool {
	for i := 1; i < len(r.starts); i++ {
		before := r.starts[i-1].in + r.starts[i].out - r.starts[i-1].out // where the range before ended
		if before >= from && r.starts[i].in <= to && r.starts[i].in > before+lineBreak {
			return true
		}
	}
	return false
}
