package edi

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

// Limits unless [Reader.MaxSegment] and [Reader.MaxElements] set others.
const (
	DefaultMaxSegment  = 1 << 20
	DefaultMaxElements = 10_000
)

// A Reader reads segments from a file. It is not safe for several goroutines.
type Reader struct {
	// Report, if set before the first Next, receives the findings about framing and envelopes, in file order.
	Report func(Finding)
	// MaxSegment limits the length of a segment in bytes; 0 is DefaultMaxSegment.
	MaxSegment int
	// MaxElements limits the number of elements of a segment; 0 is DefaultMaxElements.
	MaxElements int

	src io.Reader // nil if the file is in memory
	all []byte    // that file

	window
	held    bool // what is lent stays valid
	retired []window
	spare   []window

	from int   // start of what is kept in buf: the bytes that lead to the next segment
	at   int   // start of what is unread in buf
	base int64 // offset of buf[0] in the file
	line int   // line of buf[at]
	stop int64 // end of the part of the file that is read: behind a transaction set; see Splitter
	done bool  // it is reached
	err  error // of src; io.EOF at its end

	del  *Delimiters // nil before the first ISA and between interchanges
	last *Delimiters // of the interchange before
	scan scanner

	tok   tokens // found ahead in buf
	mark  int    // of tok.marks, the next segment
	end   int    // of tok.ends, its first
	begin int    // where it starts in buf, with what leads to it
	step  int    // how far to look ahead

	most, mostElements int // MaxSegment and MaxElements, of what was found ahead

	current   Segment
	wrapped   []byte // a segment without the line breaks in it
	trailer   []byte // what followed the last segment
	long      int    // segments found too long before longUntil
	longUntil int64
	seen      bool // an ISA was seen
	envelope  envelope
}

// NewReader returns a Reader of r. It reads ahead; r is the caller's to close.
func NewReader(r io.Reader) *Reader {
	return &Reader{src: r, line: 1, stop: noStop, window: window{id: 1}}
}

// NewReaderBytes returns a Reader of a file in memory. It does not copy b, which must not change while segments are in use.
func NewReaderBytes(b []byte) *Reader {
	return &Reader{all: b, line: 1, stop: noStop, window: window{id: 1}}
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

// next makes current the next segment. Nearly all follow the one before directly, or in a line of their own, and are known already.
func (r *Reader) next() error {
	if r.mark < len(r.tok.marks) && r.del != nil {
		at := r.at
		c := r.buf[at]
		if r.scan.loose {
			for c == '\n' || c == '\r' { // its terminator is still to come
				if c == '\n' {
					r.line++
				}
				at++
				c = r.buf[at]
			}
		}
		if c >= 'A' && c <= 'Z' && (c != 'I' || r.buf[at+1] != 'S') { // no blank, no empty segment, no ISA
			r.from = r.at
			r.at = at
			return r.take()
		}
		if at != r.at {
			r.line -= bytes.Count(r.buf[r.at:at], []byte{'\n'})
		}
	}
	return r.search()
}

// search looks for the next segment wherever it is.
func (r *Reader) search() error {
	if r.done {
		return io.EOF
	}
	r.envelope.report = r.Report
	r.from = r.at
	for {
		if err := r.skipLead(); err != nil {
			return r.ended(err)
		}
		if r.startsInterchange() && (r.buf[r.at+3] != ' ' || r.plausible()) {
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

func (r *Reader) maxElements() int {
	if r.MaxElements > 0 {
		return r.MaxElements
	}
	return DefaultMaxElements
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
		case r.del != nil && c == r.scan.terminator && r.terminates(): // align drops it
			r.envelope.emptySegment(r.position())
			r.at += int(r.scan.end)
		default:
			return nil
		}
	}
}

// terminates tells whether the terminator, whose first byte stands here, is here.
func (r *Reader) terminates() bool {
	for len(r.buf)-r.at < int(r.scan.end) {
		if r.more() != nil {
			return false
		}
	}
	return bytes.HasPrefix(r.buf[r.at:], r.scan.terminatorSeq)
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

// plausible tells whether the ISA that stands here begins as headers do, with two characters between two equal ones: there
// are texts and pictures with the letters ISA, too.
func (r *Reader) plausible() bool {
	const enough = 32
	for len(r.buf)-r.at < enough {
		if r.more() != nil {
			break
		}
	}
	b := r.buf[r.at+len("ISA") : min(len(r.buf), r.at+enough)]
	b = bytes.TrimLeft(b, " ")
	sep, ok := leadingCharacter(b)
	if !ok || isAlphanumeric(sep[0]) || sep[0] < ' ' && sep[0] != '\t' && sep[0] < 0x1c {
		return false
	}
	first, _, ok := bytes.Cut(b[len(sep):], sep)
	return ok && len(bytes.TrimSpace(first)) <= 2
}

// skipJunk passes over bytes between interchanges, up to the next ISA, and reports them once.
func (r *Reader) skipJunk() error {
	at, tag := r.position(), r.control()
	for {
		i := bytes.Index(r.buf[r.at:], []byte("ISA"))
		if i < 0 {
			r.advance(max(len(r.buf)-r.at-2, 0))
			if err := r.more(); err != nil {
				if !r.seen {
					tag = "" // that it is no X12 is told
				}
				r.envelope.junk(at, r.seen, tag)
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
		if !isAlphanumeric(previous) && r.startsInterchange() && r.plausible() {
			r.envelope.junk(at, r.seen, tag)
			return nil
		}
		if r.at < len(r.buf) {
			r.advance(1)
		}
	}
}

// control returns the id of the segment of an envelope that stands here, outside of interchanges; "" for anything else.
func (r *Reader) control() string {
	const enough = len("TA1") + 1
	for len(r.buf)-r.at < enough {
		if r.more() != nil {
			break
		}
	}
	b := r.buf[r.at:]
	for _, tag := range []string{"IEA", "TA1", "GS", "GE", "ST", "SE"} {
		if rest, ok := bytes.CutPrefix(b, []byte(tag)); ok && len(rest) > 0 && (r.last == nil && !isAlphanumeric(rest[0]) && rest[0] > ' ' ||
			r.last != nil && bytes.HasPrefix(rest, []byte(r.last.Element))) {
			return tag
		}
	}
	return ""
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
	for whole := false; ; {
		d, _, err := parseISA(r.buf[r.at:], whole)
		if err == nil {
			r.setDelimiters(d)
			return nil
		}
		if errors.Is(err, errShortISA) {
			if more := r.more(); more != nil && more != io.EOF {
				return more
			} else if more == nil || !whole {
				whole = more != nil
				continue
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
	if r.last == nil || *r.last != d {
		r.last = &d // a new one each time: segments that were kept still point to theirs
		r.scan = newScanner(d)
	}
	r.del = r.last
	r.rescan()
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
	return &SyntaxError{Pos: pos, Err: fmt.Errorf("%w of %d bytes and %d elements; is its terminator missing?", ErrSegmentTooLong, r.maxSegment(), r.maxElements())}
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
