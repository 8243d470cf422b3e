package wrap

import (
	"errors"
	"io"
)

// pageSize is how much is read of a source at once: formats read in small steps, and an encrypted
// source opens a whole package for each.
const pageSize = 256 << 10

// A sourceReader reads a source in pages, of which it keeps the last one, and keeps the source's first
// error apart from what formats make of it. It is for one goroutine.
type sourceReader struct {
	from io.ReaderAt
	size int64
	page []byte
	at   int64 // where the page begins
	err  error
}

// ReadAt is io.ReaderAt's.
func (s *sourceReader) ReadAt(p []byte, offset int64) (n int, err error) {
	if offset < 0 {
		return 0, errors.New("wrap: negative offset")
	}
	for n < len(p) {
		if offset+int64(n) >= s.size {
			return n, io.EOF
		}
		rest, err := s.pageFrom(offset + int64(n))
		if err != nil {
			return n, err
		}
		n += copy(p[n:], rest)
	}
	return n, nil
}

// pageFrom returns bytes from an offset on, at least one.
func (s *sourceReader) pageFrom(offset int64) ([]byte, error) {
	if offset < s.at || offset >= s.at+int64(len(s.page)) {
		if err := s.load(offset / pageSize * pageSize); err != nil {
			return nil, err
		}
	}
	return s.page[offset-s.at:], nil
}

func (s *sourceReader) load(at int64) error {
	if s.page == nil {
		s.page = make([]byte, 0, min(pageSize, s.size))
	}
	page := s.page[:min(int64(cap(s.page)), s.size-at)]
	n, err := s.from.ReadAt(page, at)
	if n == len(page) {
		s.page, s.at = page, at
		return nil
	}
	s.page = s.page[:0]
	if err == nil || err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	if s.err == nil {
		s.err = err
	}
	return err
}
