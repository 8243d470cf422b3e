package guide

import "github.com/ediport/ediport/edi"

// A qualifier reads the two things that tell the place of a segment: its id, and the code that sets it apart from its siblings,
// packed when it is first needed.
type qualifier struct {
	segment   *edi.Segment
	text      []byte
	ends      []uint32
	separator int
	element   int // whose code is packed
	key       uint64
	loose     bool // see code
}

func (q *qualifier) begin(s *edi.Segment) {
	q.segment, q.element, q.loose = s, 0, true
	q.text, q.ends, q.separator = s.Spans()
}

// tag returns the packed id of the segment.
func (q *qualifier) tag() uint32 {
	if len(q.ends) == 0 {
		return 0
	}
	b := q.text[:q.ends[0]]
	if len(b) == 0 {
		return 0
	}
	if b[0] <= ' ' || b[len(b)-1] <= ' ' {
		b = trim(b)
	}
	return tagKey(b)
}

func (q *qualifier) in(d *SegmentDef) bool {
	return d.qualifiers == nil || d.qualifiers.has(q.code(d.qualifier))
}

// code packs the first component of element n. As long as the qualifier is loose, an element that is a code by itself need not be
// looked at: its key is that of the whole element.
func (q *qualifier) code(n int) uint64 {
	if q.element != n {
		q.element, q.key = n, q.pack(n)
	}
	return q.key
}

// pack packs element n, or, unless the qualifier is loose, its first component without blanks.
func (q *qualifier) pack(n int) uint64 {
	if n < len(q.ends) {
		begin := int(q.ends[n-1]) + q.separator
		size := int(q.ends[n]) - begin
		if q.loose && uint(size-1) < 7 && len(q.text) >= 8 {
			return wordKey(word(q.text, begin, size), size)
		}
	}
	q.loose = false
	return codeKey(q.segment.Component(n, 1))
}

// tighten makes the qualifier exact. It is false if it was already, or if nothing was packed that may change by it.
func (q *qualifier) tighten() bool {
	was := q.loose
	q.loose = false
	if !was || q.element == 0 {
		return false
	}
	q.key = q.pack(q.element)
	return true
}

// empty tells whether the element that holds the qualifier of d is empty.
func (q *qualifier) empty(d *SegmentDef) bool { return len(q.segment.Component(d.qualifier, 1)) == 0 }
