package edi

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

// DefaultMaxSegment is the limit of a segment's length in bytes unless [Reader.MaxSegment] sets another.
const DefaultMaxSegment = 1 << 20

const firstBuffer = 64 << 10

// A Reader reads segments from a file. It is not safe for several goroutines.
type Reader struct {
	// Report, if set before the first Next, receives the findings about framing and envelopes, in file order.
	Report func(Finding)
	// MaxSegment limits the length of a segment in bytes; 0 is DefaultMaxSegment.
	MaxSegment int

	src  io.Reader
	buf  []byte
	from int   // start of what is kept in buf: the bytes that lead to the next segment
	at   int   // start of what is unread in buf
	base int64 // offset of buf[0] in the file
	line int   // line of buf[at]
	err  error // of src; io.EOF at its end

	del       *Delimiters // nil before the first ISA and between interchanges
	scan      scanner
	current   Segment
	wrapped   []byte // a segment with line breaks in it, and then without
	trailer   []byte // what followed the last segment
	long      int    // segments found too long before longUntil
	longUntil int64
	seen      bool // an ISA was seen
	envelope  envelope
}

// NewReader returns a Reader of r. It reads ahead; r is the caller's to close.
func NewReader(r io.Reader) *Reader {
	return &Reader{src: r, line: 1, current: Segment{ends: make([]uint32, 0, 64)}}
}

// Next returns the next segment, lent until the next call. At the end of the file it returns io.EOF, bare; errors of the
// source pass through; bytes that can't be read are a [*SyntaxError]. After a SyntaxError with ErrSegmentTooLong or
// ErrDelimiter, Next goes on at the next ISA, if there is one.
func (r *Reader) Next() (Segment, error) {
	if err := r.next(); err != nil {
		return Segment{}, err
	}
	return r.current, nil
}

func (r *Reader) next() error {
	r.envelope.report = r.Report
	r.from = r.at
	for {
		if err := r.skipLead(); err != nil {
			return r.ended(err)
		}
		if r.startsInterchange() {
			if err := r.beginInterchange(); err != nil {
				return err
			}
		} else if r.del == nil {
			if err := r.skipJunk(); err != nil {
				return r.ended(err)
			}
			continue
		}
		return r.segment()
	}
}

// Interchange returns the header of the interchange that the last segment belongs to; its zero value before the first.
func (r *Reader) Interchange() Interchange { return r.envelope.interchange }

// Group returns the header of the group that the last segment belongs to.
func (r *Reader) Group() Group { return r.envelope.group }

// Transaction returns the header of the transaction set that the last segment belongs to.
func (r *Reader) Transaction() Transaction { return r.envelope.transaction }

// Trailer returns, after io.EOF, the bytes that followed the last segment: line breaks, junk. They are the Reader's.
func (r *Reader) Trailer() []byte { return r.trailer }

// Offset returns the number of bytes read so far, up to the end of the last segment.
func (r *Reader) Offset() int64 { return r.base + int64(r.at) }

func (r *Reader) maxSegment() int {
	if r.MaxSegment > 0 {
		return r.MaxSegment
	}
	return DefaultMaxSegment
}

// more reads on, keeping what leads to the next segment and what is unread; it moves both to the front of the
// buffer and so invalidates what was lent.
func (r *Reader) more() error {
	if r.err != nil {
		return r.err
	}
	if r.at-r.from > r.maxSegment() {
		r.from = r.at // so much junk is not kept
	}
	if r.from > 0 {
		n := copy(r.buf, r.buf[r.from:])
		r.buf = r.buf[:n]
		r.base += int64(r.from)
		r.at -= r.from
		r.from = 0
	}
	if len(r.buf) == cap(r.buf) {
		grown := make([]byte, len(r.buf), max(firstBuffer, 2*cap(r.buf)))
		copy(grown, r.buf)
		r.buf = grown
	}
	for range 100 {
		n, err := r.src.Read(r.buf[len(r.buf):cap(r.buf)])
		r.buf = r.buf[:len(r.buf)+n]
		r.err = err
		if n > 0 {
			return nil
		}
		if err != nil {
			return err
		}
	}
	r.err = io.ErrNoProgress
	return r.err
}

