package edi

// A Record keeps copies of segments in memory of its own, used again after Reset, so that a decoder can hold
// a claim or a person without an allocation for each segment. Segments of a Record are valid until its next Reset.
type Record struct {
	buf      []byte
	ends     []uint32
	segments []Segment
}

// Reset empties the record; what it lent before may be overwritten.
func (r *Record) Reset() {
	r.buf = r.buf[:0]
	r.ends = r.ends[:0]
	r.segments = r.segments[:0]
}

// Append copies s into the record and returns the copy.
func (r *Record) Append(s Segment) Segment {
	c := s
	start, first := len(r.buf), len(r.ends)
	r.buf = append(r.buf, s.buf...)
	c.buf = r.buf[start:len(r.buf):len(r.buf)]
	r.ends = append(r.ends, s.ends...)
	c.ends = r.ends[first:len(r.ends):len(r.ends)]
	r.segments = append(r.segments, c)
	return c
}

// Segments returns the kept segments in file order, the record's own.
func (r *Record) Segments() []Segment { return r.segments }

// Len returns the number of kept segments.
func (r *Record) Len() int { return len(r.segments) }
