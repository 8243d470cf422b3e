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
	c.raw = r.keep(s.raw)
	c.lead = r.keep(s.lead)
	first := len(r.ends)
	r.ends = append(r.ends, s.ends...)
	c.ends = r.ends[first:len(r.ends):len(r.ends)]
	r.segments = append(r.segments, c)
	return c
}

func (r *Record) keep(b []byte) []byte {
	start := len(r.buf)
	r.buf = append(r.buf, b...)
	return r.buf[start:len(r.buf):len(r.buf)]
}

// Segments returns the kept segments in file order, the record's own.
func (r *Record) Segments() []Segment { return r.segments }

// Len returns the number of kept segments.
func (r *Record) Len() int { return len(r.segments) }