// skipLead passes over line breaks, blanks and empty segments before a segment.
func (r *Reader) skipLead() error {
	if r.base == 0 && r.at == 0 {
		if err := r.skipBOM(); err != nil {
			return err
		}
	}
	for {
		if r.at == len(r.buf) {
			if err := r.more(); err != nil {
				r.trailer = r.buf[r.from:]
				return err
			}
			continue
		}
		switch c := r.buf[r.at]; {
		case c == '\n':
			r.line++
			r.at++
		case c == ' ' || c == '\r' || c == '\t' || c == 0x1a:
			r.at++
		case r.del != nil && !r.scan.multi && c == r.scan.terminator:
			r.envelope.emptySegment(r.position())
			r.at++
		default:
			return nil
		}
	}
}

var byteOrderMark = []byte("\xef\xbb\xbf")

func (r *Reader) skipBOM() error {
	for len(r.buf) < len(byteOrderMark) {
		if err := r.more(); err != nil {
			if len(r.buf) == 0 {
				return err
			}
			break
		}
	}
	if bytes.HasPrefix(r.buf, byteOrderMark) {
		r.at = len(byteOrderMark)
	}
	return nil
}

// startsInterchange tells whether an ISA stands here: the letters, and no letter or digit behind them, so that a person
// named LISA or ISABEL starts none. Within an interchange only the start of a segment is looked at.
func (r *Reader) startsInterchange() bool {
	for len(r.buf)-r.at < 4 {
		if r.more() != nil {
			return false
		}
	}
	b := r.buf[r.at:]
	return b[0] == 'I' && b[1] == 'S' && b[2] == 'A' && !isAlphanumeric(b[3]) && b[3] != '\r' && b[3] != '\n'
}

// skipJunk passes over bytes between interchanges, up to the next ISA, and reports them once.
func (r *Reader) skipJunk() error {
	r.envelope.junk(r.position(), r.seen)
	for {
		i := bytes.Index(r.buf[r.at:], []byte("ISA"))
		if i < 0 {
			r.advance(max(len(r.buf)-r.at-2, 0))
			if err := r.more(); err != nil {
				r.advance(len(r.buf) - r.at)
				r.trailer = r.buf[r.from:]
				return err
			}
			continue
		}
		previous := byte(' ')
		if r.at+i > 0 {
			previous = r.buf[r.at+i-1]
		}
		r.advance(i)
		if !isAlphanumeric(previous) && r.startsInterchange() {
			return nil
		}
		if r.at < len(r.buf) {
			r.advance(1)
		}
	}
}

func (r *Reader) advance(n int) {
	r.line += bytes.Count(r.buf[r.at:r.at+n], []byte{'\n'})
	r.at += n
}

func (r *Reader) position() Position {
	p := r.envelope.position()
	p.Offset, p.Line = r.Offset(), r.line
	return p
}

// beginInterchange takes the delimiters from the ISA that starts here.
func (r *Reader) beginInterchange() error {
	for {
		d, _, err := parseISA(r.buf[r.at:])
		if err == nil {
			r.setDelimiters(d)
			return nil
		}
		if errors.Is(err, errShortISA) {
			if more := r.more(); more == nil {
				continue
			} else if more != io.EOF {
				return more
			}
			err = ErrTruncated
		}
		pos := r.position()
		r.del = nil
		r.seen = true
		r.advance(len("ISA"))
		return &SyntaxError{Pos: pos, Tag: "ISA", Err: err}
	}
}

func (r *Reader) setDelimiters(d Delimiters) {
	r.seen = true
	if r.del != nil && *r.del == d {
		return
	}
	r.del = &d // a new one each time: segments that were kept still point to theirs
	r.scan = newScanner(d)
}

