package edi

import (
	"bytes"
	"io"
	"maps"
	"math"
)

// DefaultPart is the size in bytes from which on a [Splitter] ends a part, unless [Splitter.Part] sets another.
const DefaultPart = 1 << 20

// lookahead is what a Reader may look at behind a segment that is not too long: an ISA, and the segment behind it.
const lookahead = 4 << 10

// A Splitter cuts a file into parts that several goroutines can read at once. Each part begins behind a transaction set and ends
// behind one: a document is never cut. The Readers of all parts, one after the other, give what one Reader of the file would: the
// same segments at the same positions in the same interchanges and groups, the same findings, the same errors. Package
// edi/parallel has the goroutines. A Splitter is not safe for several goroutines; the Readers it returns are independent of it.
type Splitter struct {
	// Part is the least size of a part in bytes; 0 is DefaultPart.
	Part int64
	// MaxSegment and MaxElements are those of the Readers.
	MaxSegment, MaxElements int

	src     io.ReaderAt // nil if the file is in memory
	all     []byte      // that file
	size    int64
	outline *Reader // passes through the file ahead of the parts
	next    *Reader // of the next part
	ended   bool
}

// NewSplitter returns a Splitter of the first size bytes of src.
func NewSplitter(src io.ReaderAt, size int64) *Splitter {
	return &Splitter{src: src, size: size, outline: NewReader(io.NewSectionReader(src, 0, size))}
}

// NewSplitterBytes returns a Splitter of a file in memory. It does not copy b, which must not change while its parts are in use.
func NewSplitterBytes(b []byte) *Splitter {
	return &Splitter{all: b, size: int64(len(b)), outline: NewReaderBytes(b)}
}

// Next returns a Reader of the next part; io.EOF, bare, behind the last. There are no other errors: what is wrong with the file, or
// with reading it, the Reader of the part will tell.
func (s *Splitter) Next() (*Reader, error) {
	if s.ended {
		return nil, io.EOF
	}
	if s.next == nil { // the first part
		s.outline.MaxSegment, s.outline.MaxElements = s.MaxSegment, s.MaxElements
		s.next = s.begin(0)
	}
	part := s.next
	if s.ended = !s.pass(part); !s.ended {
		s.next = s.fork()
		part.stop = s.next.base
		s.limit(part)
	}
	return part, nil
}

// pass reads up to a transaction set that ends far enough behind the start of part, and tells whether there is one.
func (s *Splitter) pass(part *Reader) bool {
	least := part.base + s.least()
	for {
		s.outline.passBody()
		segment, err := s.outline.Next()
		if err == io.EOF || s.outline.err != nil && s.outline.err != io.EOF {
			return false
		}
		e := &s.outline.envelope
		if err == nil && !e.inSet && e.inGroup && s.outline.Offset() >= least && segment.Is("SE") && s.outline.Offset() < s.size {
			return true
		}
	}
}

// least is the size from which on a part may end. Each part takes the control numbers of before with it, so that parts grow with
// them.
func (s *Splitter) least() int64 {
	n := int64(DefaultPart)
	if s.Part > 0 {
		n = s.Part
	}
	e := &s.outline.envelope
	return n + 100*int64(len(e.transactionNumbers.loose)+len(e.groupNumbers.loose))
}

// begin returns a Reader of the file from an offset on.
func (s *Splitter) begin(offset int64) *Reader {
	r := NewReaderBytes(s.all)
	r.base = offset
	r.MaxSegment, r.MaxElements = s.MaxSegment, s.MaxElements
	if s.src != nil {
		r.all, r.src = nil, io.NewSectionReader(s.src, offset, s.size-offset)
	}
	return r
}

// limit keeps a part from reading much of the next one.
func (s *Splitter) limit(part *Reader) {
	end := min(part.stop+int64(part.maxSegment())+lookahead, s.size)
	if s.src != nil {
		part.src = io.NewSectionReader(s.src, part.base, end-part.base)
	} else {
		part.all = part.all[:end]
	}
}

// fork returns a Reader that goes on where the outline is, with all that it knows.
func (s *Splitter) fork() *Reader {
	o := s.outline
	r := s.begin(o.Offset())
	r.line, r.seen = o.line, o.seen
	r.del, r.last, r.scan, r.step = o.del, o.last, o.scan, firstStep
	r.long, r.longUntil = o.long, o.longUntil
	r.envelope = o.envelope
	r.envelope.report = nil
	r.envelope.groupNumbers.loose = maps.Clone(o.envelope.groupNumbers.loose)
	r.envelope.transactionNumbers.loose = maps.Clone(o.envelope.transactionNumbers.loose)
	return r
}

// noStop is the end of a part that ends with its file.
const noStop = math.MaxInt64

// passBody passes over the segments of the open transaction set that are ordinary and at hand, as if they had been read.
func (r *Reader) passBody() {
	if !r.envelope.inSet || r.del == nil || !r.scan.loose {
		return
	}
	longest := min(r.maxSegment(), r.maxElements())
	buf, at, line, passed := r.buf, r.at, r.line, 0
	newLine, carriage := nextBreak(buf, at, '\n'), nextBreak(buf, at, '\r')
	for {
		start := at
		for start == newLine || start == carriage {
			if start == newLine {
				line++
				newLine = nextBreak(buf, start+1, '\n')
			} else {
				carriage = nextBreak(buf, start+1, '\r')
			}
			start++
		}
		if start+3 >= len(buf) || !ordinary(buf[start:start+3]) {
			break
		}
		n := bytes.IndexByte(buf[start:], r.scan.terminator)
		if n < 0 || n > longest || newLine < start+n || carriage < start+n {
			break
		}
		at = start + n + 1
		r.line = line
		passed++
	}
	if passed > 0 {
		r.at, r.from = at, at
		r.envelope.transaction.Segments += passed
		r.rescan()
	}
}

// nextBreak returns where c stands next, behind all else if nowhere.
func nextBreak(b []byte, from int, c byte) int {
	if n := bytes.IndexByte(b[from:], c); n >= 0 {
		return from + n
	}
	return math.MaxInt
}

// ordinary tells whether a segment that starts with these three bytes is certainly none of an envelope.
func ordinary(b []byte) bool {
	switch c := b[0]; {
	case c < 'A' || c > 'Z':
		return false
	case c != 'S' && c != 'G' && c != 'I' && c != 'T':
		return true
	}
	if !isAlphanumeric(b[1]) || !isAlphanumeric(b[2]) {
		return false
	}
	id := string(b)
	return id != "ISA" && id != "IEA" && id != "TA1"
}
