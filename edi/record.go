package edi

// A Record keeps copies of segments in memory of its own, used again after Reset, so that a decoder can hold
// a claim or a person without an allocation for each segment. Segments of a Record are valid until its next Reset.
type Record struct {
	buf      []byte
	ends     []uint32
	views    []view
	segments []Segment
	made     view // of the segment that Compose makes
}

// Reset empties the record; what it lent before may be overwritten.
func (r *Record) Reset() {
	r.buf = r.buf[:0]
	r.ends = r.ends[:0]
	r.views = r.views[:0]
	r.segments = r.segments[:0]
}

// Append copies s into the record and returns the copy.
func (r *Record) Append(s Segment) Segment {
	if s.view == nil {
		s.view = new(view)
	}
	start, first := len(r.buf), len(r.ends)
	r.buf = s.appendTo(r.buf)
	r.ends = append(r.ends, s.ends...)
	if len(r.views) == cap(r.views) {
		r.views = make([]view, 0, max(16, 2*cap(r.views))) // the earlier segments keep theirs
	}
	r.views = append(r.views, *s.view)
	v := &r.views[len(r.views)-1]
	v.own(r.buf[start:])
	v.ends, v.window = r.ends[first:len(r.ends):len(r.ends)], 0
	r.segments = append(r.segments, Segment{v})
	return Segment{v}
}

// Segments returns the kept segments in file order, the record's own.
func (r *Record) Segments() []Segment { return r.segments }

// Len returns the number of kept segments.
func (r *Record) Len() int { return len(r.segments) }