// segment reads the segment that starts here into current.
func (r *Reader) segment() error {
	s := &r.current
	var end int
	var control bool
	s.open = false
	for {
		end, s.ends, control = r.scan.segment(r.buf[r.at:], s.ends[:0])
		if end >= 0 {
			break
		}
		if len(r.buf)-r.at > r.maxSegment() {
			return r.tooLong()
		}
		if err := r.more(); err != nil {
			if err != io.EOF {
				return err
			}
			end, control, s.open = r.unterminated()
			break
		}
	}
	if end > r.maxSegment() {
		return r.tooLong()
	}
	s.buf = r.buf[r.from : r.at+end : r.at+end]
	s.start, s.sep, s.del = uint32(r.at-r.from), uint8(len(r.del.Element)), r.del
	s.lead = s.start
	s.offset, s.line = r.base+int64(r.at), uint32(r.line)
	if control {
		r.line += bytes.Count(s.Raw(), []byte{'\n'})
		r.unwrap(s)
	}
	r.at += end
	if !s.open {
		r.at += len(r.del.Terminator)
		if r.scan.terminator == '\n' {
			r.line++
		}
	}
	r.envelope.step(s)
	if s.Wrapped() {
		r.envelope.wrapped(s)
	}
	if r.envelope.closed {
		r.del = nil // what follows is an ISA with delimiters of its own, or junk
	}
	return nil
}

// unwrap leaves the line breaks out of a segment that has some before its end. What leads to the segment, its bytes
// as they are and its bytes without breaks then stand one behind the other.
func (r *Reader) unwrap(s *Segment) {
	if !bytes.ContainsAny(bytes.TrimRight(s.Raw(), "\r\n\t "), "\r\n") || isBreak(r.del.Component) || isBreak(r.del.Repetition) {
		return
	}
	b := append(r.wrapped[:0], s.buf...)
	start := len(b)
	for _, c := range s.Raw() {
		if c != '\r' && c != '\n' {
			b = append(b, c)
		}
	}
	s.ends = r.scan.elements(b[start:], s.ends[:0])
	r.wrapped, s.buf, s.start = b, b[:len(b):len(b)], uint32(start)
}

func isBreak(delimiter string) bool { return delimiter == "\r" || delimiter == "\n" }

// unterminated takes what is left of the file as its last segment.
func (r *Reader) unterminated() (end int, control, open bool) {
	rest := bytes.TrimRight(r.buf[r.at:], "\r\n\t \x1a")
	r.trailer = r.buf[r.at+len(rest):]
	r.current.ends = r.scan.elements(rest, r.current.ends[:0])
	r.envelope.unterminated(r.position())
	return len(rest), true, true
}

// maxTooLong bounds the attempts to go on within bytes that were no segment: each may look at MaxSegment bytes, and a file
// may be made of ISAs that all show another terminator.
const maxTooLong = 8

func (r *Reader) tooLong() error {
	pos := r.position()
	r.del = nil
	if r.Offset() >= r.longUntil {
		r.longUntil, r.long = r.Offset()+int64(r.maxSegment()), 0
	}
	if r.long++; r.long <= maxTooLong {
		r.advance(1)
	} else {
		r.advance(min(int(r.longUntil-r.Offset()), len(r.buf)-r.at))
	}
	return &SyntaxError{Pos: pos, Err: fmt.Errorf("%w of %d bytes; is its terminator missing?", ErrSegmentTooLong, r.maxSegment())}
}

// ended closes what is open at the end of the file.
func (r *Reader) ended(err error) error {
	if err != io.EOF {
		return err
	}
	r.envelope.end(r.position())
	if !r.seen {
		r.seen = true
		return &SyntaxError{Pos: Position{Line: 1}, Err: ErrNotX12}
	}
	return io.EOF
}
